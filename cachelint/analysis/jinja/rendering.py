"""The text that a template renders, with what varies in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import libcst as cst

from cachelint.analysis.interpreter import expressions as python
from cachelint.analysis.interpreter import rendering
from cachelint.analysis.interpreter.state import through
from cachelint.analysis.iteration import elements
from cachelint.analysis.jinja.expressions import Expressions
from cachelint.analysis.jinja.syntax import Node, read
from cachelint.analysis.library import clock
from cachelint.analysis.syntax import Segment, Site
from cachelint.analysis.values import (
    Constant,
    Hole,
    Sequence,
    Symbol,
    Text,
    Value,
    choice,
    parts_of,
    variations_in,
)
from cachelint.analysis.variation import Period

if TYPE_CHECKING:
    from cachelint.analysis.interpreter.state import State
    from cachelint.analysis.project import Module

MAXIMUM_ITEMS = 30
"""Elements of a list that a loop is followed through one by one."""

MAXIMUM_DEPTH = 12
"""Templates inside templates."""

_FOR = re.compile(r"(?P<target>.+?)\s+in\s+(?P<iterable>.+?)(?:\s+if\s+(?P<test>.+?))?(?:\s+recursive)?$", re.DOTALL)
_QUOTED = re.compile(r"[\"']([^\"']*)[\"']")

Loader = Callable[[str], "Module | None"]
"""Finds another template by its name."""

Blocks = dict[str, tuple["Module", list[Node]]]


@dataclass(slots=True)
class Rendering:
    """One template on its way to text."""

    state: State
    template: Module
    names: dict[str, Value]
    site: Site
    """The call that renders."""
    load: Loader
    closed: bool = False
    """True when every variable is among `names`."""
    depth: int = 0
    blocks: Blocks = field(default_factory=dict)
    """The bodies that a template which extends this one gives to its blocks, each with the template that it is from."""

    def text(self) -> Value:
        """What is rendered."""
        nodes = read(self.template.source)
        parent = next((node for node in nodes if node.kind == "extends"), None)
        if parent is not None:
            return self._extended(parent, nodes)
        return self._joined(self._values(nodes))

    def _joined(self, values: list[Value]) -> Value:
        return python.joined(values, self.site, f"rendered into {self.template.filename}")

    def _extended(self, parent: Node, nodes: list[Node]) -> Value:
        template = self._other(parent)
        if template is None:
            return Text((Hole(), *parts_of(self._joined(self._values(nodes)))))
        own = {node.text.split()[0]: (self.template, node.body) for node in nodes if node.kind == "block" and node.text}
        self._values([node for node in nodes if node.kind == "set"])
        return self._inner(template, {**own, **self.blocks}).text()

    def _other(self, node: Node) -> Module | None:
        names = _QUOTED.findall(node.text)
        found = (self.load(name) for name in names) if self.depth < MAXIMUM_DEPTH else iter(())
        return next((template for template in found if template is not None), None)

    def _inner(self, template: Module, blocks: Blocks) -> Rendering:
        return Rendering(self.state, template, self.names, self.site, self.load, self.closed, self.depth + 1, blocks)

    # -- nodes -------------------------------------------------------------------------------------------------------

    def _values(self, nodes: list[Node]) -> list[Value]:
        return [value for node in nodes for value in self._node(node)]

    def _node(self, node: Node) -> list[Value]:
        if node.kind == "text":
            return [Constant(node.text)]
        if node.kind == "expression":
            return [self._printed(node)]
        handler = _TAGS.get(node.kind)
        return handler(self, node) if handler is not None else self._values(node.body)

    def _evaluated(self, text: str, offset: int) -> Value:
        return Expressions(self.state, self.template, self.names, closed=self.closed).value(text, offset)

    def _printed(self, node: Node) -> Value:
        value = rendering.as_text(self.state, self._evaluated(node.text, node.offset), self.site)
        if isinstance(value, Constant):
            return value
        site = self._site(node)
        return Text(
            tuple(
                replace(part, variations=through(part.variations, site, "used by the template"))
                if isinstance(part, Hole) and part.variations
                else part
                for part in parts_of(value)
            )
        )

    def _loop(self, node: Node) -> list[Value]:
        match = _FOR.match(node.text)
        if match is None:
            return [Text((Hole(),))]
        iterable = self._evaluated(match["iterable"], node.offset + match.start("iterable"))
        items, order = elements(self.state, iterable, self.site)
        before = dict(self.names)
        self.names["loop"] = Symbol(name="loop")
        found: list[Value] = []
        for item in items[:MAXIMUM_ITEMS]:
            self._bind(match["target"], item.value)
            values = self._values(node.body)
            if item.maybe or item.repeated or match["test"]:
                values = [Text((Hole(), *parts_of(self._joined(values))))]
            found += values
        self.names.clear()
        self.names.update(before)
        if order and not any(variations_in(value) for value in found):
            found.append(Symbol(variations=order))
        return found

    def _bind(self, target: str, value: Value) -> None:
        names = [name.strip() for name in target.strip("() ").split(",")]
        if len(names) == 1:
            self.names[names[0]] = value
            return
        items = value.items if isinstance(value, Sequence) and len(value.items) == len(names) else None
        unknown = Symbol(variations=variations_in(value))
        for position, name in enumerate(names):
            self.names[name] = items[position].value if items is not None else unknown

    def _branches(self, node: Node) -> list[Value]:
        branches = [node, *node.branches]
        texts: list[Value] = []
        for branch in branches:
            test = Constant(True) if branch.kind == "else" else self._evaluated(branch.text, branch.offset)
            if isinstance(test, Constant) and not test.value:
                continue
            values = self._values(branch.body)
            if isinstance(test, Constant) and not texts:
                return values
            texts.append(self._joined(values))
            if isinstance(test, Constant):
                return [choice(texts)]
        return [choice((*texts, Constant("")))]

    def _set(self, node: Node) -> list[Value]:
        name, equals, expression = node.text.partition("=")
        if equals:
            start = node.offset + len(name) + 1 + len(expression) - len(expression.lstrip())
            self._bind(name, self._evaluated(expression.strip(), start))
        else:
            self.names[name.strip()] = self._joined(self._values(node.body))
        return []

    def _with(self, node: Node) -> list[Value]:
        before = dict(self.names)
        if "=" in node.text:
            self._set(Node("set", node.text, node.offset))
        values = self._values(node.body)
        self.names.clear()
        self.names.update(before)
        return values

    def _include(self, node: Node) -> list[Value]:
        template = self._other(node)
        return [self._inner(template, {}).text() if template is not None else Text((Hole(),))]

    def _block(self, node: Node) -> list[Value]:
        name = node.text.split()[0] if node.text else ""
        template, body = self.blocks.get(name, (self.template, node.body))
        inner = self._inner(template, self.blocks) if template is not self.template else self
        return inner._values(body)

    def _now(self, node: Node) -> list[Value]:
        """The tag of jinja2-time: ``{% now 'utc', '%Y-%m-%d' %}``."""
        quoted = _QUOTED.findall(node.text)
        site = self._site(node)
        found = self.state.variation("CL101", "{% now %}", site, Period.REQUEST)
        specification = next((text for text in quoted if "%" in text), "")
        return [Text((Hole(clock.formatted(found, specification) if specification else found, "datetime"),))]

    def _site(self, node: Node) -> Site:
        """The place of a tag in the template."""
        row = self.template.source.count("\n", 0, node.offset) + 1
        tree = cst.parse_module("")
        return Site(Segment(self.template, row, tree, (), wrapped=False), tree)

    def _nothing(self, node: Node) -> list[Value]:
        return []


_TAGS: dict[str, Callable[[Rendering, Node], list[Value]]] = {
    "for": Rendering._loop,
    "if": Rendering._branches,
    "set": Rendering._set,
    "with": Rendering._with,
    "include": Rendering._include,
    "block": Rendering._block,
    "now": Rendering._now,
    "macro": Rendering._nothing,
    "import": Rendering._nothing,
    "from": Rendering._nothing,
    "do": Rendering._nothing,
}
