"""Settings: what a project asks of cachelint, in `pyproject.toml` or `cachelint.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from cachelint.errors import ConfigurationError
from cachelint.findings import Severity
from cachelint.sink_declaration import SinkDeclaration
from cachelint.toml_table import (
    boolean,
    entry_key,
    load_toml,
    member_of,
    one_of,
    read,
    read_table,
    release,
    string,
    strings,
    strings_by_name,
    tables,
)

_PERIODS = ("request", "turn", "session", "process", "host", "day", "deploy")


@dataclass(frozen=True, slots=True)
class SourceDeclaration:
    """A function of the project's own whose result varies."""

    call: str = field(metadata=read(string))
    """Dotted name, ``mycorp.tracing.current_span_id``."""
    code: str = field(default="CL105", metadata=read(string))
    """The rule that it is reported as."""
    period: str = field(default="request", metadata=read(one_of(*_PERIODS)))
    """How often the result changes."""
    varies: str = field(default="value", metadata=read(one_of("value", "order")))
    """Whether the result itself changes, or only the order of its elements."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What applies to a run; `Settings()` is what applies where nothing is configured.

    Selectors are codes (``CL101``), names (``clock-in-prefix``) or families (``CL1``).
    """

    select: tuple[str, ...] = field(default=(), metadata=read(strings))
    """What to report; empty means every rule."""
    extend_select: tuple[str, ...] = field(default=(), metadata=read(strings))
    """What to report besides `select`."""
    ignore: tuple[str, ...] = field(default=(), metadata=read(strings))
    """What to leave out; a more specific selector wins over a wider one."""
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(
        default_factory=lambda: MappingProxyType({}), metadata=read(strings_by_name)
    )
    """Glob to the selectors that are left out in the files that it matches."""
    exclude: tuple[str, ...] = field(default=(), metadata=read(strings))
    """Globs of files and folders that are not checked, relative to the project's root."""
    fail_on: Severity = field(default=Severity.WARNING, metadata=read(member_of(Severity)))
    """The least severity that makes a run fail."""
    pedantic: bool = field(default=False, metadata=read(boolean))
    """Report findings of low confidence too."""
    baseline: str | None = field(default=None, metadata=read(string))
    """File of the known findings, relative to the configuration file."""
    rules_version: str | None = field(default=None, metadata=read(release))
    """The version of cachelint whose rules may make a run fail. What newer rules find is reported, says in which
    version its rule is new, and fails nothing, unless `select` or `extend-select` names the rule."""
    sinks: tuple[SinkDeclaration, ...] = field(default=(), metadata=read(tables(SinkDeclaration)))
    """Calls of the project's own that send a prompt."""
    sources: tuple[SourceDeclaration, ...] = field(default=(), metadata=read(tables(SourceDeclaration)))
    """Functions of the project's own whose result varies."""
    sanitizers: tuple[str, ...] = field(default=(), metadata=read(strings))
    """Dotted names of functions whose result is stable whatever they are given."""
    origins: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), compare=False)
    """Field name to where its value was set, for the fields that were."""

    def origin(self, name: str) -> str:
        """Where the value of the field `name` comes from: a file, an option, or ``default``."""
        return self.origins.get(name, "default")

    def overridden(self, origin: str, /, **values: Any) -> Self:
        """These settings with `values`, which `origin` asked for, in their place."""
        origins = MappingProxyType({**self.origins, **dict.fromkeys(values, origin)})
        return replace(self, **values, origins=origins)


def load_settings(start: Path) -> Settings:
    """The settings of the nearest configuration file at or above `start`, or the defaults where there is none.

    Raises `ConfigurationError` for a file that is not TOML, an unknown key or a value of the wrong type.
    """
    configuration = find_configuration(start)
    if configuration is None:
        return Settings()
    path, table = configuration
    try:
        values = read_table(Settings, table)
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}: {error}") from None
    return Settings().overridden(str(path), **values)


def find_configuration(start: Path) -> tuple[Path, Mapping[str, Any]] | None:
    """The nearest file at or above the folder `start` that configures cachelint, and its table as TOML has it."""
    folder = start.resolve()
    for candidate in (folder, *folder.parents):
        own, project = candidate / "cachelint.toml", candidate / "pyproject.toml"
        if own.is_file():
            return own, load_toml(own)
        if project.is_file():
            table = load_toml(project).get("tool", {}).get("cachelint")
            if table is not None:
                return project, table
    return None


def setting_fields() -> Mapping[str, str]:
    """The keys of a configuration file to the fields of `Settings`, in order."""
    return {entry_key(entry): entry.name for entry in fields(Settings) if "reader" in entry.metadata}
