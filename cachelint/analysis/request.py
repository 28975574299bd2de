"""The request that a call sends: its blocks in render order, each with what makes it vary, and its breakpoints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice, product

from cachelint.analysis.sinks import SinkCall
from cachelint.analysis.surroundings import argument_site
from cachelint.analysis.syntax import Site
from cachelint.analysis.values import (
    NONE,
    Choice,
    Condition,
    Constant,
    Entry,
    Hole,
    Instance,
    Item,
    Mapping,
    Sequence,
    Symbol,
    Text,
    Value,
    children_of,
    constant_text,
    options_of,
    parts_of,
    variations_in,
)
from cachelint.analysis.variation import Variations, merged
from cachelint.prompt.layout import DEFAULT_TTL, Tier

MAXIMUM_VARIANTS = 12
"""Alternatives of one request that are looked at; arguments that are joins multiply them."""

_NOT_GIVEN = ("NOT_GIVEN", "NotGiven", "omit", "Omit", "not_given")


@dataclass(frozen=True, slots=True)
class Marker:
    """A breakpoint."""

    ttl: str | None
    """``5m`` or ``1h``; the text that stands there when it is neither; None when it is not known."""
    site: Site | None
    maybe: bool = False
    automatic: bool = False
    kind: str | None = "ephemeral"


@dataclass(eq=False)
class Block:
    """One position of the prompt."""

    tier: Tier
    position: str
    value: Value
    """What is rendered there, without its marker."""
    marker: Marker | None = None
    role: str | None = None
    maybe: bool = False
    alternative: bool = False
    """One of several that may stand here."""
    scattered: bool = False
    """Stands for some elements of a list, nobody knows which."""
    repeated: bool = False
    stored: bool = False
    """Part of a history that is sent again unchanged."""
    appended: tuple[int, ...] = ()
    """The loops that append the message that it is in."""
    final: bool = False
    """In the last message."""
    rewritten: bool = False
    """In a message of the history whose content was replaced."""
    source: Mapping | None = None
    """The block or tool as written, when it is a dict that the analysis has seen."""
    outer: Mapping | None = None
    """The message that holds it."""
    order: Variations = ()
    """What makes its place among its neighbours vary."""
    site: Site | None = None
    """Where it was added, when that was not in a display."""
    edited: Site | None = None
    """Where it was changed after it had been sent."""
    grown: tuple[int, ...] = ()
    """The loops with whose passes it was added."""
    conditions: tuple[Condition, ...] = ()
    """What decides whether it is there."""

    @cached_property
    def variations(self) -> Variations:
        """What makes the block vary, its place included."""
        return merged(variations_in(self.value), self.order)

    @cached_property
    def minimum_length(self) -> int:
        """How many characters of it are known."""
        return known_length(self.value)

    @cached_property
    def exact_length(self) -> int | None:
        """How many characters it has, when all of it is known."""
        text = constant_text(self.value)
        if text is not None:
            return len(text)
        return _exact(self.value)


@dataclass(eq=False)
class Request:
    """One variant of a request."""

    call: SinkCall
    blocks: list[Block]
    automatic: Marker | None
    model: str | None
    parameters: dict[str, Value] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    """Arguments that are not known at all."""

    @cached_property
    def breakpoints(self) -> list[int]:
        """Indexes of the blocks that carry a marker, in render order; an automatic one stands at the last block."""
        found = [index for index, block in enumerate(self.blocks) if block.marker is not None]
        if self.automatic is not None and self.blocks and (not found or found[-1] != len(self.blocks) - 1):
            found.append(len(self.blocks) - 1)
        return found

    @cached_property
    def last_breakpoint(self) -> int | None:
        """The index of the last block that is cached; None when nothing is."""
        points = self.breakpoints
        return points[-1] if points else None

    def marker_at(self, index: int) -> Marker:
        """The marker of a breakpoint: that of its block, or the automatic one."""
        marker = self.blocks[index].marker or self.automatic
        assert marker is not None
        return marker

    @property
    def cached(self) -> bool:
        """Whether anything is cached."""
        return self.automatic is not None or any(block.marker is not None for block in self.blocks)

    @property
    def places(self) -> tuple[Site, ...]:
        """The calls that lead to the request, the outermost first, and the one that sends it."""
        return (*(step.site for step in self.call.chain), self.call.site)

    def tier(self, tier: Tier) -> list[Block]:
        """The blocks of a tier."""
        return [block for block in self.blocks if block.tier == tier]


def build(call: SinkCall) -> list[Request]:
    """The variants of the request that a call sends."""
    arguments = call.arguments
    system, messages = arguments.get("system"), arguments.get("messages")
    choices = product(
        options_of(arguments.get("tools", NONE)),
        options_of(system if system is not None else NONE),
        options_of(messages if messages is not None else NONE),
        options_of(arguments.get("cache_control", NONE)),
    )
    requests = []
    loops = call.loops
    for tools, system_value, messages_value, automatic in islice(choices, MAXIMUM_VARIANTS):
        blocks = [*_tools(tools), *_system(system_value), *_messages(messages_value, loops)]
        unknown = tuple(
            name
            for name, value in (("tools", tools), ("system", system_value), ("messages", messages_value))
            if isinstance(value, Symbol) and not _not_given(value)
        )
        place = argument_site(call.site, "cache_control")
        marker = marker_of(Entry(automatic, site=place), automatic=True) if "cache_control" in arguments else None
        requests.append(Request(call, blocks, marker, model_of(arguments.get("model")), arguments, unknown))
    return requests


def model_of(value: Value | None) -> str | None:
    """The model's id, when the source says it; of several the first."""
    for option in options_of(value) if value is not None else ():
        text = constant_text(option)
        if text is not None:
            return text
    return None


def marker_of(entry: Entry | None, *, automatic: bool = False) -> Marker | None:
    """The marker that a `cache_control` entry sets; None for None and for an argument that is not given."""
    if entry is None:
        return None
    found: Marker | None = None
    absent = False
    for option in options_of(entry.value):
        if option == NONE or (isinstance(option, Symbol) and _not_given(option)):
            absent = True
        elif isinstance(option, Mapping):
            ttl = option.entries.get("ttl")
            text = _ttl(ttl) if ttl is not None else DEFAULT_TTL
            kind = option.entries.get("type")
            found = Marker(text, entry.site, entry.maybe, automatic, _plain(kind.value) if kind is not None else None)
        else:
            found = found or Marker(None, entry.site, entry.maybe, automatic)
    if found is not None and absent:
        found = Marker(found.ttl, found.site, True, automatic, found.kind)
    return found


def _ttl(entry: Entry) -> str | None:
    options = {_plain(option) for option in options_of(entry.value)}
    return options.pop() if len(options) == 1 else None


def _plain(value: Value) -> str | None:
    if isinstance(value, Constant):
        return str(value.value) if value.value is not None else DEFAULT_TTL
    return None


def _not_given(value: Symbol) -> bool:
    return value.path.rpartition(".")[2].removesuffix("()") in _NOT_GIVEN


# -- tiers -------------------------------------------------------------------------------------------------------------


def _tools(value: Value) -> Iterator[Block]:
    if isinstance(value, Sequence):
        for position, item in enumerate(value.items):
            for option in options_of(item.value):
                yield _either(
                    _block("tools", _position("tools", position, item), option, item, value.order), item.value
                )
    elif (isinstance(value, Symbol) and not _not_given(value)) or isinstance(value, (Mapping, Instance)):
        yield Block("tools", "tools", value)


def _position(tier: str, position: int, item: Item) -> str:
    return f"{tier}[…]" if item.repeated else f"{tier}[{position}]"


def _block(tier: Tier, position: str, value: Value, item: Item, order: Variations = ()) -> Block:
    if not isinstance(value, Mapping):
        block = Block(tier, position, value, maybe=item.maybe, repeated=item.repeated, stored=item.stored, order=order)
        block.site, block.grown, block.conditions = item.site, item.grown, item.conditions
        return block
    entry = value.entries.get("cache_control")
    marker = marker_of(entry)
    rendered = value
    if entry is not None or value.entries.get("type") is not None:
        rendered = Mapping(
            {key: inner for key, inner in value.entries.items() if key not in ("cache_control", "type")},
            value.rest,
            value.open,
            value.order,
        )
    text = value.entries.get("text")
    shown: Value = rendered
    if text is not None and len(rendered.entries) <= 1 and not rendered.rest:
        shown = text.value
    return Block(
        tier,
        position,
        shown,
        marker,
        maybe=item.maybe,
        scattered=_is_scattered(item),
        repeated=item.repeated,
        stored=item.stored,
        source=value,
        order=order,
        site=item.site,
        edited=value.edited,
        grown=item.grown,
        conditions=item.conditions,
    )


def _is_scattered(item: Item) -> bool:
    return item.maybe and item.repeated and not item.stored


def _either(block: Block, *among: Value) -> Block:
    """A block, marked as an alternative when a value that it is taken from is a choice."""
    block.alternative = block.alternative or any(isinstance(value, Choice) for value in among)
    return block


def _system(value: Value) -> Iterator[Block]:
    if isinstance(value, Sequence):
        for position, item in enumerate(value.items):
            for option in options_of(item.value):
                yield _either(
                    _block("system", _position("system", position, item), option, item, value.order), item.value
                )
    elif value != NONE and not (isinstance(value, Symbol) and _not_given(value)):
        yield Block("system", "system[0]" if not isinstance(value, Symbol) else "system", value)


def _messages(value: Value, loops: tuple[int, ...]) -> Iterator[Block]:
    if isinstance(value, Sequence):
        last = len(value.items) - 1
        for position, item in enumerate(value.items):
            if item.grown and loops[: len(item.grown)] == item.grown:
                item.stored = True  # the loop that adds it is the one that sends: later requests resend it as it is
            for option in options_of(item.value):
                final = position == last and not item.repeated
                for block in _message(option, _position("messages", position, item), item, final=final):
                    yield _either(block, item.value)
    elif value != NONE and not (isinstance(value, Symbol) and _not_given(value)):
        yield Block("messages", "messages", value, stored=True)


def _message(message: Value, position: str, item: Item, *, final: bool) -> Iterator[Block]:
    content = message.entries.get("content") if isinstance(message, Mapping) else None
    if not isinstance(message, Mapping) or content is None:
        stored = item.stored or isinstance(message, Symbol)
        block = Block(
            "messages", position, message, maybe=item.maybe, repeated=item.repeated, stored=stored, final=final
        )
        block.appended = item.grown
        yield block
        return
    role_entry = message.entries.get("role")
    role = constant_text(role_entry.value) if role_entry is not None else None
    for option in options_of(content.value):
        if isinstance(option, Sequence):
            for inner_position, inner in enumerate(option.items):
                for inner_option in options_of(inner.value):
                    block = _block(
                        "messages", _position(f"{position}.content", inner_position, inner), inner_option, inner
                    )
                    yield _either(_in_message(block, message, item, role, final=final), content.value, inner.value)
        else:
            block = _in_message(Block("messages", f"{position}.content[0]", option), message, item, role, final=final)
            yield _either(block, content.value)


def _in_message(block: Block, message: Mapping, item: Item, role: str | None, *, final: bool) -> Block:
    block.role, block.outer, block.final = role, message, final
    block.maybe = block.maybe or item.maybe
    block.scattered = block.scattered or _is_scattered(item)
    block.repeated = block.repeated or item.repeated
    block.stored = block.stored or item.stored
    block.appended = item.grown
    block.rewritten = message.rewritten
    block.site = item.site
    block.edited = block.edited or message.edited or _edited_inside(block.value)
    return block


def _edited_inside(value: Value, depth: int = 3) -> Site | None:
    if isinstance(value, Mapping) and value.edited is not None:
        return value.edited
    inner = (_edited_inside(child, depth - 1) for child in children_of(value)) if depth else ()
    return next((site for site in inner if site is not None), None)


# -- lengths -----------------------------------------------------------------------------------------------------------


def known_length(value: Value, depth: int = 8) -> int:
    """How many characters of a value are known at least, as text or as JSON."""
    if isinstance(value, Text):
        return sum(len(part) for part in value.parts if isinstance(part, str))
    if isinstance(value, Constant):
        return len(str(value.value))
    if depth == 0:
        return 0
    if isinstance(value, Mapping):
        return sum(
            len(str(key)) + 6 + known_length(entry.value, depth - 1)
            for key, entry in value.entries.items()
            if not entry.maybe
        )
    if isinstance(value, Sequence):
        return sum(known_length(item.value, depth - 1) for item in value.items if not item.maybe and not item.repeated)
    return 0


def _exact(value: Value, depth: int = 8) -> int | None:
    if isinstance(value, Constant):
        return len(str(value.value))
    if isinstance(value, Text) or depth == 0:
        return None
    lengths: list[int | None] = []
    extra = 0
    if isinstance(value, Mapping):
        if value.open or value.rest or any(entry.maybe for entry in value.entries.values()):
            return None
        extra = sum(len(str(key)) + 6 for key in value.entries)
        lengths = [_exact(entry.value, depth - 1) for entry in value.entries.values()]
    elif isinstance(value, Sequence) and value.exact:
        lengths = [_exact(item.value, depth - 1) for item in value.items]
    else:
        return None
    return None if None in lengths else extra + sum(length for length in lengths if length is not None)


def leading_text(value: Value) -> tuple[int, bool]:
    """The number of known characters at the start of a value, and whether they are all of it."""
    length = 0
    for part in parts_of(value):
        if isinstance(part, Hole):
            return length, False
        length += len(part)
    return length, True
