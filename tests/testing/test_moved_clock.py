"""A clock that runs ahead, for the code of the program and for nothing else."""

from __future__ import annotations

import datetime
import sys
import time
from collections.abc import Iterator
from datetime import date
from datetime import datetime as aliased
from time import strftime, time_ns

import pytest

from cachelint.testing.moved_clock import moved_clock

DAY = 86_400.0
CLOCKS = {
    "datetime.now": lambda: datetime.datetime.now().timestamp(),
    "datetime.now with a zone": lambda: datetime.datetime.now(datetime.UTC).timestamp(),
    "datetime.utcnow": lambda: datetime.datetime.utcnow().replace(tzinfo=datetime.UTC).timestamp(),
    "datetime.today": lambda: datetime.datetime.today().timestamp(),
    "imported datetime": lambda: aliased.now().timestamp(),
    "time": lambda: time.time(),
    "time_ns": lambda: time_ns() / 1e9,
    "localtime": lambda: time.mktime(time.localtime()),
    "strftime": lambda: float(strftime("%s")),
    "ctime": lambda: time.mktime(time.strptime(time.ctime())),
}


@pytest.fixture
def tomorrow() -> Iterator[None]:
    with moved_clock(DAY):
        yield


@pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")
@pytest.mark.parametrize("clock", CLOCKS.values(), ids=CLOCKS.keys())
def test_every_reading_is_ahead_within_the_block_and_right_behind_it(clock) -> None:
    with moved_clock(DAY):
        assert clock() == pytest.approx(_real() + DAY, abs=3)
    assert clock() == pytest.approx(_real(), abs=3)


@pytest.mark.usefixtures("tomorrow")
def test_dates_are_ahead_too() -> None:
    assert date.today() == sys.modules["datetime"].date.today() + datetime.timedelta(days=1)


@pytest.mark.usefixtures("tomorrow")
def test_stored_times_and_instances_are_as_ever() -> None:
    stored = datetime.datetime(2026, 11, 23, 16, 0)
    assert stored.isoformat() == "2026-11-23T16:00:00"
    assert isinstance(stored, datetime.datetime)
    assert isinstance(stored, aliased)
    assert isinstance(stored.date(), date)
    assert not isinstance("2026", datetime.datetime)
    assert datetime.datetime.fromisoformat("2026-11-23").year == 2026
    assert time.strftime("%Y", time.gmtime(0)) == "1970"


@pytest.mark.usefixtures("tomorrow")
def test_libraries_keep_the_real_clock() -> None:
    assert sys.modules["time"].time() == pytest.approx(_real(), abs=3)
    assert sys.modules["datetime"].datetime is not datetime.datetime


def _real() -> float:
    return float(sys.modules["time"].time())
