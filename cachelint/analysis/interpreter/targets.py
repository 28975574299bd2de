"""Assignment: to names, attributes, items, and to several at once."""

from __future__ import annotations

import libcst as cst

from cachelint.analysis.interpreter import calls, classes, expressions, histories, recurrence, subscripts
from cachelint.analysis.interpreter.state import State
from cachelint.analysis.iteration import elements, iterated, one_of
from cachelint.analysis.scope import Scope
from cachelint.analysis.syntax import Site
from cachelint.analysis.values import (
    UNKNOWN,
    Choice,
    Class,
    Constant,
    Entry,
    Instance,
    Item,
    Mapping,
    Module,
    Sequence,
    Symbol,
    Text,
    Value,
    choice,
    options_of,
    origin_of,
    rebuilt,
    variations_in,
)
from cachelint.analysis.variation import Variations, merged


def assign(state: State, target: cst.BaseExpression, value: Value, scope: Scope) -> None:
    """Bind `value` to an assignment target."""
    if isinstance(target, cst.Name):
        bind(state, target.value, value, scope)
    elif isinstance(target, (cst.Tuple, cst.List)):
        _unpack(state, target, value, scope)
    elif isinstance(target, cst.StarredElement):
        assign(state, target.value, value, scope)
    elif isinstance(target, cst.Attribute):
        receiver = expressions.evaluate(state, target.value, scope)
        set_attribute(state, receiver, target.attr.value, value)
    elif isinstance(target, cst.Subscript):
        _set_item(state, target, value, scope)


def bind(state: State, name: str, value: Value, scope: Scope) -> None:
    """Bind a name in the scope that owns it."""
    home = scope
    while home.parent is not None and (name in home.nonlocals or home.function is home.parent.function):
        home = (
            home.parent
        )  # comprehensions and narrowed branches share the function's own scope, nonlocals an outer one's
    if name in home.globals:
        key = (scope.module.filename, name)
        known = state.assigned_globals.get(key)
        state.effects += known is None
        home.names[name] = value
        state.assigned_globals[key] = value if known is None else choice((known, value))
        return
    if scope is not home and scope.parent is not None and name in scope.names:
        scope.names[name] = value
    home.names[name] = value


def assign_own(state: State, target: cst.BaseExpression, value: Value, scope: Scope) -> None:
    """Bind the target of a comprehension, whose names are its own."""
    private = Scope(scope.module, scope.segment)
    assign(state, target, value, private)
    scope.names.update(private.names)


def _unpack(state: State, target: cst.Tuple | cst.List, value: Value, scope: Scope) -> None:
    parts = list(target.elements)
    if isinstance(value, Instance):
        value = iterated(state, value, Site(scope.segment, target)) or value
    options = [option for option in options_of(value) if isinstance(option, Sequence)]
    if len(options) == 1 and options[0].exact and not options[0].order:
        items = [item.value for item in options[0].items]
        star = next((i for i, part in enumerate(parts) if isinstance(part, cst.StarredElement)), None)
        if star is None and len(items) == len(parts):
            for part, item in zip(parts, items, strict=True):
                assign(state, part.value, item, scope)
            return
        if star is not None and len(items) >= len(parts) - 1:
            behind = len(parts) - star - 1
            middle = items[star : len(items) - behind]
            origin = origin_of(value) if star == 0 else ""
            rest = Sequence("list", [Item(item) for item in middle], birth=state.branch, origin=origin)
            for part, item in zip(parts, [*items[:star], rest, *items[len(items) - behind :]], strict=True):
                assign(state, part.value, item, scope)
            return
    if isinstance(value, Choice):
        columns: list[list[Value]] = [[] for _ in parts]
        for option in value.options:
            if isinstance(option, Sequence) and option.exact and len(option.items) == len(parts):
                for column, element in zip(columns, option.items, strict=True):
                    column.append(element.value)
        if all(columns):
            for part, column in zip(parts, columns, strict=True):
                assign(state, part.value, choice(column), scope)
            return
    found, _ = elements(state, value, Site(scope.segment, target))
    each = one_of(found)
    for part in parts:
        if isinstance(part, cst.StarredElement):
            origin = origin_of(value) if part is parts[0] else ""
            rest = Sequence("list", [Item(each, repeated=True)], birth=state.branch, origin=origin)
            assign(state, part.value, rest, scope)
        else:
            assign(state, part.value, each, scope)


def set_attribute(state: State, receiver: Value, name: str, value: Value) -> None:
    """`receiver.name = value`."""
    for option in options_of(receiver):
        if isinstance(option, Instance):
            _watch_store(state, option, name, value)
            setter = classes.setter_of(state, option.cls, name)
            if setter is not None:
                calls.call_function(state, setter, option, [value], {}, Site(setter.segment, setter.node))
                continue
            known = option.attributes.get(name)
            if known is None or (state.certain(option.birth) and not isinstance(receiver, Choice)):
                option.attributes[name] = value
            else:
                option.attributes[name] = choice((known, value))
        elif isinstance(option, Module):
            state.effects += 1
            key = (option.module.filename, name)
            known = state.assigned_globals.get(key)
            state.assigned_globals[key] = value if known is None else choice((known, value))
        elif isinstance(option, Class):
            place = (id(option.contents), name)
            known = state.attributes.get(place)
            state.attributes[place] = value if known is None else choice((known, value))


def _watch_store(state: State, instance: Instance, name: str, value: Value) -> None:
    if state.watched_stores is not None:
        cls, attribute, found = state.watched_stores
        if name == attribute and classes.derives_from(state, instance.cls, cls):
            found.append(rebuilt(value))


def _set_item(state: State, target: cst.Subscript, value: Value, scope: Scope) -> None:
    container = subscripts.container(state, target.value, target, scope)
    key = subscripts.index(state, target, scope)
    for option in options_of(container):
        histories.pinned(state, target, option, value, scope)
        if isinstance(option, Mapping) and not isinstance(key, Constant):
            option.order = merged(option.order, _order_of_loops(state, target))
        set_item(state, option, key, value, Site(scope.segment, target), certain=not isinstance(container, Choice))


def _order_of_loops(state: State, target: cst.Subscript) -> Variations:
    """What makes the order vary in which the running loops store into a mapping made before them."""
    name = recurrence.dotted(target.value)
    found: list[Variations] = []
    for loop in reversed(state.loops):
        node = state.loop_nodes.get(loop)
        if not name or (isinstance(node, (cst.For, cst.While)) and name in recurrence.set_anew(node)):
            break
        found.append(state.loop_orders.get(loop, ()))
    return merged(*found)


def set_item(state: State, container: Value, key: Value, value: Value, site: Site, *, certain: bool = True) -> None:
    """`container[key] = value`."""
    if isinstance(container, Mapping):
        certain = certain and state.certain(container.birth)
        if not isinstance(key, Constant):
            container.rest.append(value)
            orders = tuple(variation for variation in variations_in(key) if variation.order)
            container.order = merged(container.order, orders)
            return
        known = container.entries.get(key.value)
        if key.value == "content" and container.borrowed:
            container.rewritten = True
        if container.detached and key.value in ("text", "content") and isinstance(value, Text):
            container.edited = site
        if certain or known is None:
            container.entries[key.value] = Entry(value, maybe=not certain, site=site)
        else:
            container.entries[key.value] = Entry(choice((known.value, value)), known.maybe, site)
    elif isinstance(container, Sequence):
        position = key.value if isinstance(key, Constant) and isinstance(key.value, int) else None
        if position is not None and container.exact and -len(container.items) <= position < len(container.items):
            item = container.items[position]
            item.value = value if certain and state.certain(container.birth) else choice((item.value, value))
        elif isinstance(key, Constant) or key is UNKNOWN or isinstance(key, Symbol):
            container.items.append(Item(value, maybe=True, repeated=position is None))


def delete(state: State, target: cst.BaseExpression, scope: Scope) -> None:
    """`del target`."""
    if isinstance(target, cst.Name):
        scope.names.pop(target.value, None)
    elif isinstance(target, cst.Subscript):
        container = expressions.evaluate(state, target.value, scope)
        key = subscripts.index(state, target, scope)
        if isinstance(container, Mapping) and isinstance(key, Constant):
            entry = container.entries.get(key.value)
            if entry is not None and state.certain(container.birth):
                del container.entries[key.value]
            elif entry is not None:
                entry.maybe = True
        elif isinstance(container, Sequence) and subscripts.is_head(target):
            histories.dropped(state, container, Site(scope.segment, target))
    elif isinstance(target, (cst.Tuple, cst.List)):
        for element in target.elements:
            delete(state, element.value, scope)
