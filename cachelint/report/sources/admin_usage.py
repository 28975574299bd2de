"""Usage reports of the Admin API: sums per day, so not added to a log but compared with it."""

from __future__ import annotations

from cachelint.report.sources.interface import Source

ADMIN_USAGE = Source(
    name="admin-usage",
    title="Admin API reports (compare with --admin-usage)",
    recognises=lambda record: "starting_at" in record and "results" in record,
    needles=(b'"starting_at"',),
    columns={"starting_at": "VARCHAR", "results": "JSON[]"},
    usage="false",
    known="starting_at IS NOT NULL AND results IS NOT NULL",
    fields={},
)
