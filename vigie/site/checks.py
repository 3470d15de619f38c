"""What is wrong with a site file, in sentences: the models' errors reworded, and the references between its parts."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from vigie import naming
from vigie.site.hosts import CARRIERS, Role
from vigie.site.types import PATTERNS, is_ip
from vigie.yamlfile import Located, Location

_SHOWN = 60


class Problem(NamedTuple):
    """One error, ordered by line."""

    line: int
    path: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.path}: {self.sentence} (line {self.line})"


def from_validation(error: ValidationError, located: Located) -> list[Problem]:
    """The models' errors as sentences with the places where they are written."""
    found: list[Problem] = []
    for detail in error.errors(include_url=False, include_input=False):
        path = _path_in(located.data, detail["loc"])
        found.append(_problem(located, path, _sentence(detail, located.misread.get(path))))
    return found


def references(located: Located) -> list[Problem]:
    """What the models cannot see, on plain data: names used twice, hosts named and not described, classes alike.

    The data may be wrong in any other way: what has not the expected shape is left to the models.
    """
    schools = _list(located.data.get("schools"))
    found = list(_repeated(schools, "uai", ("schools",), "this UAI is used"))
    for index, school in enumerate(schools):
        if isinstance(school, dict):
            found += _school_problems(school, ("schools", index))
    return [_problem(located, path, sentence) for path, sentence in found]


def _problem(located: Located, path: Location, sentence: str) -> Problem:
    return Problem(located.line_of(path), _written_path(path), sentence)


def _path_in(data: Any, location: tuple[str | int, ...]) -> Location:
    """The part of a pydantic location that is written in the file: union tags and `[key]` marks are left out."""
    path: list[str | int] = []
    here = data
    for position, step in enumerate(location):
        within_list = isinstance(here, list) and isinstance(step, int) and step < len(here)
        if within_list or (isinstance(here, dict) and step in here):
            here = here[step]
        elif position == len(location) - 1 and isinstance(here, dict) and step != "[key]":
            here = None  # a field that is missing
        else:
            continue
        path.append(step)
    return tuple(path)


def _written_path(path: Location) -> str:
    text = ""
    for step in path:
        text += (
            f"[{step}]"
            if isinstance(step, int)
            else "." + "".join(c if c.isprintable() else "?" for c in step[:_SHOWN])
        )
    return text.lstrip(".") or "(the whole file)"


_SENTENCES = {
    "missing": "is missing",
    "extra_forbidden": "is not a field that Vigie knows; check its spelling",
    "string_type": "a text is expected here",
    "model_type": "fields are expected here, each on its line",
    "dict_type": "fields are expected here, each on its line",
    "list_type": "a list is expected here, each element after a dash",
    "int_type": "a whole number is expected here, without quotes",
    "float_type": "a number is expected here, without quotes",
    "enum": "must be {expected}",
    "literal_error": "must be {expected}",
    "union_tag_invalid": "{discriminator} must be one of {expected_tags}",
    "union_tag_not_found": "{discriminator} is missing",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "string_too_long": "is longer than {max_length} characters",
    "string_too_short": "has too few characters: at least {min_length}",
    "too_short": "must have at least {min_length} element",
    "url_scheme": "must begin with http:// or https://",
}


def _sentence(detail: ErrorDetails, misread: str | None) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "string_type" and misread:
        return f'YAML does not read {misread} as text: put it between quotes, "{misread}"'
    if kind == "string_pattern_mismatch" and context.get("pattern") in PATTERNS:
        return f"must be {PATTERNS[context['pattern']]}"
    if kind in _SENTENCES:
        return _SENTENCES[kind].format_map(context)
    message = detail["msg"].removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def _school_problems(school: dict[str, Any], base: Location) -> Iterator[tuple[Location, str]]:
    hosts = [host if isinstance(host, dict) else {} for host in _list(school.get("hosts"))]
    yield from _repeated(hosts, "name", (*base, "hosts"), "this host name is used")
    yield from _host_references(school, hosts, base)
    yield from _log_names(school, hosts, base)
    yield from _replicated(school, hosts, base)
    backup = school.get("backup")
    if isinstance(backup, dict) and "source" in backup and backup.get("source") == backup.get("store"):
        yield (*base, "backup", "store"), "the store must be another machine than the source"
    classes = _list(school.get("classes"))
    folds = Counter(naming.folded(name) for name in classes if isinstance(name, str))
    for index, name in enumerate(classes):
        if isinstance(name, str) and not naming.folded(name):
            yield (*base, "classes", index), f"class {name!r} has neither letter nor digit"
        elif isinstance(name, str) and folds[naming.folded(name)] > 1:
            sentence = f"class {name!r} cannot be told from another one: accents, case and spaces do not count"
            yield (*base, "classes", index), sentence


# Where a host is named, and the role that it must have there: templates and host files follow roles.
_HOST_REFERENCES: tuple[tuple[tuple[str, ...], tuple[Role, ...]], ...] = (
    (("openerp", "host"), (Role.OPENERP,)),
    (("openerp", "postgres"), (Role.POSTGRES,)),
    (("backup", "source"), (Role.POSTGRES, Role.OPENERP)),
    (("backup", "store"), (Role.BACKUP,)),
    (("logs", "centre"), (Role.LOGS,)),
    (("logs", "sources", "*", "host"), ()),
    (("network", "groups", "*", "active"), (Role.ROUTER, Role.SWITCH)),
    (("network", "groups", "*", "standby"), (Role.ROUTER, Role.SWITCH)),
    (("replication", "streaming", "primary"), (Role.POSTGRES, Role.OPENERP)),
    (("replication", "streaming", "standby"), (Role.STANDBY,)),
    (("replication", "drbd", "*", "host"), ()),
    (("network", "spanning_tree_root"), (Role.SWITCH, Role.ROUTER)),
    (("network", "uplinks", "(names)"), (Role.SWITCH, Role.ROUTER)),
    (("vigie", "services", "*", "host"), CARRIERS),
    (("vigie", "certificates", "*", "host"), CARRIERS),
    (("passwords", "host"), (Role.POSTGRES,)),
    (("passwords", "stations", "names", "*"), (Role.STATION,)),
    (("network", "channels", "*", "host"), (Role.SWITCH, Role.ROUTER)),
)


def _host_references(
    school: dict[str, Any], hosts: list[dict[str, Any]], base: Location
) -> Iterator[tuple[Location, str]]:
    roles = {host["name"]: _list(host.get("roles")) for host in hosts if isinstance(host.get("name"), str)}
    for path, wanted in _HOST_REFERENCES:
        for place, name in _walk(school, path):
            if not isinstance(name, str):
                continue
            if name not in roles:
                yield (*base, *place), f"no host is named {name!r} in this school"
            elif wanted and not any(role in roles[name] for role in wanted):
                yield (*base, *place), f"host {name!r} has not the role {' or '.join(wanted)}"


def _log_names(school: dict[str, Any], hosts: list[dict[str, Any]], base: Location) -> Iterator[tuple[Location, str]]:
    """Names of sources of logs that belong to two hosts: one that is dead would be heard through the other."""
    owners = {host["name"]: {host["name"]} for host in hosts if isinstance(host.get("name"), str)}
    named: list[tuple[Location, str, str]] = []
    for place, source in _walk(school, ("logs", "sources", "*")):
        host = source.get("host") if isinstance(source, dict) else None
        for within, name in _walk(source, ("names", "*")):
            if isinstance(name, str) and isinstance(host, str) and name != host:
                owners.setdefault(name, set()).add(host)
                named.append(((*base, *place, *within), name, host))
    for where, name, host in named:
        others = sorted(owners[name] - {host})
        if others:
            yield where, f"the messages of {name!r} are those of {', '.join(others)} already: a name is one host's"


def _replicated(school: dict[str, Any], hosts: list[dict[str, Any]], base: Location) -> Iterator[tuple[Location, str]]:
    """A pair of two machines whose standby can be told on its primary, and each mirrored host once."""
    addresses = {str(host.get("name")): host.get("address") for host in hosts}
    for place, pair in _walk(school, ("replication", "streaming")):
        standby = pair.get("standby") if isinstance(pair, dict) else None
        where = (*base, *place, "standby")
        if not isinstance(standby, str):
            continue
        if standby == pair.get("primary"):
            yield where, "the standby must be another machine than the primary"
        elif not (pair.get("slot") or pair.get("application_name") or is_ip(addresses.get(standby))):
            sentence = f"{standby!r} has no IP address, and PostgreSQL knows a standby by nothing else"
            yield where, f"{sentence} but its slot or its name: give `slot` or `application_name`"
    for place, mirrored in _walk(school, ("replication", "drbd")):
        sentence = "a host has one entry, with all its resources: this one is named"
        yield from _repeated(_list(mirrored), "host", (*base, *place), sentence)


def _walk(node: Any, path: tuple[str, ...]) -> Iterator[tuple[Location, Any]]:
    """Every place that a path describes, with its value: `*` is each element of a list, `(names)` each field's name."""
    if not path:
        yield (), node
        return
    head, rest = path[0], path[1:]
    if head == "*":
        for index, item in enumerate(_list(node)):
            yield from (((index, *place), value) for place, value in _walk(item, rest))
    elif head == "(names)":
        yield from (((name,), name) for name in (node if isinstance(node, dict) else ()))
    elif isinstance(node, dict) and head in node:
        yield from (((head, *place), value) for place, value in _walk(node[head], rest))


def _repeated(items: list[Any], key: str, base: Location, sentence: str) -> Iterator[tuple[Location, str]]:
    values = [item.get(key) if isinstance(item, dict) else None for item in items]
    counts = Counter(value for value in values if isinstance(value, str))
    for index, value in enumerate(values):
        if isinstance(value, str) and counts[value] > 1:
            yield (*base, index, key), f"{sentence} {counts[value]} times: {value}"


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
