"""Sessions are bounded, and safe under threads and forks."""

from __future__ import annotations

import os
import threading
import tracemalloc
from typing import Any

import pytest

from cachelint.runtime import sessions as sessions_module
from cachelint.runtime.fingerprint import Fingerprint, Fingerprinter
from cachelint.runtime.sessions import Sessions

FINGERPRINTS = Fingerprinter(b"key")


def prompt(*texts: str, system: str = "Be brief.") -> Fingerprint:
    messages: list[dict[str, Any]] = [{"role": "user", "content": text} for text in texts]
    return FINGERPRINTS.fingerprint(
        {"model": "m", "system": system, "messages": messages, "cache_control": {"type": "ephemeral"}}
    )


def follow(sessions: Sessions, *texts: str, site: str = "app.py:1") -> str | None:
    """The name of the session of a request that is answered."""
    request = prompt(*texts)
    conversation, _ = sessions.follow(request, None, site)
    sessions.advance(conversation, request, site)
    return conversation.name


def test_the_oldest_conversations_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions_module, "MOST_SESSIONS", 2)
    sessions = Sessions()
    first = follow(sessions, "one", "two")
    follow(sessions, "three")
    follow(sessions, "four")
    assert len(sessions._alive) == len(sessions._starts) == 2
    # The name does not depend on memory, so another process gives the same.
    assert follow(sessions, "one", "two", "more") == first == follow(Sessions(), "one", "two")


def test_long_prompts_are_forgotten_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions_module, "MOST_BYTES", 10_000)
    sessions = Sessions()
    for number in range(20):
        follow(sessions, f"{number} " * 2_000)
    assert sessions._bytes <= 10_000


def test_a_prompt_longer_than_all_memory_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions_module, "MOST_BYTES", 10)
    sessions = Sessions()
    follow(sessions, "much longer than ten bytes")
    assert (len(sessions._alive), sessions._bytes) == (0, 0)


def test_memory_does_not_grow_with_the_number_of_requests() -> None:
    sessions = Sessions()
    for number in range(400):
        follow(sessions, f"warm up {number}", site=f"app.py:{number}")
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for number in range(2_000):
        follow(sessions, f"question {number}", site=f"app.py:{number}")
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert after - before < 1_500_000
    assert len(sessions._alive) == sessions_module.MOST_SESSIONS
    assert len(sessions._sites) <= 256


def test_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions_module, "MOST_SESSIONS", 4)
    sessions = Sessions()
    errors: list[Exception] = []

    def work(number: int) -> None:
        try:
            for turn in range(100):
                follow(sessions, *[f"{number}.{step}" for step in range(turn % 7 + 1)])
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(sessions._alive) <= 4


def test_a_child_does_not_wait_for_a_lock_of_its_parent() -> None:
    sessions = Sessions()
    with sessions._lock:
        child = os.fork()
        if child == 0:
            os._exit(0 if follow(sessions, "one") else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
