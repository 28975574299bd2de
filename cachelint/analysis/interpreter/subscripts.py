"""Items and slices of a value, and containers that come into being when something is stored in them."""

from __future__ import annotations

import libcst as cst

from cachelint.analysis.interpreter import expressions, growth, histories, targets
from cachelint.analysis.interpreter.state import State, through
from cachelint.analysis.iteration import addressed, element_of, elements, iterated, one_of
from cachelint.analysis.library import clock, paths
from cachelint.analysis.scope import Scope
from cachelint.analysis.syntax import Site
from cachelint.analysis.values import (
    UNKNOWN,
    Choice,
    Constant,
    Hole,
    Instance,
    Item,
    Mapping,
    Sequence,
    Symbol,
    Text,
    Value,
    choice,
    constant_text,
    rebuilt,
    variations_in,
)
from cachelint.analysis.variation import merged

_Bounds = tuple[int | None, int | None]


def item(state: State, value: Value, node: cst.Subscript, scope: Scope) -> Value:
    """The value of `value[...]`."""
    first = node.slice[0].slice
    if isinstance(first, cst.Slice):
        bounds = _bound(state, first.lower, scope), _bound(state, first.upper, scope)
        return choice(_sliced(state, option, bounds, first, Site(scope.segment, node)) for option in _options(value))
    key = index(state, node, scope)
    options = _with_key(_options(value), key)
    return choice(at(state, option, key, Site(scope.segment, node)) for option in options)


def _with_key(options: tuple[Value, ...], key: Value) -> tuple[Value, ...]:
    """The alternatives that can have a key: a list has no element `["system"]`, so that it is not the one meant."""
    if constant_text(key) is None:
        return options
    return tuple(option for option in options if not isinstance(option, Sequence)) or (UNKNOWN,)


def _options(value: Value) -> tuple[Value, ...]:
    return value.options if isinstance(value, Choice) else (value,)


def index(state: State, node: cst.Subscript, scope: Scope) -> Value:
    """The value of a subscript's key; unknown for slices and several keys."""
    first = node.slice[0].slice
    if len(node.slice) == 1 and isinstance(first, cst.Index):
        return expressions.evaluate(state, first.value, scope)
    return UNKNOWN


def at(state: State, value: Value, key: Value, site: Site) -> Value:
    """`value[key]` of one alternative."""
    if isinstance(value, Mapping):
        return _in_mapping(value, key)
    if isinstance(value, Sequence):
        return _in_sequence(state, value, key, site)
    if isinstance(value, Symbol):
        name = f"{value.name}[{key.value!r}]" if isinstance(key, Constant) and value.name else value.name
        path = f"{value.path}[{key.value!r}]" if value.path and isinstance(key, Constant) else ""
        if value.path == paths.PARENTS:
            return paths.ancestor(value)
        variations = through(value.variations, site, "one item taken")
        return state.sources.read(state, Symbol(path, "", variations, name, value.parameter), site)
    if isinstance(value, Instance):
        from cachelint.analysis.interpreter.calls import call_method

        found = call_method(state, value, "__getitem__", [key], site)
        if found is None:
            fields = iterated(state, value, site)
            if fields is not None:
                return at(state, fields, key, site)
            found = call_method(state, value, "__missing__", [key], site)
        return UNKNOWN if found is None else found
    if isinstance(value, (Text, Constant)):
        return Symbol(kind="text", variations=variations_in(value))
    return UNKNOWN


def _in_mapping(value: Mapping, key: Value) -> Value:
    if isinstance(key, Constant):
        try:
            entry = value.entries.get(key.value)
        except TypeError:
            return UNKNOWN
        if entry is not None:
            return entry.value
        return addressed(choice(value.rest)) if value.rest else UNKNOWN
    found = [entry.value for entry in value.entries.values()] + value.rest
    return addressed(choice(found)) if found else UNKNOWN


def _in_sequence(state: State, value: Sequence, key: Value, site: Site) -> Value:
    position = key.value if isinstance(key, Constant) and isinstance(key.value, int) else None
    items = value.items
    if position is not None and not value.order:
        if value.exact and -len(items) <= position < len(items):
            return items[position].value
        if position == -1 and items:
            return materialized_last(state, value)
        if position == 0 and items and not items[0].maybe and not items[0].repeated:
            return items[0].value
    found, _ = elements(state, value, site)
    return one_of(found)


def materialized_last(state: State, sequence: Sequence) -> Value:
    """The last element, as an object of its own where the sequence ends in elements that are not known one by one."""
    last = sequence.items[-1]
    if not last.repeated:
        return last.value
    if isinstance(last.value, (Symbol, Mapping)):
        made = rebuilt(last.value) if isinstance(last.value, Mapping) else Mapping(open=True, unordered="a message")
        assert isinstance(made, Mapping)
        made.birth, made.borrowed = state.branch, not sequence.lasting
        sequence.items.append(Item(made, maybe=True, stored=sequence.lasting))
        return made
    return last.value


def _bound(state: State, node: cst.BaseExpression | None, scope: Scope) -> int | None:
    if node is None:
        return None
    value = expressions.evaluate(state, node, scope)
    return value.value if isinstance(value, Constant) and isinstance(value.value, int) else -999_999


def _sliced(state: State, value: Value, bounds: _Bounds, node: cst.Slice, site: Site) -> Value:
    lower, upper = bounds
    unknown = -999_999 in bounds
    if isinstance(value, Sequence):
        whole = lower in (None, 0) and upper is None
        if value.exact and not unknown and node.step is None:
            items = value.items[slice(lower, upper)]
        elif whole:
            items = value.items
        else:
            items = [Item(entry.value, True, entry.repeated, entry.stored) for entry in value.items]
        result = Sequence(value.kind, [*items], value.order, state.branch, loops=state.loops, trimmed=value.trimmed)
        if lower in (None, 0):
            result.origin = value.origin
        result.edits, result.growing = value.edits, growth.of(value)
        if _cuts_head(lower, upper):
            result.trimmed = site
            result.edits += histories.window(state, node, site)
        return result
    text = constant_text(value)
    if text is not None and not unknown and node.step is None:
        return Constant(text[slice(lower, upper)])
    if isinstance(value, Text):
        return _sliced_text(value, bounds)
    if isinstance(value, Symbol):
        if _cuts_head(lower, upper) and not value.kind and not value.variations:
            element = Item(element_of(value), repeated=True)
            result = Sequence("list", [element], (), state.branch, loops=state.loops, trimmed=site)
            result.edits = histories.window(state, node, site)
            return result
        return Symbol(value.path, value.kind, value.variations, value.name, value.parameter)
    return UNKNOWN


def is_head(node: cst.Subscript) -> bool:
    """`x[0]` and `x[:n]`."""
    first = node.slice[0].slice
    if isinstance(first, cst.Slice):
        return first.lower is None or (isinstance(first.lower, cst.Integer) and first.lower.value == "0")
    return isinstance(first, cst.Index) and isinstance(first.value, cst.Integer) and first.value.value == "0"


def _cuts_head(lower: int | None, upper: int | None) -> bool:
    """`x[-n:]`: the window that keeps the newest elements."""
    return upper is None and lower is not None and lower < 0


def _sliced_text(value: Text, bounds: _Bounds) -> Value:
    lower, upper = bounds
    first = value.parts[0] if value.parts else ""
    if lower in (None, 0) and upper is not None and upper >= 0:
        if isinstance(first, str) and len(first) >= upper:
            return Constant(first[:upper])
        if isinstance(first, Hole) and first.kind == "datetime" and len(value.parts) == 1:
            return Text((Hole(clock.truncated(first.variations, upper), "datetime"),))
    return Text((Hole(merged(*(part.variations for part in value.parts if isinstance(part, Hole)))),))


def container(state: State, node: cst.BaseExpression, stored: cst.Subscript, scope: Scope) -> Value:
    """The container that `node` denotes, to store into; an unknown one becomes one of its own, bound where it was."""
    value = _reached(state, node, scope)
    if not isinstance(value, Symbol) or value.kind in ("text", "number"):
        return value
    made = _made(state, value, index(state, stored, scope))
    if made is None:
        return value
    if isinstance(node, (cst.Name, cst.Attribute)):
        targets.assign(state, node, made, scope)
    elif isinstance(node, cst.Subscript):
        outer = _reached(state, node.value, scope)
        targets.set_item(state, outer, index(state, node, scope), made, Site(scope.segment, node))
        if isinstance(outer, Mapping):
            outer.rewritten = False
    return made


def _reached(state: State, node: cst.BaseExpression, scope: Scope) -> Value:
    if isinstance(node, cst.Subscript):
        outer = container(state, node.value, node, scope)
        return item(state, outer, node, scope)
    return expressions.evaluate(state, node, scope)


def _made(state: State, value: Symbol, key: Value) -> Value | None:
    if isinstance(key, Constant) and isinstance(key.value, str):
        return Mapping(
            open=True, birth=state.branch, unordered="a mapping that is not known", borrowed=value.name != ""
        )
    if isinstance(key, Constant) and isinstance(key.value, int):
        lasting = not value.path.startswith("copy.")
        element = Item(element_of(value), repeated=True)
        return Sequence("list", [element], birth=state.branch, lasting=lasting, loops=state.loops)
    return None
