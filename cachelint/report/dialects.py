"""The statements of a report in other dialects of SQL: they are written once, in DuckDB's, and translated by sqlglot.

sqlglot knows most differences. What it does not know stands here.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cachelint.errors import MissingExtraError

if TYPE_CHECKING:
    from sqlglot import exp

_WRITTEN_IN = "duckdb"
SPARK = "spark"

_SPARK_TYPES = {"VARCHAR": "STRING", "DOUBLE": "DOUBLE", "BOOLEAN": "BOOLEAN", "BIGINT": "BIGINT"}


def parsed(
    sql: str, dialect: str = _WRITTEN_IN, command: str = "report --engine spark", extra: str = "spark"
) -> exp.Expression:
    """A statement as a tree. Raises `MissingExtraError` for a command and its extra when sqlglot is not installed."""
    try:
        import sqlglot
    except ImportError:
        raise MissingExtraError(command, extra) from None
    return sqlglot.parse_one(sql, read=dialect)


def in_spark(tree: exp.Expression) -> str:
    """A tree as text for Spark."""
    return str(tree.transform(for_spark).sql(SPARK))


def for_spark(node: Any) -> Any:
    """What replaces a node of a tree on Spark."""
    from sqlglot import exp

    if isinstance(node, exp.DataType):
        return _type_of_spark(node)
    if isinstance(node, exp.Mode) and isinstance(node.this, exp.Order):
        # of values that are equally frequent the first, as with the order that DuckDB is given
        return exp.Anonymous(this="mode", expressions=[node.this.this, exp.true()])
    if isinstance(node, exp.PercentileDisc) and node.expression is not None:
        exact = exp.Anonymous(this="percentile_disc", expressions=[node.expression])
        order = exp.Order(expressions=[exp.Ordered(this=node.this)])
        return exp.WithinGroup(this=exact, expression=order)
    if isinstance(node, exp.FromJson):
        schema = exp.Literal.string(_spark_schema(json.loads(node.expression.name)))
        return exp.Anonymous(this="from_json", expressions=[node.this, schema])
    if isinstance(node, exp.Anonymous):
        return _function_of_spark(node)
    return node


def _type_of_spark(node: Any) -> Any:
    """Spark has no unsigned numbers, which hashes are, and no JSON beside text."""
    from sqlglot import exp

    kind = exp.DataType.Type
    if node.this in (kind.UBIGINT, kind.UINT):
        return exp.DataType.build("BIGINT")
    return exp.DataType.build("STRING") if node.this == kind.JSON else node


def _function_of_spark(node: Any) -> Any:
    from sqlglot import exp

    arguments, name = node.expressions, node.name.lower()
    if name == "hash":
        return exp.Anonymous(this="xxhash64", expressions=arguments)
    if name == "json_keys":
        return exp.Anonymous(this="json_object_keys", expressions=arguments)
    if name == "microsecond":
        return exp.Anonymous(this="unix_micros", expressions=[exp.cast(arguments[0], "TIMESTAMPLTZ")])
    if name == "to_milliseconds":
        seconds = exp.Div(this=exp.Paren(this=arguments[0]), expression=exp.Literal.number(1000))
        none = [exp.Literal.number(0)] * 3
        return exp.Anonymous(this="make_dt_interval", expressions=[*none, seconds])
    if name == "list_extract":
        return exp.Anonymous(this="element_at", expressions=arguments)
    return node


def _spark_schema(structure: Any) -> str:
    """The structure that DuckDB's `from_json` takes, as Spark's takes it."""
    if isinstance(structure, list):
        return f"ARRAY<{_spark_schema(structure[0])}>"
    if isinstance(structure, dict):
        return f"STRUCT<{', '.join(f'`{name}`: {_spark_schema(inner)}' for name, inner in structure.items())}>"
    return _SPARK_TYPES[structure]
