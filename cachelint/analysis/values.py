"""The abstract values of the interpreter: what is known of a value that may reach a prompt.

    Value
    ├── Constant     a Python constant
    ├── Text         a string made of known and unknown parts, in order
    ├── Symbol       a library object, the result of a library call, or something unknown
    ├── Sequence     list, tuple, set or iterator, with its known elements
    ├── Mapping      dict, with its known keys
    ├── Instance     an object of a project class
    ├── Made         an object of a client's library, with the parts of prompts that it was given
    ├── Function, Method, Partial, Class, Module     what can be called or looked into
    └── Choice       one of several

Sequence, Mapping and Instance are mutable objects with an identity, as at run time; the others are immutable.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from cachelint.analysis.variation import Change, Step, Variations, changed, merged

if TYPE_CHECKING:
    import libcst as cst

    from cachelint.analysis.contents import ClassContents, FunctionContents
    from cachelint.analysis.interpreter.state import Arguments
    from cachelint.analysis.project import Module as ProjectModule
    from cachelint.analysis.scope import Scope
    from cachelint.analysis.syntax import Segment

MAXIMUM_OPTIONS = 6
"""More alternatives than this are folded into one unknown value that keeps all variations."""

MAXIMUM_CONDITIONS = 8
"""More tests than this on which one value depends are not told apart."""

Birth = tuple[int, ...]


class Value:
    """Base of all abstract values."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Constant(Value):
    """A value that the source writes down: str, bytes, int, float, bool, None or Ellipsis."""

    value: Any

    def __hash__(self) -> int:
        return hash((type(self.value), self.value))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Constant) and type(self.value) is type(other.value) and self.value == other.value


NONE = Constant(None)


@dataclass(frozen=True, slots=True)
class Hole:
    """A stretch of text that is not known."""

    variations: Variations = ()
    kind: str = ""
    name: str = field(default="", compare=False)
    """The name under which the program knows what is rendered here, when one value alone is."""
    path: str = field(default="", compare=False)
    """The dotted name of that value."""


GROWING = "growing"
"""The kind of a hole where a text becomes longer while the program runs; its path is where that text or list lives."""
LOOP = "the loop"
"""The path of such a hole when the loop that sends the text makes it longer with each pass."""


@dataclass(frozen=True, slots=True)
class Text(Value):
    """A string, as its parts in order: known text and holes."""

    parts: tuple[str | Hole, ...]
    document: Value | None = field(default=None, compare=False, repr=False)
    """What it is the JSON of, when it was made by a serializer."""

    @property
    def variations(self) -> Variations:
        """What makes any part vary."""
        found = [part.variations for part in self.parts if type(part) is Hole and part.variations]
        return merged(*found) if len(found) > 1 else found[0] if found else ()


@dataclass(frozen=True, slots=True)
class Symbol(Value):
    """Something known by name only: `path` is its dotted name, `()` standing for the result of a call.

    An empty path is a value of which nothing is known.
    """

    path: str = ""
    kind: str = ""
    """What it is, as far as models need it: datetime, date, time, number, text, uuid, bytes, bool …"""
    variations: Variations = ()
    name: str = ""
    """The name under which the program knows it, for messages and for recognising identities."""
    parameter: bool = False
    """True for an argument that no caller in reach determines."""
    origin: str = ""
    """Where it lives, when that identifies it: the attribute of a class, the parameter of a function."""


UNKNOWN = Symbol()


@dataclass(frozen=True, slots=True)
class Condition:
    """A test that is not decided before the program runs, and on which a value depends."""

    site: Site
    recurs: Literal["turn", "user", "call", ""] = ""
    """What its outcome changes with: a turn, the user, the arguments of a call; empty if unknown."""
    loops: tuple[int, ...] = ()
    """The loop whose passes change what it tests, with those around it; empty when it is the state of an object."""
    growth: bool = False
    """True for no test at all, but a text that becomes longer with each pass of the loop."""
    text: str = ""
    """The test as written."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of a list of messages that had been sent already."""

    kind: Literal["window", "dropped", "inserted"]
    site: Site


@dataclass(slots=True)
class Item:
    """An element of a sequence."""

    value: Value
    maybe: bool = False
    """Present on some paths only."""
    repeated: bool = False
    """Stands for any number of such elements, also none."""
    stored: bool = False
    """Was added to a sequence that outlives the request: the same bytes are sent again next time."""
    grown: tuple[int, ...] = ()
    """The loops that were running when it was added to a sequence made outside the innermost of them."""
    site: Site | None = None
    """Where it was added, when that was not in a display."""
    conditions: tuple[Condition, ...] = ()
    """What decides whether it is there."""


SequenceKind = Literal["list", "tuple", "set", "iterator", "buffer"]


@dataclass(slots=True, eq=False)
class Sequence(Value):
    """A list, tuple, set or iterator."""

    kind: SequenceKind
    items: list[Item] = field(default_factory=list)
    order: Variations = ()
    """What makes the order of its elements vary."""
    birth: Birth = ()
    lasting: bool = False
    """Lives longer than one request: an attribute, a global, an argument."""
    loops: tuple[int, ...] = ()
    trimmed: Site | None = None
    """Where its head is cut off, when it is a window on a longer history."""
    origin: str = ""
    """The attribute, parameter or list display whose messages it begins with; copies keep it."""
    edits: tuple[Edit, ...] = ()
    growing: str = ""
    """The attribute or global to which the program adds while it runs, when its elements are made of those there."""

    @property
    def exact(self) -> bool:
        """True when each element is known to be there exactly once."""
        return not any(item.maybe or item.repeated for item in self.items)


@dataclass(slots=True)
class Entry:
    """The value under a key of a mapping."""

    value: Value
    maybe: bool = False
    site: Site | None = None


@dataclass(slots=True, eq=False)
class Mapping(Value):
    """A dict."""

    entries: dict[Any, Entry] = field(default_factory=dict)
    rest: list[Value] = field(default_factory=list)
    """Values under keys that are not known."""
    open: bool = False
    """May hold more than is known."""
    order: Variations = ()
    birth: Birth = ()
    borrowed: bool = False
    """Stands for an element of a sequence that came from elsewhere, such as a message of a history."""
    rewritten: bool = False
    """A borrowed mapping whose content was replaced."""
    unordered: str = ""
    """Why the order of its keys is not provable, when it is not: ``a parameter``."""
    edited: Site | None = None
    """Where its content was replaced after it had been sent."""
    detached: bool = False
    """Part of a copy of a history: what is changed in it is gone on the next turn."""


@dataclass(frozen=True, slots=True, eq=False)
class Construction:
    """A call of a class."""

    initializer: Function
    arguments: Arguments
    loops: tuple[int, ...]
    chain: tuple[Step, ...]


@dataclass(slots=True, eq=False)
class Instance(Value):
    """An object of a project class. A generic one stands for any object of its class."""

    cls: Class
    attributes: dict[str, Value] = field(default_factory=dict)
    generic: bool = False
    birth: Birth = ()
    made: Construction | None = None
    """How it was made, when its class has an `__init__`; its attributes are found from that when they are asked for."""


@dataclass(frozen=True, slots=True, eq=False)
class Made(Value):
    """A model, an agent, a chain or a template of a client's library (`analysis.clients`)."""

    path: str
    """Its dotted name: ``langchain_anthropic.ChatAnthropic()``."""
    parts: dict[str, tuple[Value, ...]]
    """What it was given, by the part of a prompt that it plays."""
    sites: tuple[Site, ...]
    """Where it was made, and where the objects were that it includes."""
    name: str = ""
    """The name under which the program knows it."""


@dataclass(frozen=True, slots=True, eq=False)
class Function(Value):
    """A function or lambda of the project."""

    node: cst.FunctionDef | cst.Lambda
    segment: Segment
    module: ProjectModule
    scope: Scope | None
    """The scope that encloses it, for closures; None at module and class level."""
    contents: FunctionContents | None = None
    owner: Class | None = None
    decorations: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Method(Value):
    """A function bound to its receiver, or the method `name` of a value that is modelled."""

    receiver: Value
    name: str
    function: Function | None = None


@dataclass(frozen=True, slots=True)
class Partial(Value):
    """A callable with some of its arguments already given."""

    callee: Value
    positional: tuple[Value, ...]
    named: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Class(Value):
    """A class of the project."""

    contents: ClassContents
    module: ProjectModule
    scope: Scope | None = None
    node: cst.ClassDef | None = None
    segment: Segment | None = None


@dataclass(frozen=True, slots=True)
class Module(Value):
    """A module of the project."""

    module: ProjectModule


@dataclass(frozen=True, slots=True)
class Choice(Value):
    """One of several values, depending on the path taken."""

    options: tuple[Value, ...]
    conditions: tuple[Condition, ...] = ()
    """The tests that decide which one, as far as they are known."""


def choice(values: Iterable[Value], conditions: tuple[Condition, ...] = ()) -> Value:
    """The join of alternatives: one value when they agree, a Choice of at most `MAXIMUM_OPTIONS` else."""
    options: list[Value] = []
    for value in values:
        if isinstance(value, Choice) and value.conditions:
            conditions = _united(value.conditions, conditions)
        for option in value.options if isinstance(value, Choice) else (value,):
            if not any(option is known or _same(option, known) for known in options):
                options.append(option)
    if not options:
        return UNKNOWN
    if len(options) == 1:
        return options[0]
    if len(options) > MAXIMUM_OPTIONS:
        varying = [option for option in options if varies(option)]
        plain = [option for option in options if not varies(option)]
        options = (varying + plain)[:MAXIMUM_OPTIONS]
    return Choice(tuple(options), conditions)


def _united(some: tuple[Condition, ...], others: tuple[Condition, ...]) -> tuple[Condition, ...]:
    if not others or some is others:
        return some
    return (*some, *(other for other in others if other not in some))[:MAXIMUM_CONDITIONS]


def _same(a: Value, b: Value) -> bool:
    return type(a) is type(b) and isinstance(a, (Constant, Text, Symbol)) and a == b


def options_of(value: Value) -> tuple[Value, ...]:
    """The alternatives of a value, itself when there is only one."""
    return value.options if isinstance(value, Choice) else (value,)


def origin_of(value: Value) -> str:
    """Where the messages of a list live; empty when that is not known or not one place."""
    origins = {option.origin if isinstance(option, (Sequence, Symbol)) else "" for option in options_of(value)}
    return origins.pop() if len(origins) == 1 else ""


def in_attribute(origin: str) -> bool:
    """Whether an origin is the attribute of a class, which lasts from one call of a method to the next."""
    return bool(origin) and not origin.startswith("#") and not origin.endswith(")")


MAXIMUM_NESTING = 12
"""Values inside values that are looked into."""


def variations_in(value: Value) -> Variations:
    """All variations anywhere inside a value."""
    groups = list(_groups(value))
    return merged(*groups) if groups else ()


def varies(value: Value) -> bool:
    """Whether anything inside a value varies."""
    return next(_groups(value), None) is not None


def _groups(value: Value) -> Iterator[Variations]:
    """The variations of each part of a value that has some, in order."""
    seen: set[int] = set()
    stack = [(value, MAXIMUM_NESTING)]
    while stack:
        at, depth = stack.pop()
        kind = type(at)
        if kind is Constant or kind is Function or kind is Class or kind is Module:
            continue
        if kind is Symbol or kind is Text:
            if at.variations:  # type: ignore[attr-defined]
                yield at.variations  # type: ignore[attr-defined]
            continue
        if depth == 0 or id(at) in seen:
            continue
        seen.add(id(at))
        if (kind is Sequence or kind is Mapping) and at.order:  # type: ignore[attr-defined]
            yield at.order  # type: ignore[attr-defined]
        inner = [(child, depth - 1) for child in children_of(at)]
        inner.reverse()
        stack.extend(inner)


def children_of(value: Value) -> Iterator[Value]:
    """The values directly inside a container, an alternative or a partial application."""
    if isinstance(value, Sequence):
        yield from (item.value for item in value.items)
    elif isinstance(value, Mapping):
        yield from (entry.value for entry in value.entries.values())
        yield from value.rest
    elif isinstance(value, Instance):
        yield from value.attributes.values()
    elif isinstance(value, Choice):
        yield from value.options
    elif isinstance(value, Partial):
        yield from value.positional
        yield from (argument for _, argument in value.named)
    elif isinstance(value, Method):
        yield value.receiver


def rebuilt(value: Value, change: Change | None = None, memo: dict[int, Value] | None = None, depth: int = 24) -> Value:
    """A copy that shares nothing mutable with `value`, each variation as `change` makes it."""
    memo = {} if memo is None else memo
    known = memo.get(id(value))
    if known is not None:
        return known
    if depth == 0:
        return value
    if isinstance(value, Text):
        return _rebuilt_text(value, change)
    if isinstance(value, Symbol):
        if change is None or not value.variations:
            return value
        variations = changed(value.variations, change)
        return Symbol(value.path, value.kind, variations, value.name, value.parameter, value.origin)
    if isinstance(value, Sequence):
        sequence = Sequence(
            value.kind,
            [],
            value.order,
            value.birth,
            value.lasting,
            value.loops,
            value.trimmed,
            value.origin,
            value.edits,
            value.growing,
        )
        memo[id(value)] = sequence
        if change is not None:
            sequence.order = changed(value.order, change)
        sequence.items = [
            Item(
                rebuilt(item.value, change, memo, depth - 1),
                item.maybe,
                item.repeated,
                item.stored,
                item.grown,
                item.site,
                item.conditions,
            )
            for item in value.items
        ]
        return sequence
    if isinstance(value, Mapping):
        mapping = Mapping(
            {}, [], value.open, value.order, value.birth, value.borrowed, value.rewritten, value.unordered
        )
        mapping.edited, mapping.detached = value.edited, value.detached
        memo[id(value)] = mapping
        if change is not None:
            mapping.order = changed(value.order, change)
        mapping.entries = {
            key: Entry(rebuilt(entry.value, change, memo, depth - 1), entry.maybe, entry.site)
            for key, entry in value.entries.items()
        }
        mapping.rest = [rebuilt(inner, change, memo, depth - 1) for inner in value.rest]
        return mapping
    if isinstance(value, Instance):
        instance = Instance(value.cls, {}, value.generic, value.birth, value.made)
        memo[id(value)] = instance
        instance.attributes = {
            name: rebuilt(inner, change, memo, depth - 1) for name, inner in value.attributes.items()
        }
        return instance
    if isinstance(value, Made):
        parts = {
            part: tuple(rebuilt(inner, change, memo, depth - 1) for inner in inners)
            for part, inners in value.parts.items()
        }
        return Made(value.path, parts, value.sites, value.name)
    if isinstance(value, Choice):
        return choice((rebuilt(option, change, memo, depth - 1) for option in value.options), value.conditions)
    if isinstance(value, Partial):
        return Partial(
            rebuilt(value.callee, change, memo, depth - 1),
            tuple(rebuilt(argument, change, memo, depth - 1) for argument in value.positional),
            tuple((name, rebuilt(argument, change, memo, depth - 1)) for name, argument in value.named),
        )
    if isinstance(value, Method):
        return Method(rebuilt(value.receiver, change, memo, depth - 1), value.name, value.function)
    return value


def _rebuilt_text(value: Text, change: Change | None) -> Text:
    if change is None or not any(isinstance(part, Hole) and part.variations for part in value.parts):
        return value
    return Text(
        tuple(
            replace(part, variations=changed(part.variations, change)) if isinstance(part, Hole) else part
            for part in value.parts
        ),
        rebuilt(value.document, change) if value.document is not None else None,
    )


def parts_of(value: Value) -> tuple[str | Hole, ...]:
    """The parts of the text that a value renders as."""
    if isinstance(value, Constant):
        return (value.value if isinstance(value.value, str) else str(value.value),)
    if isinstance(value, Text):
        return value.parts
    if isinstance(value, Symbol):
        return (Hole(value.variations, value.kind, value.name, value.path),)
    return (Hole(variations_in(value)),)


def constant_text(value: Value) -> str | None:
    """The string that a value is known to be, or None."""
    if isinstance(value, Constant) and isinstance(value.value, str):
        return value.value
    if isinstance(value, Text) and all(isinstance(part, str) for part in value.parts):
        return "".join(part for part in value.parts if isinstance(part, str))
    return None


if TYPE_CHECKING:
    from cachelint.analysis.syntax import Site
