"""Estimates of token counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cachelint.prompt import estimate_block_tokens, estimate_tokens
from cachelint.prompt.tokens import IMAGE_TOKENS

MODELS = st.sampled_from([None, "claude-opus-5", "claude-sonnet-4-5", "claude-unheard-of-9"])


@given(st.text(), MODELS)
def test_the_likely_number_lies_between_the_bounds(text: str, model: str | None) -> None:
    estimate = estimate_tokens(text, model)
    assert 0 <= estimate.lower <= estimate.likely <= estimate.upper


@given(st.text(alphabet=st.characters(max_codepoint=127)), MODELS)
def test_of_ascii_text_only_the_length_counts(text: str, model: str | None) -> None:
    assert estimate_tokens(text, model) == estimate_tokens(len(text), model)


def test_newer_models_count_about_a_third_more() -> None:
    old, new = estimate_tokens(10_000, "claude-sonnet-4-5"), estimate_tokens(10_000, "claude-opus-5")
    assert new.likely / old.likely == pytest.approx(1.3, abs=0.01)


def test_an_unknown_model_could_be_either() -> None:
    unknown = estimate_tokens(10_000)
    assert unknown.lower == estimate_tokens(10_000, "claude-sonnet-4-5").lower
    assert unknown.upper == estimate_tokens(10_000, "claude-opus-5").upper


def test_a_breakpoint_weighs_nothing() -> None:
    tool = {"name": "t", "description": "d" * 100}
    assert estimate_block_tokens({**tool, "cache_control": {"type": "ephemeral"}}) == estimate_block_tokens(tool)


def test_an_image_weighs_the_same_whatever_its_bytes() -> None:
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "A" * 100_000}}
    assert IMAGE_TOKENS <= estimate_block_tokens(image) < IMAGE_TOKENS + 20
