"""Messages in each client's notation, as the Messages API has them."""

from __future__ import annotations

from dataclasses import replace

from cachelint.analysis.clients.objects import Parts, text_of
from cachelint.analysis.values import (
    NONE,
    Choice,
    Constant,
    Entry,
    Item,
    Mapping,
    Sequence,
    Symbol,
    Value,
    choice,
    constant_text,
    options_of,
)

_ROLES = {"human": "user", "ai": "assistant", "developer": "system"}


def made(parts: Parts) -> Value:
    """The message that a constructor such as `SystemMessage(content)` makes."""
    role = (*parts.get("speaker", ()), *parts.get("role", ()), Constant("user"))[0]
    return message(_role(role), parts["prompt"][0] if "prompt" in parts else Symbol())


def message(role: Value | str, content: Value) -> Mapping:
    """A message as a dict."""
    return Mapping({"role": Entry(Constant(role) if isinstance(role, str) else role), "content": Entry(content)})


def listed(value: Value) -> Sequence | None:
    """A list of messages, or the one message that a text is; None for what is neither."""
    if isinstance(value, Choice):
        found = [found for option in value.options if (found := listed(option)) is not None]
        return found[0] if found else None
    if text_of(value):
        return Sequence("list", [Item(message("user", value))])
    if isinstance(value, Mapping):
        if "messages" in value.entries:
            return listed(value.entries["messages"].value)
        return Sequence("list", [Item(as_message(value))]) if "content" in value.entries else None
    if isinstance(value, Sequence):
        if _is_pair(value):
            return Sequence("list", [Item(as_message(value))])
        return replace(value, items=[replace(item, value=_each(item.value)) for item in value.items])
    if isinstance(value, Symbol) and value != NONE:
        return Sequence("list", [Item(value, repeated=True, stored=True)])
    return None


def _each(value: Value) -> Value:
    return choice(as_message(option) for option in value.options) if isinstance(value, Choice) else as_message(value)


def as_message(value: Value) -> Value:
    """An element of a list of messages: a dict, a pair of role and content, a text."""
    if isinstance(value, Sequence) and _is_pair(value):
        return message(_role(value.items[0].value), value.items[1].value)
    if isinstance(value, Mapping) and "role" in value.entries:
        role = value.entries["role"].value
        known = _role(role)
        if known == role:
            return value
        return replace(value, entries={**value.entries, "role": Entry(known)})
    return message("user", value) if text_of(value) else value


def _is_pair(value: Sequence) -> bool:
    return value.kind == "tuple" and len(value.items) == 2 and constant_text(value.items[0].value) is not None


def _role(value: Value) -> Value:
    text = constant_text(value)
    return Constant(_ROLES[text]) if text in _ROLES else value


def split_system(messages: Sequence) -> tuple[list[Item], Sequence]:
    """The blocks of the system messages, and the other messages."""
    system: list[Item] = []
    others = replace(messages, items=[])
    for item in messages.items:
        role = item.value.entries.get("role") if isinstance(item.value, Mapping) else None
        if role is not None and constant_text(role.value) == "system" and isinstance(item.value, Mapping):
            system += blocks(item.value.entries["content"].value, item) if "content" in item.value.entries else []
        else:
            others.items.append(item)
    return system, others


def blocks(content: Value, item: Item | None = None) -> list[Item]:
    """The blocks of a content or of a system prompt, which may be a text."""
    found: list[Item] = []
    for option in options_of(content):
        if isinstance(option, Sequence):
            found += option.items
        elif option != NONE:
            like = item or Item(option)
            found.append(Item(option, like.maybe, like.repeated, like.stored))
    return found


def with_cache_points(items: list[Item]) -> list[Item]:
    """The blocks, each element that is a breakpoint by itself moved onto the block before it."""
    found: list[Item] = []
    for item in items:
        value = item.value
        if isinstance(value, Mapping) and "cachePoint" in value.entries:
            if found:
                point = value.entries["cachePoint"]
                found[-1] = replace(found[-1], value=marked(found[-1].value, _marker(point, maybe=item.maybe)))
            continue
        found.append(item)
    return found


def _marker(point: Entry, *, maybe: bool) -> Entry:
    ttl = point.value.entries.get("ttl") if isinstance(point.value, Mapping) else None
    entries = {"type": Entry(Constant("ephemeral")), **({"ttl": ttl} if ttl is not None else {})}
    return Entry(Mapping(entries), maybe, point.site)


def marked(value: Value, marker: Entry) -> Value:
    """A block with a breakpoint."""
    if isinstance(value, Choice):
        return choice(marked(option, marker) for option in value.options)
    if isinstance(value, Mapping):
        return replace(value, entries={**value.entries, "cache_control": marker})
    return Mapping({"type": Entry(Constant("text")), "text": Entry(value), "cache_control": marker})
