"""The call site is the innermost line of the user's own code."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cachelint.runtime import callsite
from cachelint.runtime.callsite import CallSite, call_site


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    callsite._files.clear()


def written_in(filename: str, inner: Callable[[], Any]) -> Callable[[], Any]:
    """A function that calls another, as if it stood in this file."""
    names: dict[str, Any] = {"inner": inner}
    exec(compile("class Agent:\n    def reply(self):\n        return inner()\n", filename, "exec"), names)
    return names["Agent"]().reply  # type: ignore[no-any-return]


def here() -> CallSite | None:
    return call_site()


LIBRARY = "/venv/lib/python3.12/site-packages/langchain_anthropic/chat_models.py"
SDK = "/venv/lib/python3.12/site-packages/anthropic/_base_client.py"


def test_a_file_below_the_working_directory() -> None:
    assert here() == CallSite("tests/runtime/test_callsite.py:29", "here")


def test_libraries_are_passed_over() -> None:
    site = written_in("/home/ann/shop/agent.py", written_in(LIBRARY, written_in(SDK, lambda: call_site(2))))()
    assert site == CallSite("shop/agent.py:3", "Agent.reply")


def test_an_application_that_is_installed_is_found_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callsite, "_never", (*callsite._never, os.path.dirname(__file__), "/root/", "/usr/"))
    deployed = "/venv/lib/python3.12/site-packages/shop/agent.py"
    site = written_in(deployed, written_in(SDK, lambda: call_site(2)))()
    assert site is not None
    assert site == CallSite("shop/agent.py:3", "Agent.reply")


def test_code_without_a_file_has_no_call_site() -> None:
    assert callsite._file("<string>") is None
    assert callsite._file(os.__file__) is None


def test_a_directory_that_is_gone_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert here() == CallSite("runtime/test_callsite.py:29", "here")


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callsite, "_REMEMBERED_FILES", 10)
    for number in range(50):
        callsite._remember(f"/generated/{number}.py")
    assert len(callsite._files) <= 10
