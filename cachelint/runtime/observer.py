"""The observer: what all clients that log to one place share. Exchanges begin here, and their records are written."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any

from cachelint.runtime import guard, telemetry, threads
from cachelint.runtime.batches import Batches, batch_of, custom_requests
from cachelint.runtime.breakage import Breakage
from cachelint.runtime.callsite import call_site
from cachelint.runtime.diagnostics import Diagnostics
from cachelint.runtime.endpoint import Endpoint, Method
from cachelint.runtime.exchange import Asked, Exchange, Sent
from cachelint.runtime.fingerprint import Fingerprinter
from cachelint.runtime.key import fingerprint_key
from cachelint.runtime.location import LOG_VARIABLE
from cachelint.runtime.log import UsageLog
from cachelint.runtime.options import Options
from cachelint.runtime.record import UsageRecord
from cachelint.runtime.recording import batch_request, record_of, record_of_result
from cachelint.runtime.sessions import Sessions, current_session
from cachelint.runtime.threads import Threads


class Observer:
    """What is known of the requests that log to one place."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.log = UsageLog(options.log, max_bytes=options.max_bytes)
        self.diagnostics = Diagnostics(options.diagnostics)
        self._sessions = Sessions()
        self._threads = Threads()
        self._batches = Batches()
        self._breakage = Breakage()
        self._fingerprinter: Fingerprinter | None = None

    def begin(
        self,
        endpoint: Endpoint,
        body: Any,
        *,
        attempt: int,
        platform: str | None,
        betas: str = "",
        method: Method = "create",
        streamed: bool = False,
    ) -> Exchange:
        """A request is about to be sent. `platform`: None where only the host can tell."""
        started, clock = time.time(), time.perf_counter()
        mapping: Mapping[str, Any] = body if isinstance(body, dict) else {}
        site, session = call_site(2), current_session()
        sent = Sent(endpoint, mapping, site, session, attempt, platform, method, streamed, started, clock, betas)
        if endpoint != "messages" or not mapping:
            return Exchange(self, sent, None)
        fingerprint = self._fingerprints.fingerprint(mapping, _listed(betas))
        if threads.FIELD in mapping:
            # The server holds the history: what is sent is not what the cache compares.
            return Exchange(
                self, sent, Asked(fingerprint, self._threads.follow(mapping, fingerprint, sent.session), None)
            )
        conversation, divergence = self._sessions.follow(fingerprint, sent.session, sent.place)
        return Exchange(self, sent, Asked(fingerprint, conversation, divergence))

    def answered(self, exchange: Exchange, betas: str = "") -> None:
        """A response has begun, so what its request cached can be read from now on.

        `betas`: the `anthropic-beta` header that was sent. Middleware sees that of a call, but not that of its client.
        """
        if exchange.asked is not None and betas and betas != exchange.sent.betas:
            sent = self._fingerprints.with_betas(exchange.asked.fingerprint, exchange.sent.body, _listed(betas))
            exchange.asked = exchange.asked._replace(fingerprint=sent)
        asked = exchange.asked
        if asked is not None and (exchange.head.status or 0) < 400 and threads.FIELD not in exchange.sent.body:
            self._sessions.advance(asked.conversation, asked.fingerprint, exchange.sent.place)

    def lost(self, error: Exception) -> None:
        """A mistake of ours cost a record. Never raises."""
        guard.report(error)
        self.log.lose()

    def ended(self, exchange: Exchange) -> None:
        """A response has ended, or none came. Never raises."""
        try:
            record = self._record(exchange)
        except Exception as error:
            self.lost(error)
            return
        if record is not None:
            self.log.append(record)
            self._tell(exchange, record)

    def _tell(self, exchange: Exchange, record: UsageRecord) -> None:
        """Tells others than the log."""
        try:
            self._breakage.warn(record)
            telemetry.emit(exchange.span, record)
        except Exception as error:
            guard.report(error)

    def _record(self, exchange: Exchange) -> UsageRecord | None:
        """The record of an exchange; None where each of its parts has got one already."""
        if exchange.sent.endpoint == "batch_results":
            if exchange.read_to_end:
                self._batches.set_recorded(batch_of(exchange.url.path))
            return None
        if exchange.sent.endpoint == "batch_create" and exchange.facts.batch is not None:
            self._batches.remember(exchange.facts.batch, self._requests_of_batch(exchange))
        if exchange.asked is not None and exchange.facts.id is not None:
            exchange.asked.conversation.message_id = exchange.facts.id
            if threads.FIELD in exchange.sent.body:
                self._threads.advance(exchange.asked.conversation, exchange.facts.id)
        return record_of(exchange, excerpts=self.options.capture == "excerpt")

    def batch_result(self, exchange: Exchange, event: Mapping[str, Any]) -> None:
        """One result of a batch has been read; results that are read again are not recorded again."""
        batch = batch_of(exchange.url.path)
        if not self._batches.is_recorded(batch):
            asked = self._batches.request(batch, str(event.get("custom_id")))
            self.log.append(record_of_result(exchange, event, asked, batch))

    @property
    def _fingerprints(self) -> Fingerprinter:
        """Made at the first request, because the key may be a file that has to be written."""
        if self._fingerprinter is None:
            self._fingerprinter = Fingerprinter(fingerprint_key(self.log.folder))
        return self._fingerprinter

    def _requests_of_batch(self, exchange: Exchange) -> dict[str, dict[str, Any]]:
        return {
            custom_id: batch_request(exchange.sent, parameters, self._fingerprints.fingerprint(parameters))
            for custom_id, parameters in custom_requests(exchange.sent.body)
        }


_observers: dict[tuple[Options, str | None, str], Observer] = {}


def observer_for(options: Options) -> Observer:
    """The observer with these options, of which a process has one."""
    place = (options, os.environ.get(LOG_VARIABLE), _working_directory())
    known = _observers.get(place)
    return known if known is not None else _observers.setdefault(place, Observer(options))


def _working_directory() -> str:
    try:
        return os.getcwd()
    except OSError:
        return ""


def _listed(header: str) -> list[str]:
    return [name.strip() for name in header.split(",") if name.strip()]
