"""The value of an expression."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial

import libcst as cst

from cachelint.analysis.interpreter import (
    attributes,
    calls,
    conditions,
    growth,
    names,
    operators,
    recurrence,
    rendering,
    subscripts,
    targets,
)
from cachelint.analysis.interpreter.state import State, through
from cachelint.analysis.iteration import elements
from cachelint.analysis.scope import Scope
from cachelint.analysis.sources import label_of
from cachelint.analysis.syntax import Site
from cachelint.analysis.values import (
    NONE,
    UNKNOWN,
    Constant,
    Entry,
    Function,
    Item,
    Mapping,
    Sequence,
    SequenceKind,
    Symbol,
    Text,
    Value,
    choice,
    options_of,
    origin_of,
    rebuilt,
    variations_in,
    varies,
)
from cachelint.analysis.variation import Period, Variation, merged


def evaluate(state: State, node: cst.BaseExpression, scope: Scope) -> Value:
    """The abstract value of `node`."""
    state.spend()
    handler = _HANDLERS.get(type(node))
    return handler(state, node, scope) if handler is not None else UNKNOWN


_KEYWORDS = {"None": NONE, "True": Constant(True), "False": Constant(False)}


def _name(state: State, node: cst.Name, scope: Scope) -> Value:
    if node.value in _KEYWORDS:
        return _KEYWORDS[node.value]
    value = names.lookup(state, node.value, scope)
    if isinstance(value, Symbol) and value.path == node.value == "__file__":
        return state.sources.read(state, value, Site(scope.segment, node))
    return value


def _attribute(state: State, node: cst.Attribute, scope: Scope) -> Value:
    return attributes.attribute(state, evaluate(state, node.value, scope), node.attr.value, Site(scope.segment, node))


def _string(state: State, node: cst.SimpleString, scope: Scope) -> Value:
    return Constant(_literal(node.value))


@lru_cache(maxsize=4096)
def _literal(text: str) -> object:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text


def _number(state: State, node: cst.Integer | cst.Float | cst.Imaginary, scope: Scope) -> Value:
    return Constant(_literal(node.value))


def _ellipsis(state: State, node: cst.Ellipsis, scope: Scope) -> Value:
    return Constant(...)


def _concatenated(state: State, node: cst.ConcatenatedString, scope: Scope) -> Value:
    return operators.concatenated(evaluate(state, node.left, scope), evaluate(state, node.right, scope))


def _formatted_string(state: State, node: cst.FormattedString, scope: Scope) -> Value:
    parts: list[Value] = []
    for part in node.parts:
        if isinstance(part, cst.FormattedStringText):
            text = part.value.replace("{{", "{").replace("}}", "}")
            parts.append(Constant(text if "r" in node.prefix.lower() else _unescaped(text)))
        elif isinstance(part, cst.FormattedStringExpression):
            value = evaluate(state, part.expression, scope)
            specification = "".join(
                piece.value for piece in part.format_spec or () if isinstance(piece, cst.FormattedStringText)
            )
            parts.append(rendering.formatted(state, value, specification, Site(scope.segment, part.expression)))
    return joined(parts, Site(scope.segment, node))


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    quoted = _literal('"""' + text.replace('"', '\\"') + '"""')
    return quoted if isinstance(quoted, str) else text


def joined(values: list[Value], site: Site, action: str = "formatted into the text") -> Value:
    """The text that consists of `values`, each variation told where it enters the text."""
    result: Value = Constant("")
    stable: int | None = 0
    for value in values:
        if stable is not None and varies(value):
            value = _marked(value, site, f"{action}, {_after(stable)}" if stable or _leads(value) else action)
            stable = None
        elif isinstance(value, Constant) and stable is not None:
            stable += len(str(value.value))
        else:
            value = _marked(value, site, action)
            stable = None
        result = operators.concatenated(result, value)
    return result


def _after(stable: int) -> str:
    return f"after {stable:,} stable characters" if stable else "at its very start"


def _leads(value: Value) -> bool:
    """Whether a text begins with what varies in it."""
    return not isinstance(value, Text) or not isinstance(value.parts[0], str)


def _marked(value: Value, site: Site, message: str) -> Value:
    if isinstance(value, Symbol) and value.variations:
        return Symbol(value.path, value.kind, through(value.variations, site, message), value.name)
    if isinstance(value, Text):
        return Text(
            tuple(
                part if isinstance(part, str) else replace(part, variations=through(part.variations, site, message))
                for part in value.parts
            )
        )
    return value


def _sequence(state: State, node: cst.List | cst.Tuple | cst.Set, scope: Scope) -> Value:
    kind: SequenceKind = {cst.List: "list", cst.Tuple: "tuple", cst.Set: "set"}[type(node)]  # type: ignore[assignment]
    result = Sequence(kind, [], birth=state.branch, loops=state.loops)
    for element in node.elements:
        value = evaluate(state, element.value, scope)
        if isinstance(element, cst.StarredElement):
            items, order = elements(state, value, Site(scope.segment, element.value))
            result.origin = result.origin if result.items else origin_of(value)
            result.items = operators.bounded([*result.items, *items])
            result.order = merged(result.order, order)
        else:
            result.items.append(Item(value))
    if kind == "set":
        mark_unordered(state, result, Site(scope.segment, node))
    result.origin = result.origin or f"#{state.number()}"
    return result


def mark_unordered(state: State, result: Sequence, site: Site) -> None:
    """Give a set the variation of its iteration order, unless its elements are known not to need it.

    Small integers and single elements iterate alike in every process; strings do not.
    """
    values = [item.value for item in result.items]
    if result.exact and len(values) < 2:
        return
    if values and all(isinstance(value, Constant) and isinstance(value.value, (int, float)) for value in values):
        return
    result.order = merged(result.order, state.variation("CL201", label_of(site.node), site, Period.PROCESS, order=True))


def _dict(state: State, node: cst.Dict, scope: Scope) -> Value:
    result = Mapping(birth=state.branch)
    for element in node.elements:
        site = Site(scope.segment, element)
        if isinstance(element, cst.DictElement):
            key = evaluate(state, element.key, scope)
            value = evaluate(state, element.value, scope)
            if isinstance(key, Constant):
                result.entries.pop(key.value, None)
                result.entries[key.value] = Entry(value, site=site)
            else:
                result.rest.append(value)
                result.order = merged(result.order, variations_in(key))
        elif isinstance(element, cst.StarredDictElement):
            merge_into(result, evaluate(state, element.value, scope))
    return result


def merge_into(result: Mapping, value: Value, *, certain: bool = True) -> None:
    """Update a mapping with another value, as `{**result, **value}` does."""
    options = options_of(value)
    certain = certain and len(options) == 1
    for option in options:
        if isinstance(option, Mapping):
            for key, entry in option.entries.items():
                known = result.entries.get(key)
                if certain and not entry.maybe:
                    result.entries[key] = Entry(entry.value, site=entry.site)
                elif known is None:
                    result.entries[key] = Entry(entry.value, maybe=True, site=entry.site)
                else:
                    result.entries[key] = Entry(
                        choice((known.value, entry.value)), known.maybe, entry.site or known.site
                    )
            result.rest.extend(option.rest)
            result.order = merged(result.order, option.order)
            result.unordered = result.unordered or option.unordered
            result.open = result.open or option.open
        elif option != NONE:
            result.open = True
            result.unordered = result.unordered or "a mapping that is not known"
            if isinstance(option, Symbol) and option.variations:
                result.rest.append(option)


def _comprehension(state: State, node: cst.ListComp | cst.SetComp | cst.GeneratorExp, scope: Scope) -> Value:
    kind: SequenceKind = {cst.ListComp: "list", cst.SetComp: "set", cst.GeneratorExp: "iterator"}[type(node)]  # type: ignore[assignment]
    result = Sequence(kind, [], birth=state.branch, loops=state.loops)
    inner = Scope(scope.module, scope.segment, scope.function, scope, scope.owner)

    filters = tuple(recurrence.condition_of(state, condition.test, inner) for condition in node.for_in.ifs)

    def collect(maybe: bool, repeated: bool) -> None:
        item = Item(evaluate(state, node.elt, inner), maybe, repeated, conditions=filters if maybe else ())
        result.items.append(item)

    result.order = _iterate(state, node.for_in, inner, collect)
    iterated = evaluate(state, node.for_in.iter, inner)
    result.growing = growth.of(iterated)
    if not filters:
        result.origin = origin_of(iterated)
    if kind == "set":
        mark_unordered(state, result, Site(scope.segment, node))
    return result


def _dict_comprehension(state: State, node: cst.DictComp, scope: Scope) -> Value:
    result = Mapping(birth=state.branch)
    inner = Scope(scope.module, scope.segment, scope.function, scope, scope.owner)

    def collect(maybe: bool, repeated: bool) -> None:
        key, value = evaluate(state, node.key, inner), evaluate(state, node.value, inner)
        if isinstance(key, Constant) and not repeated:
            result.entries[key.value] = Entry(value, maybe, Site(scope.segment, node))
        else:
            result.rest.append(value)

    result.order = _iterate(state, node.for_in, inner, collect)
    return result


def _iterate(
    state: State, node: cst.CompFor, scope: Scope, collect: Callable[[bool, bool], None]
) -> tuple[Variation, ...]:
    """Run `collect` for each element of a comprehension; returns what makes the order vary."""

    def collect_inner(outer: Item, maybe: bool, inner_maybe: bool, inner_repeated: bool) -> None:
        collect(inner_maybe or maybe, inner_repeated or outer.repeated)

    items, order = elements(state, evaluate(state, node.iter, scope), Site(scope.segment, node.iter))
    orders = [order]
    for item in items:
        with state.looping(node):
            targets.assign_own(state, node.target, item.value, scope)
            verdicts = [conditions.truth(evaluate(state, condition.test, scope)) for condition in node.ifs]
            if False in verdicts:
                continue
            maybe = item.maybe or any(verdict is None for verdict in verdicts)
            if node.inner_for_in is not None:
                orders.append(_iterate(state, node.inner_for_in, scope, partial(collect_inner, item, maybe)))
            else:
                collect(maybe, item.repeated)
    return merged(*orders)


def _boolean(state: State, node: cst.BooleanOperation, scope: Scope) -> Value:
    left = evaluate(state, node.left, scope)
    keep_left = isinstance(node.operator, cst.Or)
    verdict = conditions.truth(left)
    if verdict is keep_left:
        return left
    positive, negative = conditions.branches(state, node.left, scope)
    inner = negative if keep_left else positive
    right = evaluate(state, node.right, inner)
    if verdict is not None or (state.testing and conditions.truth(right) is keep_left):
        return right
    if keep_left and not any(isinstance(option, Constant) for option in options_of(left)):
        right = rebuilt(right, _in_place_of_what_is_missing)
    kept = [option for option in options_of(left) if conditions.truth(option) is not (not keep_left)]
    return choice((*kept, right))


def _in_place_of_what_is_missing(variation: Variation) -> Variation:
    """`call.id or uuid4()`: where nothing says that there may be none, an identity is made in rare cases only."""
    return variation.doubted().doubted() if variation.code in _IDENTITIES else variation


_IDENTITIES = frozenset(("CL102", "CL103"))


def _conditional(state: State, node: cst.IfExp, scope: Scope) -> Value:
    with state.condition(node.test):
        verdict = conditions.truth(evaluate(state, node.test, scope))
    positive, negative = conditions.branches(state, node.test, scope)
    if verdict is True:
        return evaluate(state, node.body, positive)
    if verdict is False:
        return evaluate(state, node.orelse, negative)
    condition = recurrence.condition_of(state, node.test, scope)
    fork = state.number()
    with state.branching(fork, condition):
        first = evaluate(state, node.body, positive)
    with state.branching(fork, condition):
        second = evaluate(state, node.orelse, negative)
    return choice((first, second), (condition,))


def _unary(state: State, node: cst.UnaryOperation, scope: Scope) -> Value:
    value = evaluate(state, node.expression, scope)
    if isinstance(node.operator, cst.Not):
        verdict = conditions.truth(value)
        return Symbol(kind="bool") if verdict is None else Constant(not verdict)
    if isinstance(value, Constant) and isinstance(value.value, (int, float)):
        return Constant(-value.value if isinstance(node.operator, cst.Minus) else value.value)
    return value


def _lambda(state: State, node: cst.Lambda, scope: Scope) -> Value:
    return Function(node, scope.segment, scope.module, scope, owner=scope.owner)


def _await(state: State, node: cst.Await, scope: Scope) -> Value:
    return evaluate(state, node.expression, scope)


def _named(state: State, node: cst.NamedExpr, scope: Scope) -> Value:
    with state.outside_conditions():
        value = evaluate(state, node.value, scope)
    targets.assign(state, node.target, value, scope)
    return value


def _yield(state: State, node: cst.Yield, scope: Scope) -> Value:
    from cachelint.analysis.library import containers

    site = Site(scope.segment, node)
    if isinstance(node.value, cst.From):
        containers.extend(state, scope.yielded, evaluate(state, node.value.item, scope), site)
    elif node.value is not None:
        containers.append(state, scope.yielded, evaluate(state, node.value, scope), site)
    return UNKNOWN


def _binary(state: State, node: cst.BinaryOperation, scope: Scope) -> Value:
    left = evaluate(state, node.left, scope)
    right = evaluate(state, node.right, scope)
    return operators.binary(state, left, node.operator, right, Site(scope.segment, node))


def _comparison(state: State, node: cst.Comparison, scope: Scope) -> Value:
    left = evaluate(state, node.left, scope)
    rights = [evaluate(state, target.comparator, scope) for target in node.comparisons]
    if len(rights) == 1:
        return operators.compared(left, node.comparisons[0].operator, rights[0])
    return Symbol(kind="bool")


def _subscript(state: State, node: cst.Subscript, scope: Scope) -> Value:
    return subscripts.item(state, evaluate(state, node.value, scope), node, scope)


def _call(state: State, node: cst.Call, scope: Scope) -> Value:
    return calls.evaluate_call(state, node, scope)


_HANDLERS: dict[type, Callable[..., Value]] = {
    cst.Name: _name,
    cst.Attribute: _attribute,
    cst.SimpleString: _string,
    cst.ConcatenatedString: _concatenated,
    cst.FormattedString: _formatted_string,
    cst.Integer: _number,
    cst.Float: _number,
    cst.Imaginary: _number,
    cst.Ellipsis: _ellipsis,
    cst.List: _sequence,
    cst.Tuple: _sequence,
    cst.Set: _sequence,
    cst.Dict: _dict,
    cst.ListComp: _comprehension,
    cst.SetComp: _comprehension,
    cst.GeneratorExp: _comprehension,
    cst.DictComp: _dict_comprehension,
    cst.BooleanOperation: _boolean,
    cst.BinaryOperation: _binary,
    cst.UnaryOperation: _unary,
    cst.Comparison: _comparison,
    cst.IfExp: _conditional,
    cst.Lambda: _lambda,
    cst.Await: _await,
    cst.NamedExpr: _named,
    cst.Yield: _yield,
    cst.Subscript: _subscript,
    cst.Call: _call,
}
