"""What prompt caching depends on, model by model: the facts of `models.toml`, under any spelling of a model's id."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

_CLAUDE = re.compile(r"(?:^|[./~:])(claude-[a-z0-9.-]*[a-z0-9])")
_SUFFIX = re.compile(r"(?:-v\d+|-latest|-\d{8})$")
_GENERATION_FIRST = re.compile(r"^claude-(\d+)(?:-(\d{1,2}))?-(opus|sonnet|haiku)$")
_ZERO_MINOR = re.compile(r"^(claude-[a-z]+-\d+)-0$")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact was published."""

    key: str
    title: str
    dated: date
    """The day of the publication."""
    checked: date
    """The day on which the fact was last compared with it."""


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """The caching facts of one model. `None` is *unknown*: stay silent rather than assume."""

    id: str
    """The normalised id: ``claude-opus-4-8``."""
    minimum_tokens: int
    """The shortest prefix that is cached; a shorter one is not cached and nothing says so."""
    cache_read_multiplier: float
    """What a token read from the cache costs, as a multiple of the input price."""
    keeps_thinking: Literal["all", "last-turn"]
    """Whose thinking blocks stay in the prompt: those of all turns, or only of the last (the others are stripped)."""
    binds_thinking: bool
    """A thinking block is valid only behind the exact prompt that produced it; an edited history is rejected."""
    system_messages: bool | None = None
    """Accepts ``{"role": "system"}`` within `messages`."""
    forced_tool_choice: bool | None = None
    """Accepts a `tool_choice` of type ``any`` or ``tool``."""
    fast_mode: tuple[tuple[date, date], ...] = ()
    """The periods, both days included, in which ``speed: "fast"`` is offered."""
    fast_mode_otherwise: Literal["error", "standard"] | None = None
    """What ``speed: "fast"`` does outside these periods: an error, or standard speed without a word."""
    geo_multiplier: float | None = None
    """Price multiple of ``inference_geo: "us"``; a model without one rejects the parameter."""
    default_effort: str | None = None
    """What an absent ``output_config.effort`` means; a model without one has no effort parameter."""
    new_tokenizer: bool = False
    """Counts about 30 % more tokens for the same text than the models before Claude Opus 4.7."""
    end_of_life: date | None = None
    """The last day on which the first-party API serves the model."""
    sources: tuple[tuple[str, Source], ...] = ()
    """For each stated fact, by its name, where it was published."""

    def offers_fast_mode(self, day: date) -> bool:
        """Whether ``speed: "fast"`` has an effect on `day`."""
        return any(first <= day <= last for first, last in self.fast_mode)


def normalize_model(model: str) -> str:
    """The first-party id behind any spelling of a Claude model, without date, platform or router: ``claude-opus-4-8``.

    Knows dated and ``-latest`` ids, Vertex AI (``@20260701``), Amazon Bedrock (``us.anthropic.claude-...-v1:0``, ARNs),
    routers (``anthropic/claude-opus-4.8``), the long-context mark ``[1m]``, and the old order of words
    (``claude-3-5-haiku-20241022`` is ``claude-haiku-3-5``). Anything else is returned in lower case, as it is.

    >>> normalize_model("us.anthropic.claude-sonnet-4-5-20250929-v1:0")
    'claude-sonnet-4-5'
    """
    lowered = model.strip().lower()
    found = _CLAUDE.search(lowered)
    if found is None:
        return lowered
    name = found[1].replace(".", "-")
    while (shorter := _SUFFIX.sub("", name)) != name:
        name = shorter
    if old := _GENERATION_FIRST.match(name):
        major, minor, family = old.groups()
        return f"claude-{family}-{major}" + (f"-{minor}" if minor else "")
    return _ZERO_MINOR.sub(r"\1", name)


def model_facts(model: str) -> ModelFacts | None:
    """What is known of `model`, in any spelling; `None` for a model that the data file does not list.

    A newer sibling is never taken for an older one: ``claude-opus-5-6`` is unknown until somebody lists it.
    """
    return known_models().get(normalize_model(model))


@cache
def known_models() -> Mapping[str, ModelFacts]:
    """All listed models by normalised id, newest first within a family."""
    data = tomllib.loads((Path(__file__).parent / "models.toml").read_text("utf-8"))
    sources = {key: Source(key=key, **source) for key, source in data["sources"].items()}
    return {name: _facts(name, table, sources) for name, table in data["models"].items()}


def _facts(name: str, table: Mapping[str, Mapping[str, Any]], sources: Mapping[str, Source]) -> ModelFacts:
    values = {fact: stated["value"] for fact, stated in table.items()}
    if "fast_mode" in values:
        values["fast_mode"] = tuple((first or date.min, last or date.max) for first, last in values["fast_mode"])
    cited = tuple((fact, sources[stated["source"]]) for fact, stated in table.items())
    return ModelFacts(id=name, sources=cited, **values)
