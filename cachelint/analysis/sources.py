"""Recognising what varies: the source tables of the rulebook, and the sources and sanitizers of the project."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase, translate
from typing import TYPE_CHECKING

import libcst as cst

from cachelint.analysis.iteration import with_order
from cachelint.analysis.library import paths
from cachelint.analysis.syntax import Site
from cachelint.analysis.values import (
    NONE,
    Class,
    Constant,
    Function,
    Item,
    Mapping,
    Sequence,
    Symbol,
    Text,
    Value,
    choice,
    constant_text,
    options_of,
)
from cachelint.analysis.variation import Period, Variations, merged
from cachelint.findings import Confidence
from cachelint.rulebook import Source, rulebook

if TYPE_CHECKING:
    from cachelint.analysis.interpreter.state import Arguments, State
    from cachelint.config import Settings

WRITTEN = "cachelint.written()"
"""What a call returns that writes into its first argument, with what makes that vary."""
_BUILTIN = re.compile(r"^[a-z_]+$")
_WORD = re.compile(r"\w+")
_SCALARS = frozenset(("datetime", "date", "time", "number", "text", "uuid"))
_SEED_KEYWORDS = ("seed", "random_state", "generator", "key")


@dataclass(frozen=True, slots=True)
class _Entry:
    pattern: str
    source: Source | None
    """None for a name that never counts."""
    code: str
    confidence: Confidence


class Sources:
    """All sources, by how they are written in the program."""

    def __init__(self, settings: Settings) -> None:
        self._exact: dict[tuple[str, str], list[_Entry]] = {}
        self._patterns: dict[str, list[tuple[re.Pattern[str], _Entry]]] = {}
        self._sanitizers = settings.sanitizers
        self._declared = settings.sources
        for rule in rulebook():
            for name in rule.safe:
                self._add("called", _Entry(name, None, rule.code, rule.confidence))
            for source in rule.sources:
                for pattern in source.functions:
                    self._add(source.how, _Entry(pattern, source, rule.code, source.confidence or Confidence.HIGH))
        for declaration in settings.sources:
            source = Source((declaration.call,), declaration.period, declaration.varies, "object")
            self._add("called", _Entry(declaration.call, source, declaration.code, Confidence.HIGH))

    def _add(self, how: str, entry: _Entry) -> None:
        if "*" in entry.pattern:
            expression = re.compile(translate(entry.pattern))
            self._patterns.setdefault(how, []).append((expression, entry))
        else:
            self._exact.setdefault((how, entry.pattern), []).append(entry)

    def _find(self, how: str, path: str) -> list[_Entry]:
        """The entries that mean a name: those that spell it out, else those with the longest pattern."""
        found = self._exact.get((how, path)) or self._exact.get((how, f"builtins.{path}"))
        if found is not None:
            return [] if any(entry.source is None for entry in found) else found
        matching = [entry for expression, entry in self._patterns.get(how, ()) if expression.match(path)]
        longest = max((len(entry.pattern) for entry in matching), default=0)
        found = [entry for entry in matching if len(entry.pattern) == longest]
        return [] if any(entry.source is None for entry in found) else found

    # -- what the interpreter asks -----------------------------------------------------------------------------------

    def called(self, state: State, callee: Symbol, arguments: Arguments) -> Value | None:
        """What a call of a source returns; None when it is no source."""
        path = callee.path
        if any(fnmatchcase(path, pattern) for pattern in self._sanitizers):
            return Symbol(f"{path}()")
        if path in ("os.getenv", "os.environ.get", "os.environ['get']"):
            return self._environment(state, arguments.get(0, "key"), arguments.get(1, "default"), arguments.site)
        entries = self._find("called", path) if path else []
        if not entries and path.startswith("?") and callee.name:
            entries = self._find("called", callee.name)
        applicable = (entry for entry in entries if _applies(_source(entry).when, callee, arguments))
        entry = next(applicable, None)
        if entry is None or entry.source is None or entry.code in {variation.code for variation in callee.variations}:
            return None
        if entry.code == "CL101" and _FROZEN_CLOCKS & arguments.site.segment.module.contents.imports.keys():
            return None
        variations = self._variations(state, entry, arguments.site)
        if entry.source.result == "argument":
            if arguments.positional:
                _disordered(arguments.positional[0], variations)
            return Symbol(WRITTEN, variations=variations) if entry.source.varies == "value" else Constant(None)
        if entry.source.varies == "order" and entry.source.result == "object":
            return _with_order_of(arguments, variations, path)
        result = _result(state, entry.source, path, variations)
        return paths.kept(result, callee, arguments) if isinstance(result, Symbol) else result

    def read(self, state: State, symbol: Symbol, site: Site) -> Value:
        """The symbol, or what reading a source attribute gives."""
        if symbol.path.startswith("os.environ["):
            key = symbol.path[len("os.environ[") : -1].strip("'\"")
            return self._environment(state, Constant(key), None, site)
        entry = next(iter(self._find("read", symbol.path)), None) if symbol.path else None
        if (
            entry is not None
            and entry.source is not None
            and entry.code not in {known.code for known in symbol.variations}
        ):
            variations = merged(symbol.variations, self._variations(state, entry, site))
            kind = entry.source.result if entry.source.result in _SCALARS else symbol.kind
            return Symbol(symbol.path, kind, variations, symbol.name, origin=symbol.origin)
        return self.named(state, symbol, site)

    def named(self, state: State, symbol: Symbol, site: Site) -> Value:
        """The symbol, varying when it is a parameter or an unknown object's attribute with a telling name."""
        if symbol.variations or not symbol.name or not (symbol.parameter or symbol.path.startswith("?")):
            return symbol
        entry = next((found[0] for word in _WORD.findall(symbol.name) if (found := self._find("named", word))), None)
        if entry is None or entry.source is None:
            return symbol
        variations = self._variations(state, entry, site, symbol.name)
        return Symbol(symbol.path, symbol.kind, variations, symbol.name, symbol.parameter)

    def declared(self, state: State, function: Function, arguments: Arguments) -> Value | None:
        """What a project function returns that the configuration declares a source or a sanitizer; None for others."""
        if not self._declared and not self._sanitizers:
            return None
        name = dotted_name(function)
        if any(matches(pattern, name) for pattern in self._sanitizers):
            return Symbol("", name=name)
        for declaration in self._declared:
            if matches(declaration.call, name):
                source = Source((declaration.call,), declaration.period, declaration.varies, "object")
                entry = _Entry(declaration.call, source, declaration.code, Confidence.HIGH)
                return _result(state, source, name, self._variations(state, entry, arguments.site))
        return None

    def _environment(self, state: State, key: Value | None, default: Value | None, site: Site) -> Value:
        name = constant_text(key) if key is not None else None
        entry = next(iter(self._find("environment", name)), None) if name else None
        if entry is None:
            found: Value = Symbol(kind="text", name=name or "")
        else:
            found = Symbol(kind="text", variations=self._variations(state, entry, site), name=name or "")
        return choice((found, default)) if default is not None else found

    def _variations(self, state: State, entry: _Entry, site: Site, label: str = "") -> Variations:
        assert entry.source is not None
        period = Period[entry.source.period.upper()]
        return state.variation(
            entry.code,
            label or label_of(site.node),
            site,
            period,
            order=entry.source.varies == "order",
            confidence=entry.confidence,
        )


def _source(entry: _Entry) -> Source:
    assert entry.source is not None
    return entry.source


_FROZEN_CLOCKS = frozenset(("freezegun", "freeze_time", "time_machine"))


def label_of(node: cst.CSTNode) -> str:
    """The expression as a reader knows it, its arguments left out when they are long: ``datetime.now(…)``."""
    text = re.sub(r"\s+", " ", cst.Module([]).code_for_node(node))
    if len(text) <= 48 or not isinstance(node, cst.Call):
        return text if len(text) <= 60 else text[:57] + "…"
    function = re.sub(r"\s+", " ", cst.Module([]).code_for_node(node.func))
    return f"{function[-56:]}(…)"


def dotted_name(function: Function | Class) -> str:
    """The dotted name under which a project function or class can be imported from the project's root."""
    module = function.module.filename.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    name = function.contents.qualified_name if function.contents else ""
    return f"{module}.{name}"


def matches(pattern: str, name: str) -> bool:
    """Whether a declared dotted name means `name`: the same, its end behind a dot, or a `*` pattern."""
    return name == pattern or name.endswith(f".{pattern}") or fnmatchcase(name, pattern)


def _result(state: State, source: Source, path: str, variations: Variations) -> Value:
    element = Item(Symbol(f"{path}()[]"), repeated=True)
    if source.varies == "order":
        if source.result == "set":
            return Sequence("set", [element], variations, state.branch, loops=state.loops)
        return Sequence("list", [element], variations, state.branch, loops=state.loops)
    if source.result in _SCALARS:
        return Symbol(f"{path}()", source.result, variations)
    return Symbol(f"{path}()", "", variations)


def _with_order_of(arguments: Arguments, variations: Variations, path: str) -> Value:
    if arguments.positional and isinstance(arguments.positional[0], (Sequence, Mapping)):
        return with_order(arguments.positional[0], variations)
    return Sequence("list", [Item(Symbol(f"{path}()[]"), repeated=True)], variations)


def _disordered(value: Value, variations: Variations) -> None:
    for option in options_of(value):
        if isinstance(option, Sequence):
            option.order = merged(option.order, variations)


def _applies(when: str, callee: Symbol, arguments: Arguments) -> bool:
    condition, _, detail = when.partition(":")
    return _CONDITIONS[condition](detail, callee, arguments) if condition in _CONDITIONS else False


def _constant_first(detail: str, callee: Symbol, arguments: Arguments) -> bool:
    first = constant_text(arguments.positional[0]) if arguments.positional else None
    return first is not None and first in detail.split(",")


def _keyword(detail: str, callee: Symbol, arguments: Arguments) -> bool:
    name, _, wanted = detail.partition("=")
    value = arguments.named.get(name)
    return isinstance(value, Constant) and str(value.value) == wanted.strip("\"'")


def _unseeded(detail: str, callee: Symbol, arguments: Arguments) -> bool:
    seeds: Iterable[Value] = (arguments.named[name] for name in _SEED_KEYWORDS if name in arguments.named)
    if any(isinstance(seed, Constant) and seed.value is not None for seed in seeds):
        return False
    return callee.kind != "seeded"


def _not_number(detail: str, callee: Symbol, arguments: Arguments) -> bool:
    first = arguments.positional[0] if arguments.positional else None
    if isinstance(first, Constant):
        return not isinstance(first.value, (int, float))
    return not (isinstance(first, Symbol) and first.kind in ("number", "bool"))


def _unordered_sql(detail: str, callee: Symbol, arguments: Arguments) -> bool:
    first = arguments.positional[0] if arguments.positional else None
    if isinstance(first, Text):
        statement = "".join(part if isinstance(part, str) else " ? " for part in first.parts)
    else:
        statement = (constant_text(first) or "") if first is not None else ""
    lowered = statement.lower()
    rows = lowered.lstrip().startswith(("select", "with")) and "limit 1" not in lowered and "count(" not in lowered
    return rows and "order by" not in lowered


def _leaves_date_out(arguments: Arguments) -> bool:
    """Whether an encoder is told which time to write, or none: `mtime=0`, `metadata={"CreationDate": None}`."""
    if "mtime" in arguments.named:
        return arguments.named["mtime"] != NONE
    metadata = arguments.named.get("metadata")
    return metadata is not None and not (
        isinstance(metadata, Mapping) and not metadata.open and not _DATES & metadata.entries.keys()
    )


_DATES = frozenset(("CreationDate", "ModDate", "Date"))
_VECTOR = ("pdf", "svg", "svgz", "ps", "eps")


def _is_vector(arguments: Arguments) -> bool:
    """Whether a picture is written in a format that holds the time: a bitmap does not."""
    named = arguments.named.get("format")
    text = constant_text(named) if named is not None else None
    first = arguments.positional[0] if arguments.positional else None
    name = constant_text(first) if first is not None and named is None else None
    return text in _VECTOR if text is not None else name is not None and name.rpartition(".")[2] in _VECTOR


_CONDITIONS: dict[str, Callable[[str, Symbol, Arguments], bool]] = {
    "always": lambda detail, callee, arguments: True,
    "no-arguments": lambda detail, callee, arguments: not arguments.all,
    "one-argument": lambda detail, callee, arguments: len(arguments.all) == 1,
    "argument": _constant_first,
    "keyword": _keyword,
    "not-number": _not_number,
    "unseeded": _unseeded,
    "undated": lambda detail, callee, arguments: not _leaves_date_out(arguments),
    "vector": lambda detail, callee, arguments: _is_vector(arguments) and not _leaves_date_out(arguments),
    "unordered-sql": _unordered_sql,
}
