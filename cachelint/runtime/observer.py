"""The observer: what all clients that log to one place share, and where an exchange with the API begins."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from typing import Any

from cachelint.runtime.batches import Batches
from cachelint.runtime.callsite import call_site
from cachelint.runtime.endpoint import Endpoint
from cachelint.runtime.exchange import Exchange, Sent
from cachelint.runtime.fingerprint import Fingerprinter
from cachelint.runtime.key import fingerprint_key
from cachelint.runtime.log import UsageLog
from cachelint.runtime.options import Options
from cachelint.runtime.sessions import current_session


class Observer:
    """Begins exchanges and writes their records."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.log = UsageLog(options.log, max_bytes=options.max_bytes)
        self.batches = Batches()
        self._fingerprinter: Fingerprinter | None = None

    def begin(
        self,
        endpoint: Endpoint,
        body: Any,
        *,
        attempt: int,
        platform: str | None,
        betas: str = "",
        streamed: bool = False,
    ) -> Exchange:
        """A request is about to be sent. `platform`: None where only the host can tell."""
        site = call_site(2)
        mapping: Mapping[str, Any] = body if isinstance(body, dict) else {}
        fingerprint = None
        if mapping and endpoint == "messages":
            fingerprint = self.fingerprinter.fingerprint(mapping, _listed(betas))
        return Exchange(
            self, Sent(endpoint, mapping, fingerprint, site, current_session(), attempt, platform, streamed)
        )

    @property
    def fingerprinter(self) -> Fingerprinter:
        """Made at the first request, because the key may be a file that has to be written."""
        if self._fingerprinter is None:
            self._fingerprinter = Fingerprinter(fingerprint_key(self.log.folder))
        return self._fingerprinter


_observers: dict[tuple[Options, str | None, str], Observer] = {}
_lock = threading.Lock()


def observer_for(options: Options) -> Observer:
    """The observer with these options, of which there is one per process."""
    place = (options, os.environ.get("CACHELINT_LOG"), os.getcwd())
    with _lock:
        if place not in _observers:
            _observers[place] = Observer(options)
        return _observers[place]


def _listed(header: str) -> list[str]:
    return [name.strip() for name in header.split(",") if name.strip()]
