"""What iterating over a value yields, and what makes the order of it vary."""

from __future__ import annotations

from cachelint.analysis.interpreter.state import State, through
from cachelint.analysis.syntax import Site
from cachelint.analysis.values import (
    UNKNOWN,
    Choice,
    Class,
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
    rebuilt,
)
from cachelint.analysis.variation import Variations, merged

COUNTER = "itertools.count()"
"""Gives the same numbers each time that one is made: what varies is the next number of one that lasts."""


def elements(state: State, value: Value, site: Site) -> tuple[list[Item], Variations]:
    """The items of an iteration and the variations of their order.

    Where the order varies, each element carries that variation: what is built from elements one by one depends on their
    order.
    """
    if isinstance(value, Sequence):
        if not value.order:
            return list(value.items), ()
        order = through(value.order, site, "iterated in an order that varies")
        return [
            Item(with_order(item.value, order), item.maybe, item.repeated, item.stored, item.grown)
            for item in value.items
        ], order
    if isinstance(value, Mapping):
        items = [Item(Constant(key), entry.maybe) for key, entry in value.entries.items()]
        if value.rest or value.open:
            items.append(Item(with_order(Symbol(kind="key"), value.order), repeated=True))
        return items, value.order
    if isinstance(value, Choice):
        collected: list[Item] = []
        orders: list[Variations] = []
        for option in value.options:
            items, order = elements(state, option, site)
            orders.append(order)
            collected.extend(Item(item.value, True, item.repeated, item.stored, item.grown) for item in items)
        return collected, merged(*orders)
    if isinstance(value, Class):
        from cachelint.analysis.interpreter import classes

        if classes.is_enum(state, value):
            return [Item(member) for member in classes.members(state, value)], ()
    if isinstance(value, Instance):
        made = iterated(state, value, site)
        return elements(state, made, site) if made is not None else ([Item(UNKNOWN, repeated=True)], ())
    if isinstance(value, (Text, Constant)):
        text_variations = value.variations if isinstance(value, Text) else ()
        return [Item(Symbol(kind="text", variations=text_variations), repeated=True)], ()
    if isinstance(value, Symbol):
        element = Symbol(kind="number") if value.path == COUNTER else element_of(value)
        return [Item(element, repeated=True)], ()
    return [Item(UNKNOWN, repeated=True)], ()


def iterated(state: State, value: Instance, site: Site) -> Value | None:
    """What iterating over an object of a project class goes through; None when its class does not say."""
    from cachelint.analysis.interpreter import calls, classes

    for name in ("__iter__", "__aiter__"):
        found = calls.call_method(state, value, name, [], site)
        if found is not None:
            return None if found is value else found
    if classes.library_base(state, value.cls) in ("typing.NamedTuple", "collections.namedtuple()"):
        fields = [name for _, name in classes.fields_of(state, value.cls)]
        return Sequence("tuple", [Item(value.attributes.get(name, UNKNOWN)) for name in fields])
    return None


def element_of(value: Symbol) -> Symbol:
    """An element of something that is known by name only."""
    path = f"{value.path}[]" if value.path else ""
    name = f"{value.name}[]" if value.name else ""
    return Symbol(path, "", value.variations, name, value.parameter)


def with_order(value: Value, order: Variations) -> Value:
    """The value, carrying the variations of the order in which it was reached."""
    if not order:
        return value
    if isinstance(value, Symbol):
        return Symbol(value.path, value.kind, merged(value.variations, order), value.name)
    if isinstance(value, Constant):
        if isinstance(value.value, str):
            return Text((Hole(order, "text"),))
        return Symbol(kind="number", variations=order)
    if isinstance(value, Text):
        return Text((*value.parts, Hole(order)))
    if isinstance(value, (Sequence, Mapping)):
        copied = rebuilt(value)
        assert isinstance(copied, (Sequence, Mapping))
        copied.order = merged(copied.order, order)
        return copied
    if isinstance(value, Choice):
        return choice(with_order(option, order) for option in value.options)
    return value


def without_order(value: Value) -> Value:
    """A copy in which no order varies, as after sorting or when elements are addressed by key."""
    return rebuilt(value, lambda variation: None if variation.order else variation)


def in_new_order(state: State, value: Value, site: Site) -> list[Item]:
    """The elements of what is sorted: the order in which they came is gone.

    A text that was made of a set before, and is one of a few that are listed, keeps the order inside of it.
    """
    items, order = elements(state, value, site)
    if isinstance(value, Sequence) and not order and value.exact and not any(item.grown for item in items):
        return items
    return [
        Item(without_order(item.value), item.maybe, item.repeated, item.stored, item.grown, item.site) for item in items
    ]


def addressed(value: Value) -> Value:
    """A value found by its key: the order in which it was stored does not show in it, unlike orders inside it."""
    if isinstance(value, Choice):
        return choice(addressed(option) for option in value.options)
    return without_order(value) if isinstance(value, (Symbol, Text)) else value


def one_of(items: list[Item]) -> Value:
    """Any of the items."""
    return choice(item.value for item in items) if items else UNKNOWN
