"""What the rule files promise and the analysis does not keep yet. An entry must go when what it names holds."""

from __future__ import annotations

UNCHECKED = frozenset(("CL207",))
"""Rules whose bad examples are not found yet."""

EXAMPLES = {
    "CL106-bad-2": "next() on a counter, the length of a growing list, a budget that is counted down",
    "CL202-bad-1": "JSON of a mapping whose order comes from a set or from completion has the code of that order",
}
"""Single examples, with what is missing."""

SOURCES = {
    "CL207": "the condition `undated`, and values that a call writes into its argument",
    "CL301": "patterns of parameter names: user_*",
}
"""Codes whose source tables are not recognised in full, with what is missing."""
