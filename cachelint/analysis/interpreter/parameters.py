"""Binding of arguments to parameters."""

from __future__ import annotations

from dataclasses import replace

import libcst as cst

from cachelint.analysis.interpreter import annotations as hints
from cachelint.analysis.interpreter import expressions
from cachelint.analysis.interpreter.state import Arguments, State
from cachelint.analysis.iteration import one_of
from cachelint.analysis.scope import Scope
from cachelint.analysis.values import (
    Entry,
    Function,
    Item,
    Mapping,
    Sequence,
    Symbol,
    Value,
    choice,
    rebuilt,
    varies,
)
from cachelint.analysis.variation import Period, Variation


def bind(state: State, function: Function, receiver: Value | None, arguments: Arguments, scope: Scope) -> None:
    """Bind the arguments of a call to the names of the function's parameters."""
    parameters = function.node.params
    positional = [*parameters.posonly_params, *parameters.params]
    given = list(arguments.positional)
    if (
        receiver is not None
        and (positional or isinstance(parameters.star_arg, cst.Param))
        and not isinstance(function.node, cst.Lambda)
    ):
        given.insert(0, receiver)
    left_over = dict(arguments.named)
    for position, parameter in enumerate(positional):
        name = parameter.name.value
        if position < len(given):
            scope.names[name] = _passed(state, given[position], name, function, arguments)
        elif name in left_over:
            scope.names[name] = _named(state, left_over.pop(name), name, function, arguments, parameter, scope)
        else:
            scope.names[name] = _missing(state, parameter, function, arguments, scope)
    for parameter in parameters.kwonly_params:
        name = parameter.name.value
        if name in left_over:
            scope.names[name] = _named(state, left_over.pop(name), name, function, arguments, parameter, scope)
        else:
            scope.names[name] = _missing(state, parameter, function, arguments, scope)
    if isinstance(parameters.star_arg, cst.Param):
        extra = [Item(value) for value in given[len(positional) :]]
        if arguments.spread or _undetermined(arguments):
            extra.append(Item(Symbol(), repeated=True))
        scope.names[parameters.star_arg.name.value] = Sequence("tuple", extra, birth=state.branch)
    if parameters.star_kwarg is not None:
        rest = Mapping(
            {name: Entry(value, name in arguments.maybe) for name, value in left_over.items()}, birth=state.branch
        )
        rest.open = bool(arguments.spread) or _undetermined(arguments)
        for spread in arguments.spread:
            rest.rest.extend(spread.rest if isinstance(spread, Mapping) else ())
        scope.names[parameters.star_kwarg.name.value] = rest


def _named(
    state: State, value: Value, name: str, function: Function, arguments: Arguments, parameter: cst.Param, scope: Scope
) -> Value:
    passed = _passed(state, value, name, function, arguments)
    if name in arguments.maybe and parameter.default is not None:
        return choice((passed, _default(state, parameter.default, function, scope)))
    return passed


def _passed(state: State, value: Value, name: str, function: Function, arguments: Arguments) -> Value:
    if isinstance(value, Symbol) and not value.name and not value.variations:
        return Symbol(value.path, value.kind, (), name, value.parameter, value.origin)
    return value


def _missing(state: State, parameter: cst.Param, function: Function, arguments: Arguments, scope: Scope) -> Value:
    name = parameter.name.value
    unknown: Value = Symbol(name=name, parameter=True)
    if parameter.annotation is not None:
        outer = Scope(function.module, function.segment, None, function.scope)
        unknown = hints.value_of(state, parameter.annotation.annotation, outer, name)
    if isinstance(unknown, Symbol) and unknown.parameter:
        unknown = replace(unknown, origin=f"{function.module.filename}:{id(function.node)}({name})")
    if parameter.default is not None:
        default = _default(state, parameter.default, function, scope)
        if not arguments.spread and not _undetermined(arguments):
            return default
        return choice((unknown, default))
    for spread in arguments.spread:
        if isinstance(spread, Mapping) and spread.rest:
            return choice((*spread.rest, unknown))
        if isinstance(spread, Sequence) and spread.items:
            return rebuilt(one_of(spread.items), _placed_anywhere)
    return unknown


def _placed_anywhere(variation: Variation) -> Variation:
    """Behind a `*` of which nobody knows how many stand where: whether this one is meant is a guess."""
    return variation.doubted().doubted()


def _undetermined(arguments: Arguments) -> bool:
    return not arguments.positional and not arguments.named and arguments.site.node.__class__ is cst.FunctionDef


def _default(state: State, node: cst.BaseExpression, function: Function, scope: Scope) -> Value:
    """A default, evaluated once when the function is defined."""
    outer = Scope(function.module, function.segment, None, function.scope, at_import=True)
    with state.elsewhere():
        value = expressions.evaluate(state, node, outer)

    def frozen(variation: Variation) -> Variation:
        return variation.at_most_every(Period.PROCESS)

    return rebuilt(value, frozen) if varies(value) else value
