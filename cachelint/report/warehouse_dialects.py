"""The dialects of warehouses: what sqlglot does not know of them, and how each takes `iterations` apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cachelint.errors import ConfigurationError
from cachelint.report.dialects import SPARK, for_spark, parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_WIDTH = 320
"""Of a line, at most: a price is one."""

_DUCKDB, _BIGQUERY, _SNOWFLAKE, _DATABRICKS = "duckdb", "bigquery", "snowflake", "databricks"

WAREHOUSES = (_BIGQUERY, _DATABRICKS, _DUCKDB, _SNOWFLAKE, SPARK)
"""The dialects that statements can be printed in."""

_ON_SPARK = (SPARK, _DATABRICKS)

_FIELDS: Mapping[str, str] = {
    "type": "VARCHAR",
    "model": "VARCHAR",
    "input_tokens": "DOUBLE",
    "output_tokens": "DOUBLE",
    "cache_creation_input_tokens": "DOUBLE",
    "cache_read_input_tokens": "DOUBLE",
    "cache_creation.ephemeral_5m_input_tokens": "DOUBLE",
    "cache_creation.ephemeral_1h_input_tokens": "DOUBLE",
}
"""Path in an entry of `iterations` -> its type, in the dialect of DuckDB."""

_ENTRIES = {
    _DUCKDB: (
        "FROM (SELECT *, unnest(json_extract(iterations, '$[*]')) AS entry, "
        "unnest(generate_series(1, json_array_length(iterations)::BIGINT)) AS position "
        "FROM cachelint_responses) AS unnested",
        "position",
        "json_extract_string(entry, '$.{path}')",
        "TRY_CAST({text} AS DOUBLE)",
    ),
    SPARK: (
        "FROM cachelint_responses "
        "LATERAL VIEW posexplode(from_json(iterations, 'ARRAY<STRING>')) entries AS place, entry",
        "place + 1",
        "get_json_object(entry, '$.{path}')",
        "TRY_CAST({text} AS DOUBLE)",
    ),
    _BIGQUERY: (
        "FROM cachelint_responses CROSS JOIN UNNEST(JSON_QUERY_ARRAY(iterations)) AS entry WITH OFFSET AS place",
        "place + 1",
        "JSON_VALUE(entry, '$.{path}')",
        "SAFE_CAST({text} AS FLOAT64)",
    ),
    _SNOWFLAKE: (
        "FROM cachelint_responses, LATERAL FLATTEN(INPUT => TRY_PARSE_JSON(CAST(iterations AS VARCHAR))) AS entries",
        "entries.index + 1",
        "CAST(GET_PATH(entries.value, '{path}') AS VARCHAR)",
        "TRY_TO_DOUBLE({text})",
    ),
}
"""Dialect -> the entries, the position of one from 1, the text at a path in it, and that text as a number or null."""
_ENTRIES[_DATABRICKS] = _ENTRIES[SPARK]

_RESPONSE = "response, started, source, model, batch, fast, us, refused, output_known, searches"


def entries_in(dialect: str) -> str:
    """The query, in a dialect, for a row per entry of `iterations`, with the response's columns, from
    `cachelint_responses`."""
    relation, position, text, number = _ENTRIES[dialect]
    fields = []
    for path, kind in _FIELDS.items():
        found = text.format(path=path)
        fields.append(f"{found if kind == 'VARCHAR' else number.format(text=found)} AS {_flat('entry', path)}")
    return f"SELECT {_RESPONSE}, {position} AS position, {', '.join(fields)} {relation}"


def statement_in(dialect: str, query: str, creates: str | None = None, *, native: bool = False) -> str:
    """A query as text for a dialect, as a temporary table of that name if it has one.

    It is written for DuckDB unless it is `native` to the dialect. Raises `ConfigurationError` for what the dialect
    cannot express, `MissingExtraError` when sqlglot is not installed.
    """
    tree = parsed(query, dialect if native else _DUCKDB, "report --sql", "sql")
    from sqlglot import ErrorLevel, UnsupportedError

    if not native:
        for rewritten in _rewriters(dialect):
            tree = tree.transform(rewritten)
    try:
        text = tree.sql(dialect, pretty=True, max_text_width=_WIDTH, comments=False, unsupported_level=ErrorLevel.RAISE)
    except UnsupportedError as error:
        reason = str(error).partition("\n")[0]
        raise ConfigurationError(f"--sql {dialect}: it cannot express {creates or 'the totals'} ({reason})") from None
    if creates is None:
        return str(text)
    kind = "VIEW" if dialect in _ON_SPARK else "TABLE"
    return f"CREATE OR REPLACE TEMPORARY {kind} {creates} AS\n{text}"


def _flat(*parts: str) -> str:
    return "_".join(parts).replace(".", "_")


def _rewriters(dialect: str) -> tuple[Callable[[Any], Any], ...]:
    """What to replace in a tree, one after the other, as nodes below a replaced one are not looked at again."""
    if dialect == _DUCKDB:
        return (_field_of_entry, _condition_inside)
    own = {_BIGQUERY: _for_bigquery, _SNOWFLAKE: _for_snowflake}.get(dialect, for_spark)
    return (_field_of_entry, _condition_inside, _position_of_text, own, _joined)


def _field_of_entry(node: Any) -> Any:
    """A column of `cachelint_entries` instead of a field of a structure."""
    from sqlglot import exp

    if isinstance(node, exp.Column) and len(node.parts) > 1 and node.parts[0].name == "entry":
        return exp.column(_flat(*(part.name for part in node.parts)))
    return node


def _condition_inside(node: Any) -> Any:
    """An aggregate over a CASE instead of one with a FILTER."""
    from sqlglot import exp

    if not isinstance(node, exp.Filter):
        return node
    return node.this.__class__(this=exp.Case().when(node.expression.this, node.this.this))


def _position_of_text(node: Any) -> Any:
    """Whether a text is in another, by its position: in BigQuery the function for it ignores case."""
    from sqlglot import exp

    if not isinstance(node, exp.Contains):
        return node
    position = exp.StrPosition(this=node.this, substr=node.expression)
    return exp.GT(this=position, expression=exp.Literal.number(0))


def _joined(node: Any) -> Any:
    """Texts joined by `||`, nulls left out; what is no text becomes one."""
    from sqlglot import exp

    if not isinstance(node, exp.ConcatWs):
        return node
    separator, first, *others = node.expressions
    empty = exp.Literal.string("")
    joined = exp.func("coalesce", _text(first), empty.copy())
    for other in others:
        text = exp.DPipe(this=separator.copy(), expression=_text(other), safe=True)
        joined = exp.DPipe(this=joined, expression=exp.func("coalesce", text, empty.copy()), safe=True)
    return exp.paren(joined)


def _text(node: Any) -> Any:
    from sqlglot import exp

    return (
        node.copy() if isinstance(node, (exp.Literal, exp.TimeToStr, exp.ToChar)) else exp.cast(node.copy(), "VARCHAR")
    )


def _for_bigquery(node: Any) -> Any:
    from sqlglot import exp

    if _is_json(node):
        return node.this
    if _is_fraction(node):
        return exp.Extract(this=exp.var("MICROSECOND"), expression=node.expressions[0])
    return node


def _for_snowflake(node: Any) -> Any:
    """Snowflake counts nanoseconds, and writes a time as text in milliseconds unless it is told otherwise."""
    from sqlglot import exp

    if _is_json(node):
        return node.this
    if _is_fraction(node):
        nanoseconds = exp.Extract(this=exp.var("NANOSECOND"), expression=node.expressions[0])
        return exp.Floor(this=exp.Div(this=nanoseconds, expression=exp.Literal.number(1000)))
    if isinstance(node, exp.Column) and node.name == "started" and isinstance(node.parent, exp.ConcatWs):
        return exp.ToChar(this=node.copy(), format=exp.Literal.string("YYYY-MM-DD HH24:MI:SS.FF6"))
    return node


def _is_json(node: Any) -> bool:
    """Whether it makes JSON of a text: what reads it takes either."""
    from sqlglot import exp

    return isinstance(node, exp.Cast) and node.to.this == exp.DataType.Type.JSON


def _is_fraction(node: Any) -> bool:
    from sqlglot import exp

    return isinstance(node, exp.Anonymous) and node.name.lower() == "microsecond"
