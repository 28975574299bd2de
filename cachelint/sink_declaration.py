"""How a client is described: which of its calls send a prompt or make a part of one, and what their arguments are.

The clients that come with cachelint (`cachelint/clients/*.toml`) and those that a project declares
(`[[tool.cachelint.sinks]]`) are described in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from cachelint.toml_table import Reader, argument_names, boolean, one_of, read, string, string_or_strings, table_of

DOES = ("sends", "makes", "agent", "extends", "adds", "message", "breakpoint", "renders")
PARTS = (
    "tools",
    "system",
    "messages",
    "prompt",
    "model",
    "cache_control",
    "template",
    "variables",
    "body",
    "speaker",
)
"""The fields that name arguments which play a part."""


def _tier(*more: str) -> Reader:
    """Reads a part of the prompt, or one of `more`."""

    def reader(key: str, value: Any) -> str:
        # Only now: a check that finds no prompt needs nothing of the kernel.
        from cachelint.prompt.layout import TIERS

        return str(one_of(*TIERS, *more)(key, value))

    return reader


def _empty() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class SinkDeclaration:
    """A call, and the arguments of it that play a part in a prompt.

    A part is the name of a keyword argument or the index of a positional one, or several of them, of which all that
    are given count. ``model_kwargs.system`` is an entry of a dict that is passed.
    """

    call: tuple[str, ...] = field(metadata=read(string_or_strings))
    """Dotted names, ``mycorp.llm.ask``; ``()`` stands for the result of a call, ``*`` for any text."""
    does: Literal["sends", "makes", "agent", "extends", "adds", "message", "breakpoint", "renders"] = field(
        default="sends", metadata=read(one_of(*DOES))
    )
    """``sends`` a prompt. ``makes`` an object: what it is given is part of every prompt that its methods send; an
    ``agent`` is such an object that sends of its own accord, until it is done, and so is a request by itself.
    ``extends``: the method of an object that returns one with more parts. ``adds``: decorates a function whose result
    is part of the prompts of the object. ``message``, ``breakpoint``: makes one. ``renders`` a template."""
    tools: tuple[str, ...] = field(default=(), metadata=read(argument_names))
    system: tuple[str, ...] = field(default=(), metadata=read(argument_names))
    messages: tuple[str, ...] = field(default=(), metadata=read(argument_names))
    prompt: tuple[str, ...] = field(default=(), metadata=read(argument_names))
    """What the newest message of the user says."""
    model: tuple[str, ...] = field(default=(), metadata=read(argument_names))
    cache_control: tuple[str, ...] = field(default=(), metadata=read(argument_names))
    template: tuple[str, ...] = field(default=(), metadata=read(argument_names))
    """Messages with ``{fields}``."""
    variables: tuple[str, ...] = field(default=(), metadata=read(argument_names))
    """What is filled into them; ``**`` for all keyword arguments."""
    body: tuple[str, ...] = field(default=(), metadata=read(argument_names))
    """A whole request of the Messages API, as a dict or as JSON."""
    speaker: tuple[str, ...] = field(default=(), metadata=read(argument_names))
    """Whose message it is, where an argument says it."""
    clock: tuple[str, ...] = field(default=(), metadata=read(argument_names))
    """Settings that, when true, make the client render the time into the system prompt."""
    includes: tuple[str, ...] = field(default=(), metadata=read(argument_names))
    """Objects that calls of the same client have made: their parts are parts of this one."""
    role: str | None = field(default=None, metadata=read(string))
    """Whose message it is: ``system``, ``user``, ``assistant``."""
    caches: str | None = field(default=None, metadata=read(_tier()))
    """The part at whose end the client always sets a breakpoint."""
    caches_if: Mapping[str, str] = field(default_factory=_empty, metadata=read(table_of(_tier("listed"))))
    """Argument to the part at whose end it sets one when the argument is true, a lifetime or an object; ``listed`` for
    an argument that lists the places, as LiteLLM's ``cache_control_injection_points``."""
    late: bool = field(default=False, metadata=read(boolean))
    """True when what functions render of `system` stands behind the breakpoint that `caches_if` sets there."""
    when: Mapping[str, str] = field(default_factory=_empty, metadata=read(table_of(string)))
    """Argument to a glob: only calls of which it is known to match count."""
    models: str | None = field(default=None, metadata=read(one_of("claude", "any", "named")))
    """``claude``: everything goes to Claude; ``any``: the name of the model decides, and where it is not known findings
    are shown only on request; ``named``: nothing is reported unless the name or a breakpoint says that it is Claude.
    The default is that of the object, and ``claude`` where there is none."""
    period: str | None = field(default=None, metadata=read(one_of("session")))
    """How often the parts are rendered, when that is less than for every request."""

    def places(self, part: str) -> tuple[str, ...]:
        """The arguments that play a part."""
        found: tuple[str, ...] = getattr(self, part)
        return found
