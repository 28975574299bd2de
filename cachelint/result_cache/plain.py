"""Outcomes as JSON can hold them: an object is its class with the values of its fields, in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

from cachelint.analysis import BlockView, RequestView
from cachelint.analysis.outcome import FileOutcome, Group, ProjectOutcome
from cachelint.findings import (
    BrokenRequest,
    Confidence,
    Edit,
    Finding,
    Fix,
    FlowStep,
    Location,
    Note,
    RequestSite,
    Severity,
)

_LEVELS: dict[str, type[Severity | Confidence]] = {level.__name__: level for level in (Severity, Confidence)}
_CLASSES: dict[str, type[Any]] = {
    each.__name__: each
    for each in (
        *(ProjectOutcome, FileOutcome, Group),
        *(RequestView, BlockView, Finding, Fix, Edit, FlowStep),
        *(BrokenRequest, RequestSite, Location, Note),
    )
}
_TEXTS = "texts"


_Kind = TypeVar("_Kind")


def plain(value: Any) -> Any:
    """An outcome as dicts, lists and texts."""
    return _plain(value)


def restored(kind: type[_Kind], written: Any) -> _Kind | None:
    """The object of that class that `plain` was given; None for anything else."""
    try:
        value = _object(written)
    except (TypeError, ValueError, KeyError):
        return None
    return value if isinstance(value, kind) else None


def _plain(value: Any) -> Any:
    kind = type(value)
    if value is None or kind in (str, int, bool):
        return value
    if kind is tuple:
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return {_TEXTS: [[name, text] for name, text in value.items()]}
    if isinstance(value, Severity | Confidence):
        return {kind.__name__: value.value}
    assert kind in _CLASSES.values(), kind
    return {kind.__name__: [_plain(getattr(value, each.name)) for each in fields(value)]}


def _object(plain: Any) -> Any:
    if isinstance(plain, list):
        return tuple([_object(each) for each in plain])
    if not isinstance(plain, dict):
        return plain
    ((name, content),) = plain.items()
    if name == _TEXTS:
        return dict(content)
    if name in _LEVELS:
        return _LEVELS[name](content)
    return _CLASSES[name](*map(_object, content))
