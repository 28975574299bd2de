"""The ways of calling the API, run under whatever anthropic SDK is installed. Started by `sdk_matrix.py`.

Each check is run in a fresh log and must leave the records that it expects. Prints one JSON object: the version of the
SDK, and for each check ``ok``, ``absent`` (this SDK has no such thing) or what went wrong.

    python sdk_checks.py URL FOLDER
"""

from __future__ import annotations

import asyncio
import json
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anthropic

import cachelint

MODEL = "claude-opus-4-8"
PROMPT: dict[str, Any] = {
    "model": MODEL,
    "max_tokens": 9,
    "system": [{"type": "text", "text": "Be brief. " * 900, "cache_control": {"type": "ephemeral"}}],
    "messages": [{"role": "user", "content": "Hi"}],
}
Record = dict[str, Any]
Check = Callable[[str, Path], None]


class AbsentError(Exception):
    """This SDK cannot do what the check is about."""


def records(log: Path) -> list[Record]:
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


def expect_one(log: Path, usage: Any = None) -> None:
    """One complete record, with the usage that the SDK returned."""
    found = records(log)
    assert len(found) == 1, f"{len(found)} records"
    record = found[0]
    assert record["complete"] is True, record
    assert record["markers"] == [{"position": "system[0]", "ttl": "5m"}], record
    assert record["call_site"].startswith("sdk_checks.py:") or "/sdk_checks.py:" in record["call_site"], record
    if usage is not None:
        returned = {name: value for name, value in usage.to_dict().items() if value is not None}
        assert record["usage"] == returned, (record["usage"], returned)


def client(url: str, log: Path, **options: Any) -> anthropic.Anthropic:
    return cachelint.track(anthropic.Anthropic(base_url=url, api_key="key", **options), log)


def create(url: str, log: Path) -> None:
    expect_one(log, client(url, log).messages.create(**PROMPT).usage)


def create_stream(url: str, log: Path) -> None:
    for _ in client(url, log).messages.create(**PROMPT, stream=True):
        pass
    expect_one(log)


def stream(url: str, log: Path) -> None:
    with client(url, log).messages.stream(**PROMPT) as events:
        usage = events.get_final_message().usage
    expect_one(log, usage)


def beta(url: str, log: Path) -> None:
    expect_one(log, client(url, log).beta.messages.create(**PROMPT).usage)


def extra_body(url: str, log: Path) -> None:
    client(url, log).messages.create(**PROMPT, extra_body={"system": "Another system.", "metadata": {}})
    client(url, log).messages.create(**{**PROMPT, "system": "Another system."})
    one, other = (record["fingerprints"]["system"] for record in records(log))
    assert one == other


def raw(url: str, log: Path) -> None:
    expect_one(log, client(url, log).messages.with_raw_response.create(**PROMPT).parse().usage)


def streaming_response(url: str, log: Path) -> None:
    with client(url, log).messages.with_streaming_response.create(**PROMPT) as response:
        response.read()
    expect_one(log)


def count_tokens(url: str, log: Path) -> None:
    client(url, log).messages.count_tokens(model=MODEL, messages=PROMPT["messages"])
    [record] = records(log)
    assert record["kind"] == "count_tokens"


def batch(url: str, log: Path) -> None:
    batches = client(url, log).messages.batches
    created = batches.create(requests=[{"custom_id": "one", "params": PROMPT}])  # type: ignore[typeddict-item]
    list(batches.results(created.id))
    assert [record["kind"] for record in records(log)] == ["batch_create", "batch"]
    assert "fingerprints" in records(log)[1]


def resources_taken_before(url: str, log: Path) -> None:
    plain = anthropic.Anthropic(base_url=url, api_key="key")
    messages = plain.messages
    cachelint.track(plain, log)
    messages.create(**PROMPT)
    expect_one(log)


def copy(url: str, log: Path) -> None:
    client(url, log).copy(timeout=9).messages.create(**PROMPT)
    expect_one(log)


def all_ways_in(url: str, log: Path) -> None:
    cachelint.install(log)
    try:
        cachelint.track(client(url, log), log).with_options(timeout=9).messages.create(**PROMPT)
    finally:
        cachelint.uninstall()
    expect_one(log)


def install(url: str, log: Path) -> None:
    cachelint.install(log)
    try:
        anthropic.Anthropic(base_url=url, api_key="key").messages.create(**PROMPT)
    finally:
        cachelint.uninstall()
    expect_one(log)


def retry(url: str, log: Path) -> None:
    failing = {**PROMPT, "messages": [{"role": "user", "content": f"fail once: {log}"}]}
    client(url, log).messages.create(**failing)
    assert [(record["attempt"], record["status"]) for record in records(log)] == [(0, 529), (1, 200)]


def closed_early(url: str, log: Path) -> None:
    events = client(url, log).messages.create(**PROMPT, stream=True)
    next(iter(events))
    events.close()
    [record] = records(log)
    assert record["complete"] is False
    assert "output_tokens" not in record["usage"]


def connection_error(url: str, log: Path) -> None:
    try:
        client("http://127.0.0.1:9", log, max_retries=0).messages.create(**PROMPT)
    except anthropic.APIConnectionError:
        if not records(log):
            raise AbsentError from None
    assert [record["error"] for record in records(log)] == ["APIConnectionError"]


def middleware(url: str, log: Path) -> None:
    if not hasattr(anthropic, "Middleware"):
        raise AbsentError
    options: Any = {"middleware": [cachelint.CacheMiddleware(log)]}
    anthropic.Anthropic(base_url=url, api_key="key", **options).messages.create(**PROMPT)
    expect_one(log)


def asynchronous(url: str, log: Path) -> None:
    async def main() -> None:
        tracked = cachelint.track(anthropic.AsyncAnthropic(base_url=url, api_key="key"), log)
        await tracked.messages.create(**PROMPT)
        async for _ in await tracked.messages.create(**PROMPT, stream=True):
            pass
        async with tracked.messages.stream(**PROMPT) as events:
            await events.get_final_message()
        await tracked.close()

    asyncio.run(main())
    assert [record["complete"] for record in records(log)] == [True] * 3


def asynchronous_install(url: str, log: Path) -> None:
    async def main() -> None:
        await anthropic.AsyncAnthropic(base_url=url, api_key="key").messages.create(**PROMPT)

    cachelint.install(log)
    try:
        asyncio.run(main())
    finally:
        cachelint.uninstall()
    expect_one(log)


CHECKS: tuple[Check, ...] = (
    create,
    create_stream,
    stream,
    beta,
    extra_body,
    raw,
    streaming_response,
    count_tokens,
    batch,
    resources_taken_before,
    copy,
    install,
    all_ways_in,
    retry,
    closed_early,
    connection_error,
    middleware,
    asynchronous,
    asynchronous_install,
)


def outcome(check: Check, url: str, log: Path) -> str:
    try:
        check(url, log)
    except AbsentError:
        return "absent"
    except Exception:
        return traceback.format_exc(limit=-2)
    return "ok"


def main() -> None:
    """Runs every check against the API at the first argument, logging below the second."""
    url, folder = sys.argv[1], Path(sys.argv[2])
    outcomes = {check.__name__: outcome(check, url, folder / f"{check.__name__}.jsonl") for check in CHECKS}
    print(json.dumps({"version": anthropic.__version__, "checks": outcomes}))


if __name__ == "__main__":
    main()
