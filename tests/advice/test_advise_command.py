"""`cachelint advise` on a small log: what is said, and what is left unsaid."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from cachelint.advice.observation import observe
from cachelint.cli import main


def record(number: int, **changed: Any) -> dict[str, Any]:
    """One of a series of requests that share tools and system and ask another question each time, a second apart."""
    return {
        "schema": "cachelint/1",
        "id": f"msg_{number}",
        "kind": "messages",
        "status": 200,
        "started": f"2026-11-23T16:00:{number:02}.000Z",
        "first_token_ms": None,
        "duration_ms": 300.0,
        "model": "claude-opus-5-5",
        "workspace": "default",
        "session": f"~{number}",
        "call_site": "support/agent.py:33",
        "blocks": 3,
        "usage": {"input_tokens": 0, "cache_creation_input_tokens": 10_000, "cache_read_input_tokens": 0},
        "fingerprints": {
            "tools": "t",
            "system": "s",
            "messages": [f"1:{number}"],
            "lengths": [4_000, 36_000, 40_000],
            "parameters": {},
        },
        **changed,
    }


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "usage.jsonl"
    path.write_text("".join(json.dumps(record(number)) + "\n" for number in range(20)))
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["advise", *arguments])
    captured = capsys.readouterr()
    return int(ended.value.code or 0), captured.out, captured.err


def test_a_breakpoint_behind_each_question_belongs_behind_the_system_prompt(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, str(log)) == (
        0,
        """\
Advice from 20 requests, 1 call site; 0 lines left out

support/agent.py:33   claude-opus-5-5   20 requests, prompts $1.00
  $0.84 (84%) less with exactly these breakpoints:
  - Put `cache_control={"type": "ephemeral"}` on the last block of `system`.

Replayed on the observed requests, each call site by itself; an entry lives exactly as long as its TTL; tokens of a \
prompt are shared out by bytes. Only prompts are counted, not outputs.
""",
        "",
    )


def evicted(number: int) -> dict[str, Any]:
    """A request whose one breakpoint is where it should be; every other one finds its entry gone all the same."""
    written, read = (0, 9_000) if number % 2 else (9_000, 0)
    usage = {"input_tokens": 1_000, "cache_creation_input_tokens": written, "cache_read_input_tokens": read}
    return record(number, usage=usage, markers=[{"position": "system[0]", "ttl": "5m"}])


def test_what_is_lost_with_the_best_breakpoints_is_no_reason_to_advise_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "usage.jsonl"
    log.write_text("".join(json.dumps(evicted(number)) + "\n" for number in range(20)))
    _, out, _ = run(capsys, str(log))
    assert out.splitlines()[2:5] == [
        "support/agent.py:33   claude-opus-5-5   20 requests, prompts $0.5480",
        "  The breakpoints are as good as any.",
        "  $0.3888 more went to misses of which breakpoints are no cause: cachelint report says why.",
    ]
    assert json.loads(run(capsys, str(log), "--output-format", "json")[1])["sites"][0]["saving_usd"] == "0.000000"


def test_the_same_as_json(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, str(log), "--format", "json")
    document = json.loads(out)
    assert (code, document.pop("assumptions")[:8]) == (0, "Replayed")
    assert document == {
        "schema": 1,
        "sites": [
            {
                "call_site": "support/agent.py:33",
                "model": "claude-opus-5-5",
                "requests": 20,
                "cost_usd": "1.000000",
                "saving_usd": "0.840800",
                "saving_ratio": 0.8408,
                "lost_otherwise_usd": "0.000000",
                "placement": "system 5m",
                "changes": ['Put `cache_control={"type": "ephemeral"}` on the last block of `system`.'],
                "unstable": False,
            }
        ],
        "unknown_models": [],
        "skipped_lines": 0,
    }


def test_a_prompt_that_differs_each_time_is_to_be_mended_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "usage.jsonl.gz"
    lines = [record(number) for number in range(3)]
    for number, line in enumerate(lines):
        line["fingerprints"]["tools"] = f"tools {number}"
    log.write_bytes(gzip.compress("\n".join(map(json.dumps, lines)).encode()))
    _, out, _ = run(capsys, str(log))
    assert out.splitlines()[3:6] == [
        "  $0.0300 (20%) less with exactly these breakpoints:",
        "  - Remove every `cache_control` from this call: here, writing costs more than reading saves.",
        "  Tools or system differ on most of these requests: mend that first (cachelint report), then ask again.",
    ]


def test_what_is_good_already_and_what_is_not_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = {"input_tokens": 1_000, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 9_000}
    lines = [record(1, usage=good), record(2, model="claude-unheard-of-9")]
    log = tmp_path / "usage.jsonl"
    log.write_text("\n".join(map(json.dumps, lines)))
    _, out, _ = run(capsys, str(log))
    assert "  The breakpoints are as good as any.\n" in out
    assert "claude-unheard-of-9: its caching facts are unknown, so nothing can be said\n" in out


def test_an_archive_is_refused_in_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive = tmp_path / "usage.parquet"
    archive.write_bytes(b"PAR1")
    code, _, err = run(capsys, str(archive))
    assert (code, err) == (
        2,
        f"error: {archive}: advice needs cachelint's own log as JSON lines, plain or gzipped\n",
    )


def test_only_answered_requests_with_fingerprints_count_and_each_once() -> None:
    without_lengths = record(4)
    del without_lengths["fingerprints"]["lengths"]
    lines = [
        record(1),
        record(1),
        record(2, status=529),
        record(3, kind="count_tokens"),
        without_lengths,
        record(5, call_site=None),
        record(6, thread=True),
    ]
    observed = observe([*map(json.dumps, lines), "not json", "", "[]"])
    assert (len(observed.requests), observed.skipped) == (1, 7)
