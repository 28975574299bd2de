"""Sessions: which requests belong to one conversation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_session: ContextVar[str | None] = ContextVar("cachelint_session", default=None)


@contextmanager
def session(name: str) -> Iterator[None]:
    """Says that the requests made inside belong to one conversation. The name is written to the log as it is.

    Holds for the current thread or task and the tasks that it starts.
    """
    token = _session.set(name)
    try:
        yield
    finally:
        _session.reset(token)


def current_session() -> str | None:
    """The name given to the innermost `session`, or None outside any."""
    return _session.get()
