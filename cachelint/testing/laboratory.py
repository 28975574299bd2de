"""What the pytest fixture `cachelint` is: a simulated API to capture requests with, and its clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from cachelint.testing.answers import Reply, Responder, Script
from cachelint.testing.api import MessagesApi
from cachelint.testing.clock import ManualClock
from cachelint.testing.interception import intercepted
from cachelint.testing.origin import origin
from cachelint.testing.requests import Requests


class Laboratory:
    """One simulated API, with an empty cache and a clock that stands still, for one test.

    What is sent within `capture()` is answered in this process; no key is needed and nothing leaves the machine. All
    captures of a test share the cache, as requests to the real API would.
    """

    def __init__(self) -> None:
        self.clock = ManualClock()
        """By which cache entries expire: `cachelint.clock.advance(301)` outlives the five minutes."""
        self._api = MessagesApi(clock=self.clock, origin=origin)

    def answer(self, *replies: Reply, otherwise: Responder | None = None) -> None:
        """Say what the next requests are answered, in order: `say("text")`, `use_tool("name", {...})`, `fail(529)`.

        After that, `otherwise` makes the answers from the request bodies; by default they repeat what the user said.
        """
        self._api.answers = Script(replies, otherwise) if otherwise else Script(replies)

    @contextmanager
    def capture(self) -> Iterator[Requests]:
        """Answer every request to the Messages API that this process sends within the block, and collect them."""
        outer, self._api.calls = self._api.calls, []
        try:
            with intercepted(self._api):
                yield Requests(self._api.calls)
        finally:
            self._api.calls = outer

    def assert_reproducible(
        self, function: Callable[..., object], *arguments: Any, varying: tuple[str, ...] | None = None
    ) -> None:
        """Fail if `function(*arguments)` sends other prompts when it runs again, elsewhere or later.

        It runs twice in this process, then in processes of its own with everything changed that `varying` names:
        ``hash seed``, ``clock``, ``host``, ``time zone``, ``locale``, ``directory`` (default: all). For that,
        `function` must stand at the top of a module, and its arguments must be picklable. A failure says which change
        made the difference.
        """
        __tracebackhide__ = True
        from cachelint.testing.reproduction import VARIATIONS, Reproduction

        Reproduction(function, arguments, self._api.answers).check(tuple(VARIATIONS) if varying is None else varying)
