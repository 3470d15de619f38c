"""XML-RPC as far as the observation needs it, without entities: what answers may not be an OpenERP at all.

`xmlrpc.client` takes 80 ms to import and lets expat expand whatever a document type declares.
"""

from collections.abc import Callable
from xml.parsers import expat

from vigie.hints import Any
from vigie.records import Record

_DEEPEST = 24


class NotXmlRpcError(Exception):
    """An answer that is not XML-RPC; one sentence."""


class Fault(Record):
    """A fault: in OpenERP 6.0 the code is a text, and an integer for what is not well-formed."""

    code: str | int
    text: str

    @property
    def is_unknown_method(self) -> bool:
        """Whether the service has no such method (6.0: the code says it; later ones: the text)."""
        return any(
            "Method not found" in str(part) or "has no attribute" in str(part) for part in (self.code, self.text)
        )

    @property
    def is_access_denied(self) -> bool:
        """Whether it is forbidden: a wrong password, or the list of databases where it is hidden."""
        return str(self.code).startswith("AccessDenied") or "AccessDenied" in self.text

    @property
    def sentence(self) -> str:
        """What it says, on one line."""
        lines = [line for line in (str(self.code) if isinstance(self.code, str) else self.text).splitlines() if line]
        return lines[0] if lines else f"fault {self.code}"


def call(method: str, *texts: str) -> bytes:
    """The document that calls a method with parameters that are texts; all of them are ours."""
    given = "".join(f"<param><value><string>{text}</string></value></param>" for text in texts)
    name = f"<methodName>{method}</methodName>"
    return f"<?xml version='1.0'?><methodCall>{name}<params>{given}</params></methodCall>".encode("ascii")


def answer(document: bytes) -> Any:
    """What a document answers: a value or a `Fault`.

    Raises:
        NotXmlRpcError: when it is not XML-RPC, or declares a document type.
    """
    root = _tree(document)
    if root.tag != "methodResponse" or len(root.children) != 1:
        raise NotXmlRpcError("the answer is XML, and not XML-RPC")
    (content,) = root.children
    if content.tag == "fault":
        value = _only_value(content)
        if not isinstance(value, dict):
            raise NotXmlRpcError("the answer is a fault without a code")
        code = value.get("faultCode", "")
        return Fault(code if isinstance(code, str | int) else "", str(value.get("faultString", "")))
    if content.tag != "params" or len(content.children) != 1 or content.children[0].tag != "param":
        raise NotXmlRpcError("the answer has not one value")
    return _only_value(content.children[0])


class _Node:
    """An element."""

    __slots__ = ("children", "tag", "text")

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.text = ""
        self.children: list[_Node] = []


def _tree(document: bytes) -> _Node:
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    top = _Node("")
    open_nodes = [top]

    def start(tag: str, _attributes: dict[str, str]) -> None:
        if len(open_nodes) > _DEEPEST:
            raise NotXmlRpcError("the answer is nested too deeply")
        node = _Node(tag)
        open_nodes[-1].children.append(node)
        open_nodes.append(node)

    def end(_tag: str) -> None:
        open_nodes.pop()

    def text(data: str) -> None:
        open_nodes[-1].text += data

    def doctype(*_: object) -> None:
        raise NotXmlRpcError("the answer declares a document type")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(document, True)
    except expat.ExpatError as error:
        raise NotXmlRpcError("the answer is not XML") from error
    return top.children[0]


def _only_value(node: _Node) -> Any:
    if len(node.children) != 1 or node.children[0].tag != "value":
        raise NotXmlRpcError("the answer has not one value")
    return _value(node.children[0])


_SCALARS: dict[str, Callable[[str], Any]] = {
    "int": lambda text: int(text[:20]),
    "i4": lambda text: int(text[:20]),
    "i8": lambda text: int(text[:20]),
    "boolean": lambda text: {"0": False, "1": True}[text.strip()],
    "double": float,
    "nil": lambda _: None,
}


def _value(node: _Node) -> Any:
    if not node.children:
        return node.text
    typed = node.children[0]
    try:
        if typed.tag == "array":
            return [_value(each) for each in typed.children[0].children]
        if typed.tag == "struct":
            return {member.children[0].text: _value(member.children[1]) for member in typed.children}
        return _SCALARS.get(typed.tag, str)(typed.text)
    except (ValueError, KeyError, IndexError) as error:
        raise NotXmlRpcError(f"the answer holds a <{typed.tag[:20]}> that is none") from error
