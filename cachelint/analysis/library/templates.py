"""`string.Template` and `string.Formatter`."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

from cachelint.analysis.interpreter import expressions, rendering
from cachelint.analysis.interpreter.state import through
from cachelint.analysis.library import paths
from cachelint.analysis.values import (
    UNKNOWN,
    Constant,
    Hole,
    Made,
    Mapping,
    Symbol,
    Text,
    Value,
    choice,
    parts_of,
    variations_in,
)
from cachelint.analysis.variation import merged

if TYPE_CHECKING:
    from cachelint.analysis.interpreter.state import Arguments, State

STRING_TEMPLATE = "string.Template()"


def string_template(state: State, callee: Symbol, arguments: Arguments) -> Value:
    """`string.Template(text)`."""
    return Made(STRING_TEMPLATE, {"text": (arguments.get(0, "template") or UNKNOWN,)}, (arguments.site,))


def formatter(state: State, callee: Symbol, arguments: Arguments) -> Value:
    """`string.Formatter().format(template, …)` and `vformat(template, positional, named)`."""
    template, *positional = arguments.positional or [UNKNOWN]
    spread = [*arguments.spread, *positional] if callee.path.endswith("vformat") else arguments.spread
    return rendering.str_format(state, template, positional, arguments.named, spread, arguments.site)


def call_method(state: State, receiver: Made, name: str, arguments: Arguments) -> Value | None:
    """What a method of a `string.Template` returns; None when nothing is known of it."""
    if name not in ("substitute", "safe_substitute"):
        return None
    template = receiver.parts["text"][0]
    text = paths.text_of(state, template, arguments.site.segment.module)
    if text is None:
        given = merged(*(variations_in(value) for value in arguments.all))
        hole = Hole(through(given, arguments.site, "substituted into the text"))
        return Text((*parts_of(template), hole))
    return _substituted(state, text, arguments)


def _substituted(state: State, text: str, arguments: Arguments) -> Value:
    values: list[Value] = []
    at = 0
    for field in string.Template.pattern.finditer(text):
        values.append(Constant(text[at : field.start()]))
        at = field.end()
        name = field["named"] or field["braced"]
        if name is None:
            values.append(Constant("$" if field["escaped"] is not None else field[0]))
        else:
            values.append(rendering.as_text(state, _value_of(name, arguments), arguments.site))
    values.append(Constant(text[at:]))
    return expressions.joined(values, arguments.site, "substituted into the text")


def _value_of(name: str, arguments: Arguments) -> Value:
    if name in arguments.named:
        return arguments.named[name]
    others: list[Value] = []
    for value in (*arguments.positional, *arguments.spread):
        if isinstance(value, Mapping) and name in value.entries:
            return value.entries[name].value
        others += value.rest if isinstance(value, Mapping) else [value]
    return (
        Symbol(variations=merged(*(variations_in(value) for value in others)))
        if others
        else choice([Symbol(name=name)])
    )
