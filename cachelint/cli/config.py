"""`cachelint config`: the settings that apply to a folder, and where each was set."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import click
from tabulate import tabulate

from cachelint.cli.output import deliver, file_option, format_option
from cachelint.config import Settings, load_settings, setting_fields
from cachelint.errors import InputError
from cachelint.project import common_folder, project_root


@click.command()
@click.argument("path", default=".", type=click.Path(path_type=Path))
@format_option(("text", "json"))
@file_option()
def command(path: Path, output_format: str, output_file: Path | None) -> None:
    """Show the settings that apply to PATH, by default the working folder, and where each comes from."""
    if not path.exists():
        raise InputError(f"no such file or folder: {path}")
    folder = common_folder([path])
    settings, root = load_settings(folder), project_root(folder)
    if output_format == "json":
        text = json.dumps({"root": str(root), "settings": _objects(settings)}, indent=2)
    else:
        text = f"project: {root}\n\n{_table(settings)}"
    deliver(f"{text}\n", output_file)


def _table(settings: Settings) -> str:
    rows = [
        (key, json.dumps(_plain(getattr(settings, name))), settings.origin(name))
        for key, name in setting_fields().items()
    ]
    return tabulate(rows, headers=("setting", "value", "from"), disable_numparse=True)


def _objects(settings: Settings) -> dict[str, Any]:
    return {
        key: {"value": _plain(getattr(settings, name)), "from": settings.origin(name)}
        for key, name in setting_fields().items()
    }


def _plain(value: Any) -> Any:
    """A value of a setting as JSON has it."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        declared = {entry.name.replace("_", "-"): getattr(value, entry.name) for entry in fields(value)}
        return {key: _single(_plain(item)) for key, item in declared.items() if item not in (None, (), {}, False)}
    return value


def _single(value: Any) -> Any:
    """The element of a list of one, which is how a declaration is mostly written."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value
