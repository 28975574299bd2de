"""What the functions and methods of the standard library and of known packages do with their arguments.

clock        datetimes, dates and their formats
texts        methods of str
containers   methods of list, dict and set
buffers      io.StringIO
builtins     sorted, list, dict, str, enumerate …
functional   functools.reduce, operator.itemgetter …
records      named tuples, dataclasses, pydantic models
functions    json, copy, functools, itertools, asyncio, textwrap …
modules      importlib.import_module
paths        os.path and pathlib
templates    string.Template and string.Formatter
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cachelint.analysis.library import paths
from cachelint.analysis.values import (
    UNKNOWN,
    Choice,
    Class,
    Constant,
    Function,
    Instance,
    Item,
    Made,
    Mapping,
    Method,
    Sequence,
    Symbol,
    Text,
    Value,
    choice,
    variations_in,
)
from cachelint.analysis.variation import Variations, merged

if TYPE_CHECKING:
    from cachelint.analysis.interpreter.state import Arguments, State


def call_function(state: State, callee: Symbol, arguments: Arguments) -> Value:
    """What a library function returns; what is not modelled returns something unknown.

    An unknown function of a known package is doubted to pass on what varies in its arguments; a method of an unknown
    object is not: `session.add(created_at=now)` says nothing of what it returns. Nor does `cursor.execute(…, (now,))`.
    """
    from cachelint.analysis.interpreter import rendering
    from cachelint.analysis.library import buffers, builtins, functional, functions, modules, texts

    if callee.path in _TEXT_METHODS and arguments.positional:
        receiver, *others = arguments.positional
        given = type(arguments)(others, arguments.named, arguments.site, arguments.spread, arguments.maybe)
        return call_method(state, rendering.as_text(state, receiver, arguments.site), callee.path[4:], given)
    model = (
        buffers.MODELS.get(callee.path)
        or builtins.MODELS.get(callee.path)
        or functions.MODELS.get(callee.path)
        or functional.MODELS.get(callee.path)
        or modules.MODELS.get(callee.path)
        or functions.for_path(callee.path)
    )
    if model is not None:
        return model(state, callee, arguments)
    if callee.kind in ("text",) and "." in callee.path:
        return texts.call(
            state,
            Symbol(variations=callee.variations, kind="text", origin=callee.origin),
            callee.path.rpartition(".")[2],
            arguments,
        )
    method = functions.METHODS.get(callee.path.rpartition(".")[2])
    if method is not None and "." in callee.path:
        found = method(state, callee, arguments)
        if found is not None:
            return found
    _call_back(state, arguments)
    inherited = callee.variations
    if not callee.path.startswith("?") and callee.path and not callee.parameter and not _selects(callee.path):
        passed = merged(*(_passed(callee.path, value) for value in arguments.all))
        inherited = merged(inherited, tuple(variation.doubted() for variation in passed))
    path = f"{callee.path}()" if callee.path else ""
    kind = callee.kind if callee.kind in _FAITHFUL else ""
    return Symbol(path, kind, inherited, callee.name, callee.parameter)


def _passed(path: str, value: Value) -> Variations:
    """What varies in an argument of a library's function; what it opens does not show where it lies."""
    variations = variations_in(value)
    name = path.rpartition(".")[2]
    opens = name in _CONNECTING or (paths.is_one(value) and (name[:1].isupper() or name.startswith(_READING)))
    return paths.of_content(variations) if opens else variations


_CONNECTING = frozenset(("connect", "create_async_engine", "create_engine", "create_pool"))
_READING = ("from_", "load", "open", "parse", "read")


def _selects(path: str) -> bool:
    """Whether a method of a library's object looks something up: what it finds does not hold what it was found by."""
    owner, _, name = path.rpartition(".")
    return "()" in owner and name in _SELECTING


_SELECTING = frozenset(
    (
        "aggregate",
        "count_documents",
        "execute",
        "exists",
        "fetch",
        "fetchall",
        "fetchone",
        "fetchrow",
        "fetchval",
        "filter",
        "filter_by",
        "find",
        "find_one",
        "get",
        "gt",
        "gte",
        "list",
        "lt",
        "lte",
        "query",
        "range",
        "scalar",
        "scalars",
        "scan",
        "search",
        "select",
        "where",
    )
)

_TEXT_METHODS = frozenset(f"str.{name}" for name in dir(str))
"""Methods of strings as functions: `map(str.strip, lines)`."""

_FAITHFUL = frozenset(("datetime", "date", "time", "uuid", "seeded"))


def _call_back(state: State, arguments: Arguments) -> None:
    """A function handed to code that is not known is called some time, with arguments that are not known."""
    from cachelint.analysis.interpreter import calls
    from cachelint.analysis.interpreter.state import Arguments as Given

    for value in arguments.all:
        if isinstance(value, (Function, Method)) and state.depth < 12:
            if isinstance(value, Method) and value.function is None:
                continue
            with state.branching():
                calls.call(state, value, Given([], {}, arguments.site, [UNKNOWN]))


def call_method(state: State, receiver: Value, name: str, arguments: Arguments) -> Value:
    """What a method of a built-in value returns."""
    from cachelint.analysis.interpreter import calls, subclasses
    from cachelint.analysis.library import buffers, containers, records, schemas, texts

    if isinstance(receiver, Made):
        return _call_made(state, receiver, name, arguments)
    if isinstance(receiver, Choice):
        return choice(call_method(state, option, name, arguments) for option in receiver.options)
    if isinstance(receiver, Text) or (isinstance(receiver, Constant) and isinstance(receiver.value, str)):
        return texts.call(state, receiver, name, arguments)
    if isinstance(receiver, Sequence) and receiver.order and name not in dir(list) and name not in dir(set):
        return receiver
    if isinstance(receiver, Sequence) and receiver.kind == buffers.KIND:
        return buffers.call(state, receiver, name, arguments)
    if isinstance(receiver, Sequence):
        return containers.call_sequence(state, receiver, name, arguments)
    if isinstance(receiver, Mapping):
        return containers.call_mapping(state, receiver, name, arguments)
    if isinstance(receiver, Class) and name == "__subclasses__":
        listed = calls.call(state, Symbol(f"?.{name}"), arguments)
        known = [Item(each) for each in subclasses.direct(state, receiver)]
        return Sequence("list", known, variations_in(listed)) if known else listed
    if isinstance(receiver, Class):
        return schemas.schema(state, receiver) if name in schemas.METHODS else UNKNOWN
    if isinstance(receiver, Instance):
        return records.call(state, receiver, name, arguments) if name in records.METHODS else UNKNOWN
    if isinstance(receiver, Constant) and isinstance(receiver.value, bytes) and name == "decode":
        return Constant(receiver.value.decode(errors="replace"))
    return UNKNOWN


def _call_made(state: State, receiver: Made, name: str, arguments: Arguments) -> Value:
    from cachelint.analysis.clients import objects
    from cachelint.analysis.jinja import environments
    from cachelint.analysis.library import templates

    found: Value | None = None
    if receiver.path.startswith("jinja2."):
        found = environments.call_method(state, receiver, name, arguments)
    elif receiver.path == templates.STRING_TEMPLATE:
        found = templates.call_method(state, receiver, name, arguments)
    return found if found is not None else objects.call_method(state, receiver, name, arguments)
