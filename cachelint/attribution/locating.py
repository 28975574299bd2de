"""Finds the call in the source from which a log says that requests were sent, also when the source has changed since.

A log names a call by file, line and function, as they were when the program ran, and the file as seen from where it
ran. The source may since have gained lines above the call, and file or function may have got another name. A call is
found when only one call of the source can be meant; else it is not, and its money is nobody's.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from cachelint.rendering.place import Place

if TYPE_CHECKING:
    from cachelint.findings import RequestSite
    from cachelint.report.losses import CallSite, Traffic

_NAMELESS = re.compile(r"(?:\.?(?:<locals>\.)?<(?:lambda|listcomp|setcomp|dictcomp|genexpr)>)+$")
"""The end of a qualified name that Python gives to functions which the source does not name."""

_EVERYWHERE = frozenset({"<module>", "main"})
"""Functions of which most files have one, so that the name tells nothing about the file."""


class Locator:
    """The calls of a project that send prompts, to be found by what logs know of them."""

    def __init__(self, requests: Iterable[RequestSite], traffic: Iterable[Traffic]) -> None:
        """`requests`: all calls of the source. `traffic`: that of all call sites that the logs name."""
        self._requests: dict[str, list[RequestSite]] = defaultdict(list)
        for request in sorted(set(requests), key=lambda each: each.location):
            self._requests[_file_of(request)].append(request)
        self._logged: dict[tuple[str, str | None], list[Traffic]] = defaultdict(list)
        for each in traffic:
            self._logged[each.call_site.path, _named(each.call_site.function)].append(each)

    def find(self, site: CallSite) -> RequestSite | None:
        """The call that is meant; None where there is none, or several that it may be."""
        files = self._files(site.path)
        candidates = [request for file in files for request in self._requests[file]]
        return self._among(candidates, site) or self._elsewhere(site, files)

    def _files(self, path: str) -> list[str]:
        """The files that `path` may mean: the one is the end of the other, or their last two parts are the same."""
        parts = path.split("/")
        common = {file: _common_end(file.split("/"), parts) for file in self._requests}
        ends = [file for file, length in common.items() if length == min(len(parts), file.count("/") + 1)]
        near = ends or [file for file, length in common.items() if length >= 2]
        longest = max((common[file] for file in near), default=0)
        return [file for file in near if common[file] == longest]

    def _among(self, candidates: Sequence[RequestSite], site: CallSite) -> RequestSite | None:
        """The call among those of the right file: by function and line, by function, by line."""
        function = _named(site.function)
        in_function = [request for request in candidates if function and _named(request.function) == function]
        if in_function:
            on_line = _only(request for request in in_function if _holds(request, site.row))
            return on_line or self._in_order(in_function, site)
        on_line = _only(request for request in candidates if _holds(request, site.row))
        if on_line is not None and (function is None or not self._is_logged(site.path, on_line.function)):
            return on_line
        return _only(candidates) if function is None and site.row is None else None

    def _in_order(self, in_function: Sequence[RequestSite], site: CallSite) -> RequestSite | None:
        """Of the calls in one function whose lines have moved, the one that comes at the same place as in the log.

        Lines that were logged at the same time are those of one version of the function. If there are as many as the
        function has calls, they are these calls.
        """
        rows = _version(site.row, self._logged[site.path, _named(site.function)])
        if site.row is None or len(rows) != len(in_function) or len({_file_of(each) for each in in_function}) > 1:
            return _only(in_function) if site.row is None else None
        return in_function[rows.index(site.row)]

    def _is_logged(self, path: str, function: str | None) -> bool:
        return (path, _named(function)) in self._logged

    def _elsewhere(self, site: CallSite, files: Sequence[str]) -> RequestSite | None:
        """The call in a file of another name, or in another folder: the function is the same, and no other has it."""
        function = _named(site.function)
        if function is None or function in _EVERYWHERE:
            return None
        found = [
            request
            for file, requests in self._requests.items()
            if file not in files and _renamed(file, site.path)
            for request in requests
            if _named(request.function) == function
        ]
        return _only(request for request in found if _holds(request, site.row)) or _only(found)


def _file_of(request: RequestSite) -> str:
    return Place.of(request.location.filename).path


def _named(function: str | None) -> str | None:
    """The function that the source names; ``<module>`` for what is in none."""
    if function is None:
        return None
    return _NAMELESS.sub("", function) or "<module>"


def _holds(request: RequestSite, row: int | None) -> bool:
    return row is not None and request.location.row <= row <= request.location.end_row


def _version(row: int | None, logged: Sequence[Traffic]) -> list[int]:
    """The lines that were logged in the same time as `row`, in order, with those in the same time as these …"""
    together: list[list[Traffic]] = []
    for each in sorted(logged, key=lambda each: each.first or datetime.min):
        if together and any(_overlap(each, other) for other in together[-1]):
            together[-1].append(each)
        else:
            together.append([each])
    versions = [{each.call_site.row for each in group} for group in together]
    return sorted(number for version in versions if row in version for number in version if number is not None)


def _overlap(one: Traffic, other: Traffic) -> bool:
    if one.first is None or one.last is None or other.first is None or other.last is None:
        return True
    return one.first <= other.last and other.first <= one.last


def _common_end(parts: Sequence[str], others: Sequence[str]) -> int:
    """How many of the last parts of two paths are the same."""
    length = 0
    for part, other in zip(reversed(parts), reversed(others), strict=False):
        if part != other:
            break
        length += 1
    return length


def _renamed(file: str, path: str) -> bool:
    """Whether one path may have become the other: the file has moved, or has another name in the same folder."""
    folder, _, name = file.rpartition("/")
    other_folder, _, other_name = path.rpartition("/")
    return name == other_name or folder.rpartition("/")[2] == other_folder.rpartition("/")[2]


def _only(requests: Iterable[RequestSite]) -> RequestSite | None:
    found = list(requests)
    return found[0] if len(found) == 1 else None
