"""A desk that sends requests through the real shim to the simulated API, so that there is a log of it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cachelint.analysis import Analysis, analyze
from cachelint.attribution.logs import read_logs
from cachelint.attribution.measuring import Measurement, measure
from cachelint.config import Settings
from cachelint.findings import Finding

PROMPTS = """\
from datetime import datetime
from uuid import uuid4

RULES = "Answer briefly, and never promise a refund. " * 200


def greeting():
    return f"It is {datetime.now()}. {RULES}"


def reference():
    return f"Reference {uuid4()}. {RULES}"
"""

DESK = """\
import anthropic
import cachelint

from desk.prompts import RULES, greeting, reference

CACHED = {"type": "ephemeral"}


class Desk:
    def __init__(self):
        self.client = cachelint.track(anthropic.Anthropic())
        self.history = []

    def reply(self, question):
        self.history.append({"role": "user", "content": question})
        return self.client.messages.create(
            model="claude-opus-5-5",
            max_tokens=50,
            system=[{"type": "text", "text": greeting(), "cache_control": CACHED}],
            messages=self.history,
        )

    def hand_over(self, case):
        first = self.client.messages.create(
            model="claude-opus-5-5",
            max_tokens=50,
            system=[{"type": "text", "text": RULES, "cache_control": CACHED}],
            messages=[{"role": "user", "content": case}],
        )
        return first, self.client.messages.create(
            model="claude-opus-5-5",
            max_tokens=50,
            system=[{"type": "text", "text": reference(), "cache_control": CACHED}],
            messages=[{"role": "user", "content": case}],
        )


def main():
    desk = Desk()
    for number in range(4):
        desk.reply(f"Question {number}?")
        desk.history.append({"role": "assistant", "content": "So it is."})
    for _ in range(3):
        desk.hand_over("The tent leaks.")


if __name__ == "__main__":
    main()
"""


Cachelint = Callable[..., subprocess.CompletedProcess[str]]
"""Runs a command line."""


@dataclass(frozen=True)
class Shop:
    """A project, and the log of a run of it."""

    root: Path
    log: Path

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.root / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def analysis(self) -> Analysis:
        return analyze(self.root, [self.root], Settings())

    def measured(self, *, root: Path | None = None) -> Measurement:
        analysis = analyze(root or self.root, [root or self.root], Settings())
        logged = read_logs([str(self.log)])
        return measure(analysis.findings, [each.site for each in analysis.requests], logged.traffic, logged.losses)


def write(root: Path) -> None:
    (root / "desk").mkdir()
    (root / "desk" / "__init__.py").touch()
    (root / "desk" / "prompts.py").write_text(PROMPTS)
    (root / "desk" / "main.py").write_text(DESK)


def summary(measurement: Measurement, findings: tuple[Finding, ...]) -> dict[str, tuple[int, int, tuple[str, ...]]]:
    """By code: requests of its calls, those lost to it, and the diagnoses."""
    return {
        finding.code: (finding.usage.requests, finding.usage.lost_requests, finding.usage.causes)
        for finding in measurement.priced(findings)
        if finding.usage
    }
