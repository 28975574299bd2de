"""Whether two values of one parameter surely differ: what is not known differs from nothing."""

from __future__ import annotations

from collections.abc import Iterator

from cachelint.analysis.values import (
    NONE,
    Choice,
    Class,
    Condition,
    Constant,
    Mapping,
    Sequence,
    Symbol,
    Text,
    Value,
    children_of,
    constant_text,
    options_of,
)

_ABSENT = frozenset(("NOT_GIVEN", "NotGiven", "omit", "Omit", "not_given"))


def absent(value: Value | None) -> bool:
    """Whether an argument is surely not sent: left out, None, `omit`, or an empty list."""
    if value is None or value == NONE:
        return True
    if isinstance(value, Symbol):
        return value.path.rpartition(".")[2].removesuffix("()") in _ABSENT
    return isinstance(value, Sequence) and not value.items


def differ(first: Value | None, second: Value | None) -> bool:
    """Whether two values differ whatever is not known of them turns out to be."""
    if first is None or second is None or absent(first) or absent(second):
        given = second if first is None or absent(first) else first
        return absent(first) != absent(second) and isinstance(given, (Class, Constant, Text, Mapping, Sequence))
    if isinstance(first, Choice) or isinstance(second, Choice):
        return all(differ(one, other) for one in options_of(first) for other in options_of(second))
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        return _mappings_differ(first, second)
    if isinstance(first, Sequence) and isinstance(second, Sequence):
        return _sequences_differ(first, second)
    one, other = constant_text(first), constant_text(second)
    if one is not None and other is not None:
        return one != other
    if isinstance(first, Constant) and isinstance(second, Constant):
        return first != second
    return False


def _mappings_differ(first: Mapping, second: Mapping) -> bool:
    keys = (first.entries.keys() | second.entries.keys()) - {"cache_control"}
    for key in keys:
        one, other = first.entries.get(key), second.entries.get(key)
        if one is None or other is None:
            known, unknown = one or other, first if one is None else second
            if known is not None and not known.maybe and not unknown.open and not unknown.rest:
                return True
        elif not one.maybe and not other.maybe and differ(one.value, other.value):
            return True
    return False


def _sequences_differ(first: Sequence, second: Sequence) -> bool:
    if first.lasting and second.lasting and first.origin != second.origin and first.origin and second.origin:
        return True
    if not first.exact or not second.exact:
        return False
    if len(first.items) != len(second.items):
        return True
    return any(differ(a.value, b.value) for a, b in zip(first.items, second.items, strict=True))


def conditions_in(value: Value, depth: int = 8) -> Iterator[Condition]:
    """The tests that decide about a value or a part of it; where the markers stand is no part of it."""
    if isinstance(value, Choice):
        yield from value.conditions
    if not depth:
        return
    if isinstance(value, Sequence):
        for item in value.items:
            yield from item.conditions
            yield from conditions_in(item.value, depth - 1)
    elif isinstance(value, Mapping):
        for key, entry in value.entries.items():
            if key != "cache_control":
                yield from conditions_in(entry.value, depth - 1)
    else:
        for child in children_of(value):
            yield from conditions_in(child, depth - 1)
