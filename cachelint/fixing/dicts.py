"""Dict displays: their keys found, added and taken out without a change of layout."""

from __future__ import annotations

import re

import libcst as cst

from cachelint.findings import Edit, Location
from cachelint.fixing.place import Place

MARKER = '{"type": "ephemeral"}'


def value_of(display: cst.Dict, key: str) -> cst.BaseExpression | None:
    """The value under a constant key."""
    element = element_of(display, key)
    return element.value if element is not None else None


def element_of(display: cst.Dict, key: str) -> cst.DictElement | None:
    """The element with a constant key; None also when something is unpacked, which might replace it."""
    found: cst.DictElement | None = None
    for element in display.elements:
        if not isinstance(element, cst.DictElement):
            return None
        if isinstance(element.key, cst.SimpleString) and element.key.evaluated_value == key:
            found = element
    return found


def with_element(place: Place, display: cst.Dict, key: str, value: str) -> tuple[Edit, ...]:
    """The display with one more element at its end: on a line of its own where the others have theirs."""
    last = display.elements[-1] if display.elements else None
    if not isinstance(last, cst.DictElement) or last.value.lpar:
        return ()
    end, added = place.at(last.value), f'"{key}": {value}'
    if end.location.end_row == place.at(display).location.end_row:
        return (end.after(f", {added}"),)
    line = end.end_of_line(f"\n{place.at(last.key).indentation}{added},")
    return (line,) if end.rest_of_line.startswith(",") else (end.after(","), line)


def without_element(place: Place, display: cst.Dict, element: cst.DictElement) -> tuple[Edit, ...]:
    """The display without one of its elements, and without the comma, or the line, that goes with it."""
    position = next((index for index, each in enumerate(display.elements) if each is element), None)
    if position is None or element.value.lpar or len(display.elements) == 1:
        return ()
    key, value = place.at(element.key), place.at(element.value)
    own, end = key.location, value.location
    if key.starts_line and re.match(r",?\s*(#|$)", value.rest_of_line):
        return (Edit(Location(own.filename, own.row, 1, end.end_row + 1, 1), ""),)
    if position > 0:
        before = display.elements[position - 1].value
        start = place.at(before).location
        span = Location(own.filename, start.end_row, start.end_column, end.end_row, end.end_column)
        return (Edit(span, ""),) if not before.lpar else ()
    following = display.elements[1]
    if not isinstance(following, cst.DictElement):
        return ()
    stop = place.at(following.key).location
    return (Edit(Location(own.filename, own.row, own.column, stop.row, stop.column), ""),)


def siblings(place: Place) -> tuple[cst.BaseExpression, ...]:
    """The elements of the list display that a node stands in, itself included; nothing when one is unpacked."""
    parent = place.around(cst.List)
    if not isinstance(parent, cst.List) or not any(each.value is place.node for each in parent.elements):
        return ()
    if not all(isinstance(each, cst.Element) for each in parent.elements):
        return ()
    return tuple(each.value for each in parent.elements)
