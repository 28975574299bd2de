"""What an attribute of a value is."""

from __future__ import annotations

import libcst as cst

from cachelint.analysis.interpreter import calls, classes, definitions, histories, names, subclasses
from cachelint.analysis.interpreter.definitions import CACHED_PROPERTY, CLASSMETHOD, PROPERTY, STATIC
from cachelint.analysis.interpreter.state import State
from cachelint.analysis.library import clock, paths, records, schemas
from cachelint.analysis.scope import Scope
from cachelint.analysis.syntax import Site
from cachelint.analysis.values import (
    UNKNOWN,
    Choice,
    Class,
    Constant,
    Function,
    Instance,
    Made,
    Mapping,
    Method,
    Module,
    Sequence,
    Symbol,
    Text,
    Value,
    choice,
    rebuilt,
    variations_in,
)
from cachelint.analysis.variation import Period

_LIST_NAMES = frozenset((*dir(list), *dir(set)))


def attribute(state: State, value: Value, name: str, site: Site) -> Value:
    """The value of `value.name`."""
    if isinstance(value, Choice):
        return choice(attribute(state, option, name, site) for option in value.options)
    if isinstance(value, Symbol):
        return _of_symbol(state, value, name, site)
    if isinstance(value, Instance):
        return histories.owned(_of_instance(state, value, name, site), value, name)
    if isinstance(value, Class):
        return _of_class(state, value, name, site)
    if isinstance(value, Module):
        return names.module_name(state, value.module, name)
    if isinstance(value, Sequence) and value.order and name not in _LIST_NAMES:
        return value  # a result object that holds the elements: `(await session.list_tools()).tools`, `wait(...).done`
    if isinstance(value, Function) and name in _OF_FUNCTIONS:
        return _of_function(value, name)
    if isinstance(value, (Text, Constant)) and name in ("value", "_value_"):
        return value  # the member of an enumeration, which stands for its value
    if isinstance(value, Made) and name in value.parts and name == "globals":
        return value.parts[name][0]
    if isinstance(value, (Text, Constant, Sequence, Mapping, Function, Made)):
        return Method(value, name)
    return UNKNOWN


_OF_FUNCTIONS = frozenset(("__name__", "__qualname__", "__doc__"))


def _of_function(value: Function, name: str) -> Value:
    """What a function says of itself."""
    if not isinstance(value.node, cst.FunctionDef):
        return Constant("<lambda>")
    if name == "__doc__":
        return Constant(value.node.get_docstring())
    return Constant(calls.name_of(value) if name == "__qualname__" else value.node.name.value)


def _of_symbol(state: State, value: Symbol, name: str, site: Site) -> Value:
    if value.path.startswith(names.PACKAGE_PREFIX):
        return names.in_package(state, value.path.removeprefix(names.PACKAGE_PREFIX), name)
    derived = paths.attribute(value, name)
    if derived is not None:
        return derived
    path = f"{value.path or '?'}.{name}"
    full_name = f"{value.name}.{name}" if value.name else name
    if value.kind in clock.KINDS:
        kind = "number" if name in ("year", "month", "day", "hour", "minute", "second", "microsecond") else value.kind
        return Symbol(path, kind, clock.attribute(value.variations, name), full_name)
    kind = value.kind if value.kind == "seeded" else ""
    origin = value.origin if value.origin.startswith(paths.ORIGIN) else ""
    symbol = Symbol(path, kind, value.variations, full_name, value.parameter, origin)
    return state.sources.read(state, symbol, site)


def _of_instance(state: State, value: Instance, name: str, site: Site) -> Value:
    known = value.attributes.get(name)
    if known is not None:
        return known
    method = classes.method_of(state, value.cls, name)
    if method is not None:
        if PROPERTY in method.decorations:
            result = calls.call_function(state, method, value, [], {}, site)
            if CACHED_PROPERTY in method.decorations:
                result = rebuilt(result, lambda variation: variation.at_most_every(Period.SESSION))
            return result
        method = _wrapped(state, method)
        if STATIC in method.decorations:
            return method
        return Method(value.cls if CLASSMETHOD in method.decorations else value, name, method)
    found = classes.stored_attribute(state, value, name, site)
    if value.generic and (found is None or classes.undetermined(found)):
        found = _of_subclasses(state, value.cls, name, site) or found
    if found is not None:
        return found
    handler = classes.method_of(state, value.cls, "__getattr__")
    if handler is not None:
        return calls.call_function(state, handler, value, [Constant(name)], {}, site)
    base = classes.library_base(state, value.cls)
    if name in records.METHODS and (base or value.cls.contents.decorators):
        return Method(value, name)
    if name in ("value", "name") and classes.is_enum(state, value.cls):
        return choice(classes.members(state, value.cls, names=name == "name"))
    if base:
        given = value.attributes.get(classes.GIVEN)
        return Symbol(f"{base}().{name}", variations=variations_in(given) if given is not None else (), name=name)
    return Symbol(f"?.{name}", name=name)


def _of_subclasses(state: State, cls: Class, name: str, site: Site) -> Value | None:
    """What a mixin relies on: the attribute of the classes that it is mixed into; None where they have none."""
    guard = ("inherited", id(cls.contents), name)
    if guard in state.running:
        return None
    state.running.add(guard)
    try:
        found = [_of_instance(state, Instance(each, generic=True), name, site) for each in subclasses.of(state, cls)]
    finally:
        state.running.discard(guard)
    known = [value for value in found if not (isinstance(value, Symbol) and value.path == f"?.{name}")]
    return choice(known) if known else None


def _wrapped(state: State, method: Function) -> Function:
    """The method as its decorators make it."""
    wrapper = definitions.decorated(state, method, Scope(method.module, method.segment))
    return wrapper if isinstance(wrapper, Function) else method


def _of_class(state: State, value: Class, name: str, site: Site) -> Value:
    method = classes.method_of(state, value, name)
    if method is not None:
        method = _wrapped(state, method)
        return Method(value, name, method) if CLASSMETHOD in method.decorations else method
    found = classes.class_attribute(state, value, name)
    if found is not None:
        return found
    if name in ("__name__", "__qualname__"):
        return Constant(value.contents.name)
    if name in schemas.METHODS and schemas.is_model(state, value):
        return Method(value, name)
    nested = value.contents.classes.get(name)
    if nested is not None:
        return Class(nested, value.module)
    if name == "__subclasses__":
        return Method(value, name)
    base = classes.library_base(state, value)
    return Symbol(f"{base}.{name}" if base else f"?.{name}", name=name)
