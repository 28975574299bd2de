"""The other process of `reproduction.py`: `python -m cachelint.testing.elsewhere TASK CALLS`.

Runs the function of the pickled `Task` in a world that the environment has changed, and pickles what it sent.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import pickle
import platform
import socket
import sys
from pathlib import Path
from types import ModuleType

from cachelint.testing.moved_clock import moved_clock
from cachelint.testing.reproduction import Task, run


def main(task_file: str, calls_file: str) -> None:
    """Run the task, with another host name and a moved clock if the environment says so."""
    os.environ.setdefault("ANTHROPIC_API_KEY", "no-key-needed-in-tests")
    _rename_host(os.environ.get("CACHELINT_OTHER_HOST"))
    task: Task = pickle.loads(Path(task_file).read_bytes())
    sys.path[:] = task.search_path
    function = getattr(_module(task), task.function)
    with moved_clock(float(os.environ.get("CACHELINT_MOVED_CLOCK", "0"))):
        calls = run(function, task.arguments, task.answers)
    Path(calls_file).write_bytes(pickle.dumps(calls))


def _module(task: Task) -> ModuleType:
    """The function's module, by its name, or from its file where the name leads nowhere or elsewhere."""
    try:
        module = importlib.import_module(task.module)
    except ImportError:
        module = None
    if task.file is None or (module is not None and getattr(module, "__file__", None) == task.file):
        if module is None:
            raise ImportError(f"no module named {task.module}")
        return module
    spec = importlib.util.spec_from_file_location(task.module, task.file)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[task.module] = loaded
    spec.loader.exec_module(loaded)
    return loaded


def _rename_host(name: str | None) -> None:
    if name:
        socket.gethostname = lambda: name
        platform.node = lambda: name


if __name__ == "__main__":
    main(*sys.argv[1:])
