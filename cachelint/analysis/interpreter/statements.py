"""The effect of a statement on the names of a scope."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import libcst as cst

from cachelint.analysis.interpreter import (
    conditions,
    definitions,
    expressions,
    growth,
    histories,
    kept,
    lookups,
    operators,
    patterns,
    recurrence,
    relevance,
    targets,
)
from cachelint.analysis.interpreter.state import State
from cachelint.analysis.iteration import elements, without_order
from cachelint.analysis.project import Module
from cachelint.analysis.scope import Scope
from cachelint.analysis.sources import label_of
from cachelint.analysis.surroundings import last_name
from cachelint.analysis.syntax import Segment, Site
from cachelint.analysis.values import (
    UNKNOWN,
    Class,
    Condition,
    Constant,
    Function,
    Item,
    Mapping,
    Sequence,
    Symbol,
    Value,
    choice,
    variations_in,
)
from cachelint.analysis.variation import Period

EFFECT_SHARE = 4
"""Where calls are limited, one whose result is dropped gets one part in so many of what another gets."""

EFFECT_STEPS = 3_000
"""Evaluation steps for a call whose result is dropped, on the way to one that is looked for: what it changes may
matter, but it is not what was asked."""

MAXIMUM_UNROLLED = 16
"""A loop over more known elements than this is evaluated for the first ones only."""


def top_level(state: State, module: Module, name: str) -> Value | None:
    """The value of a name that the top-level statements of a module bind, evaluated as the import does."""
    scope: Scope | None = None
    for span in module.contents.bindings[name]:
        segment = module.segment(span)
        if segment is None:
            continue
        if scope is None:
            scope = Scope(module, segment, at_import=True)
            scope.relevant = frozenset((name,))
        scope.segment = segment
        execute_all(state, segment.statements, scope)
    return scope.names.get(name) if scope is not None else None


def run_script(state: State, module: Module) -> None:
    """Run all top-level statements of a module in order, as `python module.py` does."""
    segments = [segment for span in module.contents.statements if (segment := module.segment(span)) is not None]
    if not segments:
        return
    scope = state.scripts[module.filename] = Scope(module, segments[0])
    nodes = [statement for segment in segments for statement in segment.statements]
    scope.relevant = relevance.relevant_names(nodes, frozenset(), state, None)
    for segment in segments:
        scope.segment = segment
        scope.stopped = False
        execute_all(state, segment.statements, scope)
    state.scripts.pop(module.filename, None)


def execute_all(state: State, statements: Iterable[cst.BaseStatement | cst.BaseSmallStatement], scope: Scope) -> None:
    """Execute statements in order, until one leaves the block."""
    for statement in statements:
        if scope.stopped:
            return
        if scope.relevant is not None and not relevance.matters(
            statement, scope.relevant, state, scope.owner, results=scope.results
        ):
            continue
        execute(state, statement, scope)
        if id(statement) in scope.ends:
            scope.stopped = True


def execute(state: State, node: cst.CSTNode, scope: Scope) -> None:
    """Execute one statement, suite, or branch of a statement."""
    state.spend()
    handler = _HANDLERS.get(type(node))
    if handler is not None:
        handler(state, node, scope)


def _line(state: State, node: cst.SimpleStatementLine, scope: Scope) -> None:
    execute_all(state, node.body, scope)


def _assign(state: State, node: cst.Assign, scope: Scope) -> None:
    value = expressions.evaluate(state, node.value, scope)
    if len(node.targets) == 1 and growth.appends(node.targets[0].target, node.value):
        value = growth.added(state, node.targets[0].target, value, scope)
    if kept.is_kept(node, scope, value):
        value = kept.from_now_on(value)
        if isinstance(node.value, cst.Name):
            targets.assign(state, node.value, value, scope)
    for target in node.targets:
        targets.assign(state, target.target, _named(value, target.target), scope)


def _named(value: Value, target: cst.BaseExpression) -> Value:
    """An unknown value takes the name that the program gives it."""
    if isinstance(value, Symbol) and not value.name and isinstance(target, cst.Name):
        return Symbol(value.path, value.kind, value.variations, target.value, value.parameter)
    return value


def _annotated(state: State, node: cst.AnnAssign, scope: Scope) -> None:
    if node.value is not None:
        targets.assign(state, node.target, expressions.evaluate(state, node.value, scope), scope)


def _augmented(state: State, node: cst.AugAssign, scope: Scope) -> None:
    old = expressions.evaluate(state, node.target, scope)
    value = expressions.evaluate(state, node.value, scope)
    site = Site(scope.segment, node)
    if isinstance(old, Sequence) and isinstance(node.operator, cst.AddAssign):
        from cachelint.analysis.library import containers

        containers.extend(state, old, value, site)
        return
    if isinstance(old, Mapping) and isinstance(node.operator, cst.BitOrAssign):
        expressions.merge_into(old, value, certain=state.certain(old.birth))
        return
    operator = _AUGMENTED.get(type(node.operator))
    result = operators.augmented(state, old, operator(), value, site) if operator else UNKNOWN
    counts = _is_number(value) or (isinstance(node.operator, (cst.AddAssign, cst.SubtractAssign)) and _is_number(old))
    if isinstance(node.target, cst.Attribute) and isinstance(result, (Constant, Symbol)) and counts:
        result = Symbol(kind="number", variations=state.variation("CL106", label_of(node.target), site, Period.TURN))
    if isinstance(node.target, cst.Subscript):
        _keep_borrowed(state, node.target, scope)
    if isinstance(node.operator, cst.AddAssign):
        result = growth.added(state, node.target, result, scope)
    longer = recurrence.growth_of(state, node, scope)
    targets.assign(state, node.target, choice((old, result), (longer,)) if longer is not None else result, scope)


def _is_number(value: Value) -> bool:
    if isinstance(value, Constant):
        return isinstance(value.value, (int, float))
    return isinstance(value, Symbol) and value.kind == "number"


def _keep_borrowed(state: State, target: cst.Subscript, scope: Scope) -> None:
    """`messages[-1]["content"] += …` needs the message to exist as an object of its own."""
    from cachelint.analysis.interpreter import subscripts

    subscripts.container(state, target.value, target, scope)


_AUGMENTED: dict[type, Callable[[], cst.BaseBinaryOp]] = {
    cst.AddAssign: cst.Add,
    cst.SubtractAssign: cst.Subtract,
    cst.MultiplyAssign: cst.Multiply,
    cst.BitOrAssign: cst.BitOr,
    cst.BitAndAssign: cst.BitAnd,
    cst.ModuloAssign: cst.Modulo,
    cst.FloorDivideAssign: cst.FloorDivide,
    cst.DivideAssign: cst.Divide,
}


def _expression(state: State, node: cst.Expr, scope: Scope) -> None:
    if (scope.results and state.call_steps is None) or relevance.is_watched(relevance.facts_of(node), state):
        expressions.evaluate(state, node.value, scope)
        return
    most = EFFECT_STEPS if state.call_steps is None else state.call_steps // EFFECT_SHARE
    state.at_most(most, lambda: expressions.evaluate(state, node.value, scope))


def _return(state: State, node: cst.Return, scope: Scope) -> None:
    if scope.results or relevance.is_watched(relevance.facts_of(node), state):
        value = expressions.evaluate(state, node.value, scope) if node.value is not None else Constant(None)
        scope.returned.append(value)
    scope.stopped = True


def _raise(state: State, node: cst.Raise, scope: Scope) -> None:
    scope.stopped = True


def _leave(state: State, node: cst.Break | cst.Continue, scope: Scope) -> None:
    scope.stopped = True


def _delete(state: State, node: cst.Del, scope: Scope) -> None:
    targets.delete(state, node.target, scope)


def _global(state: State, node: cst.Global, scope: Scope) -> None:
    scope.globals.update(name.name.value for name in node.names)


def _nonlocal(state: State, node: cst.Nonlocal, scope: Scope) -> None:
    scope.nonlocals.update(name.name.value for name in node.names)


def _if(state: State, node: cst.If, scope: Scope) -> None:
    with state.condition(node.test):
        verdict = conditions.truth(expressions.evaluate(state, node.test, scope))
    positive, negative = conditions.narrowings(state, node.test, scope)
    if verdict is True:
        scope.names.update(positive)
        execute(state, node.body, scope)
        return
    otherwise = node.orelse
    if verdict is False:
        scope.names.update(negative)
        if otherwise is not None:
            execute(state, otherwise, scope)
        return
    fork(
        state,
        scope,
        [
            (positive, lambda: execute(state, node.body, scope)),
            (negative, lambda: execute(state, otherwise, scope) if otherwise is not None else None),
        ],
        recurrence.condition_of(state, node.test, scope),
    )


def fork(
    state: State,
    scope: Scope,
    ways: list[tuple[dict[str, Value], Callable[[], object]]],
    condition: Condition | None = None,
) -> None:
    """Execute alternatives, each from the same start, and join what they leave behind."""
    start = dict(scope.names)
    ends: list[dict[str, Value]] = []
    number = state.number()
    for narrowing, way in ways:
        scope.names = {**start, **narrowing}
        scope.stopped = False
        with state.branching(number, condition):
            way()
        if not scope.stopped:
            ends.append(_without_narrowing(scope.names, narrowing, start))
    scope.stopped = not ends
    scope.names = _joined(ends, (condition,) if condition is not None else ()) if ends else start


def _without_narrowing(
    names: dict[str, Value], narrowing: dict[str, Value], start: dict[str, Value]
) -> dict[str, Value]:
    """The names at the end of a branch; one that ended early makes its narrowing hold for the rest, so it is kept."""
    return {name: value for name, value in names.items() if name in start or name not in narrowing}


def _joined(ends: list[dict[str, Value]], conditions: tuple[Condition, ...] = ()) -> dict[str, Value]:
    if len(ends) == 1:
        return ends[0]
    names: dict[str, Value] = {}
    for end in ends:
        for name in end:
            if name not in names:
                values = [other[name] for other in ends if name in other]
                untouched = all(value is values[0] for value in values)
                names[name] = values[0] if untouched else choice(values, conditions)
    return names


def _else(state: State, node: cst.Else, scope: Scope) -> None:
    execute(state, node.body, scope)


def _block(state: State, node: cst.IndentedBlock | cst.SimpleStatementSuite, scope: Scope) -> None:
    execute_all(state, node.body, scope)


def _for(state: State, node: cst.For, scope: Scope) -> None:
    iterable = expressions.evaluate(state, node.iter, scope)
    if isinstance(iterable, Symbol) and not iterable.kind and relevance.stores_into(node):
        iterable = _materialized(state, iterable, node.iter, scope)
    items, state.loop_orders[id(node)] = elements(state, iterable, Site(scope.segment, node.iter))
    if any(variation.order for item in items for variation in variations_in(item.value)) and lookups.only(node):
        items = [Item(without_order(item.value), item.maybe, item.repeated) for item in items]
    if _counts(node) and relevance.is_watched(relevance.facts_of(node.body), state):
        items = [_counting(state, item, Site(scope.segment, node.target)) for item in items[:1]]
    unchanged = histories.before(items, node)
    state.grown_loops[id(node)] = growth.of(iterable)
    (state.unrolled.add if _is_unrolled(state, node, items) else state.unrolled.discard)(id(node))
    with state.looping(node, retries=relevance.retries(node)):
        for item in items[:MAXIMUM_UNROLLED]:
            if item.maybe or item.repeated or (len(items) > 1 and _leaves_early(node)):
                _optional_pass(state, node, item, scope)
            else:
                targets.assign(state, node.target, item.value, scope)
                execute(state, node.body, scope)
                if scope.stopped:
                    scope.stopped = bool(scope.returned) and not _leaves_early(node)
                    if scope.stopped:
                        return
    histories.compare(unchanged)
    if node.orelse is not None:
        execute(state, node.orelse, scope)


def _is_unrolled(state: State, node: cst.For, items: list[Item]) -> bool:
    """Whether each pass of a loop is evaluated, and none sends a request: what it adds is there as often as it says."""
    known = len(items) <= MAXIMUM_UNROLLED and not any(item.maybe or item.repeated for item in items)
    return known and not _leaves_early(node) and not relevance.is_watched(relevance.facts_of(node.body), state)


def _counts(node: cst.For) -> bool:
    """Whether a loop counts its passes."""
    return isinstance(node.iter, cst.Call) and last_name(node.iter.func) in ("range", "enumerate", "count")


def _counting(state: State, item: Item, site: Site) -> Item:
    """The element of a counting loop that sends requests: its number is another one each time."""
    first = site.node.elements[0].value if isinstance(site.node, cst.Tuple) else site.node
    name = first.value if isinstance(first, cst.Name) else "the counter"
    number = Symbol(kind="number", variations=state.variation("CL106", name, site, Period.TURN))
    value = item.value
    if isinstance(value, Sequence) and value.kind == "tuple" and len(value.items) == 2:
        return Item(Sequence("tuple", [Item(number), value.items[1]]), item.maybe, repeated=True)
    return Item(number, item.maybe, repeated=True)


def _leaves_early(node: cst.For) -> bool:
    return relevance.contains_break(node.body)


def _materialized(state: State, iterable: Symbol, node: cst.BaseExpression, scope: Scope) -> Value:
    """A loop that changes the elements of something unknown: give it one element, which stands for all."""
    element = Mapping(open=True, borrowed=True, unordered="a message")
    made = Sequence("list", [Item(element, repeated=True)], birth=state.branch, lasting=True, loops=state.loops)
    if isinstance(node, (cst.Name, cst.Attribute)):
        targets.assign(state, node, made, scope)
    elif isinstance(node, cst.Subscript) and isinstance(node.value, cst.Name):
        targets.assign(state, node.value, made, scope)
    return made


def _optional_pass(state: State, node: cst.For, item: Item, scope: Scope) -> None:
    """A pass that happens any number of times: twice is enough to see what one hands to the next."""

    def once() -> None:
        targets.assign(state, node.target, item.value, scope)
        execute(state, node.body, scope)

    passes = 2 if item.repeated and len(state.loops) <= 2 else 1
    for _ in range(passes):
        before = len(scope.returned)
        fork(state, scope, [({}, once), ({}, lambda: None)])
        if len(scope.returned) > before + 8:
            break


def _while(state: State, node: cst.While, scope: Scope) -> None:
    with state.condition(node.test):
        verdict = conditions.truth(expressions.evaluate(state, node.test, scope))
    if verdict is False:
        return
    with state.looping(node, retries=relevance.retries(node)):
        for _ in range(2 if len(state.loops) <= 2 else 1):
            if verdict is True:
                before = dict(scope.names)
                execute(state, node.body, scope)
                if scope.stopped and not relevance.contains_break(node.body):
                    scope.names = {**before, **scope.names}
                scope.stopped = False
            else:
                condition = recurrence.condition_of(state, node.test, scope)
                fork(state, scope, [({}, lambda: execute(state, node.body, scope)), ({}, lambda: None)], condition)


def _try(state: State, node: cst.Try | cst.TryStar, scope: Scope) -> None:
    def normal() -> None:
        execute(state, node.body, scope)
        if node.orelse is not None and not scope.stopped:
            execute(state, node.orelse, scope)

    if not node.handlers:
        normal()
    else:
        ways: list[tuple[dict[str, Value], Callable[[], object]]] = [({}, normal)]
        ways += [({}, lambda handler=handler: _handle(state, handler, scope)) for handler in node.handlers]  # type: ignore[misc]
        _try_ways(state, scope, ways)
    if node.finalbody is not None:
        stopped, scope.stopped = scope.stopped, False
        execute(state, node.finalbody.body, scope)
        scope.stopped = scope.stopped or stopped


def _try_ways(state: State, scope: Scope, ways: list[tuple[dict[str, Value], Callable[[], object]]]) -> None:
    """The body runs for certain up to where it fails; handlers see what it left behind."""
    start = dict(scope.names)
    ways[0][1]()
    body_stopped, body_names = scope.stopped, scope.names
    ends = [] if body_stopped else [body_names]
    for _, way in ways[1:]:
        scope.names = {**start, **body_names}
        scope.stopped = False
        with state.branching():
            way()
        if not scope.stopped:
            ends.append(scope.names)
    scope.stopped = not ends
    scope.names = _joined(ends) if ends else body_names


def _handle(state: State, handler: cst.ExceptHandler | cst.ExceptStarHandler, scope: Scope) -> None:
    if handler.name is not None:
        targets.assign(state, handler.name.name, Symbol(kind="exception"), scope)
    execute(state, handler.body, scope)


def _with(state: State, node: cst.With, scope: Scope) -> None:
    for item in node.items:
        value = expressions.evaluate(state, item.item, scope)
        if item.asname is not None:
            targets.assign(state, item.asname.name, entered(state, value), scope)
    execute(state, node.body, scope)


def entered(state: State, value: Value) -> Value:
    """What `with value as x` binds."""
    from cachelint.analysis.values import Instance

    if isinstance(value, Instance):
        from cachelint.analysis.interpreter import calls, classes

        for method in ("__enter__", "__aenter__"):
            if classes.method_of(state, value.cls, method) is not None:
                result = calls.call_method(state, value, method, [], None)
                return value if result is None else result
        return value
    if isinstance(value, Sequence) and value.kind == "iterator" and len(value.items) == 1:
        return value.items[0].value
    return value


def _match(state: State, node: cst.Match, scope: Scope) -> None:
    subject = expressions.evaluate(state, node.subject, scope)
    ways: list[tuple[dict[str, Value], Callable[[], object]]] = []
    decided = False
    for case in node.cases:
        verdict, captures = patterns.matched(state, case.pattern, subject, scope)
        if verdict is not False and case.guard is not None:
            verdict = _guarded(state, case.guard, captures, scope) and verdict
        if verdict is False:
            continue
        ways.append((captures, lambda case=case: execute(state, case.body, scope)))  # type: ignore[misc]
        decided = verdict is True
        if decided:
            break
    if decided and len(ways) == 1:
        scope.names.update(ways[0][0])
        ways[0][1]()
        return
    if not decided:
        ways.append(({}, lambda: None))
    fork(state, scope, ways)


def _guarded(state: State, guard: cst.BaseExpression, captures: dict[str, Value], scope: Scope) -> bool | None:
    before = dict(scope.names)
    scope.names.update(captures)
    with state.condition(guard):
        verdict = conditions.truth(expressions.evaluate(state, guard, scope))
    scope.names = before
    return verdict


def _function(state: State, node: cst.FunctionDef, scope: Scope) -> None:
    names = tuple(_decorator_name(decorator.decorator) for decorator in node.decorators)
    function = Function(
        node, scope.segment, scope.module, scope, owner=scope.owner, decorations=definitions.decorations(names)
    )
    scope.names[node.name.value] = definitions.decorated(state, function, scope)
    if scope.function is not None:
        state.defined_inside.setdefault(id(scope.function.node), []).append(function)


def _decorator_name(node: cst.BaseExpression) -> str:
    if isinstance(node, cst.Call):
        return _decorator_name(node.func)
    if isinstance(node, cst.Attribute):
        base = _decorator_name(node.value)
        return f"{base}.{node.attr.value}" if base else node.attr.value
    return node.value if isinstance(node, cst.Name) else ""


def _class(state: State, node: cst.ClassDef, scope: Scope) -> None:
    contents = local_class_contents(scope.module, scope.segment, node)
    scope.names[node.name.value] = Class(contents, scope.module, scope) if contents is not None else UNKNOWN


def local_class_contents(module: Module, segment: Segment, node: cst.ClassDef):  # type: ignore[no-untyped-def]
    """The contents of a class defined inside a function or notebook cell; None when the module's table lacks them."""
    return module.contents.classes.get(node.name.value)


def _import(state: State, node: cst.Import, scope: Scope) -> None:
    from cachelint.analysis.interpreter import names

    for alias in node.names:
        dotted = _dotted_name(alias.name)
        bound = (
            alias.asname.name.value
            if alias.asname and isinstance(alias.asname.name, cst.Name)
            else dotted.partition(".")[0]
        )
        target = dotted if alias.asname else bound
        scope.names[bound] = names.imported(state, scope.module, target, None, 0)


def _import_from(state: State, node: cst.ImportFrom, scope: Scope) -> None:
    from cachelint.analysis.interpreter import names

    if isinstance(node.names, cst.ImportStar):
        return
    module = _dotted_name(node.module) if node.module is not None else ""
    for alias in node.names:
        name = alias.name.value if isinstance(alias.name, cst.Name) else ""
        bound = alias.asname.name.value if alias.asname and isinstance(alias.asname.name, cst.Name) else name
        scope.names[bound] = names.imported(state, scope.module, module, name, len(node.relative))


def _dotted_name(node: cst.BaseExpression) -> str:
    if isinstance(node, cst.Attribute):
        return f"{_dotted_name(node.value)}.{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else ""


_HANDLERS: dict[type, Callable[..., None]] = {
    cst.SimpleStatementLine: _line,
    cst.Assign: _assign,
    cst.AnnAssign: _annotated,
    cst.AugAssign: _augmented,
    cst.Expr: _expression,
    cst.Return: _return,
    cst.Raise: _raise,
    cst.Break: _leave,
    cst.Continue: _leave,
    cst.Del: _delete,
    cst.Global: _global,
    cst.Nonlocal: _nonlocal,
    cst.If: _if,
    cst.Else: _else,
    cst.IndentedBlock: _block,
    cst.SimpleStatementSuite: _block,
    cst.For: _for,
    cst.While: _while,
    cst.Try: _try,
    cst.TryStar: _try,
    cst.With: _with,
    cst.Match: _match,
    cst.FunctionDef: _function,
    cst.ClassDef: _class,
    cst.Import: _import,
    cst.ImportFrom: _import_from,
}
