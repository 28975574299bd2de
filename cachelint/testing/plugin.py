"""The pytest plugin: a fixture `cachelint` that tests whether a program's prompts can be cached.

    def test_prompt_is_cacheable(cachelint):
        with cachelint.capture() as requests:        # no network: a simulator answers
            my_agent.run("hello")
            my_agent.run("hello again")
        requests.assert_stable_prefix()

It is registered by the entry point of the package and does nothing, nor imports anything, until a test asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from cachelint.testing.laboratory import Laboratory


@pytest.fixture
def cachelint(monkeypatch: pytest.MonkeyPatch) -> Laboratory:
    """Captures requests to the Messages API, answers them from a simulated cache, and asserts what can be cached."""
    from cachelint.testing.laboratory import Laboratory

    monkeypatch.setenv("ANTHROPIC_API_KEY", "no-key-needed-in-tests")
    return Laboratory()
