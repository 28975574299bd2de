"""From the parts that a client was given to the parts of a request, in the notation of the Messages API."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from cachelint.analysis.clients import messages, models, templates
from cachelint.analysis.clients.decorated import added
from cachelint.analysis.clients.entries import Entry
from cachelint.analysis.clients.objects import Parts, merged
from cachelint.analysis.syntax import Site
from cachelint.analysis.values import (
    NONE,
    Choice,
    Constant,
    Function,
    Item,
    Made,
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
)
from cachelint.analysis.values import Entry as MappingEntry
from cachelint.findings import Confidence
from cachelint.prompt.layout import TIERS

if TYPE_CHECKING:
    from cachelint.analysis.interpreter.state import Arguments, State

_BODY = ("system", "messages", "tools", "model", "cache_control")


def record(state: State, entry: Entry, path: str, parts: Parts, sites: tuple[Site, ...], arguments: Arguments) -> None:
    """Remember that a call sends a prompt of these parts, unless it goes to a model of another vendor."""
    parts = _with_body(merged(parts, added(state, sites)))
    sent = _request(state, parts, arguments, conversation="agent" in parts)
    confidence = _confidence(parts, sent)
    if confidence is not None:
        state.sinks.record_prompt(state, entry, path, sent, arguments, sites, confidence)


def record_definition(state: State, entry: Entry, made: Made, arguments: Arguments) -> None:
    """Remember a prompt that an object is given when it is made, whoever makes it send."""
    parts = merged(made.parts, added(state, made.sites))
    if not any(parts.get(part) for part in ("system", "late", "tools")):
        return
    sent = _request(state, parts, arguments, conversation=True)
    confidence = _confidence(parts, sent)
    if confidence is not None:
        path = made.path.removesuffix("()")
        state.sinks.record_prompt(state, entry, path, sent, arguments, made.sites, confidence, definition=True)


def _confidence(parts: Parts, sent: dict[str, Value]) -> Confidence | None:
    """How sure it is that the prompt goes to Claude; None when it does not, or when nothing says so."""
    policies = {constant_text(policy) for policy in parts.get("models", ())}
    if "claude" in policies or not policies:
        return Confidence.HIGH
    verdict = models.verdict(parts.get("model", ()))
    if verdict != "unknown":
        return Confidence.HIGH if verdict == "claude" else None
    if _is_marked(sent):
        return Confidence.MEDIUM
    return Confidence.LOW if "any" in policies else None


def _is_marked(sent: dict[str, Value]) -> bool:
    return "cache_control" in sent or any(_has_marker(sent[tier], 4) for tier in TIERS if tier in sent)


def _has_marker(value: Value, depth: int) -> bool:
    if isinstance(value, Mapping):
        return "cache_control" in value.entries or (
            depth > 0 and any(_has_marker(entry.value, depth - 1) for entry in value.entries.values())
        )
    if isinstance(value, Sequence):
        return depth > 0 and any(_has_marker(item.value, depth - 1) for item in value.items)
    return isinstance(value, Choice) and depth > 0 and any(_has_marker(option, depth - 1) for option in value.options)


# -- the parts ---------------------------------------------------------------------------------------------------------


def _request(state: State, parts: Parts, arguments: Arguments, *, conversation: bool) -> dict[str, Value]:
    system: list[Value] = [value for given in parts.get("system", ()) for value in _evaluated(state, given, arguments)]
    leading: list[Item] = []
    kept: list[Value] = []
    for value in system:
        if isinstance(value, Mapping) and "role" in value.entries:
            leading.append(Item(value))
        elif isinstance(value, Sequence) and any(_is_message(item.value) for item in value.items):
            leading += [replace(item, value=messages.as_message(item.value)) for item in value.items]
        else:
            kept.append(value)
    in_messages, sent_messages = messages.split_system(_messages(state, parts, leading, arguments.site))
    found: dict[str, Value] = {}
    for part in ("model", "cache_control"):
        values = [value for value in parts.get(part, ()) if not isinstance(value, Made)]
        if values:
            found[part] = values[-1]
    system_value = _joined(kept, in_messages)
    if system_value is not None:
        found["system"] = system_value
    tools = _joined(list(parts.get("tools", ())), [])
    if tools is not None:
        found["tools"] = tools
    if conversation:
        sent_messages.items = [replace(item, stored=True) for item in sent_messages.items]
        rest = Symbol(name="the conversation that follows")
        sent_messages.items.append(Item(rest, repeated=True, stored=True))
    if sent_messages.items:
        found["messages"] = sent_messages
    found = _with_marks(found, parts.get("marks", ()))
    late = [value for given in parts.get("late", ()) for value in _evaluated(state, given, arguments)]
    joined = _joined([found["system"], *late] if "system" in found else late, [])
    return {**found, "system": joined} if joined is not None else found


def _is_message(value: Value) -> bool:
    return isinstance(value, Mapping) and "role" in value.entries


def _evaluated(state: State, value: Value, arguments: Arguments) -> list[Value]:
    """The value of an argument that may be a function which returns it, or a list of texts and such functions."""
    from cachelint.analysis.interpreter import calls
    from cachelint.analysis.interpreter.state import Arguments as Given

    if isinstance(value, (Function, Method, Partial)):
        node = value.function if isinstance(value, Method) else value
        site = Site(node.segment, node.node) if isinstance(node, Function) else arguments.site
        return [calls.call(state, value, Given([], {}, site))]
    if isinstance(value, Sequence) and any(isinstance(item.value, (Function, Method)) for item in value.items):
        return [found for item in value.items for found in _evaluated(state, item.value, arguments)]
    return [value]


def _joined(values: list[Value], items: list[Item]) -> Value | None:
    """One part from several arguments: the only one as it is, else their blocks one after the other."""
    values = [value for value in values if value != NONE]
    if len(values) == 1 and not items and not isinstance(values[0], Sequence):
        return values[0]
    if len(values) == 1 and not items and isinstance(values[0], Sequence):
        return replace(values[0], items=messages.with_cache_points(values[0].items))
    order = next((value.order for value in values if isinstance(value, Sequence) and value.order), ())
    found = messages.with_cache_points([*(item for value in values for item in messages.blocks(value)), *items])
    return Sequence("list", found, order) if found else None


def _messages(state: State, parts: Parts, leading: list[Item], site: Site) -> Sequence:
    found: Sequence | None = None
    templates_given = bool(parts.get("template"))
    for value in parts.get("messages", ()):
        if templates_given and isinstance(value, Mapping) and "messages" not in value.entries:
            parts = {**parts, "variables": (*parts.get("variables", ()), value)}
            continue
        if templates_given and isinstance(value, Symbol):
            continue
        listed = messages.listed(value)
        if listed is not None:
            found = listed if found is None else replace(found, items=[*found.items, *listed.items])
    found = replace(found) if found is not None else Sequence("list", [])
    if templates_given:
        found.items = [*templates.messages_of(state, parts, site).items, *found.items]
    found.items = [*leading, *found.items]
    found.items += [Item(messages.message("user", value)) for value in parts.get("prompt", ())]
    found.items = [replace(item, value=_pointed(item.value)) for item in found.items]
    return found


def _pointed(message: Value) -> Value:
    """A message whose breakpoints are on the blocks that they follow."""
    content = message.entries.get("content") if isinstance(message, Mapping) else None
    if not isinstance(message, Mapping) or content is None or not isinstance(content.value, Sequence):
        return message
    items = messages.with_cache_points(content.value.items)
    if len(items) == len(content.value.items):
        return message
    blocks = replace(content.value, items=items)
    return replace(message, entries={**message.entries, "content": replace(content, value=blocks)})


def _with_body(parts: Parts) -> Parts:
    """The parts, with those of a whole request that is given as a dict or as JSON."""
    found = dict(parts)
    for value in parts.get("body", ()):
        for option in options_of(value):
            body = document_of(option)
            for key, entry in body.entries.items() if body is not None else ():
                if key in _BODY:
                    found[key] = (*found.get(key, ()), entry.value)
    return found


def document_of(value: Value) -> Mapping | None:
    """The dict that a value is, or of which it is the JSON."""
    if isinstance(value, Mapping):
        return value
    if isinstance(value, Text) and isinstance(value.document, Mapping):
        return value.document
    text = constant_text(value)
    if isinstance(value, Constant) and isinstance(value.value, bytes):
        text = value.value.decode(errors="replace")
    if text is not None and text.lstrip().startswith("{"):
        try:
            known = _known(json.loads(text))
        except (ValueError, RecursionError):
            return None
        return known if isinstance(known, Mapping) else None
    return None


def _known(data: object) -> Value:
    if isinstance(data, dict):
        return Mapping({key: MappingEntry(_known(inner)) for key, inner in data.items()})
    if isinstance(data, list):
        return Sequence("list", [Item(_known(inner)) for inner in data])
    return Constant(data)


# -- breakpoints that the client sets ----------------------------------------------------------------------------------


def _with_marks(sent: dict[str, Value], marks: tuple[Value, ...]) -> dict[str, Value]:
    for mark in marks:
        for tier, marker in mark.entries.items() if isinstance(mark, Mapping) else ():
            if tier == "messages":
                sent.setdefault("cache_control", choice((marker.value, NONE)) if marker.maybe else marker.value)
            elif tier in sent:
                sent[tier] = _marked_at_end(sent[tier], marker)
    return sent


def _marked_at_end(value: Value, marker: MappingEntry) -> Value:
    if isinstance(value, Choice):
        return choice(_marked_at_end(option, marker) for option in value.options)
    items = messages.blocks(value)
    if not items:
        return value
    last = replace(items[-1], value=messages.marked(items[-1].value, marker))
    made = value if isinstance(value, Sequence) else Sequence("list", [])
    return replace(made, items=[*items[:-1], last])
