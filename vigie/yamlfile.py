"""YAML read with positions, so that an error can name its line.

YAML 1.2, one document, no tags of its own, no key twice. Anchors and merges are allowed, within bounds: a file of a few
lines whose aliases multiply must not fill the memory.
"""

from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from vigie.errors import VigieError

Location = tuple[str | int, ...]
_MAX_BYTES = 1024 * 1024
_MAX_NODES = 200_000
_MAX_DEPTH = 40
_KNOWN_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp", "merge")
)
_MERGE = "tag:yaml.org,2002:merge"
_STRING = "tag:yaml.org,2002:str"


@dataclass(frozen=True)
class Located:
    """Plain data and, for each path inside it, where it is written.

    `lines` counts from 1. `misread` holds the text of what YAML takes for something else than text (`6.0`, `2E1`).
    """

    data: Any
    lines: dict[Location, int] = field(default_factory=dict)
    misread: dict[Location, str] = field(default_factory=dict)

    def line_of(self, path: Location) -> int:
        """The line of a path, or of its nearest parent that is written."""
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path, 1)


class _WrongError(Exception):
    """A node that is refused, with its line from 1."""

    def __init__(self, sentence: str, node: Node) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.line: int = node.start_mark.line + 1


def read(file: FilePath) -> Located:
    """Read a YAML file.

    Raises:
        VigieError: when the file cannot be read or is not YAML; the sentence names the file and the line.
    """
    text = _text_of(file)
    yaml = YAML(typ="safe", pure=True)
    try:
        root = yaml.compose(text)
        if root is None:
            return Located(None)
        notes = _Notes()
        notes.take(root, ())
        data = yaml.constructor.construct_document(root)
    except _WrongError as error:
        raise VigieError(f"{file}: {error.sentence} (line {error.line})") from None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise VigieError(
            f"{file}: is not YAML: {_explained(str(error.problem or error.context))} (line {line})"
        ) from None
    except RecursionError:
        raise VigieError(f"{file}: is nested too deep; this is not a site file") from None
    except (YAMLError, ValueError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise VigieError(f"{file}: is not YAML: {first}") from None
    return Located(data, notes.lines, notes.misread)


def _text_of(file: FilePath) -> str:
    try:
        with file.open("rb") as stream:
            content = stream.read(_MAX_BYTES + 1)
    except OSError as error:
        raise VigieError(f"{file}: cannot be read: {error.strerror}") from error
    if len(content) > _MAX_BYTES:
        raise VigieError(f"{file}: is larger than {_MAX_BYTES // 1024 // 1024} MiB; this is not a site file")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise VigieError(f"{file}: is not UTF-8 text (byte {error.start}); save it as UTF-8") from None


def _explained(problem: str) -> str:
    if problem.startswith("found character '\\t'"):
        return "a tab is used to indent; write spaces"
    return problem


class _Notes:
    """A walk over the nodes, aliases followed: it notes positions, and refuses what a site file never needs."""

    def __init__(self) -> None:
        self.lines: dict[Location, int] = {}
        self.misread: dict[Location, str] = {}
        self._count = 0

    def take(self, node: Node, path: Location) -> None:
        self._count += 1
        if self._count > _MAX_NODES or len(path) > _MAX_DEPTH:
            raise _WrongError("its aliases or levels multiply beyond reason; this is not a site file", node)
        if node.tag not in _KNOWN_TAGS:
            raise _WrongError(f"the tag {str(node.tag)[:60]!r} is not allowed; write the value alone", node)
        self.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, MappingNode):
            self._take_mapping(node, path)
        elif isinstance(node, SequenceNode):
            for index, item in enumerate(node.value):
                self.take(item, (*path, index))
        elif isinstance(node, ScalarNode) and node.tag != _STRING:
            if str(node.tag).endswith(":float") and node.value.lower().lstrip("+-") in (".nan", ".inf"):
                raise _WrongError(f"{node.value} is not a number that means something here", node)
            self.misread[path] = node.value

    def _take_mapping(self, node: MappingNode, path: Location) -> None:
        written: set[str] = set()
        merged: list[Node] = []
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                raise _WrongError("a key begins with a brace or a bracket: put it between quotes", key)
            if key.tag == _MERGE:
                merged += value.value if isinstance(value, SequenceNode) else [value]
                continue
            if key.value in written:
                raise _WrongError(f"the key {key.value!r} is written twice in the same place", key)
            written.add(key.value)
            self.lines[(*path, key.value)] = key.start_mark.line + 1
            self.take(value, (*path, key.value))
        for source in merged:  # what is written here wins over what is merged
            if not isinstance(source, MappingNode):
                raise _WrongError("only a mapping can be merged with <<", source)
            self._take_merged(source, path, written)

    def _take_merged(self, source: MappingNode, path: Location, written: set[str]) -> None:
        for key, value in source.value:
            if isinstance(key, ScalarNode) and key.tag != _MERGE and key.value not in written:
                written.add(key.value)
                self.take(value, (*path, key.value))
