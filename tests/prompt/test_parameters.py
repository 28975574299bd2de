"""Which parameters are part of the prompt, and what a change of each can lose."""

from typing import Any

import pytest

from cachelint.prompt import CERTAIN_TIERS, PARAMETER_TIERS, TIERS, prompt_parameters, tiers_lost

IMAGE = {"type": "image", "source": {"type": "url", "url": "https://example.org/cat.png"}}


def test_a_plain_request_has_only_its_model() -> None:
    assert prompt_parameters({"model": "claude-opus-5", "messages": []}) == {"model": "claude-opus-5"}


@pytest.mark.parametrize(
    "harmless",
    [
        {"max_tokens": 5},
        {"metadata": {"user_id": "u1"}},
        {"stop_sequences": ["."]},
        {"service_tier": "auto"},
        {"stream": True},
        {"container": "container_1"},
        {"speed": "standard"},
        {"tool_choice": {"type": "auto"}},
        {"tool_choice": {"type": "auto", "disable_parallel_tool_use": False}},
        {"output_config": {"effort": "high"}},
        {"cache_control": {"type": "ephemeral"}},
    ],
)
def test_what_is_not_rendered_or_only_states_the_default_is_left_out(harmless: dict[str, Any]) -> None:
    assert prompt_parameters({"model": "claude-opus-5", **harmless}) == {"model": "claude-opus-5"}


def test_the_default_effort_depends_on_the_model() -> None:
    effort = {"output_config": {"effort": "medium"}}
    assert "effort" not in prompt_parameters({"model": "claude-opus-5-5", **effort})
    assert prompt_parameters({"model": "claude-opus-5", **effort})["effort"] == "medium"


def test_images_and_citations_count_as_switches_wherever_they_stand() -> None:
    document = {"type": "document", "source": {"type": "text"}, "citations": {"enabled": True}}
    result = {"type": "tool_result", "tool_use_id": "t", "content": [IMAGE]}
    body = {"model": "m", "messages": [{"role": "user", "content": [document, result]}]}
    assert prompt_parameters(body) == {"model": "m", "citations": True, "images": True}


def test_betas_are_a_set() -> None:
    once = prompt_parameters({"model": "m"}, ["b", "a"])
    assert once == prompt_parameters({"model": "m", "betas": ["a"]}, ["b"]) == {"model": "m", "betas": ["a", "b"]}


def test_tiers_lost_begin_at_the_first_and_run_to_the_end() -> None:
    assert tiers_lost("model") == ("tools", "system", "messages")
    assert tiers_lost("speed") == ("system", "messages")
    assert tiers_lost("tool_choice") == ("messages",)
    assert tiers_lost("max_tokens") == ()


def test_what_is_certainly_lost_is_never_more_than_what_may_be() -> None:
    for name, tier in CERTAIN_TIERS.items():
        assert TIERS.index(tier) >= TIERS.index(PARAMETER_TIERS[name])
