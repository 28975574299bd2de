"""Whether the elements of a set, as it is written, can only be strings."""

from __future__ import annotations

import re

import libcst as cst

from cachelint.fixing.names import binding, is_added_to, parameter
from cachelint.fixing.place import Place, dotted, last_name

_STRING_METHODS = frozenset(
    ("capitalize", "casefold", "lower", "upper", "title", "strip", "lstrip", "rstrip", "format", "join", "replace",
     "removeprefix", "removesuffix", "strftime", "isoformat", "hexdigest", "as_posix", "decode")
)  # fmt: skip
_STRING_LISTS = frozenset(("split", "rsplit", "splitlines", "listdir"))
_STRING_ANNOTATION = re.compile(
    r"^(?:[\w.]*\.)?(?:list|set|frozenset|tuple|dict|Sequence|Iterable|Collection|Mapping|List|Set|FrozenSet|AbstractSet|"
    r"Dict|MutableSet)\[str\b(?!\s*\|)"
)
_MAXIMUM_DEPTH = 8


def are_strings(place: Place, node: cst.CSTNode, depth: int = _MAXIMUM_DEPTH) -> bool:
    """Whether every element of the collection `node` is a string."""
    if depth == 0:
        return False
    if isinstance(node, (cst.Set, cst.List, cst.Tuple)):
        return bool(node.elements) and all(
            isinstance(each, cst.Element) and is_string(place, each.value) for each in node.elements
        )
    if isinstance(node, cst.Dict):
        return bool(node.elements) and all(
            isinstance(each, cst.DictElement) and is_string(place, each.key) for each in node.elements
        )
    if isinstance(node, (cst.SetComp, cst.ListComp, cst.GeneratorExp)):
        return is_string(place, node.elt) or (
            isinstance(node.elt, cst.Name) and _draws_strings(place, node.for_in, node.elt.value, depth)
        )
    if isinstance(node, cst.DictComp):
        return is_string(place, node.key)
    if isinstance(node, cst.BinaryOperation):
        return _of_operation(place, node, depth)
    if isinstance(node, cst.Call):
        return _of_call(place, node, depth)
    if dotted(node) == "sys.stdlib_module_names":
        return True
    return isinstance(node, cst.Name) and _of_name(place, node.value, depth)


def is_string(place: Place, node: cst.CSTNode) -> bool:
    """Whether an expression can only be a string."""
    if isinstance(node, (cst.FormattedString, cst.ConcatenatedString)):
        return True
    if isinstance(node, cst.SimpleString):
        return "b" not in node.prefix.lower()
    if isinstance(node, cst.Call):
        return dotted(node.func) in ("str", "repr") or (
            isinstance(node.func, cst.Attribute) and node.func.attr.value in _STRING_METHODS
        )
    return False


def _draws_strings(place: Place, clause: cst.CompFor, name: str, depth: int) -> bool:
    target = clause.target
    return (
        isinstance(target, cst.Name)
        and target.value == name
        and clause.inner_for_in is None
        and are_strings(place, clause.iter, depth - 1)
    )


def _of_operation(place: Place, node: cst.BinaryOperation, depth: int) -> bool:
    left, right = (are_strings(place, side, depth - 1) for side in (node.left, node.right))
    if isinstance(node.operator, cst.BitAnd):
        return left or right
    if isinstance(node.operator, cst.Subtract):
        return left
    return isinstance(node.operator, (cst.BitOr, cst.BitXor)) and left and right


def _of_call(place: Place, node: cst.Call, depth: int) -> bool:
    name = last_name(node.func)
    if isinstance(node.func, cst.Attribute):
        if name in _STRING_LISTS:
            return True
        arguments = [arg.value for arg in node.args]
        owner = are_strings(place, node.func.value, depth - 1)
        if name in ("keys", "copy", "difference"):
            return owner
        if name == "intersection":
            return owner or any(are_strings(place, argument, depth - 1) for argument in arguments)
        if name in ("union", "symmetric_difference"):
            return owner and all(are_strings(place, argument, depth - 1) for argument in arguments)
        return False
    if name in ("set", "frozenset", "list", "tuple", "sorted") and len(node.args) == 1:
        return are_strings(place, node.args[0].value, depth - 1)
    return False


def _of_name(place: Place, name: str, depth: int) -> bool:
    """By the annotation of a parameter, or by the only value that is bound to the name."""
    declared = parameter(place, name)
    if declared is not None:
        return declared.annotation is not None and _annotated(declared.annotation, place)
    bound = binding(place, name)
    return bound is not None and not is_added_to(place, name) and are_strings(bound, bound.node, depth - 1)


def _annotated(annotation: cst.Annotation, place: Place) -> bool:
    text = place.segment.tree.code_for_node(annotation.annotation).strip("\"'")
    return _STRING_ANNOTATION.match(text) is not None
