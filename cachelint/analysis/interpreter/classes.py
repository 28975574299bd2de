"""Project classes: their bases, methods, attributes and objects."""

from __future__ import annotations

import libcst as cst

from cachelint.analysis.contents import ClassContents
from cachelint.analysis.interpreter import annotations as hints
from cachelint.analysis.interpreter import calls, definitions, expressions, relevance, statements, watched_calls
from cachelint.analysis.interpreter.plain_stores import plain_stores
from cachelint.analysis.interpreter.state import MUCH_MORE, Arguments, Context, State
from cachelint.analysis.project import Module
from cachelint.analysis.scope import Scope
from cachelint.analysis.syntax import Site, children, parse_expression
from cachelint.analysis.values import (
    NONE,
    UNKNOWN,
    Class,
    Constant,
    Construction,
    Function,
    Hole,
    Instance,
    Item,
    Partial,
    Sequence,
    Symbol,
    Text,
    Value,
    choice,
    options_of,
    rebuilt,
    variations_in,
)
from cachelint.analysis.variation import Period, Variation

GIVEN = "()"
"""The name under which an object holds the arguments that the constructor of a library's class was given."""

MAXIMUM_BASES = 12
ATTRIBUTE_STEPS = 8_000
"""Evaluation steps for what one attribute holds; one that takes more is not known."""

MAXIMUM_NESTED_ATTRIBUTES = 4
"""Attributes that depend on attributes of other objects, and so on: behind that their makers are not searched."""
_PLAIN_BASES = frozenset(("object", "abc.ABC", "typing.Protocol", "typing.Generic", "typing_extensions.Protocol"))
_SHOWN_BY_DECORATOR = frozenset(("dataclass", "attrs", "define", "frozen", "s", "pydantic_dataclass"))


def bases_of(state: State, cls: Class) -> list[Value]:
    """The direct bases, as values."""
    key = ("bases", id(cls.contents))
    known: list[Value] | None = state.memo.get(key)
    if known is None:
        if key in state.running:
            return []
        state.running.add(key)
        try:
            found = [_evaluate_text(state, cls.module, cls.contents.row, text) for text in cls.contents.bases]
        finally:
            state.running.discard(key)
        known = state.memo[key] = found
    return known


def _evaluate_text(state: State, module: Module, row: int, text: str) -> Value:
    parsed = parse_expression(module, row, text)
    if parsed is None:
        return UNKNOWN
    segment, node = parsed
    if isinstance(node, cst.Subscript):
        node = node.value
    return expressions.evaluate(state, node, Scope(module, segment))


def ancestry(state: State, cls: Class) -> list[Class]:
    """The class and its project bases, in the order in which attributes are looked up."""
    found: list[Class] = []
    pending = [cls]
    while pending and len(found) < MAXIMUM_BASES:
        at = pending.pop(0)
        if any(at.contents is known.contents for known in found):
            continue
        found.append(at)
        pending = [base for base in bases_of(state, at) if isinstance(base, Class)] + pending
    return found


def library_base(state: State, cls: Class) -> str:
    """The dotted name of the first base from a library, or nothing."""
    for at in ancestry(state, cls):
        for base in bases_of(state, at):
            if isinstance(base, Symbol) and base.path and base.path not in _PLAIN_BASES:
                return base.path
    return ""


def derives_from(state: State, cls: Class, ancestor: ClassContents) -> bool:
    """Whether `ancestor` is the class itself or one of its project bases."""
    return any(at.contents is ancestor for at in ancestry(state, cls))


def method_of(state: State, cls: Class, name: str) -> Function | None:
    """The method `name` of a class or its project bases."""
    for at in ancestry(state, cls):
        contents = at.contents.methods.get(name)
        if contents is not None:
            function = definitions.function(state, at.module, contents)
            return function if isinstance(function, Function) else None
    return None


def setter_of(state: State, cls: Class, name: str) -> Function | None:
    """What assigning to the property `name` of an object runs."""
    for at in ancestry(state, cls):
        contents = at.contents.setters.get(name)
        if contents is not None:
            function = definitions.function(state, at.module, contents)
            return function if isinstance(function, Function) else None
    return None


def class_attribute(state: State, cls: Class, name: str) -> Value | None:
    """An attribute that a class body binds, as the import evaluates it."""
    stored = state.attributes.get((id(cls.contents), name))
    for at in ancestry(state, cls):
        spans = at.contents.attributes.get(name)
        if spans is None:
            continue
        key = ("class attribute", id(at.contents), name)
        if key in state.memo:
            known: Value | None = state.memo[key]
            return known
        if key in state.running:
            return None
        state.running.add(key)
        try:
            value = _body_value(state, at, name)
        finally:
            state.running.discard(key)
        if value is not None:
            state.memo[key] = value
            return choice((value, stored)) if stored is not None else value
    return stored


def _body_value(state: State, cls: Class, name: str) -> Value | None:
    scope: Scope | None = None
    for span in cls.contents.attributes[name]:
        segment = cls.module.segment(span)
        if segment is None:
            continue
        scope = scope or Scope(cls.module, segment, at_import=True)
        scope.segment = segment
        for other in cls.contents.attributes:
            if other != name and other not in scope.names and other in _names_in(segment.statements):
                known = class_attribute(state, cls, other)
                if known is not None:
                    scope.names[other] = known
        with state.elsewhere():
            statements.execute_all(state, segment.statements, scope)
    if scope is None or name not in scope.names:
        return None
    value = scope.names[name]
    return rebuilt(value, lambda variation: variation.at_most_every(Period.PROCESS))


def _names_in(nodes: tuple[cst.BaseStatement, ...]) -> set[str]:
    names: set[str] = set()
    stack: list[cst.CSTNode] = list(nodes)
    while stack:
        node = stack.pop()
        if isinstance(node, cst.Name):
            names.add(node.value)
        stack.extend(children(node))
    return names


# -- objects -----------------------------------------------------------------------------------------------------------


def instantiate(state: State, cls: Class, arguments: Arguments) -> Value:
    """The object that a call of the class makes; its attributes are found when they are asked for."""
    if is_enum(state, cls):
        return UNKNOWN
    if any(library_base(state, at).endswith(".TypedDict") for at in ancestry(state, cls)):
        return calls.call(state, Symbol("dict"), arguments)
    instance = Instance(cls, birth=state.branch)
    initializer = method_of(state, cls, "__init__")
    if initializer is not None:
        if id(initializer.contents) in state.watched_functions:
            watched_calls.watch(state, initializer, instance, arguments)
        instance.made = Construction(initializer, arguments, state.loops, state.chain)
        return instance
    _bind_fields(state, instance, arguments)
    return instance


def snapshot(receiver: Value | None) -> Value | None:
    """An object as it is now, whatever the program does to it afterwards."""
    if not isinstance(receiver, Instance) or receiver.generic:
        return receiver
    return Instance(receiver.cls, dict(receiver.attributes), birth=receiver.birth, made=receiver.made)


def is_enum(state: State, cls: Class) -> bool:
    """Whether a class is an enumeration."""
    bases = (base for at in ancestry(state, cls) for base in bases_of(state, at))
    return any(isinstance(base, Symbol) and "enum" in base.path.lower() for base in bases)


def members(state: State, cls: Class, *, names: bool = False) -> list[Value]:
    """The values, or the names, of the members of an enumeration."""
    found = [name for name in cls.contents.attributes if not name.startswith("_")]
    return [Constant(name) if names else class_attribute(state, cls, name) or UNKNOWN for name in found]


def fields_of(state: State, cls: Class) -> list[tuple[Class, str]]:
    """The annotated fields of a class and its bases, in the order of a dataclass's arguments."""
    found: dict[str, Class] = {}
    for at in reversed(ancestry(state, cls)):
        for name in at.contents.annotations:
            found[name] = at
    return [(at, name) for name, at in found.items()]


def _bind_fields(state: State, instance: Instance, arguments: Arguments) -> None:
    fields = [name for _, name in fields_of(state, instance.cls)]
    if not fields and arguments.all and library_base(state, instance.cls):
        instance.attributes[GIVEN] = Sequence("tuple", [Item(value) for value in arguments.all])
    for name, value in zip(fields, arguments.positional, strict=False):
        instance.attributes[name] = value
    for name, value in arguments.named.items():
        instance.attributes[name] = value
    for _, name in fields_of(state, instance.cls):
        if name not in instance.attributes:
            made = _default_made(state, instance.cls, name, arguments.site)
            if made is not None and made != Constant(...):
                instance.attributes[name] = made
    for name in ("__post_init__", "model_post_init"):
        finishing = method_of(state, instance.cls, name)
        if finishing is not None:
            given = Arguments([NONE] if name == "model_post_init" else [], {}, arguments.site)
            instance.made = Construction(finishing, given, state.loops, state.chain)


def _default_made(state: State, cls: Class, name: str, site: Site) -> Value | None:
    """What a field of a new object holds when it is not given; None when the class does not say."""
    default = class_attribute(state, cls, name)
    if isinstance(default, Partial) and default.callee == Symbol("cachelint.default_factory"):
        factory = default.positional[0]
        return calls.call(state, factory, Arguments([], {}, site))
    if default is not None and library_base(state, cls).endswith(".BaseSettings"):
        return choice((default, Symbol(name=name)))  # the environment says otherwise where the program is deployed
    return default


def stored_attribute(state: State, instance: Instance, name: str, site: Site) -> Value | None:
    """An attribute that methods store or the class body binds; None when neither does."""
    if instance.made is not None and not instance.generic:
        found = _initialized(state, instance, instance.made, name)
        if found is not None:
            return found
    elif instance.generic:
        found = generic_attribute(state, instance.cls, name)
        if found is not None:
            return found
    value = class_attribute(state, instance.cls, name)
    if isinstance(value, Partial) and value.callee == Symbol("cachelint.default_factory"):
        value = calls.call(state, value.positional[0], Arguments([], {}, site))
        if instance.generic:
            value = rebuilt(value, lambda variation: variation.at_most_every(Period.SESSION))
    if value is None or (isinstance(value, Constant) and value.value in (None, "", 0, ...)):
        annotated = _annotated_field(state, instance.cls, name)
        if annotated is not None and instance.generic:
            return annotated if value is None or value == Constant(...) else choice((annotated, value))
    return value


def _annotated_field(state: State, cls: Class, name: str) -> Value | None:
    for at in ancestry(state, cls):
        text = at.contents.annotations.get(name)
        if text is not None:
            return hints.instance_of(state, at.module, at.contents.row, text, name)
    return None


def _initialized(state: State, instance: Instance, made: Construction, name: str) -> Value | None:
    if not _stores(state, made.initializer, name):
        return generic_attribute(state, instance.cls, name)
    guard = ("init", id(instance), name)
    if guard in state.running:
        return None
    state.running.add(guard)
    before = state.loops, state.chain, state.branch
    state.loops, state.chain, state.branch = made.loops, made.chain, ()
    try:
        calls.run(state, made.initializer, instance, made.arguments, seeds=frozenset((f"self.{name}",)))
    finally:
        state.running.discard(guard)
        state.loops, state.chain, state.branch = before
    return instance.attributes.get(name)


def _stores(state: State, function: Function, name: str) -> bool:
    if function.contents is None:
        return False
    if name in function.contents.stored_attributes:
        return True
    return "super" in function.contents.references or bool(
        function.owner
        and any(
            name in method.stored_attributes and method.name in function.contents.references
            for at in ancestry(state, function.owner)
            for method in at.contents.methods.values()
        )
    )


def generic_attribute(state: State, cls: Class, name: str) -> Value | None:
    """What any object of a class holds under `name`: the join of what its methods store there.

    What `__init__` stores changes once for each object; what another method stores is there until it is stored again.
    """
    key = ("attribute", id(cls.contents), name)
    if key in state.memo:
        known: Value | None = state.memo[key]
        return known
    so_far = (*key, state.testing or state.glancing)
    if so_far in state.found_so_far:
        found, budget = state.found_so_far[so_far]
        if state.contexts.left <= MUCH_MORE * budget:
            return found
    if key in state.running:
        state.truncations += 1
        return None
    state.running.add(key)
    truncations, budget = state.truncations, state.contexts.left
    value: Value | None = None

    def look() -> None:
        nonlocal value
        value = _joined_stores(state, cls, name)

    try:
        state.at_most(ATTRIBUTE_STEPS, look)
    finally:
        state.running.discard(key)
    if state.truncations == truncations:
        state.memo[key] = value
    else:
        state.found_so_far[so_far] = value, budget
    return value


def _joined_stores(state: State, cls: Class, name: str) -> Value | None:
    instance = Instance(cls, generic=True)
    found: list[Value] = []
    storing = [
        (at, contents)
        for at in ancestry(state, cls)
        for contents in at.contents.methods.values()
        if name in contents.stored_attributes
    ]
    storing.sort(key=lambda pair: pair[1].name not in ("__init__", "__post_init__", "setUp", "model_post_init"))
    for at, contents in storing[:8]:
        function = definitions.function(state, at.module, contents)
        if not isinstance(function, Function):
            continue
        plain = plain_stores(function, name)
        if plain:
            scope = Scope(
                function.module, function.segment, function, function.scope, function.owner, {"self": instance}
            )
            with state.elsewhere():
                found += [_kept(expressions.evaluate(state, each, scope), contents.name, name, cls) for each in plain]
            instance.attributes[name] = choice(found)
            continue
        known = instance.attributes.get(name)
        for context in _contexts(state, function, instance, name):
            if known is not None:
                instance.attributes[name] = known
            with state.elsewhere(context.loops):
                state.chain = context.chain
                if known is not None:
                    with state.branching():
                        calls.run(state, function, instance, context.arguments, seeds=frozenset((f"self.{name}",)))
                else:
                    calls.run(state, function, instance, context.arguments, seeds=frozenset((f"self.{name}",)))
            value = instance.attributes.pop(name, None)
            if value is not None and value is not known:
                found.append(_kept(value, contents.name, name, cls))
        if found:
            instance.attributes[name] = choice(found)
    if _nested_searches(state) <= MAXIMUM_NESTED_ATTRIBUTES and all(undetermined(value) for value in found):
        found += [_kept(value, "", name, cls) for value in state.contexts.stores(state, cls, name)]
    if not found:
        return None
    value = choice(found)
    for option in value.options if hasattr(value, "options") else (value,):
        if isinstance(option, Sequence):
            option.lasting = True
            for item in option.items:
                item.stored = True
    return value


def _contexts(state: State, function: Function, instance: Instance, name: str) -> list[Context]:
    """How a method that stores `name` is called; callers are searched only when what it stores depends on them."""
    seeds = frozenset((f"self.{name}",))
    relevant = relevance.relevant_names(function.node.body, seeds, state, function.owner, results=False)
    own = set(function.contents.parameters[1:]) if function.contents is not None else set()
    nested = _nested_searches(state)
    if state.testing or state.glancing:
        state.truncations += 1  # the truth of a test is not worth a search
    elif own & relevant and nested <= MAXIMUM_NESTED_ATTRIBUTES:
        return state.contexts.of_storing(state, function, instance, frozenset(own & relevant))[:4]  # type: ignore[no-any-return]
    site = Site(function.segment, function.node)
    return [Context(Arguments([], {}, site), instance, ())]


def _nested_searches(state: State) -> int:
    """Attributes whose values are being looked for, each for the sake of the one before."""
    return sum(1 for token in state.running if isinstance(token, tuple) and token[0] == "attribute")


def undetermined(value: Value) -> bool:
    """Whether a stored value tells nothing: None, or an argument that nobody in reach passes."""
    return all(
        option == NONE or (isinstance(option, Symbol) and not option.kind and not option.path)
        for option in options_of(value)
    )


def _kept(value: Value, method: str, name: str, cls: Class) -> Value:
    def keep(variation: Variation) -> Variation:
        return variation if variation.code == "CL106" else variation.at_most_every(Period.SESSION)

    return rebuilt(value, keep)


def rendered(state: State, instance: Instance, site: Site) -> Value:
    """What `str(instance)` gives: its own `__str__` or `__repr__`, its fields, or the address of the default one."""
    for name in ("__str__", "__format__", "__repr__"):
        method = method_of(state, instance.cls, name)
        if method is not None:
            positional: list[Value] = [Constant("")] if name == "__format__" else []
            return calls.call_function(state, method, instance, positional, {}, site)
    shown = {name.rpartition(".")[2] for at in ancestry(state, instance.cls) for name in at.contents.decorators}
    if library_base(state, instance.cls) or shown & _SHOWN_BY_DECORATOR:
        return Text((Hole(variations_in(instance)),))
    label = f"the address in the default representation of {instance.cls.contents.name}"
    return Text((Hole(state.variation("CL104", label, site, Period.PROCESS)),))
