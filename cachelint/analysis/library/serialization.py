"""Serializers: what JSON and its like make of values, and whether the order of keys is provable."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cachelint.analysis.interpreter import classes, growth
from cachelint.analysis.interpreter.state import through
from cachelint.analysis.iteration import without_order
from cachelint.analysis.library.builtins import Model
from cachelint.analysis.sources import label_of
from cachelint.analysis.syntax import Site
from cachelint.analysis.values import (
    NONE,
    UNKNOWN,
    Constant,
    Hole,
    Instance,
    Mapping,
    Sequence,
    Symbol,
    Text,
    Value,
    children_of,
    options_of,
    variations_in,
)
from cachelint.analysis.variation import Period, Variations, merged
from cachelint.findings import Confidence

if TYPE_CHECKING:
    from cachelint.analysis.interpreter.state import Arguments, State


def _dumped(state: State, callee: Symbol, arguments: Arguments) -> Value:
    value = arguments.get(0, "obj") or UNKNOWN
    text = _json_of(state, callee, value, arguments)
    if isinstance(text, Text):
        text = Text((*text.parts, *(part for hole in growth.holes(growth.of(value)) for part in hole.parts)))
    return replace(text, document=value) if isinstance(text, Text) else text


def _json_of(state: State, callee: Symbol, value: Value, arguments: Arguments) -> Value:
    if _sorts(callee.path, arguments):
        return _text_of(state, without_key_order(value), arguments)
    text = _text_of(state, value, arguments)
    if isinstance(text, Constant):
        return text
    unproven = key_order(value)
    variations = variations_in(text)
    site = arguments.site
    disordered = key_variations(value)
    if disordered:
        known = {variation.identity for variation in disordered}
        others = tuple(variation for variation in variations if variation.identity not in known)
        label = f"{label_of(site.node)}{DISORDERED}{disordered[0].label}"
        period = min(variation.period for variation in disordered)
        return Text((Hole(merged(others, state.variation("CL202", label, site, period, order=True))),))
    if any(variation.order and variation.code != "CL206" for variation in variations):
        return text
    if unproven:
        others = tuple(variation for variation in variations if not variation.order)
        return Text((Hole(merged(others, of_unproven(state, unproven, site))),))
    return text


def of_unproven(state: State, reason: str, site: Site) -> Variations:
    """What varies in a text of a mapping the order of whose keys is not provable, for the reason given."""
    label = f"{label_of(site.node)}, of {reason}"
    return state.variation("CL202", label, site, Period.TURN, order=True, confidence=Confidence.MEDIUM)


def _sorts(path: str, arguments: Arguments) -> bool:
    sort = arguments.named.get("sort_keys")
    if isinstance(sort, Constant):
        return bool(sort.value)
    if sort is not None or arguments.spread:
        return True  # may be: silence is better than a guess
    if path.startswith("yaml."):
        return True  # sorts unless told not to
    if path.startswith("msgspec."):
        return "order" in arguments.named
    option = arguments.get(2, "option")
    return option is not None


def key_variations(value: Value, depth: int = 6) -> Variations:
    """What makes the order of the keys of a value vary, its own and those of what it holds."""
    if depth == 0:
        return ()
    found: list[Variations] = []
    for option in options_of(value):
        if isinstance(option, Mapping):
            found.append(option.order)
            found.extend(key_variations(entry.value, depth - 1) for entry in option.entries.values())
        elif isinstance(option, Sequence):
            found.extend(key_variations(item.value, depth - 1) for item in option.items)
    return merged(*found)


def without_key_order(value: Value) -> Value:
    """The value as sorting keys leaves it: lists keep their order, dicts do not depend on theirs."""
    if isinstance(value, Mapping):
        made = Mapping({}, [], value.open)
        made.entries = dict(value.entries)
        made.rest = [without_order(inner) for inner in value.rest]
        return made
    return value


DISORDERED = ", whose keys come from "
"""Stands in the label of JSON whose keys are known to come in an order that varies."""
PARAMETER = "a parameter"
"""Why no order is proven of what a caller passes whom nobody knows: only that nothing is known."""


def key_order(value: Value, depth: int = 6) -> str:
    """Why the order of the keys of a value is not provable; empty when it is."""
    if depth == 0:
        return ""
    for option in options_of(value):
        if isinstance(option, Mapping):
            if option.unordered:
                return option.unordered
            for entry in option.entries.values():
                reason = key_order(entry.value, depth - 1)
                if reason:
                    return reason
        elif isinstance(option, Sequence):
            for item in option.items:
                reason = key_order(item.value, depth - 1)
                if reason:
                    return reason
        elif isinstance(option, Symbol):
            if option.kind:
                continue
            if option.parameter:
                return PARAMETER
            if option.path.endswith(_LOADED):
                return "a loaded mapping"
    return ""


_LOADED = (
    ".json()",
    ".fetchone()",
    ".fetchall()[]",
    ".fetchrow()",
    ".find_one()",
    ".hgetall()",
    "MessageToDict()",
    ".scalar_one()",
)


def _shown(state: State, value: Value, arguments: Arguments, depth: int = 6) -> Variations:
    """What varies in objects that `default=str` or `default=repr` turns into text."""
    hook = arguments.named.get("default")
    if not isinstance(hook, Symbol) or hook.path not in ("str", "repr") or depth == 0:
        return ()
    if isinstance(value, Instance):
        return variations_in(classes.rendered(state, value, arguments.site))
    return merged(*(_shown(state, inner, arguments, depth - 1) for inner in children_of(value)))


def _text_of(state: State, value: Value, arguments: Arguments) -> Value:
    plain = _plain(value, 8)
    if plain is not _UNKNOWN:
        try:
            options = {
                name: option.value
                for name, option in arguments.named.items()
                if name in ("indent", "ensure_ascii") and isinstance(option, Constant)
            }
            return Constant(json.dumps(plain, **options))
        except (TypeError, ValueError):
            pass
    found = through(merged(variations_in(value), _shown(state, value, arguments)), arguments.site, "serialized")
    length = "" if not isinstance(value, (Mapping, Sequence)) else "{}"
    return Text((length, Hole(found))) if found or length else Text((Hole(found),))


_UNKNOWN = object()


def _plain(value: Value, depth: int) -> Any:
    if isinstance(value, Constant):
        return value.value
    if depth == 0:
        return _UNKNOWN
    if isinstance(value, Mapping) and not (value.rest or value.open or value.order):
        made = {key: _plain(entry.value, depth - 1) for key, entry in value.entries.items() if not entry.maybe}
        if len(made) == len(value.entries) and not any(inner is _UNKNOWN for inner in made.values()):
            return made
    if isinstance(value, Sequence) and value.exact and not value.order and value.kind in ("list", "tuple"):
        items = [_plain(item.value, depth - 1) for item in value.items]
        if not any(inner is _UNKNOWN for inner in items):
            return items
    return _UNKNOWN


def _loaded(state: State, callee: Symbol, arguments: Arguments) -> Value:
    """What a parser reads is as ordered as its text."""
    found = variations_in(arguments.get(0) or NONE)
    return Symbol(f"{callee.path}()", "", found)


SERIALIZERS: dict[str, Model] = {
    "json.dumps": _dumped,
    "orjson.dumps": _dumped,
    "ujson.dumps": _dumped,
    "simplejson.dumps": _dumped,
    "rapidjson.dumps": _dumped,
    "msgspec.json.encode": _dumped,
    "tomli_w.dumps": _dumped,
    "toml.dumps": _dumped,
    "yaml.dump": _dumped,
    "yaml.safe_dump": _dumped,
    "json.loads": _loaded,
    "json.load": _loaded,
    "yaml.safe_load": _loaded,
    "tomllib.load": _loaded,
    "tomllib.loads": _loaded,
}
