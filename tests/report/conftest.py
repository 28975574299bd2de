"""Reports on logs that tests write on the spot."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from made_logs import NOW

from cachelint.report.building import Options, build_report
from cachelint.report.figures import Report

Reporter = Callable[..., Report]


@pytest.fixture
def write_log(tmp_path: Path) -> Callable[..., Path]:
    """Writes records as JSON lines; a string is written as it is."""

    def write(records: Iterable[Any], name: str = "usage.jsonl") -> Path:
        path = tmp_path / name
        lines = (record if isinstance(record, str) else json.dumps(record) for record in records)
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return path

    return write


@pytest.fixture
def report_of(write_log: Callable[..., Path]) -> Reporter:
    """The report on some records, all in one file."""

    def report(*records: Any, options: Options | None = None) -> Report:
        return build_report([str(write_log(records))], replace(options or Options(), now=NOW))

    return report


@pytest.fixture
def report_on() -> Reporter:
    """The report on some paths."""

    def report(*paths: Path | str, options: Options | None = None) -> Report:
        return build_report([str(path) for path in paths], replace(options or Options(), now=NOW))

    return report
