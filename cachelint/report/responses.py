"""One row for each response: duplicates found across files and sources, the most complete record kept.

Identity is the response id alone: it is unique, and the request id is absent on some platforms. A record without one
is known by its own id and time, or by its content when the time is precise; a record with neither is never merged
with another (D17 to D19).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cachelint.report.engine import Engine

_IDENTITY = """
CASE
    WHEN id <> '' THEN id
    WHEN alias <> '' THEN concat_ws(' ', 'record', source, alias, started)
    WHEN started IS NOT NULL AND microsecond(started) % 1000000 <> 0
        THEN concat_ws(' ', 'content', started, model, session, call_site, input, writes, write_1h, read, output)
END
"""

_COMPLETENESS = """
coalesce(output_known, true) DESC, output DESC NULLS LAST, stop_reason IS NOT NULL DESC,
coalesce(input, 0) + coalesce(writes, 0) + coalesce(read, 0) DESC, iterations IS NOT NULL DESC,
tools_fingerprint IS NOT NULL DESC, write_1h DESC NULLS LAST, model, session, thread, call_site, started, source
"""


def create_responses(engine: Engine) -> int:
    """Create the view `responses`, the records with usage and without duplicates; how many duplicates there are.

    `response` numbers them. Only identities that occur more than once are sorted: few in most logs, and sorting is
    what costs memory. `started` is the earliest of a response's records, the nearest to the start of the request.
    """
    engine.run(f"""
        CREATE TEMP VIEW identified AS
        SELECT rowid AS response, *, {_IDENTITY} AS identity FROM records WHERE reading = 'usage'
    """)
    engine.run("""
        CREATE TEMP TABLE repeated AS
        SELECT hash(identity) AS digest FROM identified WHERE identity IS NOT NULL GROUP BY ALL HAVING count(*) > 1
    """)
    engine.run(f"""
        CREATE TEMP TABLE duplicated AS
        SELECT response, row_number() OVER (PARTITION BY identity ORDER BY {_COMPLETENESS}, response) = 1 AS kept,
            min(started) OVER (PARTITION BY identity) AS first_started
        FROM identified WHERE identity IS NOT NULL AND hash(identity) IN (SELECT digest FROM repeated)
    """)
    (duplicates, repeated) = engine.row("SELECT count(*) FILTER (NOT kept), count(*) FROM duplicated")
    engine.run(f"CREATE TEMP VIEW responses AS {_WITHOUT_DUPLICATES if repeated else _ALL}")
    return int(duplicates)


_ALL = "SELECT * EXCLUDE (identity) FROM identified"

_WITHOUT_DUPLICATES = """
SELECT identified.* EXCLUDE (identity) REPLACE (coalesce(first_started, started) AS started)
FROM identified LEFT JOIN duplicated USING (response) WHERE kept IS DISTINCT FROM false
"""
