"""Functions that call or make functions: `functools.reduce`, `operator.itemgetter`, `itertools.starmap`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from cachelint.analysis.interpreter import attributes, calls, operators, subscripts
from cachelint.analysis.iteration import elements, one_of
from cachelint.analysis.values import (
    UNKNOWN,
    Item,
    Partial,
    Sequence,
    Symbol,
    Value,
    choice,
    constant_text,
    options_of,
)

if TYPE_CHECKING:
    from cachelint.analysis.interpreter.state import Arguments, State
    from cachelint.analysis.library.builtins import Model

_GETTERS = {
    "operator.itemgetter": Symbol("cachelint.items_of"),
    "operator.attrgetter": Symbol("cachelint.attributes_of"),
    "operator.methodcaller": Symbol("cachelint.method_of"),
}


def _reduced(state: State, callee: Symbol, arguments: Arguments) -> Value:
    function, items = arguments.get(0) or UNKNOWN, elements(state, arguments.get(1) or UNKNOWN, arguments.site)[0]
    initial = arguments.get(2, "initial")
    result = initial if initial is not None else items.pop(0).value if items else UNKNOWN
    for item in items:
        step = calls.call(state, function, type(arguments)([result, item.value], {}, arguments.site))
        result = choice((step, result)) if item.maybe or item.repeated else step
    return result


def _started(state: State, callee: Symbol, arguments: Arguments) -> Value:
    if len(arguments.positional) < 2:
        return UNKNOWN
    function, rows = arguments.positional[:2]
    made = []
    for item in elements(state, rows, arguments.site)[0]:
        given = [inner.value for inner in elements(state, item.value, arguments.site)[0]]
        result = calls.call(state, function, type(arguments)(given, {}, arguments.site))
        made.append(Item(result, item.maybe, item.repeated))
    return Sequence("iterator", made)


def _getter(state: State, callee: Symbol, arguments: Arguments) -> Value:
    """A function that takes something from its argument."""
    what = Sequence("tuple", [Item(value) for value in arguments.positional])
    return Partial(_GETTERS[callee.path], (what,), tuple(arguments.named.items()))


def _items_of(state: State, callee: Symbol, arguments: Arguments) -> Value:
    keys, value = arguments.get(0), arguments.get(1) or UNKNOWN
    assert isinstance(keys, Sequence)
    found = [
        choice(subscripts.at(state, option, key.value, arguments.site) for option in options_of(value))
        for key in keys.items
    ]
    return found[0] if len(found) == 1 else Sequence("tuple", [Item(each) for each in found])


def _attributes_of(state: State, callee: Symbol, arguments: Arguments) -> Value:
    names, value = arguments.get(0), arguments.get(1) or UNKNOWN
    assert isinstance(names, Sequence)
    found = []
    for name in names.items:
        at = value
        for part in (constant_text(name.value) or "?").split("."):
            at = attributes.attribute(state, at, part, arguments.site)
        found.append(at)
    return found[0] if len(found) == 1 else Sequence("tuple", [Item(each) for each in found])


def _method_of(state: State, callee: Symbol, arguments: Arguments) -> Value:
    what, value = arguments.get(0), arguments.get(1) or UNKNOWN
    assert isinstance(what, Sequence)
    if not what.items:
        return UNKNOWN
    name, *given = [item.value for item in what.items]
    method = attributes.attribute(state, value, constant_text(name) or "?", arguments.site)
    return calls.call(state, method, type(arguments)(given, arguments.named, arguments.site))


def _item(state: State, callee: Symbol, arguments: Arguments) -> Value:
    value, key = arguments.get(0) or UNKNOWN, arguments.get(1) or UNKNOWN
    return choice(subscripts.at(state, option, key, arguments.site) for option in options_of(value))


def _operation(operator: type[cst.BaseBinaryOp]) -> Model:
    def model(state: State, callee: Symbol, arguments: Arguments) -> Value:
        left, right = arguments.get(0) or UNKNOWN, arguments.get(1) or UNKNOWN
        return operators.binary(state, left, operator(), right, arguments.site)

    return model


def _repeated(state: State, callee: Symbol, arguments: Arguments) -> Value:
    """Any number of the elements of the arguments, as they are."""
    return Sequence(
        "iterator", [Item(one_of(elements(state, arguments.get(0) or UNKNOWN, arguments.site)[0]), repeated=True)]
    )


MODELS: dict[str, Model] = {
    "functools.reduce": _reduced,
    "itertools.starmap": _started,
    "itertools.cycle": _repeated,
    "operator.itemgetter": _getter,
    "operator.attrgetter": _getter,
    "operator.methodcaller": _getter,
    "operator.getitem": _item,
    "operator.add": _operation(cst.Add),
    "operator.concat": _operation(cst.Add),
    "operator.mod": _operation(cst.Modulo),
    "operator.or_": _operation(cst.BitOr),
    "cachelint.items_of": _items_of,
    "cachelint.attributes_of": _attributes_of,
    "cachelint.method_of": _method_of,
}
