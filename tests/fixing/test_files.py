"""Fixed texts on disk: encoding, byte order mark, line ends and permissions stay; a file is never half-written."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from cachelint.errors import InputError
from cachelint.fixing.files import write_fixed


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"\xef\xbb\xbfx = 'caf\xc3\xa9'\r\n", "utf-8-sig"),
        (b"# -*- coding: latin-1 -*-\nx = 'caf\xe9'\n", "latin-1"),
        (b"x = 1\r\n", "utf-8"),
    ],
)
def test_the_bytes_around_a_change_stay(tmp_path: Path, content: bytes, encoding: str) -> None:
    file = tmp_path / "app.py"
    file.write_bytes(content)
    original = content.decode(encoding)
    assert write_fixed(file, original.replace("x =", "y ="), original)
    assert file.read_bytes() == content.replace(b"x =", b"y =")


def test_a_file_that_has_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "app.py"
    file.write_text("somebody = 'else'\n")
    assert not write_fixed(file, "x = 2\n", "x = 1\n")
    assert file.read_text() == "somebody = 'else'\n"


def test_permissions_stay_and_nothing_is_left_behind(tmp_path: Path) -> None:
    file = tmp_path / "app.py"
    file.write_text("x = 1\n")
    file.chmod(0o755)
    assert write_fixed(file, "x = 2\n", "x = 1\n")
    assert file.stat().st_mode & 0o777 == 0o755
    assert os.listdir(tmp_path) == ["app.py"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    file, link = tmp_path / "app.py", tmp_path / "link.py"
    file.write_text("x = 1\n")
    link.symlink_to(file)
    assert write_fixed(link, "x = 2\n", "x = 1\n")
    assert link.is_symlink()
    assert file.read_text() == "x = 2\n"


def test_a_write_that_fails_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "app.py"
    file.write_text("x = 1\n")

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copymode", full_disk)
    with pytest.raises(InputError, match="No space left on device"):
        write_fixed(file, "x = 2\n", "x = 1\n")
    assert file.read_text() == "x = 1\n"
    assert os.listdir(tmp_path) == ["app.py"]


@pytest.mark.skipif(sys.platform == "win32" or os.getuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "app.py"
    file.write_text("x = 1\n")
    tmp_path.chmod(0o555)
    with pytest.raises(InputError, match="Permission denied"):
        write_fixed(file, "x = 2\n", "x = 1\n")
    tmp_path.chmod(0o755)
