"""Which requests belong to one conversation, and which request each of them continues. Bounded in memory."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from cachelint.runtime import forks
from cachelint.runtime.divergence import Divergence, diverge
from cachelint.runtime.fingerprint import Fingerprint

MOST_SESSIONS = 256
"""Conversations of which the last prompt is kept, for comparison."""

MOST_BYTES = 16 * 1024 * 1024
"""Length of all kept prompts together."""

_MOST_SITES = 256
_PROMPTS_PER_SITE = 8
_NAME_LETTERS = 10

_MOST_ALIKE = 8
"""Conversations kept that began with the same message."""

_SAME_PROMPT = 0.5
"""How much of two prompts must be equal to call one a changed version of the other, and not another prompt."""

_SAME_HISTORY = 0.5
"""How many blocks of a history must come again in a longer one to call that an edited version of it."""

Start = tuple[str | None, bytes]
"""What a conversation is found by: the given name, and the hash of the first block of its messages."""

_name: ContextVar[str | None] = ContextVar("cachelint_session", default=None)


@contextmanager
def session(name: str) -> Iterator[None]:
    """Says that the requests made inside belong to one conversation. The name is written to the log as it is.

    Holds for the current thread or task and the tasks that it starts.
    """
    token = _name.set(name)
    try:
        yield
    finally:
        _name.reset(token)


def current_session() -> str | None:
    """The name given to the innermost `session`, or None outside any."""
    return _name.get()


@dataclass(slots=True, eq=False)
class Conversation:
    """A growing history, with the last request of it."""

    name: str | None
    """As the log has it."""
    start: Start
    number: int
    """Counts the conversations that started alike."""
    last: Fingerprint | None = None
    message_id: str | None = None
    """Of the last response; for the API's own diagnosis."""


Departure = tuple[Conversation, Divergence | None]
"""A conversation, and how a request departs from its last one; None if it repeats all that was cached of it."""


class Sessions:
    """The conversations of a process. Safe for threads; a child process starts with a copy."""

    def __init__(self) -> None:
        self._alive: OrderedDict[int, Conversation] = OrderedDict()
        self._starts: dict[Start, list[Conversation]] = {}
        self._sites: OrderedDict[tuple[str | None, str], deque[Conversation]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.RLock()
        forks.after_fork(self._after_fork)

    def follow(self, request: Fingerprint, named: str | None, site: str) -> Departure:
        """The conversation that a request belongs to, and how it departs from the request that it continues.

        `named`: the name given by the user. Without it the conversation is one that began with the same message,
        or the last one at this call site that has half of its history in common.
        """
        start = (named, _first_message(request))
        with self._lock:
            alike = tuple(self._starts.get(start, ()))
            neighbours = [other for other in self._sites.get((named, site), ()) if other.last is not None]
        continued = _continued(request, [*alike, *neighbours])
        if continued is not None:
            return continued
        number = max((other.number for other in alike), default=0) + 1
        departure = _nearest(request, [*alike, *neighbours], conversation=False)
        return new_conversation(request, named, number), departure[1] if departure else None

    def advance(self, conversation: Conversation, request: Fingerprint, site: str) -> None:
        """A response to the request has begun, so the next request of the conversation can read what it cached."""
        with self._lock:
            self._bytes += _length(request) - _length(conversation.last)
            conversation.last = request
            self._alive.pop(id(conversation), None)
            self._alive[id(conversation)] = conversation
            others = [other for other in self._starts.get(conversation.start, ()) if other is not conversation]
            self._starts[conversation.start] = [*others, conversation]
            self._note_site(conversation, request, (conversation.start[0], site))
            while self._alive and (len(self._alive) > MOST_SESSIONS or self._bytes > MOST_BYTES):
                self._forget(next(iter(self._alive.values())))
            if len(others) >= _MOST_ALIKE:
                self._forget(others[0])

    def _note_site(self, conversation: Conversation, request: Fingerprint, place: tuple[str | None, str]) -> None:
        """Keeps the last few prompts of a call site that differ in tools or system."""
        static = request.static
        kept = [other for other in self._sites.pop(place, ()) if other.last and other.last.static != static]
        self._sites[place] = deque([*kept, conversation], maxlen=_PROMPTS_PER_SITE)
        while len(self._sites) > _MOST_SITES:
            self._sites.popitem(last=False)

    def _forget(self, conversation: Conversation) -> None:
        self._alive.pop(id(conversation), None)
        self._bytes -= _length(conversation.last)
        conversation.last = None
        others = [other for other in self._starts.pop(conversation.start, ()) if other is not conversation]
        if others:
            self._starts[conversation.start] = others

    def _after_fork(self) -> None:
        self._lock = threading.RLock()


def _continued(request: Fingerprint, conversations: list[Conversation]) -> Departure | None:
    """The conversation that the request continues: the longest that it repeats, else one whose history it edits."""
    later = request.messages
    repeated: list[tuple[int, Conversation]] = []
    edited: list[Conversation] = []
    for conversation in conversations:
        earlier = conversation.last.messages if conversation.last is not None else ()
        if _starts_with(later, earlier):
            repeated.append((len(earlier), conversation))
        elif len(later) > len(earlier) > 1 and len(set(earlier) & set(later)) >= _SAME_HISTORY * len(earlier):
            edited.append(conversation)
    longest = max((length for length, _ in repeated), default=0)
    candidates = [conversation for length, conversation in repeated if length == longest] or edited
    return _nearest(request, candidates, conversation=True)


def _nearest(request: Fingerprint, conversations: list[Conversation], *, conversation: bool) -> Departure | None:
    """The conversation from which the request departs least; None if it resembles none of them."""
    nearest: tuple[Conversation, Divergence] | None = None
    for other in reversed(conversations):
        if other.last is None:
            continue
        found = diverge(other.last, request, conversation=conversation)
        if found is None:
            return other, None
        if nearest is None or found.kept > nearest[1].kept:
            nearest = other, found
    return nearest if nearest is not None and nearest[1].kept >= _SAME_PROMPT else None


def new_conversation(request: Fingerprint, named: str | None, number: int = 1) -> Conversation:
    """A conversation that begins with this request, as the `number`-th that began alike."""
    start = (named, _first_message(request))
    return Conversation(_session_name(start, number), start, number)


def _session_name(start: Start, number: int) -> str | None:
    named, first = start
    if named or not first:
        return named
    return f"~{first.hex()[:_NAME_LETTERS]}" + (f".{number}" if number > 1 else "")


def _starts_with(later: tuple[bytes, ...], earlier: tuple[bytes, ...]) -> bool:
    last = len(earlier) - 1
    return 0 <= last < len(later) and later[last] == earlier[last] and later[: last + 1] == earlier


def _first_message(fingerprint: Fingerprint) -> bytes:
    return fingerprint.messages[0] if fingerprint.messages else b""


def _length(fingerprint: Fingerprint | None) -> int:
    return fingerprint.weight if fingerprint is not None else 0
