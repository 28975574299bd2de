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
    WHEN id <> '' THEN 'id ' || id
    WHEN alias <> '' THEN concat_ws(' ', 'record', source, alias, started)
    WHEN started IS NOT NULL AND microsecond(started) % 1000000 <> 0
        THEN concat_ws(' ', 'content', started, model, session, call_site, input, writes, write_1h, read, output)
END
"""

_COMPLETENESS = """
coalesce(output_known, true) DESC, output DESC NULLS LAST, stop_reason IS NOT NULL DESC,
coalesce(input, 0) + coalesce(writes, 0) + coalesce(read, 0) DESC, iterations IS NOT NULL DESC,
    tools_fingerprint IS NOT NULL DESC,
write_1h DESC NULLS LAST, model, session, thread, call_site, started, source
"""


def create_responses(engine: Engine) -> int:
    """Create the table `responses` from the records with usage; the number of duplicates left out.

    Only identities that occur more than once are sorted: few in most logs, and sorting is what costs memory.
    `started` of a response is the earliest of its records, the nearest to the start of the request.
    """
    engine.run(f"CREATE TEMP VIEW identified AS SELECT *, {_IDENTITY} AS identity FROM records WHERE reading = 'usage'")
    engine.run("""
        CREATE TEMP TABLE repeated AS
        SELECT hash(identity) AS digest FROM identified WHERE identity IS NOT NULL GROUP BY ALL HAVING count(*) > 1
    """)
    engine.run(f"""
        CREATE TABLE responses AS
        SELECT * EXCLUDE (identity, reading) FROM identified
        WHERE identity IS NULL OR hash(identity) NOT IN (SELECT digest FROM repeated)
        UNION ALL BY NAME
        SELECT * EXCLUDE (identity, reading, completeness, first_started) REPLACE (first_started AS started) FROM (
            SELECT *,
                row_number() OVER (PARTITION BY identity ORDER BY {_COMPLETENESS}) AS completeness,
                min(started) OVER (PARTITION BY identity) AS first_started
            FROM identified WHERE identity IS NOT NULL AND hash(identity) IN (SELECT digest FROM repeated)
        ) WHERE completeness = 1
    """)
    (records,) = engine.row("SELECT count(*) FROM records WHERE reading = 'usage'")
    (responses,) = engine.row("SELECT count(*) FROM responses")
    return int(records - responses)
