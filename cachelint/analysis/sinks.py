"""The calls that send a prompt: which callee, and which argument plays which part; data first, so that it can grow."""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Mapping as References
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import libcst as cst

from cachelint.analysis.clients import objects
from cachelint.analysis.clients.entries import Entry
from cachelint.analysis.clients.senders import METHODS, RECEIVERS, Senders
from cachelint.analysis.syntax import Site
from cachelint.analysis.values import (
    Class,
    Function,
    Mapping,
    Sequence,
    Symbol,
    Value,
    options_of,
    rebuilt,
)
from cachelint.analysis.values import Entry as MappingEntry
from cachelint.analysis.variation import Step
from cachelint.clients import DECLARED, Client, declared_client
from cachelint.findings import Confidence

if TYPE_CHECKING:
    from cachelint.analysis.interpreter.state import Arguments, State
    from cachelint.config import Settings

_MESSAGES = re.compile(
    r"(?:^|\.)(?:beta\.)?(?:prompt_caching\.)?messages\.(?:with_raw_response\.|with_streaming_response\.)?"
    r"(?P<method>create|stream|parse|count_tokens|tool_runner)$"
)
_BATCHES = re.compile(r"(?:^|\.)messages\.batches\.(?:with_raw_response\.|with_streaming_response\.)?create$")
_FOREIGN = re.compile(
    r"(?:^|\.)(?:threads|runs)\.messages\.|^(?:twilio|openai|azure|groq|mistralai|sendgrid|plivo|vonage|telnyx)\b"
)
MAXIMUM_WAYS = 16
"""Ways through a function to one call that are told apart, for each way in which the function is called."""

PROMPT_ARGUMENTS = ("tools", "system", "messages")
_TELLING = frozenset(("model", "messages", "system", "max_tokens", "tools", "requests"))


@dataclass(frozen=True, slots=True)
class Sink:
    """One way of sending a prompt."""

    method: str
    """create, stream, parse, count_tokens, tool_runner, batch, or the name of another client's call."""
    client: str = "anthropic"
    """anthropic, or the name of another client."""


@dataclass(slots=True, eq=False)
class SinkCall:
    """A call that sends a prompt, with its evaluated arguments by part."""

    sink: Sink
    site: Site
    callee: str
    """The resolved name: ``anthropic.Anthropic().messages.create``."""
    arguments: dict[str, Value]
    maybe: frozenset[str]
    open: bool
    """True when it may pass more arguments than are known."""
    chain: tuple[Step, ...]
    loops: tuple[int, ...]
    doubted: bool = False
    run: int = 0
    """Calls of one run happen one after the other, in the order in which they are recorded."""
    path: tuple[tuple[int, int], ...] = ()
    """The forks passed on the way to it, each with the branch taken."""
    confidence: Confidence = Confidence.HIGH
    """How sure it is that the prompt goes to Claude."""
    made: frozenset[Site] = frozenset()
    """Where the objects of the client were made that take part in it."""
    definition: bool = False
    """Makes an object that sends: the request of a call that uses the object says more."""

    @property
    def written(self) -> str:
        """The callee as the source has it, ``client.messages.create``; its resolved name where that is another one."""
        resolved = self.callee.removeprefix("?.")
        if isinstance(self.site.node, cst.Call):
            text = re.sub(r"\s+", "", cst.Module([]).code_for_node(self.site.node.func))
            if text.rpartition(".")[2] == resolved.rpartition(".")[2]:
                return text
        return resolved


class Sinks:
    """Recognises sinks by the name of the callee: those of the anthropic SDK, and those that clients declare."""

    def __init__(self, settings: Settings, clients: Iterable[Client] = ()) -> None:
        declared = declared_client(settings)
        everyone = (*clients, declared)
        self.senders = Senders(everyone)
        self._declared = bool(declared.sinks)
        self.entry = self.senders.entries.find
        self.methods = self.senders.entries.methods
        self.adding = frozenset(
            call.rpartition(".")[2]
            for client in everyone
            for declaration in client.sinks
            if declaration.does == "adds"
            for call in declaration.call
        )
        """The last names of decorators that add to a prompt."""

    def mentioned(self, references: Iterable[str], receivers: frozenset[str] = frozenset()) -> bool:
        """Whether a function that refers to these names may call the SDK; `receivers` stand for `client.messages`."""
        parts = (name.partition(".") for name in references)
        return any(last in METHODS and (first in RECEIVERS or first in receivers) for first, _, last in parts)

    def receivers(self, references: References[str, frozenset[str]]) -> frozenset[str]:
        """The names that stand for `client.messages`, of those that are assigned attributes with these references."""
        return frozenset(name for name, mentioned in references.items() if "messages" in mentioned)

    def match(self, callee: Symbol, arguments: Arguments) -> Sink | None:
        """The sink that a callee is; None when it sends no prompt."""
        path = callee.path
        found = _MESSAGES.search(path)
        if found is not None and not _FOREIGN.search(path):
            if not (_TELLING & set(arguments.named) or arguments.spread):
                return None
            if "body" in arguments.named and "messages" not in arguments.named:
                return None
            return Sink(found["method"])
        if _BATCHES.search(path):
            return Sink("batch")
        return None

    def called(self, state: State, callee: Symbol, arguments: Arguments) -> Value | None:
        """What a call returns that sends a prompt or makes a part of one, the prompt recorded; None for other calls."""
        sent = self.match(callee, arguments)
        if sent is not None:
            self.record(state, sent, callee, arguments)
            return Symbol("anthropic.types.Message()", name="response")
        entry = self.entry(callee.path)
        return objects.call(state, entry, callee.path, None, arguments) if entry is not None else None

    def called_own(self, state: State, callee: Function | Class, arguments: Arguments) -> Value | None:
        """The same for a function or a class of the project, which only a configuration can declare."""
        if not self._declared:
            return None
        from cachelint.analysis.sources import dotted_name

        path = dotted_name(callee)
        entry = self.entry(path)
        if entry is None or entry.client != DECLARED:
            return None
        return objects.call(state, entry, path, None, _by_name(callee, arguments))

    def record(self, state: State, sink: Sink, callee: Symbol, arguments: Arguments) -> None:
        """Remember a call of the SDK that sends a prompt, as its arguments are now."""
        if sink.method == "batch":
            self._record_batch(state, sink, callee.path, arguments, arguments.named)
        elif not _often_enough(state, arguments.site):
            state.recorded.append(_recorded(state, sink, callee.path, arguments.named, arguments))

    def record_prompt(
        self,
        state: State,
        entry: Entry,
        path: str,
        sent: dict[str, Value],
        arguments: Arguments,
        made: tuple[Site, ...],
        confidence: Confidence,
        *,
        definition: bool = False,
    ) -> None:
        """Remember a call of another client that sends a prompt, or that makes an object which does."""
        if _often_enough(state, arguments.site):
            return
        call = _recorded(state, Sink(path.rpartition(".")[2], entry.client), path, sent, arguments)
        call.made, call.definition, call.confidence = frozenset(made), definition, confidence
        state.recorded.append(call)

    def _record_batch(
        self, state: State, sink: Sink, label: str, arguments: Arguments, parts: dict[str, Value]
    ) -> None:
        state.effects += 1
        for params in _batch_items(parts.get("requests")):
            kept = {
                str(key): rebuilt(entry.value)
                for key, entry in params.entries.items()
                if isinstance(entry, MappingEntry)
            }
            maybe = frozenset(str(key) for key, entry in params.entries.items() if entry.maybe)
            state.recorded.append(
                SinkCall(sink, arguments.site, label, kept, maybe, params.open, state.chain, state.loops)
            )


def _often_enough(state: State, site: Site) -> bool:
    """Whether one call has been seen in so many ways already that one more tells nothing new."""
    state.effects += 1
    return sum(call.site == site for call in state.recorded) >= MAXIMUM_WAYS


def _recorded(state: State, sink: Sink, path: str, parts: dict[str, Value], arguments: Arguments) -> SinkCall:
    memo: dict[int, Value] = {}
    state.effects += 1
    return SinkCall(
        sink,
        arguments.site,
        path,
        {name: rebuilt(value, None, memo) for name, value in parts.items()},
        arguments.maybe,
        bool(arguments.spread),
        state.chain,
        state.loops,
        run=state.run,
        path=state.path(),
    )


def _by_name(callee: Function | Class, arguments: Arguments) -> Arguments:
    """The arguments of a call of a project function, each also under the name of its parameter."""
    contents = callee.contents.methods.get("__init__") if isinstance(callee, Class) else callee.contents
    names = contents.parameters if contents is not None else ()
    if contents is not None and contents.parent is not None and "staticmethod" not in contents.decorators:
        names = names[1:]
    named = {**dict(zip(names, arguments.positional, strict=False)), **arguments.named}
    return replace(arguments, named=named)


def _batch_items(requests: Value | None) -> Iterable[Mapping]:
    """The parameters of the requests of a batch."""
    for option in options_of(requests) if requests is not None else ():
        for item in option.items if isinstance(option, Sequence) else ():
            for request in options_of(item.value):
                params = request.entries.get("params") if isinstance(request, Mapping) else None
                for value in options_of(params.value) if params is not None else ():
                    if isinstance(value, Mapping):
                        yield value
