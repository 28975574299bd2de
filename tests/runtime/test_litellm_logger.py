"""The callback for LiteLLM, told what LiteLLM 1.106 tells; the real one runs in `framework_matrix.py`."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

BODY = {"model": "claude-opus-4-8", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
USAGE = {"input_tokens": 5, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 3333, "output_tokens": 4}
MESSAGE = {
    "type": "message",
    "id": "msg_1",
    "model": "claude-opus-4-8",
    "content": [{"type": "text", "text": "Hi"}],
    "stop_reason": "end_turn",
    "usage": USAGE,
}
BEGUN = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
COUNTED = SimpleNamespace(
    prompt_tokens=3338, completion_tokens=4, cache_read_input_tokens=3333, cache_creation_input_tokens=0
)
RESPONSE = SimpleNamespace(id="chatcmpl-1", model="claude-opus-4-8", usage=COUNTED)


@pytest.fixture
def logger(log: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Our callback, over a stand-in for LiteLLM's base class."""
    base = ModuleType("litellm.integrations.custom_logger")
    base.CustomLogger = type("CustomLogger", (), {})  # type: ignore[attr-defined]
    for name in ("litellm", "litellm.integrations"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, base.__name__, base)
    monkeypatch.delitem(sys.modules, "cachelint.runtime.litellm_logger", raising=False)
    from cachelint.runtime.litellm_logger import LiteLLMLogger

    return LiteLLMLogger(log)


def call(**told: Any) -> dict[str, Any]:
    """What LiteLLM tells of a call."""
    return {"model": "claude-opus-4-8", "custom_llm_provider": "anthropic", "stream": False, **told}


def test_the_usage_of_a_whole_response_is_the_one_returned(logger: Any, records: Any) -> None:
    told = call(additional_args={"complete_input_dict": BODY}, original_response=json.dumps(MESSAGE))
    logger.log_success_event(told, RESPONSE, BEGUN, BEGUN)

    [record] = records()
    assert (record["id"], record["usage"], record["complete"]) == ("msg_1", USAGE, True)
    assert (record["started"], record["platform"], record["blocks"]) == ("2026-11-23T16:00:00.000Z", "anthropic", 1)


def test_the_usage_of_a_stream_is_taken_apart_again(logger: Any, records: Any) -> None:
    told = call(stream=True, additional_args={"complete_input_dict": json.dumps(BODY)}, original_response=object())
    asyncio.run(logger.async_log_success_event(told, RESPONSE, BEGUN, BEGUN))

    [record] = records()
    assert (record["id"], record["usage"], record["blocks"]) == ("chatcmpl-1", USAGE, 1)


def test_a_stream_of_which_the_request_is_not_told(logger: Any, records: Any) -> None:
    logger.log_success_event(call(stream=True), RESPONSE, BEGUN, BEGUN)
    [record] = records()
    assert (record["model_requested"], record["blocks"], record["usage"]) == ("claude-opus-4-8", 0, USAGE)


def test_a_failure(logger: Any, records: Any) -> None:
    class OverloadedError(Exception):
        status_code = 529

    logger.log_failure_event(call(exception=OverloadedError()), None, BEGUN, BEGUN)
    [record] = records()
    assert (record["status"], record["error"], record["complete"]) == (529, "OverloadedError", False)


def test_other_models_are_left_out(logger: Any, records: Any) -> None:
    logger.log_success_event(call(model="another-model"), RESPONSE, BEGUN, BEGUN)
    assert records() == []


def test_what_it_does_not_understand_is_no_error(logger: Any, records: Any) -> None:
    logger.log_success_event(call(), None, None, None)
    logger.log_success_event(call(), object(), BEGUN, BEGUN)
    assert all(not record["complete"] for record in records())
