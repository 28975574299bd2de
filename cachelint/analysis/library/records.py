"""Objects that are records: named tuples, dataclasses, pydantic models, namespaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cachelint.analysis.contents import ClassContents, Span
from cachelint.analysis.interpreter import classes
from cachelint.analysis.values import (
    NONE,
    UNKNOWN,
    Class,
    Constant,
    Entry,
    Instance,
    Mapping,
    Sequence,
    Symbol,
    Value,
    constant_text,
    options_of,
    rebuilt,
    variations_in,
)

if TYPE_CHECKING:
    from cachelint.analysis.interpreter.state import Arguments, State

_AS_DICT = frozenset(("model_dump", "dict", "_asdict", "to_dict", "as_dict"))
_REPLACED = frozenset(("_replace", "model_copy", "copy", "__replace__"))
_AS_TEXT = frozenset(("model_dump_json", "json"))
METHODS = _AS_DICT | _REPLACED | _AS_TEXT
"""Methods that libraries give to records."""


def call(state: State, receiver: Instance, name: str, arguments: Arguments) -> Value:
    """What a method of a record, which its library defines, returns."""
    if name in _AS_DICT:
        return as_dict(state, receiver, arguments)
    if name in _REPLACED:
        return _replaced(receiver, name, arguments)
    return Symbol(kind="text", variations=variations_in(as_dict(state, receiver, arguments)))


def as_dict(state: State, value: Value, arguments: Arguments) -> Value:
    """A record as a dict, and what it holds with it."""
    if isinstance(value, Instance):
        left_out = _names_in(arguments.named.get("exclude"))
        wanted = _names_in(arguments.named.get("include"))
        without_none = arguments.named.get("exclude_none") == Constant(True)
        entries = {}
        for _, name in classes.fields_of(state, value.cls):
            if name in left_out or (wanted and name not in wanted):
                continue
            inner = value.attributes.get(name)
            if inner is None:
                inner = classes.stored_attribute(state, value, name, arguments.site)
            if inner is not None and not (without_none and inner == NONE):
                maybe = without_none and NONE in options_of(inner)
                entries[name] = Entry(as_dict(state, inner, arguments), maybe)
        return Mapping(entries, birth=state.branch, open=value.generic or not entries)
    if isinstance(value, Sequence):
        copied = rebuilt(value)
        assert isinstance(copied, Sequence)
        for item in copied.items:
            item.value = as_dict(state, item.value, arguments)
        return copied
    return value


def _names_in(value: Value | None) -> frozenset[str]:
    if not isinstance(value, Sequence):
        return frozenset()
    return frozenset(name for item in value.items if (name := constant_text(item.value)) is not None)


def _replaced(receiver: Instance, name: str, arguments: Arguments) -> Value:
    copied = rebuilt(receiver)
    assert isinstance(copied, Instance)
    update = arguments.named.get("update") if name in ("model_copy", "copy") else None
    changes = dict(arguments.named) if update is None else {}
    if isinstance(update, Mapping):
        changes = {str(key): entry.value for key, entry in update.entries.items()}
    copied.attributes.update(changes)
    return copied


# -- records without a class in the source -----------------------------------------------------------------------------


def named_tuple(state: State, callee: Symbol, arguments: Arguments) -> Value:
    """The class that `collections.namedtuple(name, fields)` makes."""
    name, fields = constant_text(arguments.get(0) or UNKNOWN), arguments.get(1, "field_names")
    if name is None or fields is None:
        return UNKNOWN
    text = constant_text(fields)
    names = text.replace(",", " ").split() if text is not None else []
    if isinstance(fields, Sequence):
        names = [constant_text(item.value) or "?" for item in fields.items]
    return _made_class(state, arguments, name, names, Symbol("collections.namedtuple()"))


def namespace(state: State, callee: Symbol, arguments: Arguments) -> Value:
    """The object that `types.SimpleNamespace(…)` makes."""
    made = Instance(
        _made_class(state, arguments, "SimpleNamespace", [], None), dict(arguments.named), birth=state.branch
    )
    for spread in arguments.spread:
        if isinstance(spread, Mapping):
            made.attributes.update((str(key), entry.value) for key, entry in spread.entries.items())
    return made


def _made_class(state: State, arguments: Arguments, name: str, fields: list[str], base: Symbol | None) -> Class:
    """The class that one place in the source makes, the same one each time."""
    key = ("made class", id(arguments.site.node), name)
    known: Class | None = state.memo.get(key)
    if known is None:
        row = arguments.site.segment.first_row
        contents = ClassContents(name, name, Span(row, row), row, decorators=("dataclass",))
        contents.annotations = dict.fromkeys(fields, "")
        known = state.memo[key] = Class(contents, arguments.site.segment.module)
        state.memo["bases", id(contents)] = [base] if base is not None else []
    return known
