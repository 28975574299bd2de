"""Functions of the standard library and of packages that prompts pass through."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from cachelint.analysis.interpreter import calls, histories, rendering, statements
from cachelint.analysis.iteration import elements
from cachelint.analysis.jinja import environments
from cachelint.analysis.library import clock, paths, records, schemas, templates
from cachelint.analysis.library.builtins import Model
from cachelint.analysis.library.serialization import SERIALIZERS
from cachelint.analysis.values import (
    NONE,
    UNKNOWN,
    Constant,
    Edit,
    Hole,
    Instance,
    Item,
    Mapping,
    Partial,
    Sequence,
    Symbol,
    Text,
    Value,
    constant_text,
    parts_of,
    rebuilt,
    variations_in,
)
from cachelint.analysis.variation import merged

if TYPE_CHECKING:
    from cachelint.analysis.interpreter.state import Arguments, State


def _same(state: State, callee: Symbol, arguments: Arguments) -> Value:
    return arguments.get(0) or UNKNOWN


def _trimmed(state: State, callee: Symbol, arguments: Arguments) -> Value:
    """The newest messages that fit: a window that slides with each turn."""
    value = arguments.get(0, "messages")
    if value is None:
        return Symbol(f"{callee.path}()")  # a step of a chain
    items, order = elements(state, value, arguments.site)
    kept = [Item(item.value, True, item.repeated, item.stored) for item in items]
    return Sequence("list", kept, order, state.branch, edits=(Edit("window", arguments.site),))


def _second(state: State, callee: Symbol, arguments: Arguments) -> Value:
    return arguments.get(1) or UNKNOWN


def _copied(state: State, callee: Symbol, arguments: Arguments) -> Value:
    value = arguments.get(0) or UNKNOWN
    copied = rebuilt(value)
    if isinstance(copied, Sequence):
        copied.birth, copied.loops, copied.lasting = state.branch, state.loops, False
        if callee.path == "copy.deepcopy":
            histories.detach(copied)
    elif isinstance(copied, Mapping):
        copied.birth = state.branch
    elif isinstance(copied, Symbol) and not copied.kind and not copied.variations:
        return Symbol("copy.deepcopy()", "", (), copied.name)
    return copied


def _dedent(state: State, callee: Symbol, arguments: Arguments) -> Value:
    value = arguments.get(0) or UNKNOWN
    text = constant_text(value)
    return Constant(textwrap.dedent(text)) if text is not None else Text(parts_of(value))


def _partial(state: State, callee: Symbol, arguments: Arguments) -> Value:
    if not arguments.positional:
        return UNKNOWN
    return Partial(arguments.positional[0], tuple(arguments.positional[1:]), tuple(arguments.named.items()))


def _forwarded(skipped: int) -> Model:
    """`asyncio.to_thread(function, *arguments)` and the like: call the function, after `skipped` own arguments."""

    def model(state: State, callee: Symbol, arguments: Arguments) -> Value:
        positional = arguments.positional[skipped:]
        if not positional:
            return UNKNOWN
        given = type(arguments)(positional[1:], arguments.named, arguments.site, arguments.spread, arguments.maybe)
        return calls.call(state, positional[0], given)

    return model


def _gathered(state: State, callee: Symbol, arguments: Arguments) -> Value:
    items = [Item(value) for value in arguments.positional]
    for spread in arguments.spread:
        found, _ = elements(state, spread, arguments.site)
        items.extend(Item(item.value, item.maybe, item.repeated) for item in found)
    return Sequence("list", items, birth=state.branch, loops=state.loops)


def _chained(state: State, callee: Symbol, arguments: Arguments) -> Value:
    values = arguments.positional
    if callee.path.endswith("from_iterable") and values:
        values = [item.value for item in elements(state, values[0], arguments.site)[0]]
    items = [item for value in values for item in elements(state, value, arguments.site)[0]]
    return Sequence("iterator", items)


def _datetime(state: State, callee: Symbol, arguments: Arguments) -> Value:
    kind = "date" if callee.path.startswith("datetime.date.") or callee.path == "datetime.date" else "datetime"
    return Symbol(f"{callee.path}()", kind, merged(*(variations_in(value) for value in arguments.all)))


def _strftime(state: State, callee: Symbol, arguments: Arguments) -> Value:
    specification = constant_text(arguments.get(0) or UNKNOWN)
    variations = variations_in(arguments.get(1) or NONE)
    return Text((Hole(clock.formatted(variations, specification) if specification else variations),))


def _passing(kind: str) -> Model:
    """A function whose result is made of its arguments, and of nothing else."""

    def model(state: State, callee: Symbol, arguments: Arguments) -> Value:
        return Symbol(f"{callee.path}()", kind, merged(*(variations_in(value) for value in arguments.all)))

    return model


def _substitution(state: State, callee: Symbol, arguments: Arguments) -> Value:
    return Text((Hole(merged(*(variations_in(value) for value in arguments.positional))),))


def _seeded(state: State, callee: Symbol, arguments: Arguments) -> Value:
    seed = arguments.get(0, "seed")
    constant = isinstance(seed, Constant) and seed.value is not None
    return Symbol(f"{callee.path}()", "seeded" if constant else "")


def _as_dict(state: State, callee: Symbol, arguments: Arguments) -> Value:
    value = arguments.get(0) or UNKNOWN
    if isinstance(value, Instance):
        return records.as_dict(state, value, arguments)
    return Mapping(open=True, rest=[value] if variations_in(value) else [], birth=state.branch)


def _replaced_fields(state: State, callee: Symbol, arguments: Arguments) -> Value:
    value = rebuilt(arguments.get(0) or UNKNOWN)
    if isinstance(value, Instance):
        value.attributes.update(arguments.named)
    return value


def _field(state: State, callee: Symbol, arguments: Arguments) -> Value:
    schemas.remember_shown(state, arguments)
    factory = arguments.named.get("default_factory")
    if factory is not None:
        return Partial(Symbol("cachelint.default_factory"), (factory,), ())
    return arguments.named.get("default") or arguments.get(0) or Constant(...)


def _none(state: State, callee: Symbol, arguments: Arguments) -> Value:
    return NONE


def _default_dict(state: State, callee: Symbol, arguments: Arguments) -> Value:
    return Mapping(birth=state.branch, open=True)


def _from_keys(state: State, callee: Symbol, arguments: Arguments) -> Value:
    items, order = elements(state, arguments.get(0) or UNKNOWN, arguments.site)
    from cachelint.analysis.values import Entry

    result = Mapping(birth=state.branch, order=order)
    default = arguments.get(1) or NONE
    for item in items:
        if isinstance(item.value, Constant) and not item.repeated:
            result.entries[item.value.value] = Entry(default, item.maybe)
        else:
            result.rest.append(default)
    return result


MODELS: dict[str, Model] = {
    **SERIALIZERS,
    "copy.copy": _copied,
    "copy.deepcopy": _copied,
    "typing.cast": _second,
    "textwrap.dedent": _dedent,
    "inspect.cleandoc": _dedent,
    "textwrap.indent": _substitution,
    "textwrap.fill": _substitution,
    "functools.partial": _partial,
    "functools.partialmethod": _partial,
    "asyncio.to_thread": _forwarded(0),
    "anyio.to_thread.run_sync": _forwarded(0),
    "asyncio.run": _same,
    "asyncio.create_task": _same,
    "asyncio.ensure_future": _same,
    "asyncio.wait_for": _same,
    "asyncio.shield": _same,
    "asyncio.gather": _gathered,
    "asgiref.sync.sync_to_async": _same,
    "asgiref.sync.async_to_sync": _same,
    "itertools.chain": _chained,
    "itertools.chain.from_iterable": _chained,
    "itertools.islice": _same,
    "langchain_core.messages.trim_messages": _trimmed,
    "langchain_core.messages.utils.trim_messages": _trimmed,
    **paths.MODELS,
    "string.Template": templates.string_template,
    "string.Formatter().format": templates.formatter,
    "string.Formatter().vformat": templates.formatter,
    **environments.MODELS,
    "datetime.datetime.fromtimestamp": _datetime,
    "datetime.datetime.utcfromtimestamp": _datetime,
    "datetime.date.fromtimestamp": _datetime,
    "datetime.datetime.combine": _datetime,
    "datetime.datetime": _datetime,
    "datetime.date": _datetime,
    "time.strftime": _strftime,
    "re.sub": _substitution,
    "html.escape": _same,
    "hashlib.sha256": _passing(""),
    "hashlib.md5": _passing(""),
    "hashlib.sha1": _passing(""),
    "uuid.UUID": _passing("uuid"),
    "random.Random": _seeded,
    "numpy.random.default_rng": _seeded,
    "numpy.random.RandomState": _seeded,
    "dataclasses.asdict": _as_dict,
    "attrs.asdict": _as_dict,
    "attr.asdict": _as_dict,
    "vars": _as_dict,
    "dataclasses.replace": _replaced_fields,
    "dataclasses.field": _field,
    "pydantic.Field": _field,
    "attrs.field": _field,
    "attr.ib": _field,
    "collections.defaultdict": _default_dict,
    "collections.Counter": _default_dict,
    "dict.fromkeys": _from_keys,
    "collections.namedtuple": records.named_tuple,
    "types.SimpleNamespace": records.namespace,
    "argparse.Namespace": records.namespace,
    "logging.getLogger": _none,
}


def for_path(path: str) -> Model | None:
    """The model of a function that is known by the end of its name."""
    if path.startswith("random.") and path.endswith(".seed"):
        return _none
    return None


# -- methods of objects that are known by name only ------------------------------------------------------------------


def _executor_submit(state: State, callee: Symbol, arguments: Arguments) -> Value | None:
    if arguments.positional and not isinstance(arguments.positional[0], (Constant, Text, Mapping, Sequence)):
        return _forwarded(0)(state, callee, arguments)
    return None


def _run_in_executor(state: State, callee: Symbol, arguments: Arguments) -> Value | None:
    return _forwarded(1)(state, callee, arguments) if len(arguments.positional) >= 2 else None


def _isoformat(state: State, callee: Symbol, arguments: Arguments) -> Value | None:
    if callee.kind not in clock.KINDS:
        return None
    timespec = constant_text(arguments.get(1, "timespec") or UNKNOWN)
    variations = clock.truncated(callee.variations, 13) if timespec == "hours" else callee.variations
    return Text((Hole(variations, callee.kind),))


def _formatted_clock(state: State, callee: Symbol, arguments: Arguments) -> Value | None:
    specification = constant_text(arguments.get(0, "format") or UNKNOWN)
    if specification is None:
        return Text((Hole(callee.variations),)) if callee.kind in clock.KINDS else None
    return Text((Hole(clock.formatted(callee.variations, specification)),))


def _clock_attribute(state: State, callee: Symbol, arguments: Arguments) -> Value | None:
    if callee.kind not in clock.KINDS:
        return None
    name = callee.path.rpartition(".")[2]
    kind = {"date": "date", "time": "time"}.get(
        name, "number" if name in ("timestamp", "weekday", "toordinal") else callee.kind
    )
    return Symbol(f"{callee.path}()", kind, clock.attribute(callee.variations, name))


def _replaced_clock(state: State, callee: Symbol, arguments: Arguments) -> Value | None:
    if callee.kind in clock.KINDS:
        constants = {name for name, value in arguments.named.items() if isinstance(value, Constant)}
        return Symbol(f"{callee.path}()", callee.kind, clock.replaced(callee.variations, constants))
    if len(arguments.positional) == 2 and not callee.path.startswith("dataclasses"):
        unknown = Text((Hole(callee.variations),))
        return rendering.replaced(state, unknown, arguments.positional[0], arguments.positional[1], arguments.site)
    return None


def _text_of(state: State, callee: Symbol, arguments: Arguments) -> Value | None:
    """Methods of an unknown receiver that only strings have."""
    from cachelint.analysis.library import texts

    name = callee.path.rpartition(".")[2]
    if name == "join" and callee.path.startswith(("os.path", "posixpath")):
        return None
    receiver = Symbol(kind="text", variations=callee.variations, name=callee.name, origin=callee.origin)
    return texts.call(state, receiver, name, arguments)


def _rendered_template(state: State, callee: Symbol, arguments: Arguments) -> Value | None:
    root = callee.path.lower()
    if not ("template" in root or "jinja" in root or "env" in root):
        return None
    found = merged(*(variations_in(value) for value in arguments.all))
    step = tuple(variation.through(arguments.site, "rendered into the template") for variation in found)
    return Text((Hole(step),))


def _wrapped_client(state: State, callee: Symbol, arguments: Arguments) -> Value | None:
    return Symbol(f"{callee.path}()", "", callee.variations, callee.name)


def _entered(state: State, callee: Symbol, arguments: Arguments) -> Value | None:
    value = arguments.get(0)
    return statements.entered(state, value) if value is not None else None


METHODS = {
    **paths.METHODS,
    "submit": _executor_submit,
    "run_in_executor": _run_in_executor,
    "run_sync": _executor_submit,
    "isoformat": _isoformat,
    "strftime": _formatted_clock,
    "date": _clock_attribute,
    "time": _clock_attribute,
    "weekday": _clock_attribute,
    "isocalendar": _clock_attribute,
    "toordinal": _clock_attribute,
    "timestamp": _clock_attribute,
    "replace": _replaced_clock,
    "strip": _text_of,
    "format": _text_of,
    "join": _text_of,
    "lower": _text_of,
    "upper": _text_of,
    "render": _rendered_template,
    "render_async": _rendered_template,
    "with_options": _wrapped_client,
    "enter_context": _entered,
    "enter_async_context": _entered,
}
