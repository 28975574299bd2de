"""Models, agents, chains and templates: what a call of a client makes, and what a call of one of its methods does."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from cachelint.analysis.clients.entries import Entry
from cachelint.analysis.surroundings import argument_site
from cachelint.analysis.values import (
    NONE,
    UNKNOWN,
    Constant,
    Function,
    Instance,
    Made,
    Mapping,
    Method,
    Sequence,
    Symbol,
    Text,
    Value,
    choice,
    constant_text,
    options_of,
    parts_of,
    rebuilt,
)
from cachelint.analysis.values import Entry as MappingEntry
from cachelint.analysis.variation import Period
from cachelint.sink_declaration import PARTS, SinkDeclaration

if TYPE_CHECKING:
    from cachelint.analysis.interpreter.state import Arguments, State

Parts = dict[str, tuple[Value, ...]]
"""What a prompt is made of, by the name of the part; besides those of `PARTS`:

``models``   the policy of the declaration, as a constant
``marks``    breakpoints that the client sets, each a mapping of a tier to a marker
``role``     whose message a template makes
``late``     what is rendered behind the breakpoint at the end of `system`
``agent``    there when the object sends of its own accord, until it is done
"""


def applies(entry: Entry, arguments: Arguments) -> bool:
    """Whether the conditions of a declaration hold for a call."""
    return all(
        (value := argument(arguments, places)) is not None and _matches(value, pattern)
        for places, pattern in entry.declaration.when.items()
    )


def argument(arguments: Arguments, places: str) -> Value | None:
    """The first argument of several places, written ``url|0``, that is given."""
    found = (_at(arguments, place) for place in places.split("|"))
    return next((value for value in found if value is not None), None)


def _matches(value: Value, pattern: str) -> bool:
    texts = (
        "".join(part if isinstance(part, str) else "…" for part in parts_of(option)) for option in options_of(value)
    )
    return any(fnmatchcase(text, pattern) for text in texts)


def _at(arguments: Arguments, place: str, *, taken_apart: bool = False) -> Value | None:
    """The argument at a place: a name, an index, an entry of a dict, or ``**`` for all that have a name.

    Of an argument whose entries are looked at by themselves, only what is no dict counts.
    """
    if place == "**":
        named = {name: MappingEntry(value) for name, value in arguments.named.items()}
        return Mapping(named, open=bool(arguments.spread))
    name, *keys = place.split(".")
    value = arguments.get(int(name)) if name.isdigit() else arguments.named.get(name)
    for key in keys:
        found = [
            option.entries[key].value
            for option in options_of(value or NONE)
            if isinstance(option, Mapping) and key in option.entries
        ]
        value = choice(found) if found else None
    if taken_apart and value is not None:
        options = [option for option in options_of(value) if not isinstance(option, Mapping)]
        return choice(options) if options else None
    return value


# -- what is given -----------------------------------------------------------------------------------------------------


def given(state: State, entry: Entry, arguments: Arguments) -> tuple[Parts, tuple[Made, ...]]:
    """The parts that a call is given, and the objects that it includes."""
    declaration = entry.declaration
    parts = _places(declaration, arguments)
    clocks = tuple(_clock(state, value, place, arguments) for place, value in _true(declaration.clock, arguments))
    if clocks:
        parts["system"] = (*parts.get("system", ()), *clocks)
    if declaration.late and "system" in parts:
        parts["system"], parts["late"] = _without_functions(parts["system"])
    if declaration.models is not None:
        parts["models"] = (Constant(declaration.models),)
    if declaration.role is not None:
        parts["role"] = (Constant(declaration.role),)
    marks = _marks(entry, arguments)
    if marks:
        parts["marks"] = marks
    included = tuple(made for place in declaration.includes for made in _made_in(_at(arguments, place)))
    return parts, included


def _places(declaration: SinkDeclaration, arguments: Arguments) -> Parts:
    parts: Parts = {}
    for part in PARTS:
        places = declaration.places(part)
        values = [_at(arguments, place, taken_apart=_looked_into(place, places)) for place in places]
        known = tuple(
            rendered_once(value, declaration.period) for value in values if value is not None and value != NONE
        )
        if known:
            parts[part] = known
    return parts


def _looked_into(place: str, places: tuple[str, ...]) -> bool:
    return any(other.startswith(f"{place}.") for other in places)


def _true(places: tuple[str, ...], arguments: Arguments) -> list[tuple[str, Value]]:
    """The settings that are surely true, each with its place."""
    found = [(place, _at(arguments, place)) for place in places]
    return [(place, value) for place, value in found if isinstance(value, Constant) and value.value is True]


def _clock(state: State, value: Value, place: str, arguments: Arguments) -> Value:
    site = argument_site(arguments.site, place)
    return Symbol("", "datetime", state.variation("CL101", f"{place}=True", site, Period.REQUEST))


def _without_functions(values: tuple[Value, ...]) -> tuple[tuple[Value, ...], tuple[Value, ...]]:
    """The values that are there when an object is made, and the functions that render others later."""
    kept: list[Value] = []
    late: list[Value] = []
    for value in values:
        if isinstance(value, (Function, Method)):
            late.append(value)
        elif isinstance(value, Sequence):
            late += [item.value for item in value.items if isinstance(item.value, (Function, Method))]
            items = [item for item in value.items if not isinstance(item.value, (Function, Method))]
            kept.append(replace(value, items=items))
        else:
            kept.append(value)
    return tuple(kept), tuple(late)


def rendered_once(value: Value, period: str | None) -> Value:
    """The value as something that is rendered only once for each `period`."""
    if period is None:
        return value
    return rebuilt(value, lambda variation: variation.at_most_every(Period[period.upper()]))


def _made_in(value: Value | None) -> list[Made]:
    """The objects of clients in an argument: itself, or the elements of a list; of alternatives the first."""
    for option in options_of(value) if value is not None else ():
        if isinstance(option, Made):
            return [option]
        if isinstance(option, Sequence):
            return [made for item in option.items for made in _made_in(item.value)]
    return []


def merged(first: Parts, second: Parts) -> Parts:
    """The parts of both, those of the first in front."""
    return {part: (*first.get(part, ()), *second.get(part, ())) for part in (*first, *(second.keys() - first.keys()))}


# -- breakpoints -------------------------------------------------------------------------------------------------------


def _marks(entry: Entry, arguments: Arguments) -> tuple[Value, ...]:
    found: list[Value] = []
    declaration = entry.declaration
    if declaration.caches is not None:
        found.append(_mark(declaration.caches, Constant("5m"), arguments, ""))
    for place, tier in declaration.caches_if.items():
        value = _at(arguments, place)
        if value is None:
            continue
        if tier == "listed":
            found.extend(_mark(listed, Constant("5m"), arguments, place) for listed in _listed(value))
            continue
        options = [_lifetime(option) for option in options_of(value)]
        lifetimes = [option for option in options if option is not None]
        if lifetimes:
            sure = len(lifetimes) == len(options) and not isinstance(lifetimes[0], Symbol)
            found.append(_mark(tier, lifetimes[0], arguments, place, sure=sure))
    return tuple(found)


def _lifetime(option: Value) -> Value | None:
    """The lifetime that a setting asks for; something unknown when it may ask for none; None when it asks for none."""
    if isinstance(option, Constant):
        return (Constant(option.value) if option.value in ("5m", "1h") else Constant("5m")) if option.value else None
    if isinstance(option, Mapping):
        ttl = option.entries.get("ttl")
        return ttl.value if ttl is not None else Constant("5m")
    return Constant("5m") if isinstance(option, (Made, Instance)) else UNKNOWN


def _mark(tier: str, lifetime: Value, arguments: Arguments, place: str, *, sure: bool = True) -> Value:
    marker = Mapping({"type": MappingEntry(Constant("ephemeral")), "ttl": MappingEntry(lifetime)})
    site = argument_site(arguments.site, place.partition(".")[0])
    return Mapping({tier: MappingEntry(marker, maybe=not sure, site=site)})


_TIER_OF_ROLE = {"system": "system", "tool_config": "tools"}


def _listed(value: Value) -> list[str]:
    """The tiers that a list of injection points names: ``[{"location": "message", "role": "system"}]``."""
    found = []
    for option in options_of(value):
        for item in option.items if isinstance(option, Sequence) else ():
            if isinstance(item.value, Mapping):
                texts = (
                    constant_text(item.value.entries[key].value)
                    for key in ("role", "location")
                    if key in item.value.entries
                )
                found.append(next((_TIER_OF_ROLE[text] for text in texts if text in _TIER_OF_ROLE), "messages"))
    return found


# -- calls -------------------------------------------------------------------------------------------------------------


def call(state: State, entry: Entry, path: str, receiver: Made | None, arguments: Arguments) -> Value | None:
    """What a declared call returns, after the prompt that it sends has been recorded; None when it is not that call."""
    from cachelint.analysis.clients import messages, prompts, templates

    if not applies(entry, arguments):
        return None
    parts, included = given(state, entry, arguments)
    sites = receiver.sites if receiver is not None else ()
    for made in included:
        parts = merged(made.parts, parts)
        sites = (*sites, *made.sites)
    if receiver is not None:
        parts = merged(receiver.parts, parts)
    does = entry.declaration.does
    if does == "sends":
        prompts.record(state, entry, path, parts, sites, arguments)
        return Symbol(f"{path}()", name="response")
    if does in ("makes", "agent"):
        if does == "agent":
            parts["agent"] = (Constant(True),)
        made = Made(f"{path}()", parts, (arguments.site, *sites), path.rpartition(".")[2])
        prompts.record_definition(state, entry, made, arguments)
        return made
    if does == "extends":
        return Made(receiver.path, parts, (*receiver.sites, *sites), receiver.name) if receiver is not None else None
    if does == "message":
        return messages.made(parts)
    if does == "breakpoint":
        return Mapping(
            {
                "cachePoint": MappingEntry(
                    Mapping({"ttl": MappingEntry(parts["prompt"][0])} if "prompt" in parts else {})
                )
            }
        )
    if does == "renders":
        return templates.rendered(state, parts, arguments.site, as_text=path.endswith(".format"))
    return None


def call_method(state: State, receiver: Made, name: str, arguments: Arguments) -> Value:
    """What a method of an object returns."""
    from cachelint.analysis import library

    path = f"{receiver.path}.{name}"
    entry = state.sinks.entry(path)
    if entry is not None:
        result = call(state, entry, path, receiver, arguments)
        if result is not None:
            return result
    return library.call_function(state, Symbol(path, name=receiver.name), arguments)


def piped(left: Value, right: Value) -> Value:
    """What `left | right` gives, of which at least one is an object: a chain that sends what its template renders."""
    if not isinstance(right, Made):
        return left
    if not isinstance(left, Made) or "model" in left.parts:
        return right
    return Made(right.path, merged(left.parts, right.parts), (*left.sites, *right.sites), right.name)


def text_of(value: Value) -> bool:
    """Whether a value is a text, known or not."""
    return isinstance(value, Text) or constant_text(value) is not None
