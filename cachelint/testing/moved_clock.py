"""Moves the clock that a program's own code reads, without touching the clock of the libraries it uses.

Within the block, every module of the program that has `datetime`, `date`, `time` or a function of the `time` module in
its namespace finds a moved one there. Libraries (the standard library, site-packages) keep theirs, because time-outs,
certificates and event loops live by them; a clock that is read inside a library does not move.
"""

from __future__ import annotations

import datetime
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

_LIBRARIES = tuple(str(Path(sysconfig.get_paths()[name]).resolve()) for name in ("stdlib", "platstdlib", "purelib"))


@contextmanager
def moved_clock(seconds: float) -> Iterator[None]:
    """Have the program's own code read a clock that runs `seconds` ahead."""
    originals = _clocks(seconds) if seconds else {}
    changed: list[tuple[dict[str, Any], str, Any]] = []
    for module in list(sys.modules.values()):
        if originals and _is_programs(module):
            names = vars(module)
            for name, value in list(names.items()):
                moved = originals.get(id(value))
                if moved is not None:
                    changed.append((names, name, value))
                    names[name] = moved
    try:
        yield
    finally:
        for names, name, value in changed:
            names[name] = value


def _clocks(seconds: float) -> Mapping[int, Any]:
    """For each clock of the standard library, by identity, one that runs ahead."""
    moved_datetime, moved_date = _moved_classes(datetime.timedelta(seconds=seconds))
    functions = _moved_functions(seconds)
    moved: dict[int, Any] = {id(getattr(time, name)): function for name, function in functions.items()}
    moved[id(datetime.datetime)] = moved_datetime
    moved[id(datetime.date)] = moved_date
    moved[id(time)] = _overlaid(time, functions)
    moved[id(datetime)] = _overlaid(datetime, {"datetime": moved_datetime, "date": moved_date})
    return moved


def _moved_functions(seconds: float) -> dict[str, Callable[..., Any]]:
    def ahead() -> float:
        return time.time() + seconds

    def broken_down(convert: Callable[[float], Any], moment: float | None = None) -> Any:
        return convert(ahead() if moment is None else moment)

    def strftime(form: str, moment: Any = None) -> str:
        return time.strftime(form, time.localtime(ahead()) if moment is None else moment)

    nanoseconds = int(seconds * 1e9)
    return {
        "time": ahead,
        "time_ns": lambda: time.time_ns() + nanoseconds,
        "monotonic": lambda: time.monotonic() + seconds,
        "monotonic_ns": lambda: time.monotonic_ns() + nanoseconds,
        "perf_counter": lambda: time.perf_counter() + seconds,
        "localtime": partial(broken_down, time.localtime),
        "gmtime": partial(broken_down, time.gmtime),
        "ctime": partial(broken_down, time.ctime),
        "strftime": strftime,
    }


def _moved_classes(ahead: datetime.timedelta) -> tuple[type, type]:
    """`datetime` and `date` whose readings of the clock are ahead; everything else is theirs, instances included."""

    class Lookalike(type):
        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, cls.__mro__[1])

    class MovedDatetime(datetime.datetime, metaclass=Lookalike):
        def __new__(cls, *arguments: Any, **fields: Any) -> Any:
            return datetime.datetime(*arguments, **fields)

        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Any:
            return datetime.datetime.fromtimestamp(time.time(), tz) + ahead

        @classmethod
        def today(cls) -> Any:
            return cls.now()

        @classmethod
        def utcnow(cls) -> Any:
            return cls.now(datetime.UTC).replace(tzinfo=None)

    class MovedDate(datetime.date, metaclass=Lookalike):
        def __new__(cls, *arguments: Any, **fields: Any) -> Any:
            return datetime.date(*arguments, **fields)

        @classmethod
        def today(cls) -> Any:
            return MovedDatetime.now().date()

    return MovedDatetime, MovedDate


def _overlaid(module: ModuleType, replacements: Mapping[str, Any]) -> ModuleType:
    """A module with the contents of another, but for `replacements`."""
    copy = ModuleType(module.__name__, module.__doc__)
    vars(copy).update({**vars(module), **replacements})
    return copy


def _is_programs(module: object) -> bool:
    file = getattr(module, "__file__", None)
    if not file or getattr(module, "__name__", "").partition(".")[0] == "cachelint":
        return False
    return not str(Path(file).resolve()).startswith(_LIBRARIES)
