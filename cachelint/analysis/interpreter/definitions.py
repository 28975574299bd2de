"""From the table of contents of a module to the functions and classes that the interpreter works with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import libcst as cst

from cachelint.analysis.contents import ClassContents, FunctionContents
from cachelint.analysis.interpreter.state import Arguments, State
from cachelint.analysis.project import Module
from cachelint.analysis.scope import Scope
from cachelint.analysis.syntax import Site
from cachelint.analysis.values import UNKNOWN, Class, Function, Instance, Method, Partial, Value

_CACHES = frozenset(
    (
        "lru_cache",
        "cache",
        "cached_property",
        "st.cache_resource",
        "st.cache_data",
        "cache_resource",
        "cache_data",
        "memoize",
    )
)
CACHED, PROPERTY, STATIC, CLASSMETHOD, CACHED_PROPERTY = (
    "cached",
    "property",
    "static",
    "classmethod",
    "cached property",
)


def decorations(names: tuple[str, ...]) -> frozenset[str]:
    """What decorators, by their dotted names, do to a function, as far as it matters."""
    found = set()
    for name in names:
        last = name.rpartition(".")[2]
        if last in ("property", "cached_property", "computed_field", "abstractproperty"):
            found.add(PROPERTY)
        if last == "cached_property":
            found.add(CACHED_PROPERTY)
        elif last in _CACHES or name in _CACHES:
            found.add(CACHED)
        if last == "staticmethod":
            found.add(STATIC)
        if last == "classmethod":
            found.add(CLASSMETHOD)
    return frozenset(found)


def function(state: State, module: Module, contents: FunctionContents) -> Value:
    """The function that `contents` describes; unknown when libcst cannot parse it."""
    known = state.functions.get(id(contents))
    if known is not None:
        return known
    segment = module.segment(contents.span)
    node = next((node for node in segment.statements if isinstance(node, cst.FunctionDef)), None) if segment else None
    if segment is None or node is None:
        return UNKNOWN
    owner = owning_class(state, module, contents.parent) if contents.parent else None
    value = Function(node, segment, module, None, contents, owner, decorations(contents.decorators))
    state.functions[id(contents)] = value
    return value


_TRANSPARENT = frozenset(
    ("functools", "property", "staticmethod", "classmethod", "abstractmethod", "abc", "dataclass", "override", "typing",
     "contextmanager", "asynccontextmanager", "contextlib", "cached_property", "cache", "lru_cache", "wraps", "pytest")
)  # fmt: skip
"""The first names of decorators that do not change what a function returns, as far as that matters here."""


def decorated(state: State, function: Function, scope: Scope) -> Value:
    """What the name of a function stands for when decorators of the project have been applied to it."""
    if not isinstance(function.node, cst.FunctionDef) or not function.node.decorators:
        return function
    key = ("decorated", id(function.node), id(function.scope))
    if key in state.running:
        return function
    known: Value | None = state.memo.get(key)
    if known is None:
        state.running.add(key)
        try:
            known = _applied(state, function, function.node.decorators, scope)
        finally:
            state.running.discard(key)
        if function.scope is None:
            state.memo[key] = known
    return known


def _applied(state: State, function: Function, decorators: Sequence[cst.Decorator], scope: Scope) -> Value:
    from cachelint.analysis.interpreter import calls, expressions

    value: Value = function
    for decorator in reversed(decorators):
        if _first_name(decorator.decorator) in _TRANSPARENT:
            continue
        site = Site(function.segment, decorator.decorator)
        with state.outside_conditions():
            wrapper = expressions.evaluate(state, decorator.decorator, scope)
            if isinstance(wrapper, (Function, Class, Instance, Partial, Method)):
                result = calls.call(state, wrapper, Arguments([value], {}, site))
                if isinstance(result, Function) and result is not function:
                    value = replace(result, owner=function.owner, decorations=function.decorations - {CACHED})
                elif isinstance(result, (Instance, Partial, Method)):
                    value = result
    return value


def _first_name(node: cst.BaseExpression) -> str:
    while isinstance(node, (cst.Call, cst.Attribute)):
        node = node.func if isinstance(node, cst.Call) else node.value
    return node.value if isinstance(node, cst.Name) else ""


def project_class(state: State, module: Module, contents: ClassContents) -> Class:
    """The class that `contents` describes."""
    known = state.classes.get(id(contents))
    if known is None:
        known = state.classes[id(contents)] = Class(contents, module)
    return known


def owning_class(state: State, module: Module, contents: ClassContents) -> Class:
    """The class value for the contents of a class, wherever it is nested."""
    return project_class(state, module, contents)


@lru_cache(maxsize=4096)
def is_stub(body: cst.BaseSuite) -> bool:
    """Whether a method is only declared, for subclasses to define: a docstring, `...`, `raise NotImplementedError`."""
    return all(
        all(map(_declares, line.body)) if isinstance(line, cst.SimpleStatementLine) else _declares(line)
        for line in body.body
    )


def _declares(statement: cst.CSTNode) -> bool:
    if isinstance(statement, cst.Expr):
        return isinstance(statement.value, (cst.Ellipsis, cst.SimpleString, cst.ConcatenatedString))
    if not isinstance(statement, cst.Raise) or statement.exc is None:
        return False
    raised = statement.exc.func if isinstance(statement.exc, cst.Call) else statement.exc
    return isinstance(raised, cst.Name) and raised.value == "NotImplementedError"
