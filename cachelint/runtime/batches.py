"""Remembers what batches were handed in, so that their results can be told what was asked. Bounded."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any

from cachelint.runtime import forks

MOST_REQUESTS = 20_000
"""Requests remembered over all batches; the oldest batches are forgotten first."""

MOST_RESULTS = 1_000
"""Batches of which it is remembered that their results have been recorded."""


class Batches:
    """By batch and `custom_id`, the part of a record that describes the request. The ids stay in memory."""

    def __init__(self) -> None:
        self._requests: OrderedDict[str, Mapping[str, Mapping[str, Any]]] = OrderedDict()
        self._recorded: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.RLock()
        forks.after_fork(self._after_fork)

    def remember(self, batch: str, requests: Mapping[str, Mapping[str, Any]]) -> None:
        """A batch was handed in."""
        with self._lock:
            self._requests[batch] = requests
            while sum(map(len, self._requests.values())) > MOST_REQUESTS and len(self._requests) > 1:
                self._requests.popitem(last=False)

    def request(self, batch: str, custom_id: str) -> Mapping[str, Any]:
        """What was asked; empty when the batch was handed in elsewhere or too long ago."""
        with self._lock:
            return self._requests.get(batch, {}).get(custom_id, {})

    def is_recorded(self, batch: str) -> bool:
        """Whether all results of the batch have been recorded by this process."""
        with self._lock:
            return batch in self._recorded

    def set_recorded(self, batch: str) -> None:
        """All results have been recorded; reading them again shall not record them again."""
        with self._lock:
            self._recorded[batch] = None
            self._requests.pop(batch, None)
            while len(self._recorded) > MOST_RESULTS:
                self._recorded.popitem(last=False)

    def _after_fork(self) -> None:
        self._lock = threading.RLock()


def custom_requests(body: Mapping[str, Any]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    """The `custom_id` and parameters of each request of a batch; requests of another shape are left out."""
    requests = body.get("requests")
    for request in requests if isinstance(requests, list) else ():
        if isinstance(request, dict) and isinstance(request.get("params"), dict):
            yield str(request.get("custom_id")), request["params"]


def batch_of(path: str) -> str:
    """The batch whose results are at an address: ``/v1/messages/batches/msgbatch_1/results``."""
    return path.split("/")[-2]
