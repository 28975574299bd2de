"""Where the log goes: what the user says, else the environment, else a folder of the project."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

LOG_VARIABLE = "CACHELINT_LOG"
"""Environment variable that names the log: a file, or a folder if it is one or ends with a slash."""

PROJECT_FOLDER = ".cachelint"
"""Below the working directory; ignored by git through a file of its own."""

_KEPT_BY_NOBODY = "*\n"


def log_location(log: str | os.PathLike[str] | None = None) -> Path:
    """The file or folder to log to. A folder is told by `is_folder`.

    Without `log` and `LOG_VARIABLE` it is ``.cachelint/`` of the working directory; of a process that runs in the root
    directory, as services do, the user's state directory instead.
    """
    named = os.fspath(log) if log is not None else os.environ.get(LOG_VARIABLE)
    if named:
        path = Path(named).expanduser().absolute()
        return path / "" if named.endswith(("/", os.sep)) else path
    here = Path.cwd()
    return state_folder() if here == Path(here.anchor) else here / PROJECT_FOLDER


def state_folder() -> Path:
    """The folder for what a program keeps between runs on behalf of its user."""
    root = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    return Path(root) / "cachelint"


def is_folder(log: str | os.PathLike[str] | None = None) -> bool:
    """Whether the log is a folder with a file per day and host, rather than one file."""
    named = os.fspath(log) if log is not None else os.environ.get(LOG_VARIABLE)
    return not named or named.endswith(("/", os.sep)) or os.path.isdir(os.path.expanduser(named))


def daily_name(now: float, host: str) -> str:
    """``usage-2026-11-23-web1.jsonl``, of the day in UTC."""
    return f"usage-{time.strftime('%Y-%m-%d', time.gmtime(now))}-{host}.jsonl"


def host_name() -> str:
    """The name of this host, fit for a file name."""
    name = socket.gethostname().partition(".")[0]
    return "".join(character if character.isalnum() or character in "-_" else "-" for character in name) or "host"


def make_folder(folder: Path) -> None:
    """Creates the folder of a log; a project's own folder also tells git to leave it alone."""
    if folder.is_dir():
        return
    folder.mkdir(parents=True, exist_ok=True, mode=0o700 if folder.name == PROJECT_FOLDER else 0o777)
    if folder.name == PROJECT_FOLDER:
        (folder / ".gitignore").write_text(_KEPT_BY_NOBODY, encoding="ascii")
