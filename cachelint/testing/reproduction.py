"""Runs a function again, elsewhere and later, and compares the prompts that it sends."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cachelint.testing.answers import Responder, Script
from cachelint.testing.api import Call, MessagesApi
from cachelint.testing.clock import ManualClock
from cachelint.testing.comparison import changed_prefix
from cachelint.testing.explanation import explain
from cachelint.testing.interception import intercepted
from cachelint.testing.origin import origin

ANOTHER_HOST = "another-host.example"
A_DAY_AND_A_BIT = 97_531.0
"""Seconds by which a moved clock runs ahead: another day, hour, minute and second."""

HASH_SEED = "hash seed"
MORE_SEEDS = ("1", "2", "3")
"""Two strings in a set keep their order under every second seed, so one other seed proves little: with these and the
two of the other runs, such a set goes unnoticed once in sixteen times, one of three strings once in a thousand."""

VARIATIONS: Mapping[str, Mapping[str, str]] = {
    HASH_SEED: {"PYTHONHASHSEED": "4711"},
    "clock": {"CACHELINT_MOVED_CLOCK": str(A_DAY_AND_A_BIT)},
    "host": {"HOSTNAME": ANOTHER_HOST, "CACHELINT_OTHER_HOST": ANOTHER_HOST},
    "time zone": {"TZ": "Pacific/Chatham"},
    "locale": {"LC_ALL": "C", "LANG": "C"},
    "directory": {},
}
"""What can be changed for a run in another process, and the environment variables that change it."""


@dataclass(frozen=True, slots=True)
class Task:
    """What another process is told to run, and what it needs for that. Travels pickled."""

    module: str
    """Name of the function's module."""
    file: str | None
    """The module's file, for a module that cannot be imported by its name: a test module, a script."""
    function: str
    arguments: tuple[Any, ...]
    search_path: tuple[str, ...]
    answers: Responder


@dataclass(slots=True)
class Reproduction:
    """One function, to be run again and again with the same answers."""

    function: Callable[..., object]
    arguments: tuple[Any, ...]
    answers: Responder = field(default_factory=Script)

    def check(self, varying: Sequence[str]) -> None:
        """Raise AssertionError if the prompts differ between two runs. ValueError: a function that cannot travel."""
        __tracebackhide__ = True
        unknown = set(varying) - set(VARIATIONS)
        if unknown:
            raise ValueError(f"cannot vary {', '.join(sorted(unknown))}; choose from {', '.join(VARIATIONS)}")
        first = self._run_here()
        _compare(first, self._run_here(), "the first run", "the second run")
        if not varying:
            return
        task = self._task()
        elsewhere = _run_elsewhere(task, varying)
        if _agree(first, elsewhere):
            if HASH_SEED in varying:
                _compare_seeds(first, task)
            return
        _compare(first, _run_elsewhere(task, ()), "the run here", "the run in another process")
        if len(varying) > 1:
            for variation in varying:
                _compare(first, _run_elsewhere(task, (variation,)), "the run here", f"the run with another {variation}")
        _compare(first, elsewhere, "the run here", f"the run with another {', '.join(varying)}")

    def _run_here(self) -> list[Call]:
        return run(self.function, self.arguments, self.answers)

    def _task(self) -> Task:
        name = self.function.__qualname__
        if "<" in name or "." in name:
            sentence = "a process of its own can only run a function that stands at the top of a module"
            raise ValueError(f"{sentence}, not {name}; pass varying=() to compare runs in this process only")
        module = sys.modules[self.function.__module__]
        return Task(
            module=module.__name__,
            file=getattr(module, "__file__", None),
            function=name,
            arguments=self.arguments,
            search_path=tuple(sys.path),
            answers=self.answers,
        )


def run(function: Callable[..., object], arguments: tuple[Any, ...], answers: Responder) -> list[Call]:
    """What `function(*arguments)` sends, answered from the beginning of `answers` and an empty cache."""
    replies = answers.fresh() if isinstance(answers, Script) else answers
    api = MessagesApi(clock=ManualClock(), answers=replies, origin=origin)
    with intercepted(api):
        function(*arguments)
    return api.calls


def _compare_seeds(first: list[Call], task: Task) -> None:
    """The same under more hash seeds, side by side."""
    __tracebackhide__ = True
    with ThreadPoolExecutor(len(MORE_SEEDS)) as pool:
        runs = list(pool.map(lambda seed: _run_elsewhere(task, (), PYTHONHASHSEED=seed), MORE_SEEDS))
    for calls in runs:
        _compare(first, calls, "the run here", f"the run with another {HASH_SEED}")


def _run_elsewhere(task: Task, varying: Sequence[str], **variables: str) -> list[Call]:
    """The same in a process of its own, with what `varying` names changed, and these environment variables."""
    environment = {**os.environ, **variables}
    for variation in varying:
        environment.update(VARIATIONS[variation])
    with tempfile.TemporaryDirectory(prefix="cachelint-") as folder:
        asked, answered = Path(folder, "task"), Path(folder, "calls")
        asked.write_bytes(pickle.dumps(task))
        done = subprocess.run(
            [sys.executable, "-m", "cachelint.testing.elsewhere", str(asked), str(answered)],
            cwd=folder if "directory" in varying else None,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            changed = f"with another {', '.join(varying)}" if varying else "in another process"
            raise AssertionError(f"{task.function} fails {changed}:\n{done.stderr}")
        calls: list[Call] = pickle.loads(answered.read_bytes())
        return calls


def _compare(first: list[Call], second: list[Call], here: str, there: str) -> None:
    """Raise AssertionError if the cache that the first run filled does not serve the second."""
    __tracebackhide__ = True
    for number, (earlier, later) in enumerate(zip(first, second, strict=False), start=1):
        change = changed_prefix(earlier.body, later.body, whole=True)
        if change is not None:
            raise AssertionError(f"request {number}: " + explain(change, here, there, earlier, later))
    if len(first) != len(second):
        raise AssertionError(f"{here} sent {len(first)} requests, {there} {len(second)}")


def _agree(first: list[Call], second: list[Call]) -> bool:
    pairs = zip(first, second, strict=False)
    return len(first) == len(second) and all(not changed_prefix(a.body, b.body, whole=True) for a, b in pairs)
