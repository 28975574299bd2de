"""Methods of lists, sets and dicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cachelint.analysis.interpreter import expressions, growth, histories, operators
from cachelint.analysis.iteration import addressed, elements, in_new_order, one_of, with_order
from cachelint.analysis.syntax import Site
from cachelint.analysis.values import (
    NONE,
    UNKNOWN,
    Constant,
    Entry,
    Item,
    Mapping,
    Sequence,
    Symbol,
    Value,
    choice,
)
from cachelint.analysis.variation import Period, merged

if TYPE_CHECKING:
    from cachelint.analysis.interpreter.state import Arguments, State

_SET_OPERATIONS = frozenset(("union", "intersection", "difference", "symmetric_difference"))


def call_sequence(state: State, receiver: Sequence, name: str, arguments: Arguments) -> Value:
    """What a method of a list, tuple or set does and returns."""
    first = arguments.get(0)
    if name in ("append", "add", "appendleft", "push") and first is not None:
        append(state, receiver, first, arguments.site, front=name == "appendleft")
        return NONE
    if name in ("extend", "update") and first is not None:
        extend(state, receiver, first, arguments.site)
        return NONE
    if name == "insert" and len(arguments.positional) == 2:
        _insert(state, receiver, arguments.positional[0], arguments.positional[1], arguments.site)
        return NONE
    if name in ("pop", "popleft"):
        return _popped(state, receiver, Constant(0) if name == "popleft" else first, arguments.site)
    if name == "sort":
        receiver.items = in_new_order(state, receiver, arguments.site)
        receiver.order = ()
        return NONE
    if name == "clear" and state.certain(receiver.birth):
        receiver.items.clear()
        return NONE
    if name == "copy":
        copied = Sequence(receiver.kind, list(receiver.items), receiver.order, state.branch, loops=state.loops)
        copied.trimmed, copied.origin, copied.edits = receiver.trimmed, receiver.origin, receiver.edits
        return copied
    if name in _SET_OPERATIONS:
        narrowing = name in ("intersection", "difference")
        return operators.set_of(state, (receiver, *arguments.positional), arguments.site, narrowing=narrowing)
    if name in ("index", "count"):
        return Symbol(kind="number")
    return NONE if name in ("remove", "discard", "reverse") else UNKNOWN


def append(state: State, receiver: Sequence, value: Value, site: Site, *, front: bool = False) -> None:
    """`receiver.append(value)`, or `receiver.appendleft(value)`."""
    inner = state.loops[len(receiver.loops) :]
    grown_in_loop = state.loops[: len(receiver.loops)] == receiver.loops and not state.unrolled.issuperset(inner)
    item = Item(
        value,
        maybe=not state.certain(receiver.birth),
        repeated=grown_in_loop,
        stored=receiver.lasting,
        grown=state.loops if grown_in_loop else (),
        site=site,
        conditions=state.conditions_since(receiver.birth),
    )
    receiver.growing = receiver.growing or growth.of_loops(state, receiver.loops)
    started = state.concurrent
    if len(started) > len(receiver.loops) and started[: len(receiver.loops)] == receiver.loops:
        label = "the order in which tasks finish"
        receiver.order = merged(receiver.order, state.variation("CL205", label, site, Period.REQUEST, order=True))
    if receiver.kind == "set":
        receiver.items.append(item)
    elif front:
        receiver.items.insert(0, item)
    elif not any(known.value is value for known in receiver.items[-3:]):
        receiver.items.append(item)


def extend(state: State, receiver: Sequence, value: Value, site: Site) -> None:
    """`receiver += value`."""
    items, order = elements(state, value, site)
    receiver.order = merged(receiver.order, order)
    certain = state.certain(receiver.birth)
    grown = len(state.loops) > len(receiver.loops)
    receiver.items.extend(
        Item(
            item.value,
            item.maybe or not certain,
            item.repeated or grown,
            receiver.lasting,
            state.loops if grown else (),
            site,
            state.conditions_since(receiver.birth),
        )
        for item in items[:64]
    )


def _insert(state: State, receiver: Sequence, position: Value, value: Value, site: Site) -> None:
    item = Item(value, maybe=not state.certain(receiver.birth), site=site)
    at = position.value if isinstance(position, Constant) and isinstance(position.value, int) else None
    if at == 0:
        histories.inserted(state, receiver, site)
    if at is not None and receiver.exact:
        receiver.items.insert(at, item)
    elif at == 0:
        receiver.items.insert(0, item)
    else:
        receiver.items.append(item)


def _popped(state: State, receiver: Sequence, position: Value | None, site: Site) -> Value:
    if receiver.order:
        found, _ = elements(state, receiver, site)
        return one_of(found)
    at = position.value if isinstance(position, Constant) and isinstance(position.value, int) else -1
    if at == 0:
        histories.dropped(state, receiver, site)
    if (
        receiver.exact
        and receiver.items
        and state.certain(receiver.birth)
        and -len(receiver.items) <= at < len(receiver.items)
    ):
        return receiver.items.pop(at).value
    return one_of(receiver.items)


def call_mapping(state: State, receiver: Mapping, name: str, arguments: Arguments) -> Value:
    """What a method of a dict does and returns."""
    if name == "get":
        return _got(receiver, arguments)
    if name == "update":
        return _updated(state, receiver, arguments)
    if name == "setdefault":
        return _set_default(state, receiver, arguments)
    if name == "pop":
        return _removed(state, receiver, arguments)
    if name == "copy":
        copied = Mapping(dict(receiver.entries), list(receiver.rest), receiver.open, receiver.order, state.branch)
        copied.unordered = receiver.unordered
        return copied
    order = tuple(variation for variation in receiver.order if variation.order)  # not what varies in the keys
    if name == "items":
        items = [
            Item(Sequence("tuple", [Item(Constant(key)), Item(with_order(entry.value, order))]), entry.maybe)
            for key, entry in receiver.entries.items()
        ]
        rest = choice(receiver.rest) if receiver.rest else UNKNOWN
        if receiver.rest or receiver.open:
            pair = [Item(with_order(Symbol(kind="key"), receiver.order)), Item(with_order(rest, order))]
            items.append(Item(Sequence("tuple", pair), repeated=True))
        return Sequence("iterator", items)
    if name == "values":
        found = [Item(with_order(entry.value, order), entry.maybe) for entry in receiver.entries.values()]
        found += [Item(with_order(value, order), repeated=True) for value in receiver.rest]
        if receiver.open and not receiver.rest:
            found.append(Item(UNKNOWN, repeated=True))
        return Sequence("iterator", found)
    if name == "keys":
        keys, order = elements(state, receiver, arguments.site)
        return Sequence("iterator", keys, order)
    if name == "clear" and state.certain(receiver.birth):
        receiver.entries.clear()
        receiver.rest.clear()
    return NONE if name == "clear" else UNKNOWN


def _got(receiver: Mapping, arguments: Arguments) -> Value:
    key, default = arguments.get(0), arguments.get(1) or NONE
    if isinstance(key, Constant):
        entry = receiver.entries.get(key.value)
        if entry is not None:
            return choice((entry.value, default)) if entry.maybe else entry.value
        if not receiver.open and not receiver.rest:
            return default
        return addressed(choice((*receiver.rest, default))) if receiver.rest else choice((UNKNOWN, default))
    found = [entry.value for entry in receiver.entries.values()] + receiver.rest
    return addressed(choice((*found, default)))


def _updated(state: State, receiver: Mapping, arguments: Arguments) -> Value:
    certain = state.certain(receiver.birth)
    for value in (*arguments.positional, *arguments.spread):
        expressions.merge_into(receiver, value, certain=certain)
    for name, value in arguments.named.items():
        known = receiver.entries.get(name)
        if certain and name not in arguments.maybe:
            receiver.entries[name] = Entry(value, site=arguments.site)
        elif known is None:
            receiver.entries[name] = Entry(value, maybe=True, site=arguments.site)
        else:
            receiver.entries[name] = Entry(choice((known.value, value)), known.maybe, arguments.site)
    return NONE


def _set_default(state: State, receiver: Mapping, arguments: Arguments) -> Value:
    key, default = arguments.get(0), arguments.get(1) or NONE
    if not isinstance(key, Constant):
        receiver.rest.append(default)
        return default
    entry = receiver.entries.get(key.value)
    if entry is None:
        entry = receiver.entries[key.value] = Entry(default, site=arguments.site)
        if receiver.open:
            entry.value = choice((default, UNKNOWN)) if not isinstance(default, (Sequence, Mapping)) else default
    return entry.value


def _removed(state: State, receiver: Mapping, arguments: Arguments) -> Value:
    key = arguments.get(0)
    if not isinstance(key, Constant):
        return UNKNOWN
    entry = receiver.entries.get(key.value)
    if entry is None:
        return arguments.get(1) or UNKNOWN
    if state.certain(receiver.birth):
        del receiver.entries[key.value]
    else:
        entry.maybe = True
    return entry.value
