"""The caching facts of models, and the spellings under which a model is found."""

from datetime import date

import pytest

from cachelint.prompt import known_models, model_facts, normalize_model

SPELLINGS = {
    "claude-haiku-4-5-20251001": "claude-haiku-4-5",
    "claude-opus-4-20250514": "claude-opus-4",
    "claude-opus-4-0": "claude-opus-4",
    "claude-3-5-haiku-latest": "claude-haiku-3-5",
    "claude-3-haiku-20240307": "claude-haiku-3",
    "claude-opus-5@20260701": "claude-opus-5",
    "anthropic.claude-opus-4-8-v1:0": "claude-opus-4-8",
    "us.anthropic.claude-sonnet-4-5-20250929-v1:0": "claude-sonnet-4-5",
    "us-gov.anthropic.claude-opus-4-6-v1": "claude-opus-4-6",
    "arn:aws:bedrock:us-east-1:1:inference-profile/eu.anthropic.claude-opus-5-v1:0": "claude-opus-5",
    "anthropic/claude-opus-4.8": "claude-opus-4-8",
    "openrouter/anthropic/claude-fable-5.1:thinking": "claude-fable-5-1",
    "vertex_ai/claude-opus-4-1@20250805": "claude-opus-4-1",
    "claude-sonnet-4-5[1m]": "claude-sonnet-4-5",
    "claude-mythos-preview": "claude-mythos-preview",
    "  Claude-Opus-5-5 ": "claude-opus-5-5",
    "gpt-5": "gpt-5",
    "my-claude-proxy": "my-claude-proxy",
}


@pytest.mark.parametrize(("spelling", "normalized"), SPELLINGS.items())
def test_every_spelling_leads_to_the_first_party_id(spelling: str, normalized: str) -> None:
    assert normalize_model(spelling) == normalized


def test_normalizing_twice_changes_nothing() -> None:
    assert {normalize_model(model) for model in known_models()} == set(known_models())


@pytest.mark.parametrize("unlisted", ["claude-opus-5-6", "claude-sonnet-5-1", "claude-fable-6", "claude-opus", "gpt-5"])
def test_an_unlisted_model_is_unknown_rather_than_its_older_sibling(unlisted: str) -> None:
    assert model_facts(unlisted) is None


def test_minimum_tokens_do_not_grow_or_shrink_with_the_generation() -> None:
    minimums = {name: facts.minimum_tokens for name, facts in known_models().items()}
    assert minimums == {
        "claude-fable-5-2": 512,
        "claude-mythos-5-2": 512,
        "claude-fable-5-1": 512,
        "claude-mythos-5-1": 512,
        "claude-opus-5-5": 512,
        "claude-sonnet-5-5": 512,
        "claude-haiku-5-5": 512,
        "claude-opus-5": 512,
        "claude-fable-5": 512,
        "claude-mythos-5": 512,
        "claude-sonnet-5": 1024,
        "claude-opus-4-8": 1024,
        "claude-opus-4-7": 2048,
        "claude-opus-4-6": 4096,
        "claude-sonnet-4-6": 1024,
        "claude-opus-4-5": 4096,
        "claude-sonnet-4-5": 1024,
        "claude-haiku-4-5": 4096,
        "claude-mythos-preview": 2048,
        "claude-opus-4-1": 1024,
        "claude-opus-4": 1024,
        "claude-sonnet-4": 1024,
        "claude-haiku-3-5": 2048,
        "claude-haiku-3": 2048,
    }


def test_the_read_multiplier_is_no_constant() -> None:
    assert {facts.cache_read_multiplier for facts in known_models().values()} == {0.025, 0.05, 0.1, 0.12}


@pytest.mark.parametrize(
    ("model", "keeps"),
    [("claude-opus-4-5", "all"), ("claude-sonnet-4-5", "last-turn"), ("claude-haiku-4-5", "last-turn")],
)
def test_whose_thinking_stays_in_the_prompt(model: str, keeps: str) -> None:
    facts = model_facts(model)
    assert facts is not None
    assert facts.keeps_thinking == keeps


def test_thinking_is_bound_to_its_prompt_from_fable_5_1_on() -> None:
    bound = {name for name, facts in known_models().items() if facts.binds_thinking}
    assert bound == {"claude-fable-5-1", "claude-fable-5-2", "claude-mythos-5-1", "claude-mythos-5-2"}


def test_fast_mode_comes_and_goes() -> None:
    opus = model_facts("claude-opus-4-8")
    assert opus is not None
    assert opus.offers_fast_mode(date(2026, 11, 30))
    assert not opus.offers_fast_mode(date(2026, 12, 1))


def test_each_fact_names_its_source_and_the_day_it_was_checked() -> None:
    for facts in known_models().values():
        stated = dict(facts.sources)
        assert {"minimum_tokens", "cache_read_multiplier", "keeps_thinking", "binds_thinking"} <= set(stated)
        assert all(source.title and source.checked >= source.dated for source in stated.values())
