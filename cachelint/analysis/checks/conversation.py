"""Which requests continue the same conversation, as far as that can be proven."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from cachelint.analysis.request import Request
from cachelint.analysis.values import Mapping, Symbol, Value, constant_text, in_attribute, options_of, origin_of
from cachelint.analysis.values import Sequence as Messages

_SINGLE = ("batch", "count_tokens")


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """A request that sends the messages of a conversation."""

    request: Request
    origin: str
    """Where the messages live."""
    answers: int
    """How many answers of the model they are known to hold, at least; those of a loop count once."""
    number: int
    """Its place in the order in which the requests of a run are sent."""

    @property
    def kept(self) -> bool:
        """Whether the messages outlive the function that sends them, in an attribute."""
        return in_attribute(self.origin)

    def continues_in(self, loops: tuple[int, ...]) -> bool:
        """Whether the passes of a loop go on with the same messages: the list is older than the loop."""
        call = self.request.call
        lists = [each for each in options_of(call.arguments["messages"]) if isinstance(each, Messages)]
        begun = any(each.loops[: len(loops)] == loops for each in lists if not in_attribute(each.origin))
        return bool(loops) and call.loops[: len(loops)] == loops and not begun

    @property
    def caches_messages(self) -> bool:
        """Whether a breakpoint stands in the messages."""
        last = self.request.last_breakpoint
        return last is not None and self.request.blocks[last].tier == "messages"


@dataclass(frozen=True, slots=True, eq=False)
class Continuation:
    """Two requests of one conversation."""

    first: Turn
    second: Turn
    ordered: bool
    """True when the second is sent after the first, by the same run of a function; else either may come first."""


def turns(requests: Sequence[Request]) -> list[Turn]:
    """The requests whose messages have an origin: each call once, in its variant with the most breakpoints."""
    best: dict[int, Request] = {}
    for request in requests:
        known = best.get(id(request.call))
        if known is None or len(request.breakpoints) > len(known.breakpoints):
            best[id(request.call)] = request
    found = []
    for number, request in enumerate(best.values()):
        messages = request.parameters.get("messages")
        origin = origin_of(messages) if messages is not None else ""
        if messages is not None and origin and request.call.sink.method not in _SINGLE:
            found.append(Turn(request, origin, _answers(messages), number))
    return found


def continuations(requests: Sequence[Request]) -> Iterator[Continuation]:
    """Pairs of requests of one conversation.

    In one run of a function the later one continues the earlier one when the same list has got an answer in between. In
    different methods it takes an attribute that holds answers.
    """
    groups: dict[str, list[Turn]] = {}
    for turn in turns(requests):
        groups.setdefault(turn.origin, []).append(turn)
    for group in groups.values():
        answered = any(turn.answers for turn in group)
        for first, second in combinations(group, 2):
            a, b = first.request.call, second.request.call
            if a.run == b.run and not exclusive(a.path, b.path) and second.answers > first.answers:
                yield Continuation(first, second, ordered=True)
            elif first.kept and answered and a.site.segment is not b.site.segment:
                yield Continuation(first, second, ordered=False)


def exclusive(one: Sequence[tuple[int, int]], other: Sequence[tuple[int, int]]) -> bool:
    """Whether two paths take different branches of one fork."""
    branches = dict(one)
    return any(branches.get(fork, branch) != branch for fork, branch in other)


def _answers(messages: Value) -> int:
    counts = [
        sum(any(map(_is_answer, options_of(item.value))) for item in option.items)
        for option in options_of(messages)
        if isinstance(option, Messages)
    ]
    return max(counts, default=0)


def _is_answer(message: Value) -> bool:
    role = message.entries.get("role") if isinstance(message, Mapping) else None
    if role is not None:
        return any(constant_text(option) == "assistant" for option in options_of(role.value))
    return isinstance(message, Symbol) and message.path.startswith("anthropic.types.Message()")
