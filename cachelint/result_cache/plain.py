"""Outcomes as JSON can hold them: an object is its class with the values of its fields, in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from cachelint.analysis import Analysis, BlockView, RequestView
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
        *(Analysis, RequestView, BlockView, Finding, Fix, Edit, FlowStep),
        *(BrokenRequest, RequestSite, Location, Note),
    )
}
_TEXTS = "texts"


def plain_from_analysis(analysis: Analysis) -> Any:
    """An outcome as dicts, lists and texts."""
    return _plain(analysis)


def analysis_from_plain(plain: Any) -> Analysis:
    """The outcome that `plain_from_analysis` was given.

    Raises `ValueError`, `KeyError` or `TypeError` for anything else.
    """
    analysis = _object(plain)
    if not isinstance(analysis, Analysis):
        raise ValueError("no outcome of a run")
    return analysis


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
