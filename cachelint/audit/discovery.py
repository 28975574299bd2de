"""Where the shim has left the logs of a project, when nobody says where they are."""

from __future__ import annotations

import os
from pathlib import Path

from cachelint.errors import InputError
from cachelint.report.inputs.discovery import looks_like_log
from cachelint.runtime.location import LOG_VARIABLE, PROJECT_FOLDER, state_folder


def find_project_logs(root: Path) -> tuple[str, ...]:
    """The log that `CACHELINT_LOG` names, else the folders of logs of the working folder and of the project, else the
    one that services of this user share.

    Raises `InputError` where there is none, or where the variable names nothing.
    """
    named = os.environ.get(LOG_VARIABLE)
    if named:
        if not Path(named).expanduser().exists():
            raise InputError(f"${LOG_VARIABLE} names {named}, and there is no such file or folder")
        return (str(Path(named).expanduser()),)
    own = [folder / PROJECT_FOLDER for folder in dict.fromkeys((Path.cwd(), root))]
    found = [folder for folder in own if _has_logs(folder)] or [each for each in (state_folder(),) if _has_logs(each)]
    if not found:
        places = ", ".join(map(_shown, (*own, state_folder())))
        raise InputError(
            f"no usage log: ${LOG_VARIABLE} is not set, and there are none in {places}. "
            "Run the program once with `cachelint run -- python app.py`, or name a log with --usage LOG"
        )
    return tuple(_shown(folder) for folder in found)


def _has_logs(folder: Path) -> bool:
    return folder.is_dir() and any(looks_like_log(file.name) for file in folder.rglob("*"))


def _shown(folder: Path) -> str:
    """The folder with a slash at its end, relative to the working folder where it lies in it."""
    here = Path.cwd()
    return f"{folder.relative_to(here) if folder.is_relative_to(here) else folder}{os.sep}"
