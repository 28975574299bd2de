"""The parts of a request, besides its messages, that the prompt is rendered from."""

from __future__ import annotations

from dataclasses import dataclass

from cachelint.analysis.request import Request
from cachelint.analysis.values import Choice, Mapping, Value, choice, constant_text, options_of
from cachelint.prompt.layout import Tier
from cachelint.prompt.models import model_facts
from cachelint.prompt.parameters import PARAMETER_TIERS


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a request that the prompt is rendered from."""

    name: str
    code: str
    tier: Tier
    """The first tier that is lost when it changes."""
    argument: str
    key: str = ""
    """The entry of the argument, where the part is one."""

    @property
    def parameter(self) -> str:
        """Its name as `prompt_parameters` has it; ``tools`` and ``system`` for these."""
        return self.key or self.argument.removeprefix("output_")

    def written(self, request: Request) -> Value | None:
        """Its value as the request has it; None when it is not there."""
        value = request.parameters.get(self.argument)
        if not self.key:
            return value
        entries = [entry for option in _mappings(value) if (entry := option.entries.get(self.key)) is not None]
        conditions = value.conditions if isinstance(value, Choice) else ()
        return choice((entry.value for entry in entries), conditions) if entries else None

    def stated(self, request: Request) -> Value | None:
        """Its value; None where it says what leaving it out says."""
        value = self.written(request)
        return _stated(self.name, value, request.model) if value is not None else None


_FIRST_LOST = {**PARAMETER_TIERS, "thinking": "messages", "effort": "messages", "betas": "messages"}

PARTS = (
    Part("model", "CL404", "tools", "model"),
    Part("tools", "CL402", "tools", "tools"),
    Part("output format", "CL404", _FIRST_LOST["format"], "output_config", "format"),
    Part("output format", "CL404", _FIRST_LOST["format"], "output_format"),
    Part("system prompt", "CL403", "system", "system"),
    Part("speed", "CL404", _FIRST_LOST["speed"], "speed"),
    Part("task budget", "CL404", _FIRST_LOST["task_budget"], "output_config", "task_budget"),
    Part("thinking", "CL404", _FIRST_LOST["thinking"], "thinking"),
    Part("effort", "CL404", _FIRST_LOST["effort"], "output_config", "effort"),
    Part("tool choice", "CL404", _FIRST_LOST["tool_choice"], "tool_choice"),
    Part("betas", "CL404", _FIRST_LOST["betas"], "betas"),
)
"""In the order in which a change of them loses more."""


def _stated(name: str, value: Value, model: str | None) -> Value | None:
    if name == "thinking":
        kinds = [entry.value for option in _mappings(value) if (entry := option.entries.get("type")) is not None]
        return None if [constant_text(kind) for kind in kinds] == ["disabled"] else value
    if name == "tool choice":
        kinds = [entry.value for option in _mappings(value) if (entry := option.entries.get("type")) is not None]
        plain = [option for option in _mappings(value) if len(option.entries) == 1]
        return None if plain and [constant_text(kind) for kind in kinds] == ["auto"] else value
    facts = model_facts(model) if model else None
    if name == "effort" and facts is not None and constant_text(value) == facts.default_effort:
        return None
    if name == "speed" and constant_text(value) == "standard":
        return None
    return value


def _mappings(value: Value | None) -> list[Mapping]:
    return [option for option in options_of(value) if isinstance(option, Mapping)] if value is not None else []
