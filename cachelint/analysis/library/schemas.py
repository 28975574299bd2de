"""JSON schemas that pydantic makes of the models of a project."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from cachelint.analysis.interpreter import classes, expressions
from cachelint.analysis.scope import Scope
from cachelint.analysis.surroundings import inside, last_name
from cachelint.analysis.syntax import parse_expression
from cachelint.analysis.values import Class, Partial, Symbol, Value, variations_in
from cachelint.analysis.variation import Period, Variation, Variations, merged

if TYPE_CHECKING:
    from cachelint.analysis.interpreter.state import Arguments, State

_MAKING = re.compile(r"Literal\[|Field\(")
METHODS = frozenset(("model_json_schema", "schema", "schema_json"))
_SHOWN = ("description", "title", "examples", "json_schema_extra", "alias", "pattern")
"""Arguments of `Field` that the schema shows."""


def is_model(state: State, cls: Class) -> bool:
    """Whether a class of the project is a model of pydantic's."""
    return classes.library_base(state, cls).startswith(("pydantic.", "pydantic_settings.", "sqlmodel."))


def schema(state: State, cls: Class) -> Value:
    """The schema of a model, with what varies in its defaults, its descriptions and its literals."""
    found: list[Variations] = []
    for at in classes.ancestry(state, cls):
        for name, spans in at.contents.attributes.items():
            value = classes.class_attribute(state, at, name)
            if value is not None and not isinstance(value, Partial):
                found.append(variations_in(value))
            segments = (at.module.segment(span) for span in spans)
            found += [_shown_below(state, segment.tree) for segment in segments if segment is not None]
        found += [_in_annotation(state, at, text) for text in at.contents.annotations.values() if _MAKING.search(text)]
    return Symbol("pydantic.BaseModel.model_json_schema()", "", tuple(_of_schema(merged(*found))))


def _of_schema(variations: Variations) -> Iterator[Variation]:
    """What varies in a schema, under the code of schemas; an order keeps its own, which knows how to mend it.

    The import evaluates the bodies of classes.
    """
    for variation in (each.at_most_every(Period.PROCESS) for each in variations):
        yield variation if variation.order else replace(variation, code="CL207")


def remember_shown(state: State, arguments: Arguments) -> None:
    """Keep what varies in the arguments of `Field` that a schema shows, its default apart."""
    found = merged(*(variations_in(value) for name, value in arguments.named.items() if name in _SHOWN))
    if found:
        state.memo["shown in a schema", id(arguments.site.node)] = found


def _shown_below(state: State, root: cst.CSTNode) -> Variations:
    return merged(*(state.memo.get(("shown in a schema", id(node)), ()) for node in inside(root)))


def _in_annotation(state: State, cls: Class, annotation: str) -> Variations:
    """What varies in `Literal[tuple(names)]` and in `Annotated[str, Field(description=…)]`."""
    parsed = parse_expression(cls.module, cls.contents.row, annotation)
    if parsed is None:
        return ()
    segment, root = parsed
    scope = Scope(cls.module, segment)
    found: list[Variations] = []
    for node in inside(root):
        if isinstance(node, cst.Call) and last_name(node.func) == "Field":
            found.append(variations_in(expressions.evaluate(state, node, scope)))
        elif isinstance(node, cst.Subscript) and last_name(node.value) == "Literal":
            indexes = (element.slice for element in node.slice)
            found += [
                variations_in(expressions.evaluate(state, index.value, scope))
                for index in indexes
                if isinstance(index, cst.Index)
            ]
    return merged(*found, _shown_below(state, root))
