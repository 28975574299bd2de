"""The key of the fingerprints is made once, for its owner alone, and all processes have the same."""

from __future__ import annotations

import multiprocessing
import stat
from pathlib import Path

import pytest

from cachelint.runtime.key import KEY_FILE, KEY_VARIABLE, fingerprint_key


def test_a_key_is_kept_beside_the_log(tmp_path: Path) -> None:
    key = fingerprint_key(tmp_path / "logs")
    assert fingerprint_key(tmp_path / "logs") == key
    assert len(key) == 32
    assert stat.S_IMODE((tmp_path / "logs" / KEY_FILE).stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "logs").iterdir()] == [KEY_FILE]


def test_projects_have_different_keys(tmp_path: Path) -> None:
    assert fingerprint_key(tmp_path / "one") != fingerprint_key(tmp_path / "two")


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    with multiprocessing.get_context("fork").Pool(8) as pool:
        keys = pool.map(fingerprint_key, [tmp_path / "logs"] * 16)
    assert len(set(keys)) == 1


def test_a_broken_key_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).write_text("not a key")
    assert fingerprint_key(tmp_path) == fingerprint_key(tmp_path)


def test_a_fleet_shares_a_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "one secret for all hosts")
    assert fingerprint_key(tmp_path / "one") == fingerprint_key(tmp_path / "two")
    assert list(tmp_path.iterdir()) == []


def test_where_no_file_can_be_written_a_key_lasts_as_long_as_the_process(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert len(fingerprint_key(tmp_path / "file" / "logs")) == 32
