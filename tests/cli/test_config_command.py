"""`cachelint config`: what applies, and where it comes from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cachelint.cli import main

Capture = pytest.CaptureFixture[str]


def shown(capsys: Capture, *arguments: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["config", *arguments])
    assert ended.value.code == 0
    return capsys.readouterr().out


def test_settings_with_their_origin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "cachelint.toml"
    path.write_text('ignore = ["CL104"]\n[[sinks]]\ncall = "app.ask"\nsystem = "prompt"\n')
    out = shown(capsys)
    assert out.startswith(f"project: {tmp_path}\n")
    assert [line.split() for line in out.splitlines() if str(path) in line] == [
        ["ignore", '["CL104"]', str(path)],
        ["sinks", *['[{"call":', '"app.ask",', '"does":', '"sends",', '"system":', '"prompt"}]'], str(path)],
    ]
    settings = json.loads(shown(capsys, "--format", "json"))["settings"]
    assert settings["ignore"] == {"value": ["CL104"], "from": str(path)}
    assert settings["fail-on"] == {"value": "warning", "from": "default"}
