"""Prompt templates: messages with fields, and what is filled into them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from cachelint.analysis.clients import messages
from cachelint.analysis.clients.objects import Parts, text_of
from cachelint.analysis.values import (
    UNKNOWN,
    Constant,
    Entry,
    Hole,
    Item,
    Made,
    Mapping,
    Sequence,
    Symbol,
    Value,
    choice,
    options_of,
    parts_of,
    variations_in,
)

if TYPE_CHECKING:
    from cachelint.analysis.interpreter.state import State
    from cachelint.analysis.syntax import Site

_FIELD = re.compile(r"\{\{|\}\}|\{(?P<name>[A-Za-z_]\w*)(?:[.\[][^{}]*)?(?:![rsa])?(?::[^{}]*)?\}")


def rendered(state: State, parts: Parts, site: Site, *, as_text: bool) -> Value:
    """What a template renders: a list of messages, or a text."""
    filled = messages_of(state, parts, site)
    if as_text and len(filled.items) == 1 and isinstance(filled.items[0].value, Mapping):
        return filled.items[0].value.entries["content"].value
    return filled


def messages_of(state: State, parts: Parts, site: Site) -> Sequence:
    """The messages of the templates among the parts, filled with the variables among them."""
    variables = _variables(parts)
    found = Sequence("list", [])
    for template in parts.get("template", ()):
        if text_of(template):
            role = parts["role"][-1] if "role" in parts else Constant("user")
            found.items.append(Item(messages.message(role, filled(state, template, variables, site))))
        for option in options_of(template):
            for item in option.items if isinstance(option, Sequence) else ():
                found.items += _filled_message(state, item, variables, site)
    return found


def _variables(parts: Parts) -> Mapping:
    known = Mapping(open=True)
    for value in parts.get("variables", ()):
        for option in options_of(value):
            if isinstance(option, Mapping):
                known.entries.update(option.entries)
                known.rest += option.rest
            elif variations_in(option):
                known.rest.append(option)
    return known


def _filled_message(state: State, item: Item, variables: Mapping, site: Site) -> list[Item]:
    if isinstance(item.value, Made):
        inner = {**item.value.parts, "variables": (*item.value.parts.get("variables", ()), variables)}
        return messages_of(state, inner, site).items
    value = messages.as_message(item.value)
    if isinstance(value, Symbol):
        return [replace(item, value=value, repeated=True, stored=True)]
    if not isinstance(value, Mapping) or "content" not in value.entries:
        return [replace(item, value=value)]
    content = choice(
        _filled_content(state, option, variables, site) for option in options_of(value.entries["content"].value)
    )
    return [replace(item, value=replace(value, entries={**value.entries, "content": Entry(content)}))]


def _filled_content(state: State, content: Value, variables: Mapping, site: Site) -> Value:
    if text_of(content):
        return filled(state, content, variables, site)
    if isinstance(content, Sequence):
        return replace(
            content,
            items=[replace(item, value=_filled_content(state, item.value, variables, site)) for item in content.items],
        )
    if isinstance(content, Mapping) and "text" in content.entries:
        text = _filled_content(state, content.entries["text"].value, variables, site)
        return replace(content, entries={**content.entries, "text": Entry(text)})
    return content


def filled(state: State, template: Value, variables: Mapping, site: Site) -> Value:
    """A text whose fields are replaced by variables; what stands in none of them stays."""
    from cachelint.analysis.interpreter import expressions, rendering

    values: list[Value] = []
    for part in parts_of(template):
        if isinstance(part, Hole):
            values.append(Symbol(part.path, part.kind, part.variations, part.name))
            continue
        at = 0
        for field in _FIELD.finditer(part):
            values.append(Constant(part[at : field.start()]))
            at = field.end()
            if field["name"] is None:
                values.append(Constant(field[0][:1]))
            else:
                values.append(rendering.as_text(state, _value_of(variables, field["name"]), site))
        values.append(Constant(part[at:]))
    return expressions.joined(values, site, "filled into the template")


def _value_of(variables: Mapping, name: str) -> Value:
    entry = variables.entries.get(name)
    if entry is not None:
        return entry.value
    return choice(variables.rest) if variables.rest else replace(UNKNOWN, name=name)
