"""Source in a newer Python than the one that runs, rewritten so that `ast` reads it: same rows, same names.

libcst parses every version; `ast` only that of the interpreter. The rewritten text is used for a module's table of
contents alone.
"""

from __future__ import annotations

import ast
import warnings

import libcst as cst

from cachelint.analysis.deep_stack import nested_too_deeply


def parsed(source: str) -> ast.Module:
    """The syntax tree of a text in this version of Python or a newer one, its nodes on the rows of the text.

    Raises:
        SyntaxError: when it is Python of no version.
    """
    try:
        return tree_of(source)
    except SyntaxError:
        older = None if nested_too_deeply(source) else readable(source)
        if older is None:
            raise
        return tree_of(older)


def tree_of(source: str) -> ast.Module:
    """What `ast.parse` returns, without warnings of literals and comparisons, which are for who runs the program."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)


def readable(source: str) -> str | None:
    """The text with type parameters dropped, type aliases as assignments, and f-strings as tuples of their expressions.

    None when libcst cannot parse it either.
    """
    try:
        tree = cst.parse_module(source)
        return tree.visit(_Older(tree)).code
    except Exception:  # libcst raises several kinds of errors on broken input
        return None


class _Older(cst.CSTTransformer):
    def __init__(self, tree: cst.Module) -> None:
        super().__init__()
        self._tree = tree

    def leave_TypeAlias(self, original_node: cst.TypeAlias, updated_node: cst.TypeAlias) -> cst.Assign:
        return cst.Assign([cst.AssignTarget(updated_node.name)], updated_node.value)

    def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> cst.FunctionDef:
        return updated_node.with_changes(type_parameters=None)

    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> cst.ClassDef:
        return updated_node.with_changes(type_parameters=None)

    def leave_FormattedString(
        self, original_node: cst.FormattedString, updated_node: cst.FormattedString
    ) -> cst.BaseExpression:
        return self._tuple(original_node, updated_node.parts)

    def leave_TemplatedString(
        self, original_node: cst.TemplatedString, updated_node: cst.TemplatedString
    ) -> cst.BaseExpression:
        return self._tuple(original_node, updated_node.parts)

    def visit_ConcatenatedString(self, node: cst.ConcatenatedString) -> bool:
        return False  # its parts must stay strings until they are replaced together

    def leave_ConcatenatedString(
        self, original_node: cst.ConcatenatedString, updated_node: cst.ConcatenatedString
    ) -> cst.BaseExpression:
        codes: list[str] = []
        pending: list[cst.BaseExpression] = [original_node]
        while pending:
            node = pending.pop(0)
            if isinstance(node, cst.ConcatenatedString):
                pending = [node.left, node.right, *pending]
            elif not isinstance(node, cst.SimpleString):
                parts = node.parts  # type: ignore[attr-defined]
                codes += [self._code(part.expression.visit(self)) for part in parts if hasattr(part, "expression")]
        return self._joined(original_node, codes) if codes else original_node

    def leave_ExceptHandler(
        self, original_node: cst.ExceptHandler, updated_node: cst.ExceptHandler
    ) -> cst.ExceptHandler:
        kind = updated_node.type
        if isinstance(kind, cst.Tuple) and not kind.lpar:
            return updated_node.with_changes(type=kind.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()]))
        return updated_node

    def _tuple(self, original: cst.BaseExpression, parts: object) -> cst.BaseExpression:
        assert isinstance(parts, (list, tuple))
        codes = [self._code(part.expression) for part in parts if hasattr(part, "expression")]
        return self._joined(original, codes)

    def _joined(self, original: cst.BaseExpression, codes: list[str]) -> cst.BaseExpression:
        """A tuple of expressions on as many rows as the original has."""
        inside = "".join(f", ({code})" for code in codes)
        rows = self._code(original).count("\n") - inside.count("\n")
        return cst.parse_expression('(""' + "\n" * max(0, rows) + inside + ",)")

    def _code(self, node: cst.CSTNode) -> str:
        return self._tree.code_for_node(node)
