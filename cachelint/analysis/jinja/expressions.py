"""The values of the expressions of a template."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import libcst as cst

from cachelint.analysis.interpreter import attributes, calls, operators, rendering, subscripts
from cachelint.analysis.interpreter import expressions as python
from cachelint.analysis.interpreter.state import Arguments
from cachelint.analysis.iteration import elements, one_of, without_order
from cachelint.analysis.library import clock, texts
from cachelint.analysis.scope import Scope
from cachelint.analysis.syntax import Segment, Site
from cachelint.analysis.values import (
    NONE,
    UNKNOWN,
    Choice,
    Constant,
    Hole,
    Item,
    Mapping,
    Sequence,
    Symbol,
    Text,
    Value,
    choice,
    constant_text,
    variations_in,
)
from cachelint.analysis.variation import Period

if TYPE_CHECKING:
    from cachelint.analysis.interpreter.state import State
    from cachelint.analysis.project import Module

_TILDE = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|(?P<tilde>~)")


class Expressions:
    """Evaluates the expressions of one template, whose variables are the names of `scope`."""

    def __init__(self, state: State, template: Module, names: dict[str, Value], *, closed: bool) -> None:
        """`closed`: every variable is among `names`."""
        self._state = state
        self._template = template
        self.names = names
        self._closed = closed

    def value(self, text: str, offset: int) -> Value:
        """The value of an expression that stands at an offset of the template; unknown when it is not one."""
        parsed = _parsed(self._template, _as_python(text), offset)
        if parsed is None:
            return UNKNOWN
        segment, node = parsed
        return self._evaluate(node, Scope(self._template, segment, names=self.names))

    def _evaluate(self, node: cst.BaseExpression, scope: Scope) -> Value:
        self._state.spend()
        handler = _HANDLERS.get(type(node))
        return handler(self, node, scope) if handler is not None else python.evaluate(self._state, node, scope)

    def _name(self, node: cst.Name, scope: Scope) -> Value:
        name = node.value
        if name in self.names:
            return self.names[name]
        if name in _CONSTANTS:
            return _CONSTANTS[name]
        if name in _GLOBALS:
            return Symbol(_GLOBALS[name])
        return Constant("") if self._closed else Symbol(name=name)

    def _attribute(self, node: cst.Attribute, scope: Scope) -> Value:
        value = self._evaluate(node.value, scope)
        name = node.attr.value
        if isinstance(value, Mapping) and name in value.entries:
            return value.entries[name].value
        return attributes.attribute(self._state, value, name, Site(scope.segment, node))

    def _subscript(self, node: cst.Subscript, scope: Scope) -> Value:
        inner = node.slice[0].slice
        if not isinstance(inner, cst.Index):
            return self._evaluate(node.value, scope)
        key = self._evaluate(inner.value, scope)
        return subscripts.at(self._state, self._evaluate(node.value, scope), key, Site(scope.segment, node))

    def _call(self, node: cst.Call, scope: Scope) -> Value:
        callee = self._evaluate(node.func, scope)
        return calls.call(self._state, callee, self._arguments(node, scope))

    def _arguments(self, node: cst.Call, scope: Scope) -> Arguments:
        arguments = Arguments([], {}, Site(scope.segment, node))
        for argument in node.args:
            value = self._evaluate(argument.value, scope)
            if argument.star:
                arguments.spread.append(value)
            elif argument.keyword is not None:
                arguments.named[argument.keyword.value] = value
            else:
                arguments.positional.append(value)
        return arguments

    def _conditional(self, node: cst.IfExp, scope: Scope) -> Value:
        return choice((self._evaluate(node.body, scope), self._evaluate(node.orelse, scope)))

    def _boolean(self, node: cst.BooleanOperation, scope: Scope) -> Value:
        return choice((self._evaluate(node.left, scope), self._evaluate(node.right, scope)))

    def _comparison(self, node: cst.Comparison, scope: Scope) -> Value:
        test = node.comparisons[0]
        if isinstance(test.operator, (cst.Is, cst.IsNot)) and isinstance(test.comparator, cst.Name):
            defined = test.comparator.value == "defined"
            if (defined or test.comparator.value == "undefined") and isinstance(node.left, cst.Name):
                there = node.left.value in self.names
                if there or self._closed:
                    return Constant((there is defined) is isinstance(test.operator, cst.Is))
        return Symbol(kind="bool")

    def _binary(self, node: cst.BinaryOperation, scope: Scope) -> Value:
        left = self._evaluate(node.left, scope)
        if isinstance(node.operator, cst.BitOr):
            return self._filtered(left, node.right, scope)
        site = Site(scope.segment, node)
        right = self._evaluate(node.right, scope)
        if isinstance(node.operator, cst.Add) and operators.is_text(left):
            right = rendering.as_text(self._state, right, site)
        return operators.binary(self._state, left, node.operator, right, site)

    def _filtered(self, value: Value, node: cst.BaseExpression, scope: Scope) -> Value:
        """`value | name(arguments)`."""
        site = Site(scope.segment, node)
        arguments = self._arguments(node, scope) if isinstance(node, cst.Call) else Arguments([], {}, site)
        func = node.func if isinstance(node, cst.Call) else node
        name = func.value if isinstance(func, cst.Name) else func.attr.value if isinstance(func, cst.Attribute) else ""
        model = FILTERS.get(name)
        if model is not None:
            return model(self._state, value, arguments)
        if name in _TEXT_METHODS:
            return texts.call(self._state, _text(self._state, value, site), name, arguments)
        found = variations_in(value)
        specification = constant_text(arguments.positional[0]) if arguments.positional else None
        if specification is not None and "%" in specification:
            return Text((Hole(clock.formatted(found, specification)),))
        return Symbol(variations=tuple(variation.doubted() for variation in found))


_Handler = Callable[["Expressions", "cst.BaseExpression", Scope], Value]
_HANDLERS: dict[type, _Handler] = {
    cst.Name: Expressions._name,  # type: ignore[dict-item]
    cst.Attribute: Expressions._attribute,  # type: ignore[dict-item]
    cst.Subscript: Expressions._subscript,  # type: ignore[dict-item]
    cst.Call: Expressions._call,  # type: ignore[dict-item]
    cst.IfExp: Expressions._conditional,  # type: ignore[dict-item]
    cst.BooleanOperation: Expressions._boolean,  # type: ignore[dict-item]
    cst.Comparison: Expressions._comparison,  # type: ignore[dict-item]
    cst.BinaryOperation: Expressions._binary,  # type: ignore[dict-item]
}
_CONSTANTS = {
    "true": Constant(True),
    "false": Constant(False),
    "none": NONE,
    "True": Constant(True),
    "False": Constant(False),
    "None": NONE,
}
_GLOBALS = {"range": "range", "dict": "dict"}
_TEXT_METHODS = frozenset(("upper", "lower", "title", "capitalize", "trim", "center", "replace"))


def _as_python(text: str) -> str:
    """The expression as Python has it: ``~`` joins texts, and a condition has an `else`."""
    found = _TILDE.sub(lambda match: "+" if match["tilde"] else match[0], text)
    return f"{found} else ''" if re.search(r"\sif\s", found) and not re.search(r"\selse\s", found) else found


def _parsed(template: Module, text: str, offset: int) -> tuple[Segment, cst.BaseExpression] | None:
    """The expression, and a segment in which it stands at its place in the template."""
    before = template.source[:offset]
    row, column = before.count("\n") + 1, offset - (before.rfind("\n") + 1)
    try:
        tree = cst.parse_module(f"({' ' * (column - 1)}{text})\n")
    except (cst.ParserSyntaxError, RecursionError):
        return None
    statement = tree.body[0] if tree.body else None
    if not isinstance(statement, cst.SimpleStatementLine) or not isinstance(statement.body[0], cst.Expr):
        return None
    return Segment(template, row, tree, (statement,), wrapped=False), statement.body[0].value


# -- filters -----------------------------------------------------------------------------------------------------------

Filter = Callable[["State", Value, Arguments], Value]


def _text(state: State, value: Value, site: Site) -> Value:
    return rendering.as_text(state, value, site)


def _same(state: State, value: Value, arguments: Arguments) -> Value:
    return value


def _sorted(state: State, value: Value, arguments: Arguments) -> Value:
    return without_order(value)


def _json(state: State, value: Value, arguments: Arguments) -> Value:
    """Jinja sorts the keys of dicts; lists keep their order."""
    plain = without_order(value) if isinstance(value, Mapping) else value
    return Text(("", Hole(variations_in(plain))))


def _random(state: State, value: Value, arguments: Arguments) -> Value:
    return Symbol(variations=state.variation("CL103", "the filter `random`", arguments.site, Period.REQUEST))


def _joined(state: State, value: Value, arguments: Arguments) -> Value:
    separator = arguments.get(0, "d") or Constant("")
    attribute = constant_text(arguments.get(1, "attribute") or UNKNOWN)
    mapped = _of_each(state, value, attribute, arguments) if attribute else value
    return rendering.joined_by(state, separator, mapped, arguments.site)


def _mapped(state: State, value: Value, arguments: Arguments) -> Value:
    attribute = constant_text(arguments.named.get("attribute", UNKNOWN))
    return _of_each(state, value, attribute, arguments) if attribute else value


def _of_each(state: State, value: Value, name: str, arguments: Arguments) -> Value:
    if isinstance(value, Choice):
        return choice(_of_each(state, option, name, arguments) for option in value.options)
    items, order = elements(state, value, arguments.site)
    found = [
        Item(_member(state, item.value, name, arguments.site), item.maybe, item.repeated, item.stored) for item in items
    ]
    return Sequence("list", found, order)


def _member(state: State, value: Value, name: str, site: Site) -> Value:
    if isinstance(value, Mapping) and name in value.entries:
        return value.entries[name].value
    return attributes.attribute(state, value, name, site)


def _count(state: State, value: Value, arguments: Arguments) -> Value:
    return Symbol(kind="number")


def _default(state: State, value: Value, arguments: Arguments) -> Value:
    fallback = arguments.get(0, "default_value") or Constant("")
    return fallback if value in (Constant(""), NONE) else choice((value, fallback))


def _one(state: State, value: Value, arguments: Arguments) -> Value:
    items, _ = elements(state, value, arguments.site)
    return one_of(items) if items else UNKNOWN


def _pairs(state: State, value: Value, arguments: Arguments) -> Value:
    if not isinstance(value, Mapping):
        return value
    return calls.call(
        state, attributes.attribute(state, value, "items", arguments.site), Arguments([], {}, arguments.site)
    )


def _sorted_pairs(state: State, value: Value, arguments: Arguments) -> Value:
    return without_order(_pairs(state, value, arguments))


FILTERS: dict[str, Filter] = {
    **dict.fromkeys(
        ("safe", "e", "escape", "forceescape", "list", "unique", "reverse", "select", "reject", "selectattr",
         "rejectattr", "batch", "slice", "string", "indent", "wordwrap", "striptags", "truncate", "int", "float",
         "round", "abs", "urlencode", "pprint", "xmlattr"),
        _same,
    ),
    **dict.fromkeys(("sort", "groupby", "min", "max", "sum"), _sorted),
    **dict.fromkeys(("length", "count", "wordcount"), _count),
    **dict.fromkeys(("default", "d"), _default),
    **dict.fromkeys(("first", "last"), _one),
    "tojson": _json,
    "random": _random,
    "join": _joined,
    "map": _mapped,
    "items": _pairs,
    "dictsort": _sorted_pairs,
}  # fmt: skip
