"""Dict displays: their keys found, added and taken out without a change of layout."""

from __future__ import annotations

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
    """The display with one more element: on a line of its own where the others have theirs."""
    if not display.elements:
        return ()
    last = place.at(display.elements[-1].value)
    whole = place.at(display)
    separator = f",\n{last_row_indentation(last)}" if last.location.row != whole.location.row else ", "
    if display.elements[-1].value.lpar:
        return ()
    return (last.after(f'{separator}"{key}": {value}'),)


def last_row_indentation(place: Place) -> str:
    """The indentation of the line on which an element starts."""
    element = place.around(cst.DictElement)
    return place.at(element.key if isinstance(element, cst.DictElement) else place.node).indentation


def without_element(place: Place, display: cst.Dict, element: cst.DictElement) -> tuple[Edit, ...]:
    """The display without one of its elements, and without the comma and the line that go with it."""
    position = next((index for index, each in enumerate(display.elements) if each is element), None)
    if position is None or element.value.lpar:
        return ()
    own = place.at(element.key).location
    end = place.at(element.value).location
    if position > 0:
        before = display.elements[position - 1].value
        if before.lpar:
            return ()
        start = place.at(before).location
        return (Edit(Location(own.filename, start.end_row, start.end_column, end.end_row, end.end_column), ""),)
    if len(display.elements) == 1:
        return ()
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
