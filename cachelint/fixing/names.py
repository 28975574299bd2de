"""What a name stands for where it is used: the only value that is ever bound to it."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from cachelint.fixing.place import Place, dotted, walk

_SCOPES = (cst.FunctionDef, cst.Lambda)


def parameter(place: Place, name: str) -> cst.Param | None:
    """The parameter of that name of a function around a place."""
    for node in place.ancestors():
        if isinstance(node, _SCOPES):
            for inner in walk(node.params):
                if isinstance(inner, cst.Param) and inner.name.value == name:
                    return inner
    return None


def binding(place: Place, name: str) -> Place | None:
    """The value that is bound to a name, in the functions around a place or else at module level.

    None when it is a parameter, is bound more than once or in another way than by an assignment or `with`.
    """
    if parameter(place, name) is not None:
        return None
    function = place.outermost(cst.FunctionDef)
    if function is not None:
        bound = list(_bindings(function, name))
        if bound:
            return place.at(bound[0]) if len(bound) == 1 and bound[0] is not None else None
    return _global(place, name)


def _global(place: Place, name: str) -> Place | None:
    module = place.segment.module
    spans = module.contents.bindings.get(name, ())
    segment = module.segment(spans[0]) if len(spans) == 1 else None
    bound = list(_bindings(segment.tree, name)) if segment is not None else []
    if segment is None or len(bound) != 1 or bound[0] is None:
        return None
    return Place(segment, bound[0])


def _bindings(around: cst.CSTNode, name: str) -> Iterator[cst.BaseExpression | None]:
    """The values bound to a name below a node; None for each binding whose value is not plain."""
    for node in walk(around):
        if isinstance(node, cst.Assign):
            for target in node.targets:
                if dotted(target.target) == name:
                    yield node.value
                elif _binds(target.target, name):
                    yield None
        elif isinstance(node, (cst.AnnAssign, cst.NamedExpr)) and dotted(node.target) == name:
            yield node.value
        elif isinstance(node, cst.WithItem) and node.asname is not None and _binds(node.asname.name, name):
            yield node.item
        elif _binds_otherwise(node, name):
            yield None


def _binds_otherwise(node: cst.CSTNode, name: str) -> bool:
    if isinstance(node, (cst.For, cst.CompFor, cst.AugAssign)):
        return _binds(node.target, name)
    if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
        return node.name.value == name
    return isinstance(node, cst.ImportAlias) and name in (node.evaluated_alias, node.evaluated_name)


def _binds(target: cst.CSTNode, name: str) -> bool:
    if isinstance(target, (cst.Tuple, cst.List)):
        return any(_binds(element.value, name) for element in target.elements)
    return isinstance(target, cst.Name) and target.value == name


def is_added_to(place: Place, name: str) -> bool:
    """Whether something is put into the collection that a name stands for, in the function around a place."""
    function = place.outermost(cst.FunctionDef)
    return any(_adds(node, name) for node in walk(function if function is not None else place.segment.tree))


def _adds(node: cst.CSTNode, name: str) -> bool:
    if isinstance(node, cst.AugAssign):
        return dotted(node.target) == name
    return (
        isinstance(node, cst.Call)
        and isinstance(node.func, cst.Attribute)
        and dotted(node.func.value) == name
        and node.func.attr.value in ("add", "update", "append", "extend", "insert", "setdefault")
    )


def uses(place: Place, name: str) -> Iterator[Place]:
    """The places where a name is read, in the function around a place."""
    function = place.outermost(cst.FunctionDef)
    for node in walk(function if function is not None else place.segment.tree):
        if isinstance(node, cst.Name) and node.value == name:
            use = place.at(node)
            parent = next(use.ancestors(), None)
            target = isinstance(parent, cst.AssignTarget) or (isinstance(parent, cst.Arg) and parent.keyword is node)
            if not target and not (isinstance(parent, cst.Attribute) and parent.attr is node):
                yield use
