"""The calls that send a prompt: which callee, and which argument plays which part; data first, so that it can grow."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst

from cachelint.analysis.mentions import sink_mentions
from cachelint.analysis.syntax import Site
from cachelint.analysis.values import (
    Entry,
    Function,
    Mapping,
    Sequence,
    Symbol,
    Value,
    options_of,
    rebuilt,
)
from cachelint.analysis.variation import Step

if TYPE_CHECKING:
    from cachelint.analysis.interpreter.state import Arguments, State
    from cachelint.config import Settings, SinkDeclaration

_MESSAGES = re.compile(
    r"(?:^|\.)(?:beta\.)?(?:prompt_caching\.)?messages\.(?:with_raw_response\.|with_streaming_response\.)?"
    r"(?P<method>create|stream|parse|count_tokens|tool_runner)$"
)
_BATCHES = re.compile(r"(?:^|\.)messages\.batches\.(?:with_raw_response\.|with_streaming_response\.)?create$")
_FOREIGN = re.compile(
    r"(?:^|\.)(?:threads|runs)\.messages\.|^(?:twilio|openai|azure|groq|mistralai|sendgrid|plivo|vonage|telnyx)\b"
)
PROMPT_ARGUMENTS = ("tools", "system", "messages")
_TELLING = frozenset(("model", "messages", "system", "max_tokens", "tools", "requests"))


@dataclass(frozen=True, slots=True)
class Sink:
    """One way of sending a prompt."""

    method: str
    """create, stream, parse, count_tokens, tool_runner, batch, or the name of another client's call."""
    parts: dict[str, str] = field(default_factory=dict)
    """Part of the prompt (tools, system, messages, model, cache_control) to the argument that plays it."""
    client: str = "anthropic"
    """anthropic; litellm, langchain …: clients whose system prompt stands in the messages."""


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

    @property
    def written(self) -> str:
        """The callee as the source has it, ``client.messages.create``; its resolved name where that is another one."""
        resolved = self.callee.removeprefix("?.")
        if isinstance(self.site.node, cst.Call):
            text = re.sub(r"\s+", "", cst.Module([]).code_for_node(self.site.node.func))
            if text.rpartition(".")[2] == resolved.rpartition(".")[2]:
                return text
        return resolved


_SYSTEM_IN_MESSAGES: dict[str, Sink] = {
    name: Sink(name.rpartition(".")[2], {}, "litellm")
    for name in (
        "litellm.completion",
        "litellm.acompletion",
        "litellm.Router().completion",
        "litellm.Router().acompletion",
        "litellm.router.Router().acompletion",
    )
}


class Sinks:
    """Recognises sinks by the name of the callee."""

    def __init__(self, settings: Settings) -> None:
        self._declared = settings.sinks
        self._needles = sink_mentions(settings)

    @property
    def last_names(self) -> frozenset[str]:
        """The last component of every callee that may be a sink."""
        declared = {declaration.call.rpartition(".")[2] for declaration in self._declared}
        return (
            frozenset(("create", "stream", "parse", "count_tokens", "tool_runner", "completion", "acompletion"))
            | declared
        )

    @property
    def needles(self) -> tuple[bytes, ...]:
        """Bytes of which a file that holds a sink contains at least one."""
        return self._needles

    def mentioned(self, references: Iterable[str]) -> bool:
        """Whether a function that refers to these names may hold a sink."""
        for name in references:
            first, _, last = name.partition(".")
            if last in _METHODS and first in _RECEIVERS:
                return True
            if name in ("litellm.completion", "litellm.acompletion"):
                return True
            if any(declaration.call.rpartition(".")[2] in (name, last) for declaration in self._declared):
                return True
        return False

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
        if path in _SYSTEM_IN_MESSAGES:
            return _SYSTEM_IN_MESSAGES[path]
        return self._declared_sink(path)

    def declared_function(self, function: Function) -> Sink | None:
        """The sink that the configuration declares a project function to be."""
        if not self._declared:
            return None
        from cachelint.analysis.sources import dotted_name

        return self._declared_sink(dotted_name(function))

    def _declared_sink(self, name: str) -> Sink | None:
        from cachelint.analysis.sources import matches

        for declaration in self._declared:
            if matches(declaration.call, name):
                return _from_declaration(declaration)
        return None

    def record(self, state: State, sink: Sink, callee: Symbol | Function, arguments: Arguments) -> None:
        """Remember a call that sends a prompt, as its arguments are now."""
        label = callee.path if isinstance(callee, Symbol) else callee.contents.qualified_name if callee.contents else ""
        parts = dict(arguments.named)
        for part, place in sink.parts.items():
            value = arguments.get(int(place)) if place.isdigit() else arguments.named.get(place)
            if value is not None:
                parts[part] = value
        if sink.method == "batch":
            self._record_batch(state, sink, label, arguments, parts)
            return
        memo: dict[int, Value] = {}
        state.effects += 1
        kept = {name: rebuilt(value, None, memo) for name, value in parts.items()}
        state.recorded.append(
            SinkCall(
                sink,
                arguments.site,
                label,
                kept,
                arguments.maybe,
                bool(arguments.spread),
                state.chain,
                state.loops,
                run=state.run,
                path=state.path(),
            )
        )

    def _record_batch(
        self, state: State, sink: Sink, label: str, arguments: Arguments, parts: dict[str, Value]
    ) -> None:
        state.effects += 1
        for params in _batch_items(parts.get("requests")):
            kept = {str(key): rebuilt(entry.value) for key, entry in params.entries.items() if isinstance(entry, Entry)}
            maybe = frozenset(str(key) for key, entry in params.entries.items() if entry.maybe)
            state.recorded.append(
                SinkCall(sink, arguments.site, label, kept, maybe, params.open, state.chain, state.loops)
            )


_METHODS = frozenset(("create", "stream", "parse", "count_tokens", "tool_runner"))
_RECEIVERS = frozenset(("messages", "with_raw_response", "with_streaming_response", "batches"))


def _from_declaration(declaration: SinkDeclaration) -> Sink:
    parts = {
        part: place
        for part in ("tools", "system", "messages", "model", "cache_control")
        if (place := getattr(declaration, part)) is not None
    }
    return Sink(declaration.call.rpartition(".")[2], parts, "declared")


def _batch_items(requests: Value | None) -> Iterable[Mapping]:
    """The parameters of the requests of a batch."""
    for option in options_of(requests) if requests is not None else ():
        for item in option.items if isinstance(option, Sequence) else ():
            for request in options_of(item.value):
                params = request.entries.get("params") if isinstance(request, Mapping) else None
                for value in options_of(params.value) if params is not None else ():
                    if isinstance(value, Mapping):
                        yield value
