"""What a name stands for: a local, a closure's variable, a global of the module, an import, a builtin."""

from __future__ import annotations

import builtins

from cachelint.analysis.contents import FunctionContents
from cachelint.analysis.interpreter import calls, definitions, growth, statements
from cachelint.analysis.interpreter.state import State
from cachelint.analysis.project import Module
from cachelint.analysis.scope import Scope
from cachelint.analysis.syntax import Site
from cachelint.analysis.values import (
    UNKNOWN,
    Class,
    Constant,
    Function,
    Instance,
    Mapping,
    Sequence,
    Symbol,
    Value,
    choice,
    rebuilt,
)
from cachelint.analysis.values import Module as ModuleValue
from cachelint.analysis.variation import Period

_BUILTINS = frozenset(dir(builtins))
PACKAGE_PREFIX = "package:"


def lookup(state: State, name: str, scope: Scope) -> Value:
    """The value of a name as code in `scope` sees it."""
    at: Scope | None = scope
    while at is not None:
        if name in at.names:
            return at.names[name]
        at = at.parent
    return module_name(state, scope.module, name)


def module_name(state: State, module: Module, name: str) -> Value:
    """The value of a top-level name of a module, as code that runs after the import sees it."""
    from cachelint.analysis.global_state import apply_changes

    script = state.scripts.get(module.filename)
    if script is not None and name in script.names:
        return script.names[name]
    known = _global(state, module, name)
    apply_changes(state, module, name, known)
    growth.of_global(module.filename, name, known)
    assigned = state.assigned_globals.get((module.filename, name))
    if assigned is not None:
        return choice((assigned, known)) if known is not None else assigned
    if known is not None:
        return known
    if name == "__file__":
        return Symbol("__file__", origin=f"path:{module.filename}")
    return Symbol(name) if name in _BUILTINS else UNKNOWN


def _global(state: State, module: Module, name: str) -> Value | None:
    key = (module.filename, name)
    if key in state.globals:
        return state.globals[key]
    guard = ("global", *key)
    if guard in state.running:
        return None
    state.running.add(guard)
    try:
        value = _found(state, module, name)
    finally:
        state.running.discard(guard)
    if value is not None:
        state.globals[key] = value
    return value


def _found(state: State, module: Module, name: str) -> Value | None:
    contents = module.contents
    found: list[Value] = []
    if name in contents.functions:
        found.append(_function(state, module, contents.functions[name]))
    elif name in contents.classes:
        found.append(definitions.project_class(state, module, contents.classes[name]))
    elif name in contents.imports:
        found.extend(
            imported(state, module, target.module, target.name, target.level) for target in contents.imports[name]
        )
    if name in contents.bindings and not found:
        with state.elsewhere():
            value = statements.top_level(state, module, name)
        if value is not None:
            value = rebuilt(value, lambda variation: variation.at_most_every(Period.PROCESS))
            _outlives(value)
            found.append(value)
    if not found:
        for star in contents.stars:
            filename = state.project.resolve(module, star.module, star.level)
            other = state.project.module(filename) if filename else None
            if other is not None and other is not module:
                inherited = _global(state, other, name)
                if inherited is not None:
                    return inherited
        return _made_on_demand(state, module, name)
    known = [value for value in found if not (isinstance(value, Symbol) and value != found[0])]
    return choice(known or found)


def _made_on_demand(state: State, module: Module, name: str) -> Value | None:
    """What the module's own `__getattr__` returns for a name, as in packages that import lazily."""
    contents = module.contents.functions.get("__getattr__")
    maker = definitions.function(state, module, contents) if contents is not None else None
    if not isinstance(maker, Function):
        return None
    with state.elsewhere():
        made: Value = calls.call_function(state, maker, None, [Constant(name)], {}, Site(maker.segment, maker.node))
    return made if isinstance(made, (Function, Class, Instance, ModuleValue)) else None


def _function(state: State, module: Module, contents: FunctionContents) -> Value:
    function = definitions.function(state, module, contents)
    if not isinstance(function, Function) or not contents.decorators:
        return function
    with state.elsewhere():
        return definitions.decorated(state, function, Scope(module, function.segment))


def _outlives(value: Value) -> None:
    if isinstance(value, Sequence):
        value.lasting = True


def imported(state: State, importer: Module, module: str, name: str | None, level: int) -> Value:
    """What an import binds: something of the project, else a library's object by its dotted name."""
    from cachelint.analysis.global_state import apply_changes

    project = state.project
    if name is None:
        filename = project.resolve(importer, module, level)
        if filename is not None and (found := project.module(filename)) is not None:
            return ModuleValue(found)
        folder = project.is_package(importer, module, level)
        return Symbol(f"{PACKAGE_PREFIX}{folder}") if folder is not None else Symbol(module)
    submodule = f"{module}.{name}" if module else name
    filename = project.resolve(importer, module, level)
    other = project.module(filename) if filename is not None else None
    if other is not None and other is not importer:
        value = _global(state, other, name)
        if value is not None:
            if isinstance(value, (Sequence, Mapping)):  # a name bound anew is not what importers see
                apply_changes(state, other, name, value)
            return value
    filename = project.resolve(importer, submodule, level)
    if filename is not None and (found := project.module(filename)) is not None:
        return ModuleValue(found)
    if other is not None or level:
        return UNKNOWN
    return Symbol(submodule)


def in_package(state: State, folder: str, name: str) -> Value:
    """The member `name` of a package that has no `__init__.py`."""
    for candidate in (f"{folder}/{name}.py", f"{folder}/{name}/__init__.py"):
        module = state.project.module(candidate) if state.project.has_file(candidate) else None
        if module is not None:
            return ModuleValue(module)
    return Symbol(f"{PACKAGE_PREFIX}{folder}/{name}")
