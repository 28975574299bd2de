"""How often a scheduler runs a function, as far as the text of its module says."""

from __future__ import annotations

import re
from functools import lru_cache

import libcst as cst

from cachelint.analysis.project import Module
from cachelint.analysis.surroundings import function_around
from cachelint.analysis.syntax import Site

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
_EVERY = r"\bevery\((?P<count>\d*)\)\s*\.(?P<unit>second|minute|hour|day)s?\b[^\n]*\.do\(\s*(?:\w+\.)*{name}\b"
"""schedule: ``schedule.every(10).minutes.do(job)``"""
_JOB = r"\badd_job\(\s*(?:\w+\.)*{name}\b[^()]*?\b(?P<unit>second|minute|hour|day)s\s*=\s*(?P<count>\d+)"
"""APScheduler: ``scheduler.add_job(job, "interval", minutes=10)``"""
_DECORATED = (
    r"@[\w.]+\(\s*(?:trigger\s*=\s*)?[\"']interval[\"'][^()]*?\b(?P<unit>second|minute|hour|day)s\s*=\s*(?P<count>\d+)"
    r"[^()]*\)\s*\n\s*(?:async\s+)?def\s+{name}\b"
)
"""APScheduler: ``@scheduler.scheduled_job("interval", minutes=10)``"""
_BEAT = r"[\"']task[\"']\s*:\s*[\"'](?:\w+\.)*{name}[\"']\s*,\s*[\"']schedule[\"']\s*:\s*(?P<count>\d+)(?P<unit>)"
"""Celery: ``{"task": "reports.job", "schedule": 600.0}``"""


def interval(site: Site) -> int | None:
    """The seconds between two runs of the function that a place is in; None when nothing says it."""
    function = function_around(site)
    if not isinstance(function, cst.FunctionDef):
        return None
    return _interval(site.segment.module, function.name.value)


@lru_cache(maxsize=256)
def _interval(module: Module, name: str) -> int | None:
    text = "\n".join(module.lines)
    for pattern in (_EVERY, _JOB, _DECORATED, _BEAT):
        found = re.search(pattern.format(name=re.escape(name)), text)
        if found is not None:
            return int(found["count"] or 1) * _SECONDS.get(found["unit"], 1)
    return None
