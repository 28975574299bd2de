"""Records for logs: responses of the API, and conversations as cachelint's own shim logs them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

NOW = datetime(2026, 11, 23, 12, 0)
"""The present, as far as these tests are concerned."""


def message(model: str = "claude-opus-5", id: str | None = "msg_1", **usage: Any) -> dict[str, Any]:
    """A response of the Messages API. Usage is given as `input`, `w` (all writes), `w5`, `w1`, `r`, `out`, or by full
    names."""
    names = {
        "input": "input_tokens",
        "out": "output_tokens",
        "w": "cache_creation_input_tokens",
        "r": "cache_read_input_tokens",
    }
    counters: dict[str, Any] = {"input_tokens": 0, "output_tokens": 0}
    for name, value in usage.items():
        if name in ("w5", "w1"):
            breakdown = counters.setdefault("cache_creation", {})
            breakdown[f"ephemeral_{'5m' if name == 'w5' else '1h'}_input_tokens"] = value
        else:
            counters[names.get(name, name)] = value
    response = {"type": "message", "role": "assistant", "model": model, "stop_reason": "end_turn", "usage": counters}
    return response if id is None else {"id": id, **response}


class Conversation:
    """Records of cachelint's own log, one request after the other."""

    def __init__(self, session: str = "s1", model: str = "claude-opus-5", start: datetime = NOW, **common: Any) -> None:
        self.records: list[dict[str, Any]] = []
        self._moment = start
        self._common = {"session": session, "model": model, "call_site": "app/agent.py:7", **common}

    def ask(self, after: float = 0.0, **changes: Any) -> Conversation:
        """One more request, `after` seconds after the one before it; counters as in `message`."""
        self._moment += timedelta(seconds=after)
        counters = {name: changes.pop(name) for name in ("input", "w", "w5", "w1", "r", "out") if name in changes}
        number = len(self.records)
        self.records.append(
            {
                "schema": "cachelint/1",
                "kind": "messages",
                "id": f"msg_{self._common['session']}_{number}",
                "status": 200,
                "error": None,
                "started": self._moment.isoformat(timespec="milliseconds") + "Z",
                "stop_reason": "end_turn",
                "complete": True,
                "usage": message(**counters)["usage"],
                **self._common,
                **changes,
            }
        )
        return self
