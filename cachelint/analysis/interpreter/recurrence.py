"""What the outcome of a test changes with: a loop's pass, an object's state, the user, the arguments of a call."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import libcst as cst

from cachelint.analysis.interpreter.relevance import facts_of, is_watched
from cachelint.analysis.interpreter.state import State
from cachelint.analysis.scope import Scope
from cachelint.analysis.syntax import Site, children
from cachelint.analysis.values import Condition

MAXIMUM_ASSIGNMENTS = 4
"""Assignments that are followed from a name in a test to where its value comes from."""

_USER = re.compile(
    r"(?:^|_)(?:user|users|customer|tenant|account|member|principal|permissions?|roles?|scopes?|session|request|"
    r"question|query|plan|tier|subscription|org|organization|locale)(?:_|$)"
)
_SETTING = re.compile(
    r"(?:^|_)(?:config|configuration|settings?|options?|cfg|env|environment|args|debug|verbose|model)(?:_|$)"
)
_PREPARING = (
    "__init__",
    "__post_init__",
    "__enter__",
    "__aenter__",
    "setup",
    "set_",
    "configure",
    "enable",
    "disable",
    "load",
)


def condition_of(state: State, test: cst.BaseExpression, scope: Scope) -> Condition:
    """The test of a branch, as a condition on what the branches leave behind."""
    key = ("condition", id(test), state.loops)
    known: Condition | None = state.memo.get(key)
    if known is None:
        known = state.memo[key] = _condition(state, test, scope)
    return known


def growth_of(state: State, node: cst.AugAssign, scope: Scope) -> Condition | None:
    """For `text += ...` in a loop that sends requests: how the text grows, if it is older than the loop."""
    if not isinstance(node.target, cst.Name) or not isinstance(node.operator, cst.AddAssign):
        return None
    loops = sending_loops(state, node.target.value)
    return Condition(Site(scope.segment, node), "turn", loops, growth=True) if loops else None


def sending_loops(state: State, name: str) -> tuple[int, ...]:
    """The innermost running loop that sends requests and does not set `name` anew, with those around it."""
    for depth in range(len(state.loops), 0, -1):
        loop = state.loop_nodes.get(state.loops[depth - 1])
        if not isinstance(loop, (cst.For, cst.While)) or name in set_anew(loop):
            return ()
        if is_watched(facts_of(loop.body), state):
            return state.loops[:depth]
    return ()


@lru_cache(maxsize=1024)
def set_anew(loop: cst.For | cst.While) -> frozenset[str]:
    """The names that each pass of a loop assigns without regard to what they were."""
    return frozenset(name for name, _, augmented in _assignments(loop.body) if not augmented)


def _condition(state: State, test: cst.BaseExpression, scope: Scope) -> Condition:
    site, text = Site(scope.segment, test), cst.Module([]).code_for_node(test)
    names = set(_names(test))
    body = scope.function.node.body if scope.function is not None else None
    for depth in range(len(state.loops), 0, -1):
        loop = state.loop_nodes.get(state.loops[depth - 1])
        if isinstance(loop, (cst.For, cst.While)) and names & _changed_by(loop):
            return Condition(site, "turn", state.loops[:depth], text=text)
    if any(_changes_with_use(scope, name) for name in names):
        return Condition(site, "turn", text=text)
    roots = _roots(names, body)
    parameters = _parameters(scope)
    passed = {
        name for name in roots if name.partition(".")[0] in parameters and not _SETTING.search(name.replace(".", "_"))
    }
    if any(_USER.search(name.replace(".", "_").lower()) for name in passed):
        return Condition(site, "user", text=text)
    return Condition(site, "call" if passed else "", text=text)


def _names(node: cst.CSTNode) -> Iterator[str]:
    """The names that an expression reads: `x`, `self.x`, `user.plan`."""
    if isinstance(node, cst.Name):
        yield node.value
    elif isinstance(node, cst.Attribute):
        name = dotted(node)
        if name:
            yield name
            yield name.partition(".")[0] if not name.startswith("self.") else name
        else:
            yield from _names(node.value)
    elif isinstance(node, cst.Call):
        if isinstance(node.func, cst.Attribute):
            yield from _names(node.func.value)
        for argument in node.args:
            yield from _names(argument.value)
    elif not isinstance(node, cst.Lambda):
        for child in children(node):
            yield from _names(child)


def dotted(node: cst.BaseExpression) -> str:
    """`self.x` for an attribute of a name, the name itself for one; empty for anything else."""
    if isinstance(node, cst.Attribute):
        base = dotted(node.value)
        return f"{base}.{node.attr.value}" if base else ""
    return node.value if isinstance(node, cst.Name) else ""


@lru_cache(maxsize=1024)
def _assignments(node: cst.CSTNode) -> tuple[tuple[str, cst.BaseExpression, bool], ...]:
    """Each name or `self.x` assigned below a node, with the value, and whether its old value takes part."""
    return tuple(_assigned_below(node))


def _assigned_below(node: cst.CSTNode) -> Iterator[tuple[str, cst.BaseExpression, bool]]:
    stack = [node]
    while stack:
        at = stack.pop()
        if isinstance(at, (cst.FunctionDef, cst.ClassDef, cst.Lambda)) and at is not node:
            continue
        if isinstance(at, cst.Assign):
            for target in at.targets:
                for name in _targets(target.target):
                    yield name, at.value, False
        elif isinstance(at, (cst.AugAssign, cst.AnnAssign, cst.NamedExpr)) and at.value is not None:
            for name in _targets(at.target):
                yield name, at.value, isinstance(at, cst.AugAssign)
        stack.extend(children(at))


def _targets(node: cst.BaseExpression) -> Iterator[str]:
    if isinstance(node, (cst.Tuple, cst.List)):
        for element in node.elements:
            yield from _targets(element.value)
    elif isinstance(node, (cst.Name, cst.Attribute)):
        name = dotted(node)
        if name:
            yield name


@lru_cache(maxsize=1024)
def _changed_by(loop: cst.For | cst.While) -> frozenset[str]:
    """The names that differ from one pass of a loop to the next."""
    changed = set(_targets(loop.target)) if isinstance(loop, cst.For) else set()
    assignments = _assignments(loop.body)
    for name, value, augmented in assignments:
        if (
            augmented
            or _sends(value)
            or (isinstance(value, (cst.Name, cst.SimpleString, cst.Integer)) and _is_constant(value))
        ):
            changed.add(name)
    for _ in range(MAXIMUM_ASSIGNMENTS):
        found = {name for name, value, _ in assignments if changed & set(_names(value))}
        if found <= changed:
            break
        changed |= found
    return frozenset(changed)


def _is_constant(node: cst.BaseExpression) -> bool:
    return not isinstance(node, cst.Name) or node.value in ("True", "False", "None")


def _sends(node: cst.BaseExpression) -> bool:
    """Whether a value is the answer to a request."""
    if isinstance(node, cst.Await):
        node = node.expression
    return isinstance(node, cst.Call) and dotted(node.func).endswith((".create", ".stream", ".parse"))


def _changes_with_use(scope: Scope, name: str) -> bool:
    """Whether a method that is called while the object works stores the attribute `self.x`."""
    if not name.startswith("self.") or scope.owner is None or name.count(".") != 1:
        return False
    attribute = name.removeprefix("self.")
    return any(
        attribute in method.stored_attributes and not method.name.startswith(_PREPARING)
        for method in scope.owner.contents.methods.values()
    )


def _roots(names: set[str], body: cst.CSTNode | None) -> set[str]:
    """The names, and those from which the function computes them."""
    found = set(names)
    if body is None:
        return found
    assignments = _assignments(body)
    for _ in range(MAXIMUM_ASSIGNMENTS):
        more = {inner for name, value, _ in assignments if name in found for inner in _names(value)}
        if more <= found:
            break
        found |= more
    return found


def _parameters(scope: Scope) -> frozenset[str]:
    names: set[str] = set()
    function = scope.function
    while function is not None:
        parameters = function.node.params
        every = (*parameters.posonly_params, *parameters.params, *parameters.kwonly_params)
        names.update(parameter.name.value for parameter in every)
        function = function.scope.function if function.scope is not None else None
    return frozenset(names - {"self", "cls"})
