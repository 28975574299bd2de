"""One row for each response: duplicates found across files and sources, the most complete record kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cachelint.report.engine import Engine

COMPLETENESS = """
coalesce(output_known, true) DESC, output DESC NULLS LAST, finished DESC, prompt DESC, iterations IS NOT NULL DESC,
tools_fingerprint IS NOT NULL DESC, write_1h DESC NULLS LAST, model, conversation, call_site, started, source
"""


def create_responses(engine: Engine) -> int:
    """Create the view `responses`, the records with usage and without duplicates; how many duplicates there are.

    `response` numbers them. Only identities that occur more than once are sorted: few in most logs, and sorting is
    what costs memory. `started` is the earliest of a response's records, the nearest to the start of the request.
    """
    engine.run("CREATE TEMP VIEW identified AS SELECT rowid AS response, * FROM records WHERE reading = 'usage'")
    engine.run("""
        CREATE TEMP TABLE repeated AS
        SELECT identity FROM identified WHERE identity IS NOT NULL GROUP BY identity HAVING count(*) > 1
    """)
    engine.run(f"""
        CREATE TEMP TABLE duplicated AS
        SELECT response, row_number() OVER (PARTITION BY identity, witness ORDER BY {COMPLETENESS}, response) = 1
            AS kept,
            min(started) OVER (PARTITION BY identity, witness) AS first_started
        FROM identified WHERE identity IN (SELECT identity FROM repeated)
    """)
    (duplicates, repeated) = engine.row("SELECT count(*) FILTER (NOT kept), count(*) FROM duplicated")
    engine.run(f"CREATE TEMP VIEW responses AS {_WITHOUT_DUPLICATES if repeated else 'SELECT * FROM identified'}")
    return int(duplicates)


_WITHOUT_DUPLICATES = """
SELECT identified.* REPLACE (coalesce(first_started, started) AS started)
FROM identified LEFT JOIN duplicated USING (response) WHERE kept IS DISTINCT FROM false
"""
