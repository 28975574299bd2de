"""How values become text: f-strings, `str`, `%`, `format` and `join`."""

from __future__ import annotations

import re
import string
from collections.abc import Callable

from cachelint.analysis.interpreter import classes, expressions, growth
from cachelint.analysis.interpreter.state import State, through
from cachelint.analysis.iteration import elements
from cachelint.analysis.library import clock, paths
from cachelint.analysis.syntax import Site
from cachelint.analysis.values import (
    UNKNOWN,
    Choice,
    Class,
    Constant,
    Function,
    Hole,
    Instance,
    Mapping,
    Method,
    Partial,
    Sequence,
    Symbol,
    Text,
    Value,
    choice,
    constant_text,
    options_of,
    parts_of,
    variations_in,
)
from cachelint.analysis.variation import Period, merged

_PERCENT = re.compile(
    r"%(?:\((?P<key>[^)]*)\))?[#0\- +]*(?:\*|\d+)?(?:\.(?:\*|\d+))?[hlL]?(?P<type>[diouxXeEfFgGcrsa%])"
)


_WIDE = re.compile(r"\d{5}")
"""A width or precision that makes a text which is not worth to be known."""


def as_text(state: State, value: Value, site: Site) -> Value:
    """What `str(value)` gives."""
    if isinstance(value, Constant):
        return Constant(str(value.value))
    if isinstance(value, Symbol) and value.parameter and not value.variations:
        value = state.sources.named(state, value, site)
    if isinstance(value, (Text, Choice)):
        return value
    if isinstance(value, Sequence):
        return Text((*parts_of(value), *(part for hole in growth.holes(growth.of(value)) for part in hole.parts)))
    if isinstance(value, Instance):
        return classes.rendered(state, value, site)
    if isinstance(value, Mapping):
        return _of_mapping(state, value, site)
    if isinstance(value, Partial):
        value = value.callee
    if isinstance(value, Method):
        value = value.function or value
    if isinstance(value, Function):
        label = "the address in a function's default representation"
        return Text((Hole(state.variation("CL104", label, site, Period.PROCESS)),))
    return Text(parts_of(value))


def _of_mapping(state: State, value: Mapping, site: Site) -> Value:
    """`str(mapping)`: its keys stand in it in the order that they have."""
    from cachelint.analysis.library import serialization

    reason = serialization.key_order(value)
    variations = variations_in(value)
    if reason and not any(variation.order for variation in variations):
        variations = merged(variations, serialization.of_unproven(state, reason, site))
    return Text((*parts_of(value)[:-1], Hole(variations)))


def formatted(state: State, value: Value, specification: str, site: Site) -> Value:
    """What an f-string makes of a value with a format specification."""
    if isinstance(value, Symbol) and value.kind in ("datetime", "date", "time") and "%" in specification:
        return Text((Hole(clock.formatted(value.variations, specification)),))
    if isinstance(value, Symbol) and value.kind in clock.UNITS and specification.endswith(".0f"):
        return Text((Hole(clock.whole(value.variations, value.kind)),))
    if isinstance(value, Constant) and specification:
        if _WIDE.search(specification):
            return Text((Hole(),))
        try:
            return Constant(format(value.value, specification))
        except (ValueError, TypeError):
            return Text((Hole(),))
    return as_text(state, value, site)


def str_format(
    state: State, template: Value, positional: list[Value], named: dict[str, Value], spread: list[Value], site: Site
) -> Value:
    """What `template.format(...)` gives."""
    text = paths.text_of(state, template, site.segment.module)
    if text is None:
        holes = merged(*(variations_in(value) for value in (template, *positional, *named.values(), *spread)))
        return Text((*parts_of(template), Hole(through(holes, site, "formatted into the text"))))
    try:
        fields = list(string.Formatter().parse(text))
    except ValueError:
        return Text((Hole(merged(*(variations_in(value) for value in (*positional, *named.values())))),))
    automatic = iter(range(len(fields) + 1))
    values: list[Value] = []
    for literal, name, specification, _ in fields:
        values.append(Constant(literal))
        if name is None:
            continue
        root = re.split(r"[.\[]", name, maxsplit=1)[0] if name else str(next(automatic))
        if root.isdigit():
            value = positional[int(root)] if int(root) < len(positional) else _any_of(spread)
        else:
            value = named[root] if root in named else _any_of(spread, root)
        values.append(formatted(state, value, specification or "", site))
    return expressions.joined(values, site)


def _any_of(spread: list[Value], key: str | None = None) -> Value:
    found = []
    for value in spread:
        if isinstance(value, Mapping) and key is not None and key in value.entries:
            return value.entries[key].value
        found.append(variations_in(value))
    return Symbol(variations=merged(*found))


def percent_formatted(state: State, template: Value, argument: Value, site: Site) -> Value:
    """What `template % argument` gives."""
    text = constant_text(template)
    if text is None:
        return Text((*parts_of(template), Hole(through(variations_in(argument), site, "formatted into the text"))))
    arguments = (
        [item.value for item in argument.items]
        if isinstance(argument, Sequence) and argument.kind == "tuple"
        else [argument]
    )
    values: list[Value] = []
    position = at = 0
    for match in _PERCENT.finditer(text):
        values.append(Constant(text[at : match.start()]))
        at = match.end()
        if match["type"] == "%":
            values.append(Constant("%"))
        elif match["key"] is not None:
            values.append(as_text(state, _any_of([argument], match["key"]), site))
        else:
            values.append(as_text(state, arguments[position], site) if position < len(arguments) else Symbol())
            position += 1
    values.append(Constant(text[at:]))
    return expressions.joined(values, site)


def joined_by(state: State, separator: Value, iterable: Value, site: Site) -> Value:
    """What `separator.join(iterable)` gives."""
    items, order = elements(state, iterable, site)
    values: list[Value] = []
    for item in items:
        if values:
            values.append(separator)
        value = as_text(state, _joinable(state, item.value), site)
        if item.maybe or item.repeated:
            value = Text((Hole(), *parts_of(value)))
        values.append(value)
    if order and not values:
        values.append(Symbol(variations=order))
    values += growth.holes(growth.of(iterable))
    return expressions.joined(values, site, "joined into the text")


def _joinable(state: State, value: Value) -> Value:
    """A value without what `join` refuses: what is no string, which only a test out of sight keeps away."""
    options = options_of(value)
    kept = [each for each in options if not _is_refused(state, each)]
    return value if len(kept) == len(options) else choice([*kept, UNKNOWN])


def _is_refused(state: State, value: Value) -> bool:
    if isinstance(value, Instance):
        return classes.library_base(state, value.cls) != "str"
    if isinstance(value, Sequence):
        return not value.order
    return isinstance(value, (Class, Function, Mapping, Method))


def replaced(state: State, text: Value, old: Value, new: Value, site: Site) -> Value:
    """What `text.replace(old, new)` gives."""
    known, needle = constant_text(text), constant_text(old)
    if known is None or needle is None or not needle:
        parts = parts_of(text)
        return Text((*parts, *_holes(through(variations_in(new), site, "replaced into the text"))))
    pieces = known.split(needle)
    if len(pieces) > 50:
        return Text((pieces[0], *_holes(variations_in(new)), Hole()))
    values: list[Value] = [Constant(pieces[0])]
    for piece in pieces[1:]:
        values += [as_text(state, new, site), Constant(piece)]
    return expressions.joined(values, site, "replaced into the text")


def _holes(variations: tuple) -> tuple[Hole, ...]:  # type: ignore[type-arg]
    return (Hole(variations),) if variations else ()


def map_text(value: Value, change: Callable[[str], str]) -> Value:
    """A text whose known parts are changed one by one, such as `str.lower` or `str.strip` does."""
    if isinstance(value, Constant) and isinstance(value.value, str):
        return Constant(change(value.value))
    if isinstance(value, Text):
        return Text(tuple(change(part) if isinstance(part, str) else part for part in value.parts))
    return Text(parts_of(value))
