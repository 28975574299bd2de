"""The options of commands that check source: whether results are kept, and where."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])


def cache_options(command: _Command) -> _Command:
    """Gives a command the options `no_cache` and `cache_dir`."""
    without = click.option("--no-cache", is_flag=True, help="Neither read nor write the result cache.")
    elsewhere = click.option(
        "--cache-dir",
        type=click.Path(path_type=Path, file_okay=False),
        envvar="CACHELINT_CACHE_DIR",
        help="Where to keep results, by default .cachelint_cache in the project's root; also CACHELINT_CACHE_DIR.",
    )
    return without(elsewhere(command))
