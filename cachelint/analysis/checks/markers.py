"""CL504: a `cache_control` whose value or place the API rejects or ignores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cachelint.analysis.checks.report import Problem
from cachelint.analysis.request import Block, Marker, Request, marker_of
from cachelint.analysis.surroundings import argument_site
from cachelint.analysis.syntax import Site
from cachelint.analysis.values import Constant, Entry, Mapping, Value, constant_text, options_of
from cachelint.analysis.values import Sequence as List
from cachelint.findings import Confidence, Severity
from cachelint.prompt.layout import TTL_SECONDS, UNMARKABLE_TYPES
from cachelint.prompt.models import model_facts

_RETIRED = ("prompt-caching-2024-07-31", "extended-cache-ttl-2025-04-11", "cache-diagnosis-2026-04-07")
_LEGACY_BEDROCK = ("AnthropicBedrock()", "AsyncAnthropicBedrock()")


def invalid_marker(request: Request) -> Iterator[Problem]:
    """CL504: each marker with a wrong value or in a wrong place, and ways of asking for caching that are gone."""
    for block in request.blocks:
        if block.marker is not None:
            yield from _value(request, block.marker)
            yield from _unmarkable(request, block, block.marker)
        if block.source is not None:
            yield from _inside(request, block, block.source)
    yield from _on_messages(request)
    if request.automatic is not None:
        yield from _value(request, request.automatic)
        yield from _not_taken(request, request.automatic)
    if ".prompt_caching." in request.call.callee:
        message = "client.beta.prompt_caching is gone from the SDK: an AttributeError."
        yield _problem(request, request.call.site, message)
    yield from _headers(request)


def _value(request: Request, marker: Marker) -> Iterator[Problem]:
    site = marker.site or request.call.site
    if marker.kind is not None and marker.kind != "ephemeral":
        yield _problem(request, site, f"The type `{marker.kind}` of cache_control does not exist; it is `ephemeral`.")
    elif marker.ttl is not None and marker.ttl not in TTL_SECONDS:
        yield _problem(request, site, f"The ttl `{marker.ttl}` does not exist; the API takes `5m` and `1h`.")


def _unmarkable(request: Request, block: Block, marker: Marker) -> Iterator[Problem]:
    source = block.source
    site = marker.site or request.call.site
    if source is None or marker.maybe or block.maybe or block.alternative or block.repeated:
        return
    kind = _text(source, "type")
    if kind in UNMARKABLE_TYPES:
        yield _problem(request, site, f"A {kind} block cannot carry a marker.")
    if block.tier == "tools" and _true(source.entries.get("defer_loading")):
        yield _problem(request, site, "A tool with defer_loading cannot carry a marker.")


def marked_emptiness(requests: Sequence[Request]) -> Iterator[Problem]:
    """CL504: a marker on a text block that is empty in each use of it."""
    found: dict[Site, list[tuple[Request, str | None]]] = {}
    for request in requests:
        for block in request.blocks:
            if block.marker is not None and block.marker.site is not None and block.source is not None:
                text = _text(block.source, "text") if not block.alternative else None
                found.setdefault(block.marker.site, []).append((request, text))
    for site, uses in found.items():
        if all(text is not None and not text.strip() for _, text in uses):
            yield _problem(uses[0][0], site, "An empty text block cannot carry a marker.")


def _inside(request: Request, block: Block, source: Mapping) -> Iterator[Problem]:
    """Markers in parts of a block where none may stand."""
    if _text(source, "type") == "tool_result":
        for entry in _entries(source, "content"):
            if isinstance(entry, List):
                for item in entry.items[:-1]:
                    if isinstance(item.value, Mapping) and (inner := item.value.entries.get("cache_control")):
                        yield from _misplaced(
                            request, inner, "Inside a tool_result only the last block can carry a marker."
                        )
    if block.tier != "tools":
        return
    for key in ("input_schema", "configs"):
        for value in _entries(source, key):
            for mapping in _mappings(value):
                if inner := mapping.entries.get("cache_control"):
                    yield from _misplaced(
                        request, inner, f"A marker inside `{key}` is not one; it belongs on the tool itself."
                    )


def _on_messages(request: Request) -> Iterator[Problem]:
    """A marker beside `role`, on the message and not on one of its blocks."""
    if request.call.sink.client != "anthropic":
        return
    seen: set[int] = set()
    for block in request.blocks:
        outer = block.outer
        if outer is None or id(outer) in seen or outer.open:
            continue
        seen.add(id(outer))
        entry = outer.entries.get("cache_control")
        if entry is not None and not entry.maybe:
            yield from _misplaced(request, entry, "A message takes no cache_control; it belongs on one of its blocks.")


def _misplaced(request: Request, entry: Entry, message: str) -> Iterator[Problem]:
    marker = marker_of(entry)
    if marker is not None and not marker.maybe and marker.ttl is not None:
        yield _problem(request, entry.site or request.call.site, message)


def _not_taken(request: Request, automatic: Marker) -> Iterator[Problem]:
    """Automatic caching where the call does not take it."""
    callee, site = request.call.callee, automatic.site or request.call.site
    if request.call.sink.method == "parse" and ".beta." not in callee and not automatic.maybe:
        yield _problem(request, site, 'messages.parse takes no cache_control; use extra_body={"cache_control": …}.')
    if any(client in callee for client in _LEGACY_BEDROCK) and request.model and _is_old(request.model):
        yield _problem(
            request, site, "AnthropicBedrock rejects automatic caching for this model; mark a block instead."
        )


def _is_old(model: str) -> bool:
    """Opus 4.6 and older: the models that the old Bedrock integration serves."""
    facts = model_facts(model)
    return facts is not None and not facts.new_tokenizer


def _headers(request: Request) -> Iterator[Problem]:
    for name in ("betas", "extra_headers", "default_headers"):
        value = request.parameters.get(name)
        if value is None:
            continue
        for text in _texts(value):
            for retired in _RETIRED:
                if retired in text:
                    site = argument_site(request.call.site, name)
                    message = f"The header `{retired}` is no longer needed."
                    yield Problem("CL504", request, site, message, Severity.INFO, Confidence.HIGH)


def _texts(value: Value) -> Iterator[str]:
    for option in options_of(value):
        text = constant_text(option)
        if text is not None:
            yield text
        elif isinstance(option, List):
            for item in option.items:
                yield from _texts(item.value)
        elif isinstance(option, Mapping):
            for entry in option.entries.values():
                yield from _texts(entry.value)


def _mappings(value: Value, depth: int = 8) -> Iterator[Mapping]:
    for option in options_of(value):
        if isinstance(option, Mapping):
            yield option
            if depth:
                for key, entry in option.entries.items():
                    if key != "properties":
                        yield from _mappings(entry.value, depth - 1)
        elif isinstance(option, List) and depth:
            for item in option.items:
                yield from _mappings(item.value, depth - 1)


def _entries(source: Mapping, key: str) -> tuple[Value, ...]:
    entry = source.entries.get(key)
    return options_of(entry.value) if entry is not None else ()


def _text(source: Mapping, key: str) -> str | None:
    entry = source.entries.get(key)
    return constant_text(entry.value) if entry is not None else None


def _true(entry: Entry | None) -> bool:
    return entry is not None and entry.value == Constant(True)


def _problem(request: Request, site: Site, message: str) -> Problem:
    return Problem("CL504", request, site, message)
