"""The table of contents of a module: what it defines, imports and refers to, and on which rows.

Built with `ast`, which is ten times cheaper than libcst; the text of a definition is parsed with libcst only when a
prompt depends on it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from cachelint.analysis.name_usage import MUTATORS, NameUsage

_FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Span:
    """Rows of a module, from 1, both ends included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Import:
    """What an imported name stands for: a module, or a name in a module."""

    module: str
    name: str | None
    level: int


@dataclass(slots=True, eq=False)
class FunctionContents:
    """A function of a module or a method of a class, or all top-level statements together (`<module>`)."""

    name: str
    qualified_name: str
    span: Span
    parent: ClassContents | None
    parameters: tuple[str, ...] = ()
    references: frozenset[str] = frozenset()
    """Names and attributes that it reads, and `first.second` for each pair of consecutive ones."""
    calls: frozenset[str] = frozenset()
    """What it calls or hands on to be called: `name`, `.name` for an attribute, `self.name` for one of its own."""
    called: frozenset[str] = frozenset()
    """The part of `calls` that it calls itself."""
    stored_attributes: frozenset[str] = frozenset()
    """Attributes of `self` that it assigns or mutates."""
    foreign_attributes: frozenset[str] = frozenset()
    """Attributes of other objects that it assigns: `x` for `agent.x = …`."""
    globals: frozenset[str] = frozenset()
    """Module names that it assigns through a `global` statement."""
    mutated: frozenset[str] = frozenset()
    """Names of others whose list, dict or set it changes: `x` for `x.append(…)` and `x[key] = …`."""
    decorators: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class ClassContents:
    """A class of a module."""

    name: str
    qualified_name: str
    span: Span
    row: int
    bases: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    decorators: tuple[str, ...] = ()
    methods: dict[str, FunctionContents] = field(default_factory=dict)
    setters: dict[str, FunctionContents] = field(default_factory=dict)
    """What an assignment to a property runs."""
    attributes: dict[str, list[Span]] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)
    classes: dict[str, ClassContents] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class ModuleContents:
    """A module."""

    functions: dict[str, FunctionContents] = field(default_factory=dict)
    classes: dict[str, ClassContents] = field(default_factory=dict)
    imports: dict[str, list[Import]] = field(default_factory=dict)
    all_imports: dict[str, list[Import]] = field(default_factory=dict)
    """Those inside functions too."""
    stars: list[Import] = field(default_factory=list)
    bindings: dict[str, list[Span]] = field(default_factory=dict)
    """For each top-level name, the statements that bind or mutate it, in order."""
    statements: list[Span] = field(default_factory=list)
    """All top-level statements that are not definitions, in order."""
    everything: list[FunctionContents] = field(default_factory=list)
    """Each function and method, and the top level last."""
    method_names: dict[str, frozenset[str]] = field(default_factory=dict)
    """Names and attributes that a bound method or a partial application is assigned to, with what it refers to."""


def read_contents(tree: ast.Module) -> ModuleContents:
    """Build the table of contents of a parsed module."""
    return _Reader().read(tree)


class _Reader:
    def __init__(self) -> None:
        self._contents = ModuleContents()

    def read(self, tree: ast.Module) -> ModuleContents:
        toplevel: list[ast.stmt] = []
        for statement in tree.body:
            self._statement(statement, toplevel)
        self._bind(toplevel)
        references: set[str] = set()
        calls: set[str] = set()
        called: set[str] = set()
        for statement in toplevel:
            usage = self._usage(statement)
            references |= usage.references
            calls |= usage.calls
            called |= usage.called
        last = max((statement.end_lineno or 1 for statement in tree.body), default=1)
        self._contents.everything.append(
            FunctionContents(
                "<module>",
                "<module>",
                Span(1, last),
                None,
                (),
                frozenset(references),
                frozenset(calls),
                frozenset(called),
            )
        )
        return self._contents

    def _statement(self, node: ast.stmt, toplevel: list[ast.stmt]) -> None:
        if isinstance(node, _FunctionNode):
            self._define(node)
        elif isinstance(node, ast.ClassDef):
            self._contents.classes[node.name] = self._class(node, "")
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            self._import(node)
        else:
            toplevel.append(node)
            for inner in _nested_statements(node):
                if isinstance(inner, _FunctionNode):
                    self._define(inner)
                elif isinstance(inner, ast.ClassDef):
                    self._contents.classes.setdefault(inner.name, self._class(inner, ""))
                elif isinstance(inner, (ast.Import, ast.ImportFrom)):
                    self._import(inner)

    def _define(self, node: _FunctionNode) -> None:
        function = self._function(node, None, "")
        if "overload" not in function.decorators:
            self._contents.functions[node.name] = function

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        for name, target in _imported(node):
            if target.name is None and isinstance(node, ast.ImportFrom):
                self._contents.stars.append(target)
            else:
                self._contents.imports.setdefault(name, []).append(target)
                self._contents.all_imports.setdefault(name, []).append(target)

    def _bind(self, statements: list[ast.stmt]) -> None:
        rows_taken = 0
        for statement in statements:
            span = _span(statement)
            if span.first <= rows_taken and self._contents.statements:
                previous = self._contents.statements[-1]
                span = Span(previous.first, max(previous.last, span.last))
                self._contents.statements[-1] = span
                for spans in self._contents.bindings.values():
                    spans[:] = [span if known == previous else known for known in spans]
            else:
                self._contents.statements.append(span)
            rows_taken = span.last
            for name in _bound_names(statement):
                spans = self._contents.bindings.setdefault(name, [])
                if span not in spans:
                    spans.append(span)

    def _function(self, node: _FunctionNode, parent: ClassContents | None, prefix: str) -> FunctionContents:
        arguments = node.args
        parameters = tuple(
            argument.arg
            for argument in (
                *arguments.posonlyargs,
                *arguments.args,
                *arguments.kwonlyargs,
                arguments.vararg,
                arguments.kwarg,
            )
            if argument is not None
        )
        own_name = parameters[0] if parent is not None and parameters else None
        usage = self._usage(node, own_name)
        function = FunctionContents(
            node.name,
            prefix + node.name,
            _span(node),
            parent,
            parameters,
            frozenset(usage.references),
            frozenset(usage.calls),
            frozenset(usage.called),
            frozenset(usage.stored_attributes),
            frozenset(usage.foreign_attributes),
            frozenset(usage.globals),
            frozenset(usage.mutated - usage.assigned - set(parameters)),
            tuple(_dotted(decorator) for decorator in node.decorator_list),
        )
        self._contents.everything.append(function)
        return function

    def _usage(self, node: ast.AST, own_name: str | None = None) -> NameUsage:
        usage = NameUsage(node, own_name)
        for name, references in usage.method_names.items():
            known = self._contents.method_names.get(name, frozenset())
            self._contents.method_names[name] = known | references
        for name, target in (found for each in usage.imports for found in _imported(each)):
            self._contents.all_imports.setdefault(name, []).append(target)
        return usage

    def _class(self, node: ast.ClassDef, prefix: str) -> ClassContents:
        cls = ClassContents(
            node.name,
            prefix + node.name,
            _span(node),
            node.lineno,
            tuple(self._text(base) for base in node.bases),
            tuple(keyword.arg or "" for keyword in node.keywords),
            tuple(_dotted(decorator) for decorator in node.decorator_list),
        )
        for statement in node.body:
            self._member(cls, statement)
        return cls

    def _member(self, cls: ClassContents, statement: ast.stmt) -> None:
        prefix = cls.qualified_name + "."
        if isinstance(statement, _FunctionNode):
            function = self._function(statement, cls, prefix)
            if f"{statement.name}.setter" in function.decorators:
                cls.setters[statement.name] = function
            elif "overload" not in function.decorators:
                cls.methods[statement.name] = function
        elif isinstance(statement, ast.ClassDef):
            cls.classes[statement.name] = self._class(statement, prefix)
        else:
            for name in _bound_names(statement):
                cls.attributes.setdefault(name, []).append(_span(statement))
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                cls.annotations[statement.target.id] = self._text(statement.annotation)
            for inner in _nested_statements(statement):
                if isinstance(inner, _FunctionNode):
                    cls.methods.setdefault(inner.name, self._function(inner, cls, prefix))

    def _text(self, node: ast.expr) -> str:
        return ast.unparse(node)


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, Import]]:
    """The names that an import binds, each with what it stands for; ``*`` for all of a module."""
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            name = None if alias.name == "*" else alias.name
            yield alias.asname or alias.name, Import(node.module or "", name, node.level)
        else:
            first = alias.name.partition(".")[0]
            yield alias.asname or first, Import(alias.name if alias.asname else first, None, 0)


def _span(node: ast.stmt) -> Span:
    decorators = getattr(node, "decorator_list", ())
    first = min((decorator.lineno for decorator in decorators), default=node.lineno)
    return Span(min(first, node.lineno), node.end_lineno or node.lineno)


def _nested_statements(node: ast.stmt) -> Iterator[ast.stmt]:
    for name in ("body", "orelse", "finalbody"):
        for inner in getattr(node, name, ()):
            if isinstance(inner, ast.stmt):
                yield inner
                if not isinstance(inner, (*_FunctionNode.__args__, ast.ClassDef)):
                    yield from _nested_statements(inner)
    for handler in getattr(node, "handlers", ()):
        yield from _nested_statements(handler)


def _dotted(node: ast.expr) -> str:
    """`functools.lru_cache` for `@functools.lru_cache(maxsize=1)`; empty for anything else."""
    if isinstance(node, ast.Call):
        return _dotted(node.func)
    if isinstance(node, ast.Attribute):
        base = _dotted(node.value)
        return f"{base}.{node.attr}" if base else node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _root_name(node: ast.AST) -> str | None:
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _bound_names(root: ast.stmt) -> list[str]:
    """The names that a statement binds or mutates outside nested functions, in order."""
    names: dict[str, None] = {}
    stack: list[ast.AST] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, (*_FunctionNode.__args__, ast.ClassDef, ast.Lambda)):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
            names[node.id] = None
        elif isinstance(node, (ast.Subscript, ast.Attribute)) and isinstance(node.ctx, (ast.Store, ast.Del)):
            name = _root_name(node)
            if name:
                names[name] = None
        elif isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and node.func.attr in MUTATORS:
                name = _root_name(node.func.value)
                if name:
                    names[name] = None
            elif isinstance(root, ast.Expr) and node is root.value:
                for argument in node.args:  # a helper may mutate what it is given: mark_last(TOOLS)
                    if isinstance(argument, ast.Name):
                        names[argument.id] = None
        stack.extend(ast.iter_child_nodes(node))
    return list(names)
