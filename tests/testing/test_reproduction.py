"""Running a function again, elsewhere and later: what makes its prompt differ is named."""

from __future__ import annotations

import importlib
import locale
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from cachelint.testing import Script, say
from cachelint.testing.reproduction import Reproduction

VARYING = ("hash seed", "clock", "host", "time zone", "locale", "directory")

PROGRAM = '''
import datetime
import locale
import socket
import time
import uuid
from pathlib import Path

try:
    import httpx2 as httpx
except ImportError:
    import httpx

GUIDE = "Answer in verse, and never in prose. " * 200
ANSWERS = {"yes", "no"}
TOPICS = {"shipping", "returns", "repairs", "vouchers", "gift cards"}


def ask(text):
    """What the SDK would send; without it, because importing it takes more than a second in each process."""
    system = [{"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}]
    messages = [{"role": "user", "content": "Hello"}]
    body = {"model": "claude-opus-5", "max_tokens": 50, "system": system, "messages": messages}
    return httpx.post("https://api.anthropic.com/v1/messages", json=body).json()


def steady(guide=GUIDE):
    ask(guide)


def with_date():
    ask(f"Today is {datetime.date.today():%d %B %Y}. {GUIDE}")


def with_hours():  # not minutes: one may end while the test runs
    ask(f"It is {time.strftime('%d, %H')} o'clock. {GUIDE}")


def with_set():
    ask(f"Topics: {', '.join(TOPICS)}. {GUIDE}")


def with_two():
    ask(f"Answer {' or '.join(ANSWERS)}. {GUIDE}")


def with_host():
    ask(f"You run on {socket.gethostname()}. {GUIDE}")


def with_zone():
    ask(f"The time zone is {time.tzname}. {GUIDE}")


def with_locale():
    ask(f"The locale is {locale.setlocale(locale.LC_CTYPE, '')}. {GUIDE}")


def with_directory():
    ask(f"You work in {Path.cwd()}. {GUIDE}")


def with_uuid():
    ask(f"{GUIDE} Session {uuid.uuid4()}.")


def failing_elsewhere():
    ask(Path("guide.md").read_text() + GUIDE)


def with_answer():
    ask(ask(GUIDE)["content"][0]["text"] + GUIDE)
'''


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    (tmp_path / "poet_program.py").write_text(PROGRAM)
    (tmp_path / "guide.md").write_text("Be brief.")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    before = locale.setlocale(locale.LC_CTYPE)
    yield importlib.import_module("poet_program")
    locale.setlocale(locale.LC_CTYPE, before)
    del sys.modules["poet_program"]


def blame(function: object, varying: tuple[str, ...] = VARYING) -> str:
    with pytest.raises(AssertionError) as raised:
        Reproduction(function, ()).check(varying)
    return str(raised.value).splitlines()[0]


def test_a_reproducible_prompt_passes_everywhere(program: ModuleType) -> None:
    Reproduction(program.steady, ("Be brief. " * 500,)).check(VARYING)


def test_scripted_answers_are_the_same_in_each_run(program: ModuleType) -> None:
    Reproduction(program.with_answer, (), Script([say("Once.")])).check(("hash seed",))


def test_a_value_that_differs_each_time_is_found_without_another_process(program: ModuleType) -> None:
    expected = "request 1: the cached prefix is not stable: the second run cannot read what the first run wrote"
    assert blame(program.with_uuid, varying=()) == expected


def test_a_set_differs_in_another_process(program: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONHASHSEED", "1")
    assert "cannot read what" in blame(program.with_set, ("hash seed",))


@pytest.mark.parametrize("seed", ["1", "2", "3", "4", "4711"])
def test_two_words_in_a_set_are_found_whatever_the_seed_here(
    program: ModuleType, monkeypatch: pytest.MonkeyPatch, seed: str
) -> None:
    """In a process of its own, whose seed is given: with some of these the first other run has the same order."""
    script = "import poet_program as p; from cachelint.testing.reproduction import Reproduction as R; "
    script += "R(p.with_two, ()).check(('hash seed',))"
    monkeypatch.setenv("PYTHONHASHSEED", seed)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "none")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "the cached prefix is not stable" in done.stderr


@pytest.mark.parametrize(
    ("function", "variation"),
    [
        ("with_date", "clock"),
        ("with_hours", "clock"),
        ("with_host", "host"),
        ("with_zone", "time zone"),
        ("with_locale", "locale"),
        ("with_directory", "directory"),
    ],
)
def test_the_change_that_made_the_difference_is_named(program: ModuleType, function: str, variation: str) -> None:
    run = f"the run with another {variation}"
    expected = f"request 1: the cached prefix is not stable: {run} cannot read what the run here wrote"
    assert blame(getattr(program, function), (variation,)) == expected


def test_a_function_that_fails_elsewhere_says_where_and_why(program: ModuleType) -> None:
    with pytest.raises(AssertionError, match=r"(?s)fails with another directory:.*FileNotFoundError"):
        Reproduction(program.failing_elsewhere, ()).check(("directory",))


def test_only_a_function_at_the_top_of_a_module_can_travel(program: ModuleType) -> None:
    with pytest.raises(ValueError, match="at the top of a module, not test_only"):
        Reproduction(lambda: program.steady(), ()).check(("clock",))
    Reproduction(lambda: program.steady(), ()).check(())


def test_an_unknown_variation_is_refused(program: ModuleType) -> None:
    with pytest.raises(
        ValueError, match="cannot vary weather; choose from hash seed, clock, host, time zone, locale, directory"
    ):
        Reproduction(program.steady, ()).check(("weather",))
