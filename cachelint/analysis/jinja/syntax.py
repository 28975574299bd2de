"""A template as a tree: text, expressions, and tags with what they enclose."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"(?P<comment>\{#.*?#\})"
    r"|\{%[-+]?\s*raw\s*[-+]?%\}(?P<raw>.*?)\{%[-+]?\s*endraw\s*[-+]?%\}"
    r"|\{%(?P<tag>[-+]?(?:\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|.)*?)[-+]?%\}"
    r"|\{\{(?P<expression>[-+]?(?:\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|.)*?)[-+]?\}\}",
    re.DOTALL,
)
_BRANCHES = frozenset(("elif", "else"))
_ENCLOSING = frozenset(("for", "if", "block", "macro", "call", "filter", "with", "autoescape", "trans"))


@dataclass(slots=True)
class Node:
    """A stretch of text, an expression, or a tag."""

    kind: str
    """``text``, ``expression``, or the name of the tag."""
    text: str
    """The text, the expression, or what follows the name of the tag."""
    offset: int = 0
    """Where `text` starts in the template."""
    body: list[Node] = field(default_factory=list)
    branches: list[Node] = field(default_factory=list)
    """The ``elif`` and ``else`` tags that belong to an ``if`` or a ``for``."""


def read(source: str) -> list[Node]:
    """The nodes of a template. What does not fit, such as an end without a beginning, is left out."""
    root = Node("root", "")
    open_nodes = [root]
    at = 0
    for token in _TOKEN.finditer(source):
        _text(open_nodes[-1], source[at : token.start()], at)
        at = token.end()
        if token["raw"] is not None:
            _text(open_nodes[-1], token["raw"], token.start("raw"))
        elif token["expression"] is not None:
            open_nodes[-1].body.append(_stripped("expression", token["expression"], token.start("expression")))
        elif token["tag"] is not None:
            _tag(open_nodes, token["tag"], token.start("tag"))
    _text(open_nodes[-1], source[at:], at)
    return root.body


def _text(parent: Node, text: str, offset: int) -> None:
    if text:
        parent.body.append(Node("text", text, offset))


def _stripped(kind: str, text: str, offset: int) -> Node:
    """A node without the white space and the signs around its text."""
    body = text[1:] if text[:1] in ("-", "+") else text
    start = offset + len(text) - len(body) + len(body) - len(body.lstrip())
    return Node(kind, body.strip(), start)


def _tag(open_nodes: list[Node], text: str, offset: int) -> None:
    whole = _stripped("", text, offset)
    name, _, rest = whole.text.partition(" ")
    name = name.strip()
    node = Node(name, rest.strip(), whole.offset + len(whole.text) - len(rest.lstrip()) if rest else whole.offset)
    if name in _BRANCHES:
        _close(open_nodes, _BRANCHES)
        if open_nodes[-1].kind in ("if", "for"):
            open_nodes[-1].branches.append(node)
            open_nodes.append(node)
    elif name.startswith("end"):
        _close(open_nodes, _BRANCHES)
        if len(open_nodes) > 1 and open_nodes[-1].kind == name[3:]:
            open_nodes.pop()
    else:
        open_nodes[-1].body.append(node)
        if name in _ENCLOSING or (name == "set" and "=" not in node.text):
            open_nodes.append(node)


def _close(open_nodes: list[Node], kinds: frozenset[str]) -> None:
    while len(open_nodes) > 1 and open_nodes[-1].kind in kinds:
        open_nodes.pop()
