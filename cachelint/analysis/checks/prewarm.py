"""CL506: calls that are meant to warm the cache and do not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cachelint.analysis.checks.report import Problem
from cachelint.analysis.request import Request
from cachelint.analysis.surroundings import stands_alone
from cachelint.analysis.syntax import Site
from cachelint.analysis.values import Constant, Mapping, Value, constant_text, options_of
from cachelint.findings import Confidence, Severity
from cachelint.prompt.models import normalize_model


def warming(requests: Sequence[Request]) -> Iterator[Problem]:
    """CL506: each warming request, against the API's rules and against the real requests that it warms for."""
    for request in requests:
        tokens = request.parameters.get("max_tokens")
        if tokens == Constant(0):
            yield from _rejected(request)
            yield from _automatic(request)
            yield from _unlike(request, requests)
        elif tokens == Constant(1) and request.cached and stands_alone(request.call.site):
            message = "A warming call with max_tokens=1 pays for an output token; max_tokens=0 does not."
            yield Problem("CL506", request, request.call.site, message, Severity.INFO, Confidence.MEDIUM)


def _rejected(request: Request) -> Iterator[Problem]:
    parameters = request.parameters
    conflicts = {
        "stream=True": parameters.get("stream") == Constant(True),
        "manual thinking": _entry(parameters.get("thinking"), "type") == "enabled",
        "an output format": "output_format" in parameters or _has(parameters.get("output_config"), "format"),
        "a forced tool_choice": _entry(parameters.get("tool_choice"), "type") in ("any", "tool"),
        "a batch": request.call.sink.method == "batch",
    }
    found = next((what for what, present in conflicts.items() if present), None)
    if found is not None:
        message = f"The API rejects max_tokens=0 together with {found}."
        yield Problem("CL506", request, request.call.site, message)


def _automatic(request: Request) -> Iterator[Problem]:
    automatic = request.automatic
    if automatic is not None and not automatic.maybe:
        message = "Automatic caching marks the placeholder message of the warming call, which no real request has."
        yield Problem("CL506", request, automatic.site or request.call.site, message)


def _unlike(request: Request, requests: Sequence[Request]) -> Iterator[Problem]:
    """Differences from every real request that carries the same markers."""
    markers = _marker_sites(request)
    real = [
        other
        for other in requests
        if other.parameters.get("max_tokens") not in (Constant(0), Constant(1)) and markers & _marker_sites(other)
    ]
    for what, features in (("model", _model), ("tools", _tool_names), ("thinking", _thinking), ("effort", _effort)):
        own = features(request)
        others = [features(other) for other in real]
        if others and own is not None and all(other is not None and other != own for other in others):
            message = f"The warming call and the requests that it warms for differ in {what}: they share no entry."
            yield Problem("CL506", request, request.call.site, message)
            return


def _marker_sites(request: Request) -> set[Site]:
    return {block.marker.site for block in request.blocks if block.marker is not None and block.marker.site is not None}


def _model(request: Request) -> str | None:
    return normalize_model(request.model) if request.model is not None else None


def _tool_names(request: Request) -> str | None:
    names = []
    for block in request.tier("tools"):
        entry = block.source.entries.get("name") if block.source is not None else None
        name = constant_text(entry.value) if entry is not None else None
        if name is None or block.maybe or block.repeated or block.alternative:
            return None
        names.append(name)
    return None if request.call.open else ",".join(names)


def _thinking(request: Request) -> str | None:
    value = request.parameters.get("thinking")
    if value is None:
        return None if request.call.open else "absent"
    kind = _entry(value, "type")
    budget = value.entries.get("budget_tokens") if isinstance(value, Mapping) else None
    return None if kind is None else f"{kind} {budget.value if budget is not None else ''}"


def _effort(request: Request) -> str | None:
    return _entry(request.parameters.get("output_config"), "effort")


def _entry(value: Value | None, key: str) -> str | None:
    found = None
    for option in options_of(value) if value is not None else ():
        entry = option.entries.get(key) if isinstance(option, Mapping) else None
        found = found or (constant_text(entry.value) if entry is not None else None)
    return found


def _has(value: Value | None, key: str) -> bool:
    return isinstance(value, Mapping) and key in value.entries
