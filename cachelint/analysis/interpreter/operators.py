"""Arithmetic, concatenation and comparison."""

from __future__ import annotations

import libcst as cst

from cachelint.analysis.clients import objects
from cachelint.analysis.interpreter import calls, expressions, rendering
from cachelint.analysis.interpreter.state import State
from cachelint.analysis.iteration import elements, without_order
from cachelint.analysis.library import clock, paths
from cachelint.analysis.syntax import Site
from cachelint.analysis.values import (
    NONE,
    Choice,
    Constant,
    Hole,
    Instance,
    Item,
    Made,
    Mapping,
    Sequence,
    Symbol,
    Text,
    Value,
    choice,
    constant_text,
    origin_of,
    parts_of,
    variations_in,
)
from cachelint.analysis.variation import merged

MAXIMUM_PARTS = 200
"""A text of more parts is folded: loops could grow it without end."""


MAXIMUM_LENGTH = 1_000_000
"""A longer text, in characters, is known up to here only."""

MAXIMUM_ITEMS = 1_000
"""The elements of a longer list are not told apart behind this many."""


def concatenated(left: Value, right: Value) -> Value:
    """Two texts, one after the other."""
    first, second = constant_text(left), constant_text(right)
    if first is not None and second is not None:
        if len(first) + len(second) > MAXIMUM_LENGTH:
            return Text((first, Hole()))
        return Constant(first + second)
    parts: list[str | Hole] = []
    for part in (*parts_of(left), *parts_of(right)):
        if isinstance(part, str) and parts and isinstance(parts[-1], str):
            parts[-1] = (parts[-1] + part)[:MAXIMUM_LENGTH]
        elif part != "":
            parts.append(part)
    if len(parts) > MAXIMUM_PARTS:
        parts = [*parts[:20], Hole(merged(*(part.variations for part in parts[20:] if isinstance(part, Hole))))]
    return Text(tuple(parts))


def binary(state: State, left: Value, operator: cst.BaseBinaryOp, right: Value, site: Site) -> Value:
    """The result of `left operator right`."""
    if isinstance(left, Choice) and len(left.options) <= 4:
        return choice((binary(state, option, operator, right, site) for option in left.options), left.conditions)
    if isinstance(right, Choice) and len(right.options) <= 4 and isinstance(operator, (cst.Add, cst.BitOr)):
        return choice((binary(state, left, operator, option, site) for option in right.options), right.conditions)
    own = _own_operation(state, left, operator, right, site)
    if own is not None:
        return own
    if isinstance(operator, cst.Add):
        return _added(state, left, right, site)
    if isinstance(operator, cst.Modulo) and is_text(left):
        return rendering.percent_formatted(state, left, right, site)
    if isinstance(operator, cst.Multiply):
        return _multiplied(left, right)
    if isinstance(operator, cst.BitOr) and (isinstance(left, Made) or isinstance(right, Made)):
        return objects.piped(left, right)
    if isinstance(operator, cst.BitOr) and isinstance(left, Mapping):
        merged_mapping = Mapping(birth=state.branch)
        expressions.merge_into(merged_mapping, left)
        expressions.merge_into(merged_mapping, right)
        return merged_mapping
    if isinstance(operator, (cst.BitOr, cst.BitAnd, cst.Subtract, cst.BitXor)) and (_is_set(left) or _is_set(right)):
        return set_of(state, (left, right), site, narrowing=isinstance(operator, (cst.BitAnd, cst.Subtract)))
    if (
        isinstance(operator, cst.Divide)
        and isinstance(left, Symbol)
        and (
            left.kind in ("path", "cwd")
            or left.origin.startswith(paths.ORIGIN)
            or (not left.kind and (isinstance(right, Text) or isinstance(getattr(right, "value", None), str)))
        )
    ):
        return paths.below(left, right)
    return _arithmetic(left, operator, right)


_METHODS: dict[type[cst.BaseBinaryOp], str] = {
    cst.Add: "add",
    cst.Subtract: "sub",
    cst.Multiply: "mul",
    cst.Divide: "truediv",
    cst.Modulo: "mod",
    cst.BitOr: "or",
    cst.BitAnd: "and",
    cst.LeftShift: "lshift",
    cst.RightShift: "rshift",
    cst.MatrixMultiply: "matmul",
}


def _own_operation(
    state: State, left: Value, operator: cst.BaseBinaryOp, right: Value, site: Site, *, in_place: bool = False
) -> Value | None:
    """What the class of an operand says the result is; None when it says nothing."""
    name = _METHODS.get(type(operator))
    if name is None:
        return None
    ways = [(left, f"__i{name}__", right)] if in_place else []
    for receiver, method, other in (*ways, (left, f"__{name}__", right), (right, f"__r{name}__", left)):
        if isinstance(receiver, Instance):
            found = calls.call_method(state, receiver, method, [other], site)
            if found is not None:
                return found
    return None


def augmented(state: State, left: Value, operator: cst.BaseBinaryOp, right: Value, site: Site) -> Value:
    """The result of `left operator= right`, where that is not a change of a container."""
    if isinstance(left, Instance):
        own = _own_operation(state, left, operator, right, site, in_place=True)
        if own is not None:
            return own
    return binary(state, left, operator, right, site)


def is_text(value: Value) -> bool:
    """Whether a value is surely a string."""
    return (
        isinstance(value, Text)
        or (isinstance(value, Constant) and isinstance(value.value, str))
        or (isinstance(value, Symbol) and value.kind == "text")
    )


def _added(state: State, left: Value, right: Value, site: Site) -> Value:
    if isinstance(left, Sequence) or isinstance(right, Sequence):
        items = [*_spread(state, left, site), *_spread(state, right, site)]
        order = merged(*(value.order for value in (left, right) if isinstance(value, Sequence)))
        kind = left.kind if isinstance(left, Sequence) else "list"
        return Sequence(kind, bounded(items), order, state.branch, loops=state.loops, origin=origin_of(left))
    if is_text(left) or is_text(right):
        return expressions.joined([left, right], site, "added to the text")
    return _arithmetic(left, cst.Add(), right)


def bounded(items: list[Item]) -> list[Item]:
    """The elements of a list, those behind the first thousand as one that stands for all of them."""
    if len(items) <= MAXIMUM_ITEMS:
        return items
    rest = choice(item.value for item in items[MAXIMUM_ITEMS:])
    return [*items[:MAXIMUM_ITEMS], Item(rest, maybe=True, repeated=True)]


def _spread(state: State, value: Value, site: Site) -> list[Item]:
    if isinstance(value, Sequence):
        return list(value.items)
    return elements(state, value, site)[0]


def _multiplied(left: Value, right: Value) -> Value:
    for value, times in ((left, right), (right, left)):
        text = constant_text(value)
        if text is not None and isinstance(times, Constant) and isinstance(times.value, int):
            return Constant(text * max(0, min(times.value, 1_000_000 // max(1, len(text)))))
        if text is not None:
            return Text((Hole(variations_in(times)),))
    return _arithmetic(left, cst.Multiply(), right)


def _is_set(value: Value) -> bool:
    """Whether a value is a set, or a view of a dict's keys or items, whose algebra makes sets."""
    if isinstance(value, Symbol):
        return value.path.endswith((".keys()", ".items()"))
    return isinstance(value, Sequence) and value.kind in ("set", "iterator")


def set_of(state: State, values: tuple[Value, ...], site: Site, *, narrowing: bool = False) -> Sequence:
    """The set that a set operation on `values` makes; a narrowing one keeps elements of the first only."""
    result = Sequence("set", [], birth=state.branch, loops=state.loops)
    for value in values[:1] if narrowing else values:
        result.items.extend(
            Item(without_order(item.value), item.maybe or narrowing, item.repeated)
            for item in elements(state, value, site)[0]
        )
    expressions.mark_unordered(state, result, site)
    return result


def _arithmetic(left: Value, operator: cst.BaseBinaryOp, right: Value) -> Value:
    if isinstance(left, Constant) and isinstance(right, Constant):
        folded = _folded(left.value, operator, right.value)
        if folded is not None:
            return Constant(folded)
    variations = merged(variations_in(left), variations_in(right))
    symbol = left if isinstance(left, Symbol) and left.kind else right
    kind = symbol.kind if isinstance(symbol, Symbol) else "number"
    if isinstance(operator, cst.FloorDivide) and isinstance(right, Constant):
        variations = clock.bucketed(variations, right.value)
    if isinstance(operator, cst.Divide) and isinstance(right, Constant) and variations:
        kind = clock.unit(right.value) or kind
    return Symbol(kind=kind or "number", variations=variations)


def _folded(left: object, operator: cst.BaseBinaryOp, right: object) -> object:
    if not isinstance(left, (int, float)) or not isinstance(right, (int, float)):
        return None
    try:
        if isinstance(operator, cst.Add):
            return left + right
        if isinstance(operator, cst.Subtract):
            return left - right
        if isinstance(operator, cst.Multiply) and abs(left) < 1e12 and abs(right) < 1e12:
            return left * right
        if isinstance(operator, cst.Divide):
            return left / right
        if isinstance(operator, cst.FloorDivide):
            return left // right
    except (ArithmeticError, ValueError):
        pass
    return None


def compared(left: Value, operator: cst.BaseCompOp, right: Value) -> Value:
    """The result of a comparison: a constant where both sides are known, no variation ever.

    A value that only decides which way the program takes does not appear in the prompt.
    """
    unknown = Symbol(kind="bool")
    if isinstance(operator, (cst.Is, cst.IsNot, cst.Equal, cst.NotEqual)):
        same = _same(left, right)
        if same is None:
            return unknown
        return Constant(same if isinstance(operator, (cst.Is, cst.Equal)) else not same)
    if isinstance(operator, (cst.In, cst.NotIn)):
        inside = _inside(left, right)
        return unknown if inside is None else Constant(inside if isinstance(operator, cst.In) else not inside)
    if isinstance(left, Constant) and isinstance(right, Constant):
        return _ordered(left.value, operator, right.value) or unknown
    return unknown


def _same(left: Value, right: Value) -> bool | None:
    if isinstance(left, Constant) and isinstance(right, Constant):
        return bool(left == right)
    for value, other in ((left, right), (right, left)):
        if value == NONE and not isinstance(other, (Symbol, Choice)):
            return False
    return None


def _inside(left: Value, right: Value) -> bool | None:
    if isinstance(left, Constant) and isinstance(right, Mapping):
        entry = right.entries.get(left.value) if left.value.__hash__ else None
        if entry is not None:
            return None if entry.maybe else True
        return None if right.open or right.rest else False
    if (
        isinstance(left, Constant)
        and isinstance(right, Sequence)
        and right.exact
        and all(isinstance(item.value, Constant) for item in right.items)
    ):
        return any(item.value == left for item in right.items)
    first, second = constant_text(left), constant_text(right)
    if first is not None and second is not None:
        return first in second
    return None


def _ordered(left: object, operator: cst.BaseCompOp, right: object) -> Constant | None:
    if not isinstance(left, (int, float)) or not isinstance(right, (int, float)):
        return None
    if isinstance(operator, cst.LessThan):
        return Constant(left < right)
    if isinstance(operator, cst.LessThanEqual):
        return Constant(left <= right)
    if isinstance(operator, cst.GreaterThan):
        return Constant(left > right)
    return Constant(left >= right) if isinstance(operator, cst.GreaterThanEqual) else None
