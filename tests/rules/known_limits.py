"""What the rule files promise and the analysis does not keep yet. An entry goes when what it names holds."""

from __future__ import annotations

UNCHECKED = frozenset(("CL207",))
"""Rules that nothing checks yet: their bad examples are not found."""

EXAMPLES = {
    "CL101-bad-3": "of two tables that name one function, numpy.datetime64, only the last counts",
    "CL101-good-11": "a clock that freezegun has stopped",
    "CL102-bad-3": "blocks that a comprehension over an unknown list puts into the messages",
    "CL103-bad-3": "a method of a list that is not known, tolist()",
    "CL104-bad-2": "the name __file__",
    "CL106-bad-1": "the variable of a loop as a counter",
    "CL106-bad-2": "next() on a counter, the length of a growing list, a budget that is counted down",
    "CL201-bad-2": "the algebra of dict views",
    "CL201-bad-4": "a set inside a schema that a dict of module level holds",
    "CL202-bad-1": "JSON of a mapping whose order comes from a set or from completion has the code of that order",
    "CL202-bad-3": "yaml.dump with sort_keys=False",
    "CL203-bad-1": "a list that is an attribute of the result, listed.tools",
    "CL203-bad-2": "a list that is an attribute of the result, listed.tools",
    "CL205-bad-2": "an attribute of the result, wait(...).done; a keyword of the call that made the callee",
    "CL205-bad-3": "tasks of a group that append to a shared list",
    "CL206-bad-1": "a method of the result, execute(...).fetchall()",
    "CL301-bad-1": "the place is the parameter, not its use",
}
"""Single examples, with what is missing."""

SOURCES = {
    "CL104": "__file__",
    "CL205": "a keyword of the call that made the callee: joblib.Parallel(return_as=...)(...)",
    "CL207": "the condition `undated`, and values that a call writes into its argument",
    "CL301": "patterns of parameter names: user_*",
    "CL304": "a receiver that is known by its name only: retriever.invoke",
}
"""Codes whose source tables are not recognised in full, with what is missing."""
