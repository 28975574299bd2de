"""Calls that are started beside each other: with tasks, threads, or a `gather`."""

from __future__ import annotations

import libcst as cst

from cachelint.analysis.surroundings import LOOPS, ancestors, function_around, inside, is_repeated, last_name
from cachelint.analysis.syntax import Site

_GATHERING = frozenset(("gather", "as_completed", "wait"))
_STARTING = frozenset(("create_task", "ensure_future", "start_soon", "submit", "run_in_executor", "spawn"))
_MAPPING = frozenset(("map", "imap", "imap_unordered", "starmap", "map_async"))
_WORKERS = ("pool", "executor", "workers", "threads")


def started_together(site: Site) -> Site | None:
    """Where a call is started beside others like it, without waiting for any: the `gather`, `create_task`, `map` …"""
    repeated = False
    node = site.node
    if isinstance(node, cst.Call) and (last_name(node.func) in _STARTING or last_name(node.func) in _MAPPING):
        return _starting(site, node, False)
    for outer in ancestors(site):
        if isinstance(outer, (cst.Await, cst.FunctionDef, cst.Lambda)):
            return None
        repeated = repeated or isinstance(outer, LOOPS)
        if isinstance(outer, cst.Call):
            name = last_name(outer.func)
            if name in _GATHERING and repeated:
                return Site(site.segment, outer)
            if name in _STARTING:
                return _starting(site, outer, repeated)
            if name == "append" and (receiver := _receiver(outer)) and is_repeated(site):
                return _gathered_later(site, receiver)
        elif isinstance(outer, cst.Assign) and repeated:
            return _gathered_later(site, last_name(outer.targets[0].target))
    return None


def _starting(site: Site, call: cst.Call, repeated: bool) -> Site | None:
    """A call that starts another one, when it is repeated and nothing waits for each single one."""
    at = Site(site.segment, call)
    if last_name(call.func) in _MAPPING:
        return at if any(word in _receiver(call).lower() for word in _WORKERS) else None
    around = list(ancestors(at))
    if (around and isinstance(around[0], cst.Await)) or not (repeated or is_repeated(at)):
        return None
    if around and isinstance(around[0], cst.Attribute):  # submit(…).result() waits
        return None
    return at


def _receiver(call: cst.Call) -> str:
    return last_name(call.func.value) if isinstance(call.func, cst.Attribute) else ""


def _gathered_later(site: Site, name: str) -> Site | None:
    """The `gather(*name)` of the function, when what is collected under a name is started there."""
    function = function_around(site)
    for node in inside(function if function is not None else site.segment.tree) if name else ():
        if not isinstance(node, cst.Call) or last_name(node.func) not in _GATHERING:
            continue
        if any(last_name(argument.value) == name for argument in node.args):
            return Site(site.segment, node)
    return None
