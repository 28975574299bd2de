"""The log survives what happens to logs: several processes, forks, full disks, read-only folders, deletion."""

from __future__ import annotations

import errno
import json
import logging
import multiprocessing
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import cachelint
from cachelint.runtime import log as log_module
from cachelint.runtime.location import LOG_VARIABLE, log_location


@pytest.fixture
def fast_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the log look at its file before each line, and try again at once after a failure."""
    monkeypatch.setattr(log_module, "_CHECK_EVERY_LINES", 1)
    monkeypatch.setattr(log_module, "_RETRY_AFTER_SECONDS", 0.0)


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def write_many(path: Path, writer: int, lines: int) -> None:
    log = cachelint.UsageLog(path)
    for number in range(lines):
        log.append({"writer": writer, "number": number, "text": "x" * (number % 50) * 400})


def test_eight_processes_share_a_file_without_a_torn_line(log: Path) -> None:
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=write_many, args=(log, writer, 200)) for writer in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    written = sorted((record["writer"], record["number"]) for record in read(log))
    assert written == [(writer, number) for writer in range(8) for number in range(200)]


def test_threads_share_a_log(log: Path) -> None:
    shared = cachelint.UsageLog(log)
    threads = [threading.Thread(target=lambda: [shared.append({"n": n}) for n in range(200)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read(log)) == 1_600


def test_a_forked_child_writes_on_and_does_not_repeat_losses(log: Path) -> None:
    shared = cachelint.UsageLog(log)
    shared.append({"who": "parent"})
    shared.lost_records = 3
    child = os.fork()
    if child == 0:
        shared.append({"who": "child"})
        os._exit(0)
    os.waitpid(child, 0)
    shared.append({"who": "parent"})
    assert read(log) == [{"who": "parent"}, {"who": "child"}, {"who": "parent", "lost_records": 3}]


def test_a_child_can_write_although_another_thread_held_the_lock(log: Path) -> None:
    shared = cachelint.UsageLog(log)
    with shared._lock:
        child = os.fork()
        if child == 0:
            shared.append({"who": "child"})
            os._exit(0)
    os.waitpid(child, 0)
    assert read(log) == [{"who": "child"}]


def test_a_record_may_be_written_while_another_is(log: Path) -> None:
    class Collected:
        def __str__(self) -> str:
            usage.append({"n": 1})
            return "2"

    usage = cachelint.UsageLog(log)
    usage.append({"n": Collected()})
    assert read(log) == [{"n": 1}, {"n": "2"}]


def test_only_the_owner_can_read_a_log(tmp_path: Path) -> None:
    log = cachelint.UsageLog(tmp_path / "logs" / "usage.jsonl")
    log.append({})
    assert stat.S_IMODE(log.path.stat().st_mode) == 0o600


def test_a_deleted_file_is_created_again_at_once(log: Path) -> None:
    usage = cachelint.UsageLog(log)
    usage.append({"n": 1})
    log.unlink()
    usage.append({"n": 2})
    assert read(log) == [{"n": 2}]


@pytest.mark.usefixtures("fast_checks")
def test_a_renamed_file_is_left_alone(log: Path) -> None:
    usage = cachelint.UsageLog(log)
    usage.append({"n": 1})
    log.rename(log.with_suffix(".old"))
    usage.append({"n": 2})
    assert read(log) == [{"n": 2}]
    assert read(log.with_suffix(".old")) == [{"n": 1}]


@pytest.mark.usefixtures("fast_checks")
def test_a_folder_that_cannot_be_written_costs_one_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = cachelint.UsageLog(tmp_path / "usage.jsonl")
    opened = os.open

    def refuse(*arguments: Any, **options: Any) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    log.append({"n": 1})
    log.append({"n": 2})
    monkeypatch.setattr(os, "open", opened)
    log.append({"n": 3})
    log.append({"n": 4})

    assert read(log.path) == [{"n": 3, "lost_records": 2}, {"n": 4}]
    assert [(record.name, record.levelno) for record in caplog.records] == [("cachelint", logging.WARNING)]
    assert caplog.messages == [
        f"cachelint cannot write its usage log {log.path}: Permission denied. Your program goes on."
    ]


@pytest.mark.usefixtures("fast_checks")
def test_a_full_disk_leaves_blanks_of_half_a_line(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = cachelint.UsageLog(log)
    usage.append({"n": 1})
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:5]))
    usage.append({"n": 2})
    monkeypatch.setattr(os, "write", write)
    usage.append({"n": 3})
    assert log.read_text().splitlines() == ['{"n":1}', '     {"n":3,"lost_records":1}']


def test_half_a_line_of_a_process_that_was_killed_is_blanked_and_counted(log: Path) -> None:
    log.write_text('{"n":1}\n{"n":')
    usage = cachelint.UsageLog(log)
    usage.append({"n": 2})
    usage.append({"n": 3})
    assert log.read_text().splitlines() == ['{"n":1}', '     {"n":2}', '{"n":3,"lost_records":1}']


def test_half_a_line_that_appears_while_we_wait_for_our_turn(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = cachelint.UsageLog(log)
    usage.append({"n": 1})
    write = os.write

    def write_behind_another(descriptor: int, data: bytes) -> int:
        monkeypatch.setattr(os, "write", write)
        with log.open("a") as other:
            other.write('{"n":2,"te')
        return write(descriptor, data)

    monkeypatch.setattr(os, "write", write_behind_another)
    usage.append({"n": 3})
    usage.append({"n": 4})
    assert read(log) == [{"n": 1}, {"n": 3}, {"n": 4, "lost_records": 1}]


def test_what_others_left_without_an_end_of_line_stays_as_it_is(log: Path) -> None:
    log.write_text('{"n":1}')
    usage = cachelint.UsageLog(log)
    usage.append({"n": 2})
    usage.append({"n": 3})
    assert [line for line in log.read_text().splitlines() if line.strip()] == ['{"n":1}', '{"n":2}', '{"n":3}']


def test_parent_and_child_do_not_share_their_place_in_the_file(log: Path) -> None:
    usage = cachelint.UsageLog(log)
    usage.append({"n": 0})
    children = [multiprocessing.get_context("fork").Process(target=append_all, args=(usage, n)) for n in (1, 2, 3)]
    for child in children:
        child.start()
    append_all(usage, 4)
    for child in children:
        child.join()
    expected = [0, *(hundred * 100 + number for hundred in (1, 2, 3, 4) for number in range(100))]
    assert sorted(record["n"] for record in read(log)) == expected


def append_all(usage: cachelint.UsageLog, hundred: int) -> None:
    for number in range(100):
        usage.append({"n": hundred * 100 + number})


LIMITED = """
import resource, sys, cachelint
from cachelint.runtime import log
log._RETRY_AFTER_SECONDS = 0.0
resource.setrlimit(resource.RLIMIT_FSIZE, (250, resource.RLIM_INFINITY))
usage = cachelint.UsageLog(sys.argv[1])
for number in range(20):
    usage.append({"number": number, "text": "x" * 40})
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
usage.append({"number": 20})
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of the file size are POSIX")
def test_a_file_that_may_grow_no_more(log: Path) -> None:
    """The kernel writes what fits and refuses the rest, as on a full disk."""
    subprocess.run([sys.executable, "-c", LIMITED, log], check=True, capture_output=True)

    written = read(log)
    assert written[-1] == {"number": 20, "lost_records": 21 - len(written)}


def test_a_descriptor_that_has_become_somebody_elses_is_left_alone(log: Path) -> None:
    """A daemon closes all descriptors when it starts; the next socket may get the number of ours."""
    usage = cachelint.UsageLog(log)
    usage.append({"n": 1})
    reading, writing = os.pipe()
    assert usage._descriptor is not None
    os.dup2(writing, usage._descriptor)
    number = usage._descriptor
    usage.append({"n": 2})
    usage.close()

    os.write(number, b"theirs")
    assert os.read(reading, 100) == b"theirs"
    assert read(log) == [{"n": 1}, {"n": 2}]
    for descriptor in (reading, writing, number):
        os.close(descriptor)


def test_a_closed_descriptor_is_opened_again(log: Path) -> None:
    usage = cachelint.UsageLog(log)
    usage.append({"n": 1})
    assert usage._descriptor is not None
    os.close(usage._descriptor)
    usage.append({"n": 2})
    assert read(log) == [{"n": 1}, {"n": 2}]


@pytest.mark.parametrize("number", [errno.ESTALE, errno.ENOLCK, errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.EINTR])
def test_a_file_system_that_was_away_is_opened_again(
    number: int, log: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(log_module, "_RETRY_AFTER_SECONDS", 0.0)
    usage = cachelint.UsageLog(log)
    usage.append({"n": 1})
    before = usage._descriptor
    write = os.write

    def away(*arguments: Any) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "write", away)
    usage.append({"n": 2})
    assert usage._descriptor is None
    assert before is not None
    monkeypatch.setattr(os, "write", write)
    usage.append({"n": 3})
    assert read(log) == [{"n": 1}, {"n": 3, "lost_records": 1}]
    assert len(caplog.messages) == 1


def test_a_disk_that_hangs_is_left_alone_for_a_while(
    log: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    monkeypatch.setattr(log_module.time, "monotonic", clock)
    usage = cachelint.UsageLog(log)
    write = os.write
    monkeypatch.setattr(os, "write", lambda *arguments: (clock.advance(3.0), write(*arguments))[1])
    usage.append({"n": 1})
    monkeypatch.setattr(os, "write", write)
    usage.append({"n": 2})
    clock.advance(29.0)
    usage.append({"n": 3})
    clock.advance(2.0)
    usage.append({"n": 4})

    assert read(log) == [{"n": 1}, {"n": 4, "lost_records": 2}]
    assert caplog.messages == [
        f"cachelint cannot write its usage log {log}: it takes 3 seconds to write a line. Your program goes on."
    ]


class Clock:
    """A clock that goes on only when told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


def test_a_log_that_fails_is_not_tried_again_at_once(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = cachelint.UsageLog(log)
    tried: list[Any] = []

    def refuse(*arguments: Any, **options: Any) -> int:
        tried.append(arguments)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "open", refuse)
    for _ in range(5):
        usage.append({})
    assert (len(tried), usage.lost_records) == (1, 5)


@pytest.mark.usefixtures("fast_checks")
def test_another_file_is_started_when_one_is_full(log: Path) -> None:
    usage = cachelint.UsageLog(log, max_bytes=20)
    for number in range(5):
        usage.append({"number": number})
    assert [path.name for path in sorted(log.parent.iterdir())] == ["usage.2.jsonl", "usage.3.jsonl", "usage.jsonl"]
    assert read(log) == [{"number": 0}, {"number": 1}]


@pytest.mark.usefixtures("fast_checks")
def test_a_folder_gets_a_file_per_day_and_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "host_name", lambda: "web1")
    monkeypatch.setattr(log_module.time, "time", days := Days())
    usage = cachelint.UsageLog(f"{tmp_path}/logs/")
    usage.append({"n": 1})
    days.pass_one()
    usage.append({"n": 2})
    assert sorted(path.name for path in (tmp_path / "logs").iterdir()) == [
        "usage-2026-11-23-web1.jsonl",
        "usage-2026-11-24-web1.jsonl",
    ]


class Days:
    """A clock that stands still until a day passes."""

    def __init__(self) -> None:
        self.now = 1_795_435_200.0

    def __call__(self) -> float:
        return self.now

    def pass_one(self) -> None:
        self.now += 86_400


def test_the_default_is_a_folder_of_the_project_that_git_ignores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(LOG_VARIABLE, raising=False)
    log = cachelint.UsageLog()
    log.append({})
    assert log.folder == tmp_path / ".cachelint"
    assert (tmp_path / ".cachelint" / ".gitignore").read_text() == "*\n"


def test_a_service_that_runs_in_the_root_folder_logs_to_the_state_of_its_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    monkeypatch.delenv(LOG_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert log_location() == tmp_path / "cachelint"


@pytest.fixture
def locations(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "folder").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("named", "folder", "file"),
    [("usage.jsonl", ".", "usage.jsonl"), ("folder", "folder", None), ("new/", "new", None), ("new/a", "new", "a")],
)
def test_a_folder_is_told_from_a_file(
    named: str, folder: str, file: str | None, locations: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(LOG_VARIABLE, f"{locations}/{named}")
    log = cachelint.UsageLog()
    assert log.folder == locations / folder
    assert (file is None) == log.path.name.startswith("usage-20")
