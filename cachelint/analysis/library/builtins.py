"""Python's built-in functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cachelint.analysis.interpreter import attributes, calls, conditions, expressions, growth, lookups, rendering
from cachelint.analysis.iteration import COUNTER, elements, in_new_order, one_of, with_order, without_order
from cachelint.analysis.library import clock, paths
from cachelint.analysis.sources import label_of
from cachelint.analysis.values import (
    NONE,
    UNKNOWN,
    Choice,
    Class,
    Constant,
    Edit,
    Entry,
    Instance,
    Item,
    Mapping,
    Sequence,
    SequenceKind,
    Symbol,
    Text,
    Value,
    choice,
    constant_text,
    options_of,
    origin_of,
    variations_in,
)
from cachelint.analysis.variation import Period, merged

if TYPE_CHECKING:
    from cachelint.analysis.interpreter.state import Arguments, State

Model = Callable[["State", Symbol, "Arguments"], Value]
MAXIMUM_RANGE = 32


def _str(state: State, callee: Symbol, arguments: Arguments) -> Value:
    value = arguments.get(0)
    return rendering.as_text(state, value, arguments.site) if value is not None else Constant("")


def _format(state: State, callee: Symbol, arguments: Arguments) -> Value:
    value, specification = arguments.get(0) or UNKNOWN, arguments.get(1)
    text = constant_text(specification) if specification is not None else ""
    return rendering.formatted(state, value, text or "", arguments.site)


_NUMBERS: dict[str, Callable[[Any], Any]] = {"int": int, "float": float, "abs": abs, "round": round}


def _number(state: State, callee: Symbol, arguments: Arguments) -> Value:
    value = arguments.get(0)
    if isinstance(value, Constant):
        try:
            return Constant(_NUMBERS[callee.path](value.value))
        except (TypeError, ValueError, KeyError, OverflowError):
            return Symbol(kind="number")
    if isinstance(value, Symbol) and value.kind in clock.UNITS:
        return _counted(callee.path, value, fraction=arguments.get(1) is not None)
    return Symbol(kind="number", variations=variations_in(value) if value is not None else ())


def _counted(function: str, value: Symbol, *, fraction: bool) -> Symbol:
    """Hours or days as a number; `int` and `round` take their fraction away."""
    if function in ("float", "abs") or fraction:
        return value
    return Symbol(kind="number", variations=clock.whole(value.variations, value.kind))


def _bool(state: State, callee: Symbol, arguments: Arguments) -> Value:
    verdict = conditions.truth(arguments.get(0) or NONE)
    return Symbol(kind="bool") if verdict is None else Constant(verdict)


def _no_variation(state: State, callee: Symbol, arguments: Arguments) -> Value:
    return Symbol(kind="bool" if callee.path in ("any", "all") else "number")


def _len(state: State, callee: Symbol, arguments: Arguments) -> Value:
    value = arguments.get(0)
    if isinstance(value, Sequence) and value.exact and value.kind != "set":
        return Constant(len(value.items))
    if value is not None:
        text = constant_text(value)
        if text is not None:
            return Constant(len(text))
        longer = growth.of_length(state, value)
        if longer:
            label = label_of(arguments.site.node)
            found = state.variation("CL106", label, arguments.site, Period.TURN, origin=longer)
            return Symbol(kind="number", variations=found, name="len")
    return Symbol(kind="number", name=f"len({value.name})" if isinstance(value, Symbol) and value.name else "len")


def _sorted(state: State, callee: Symbol, arguments: Arguments) -> Value:
    items = in_new_order(state, arguments.get(0, "iterable") or UNKNOWN, arguments.site)
    return Sequence("list", items, (), state.branch, loops=state.loops)


def _collected(kind: SequenceKind) -> Model:
    def model(state: State, callee: Symbol, arguments: Arguments) -> Value:
        value = arguments.get(0)
        result = Sequence(kind, [], birth=state.branch, loops=state.loops)
        if callee.path == "collections.deque" and arguments.get(1, "maxlen") not in (None, NONE):
            result.edits = (Edit("window", arguments.site),)
        if value is None:
            return result
        if isinstance(value, Choice) and kind != "set":
            return choice(
                model(state, callee, type(arguments)([option], {}, arguments.site)) for option in value.options
            )
        result.items, result.order = elements(state, value, arguments.site)
        result.items = list(result.items)
        result.origin = origin_of(value)
        if isinstance(value, Sequence):
            result.trimmed, result.edits = value.trimmed, (*value.edits, *result.edits)
        if kind == "set":
            result = _unordered(state, result, arguments)
        return result

    return model


def _unordered(state: State, result: Sequence, arguments: Arguments) -> Sequence:
    stripped = without_order(result)
    assert isinstance(stripped, Sequence)
    stripped.order = ()
    expressions.mark_unordered(state, stripped, arguments.site)
    return stripped


def _dict(state: State, callee: Symbol, arguments: Arguments) -> Value:
    result = Mapping(birth=state.branch)
    for value in arguments.positional:
        _merge_pairs(state, result, value, arguments)
    for spread in arguments.spread:
        expressions.merge_into(result, spread)
    for name, value in arguments.named.items():
        result.entries[name] = Entry(value, name in arguments.maybe, arguments.site)
    return result


def _merge_pairs(state: State, result: Mapping, value: Value, arguments: Arguments) -> None:
    if not isinstance(value, Sequence):
        expressions.merge_into(result, value)
        return
    items, order = elements(state, value, arguments.site)
    result.order = merged(result.order, order)
    for item in items:
        pair = item.value
        if isinstance(pair, Sequence) and len(pair.items) == 2 and isinstance(pair.items[0].value, Constant):
            result.entries[pair.items[0].value.value] = Entry(
                pair.items[1].value, item.maybe or item.repeated, arguments.site
            )
        elif isinstance(pair, Sequence) and len(pair.items) == 2:
            result.rest.append(pair.items[1].value)
        else:
            result.open = True


def _enumerate(state: State, callee: Symbol, arguments: Arguments) -> Value:
    value = arguments.get(0) or UNKNOWN
    items, _ = elements(state, value, arguments.site)
    numbered = []
    for position, item in enumerate(items):
        number: Value = Symbol(kind="number") if item.repeated else Constant(position)
        numbered.append(Item(Sequence("tuple", [Item(number), Item(item.value)]), item.maybe, item.repeated))
    return Sequence("iterator", numbered, growing=growth.of(value))


def _zip(state: State, callee: Symbol, arguments: Arguments) -> Value:
    columns = [elements(state, value, arguments.site)[0] for value in arguments.positional]
    if not columns:
        return Sequence("iterator", [])
    if all(not any(item.maybe or item.repeated for item in column) for column in columns):
        rows = zip(*columns, strict=False)
        return Sequence("iterator", [Item(Sequence("tuple", [Item(item.value) for item in row])) for row in rows])
    row = Sequence("tuple", [Item(one_of(column)) for column in columns])
    return Sequence("iterator", [Item(row, repeated=True)])


def _reversed(state: State, callee: Symbol, arguments: Arguments) -> Value:
    value = arguments.get(0) or UNKNOWN
    items, _ = elements(state, value, arguments.site)
    return Sequence("iterator", list(reversed(items)), growing=growth.of(value))


def _map(state: State, callee: Symbol, arguments: Arguments) -> Value:
    if len(arguments.positional) < 2:
        return UNKNOWN
    function, *iterables = arguments.positional
    columns = [elements(state, value, arguments.site)[0] for value in iterables]
    made = []
    for item in columns[0]:
        given = [item.value, *(one_of(column) for column in columns[1:])]
        result = calls.call(state, function, type(arguments)(given, {}, arguments.site))
        made.append(Item(result, item.maybe, item.repeated))
    return Sequence("iterator", made, growing=growth.of(iterables[0]))


def _filter(state: State, callee: Symbol, arguments: Arguments) -> Value:
    value = arguments.get(1) or UNKNOWN
    items, _ = elements(state, value, arguments.site)
    return Sequence("iterator", [Item(item.value, True, item.repeated) for item in items], growing=growth.of(value))


def _iter(state: State, callee: Symbol, arguments: Arguments) -> Value:
    return arguments.get(0) or UNKNOWN


def _next(state: State, callee: Symbol, arguments: Arguments) -> Value:
    value = arguments.get(0) or UNKNOWN
    if isinstance(value, Symbol) and value.path == COUNTER and any(v.period > Period.TURN for v in value.variations):
        label = label_of(arguments.site.node)
        return Symbol(kind="number", variations=state.variation("CL106", label, arguments.site, Period.REQUEST))
    items, order = elements(state, value, arguments.site)
    if lookups.in_generator(arguments.site.node):
        items = [Item(without_order(item.value), item.maybe, item.repeated) for item in items]
    found = one_of(items) if items else with_order(UNKNOWN, order)
    default = arguments.get(1)
    return choice((found, default)) if default is not None else found


def _selected(state: State, callee: Symbol, arguments: Arguments) -> Value:
    """The smallest or largest elements, in the order of their size."""
    items = in_new_order(state, arguments.get(1, "iterable") or UNKNOWN, arguments.site)
    return Sequence("list", [Item(item.value, True, item.repeated) for item in items])


def _extreme(state: State, callee: Symbol, arguments: Arguments) -> Value:
    values = arguments.positional
    if len(values) == 1:
        values = [item.value for item in in_new_order(state, values[0], arguments.site)]
    if all(isinstance(value, Constant) and isinstance(value.value, (int, float)) for value in values) and values:
        numbers = [value.value for value in values if isinstance(value, Constant)]
        return Constant(min(numbers) if callee.path == "min" else max(numbers))
    return choice(values) if values else UNKNOWN


def _range(state: State, callee: Symbol, arguments: Arguments) -> Value:
    bounds = [
        value.value for value in arguments.positional if isinstance(value, Constant) and isinstance(value.value, int)
    ]
    if len(bounds) == len(arguments.positional) and bounds:
        try:
            numbers = range(*bounds)
        except (TypeError, ValueError):
            return UNKNOWN
        if len(numbers) <= MAXIMUM_RANGE:
            return Sequence("iterator", [Item(Constant(number)) for number in numbers])
    return Sequence("iterator", [Item(Symbol(kind="number"), repeated=True)])


def _getattr(state: State, callee: Symbol, arguments: Arguments) -> Value:
    receiver, name = arguments.get(0), constant_text(arguments.get(1) or UNKNOWN)
    if receiver is None or name is None:
        return UNKNOWN
    found = attributes.attribute(state, receiver, name, arguments.site)
    default = arguments.get(2)
    return choice((found, default)) if default is not None and default != NONE else found


def _setattr(state: State, callee: Symbol, arguments: Arguments) -> Value:
    from cachelint.analysis.interpreter.targets import set_attribute

    name = constant_text(arguments.get(1) or UNKNOWN)
    if len(arguments.positional) == 3 and name is not None:
        set_attribute(state, arguments.positional[0], name, arguments.positional[2])
    return NONE


def _isinstance(state: State, callee: Symbol, arguments: Arguments) -> Value:
    value, types = arguments.get(0), arguments.get(1)
    if value is None or types is None:
        return Symbol(kind="bool")
    verdicts = [_is_of_types(state, each, types) for each in options_of(value)]
    return verdicts[0] if all(verdict == verdicts[0] for verdict in verdicts) else Symbol(kind="bool")


def _is_of_types(state: State, value: Value, types: Value) -> Value:
    options = [item.value for item in types.items] if isinstance(types, Sequence) else [types]
    of_project = [option for option in options if isinstance(option, Class)]
    if of_project:
        return _is_of_class(state, value, of_project) if len(of_project) == len(options) else Symbol(kind="bool")
    names = frozenset(option.path.rpartition(".")[2] for option in options if isinstance(option, Symbol))
    verdict = conditions.is_instance(value, names) if names else None
    return Symbol(kind="bool") if verdict is None else Constant(verdict)


def _is_of_class(state: State, value: Value, options: list[Class]) -> Value:
    from cachelint.analysis.interpreter import classes

    if isinstance(value, Instance) and any(
        classes.derives_from(state, value.cls, option.contents) for option in options
    ):
        return Constant(True)
    if isinstance(value, (Constant, Text, Mapping, Sequence)):
        return Constant(False)
    return Symbol(kind="bool")


def _open(state: State, callee: Symbol, arguments: Arguments) -> Value:
    path = arguments.get(0, "file") or NONE
    found = tuple(variation for variation in variations_in(path) if variation.order)
    return paths.located(Symbol("open()", "file", found), paths.known(path))


def _type(state: State, callee: Symbol, arguments: Arguments) -> Value:
    value = arguments.get(0)
    return value.cls if isinstance(value, Instance) else UNKNOWN


MODELS: dict[str, Model] = {
    "str": _str,
    "repr": _str,
    "ascii": _str,
    "format": _format,
    "int": _number,
    "float": _number,
    "round": _number,
    "abs": _number,
    "bool": _bool,
    "len": _len,
    "any": _no_variation,
    "all": _no_variation,
    "hasattr": _no_variation,
    "callable": _no_variation,
    "isinstance": _isinstance,
    "issubclass": _no_variation,
    "ord": _no_variation,
    "sorted": _sorted,
    "natsort.natsorted": _sorted,
    "natsort.humansorted": _sorted,
    "natsort.os_sorted": _sorted,
    "natsort.realsorted": _sorted,
    "heapq.nsmallest": _selected,
    "heapq.nlargest": _selected,
    "list": _collected("list"),
    "tuple": _collected("tuple"),
    "set": _collected("set"),
    "frozenset": _collected("set"),
    "collections.deque": _collected("list"),
    "dict": _dict,
    "collections.OrderedDict": _dict,
    "types.MappingProxyType": _dict,
    "enumerate": _enumerate,
    "zip": _zip,
    "reversed": _reversed,
    "map": _map,
    "filter": _filter,
    "iter": _iter,
    "next": _next,
    "min": _extreme,
    "max": _extreme,
    "range": _range,
    "getattr": _getattr,
    "setattr": _setattr,
    "object.__setattr__": _setattr,
    "open": _open,
    "type": _type,
}
