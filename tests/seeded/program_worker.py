"""Runs programs in processes of their own, forked from this one so that none waits for the import of the SDK.

Reads a job per line from standard input, ``{"folder": ..., "questions": [...]}``, and answers on standard output with
what the program sent, ``{"requests": [...], "types": {...}}``, or why it failed, ``{"error": ...}``.
"""

from __future__ import annotations

import builtins
import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

SECONDS = 20
MEMORY = 2_000_000_000


def main() -> None:
    """Answer jobs until there are no more."""
    _warm_up()
    for line in sys.stdin:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            with os.fdopen(writing, "w") as out:
                json.dump(_outcome(json.loads(line)), out)
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as answer:
            text = answer.read()
        os.waitpid(child, 0)
        print(text or json.dumps({"error": "it ended without an answer"}), flush=True)


def _warm_up() -> None:
    """Import, once for all forks, what a request needs."""
    import anthropic

    from cachelint.testing.laboratory import Laboratory

    with Laboratory().capture():
        message = {"model": "claude-opus-4-8", "max_tokens": 9, "messages": [{"role": "user", "content": "Hello"}]}
        client = anthropic.Anthropic(api_key="none")
        client.messages.create(**message)
        with client.messages.stream(**message) as stream:
            stream.until_done()
        client.beta.messages.create(**message)
        client.close()


def _outcome(job: dict[str, Any]) -> dict[str, Any]:
    signal.alarm(SECONDS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115  the process ends with it
    types: dict[str, list[str]] = {}
    _define(types)
    try:
        return {"requests": _requests(Path(job["folder"]), job["questions"]), "types": types}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


def _define(types: dict[str, list[str]]) -> None:
    """What instrumented and planted programs call."""
    readings = iter(range(1, 1_000_000))

    def seen(place: str, value: object) -> object:
        known = types.setdefault(place, [])
        if type(value).__name__ not in known:
            known.append(type(value).__name__)
        return value

    names: dict[str, object] = {
        "__seen__": seen,
        "__request_canary__": lambda: f"canary-{os.getpid()}-{next(readings)}",
        "__process_canary__": lambda: f"canary-{os.getpid()}-p",
    }
    for name, value in names.items():
        setattr(builtins, name, value)


def _requests(folder: Path, questions: list[str]) -> list[dict[str, Any]]:
    from cachelint.testing.laboratory import Laboratory

    os.environ["ANTHROPIC_API_KEY"] = "none"
    os.chdir(folder)
    entry = next(path for path in sorted(folder.rglob("main.*")))
    sys.path[:0] = [str(entry.parent), str(folder), *map(str, folder.rglob("src"))]
    sys.dont_write_bytecode = True
    with Laboratory().capture() as requests:
        _entered(entry)(questions)
        return [dict(call.body) for call in requests]


def _entered(entry: Path) -> Any:
    if entry.suffix == ".py":
        import importlib

        return importlib.import_module("main").main
    cells = json.loads(entry.read_text(encoding="utf-8"))["cells"]
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for cell in cells:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), namespace)
    return namespace["main"]


if __name__ == "__main__":
    main()
