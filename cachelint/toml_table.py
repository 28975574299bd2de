"""Reads a TOML table into the fields of a dataclass, and says precisely what is wrong with one that does not fit.

A field takes part when its metadata has a reader: ``field(metadata=read(strings))``. Its key is its name with hyphens.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cachelint.errors import ConfigurationError

Reader = Callable[[str, Any], Any]
"""Takes a key, for messages, and the value as TOML has it; returns the value as the field has it."""


def read(reader: Reader) -> dict[str, Reader]:
    """The metadata of a field that `reader` reads."""
    return {"reader": reader}


def boolean(key: str, value: Any) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise ConfigurationError(f"`{key}` must be true or false, not {value!r}")
    return value


def string(key: str, value: Any) -> str:
    """A string that is not empty."""
    if not isinstance(value, str) or not value:
        raise ConfigurationError(f"`{key}` must be a string, not {value!r}")
    return value


def release(key: str, value: Any) -> str:
    """A version of one to three numbers, ``0.2`` or ``0.2.0``."""
    if not isinstance(value, str) or not re.fullmatch(r"\d{1,9}(\.\d{1,9}){0,2}", value):
        raise ConfigurationError(f'`{key}` must be a version such as "0.2.0", not {value!r}')
    return value


def strings(key: str, value: Any) -> tuple[str, ...]:
    """A list of strings."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ConfigurationError(f"`{key}` must be a list of strings, not {value!r}")
    return tuple(value)


def argument_names(key: str, value: Any) -> tuple[str, ...]:
    """The name of a keyword argument or the index of a positional one, which becomes digits; or a list of them."""
    found = value if isinstance(value, list) else [value]
    for item in found:
        if isinstance(item, bool) or not isinstance(item, (str, int)) or item == "":
            raise ConfigurationError(f"`{key}` must be the name or the index of an argument, not {item!r}")
    return tuple(str(item) for item in found)


def string_or_strings(key: str, value: Any) -> tuple[str, ...]:
    """A string, or a list of strings that is not empty."""
    found = tuple(value) if isinstance(value, list) else (value,)
    if not found or not all(isinstance(item, str) and item for item in found):
        raise ConfigurationError(f"`{key}` must be a string or a list of strings, not {value!r}")
    return found


def table_of(reader: Reader) -> Reader:
    """Reads a table of what `reader` reads."""

    def table(key: str, value: Any) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            raise ConfigurationError(f"`{key}` must be a table, not {value!r}")
        return MappingProxyType({name: reader(f"{key}.{name}", item) for name, item in value.items()})

    return table


def strings_by_name(key: str, value: Any) -> Mapping[str, tuple[str, ...]]:
    """A table of lists of strings."""
    if not isinstance(value, dict):
        raise ConfigurationError(f"`{key}` must be a table of lists of strings, not {value!r}")
    return MappingProxyType({name: strings(f'{key}."{name}"', item) for name, item in value.items()})


def one_of(*choices: str) -> Reader:
    """Reads one of `choices`."""

    def reader(key: str, value: Any) -> str:
        if value not in choices:
            raise ConfigurationError(f"`{key}` must be one of {', '.join(choices)}, not {value!r}")
        return str(value)

    return reader


def member_of(kind: type[StrEnum]) -> Reader:
    """Reads a member of `kind` by its value."""
    choose = one_of(*kind)
    return lambda key, value: kind(choose(key, value))


def tables(kind: type[Any]) -> Reader:
    """Reads an array of tables, each into the dataclass `kind`."""

    def reader(key: str, value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise ConfigurationError(f"`{key}` must be an array of tables, not {value!r}")
        return tuple(kind(**read_table(kind, item, f"{key}.")) for item in value)

    return reader


def read_table(kind: type[Any], table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Field name to value, for the keys that `table` has. Underscores in keys stand for hyphens.

    Raises `ConfigurationError` for an unknown key, a value that its reader refuses and a required key that is absent.
    """
    known = {entry_key(entry): entry for entry in fields(kind) if "reader" in entry.metadata}
    values = {}
    for written, value in table.items():
        key = written.replace("_", "-")
        if key not in known:
            raise ConfigurationError(f"unknown setting `{prefix}{written}`{_suggestion(key, list(known))}")
        values[known[key].name] = known[key].metadata["reader"](f"{prefix}{key}", value)
    for key, entry in known.items():
        if entry.default is MISSING and entry.default_factory is MISSING and entry.name not in values:
            raise ConfigurationError(f"`{prefix}{key}` is missing")
    return values


def entry_key(entry: Field[Any]) -> str:
    """The key of a field in a table."""
    return entry.name.replace("_", "-")


def load_toml(path: Path) -> dict[str, Any]:
    """The contents of a TOML file; raises `ConfigurationError` where there is none."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is not valid TOML: {error}") from None
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from None


def _suggestion(key: str, known: list[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    return f"; did you mean `{near[0]}`?" if near else f"; there are: {', '.join(known)}"
