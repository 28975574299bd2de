"""CL202: serializers told to sort the keys."""

from __future__ import annotations

import re

import libcst as cst

from cachelint.analysis.checks.report import Problem
from cachelint.findings import Edit, Fix
from cachelint.fixing.place import Place, dotted, keyword, spreads, with_argument

_MODULES = frozenset(("json", "simplejson", "ujson", "rapidjson"))
_SCHEMA = re.compile(r"schema|output_format|output_config|properties", re.IGNORECASE)
_MESSAGE = "Sort the keys"


def sort_keys(problem: Problem) -> Fix | None:
    """Unsafe: keys of several types do not compare, and a reader may mind the order. Never inside a schema."""
    if problem.variation is None or not problem.position or problem.position.startswith("tools"):
        return None
    place = Place.of(problem.variation.site)
    call = place.node
    if not isinstance(call, cst.Call) or spreads(call) or _is_schema(place):
        return None
    edits = _edits(place, call)
    return Fix(_MESSAGE, edits, safe=False) if edits else None


def _is_schema(place: Place) -> bool:
    """Whether the call, or the name or key that takes its result, speaks of a schema."""
    if _SCHEMA.search(place.text):
        return True
    for node in place.ancestors():
        if isinstance(node, cst.DictElement) and _SCHEMA.search(place.at(node.key).text):
            return True
        if isinstance(node, cst.Assign):
            return any(_SCHEMA.search(place.at(target.target).text) for target in node.targets)
        if isinstance(node, cst.FunctionDef):
            return _SCHEMA.search(node.name.value) is not None
    return False


def _edits(place: Place, call: cst.Call) -> tuple[Edit, ...]:
    module, _, function = _qualified(place, call).rpartition(".")
    if module in _MODULES and function in ("dumps", "dump"):
        return _with(place, call, "sort_keys", "True", replaceable="False")
    if module == "yaml" and keyword(call, "sort_keys") is not None:
        return _with(place, call, "sort_keys", "True", replaceable="False")
    if module == "orjson":
        return _with(place, call, "option", "orjson.OPT_SORT_KEYS") if len(call.args) == 1 else ()
    if module == "msgspec.json" and function == "encode":
        return _with(place, call, "order", '"sorted"')
    return ()


def _qualified(place: Place, call: cst.Call) -> str:
    """The callee with its module: also for `dumps` that was imported by itself."""
    written = dotted(call.func)
    if "." in written or not written:
        return written
    bound = place.segment.module.contents.imports.get(written, ())
    return f"{bound[0].module}.{bound[0].name}" if len(bound) == 1 and bound[0].name else ""


def _with(place: Place, call: cst.Call, name: str, value: str, replaceable: str | None = None) -> tuple[Edit, ...]:
    """The call with one more keyword argument, or another value of it."""
    known = keyword(call, name)
    if known is not None:
        given = place.at(known.value)
        return (given.replaced(value),) if given.text == replaceable else ()
    if value.startswith("orjson.") and dotted(call.func) != "orjson.dumps":
        return ()
    return with_argument(place, call, f"{name}={value}")
