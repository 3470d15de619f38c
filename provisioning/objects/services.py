"""The service tree: the academy, its schools, one line per subject of each school. Problems find their line by tags.

A service of ours bears the tags of a host of ours (`vigie: managed`, `academy`) and what it stands for; one that a
person made is never touched, whatever its name, and what people hang above or beside ours stays.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from provisioning import marks
from provisioning.batches import SMALL, batches
from provisioning.model import Act, Change, Found, World, compare
from provisioning.objects.host_state import Tag
from provisioning.subjects import SUBJECTS
from vigie.site import School
from vigie.zabbix.releases import Row

TARGET_TAG = "target"
# "Most critical of child services", which is also how a line without children takes the worst of its problems.
MOST_CRITICAL = "2"
_EQUAL = 0
_NAME_LENGTH = 128


@dataclass(frozen=True, slots=True)
class Service:
    """A service; its key is the path of what it stands for: `academy`, `academy/UAI` or `academy/UAI/target`."""

    shown_as: str
    parent: str
    problem_tags: frozenset[Tag]
    order: str
    algorithm: str = MOST_CRITICAL


class Services:
    """The service tree of the academy."""

    title: ClassVar[str] = "service"

    def __init__(self, world: World) -> None:
        self._world = world
        self._academy = world.site.academy.name
        self._desired: dict[str, Service] = {}
        self._rows: dict[str, Row] = {}

    def examine(self) -> list[Change]:
        """Compare the whole tree, one call."""
        self._desired = dict(self._wanted())
        rows = self._world.session.get(
            "service",
            output=["serviceid", "name", "algorithm", "sortorder"],
            selectTags=["tag", "value"],
            selectProblemTags=["tag", "operator", "value"],
            selectParents=["serviceid"],
            tags=[
                {"tag": marks.MANAGED_TAG, "value": marks.MANAGED_VALUE, "operator": 1},
                {"tag": marks.ACADEMY_TAG, "value": self._academy, "operator": 1},
            ],
            evaltype=0,
        )
        self._rows, stale = {}, {}
        for row in sorted(rows, key=lambda row: int(row["serviceid"])):
            key = self._key_of(row)
            if key in self._desired and key not in self._rows:
                self._rows[key] = row
            else:
                stale[f"{key} ({row['name']})"] = row["serviceid"]
        keys = {row["serviceid"]: key for key, row in self._rows.items()}
        current = {key: Found(row["serviceid"], self._state(key, row, keys)) for key, row in self._rows.items()}
        return compare(self.title, self._desired, current, stale)

    def write(self, changes: Sequence[Change]) -> None:
        """Create level by level, for a service must name its parent; then update."""
        ids = {key: row["serviceid"] for key, row in self._rows.items()}
        create = [change for change in changes if change.act is Act.CREATE]
        for depth in range(3):
            level = [change.name for change in create if change.name.count("/") == depth]
            for batch in batches(level, SMALL):
                rows = [self._fields(key, ids) | {"tags": self._tags(key)} for key in batch]
                answer = self._world.session.call("service.create", rows)
                ids.update(zip(batch, answer["serviceids"], strict=True))
                self._world.progress(self.title, len(batch))
        update = [change for change in changes if change.act is Act.UPDATE]
        for part in batches(update, SMALL):
            self._world.session.call(
                "service.update", [self._fields(change.name, ids) | {"serviceid": change.id} for change in part]
            )
            self._world.progress(self.title, len(part))

    def remove(self, changes: Sequence[Change]) -> None:
        """Remove what no longer stands for anything; what people hung into it stays, without that parent."""
        for batch in batches(changes, SMALL):
            self._world.session.call("service.delete", [change.id for change in batch])
            self._world.progress(self.title, len(batch))

    def _wanted(self) -> Iterator[tuple[str, Service]]:
        yield self._academy_key, Service(self._academy[:_NAME_LENGTH], "", frozenset(), "0")
        for school in self._world.site.schools:
            key = f"{self._academy_key}/{school.uai}"
            tail = f" ({school.uai})"
            name = school.name[: _NAME_LENGTH - len(tail)] + tail
            yield key, Service(name, self._academy_key, frozenset(), "0")
            for number, (target, line) in enumerate(lines_of(school).items()):
                tags = {Tag(marks.SCHOOL_TAG, school.uai), Tag(TARGET_TAG, target)}
                yield f"{key}/{target}", Service(line, key, frozenset(tags), str(number))

    @property
    def _academy_key(self) -> str:
        return self._academy.replace("/", "-")

    def _key_of(self, row: Row) -> str:
        tags = {tag["tag"]: tag["value"] for tag in row["tags"]}
        parts = [self._academy_key, tags.get(marks.SCHOOL_TAG, ""), tags.get(TARGET_TAG, "")]
        return "/".join(part for part in parts if part)

    def _tags(self, key: str) -> list[Row]:
        tags = [(marks.MANAGED_TAG, marks.MANAGED_VALUE), (marks.ACADEMY_TAG, self._academy)]
        tags += zip((marks.SCHOOL_TAG, TARGET_TAG), key.split("/")[1:], strict=False)
        return [{"tag": tag, "value": value} for tag, value in tags]

    def _state(self, key: str, row: Row, keys: dict[str, str]) -> Service:
        """A service as Zabbix has it, without the parents that people gave it beside."""
        wanted = self._desired[key].parent
        parents = {keys.get(parent["serviceid"], "") for parent in row["parents"]}
        return Service(
            shown_as=row["name"],
            parent=wanted if wanted in parents or not wanted else ", ".join(sorted(parents - {""})),
            problem_tags=frozenset(_problem_tag(tag) for tag in row["problem_tags"]),
            order=row["sortorder"],
            algorithm=row["algorithm"],
        )

    def _fields(self, key: str, ids: dict[str, str]) -> Row:
        wanted, row = self._desired[key], self._rows.get(key)
        parents = {parent["serviceid"] for parent in row["parents"]} if row else set()
        if wanted.parent:
            # Another place in our own tree is put right; a parent that a person gave it stays.
            parents -= {ids[other] for other in self._desired if other in ids}
            parents.add(ids[wanted.parent])
        return {
            "name": wanted.shown_as,
            "algorithm": wanted.algorithm,
            "sortorder": wanted.order,
            "parents": [{"serviceid": parent} for parent in sorted(parents, key=int)],
            "problem_tags": [
                {"tag": tag.tag, "operator": _EQUAL, "value": tag.value} for tag in sorted(wanted.problem_tags)
            ],
        }


def lines_of(school: School) -> dict[str, str]:
    """The lines of a school's service: the French name by the target of its problems, in the order of the subjects.

    Subjects of one target share a line, whichever of them the school has.
    """
    names = {subject.target: subject.service for subject in SUBJECTS if subject.service}
    borne = [subject.target for subject in SUBJECTS if any(subject.bears(school, host) for host in school.hosts)]
    return {target: name for target, name in names.items() if target in borne}


def _problem_tag(row: Row) -> Tag:
    """A problem tag; one that does not ask for equality is shown as what it is, and so differs from ours."""
    return Tag(
        row["tag"], row["value"] if row["operator"] == str(_EQUAL) else f"(operator {row['operator']}) {row['value']}"
    )
