"""YAML read with positions, so that an error can name its line."""

from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from vigie.errors import VigieError

Location = tuple[str | int, ...]
_MAX_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class Located:
    """Plain data and, for each path inside it, the line (from 1) where it is written."""

    data: Any
    lines: dict[Location, int] = field(default_factory=dict)

    def line_of(self, path: Location) -> int:
        """The line of a path, or of its nearest parent that is written."""
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path, 1)


def read(file: FilePath) -> Located:
    """Read a YAML file (no tags, no duplicate keys).

    Raises:
        VigieError: when the file cannot be read or is not YAML; the sentence names the file and the line.
    """
    try:
        if file.stat().st_size > _MAX_BYTES:
            raise VigieError(f"{file}: larger than {_MAX_BYTES // 1024 // 1024} MiB; this is not a site file")
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise VigieError(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise VigieError(f"{file}: is not UTF-8 text (byte {error.start}); save it as UTF-8") from error
    try:
        root = YAML(typ="rt").compose(text)
        data = YAML(typ="safe", pure=True).load(text)
    except DuplicateKeyError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        first = str(error.problem).splitlines()[0]
        raise VigieError(f"{file}: {first} (line {line})") from error
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise VigieError(f"{file}: is not YAML: {error.problem or error.context} (line {line})") from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise VigieError(
            f"{file}: is not YAML: {str(error).splitlines()[0] if str(error) else 'nested too deep'}"
        ) from error
    lines: dict[Location, int] = {}
    if root is not None:
        _note_lines(root, (), lines)
    return Located(data, lines)


def _note_lines(node: Node, path: Location, lines: dict[Location, int]) -> None:
    if path in lines:  # an alias met again: the first place is the one to show
        return
    lines[path] = node.start_mark.line + 1
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if isinstance(key, ScalarNode):
                _note_lines(value, (*path, key.value), lines)
                lines[(*path, key.value)] = key.start_mark.line + 1
    elif isinstance(node, SequenceNode):
        for index, value in enumerate(node.value):
            _note_lines(value, (*path, index), lines)
