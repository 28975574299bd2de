"""Output formats of `cachelint check`: one module each, found by looking into this folder."""

from __future__ import annotations

import importlib
import pkgutil
from typing import cast

from cachelint.formats.interface import Format, Outcome

__all__ = ["Format", "Outcome", "format_names", "load_format"]


def format_names() -> tuple[str, ...]:
    """The names of all formats, sorted."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name != "interface"))


def load_format(name: str) -> Format:
    """The format of that name, one of `format_names()`."""
    return cast(Format, importlib.import_module(f"{__name__}.{name}"))
