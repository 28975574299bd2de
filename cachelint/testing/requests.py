"""The requests that a test has captured, and what can be asserted of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import overload

from cachelint.testing.api import Call
from cachelint.testing.comparison import Change, changed_prefix, same_prompt
from cachelint.testing.explanation import explain


class Requests(Sequence[Call]):
    """Every request for an answer within a `capture()`, in order, each with the usage that the API would report.

    with cachelint.capture() as requests:
        agent.run("hello")
        agent.run("hello again")
    requests.assert_stable_prefix()
    requests.assert_hit_ratio(at_least=0.4)
    assert requests[1].usage.read > 0
    """

    def __init__(self, calls: Sequence[Call]) -> None:
        self._calls = calls

    def __len__(self) -> int:
        return len(self._calls)

    @overload
    def __getitem__(self, index: int) -> Call: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Call]: ...
    def __getitem__(self, index: int | slice) -> Call | Sequence[Call]:
        return self._calls[index]

    @property
    def hit_ratio(self) -> float | None:
        """Tokens read from the cache, as a share of all tokens of all prompts; None without an answered request."""
        answered = [call.usage for call in self if call.usage is not None]
        total = sum(usage.total for usage in answered)
        return sum(usage.read for usage in answered) / total if total else None

    @property
    def writes(self) -> int:
        """How many requests wrote something to the cache."""
        return sum(call.usage is not None and call.usage.write > 0 for call in self)

    def assert_stable_prefix(self) -> None:
        """Fail if two requests that render the same prompt differ before the last breakpoint of the earlier one.

        Compared are requests that the same line of code sends to the same model and whose tools and system are alike.
        The messages of a request are compared with those of a later turn of the same conversation.
        """
        __tracebackhide__ = True
        self._assert_captured()
        for earlier, later, change in self._changes():
            raise AssertionError(explain(change, self._named(earlier), self._named(later), earlier, later))

    def assert_hit_ratio(self, *, at_least: float) -> None:
        """Fail if less than this share of all prompt tokens was read from the cache."""
        __tracebackhide__ = True
        self._assert_captured()
        ratio = self.hit_ratio
        if ratio is None or ratio < at_least:
            found = "no request was answered" if ratio is None else f"the hit ratio is {ratio:.1%}"
            raise AssertionError(f"{found}, and should be at least {at_least:.1%}\n\n{self._story()}")

    def assert_writes(self, *, at_most: int) -> None:
        """Fail if more requests than this wrote to the cache."""
        __tracebackhide__ = True
        if self.writes > at_most:
            found = f"{self.writes} requests wrote to the cache, and should be at most {at_most}"
            raise AssertionError(f"{found}\n\n{self._story()}")

    def summary(self) -> str:
        """A line for each request: what was read, written and paid in full, and who sent it."""
        return "\n".join(f"  {self._named(call)}: {_described(call)}" for call in self)

    def _story(self) -> str:
        """What was read and written, and the first change of a prefix that explains it, where there is one."""
        for earlier, later, change in self._changes():
            return f"{self.summary()}\n\n{explain(change, self._named(earlier), self._named(later), earlier, later)}"
        return self.summary()

    def _assert_captured(self) -> None:
        __tracebackhide__ = True
        if not self:
            raise AssertionError("no request was captured: nothing was sent to the Messages API")

    def _changes(self) -> Iterator[tuple[Call, Call, Change]]:
        for group in _alike(self._calls):
            for earlier, later in pairwise(group):
                change = changed_prefix(earlier.body, later.body, whole=False)
                if change is not None:
                    yield earlier, later, change

    def _named(self, call: Call) -> str:
        number = next(index for index, other in enumerate(self._calls, start=1) if other is call)
        return f"request {number}"


def _alike(calls: Sequence[Call]) -> list[list[Call]]:
    """The answered requests, grouped by who sent them and what prompt they seem to render."""
    groups: list[list[Call]] = []
    for call in calls:
        if call.usage is None:
            continue
        for group in groups:
            last = group[-1]
            same_sender = (last.origin, last.body["model"]) == (call.origin, call.body["model"])
            if same_sender and same_prompt(last.body, call.body):
                group.append(call)
                break
        else:
            groups.append([call])
    return groups


def _described(call: Call) -> str:
    sender = f", sent by {call.origin}" if call.origin else ""
    if call.usage is None:
        return f"failed with status {call.status}{sender}"
    usage = call.usage
    return f"read {usage.read:,}, wrote {usage.write:,}, uncached {usage.input_tokens:,} tokens{sender}"
