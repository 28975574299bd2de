"""What the patterns of a match statement tell of their subject: whether it matches, and what the names in them are."""

from __future__ import annotations

import libcst as cst

from cachelint.analysis.interpreter import attributes, classes, conditions, expressions, operators, subscripts
from cachelint.analysis.interpreter.state import State
from cachelint.analysis.iteration import elements, iterated, one_of
from cachelint.analysis.scope import Scope
from cachelint.analysis.syntax import Site
from cachelint.analysis.values import (
    UNKNOWN,
    Class,
    Constant,
    Entry,
    Instance,
    Item,
    Mapping,
    Sequence,
    Symbol,
    Value,
    choice,
    constant_text,
    options_of,
)

Captures = dict[str, Value]
Match = tuple[bool | None, Captures]
"""Whether a value matches, None for *perhaps*; and what the pattern's names are then."""


def matched(state: State, pattern: cst.MatchPattern, subject: Value, scope: Scope) -> Match:
    """Match a subject, each of its alternatives on its own."""
    found = [_matched(state, pattern, option, scope) for option in options_of(subject)]
    possible = [match for match in found if match[0] is not False]
    if not possible:
        return False, {}
    names = {name for _, captures in possible for name in captures}
    joined = {name: choice(captures[name] for _, captures in possible if name in captures) for name in sorted(names)}
    return (True if all(verdict is True for verdict, _ in found) else None), joined


def _matched(state: State, pattern: cst.MatchPattern, value: Value, scope: Scope) -> Match:
    if isinstance(pattern, cst.MatchAs):
        verdict, captures = _matched(state, pattern.pattern, value, scope) if pattern.pattern else (True, {})
        return verdict, {**captures, **({pattern.name.value: value} if pattern.name else {})}
    if isinstance(pattern, cst.MatchOr):
        return _any_of(state, pattern, value, scope)
    if isinstance(pattern, (cst.MatchValue, cst.MatchSingleton)):
        wanted = expressions.evaluate(state, pattern.value, scope)
        equal = operators.compared(value, cst.Equal(), wanted)
        return (bool(equal.value) if isinstance(equal, Constant) else None), {}
    if isinstance(pattern, cst.MatchSequence):
        return _sequence(state, pattern, value, scope)
    if isinstance(pattern, cst.MatchMapping):
        return _mapping(state, pattern, value, scope)
    return _object(state, pattern, value, scope) if isinstance(pattern, cst.MatchClass) else (None, {})


def _any_of(state: State, pattern: cst.MatchOr, value: Value, scope: Scope) -> Match:
    found = [_matched(state, element.pattern, value, scope) for element in pattern.patterns]
    for verdict, captures in found:
        if verdict is not False:
            return verdict, captures
    return False, {}


def _together(parts: list[Match], *, certain: bool) -> Match:
    """A pattern of several parts, all of which must match."""
    verdicts = [verdict for verdict, _ in parts]
    captures = {name: value for _, found in parts for name, value in found.items()}
    if False in verdicts:
        return False, {}
    return (True if certain and all(verdicts) else None), captures


def _sequence(state: State, pattern: cst.MatchSequence, value: Value, scope: Scope) -> Match:
    site = Site(scope.segment, pattern)
    if isinstance(value, Instance):
        value = iterated(state, value, site) or UNKNOWN
    if isinstance(value, (Constant, Mapping)):
        return False, {}
    parts = list(pattern.patterns)
    star = next((at for at, part in enumerate(parts) if isinstance(part, cst.MatchStar)), None)
    items, _ = elements(state, value, site)
    if not isinstance(value, Sequence) or not value.exact or value.order:
        each = one_of(items)
        rest = Sequence("list", [Item(each, repeated=True)], birth=state.branch)
        return _together([_part(state, part, each, rest, scope) for part in parts], certain=False)
    if len(items) < len(parts) - (star is not None) or (star is None and len(items) != len(parts)):
        return False, {}
    behind = len(parts) - star - 1 if star is not None else 0
    middle = Sequence("list", items[star : len(items) - behind] if star is not None else [], birth=state.branch)
    values = [item.value for item in items]
    aligned = values if star is None else [*values[:star], UNKNOWN, *values[len(values) - behind :]]
    found = [_part(state, part, each, middle, scope) for part, each in zip(parts, aligned, strict=False)]
    return _together(found, certain=True)


def _part(
    state: State, part: cst.MatchSequenceElement | cst.MatchStar, value: Value, rest: Sequence, scope: Scope
) -> Match:
    if isinstance(part, cst.MatchStar):
        return True, {part.name.value: rest} if part.name is not None else {}
    return matched(state, part.value, value, scope)


def _mapping(state: State, pattern: cst.MatchMapping, value: Value, scope: Scope) -> Match:
    if isinstance(value, (Constant, Sequence, Instance)):
        return False, {}
    parts: list[Match] = []
    keys = []
    for element in pattern.elements:
        key = expressions.evaluate(state, element.key, scope)
        keys.append(key)
        if isinstance(value, Mapping) and isinstance(key, Constant):
            entry = value.entries.get(key.value)
            if entry is None and not value.open and not value.rest:
                return False, {}
            if entry is None or entry.maybe:
                parts.append((None, {}))
        parts.append(
            matched(state, element.pattern, subscripts.at(state, value, key, Site(scope.segment, element)), scope)
        )
    if pattern.rest is not None:
        parts.append((True, {pattern.rest.value: _without(state, value, keys)}))
    return _together(parts, certain=isinstance(value, Mapping))


def _without(state: State, value: Value, keys: list[Value]) -> Value:
    if not isinstance(value, Mapping):
        return value
    taken = {key.value for key in keys if isinstance(key, Constant)}
    entries = {key: Entry(entry.value, entry.maybe) for key, entry in value.entries.items() if key not in taken}
    return Mapping(entries, list(value.rest), value.open, value.order, state.branch)


def _object(state: State, pattern: cst.MatchClass, value: Value, scope: Scope) -> Match:
    cls = expressions.evaluate(state, pattern.cls, scope)
    certain: bool | None = None
    if isinstance(cls, Class) and isinstance(value, Instance):
        if not classes.derives_from(state, value.cls, cls.contents):
            generic = value.generic and classes.derives_from(state, cls, value.cls.contents)
            if not generic:
                return False, {}
        else:
            certain = True
    elif isinstance(cls, Class) and not isinstance(value, Symbol):
        return False, {}
    elif isinstance(cls, Symbol) and cls.path:
        certain = conditions.is_instance(value, frozenset((cls.path.rpartition(".")[2],)))
        if certain is False:
            return False, {}
    parts: list[Match] = []
    for element, name in zip(pattern.patterns, _positional_names(state, cls), strict=False):
        part = value if name is None else attributes.attribute(state, value, name, Site(scope.segment, element))
        parts.append(matched(state, element.value, part, scope))
    for keyword in pattern.kwds:
        part = attributes.attribute(state, value, keyword.key.value, Site(scope.segment, keyword))
        parts.append(matched(state, keyword.pattern, part, scope))
    return _together(parts, certain=certain is True)


def _positional_names(state: State, cls: Value) -> list[str | None]:
    """The attributes that positional patterns mean; None for the object itself, as in `str(text)`."""
    if not isinstance(cls, Class):
        return [None]
    declared = classes.class_attribute(state, cls, "__match_args__")
    if isinstance(declared, Sequence):
        return [constant_text(item.value) for item in declared.items]
    return [name for _, name in classes.fields_of(state, cls)]
