"""Files that block, lie, vanish or have odd names have a defined outcome: a finding or an error."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from cachelint.analysis import Analysis, analyze
from cachelint.analysis.engine import run
from cachelint.analysis.outcome import reported
from cachelint.config import Settings
from cachelint.errors import InputError

PROGRAM = """import time
import anthropic
client = anthropic.Anthropic()
block = {"type": "text", "text": f"{time.time()}", "cache_control": {"type": "ephemeral"}}
client.messages.create(model="claude-sonnet-4-5", max_tokens=9, messages=[], system=[block])
"""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pipes, sockets and links in folders")


def checked(root: Path, *targets: str, cache: Path | None = None) -> Analysis:
    return analyze(root, [root / target for target in targets or (".",)], Settings(), cache=cache)


def clocks(analysis: Analysis) -> list[str]:
    """The files in which a clock is found."""
    return [finding.location.filename for finding in analysis.findings if finding.code == "CL101"]


def unreadable(analysis: Analysis) -> list[tuple[str, str]]:
    return [(each.location.filename, each.message) for each in analysis.findings if each.code == "CL902"]


@pytest.fixture
def special(tmp_path: Path) -> Iterator[Path]:
    """A folder with a program, a pipe and a socket, all named like Python files."""
    (tmp_path / "app.py").write_text(PROGRAM)
    os.mkfifo(tmp_path / "pipe.py")
    with socket.socket(socket.AF_UNIX) as listener:
        before = Path.cwd()
        os.chdir(tmp_path)  # the path of a socket is short
        try:
            listener.bind("socket.py")
        finally:
            os.chdir(before)
        yield tmp_path


@pytest.mark.parametrize("cached", [False, True], ids=["analysed", "with a result cache"])
def test_pipes_and_sockets_in_a_folder_are_no_files(special: Path, cached: bool) -> None:
    assert clocks(checked(special, cache=special / "kept" if cached else None)) == ["app.py"]


def alone(filename: str, path: Path) -> Analysis:
    """What is found in a project of one file."""
    results = run({filename: path}, {filename}, Settings())
    return reported(results.project, results.files, {filename})


@pytest.mark.parametrize("name", ["pipe.py", "socket.py"])
def test_a_pipe_or_a_socket_as_target_is_an_error(special: Path, name: str) -> None:
    with pytest.raises(InputError, match=f"{name} is neither a file nor a folder"):
        checked(special, name)


def test_a_file_that_became_a_pipe_is_reported_and_never_waited_for(special: Path) -> None:
    assert unreadable(alone("pipe.py", special / "pipe.py")) == [
        ("pipe.py", "This file cannot be read: it is not a regular file.")
    ]


def test_a_file_that_vanished_is_reported(tmp_path: Path) -> None:
    assert unreadable(alone("gone.py", tmp_path / "gone.py")) == [
        ("gone.py", "This file cannot be read: No such file or directory.")
    ]


def test_a_file_without_permission_is_reported(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root reads everything")
    (tmp_path / "app.py").write_text(PROGRAM)
    (tmp_path / "app.py").chmod(0)
    assert unreadable(checked(tmp_path)) == [("app.py", "This file cannot be read: Permission denied.")]


def test_a_file_that_grew_too_large_is_reported(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(PROGRAM + "#" * 4_000_000)
    assert [message[:27] for _, message in unreadable(checked(tmp_path))] == ["This file is larger than 4 "]


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(PROGRAM)
    (tmp_path / "itself").symlink_to(".")
    (tmp_path / "loop.py").symlink_to("loop.py")
    (tmp_path / "broken.py").symlink_to("nowhere")
    assert clocks(checked(tmp_path)) == ["app.py"]
    for name in ("loop.py", "broken.py"):
        with pytest.raises(InputError, match=f"no such file or folder: .*{name}"):
            checked(tmp_path, name)


def test_a_device_behind_a_link_lies_outside_the_project(tmp_path: Path) -> None:
    (tmp_path / "zero.py").symlink_to("/dev/zero")
    assert checked(tmp_path).findings == ()
    with pytest.raises(InputError, match="lies outside the project's root"):
        checked(tmp_path, "zero.py")


def test_a_folder_named_like_a_file_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "app.py").mkdir()
    (tmp_path / "app.py" / "main.py").write_text(PROGRAM)
    assert clocks(checked(tmp_path)) == clocks(checked(tmp_path, "app.py")) == ["app.py/main.py"]


def test_a_name_that_is_not_text_and_one_with_a_newline(tmp_path: Path) -> None:
    names = [b"\xff\xfe.py", b"new\nline.py"]
    for name in names:
        Path(os.fsdecode(bytes(tmp_path) + b"/" + name)).write_text(PROGRAM)
    assert sorted(os.fsencode(name) for name in clocks(checked(tmp_path))) == sorted(names)


ENCODED = {
    "a byte order mark": b"\xef\xbb\xbf" + PROGRAM.encode(),
    "CRLF": PROGRAM.replace("\n", "\r\n").encode(),
    "CR": PROGRAM.replace("\n", "\r").encode(),
    "Latin-1 as declared": b"# coding: latin-1\n# \xe9\n" + PROGRAM.encode("latin-1"),
}

NOT_TEXT = {
    "UTF-8 that is none": PROGRAM.encode() + b"# \xe9\n",
    "a declared encoding that does not exist": b"# coding: nonsense\n" + PROGRAM.encode(),
    "a declared encoding that is none of text": b"# coding: hex\n" + PROGRAM.encode(),
}


@pytest.mark.parametrize("content", ENCODED.values(), ids=ENCODED)
def test_text_in_any_encoding_is_read(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "app.py").write_bytes(content)
    assert clocks(checked(tmp_path)) == ["app.py"]


@pytest.mark.parametrize("content", NOT_TEXT.values(), ids=NOT_TEXT)
def test_what_is_no_text_is_reported(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "app.py").write_bytes(content)
    assert [message[:35] for _, message in unreadable(checked(tmp_path))] == ["This file is not text in its encodi"]
