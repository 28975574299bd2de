"""What programs send when they run."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any

from seeded_programs import Program

QUESTIONS = ["Where is the spade that I ordered?", "May I send it back?", "When do you open?"]


class ProgramFailed(Exception):
    """The program raised an exception, or took too long."""


class Runner:
    """A process that runs programs; to be entered."""

    def __enter__(self) -> Runner:
        worker = Path(__file__).with_name("program_worker.py")
        self._process = subprocess.Popen(
            [sys.executable, str(worker)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()

    def requests(self, program: Program) -> list[dict[str, Any]]:
        """The bodies of the requests that a program sends."""
        return self._run(program)["requests"]

    def types(self, program: Program) -> dict[str, list[str]]:
        """What `__seen__(place, value)` has seen in an instrumented program: the types of the values, by place."""
        return self._run(program)["types"]

    def _run(self, program: Program) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with tempfile.TemporaryDirectory() as folder:
            for name, text in program.files().items():
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            job = {"folder": str(Path(folder).resolve()), "questions": QUESTIONS}
            self._process.stdin.write(json.dumps(job) + "\n")
            self._process.stdin.flush()
            answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise ProgramFailed(f"{program.name}: {answer['error']}")
        return answer
