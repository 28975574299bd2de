"""The pytest plugin as its users see it: a fixture, its failure messages, and nothing unless it is asked for."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

GUIDE = "Answer in verse, and never in prose. " * 200

PROGRAM = """
import datetime

import anthropic

GUIDE = "Answer in verse, and never in prose. " * 200
CACHED = {"type": "ephemeral"}


def ask(guide):
    return anthropic.Anthropic().messages.create(
        model="claude-opus-5",
        max_tokens=50,
        system=[{"type": "text", "text": guide, "cache_control": CACHED}],
        messages=[{"role": "user", "content": "Hello"}],
    )


def with_clock():
    return ask(f"It is {datetime.datetime(2026, 11, 23, 16, ask.minute)}. {GUIDE}")
"""

TESTS = """
import program


def test_steady(cachelint):
    with cachelint.capture() as requests:
        for _ in range(3):
            program.ask(program.GUIDE)
    requests.assert_stable_prefix()
    requests.assert_hit_ratio(at_least=0.6)
    requests.assert_writes(at_most=1)
    assert [request.usage.read > 0 for request in requests] == [False, True, True]


def test_clock(cachelint):
    with cachelint.capture() as requests:
        for program.ask.minute in range(2):
            program.with_clock()
    requests.assert_stable_prefix()


def test_each_test_has_a_cache_of_its_own(cachelint):
    with cachelint.capture() as requests:
        program.ask(program.GUIDE)
    assert requests.writes == 1
"""


def test_a_clock_in_the_prefix_is_shown_with_both_texts(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(program=PROGRAM, test_program=TESTS)
    result = pytester.runpytest("-q", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=2, failed=1)
    assert [line.removeprefix("E").strip() for line in result.outlines if line.startswith("E ")] == [
        "AssertionError: the cached prefix is not stable: request 2 cannot read what request 1 wrote",
        "",
        "system[0] changed at byte 21, before the breakpoint system[0], 5m",
        f"request 1  …It is 2026-11-23 16:00:00. {GUIDE[:54]}…   (timestamp)",
        f"request 2  …It is 2026-11-23 16:01:00. {GUIDE[:54]}…   (timestamp)",
        "",
        "sent by program.py:10",
        "of 2,750 cached tokens 0 were read, 2,750 written anew",
    ]


def test_the_plugin_imports_nothing_unless_a_test_asks_for_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys


        def test_nothing_is_loaded():
            loaded = {name for name in sys.modules if name.startswith("cachelint.")}
            assert loaded <= {"cachelint.testing", "cachelint.testing.plugin"}
            assert "anthropic" not in sys.modules
        """
    )
    pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider").assert_outcomes(passed=1)
