"""What a piece of code reads, stores and assigns, by name: one walk over its `ast`."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

_GROWING = frozenset(("append", "appendleft", "extend", "insert", "update", "setdefault", "add"))
MUTATORS = _GROWING | {"write", "writelines", "pop", "popleft", "clear", "remove", "sort", "reverse"}
"""Methods that change the list, dict or set that they are called on."""
_UNINTERESTING = frozenset(("ctx", "op", "ops", "type_comment", "kind", "lineno", "conversion", "type_params"))
_CHILDREN: dict[type, tuple[str, ...]] = {}


def walk(root: ast.AST) -> Iterator[ast.AST]:
    """Every node below `root` and itself; twice as fast as `ast.walk`, which also visits contexts and operators."""
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        kind = type(node)
        names = _CHILDREN.get(kind)
        if names is None:
            names = _CHILDREN[kind] = tuple(name for name in node._fields if name not in _UNINTERESTING)
        for name in names:
            value = getattr(node, name, None)
            if type(value) is list:
                stack.extend(item for item in value if isinstance(item, ast.AST))
            elif isinstance(value, ast.AST):
                stack.append(value)


class NameUsage:
    """The names that some code uses, and how."""

    def __init__(self, root: ast.AST, own_name: str | None = None) -> None:
        """`own_name` is what a method calls its object: `self`."""
        self.references: set[str] = set()
        self.called: set[str] = set()
        """What it calls, as in `calls`."""
        self.calls: set[str] = set()
        """What it calls or hands on to be called: `name`, `.name` for an attribute, `self.name` for one of its own."""
        self.stored_attributes: set[str] = set()
        self.foreign_attributes: set[str] = set()
        self.globals: set[str] = set()
        self.mutated: set[str] = set()
        self.assigned: set[str] = set()
        self.method_names: dict[str, frozenset[str]] = {}
        self.imports: list[ast.Import | ast.ImportFrom] = []
        self._own_name = own_name
        for node in walk(root):
            reader = _READERS.get(type(node))
            if reader is not None:
                reader(self, node)

    def _name(self, node: ast.Name) -> None:
        self.references.add(node.id)
        if type(node.ctx) is ast.Store:
            self.assigned.add(node.id)

    def _attribute(self, node: ast.Attribute) -> None:
        self.references.update(attribute_references(node))
        if type(node.ctx) is ast.Store and not (type(node.value) is ast.Name and node.value.id == self._own_name):
            self.foreign_attributes.add(node.attr)

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        self.imports.append(node)

    def _global(self, node: ast.Global) -> None:
        self.globals.update(node.names)

    def _assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            self._stored(target)
        self._method_name(node)
        self._hand_on(node.value)

    def _single_target(self, node: ast.AugAssign | ast.AnnAssign | ast.For | ast.AsyncFor) -> None:
        self._stored(node.target)

    def _delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            self._stored(target)

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            if item.optional_vars is not None:
                self._stored(item.optional_vars)

    def _call(self, node: ast.Call) -> None:
        form = self._form(node.func)
        self.called.add(form)
        self.calls.add(form)
        for argument in node.args:
            self._hand_on(argument)
        for keyword in node.keywords:
            self._hand_on(keyword.value)
        if type(node.func) is ast.Attribute and node.func.attr in MUTATORS:
            self._stored(node.func.value)
            if type(node.func.value) is ast.Name:
                self.mutated.add(node.func.value.id)

    def _hand_on(self, node: ast.expr | None) -> None:
        if type(node) is ast.Attribute or type(node) is ast.Name:
            self.calls.add(self._form(node))

    def _form(self, node: ast.expr) -> str:
        if type(node) is ast.Attribute:
            own = type(node.value) is ast.Name and node.value.id == self._own_name
            return f"self.{node.attr}" if own else f".{node.attr}"
        return node.id if type(node) is ast.Name else ""

    def _value(self, node: ast.Return | ast.AnnAssign | ast.NamedExpr | ast.Yield) -> None:
        self._hand_on(node.value)

    def _annotated(self, node: ast.AnnAssign) -> None:
        self._single_target(node)
        self._value(node)

    def _lambda(self, node: ast.Lambda) -> None:
        self._hand_on(node.body)

    def _elements(self, node: ast.List | ast.Tuple | ast.Set) -> None:
        for element in node.elts:
            self._hand_on(element)

    def _values(self, node: ast.Dict | ast.BoolOp) -> None:
        for value in node.values:
            self._hand_on(value)

    def _alternatives(self, node: ast.IfExp) -> None:
        self._hand_on(node.body)
        self._hand_on(node.orelse)

    def _stored(self, target: ast.expr) -> None:
        if isinstance(target, (ast.Tuple, ast.List)):
            for element in target.elts:
                self._stored(element)
            return
        root = target
        while isinstance(root, ast.Subscript):
            root = root.value
        if isinstance(root, ast.Name) and root is not target:
            self.mutated.add(root.id)
        if self._own_name is None:
            return
        name = own_attribute(target, self._own_name)
        if name:
            self.stored_attributes.add(name)

    def _method_name(self, node: ast.Assign) -> None:
        """`create = client.messages.create` and `self._send = partial(client.messages.create, …)`."""
        target, value = node.targets[0], node.value
        if not isinstance(target, (ast.Name, ast.Attribute)):
            return
        if isinstance(value, ast.Call) and called_name(value) in ("partial", "partialmethod"):
            given = frozenset(argument.id for argument in value.args if isinstance(argument, ast.Name))
            if given:
                name = target.id if isinstance(target, ast.Name) else target.attr
                self.method_names[name] = self.method_names.get(name, frozenset()) | given
        if isinstance(value, ast.Call):
            value = next((argument for argument in value.args if isinstance(argument, ast.Attribute)), value)
        if isinstance(value, ast.Attribute):
            name = target.id if isinstance(target, ast.Name) else target.attr
            pairs = frozenset(
                pair
                for inner in walk(value)
                if isinstance(inner, ast.Attribute)
                for pair in attribute_references(inner)
            )
            self.method_names[name] = self.method_names.get(name, frozenset()) | pairs


def called_name(node: ast.Call) -> str:
    """`partial` for `functools.partial(…)`; empty when what is called has no name."""
    func = node.func
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def attribute_references(node: ast.Attribute) -> tuple[str, ...]:
    """`create` and `messages.create` for `client.messages.create`."""
    before = node.value.func if isinstance(node.value, ast.Call) else node.value
    if isinstance(before, ast.Attribute):
        return node.attr, f"{before.attr}.{node.attr}"
    return (node.attr, f"{before.id}.{node.attr}") if isinstance(before, ast.Name) else (node.attr,)


def own_attribute(node: ast.expr, own_name: str) -> str | None:
    """`x` for `self.x`, `self.x[…]`, `self.x.y`."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            return node.attr if node.value.id == own_name else None
        node = node.value
    return None


_READERS: dict[type[ast.AST], Callable[[NameUsage, Any], None]] = {
    ast.Name: NameUsage._name,
    ast.Attribute: NameUsage._attribute,
    ast.Global: NameUsage._global,
    ast.Import: NameUsage._import,
    ast.ImportFrom: NameUsage._import,
    ast.Assign: NameUsage._assign,
    ast.AugAssign: NameUsage._single_target,
    ast.AnnAssign: NameUsage._annotated,
    ast.For: NameUsage._single_target,
    ast.AsyncFor: NameUsage._single_target,
    ast.Delete: NameUsage._delete,
    ast.With: NameUsage._with,
    ast.AsyncWith: NameUsage._with,
    ast.Call: NameUsage._call,
    ast.Return: NameUsage._value,
    ast.NamedExpr: NameUsage._value,
    ast.Yield: NameUsage._value,
    ast.Lambda: NameUsage._lambda,
    ast.List: NameUsage._elements,
    ast.Tuple: NameUsage._elements,
    ast.Set: NameUsage._elements,
    ast.Dict: NameUsage._values,
    ast.BoolOp: NameUsage._values,
    ast.IfExp: NameUsage._alternatives,
}
