"""How many tokens a prompt has, estimated without a tokenizer: a range, because nobody publishes one.

Models before Claude Opus 4.7 average 3.5 characters per token on prompts, newer ones 2.7 (the newer tokenizer counts
about 30 % more; Anthropic documentation, Pricing, 2026-08-21). English prose has more characters per token, JSON and
code have fewer; a character outside ASCII is about one token. Tools add a few hundred tokens of hidden instructions,
and images count by their size in pixels: the estimates leave out the former and assume the latter.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cachelint.prompt.layout import without_markers
from cachelint.prompt.models import model_facts

IMAGE_TOKENS = 1_600
"""Assumed for each image: the most that one costs, at the largest size that is not scaled down."""

DOCUMENT_TOKENS = 2_500
"""Assumed for each document that is not plain text: about one page of a PDF."""

_MEDIA = {"image": IMAGE_TOKENS, "document": DOCUMENT_TOKENS}


@dataclass(frozen=True, slots=True)
class TokenEstimate:
    """A number of tokens: surely at least `lower`, probably about `likely`, surely at most `upper`."""

    lower: int
    likely: int
    upper: int


@dataclass(frozen=True, slots=True)
class _CharactersPerToken:
    most: float
    likely: float
    least: float


_OLD = _CharactersPerToken(most=5.0, likely=3.5, least=2.3)
_NEW = _CharactersPerToken(most=4.0, likely=2.7, least=1.8)


def estimate_tokens(text: str | int, model: str | None = None) -> TokenEstimate:
    """The tokens of a text, or of that many characters of English text.

    An unknown or missing model gets the widest range: `lower` of the old tokenizers, `likely` and `upper` of the new.

    >>> estimate_tokens(3_500, "claude-sonnet-4-5").likely
    1000
    """
    lowest, highest = _tokenizers(model)
    characters = text if isinstance(text, int) else len(text)
    foreign = 0 if isinstance(text, int) or text.isascii() else sum(character > "\x7f" for character in text)
    ascii_characters = characters - foreign
    return TokenEstimate(
        lower=int(ascii_characters / lowest.most + foreign * 0.5),
        likely=int(ascii_characters / highest.likely + foreign * 0.8),
        upper=int(ascii_characters / highest.least + foreign * 2.0),
    )


def estimate_block_tokens(value: Any, model: str | None = None) -> int:
    """The likely tokens of one block of a request, media included. Adding or moving breakpoints does not change it."""
    media = _media_tokens(value)
    text = _text(value)
    return media + estimate_tokens(text, model).likely


def _tokenizers(model: str | None) -> tuple[_CharactersPerToken, _CharactersPerToken]:
    facts = model_facts(model) if model else None
    if facts is None:
        return _OLD, _NEW
    return (_NEW, _NEW) if facts.new_tokenizer else (_OLD, _OLD)


def _text(value: Any) -> str:
    """What the model reads of a block: its text, or the block as JSON with the media left out."""
    if isinstance(value, Mapping) and value.get("type") == "text" and isinstance(value.get("text"), str):
        return str(value["text"])
    return json.dumps(_without_media(without_markers(value)), ensure_ascii=False, separators=(",", ":"), default=str)


def _without_media(value: Any) -> Any:
    if isinstance(value, dict):
        if _is_media(value):
            return value["type"]
        return {key: _without_media(item) for key, item in value.items()}
    return [_without_media(item) for item in value] if isinstance(value, list) else value


def _media_tokens(value: Any) -> int:
    if isinstance(value, Mapping):
        if _is_media(value):
            return _MEDIA[value["type"]]
        return sum(_media_tokens(item) for item in value.values())
    return sum(_media_tokens(item) for item in value) if isinstance(value, list | tuple) else 0


def _is_media(value: Mapping[str, Any]) -> bool:
    source = value.get("source")
    return value.get("type") in _MEDIA and isinstance(source, Mapping) and source.get("type") not in ("text", "content")
