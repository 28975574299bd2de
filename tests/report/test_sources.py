"""One small record of every kind of log, recognised by what it looks like, however it is framed and compressed."""

from __future__ import annotations

import gzip
import io
import json
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from made_logs import Conversation, message

from cachelint.errors import InputError
from cachelint.report.figures import Report

Reporter = Callable[..., Report]

OTLP_ATTRIBUTES = {
    "gen_ai.response.model": {"stringValue": "claude-opus-5"},
    "gen_ai.response.id": {"stringValue": "msg_otlp"},
    "gen_ai.usage.input_tokens": {"intValue": "111"},
    "gen_ai.usage.cache_read.input_tokens": {"intValue": "60"},
    "gen_ai.usage.cache_write.input_tokens": {"intValue": "50"},
    "anthropic.usage.cache_creation.ephemeral_1h_input_tokens": {"intValue": "20"},
    "gen_ai.usage.output_tokens": {"intValue": "5"},
}
LITELLM_USAGE = {
    "prompt_tokens": 111,
    "completion_tokens": 5,
    "cache_read_input_tokens": 60,
    "cache_creation_input_tokens": 50,
    "prompt_tokens_details": {"cache_creation_token_details": {"ephemeral_1h_input_tokens": 20}},
}
RECORDS: dict[str, dict[str, Any]] = {
    "cachelint": Conversation().ask(input=1, w=50, w1=20, r=60, out=5).records[0],
    "claude-code": {
        "type": "assistant",
        "sessionId": "s",
        "uuid": "u",
        "timestamp": "2026-11-20T10:00:00.5Z",
        "message": message(input=1, w=50, w1=20, r=60, out=5),
    },
    "claude-code, nested": {
        "type": "progress",
        "sessionId": "s",
        "uuid": "u",
        "data": {"agentId": "a", "message": {"message": message(input=1, w=50, w1=20, r=60, out=5)}},
    },
    "response": message(input=1, w=50, w1=20, r=60, out=5),
    "batch result": {
        "custom_id": "c",
        "result": {"type": "succeeded", "message": message(input=1, w=50, w1=20, r=60, out=5)},
    },
    "otlp": {
        "resourceSpans": [
            {
                "scopeSpans": [
                    {
                        "spans": [
                            {
                                "spanId": "1",
                                "startTimeUnixNano": "1795168800000000000",
                                "attributes": [{"key": key, "value": value} for key, value in OTLP_ATTRIBUTES.items()],
                            }
                        ]
                    }
                ]
            }
        ]
    },
    "span": {
        "name": "anthropic.messages.create",
        "context": {"span_id": "0x1"},
        "start_time": "2026-11-20T10:00:00.5Z",
        "attributes": {key: next(iter(value.values())) for key, value in OTLP_ATTRIBUTES.items()},
    },
    "litellm payload": {
        "id": "chatcmpl-1",
        "call_type": "acompletion",
        "status": "success",
        "startTime": 1795168800.5,
        "model": "anthropic/claude-opus-5",
        "prompt_tokens": 111,
        "completion_tokens": 5,
        "metadata": {"usage_object": LITELLM_USAGE},
    },
    "bedrock": {
        "requestId": "r",
        "timestamp": "2026-11-20T10:00:00Z",
        "modelId": "anthropic.claude-opus-5-20260701-v1:0",
        "output": {
            "outputBodyJson": {
                "usage": {
                    "inputTokens": 1,
                    "outputTokens": 5,
                    "cacheReadInputTokens": 60,
                    "cacheWriteInputTokens": 50,
                    "cacheDetails": [{"ttl": "1h", "inputTokens": 20}],
                }
            }
        },
    },
    "bedrock, InvokeModel": {
        "schemaType": "ModelInvocationLog",
        "requestId": "r2",
        "timestamp": "2026-11-20T10:00:00Z",
        "modelId": "anthropic.claude-opus-5-20260701-v1:0",
        "output": {"outputBodyJson": {"usage": message(input=1, w=50, w1=20, r=60, out=5)["usage"]}},
    },
}
"""The same usage everywhere: 1 uncached, 30 written for five minutes, 20 for an hour, 60 read, 5 of output."""


def tokens(report: Report) -> tuple[int, int, int, int, int]:
    """Uncached, written for 5 minutes, written for 1 hour, read, output."""
    total = report.total
    return total.input, total.write_5m, total.write_1h, total.read, total.output


@pytest.mark.parametrize("name", RECORDS)
def test_every_source_says_the_same(name: str, report_of: Reporter) -> None:
    report = report_of(RECORDS[name])
    assert tokens(report) == (1, 30, 20, 60, 5)
    assert report.inputs.skipped_lines == ()


def test_langfuse_counts_its_classes_apart(report_of: Reporter) -> None:
    details = {"input": 1, "output": 5, "cache_read_input_tokens": 60, "cache_creation_input_tokens": 50, "total": 116}
    report = report_of({"id": "o", "type": "GENERATION", "model": "claude-opus-5", "usageDetails": details})
    assert tokens(report) == (1, 50, 0, 60, 5)


def test_sources_can_be_mixed_within_a_file(report_of: Reporter) -> None:
    report = report_of(*RECORDS.values())
    assert report.inputs.skipped_lines == ()
    assert report.total.requests == 6  # four of the records name msg_1 and two msg_otlp: one response each
    assert report.inputs.duplicates == 4


def test_a_source_that_starts_late_in_a_long_file_is_found(report_of: Reporter) -> None:
    padding = [
        {**RECORDS["claude-code"], "message": message(id=f"msg_{n}", out=1), "x": "y" * 2000} for n in range(400)
    ]
    report = report_of(*padding[:300], RECORDS["litellm payload"], *padding[300:])
    assert report.total.requests == 401
    assert report.inputs.skipped_lines == ()


FRAMINGS: dict[str, Callable[[list[Any]], str]] = {
    "lines": lambda records: "\n".join(json.dumps(record) for record in records),
    "array": json.dumps,
    "indented array": lambda records: json.dumps(records, indent=2),
    "indented objects": lambda records: "\n".join(json.dumps(record, indent=4) for record in records),
    "wrapped": lambda records: json.dumps({"data": records, "meta": {"page": 1}}),
    "all on one line": lambda records: "".join(json.dumps(record) for record in records),
    "wrapped otherwise": lambda records: json.dumps({"page": 1, "logs": records}),
    "byte order mark": lambda records: "\ufeff" + "\n".join(json.dumps(record) for record in records),
    "windows line ends": lambda records: "\r\n".join(json.dumps(record) for record in records) + "\r\n",
}


@pytest.mark.parametrize("framing", FRAMINGS)
def test_framings(framing: str, tmp_path: Path, report_on: Reporter) -> None:
    records = [message(id=f"msg_{number}", input=number) for number in range(1, 4)]
    path = tmp_path / "log.json"
    path.write_bytes(FRAMINGS[framing](records).encode())
    report = report_on(path)
    assert (report.total.requests, report.total.input) == (3, 6)
    assert report.inputs.skipped_lines == ()


def test_utf_16_as_shells_on_windows_write_it(tmp_path: Path, report_on: Reporter) -> None:
    (tmp_path / "log.jsonl").write_bytes(json.dumps(message(input=4)).encode("utf-16"))
    assert report_on(tmp_path).total.input == 4


def test_an_array_that_was_cut_off_is_read_as_far_as_it_goes(tmp_path: Path, report_on: Reporter) -> None:
    whole = json.dumps([message(id=f"msg_{number}", input=number) for number in range(1, 5)])
    (tmp_path / "log.json").write_text(whole[:-20])
    report = report_on(tmp_path)
    assert report.total.input == 1 + 2 + 3
    assert [(skipped.reason, skipped.count) for skipped in report.inputs.skipped_lines] == [("not JSON, or cut off", 1)]


def test_events_of_a_stream_one_per_line(report_of: Reporter) -> None:
    start = {"type": "message_start", "message": {**message(input=4, out=1), "content": []}}
    delta = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 9}}
    assert tokens(report_of(start, delta)) == (4, 0, 0, 0, 9)


def test_compressed_logs_whatever_they_are_called(tmp_path: Path, report_on: Reporter) -> None:
    lines = "".join(json.dumps(message(id=f"msg_{n}", out=n)) + "\n" for n in range(1, 5)).encode()
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(lines))
    (tmp_path / "b.log").write_bytes(gzip.compress(lines.replace(b"msg_", b"other_")))
    assert report_on(tmp_path).total.output == 20


@pytest.mark.skipif(shutil.which("zstd") is None, reason="needs the zstd program to make a file")
def test_zstd(tmp_path: Path, report_on: Reporter) -> None:
    plain = tmp_path / "a.jsonl"
    plain.write_text(json.dumps(message(out=3)) + "\n")
    subprocess.run(["zstd", "--quiet", "--rm", plain], check=True)
    assert report_on(tmp_path / "a.jsonl.zst").total.output == 3


def test_archives_are_read_without_being_unpacked_beside_the_log(tmp_path: Path, report_on: Reporter) -> None:
    archive = tmp_path / "logs.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        for name, content in (("deep/../../a.jsonl", message(out=3)), ("readme.md", {})):
            data = json.dumps(content).encode()
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    assert report_on(archive).total.output == 3
    assert [path.name for path in tmp_path.iterdir()] == ["logs.tar.gz"]


def test_a_damaged_archive_member_is_read_as_far_as_it_goes(tmp_path: Path, report_on: Reporter) -> None:
    lines = b"".join(json.dumps(message(id=f"msg_{n}", out=1)).encode() + b"\n" for n in range(5000))
    whole = gzip.compress(lines, 1)
    (tmp_path / "cut.jsonl.gz").write_bytes(whole[: len(whole) * 2 // 3])
    report = report_on(tmp_path)
    assert 0 < report.total.requests < 5000
    [damaged] = report.inputs.skipped_files
    assert damaged.reason.startswith("damaged, read in part")


def test_globs_folders_and_files_name_each_file_once(tmp_path: Path, report_on: Reporter) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.jsonl").write_text(json.dumps(message(id=None, out=3)))
    report = report_on(tmp_path, tmp_path / "sub" / "*.jsonl", tmp_path / "sub" / "a.jsonl")
    assert report.total.output == 3


def test_standard_input(tmp_path: Path) -> None:
    log = json.dumps(message(out=3))
    command = [sys.executable, "-m", "cachelint", "report", "-", "--format", "csv"]
    done = subprocess.run(command, input=log, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.splitlines()[1].startswith("claude-opus-5,1,0,3,")


def test_what_is_not_there_is_an_error(tmp_path: Path, report_on: Reporter) -> None:
    with pytest.raises(InputError, match="no such file or folder"):
        report_on(tmp_path / "nothing.jsonl")
    with pytest.raises(InputError, match="no logs in this folder"):
        report_on(tmp_path)


def test_unreadable_lines_are_counted_sampled_and_told_apart(report_of: Reporter) -> None:
    report = report_of(message(out=1), "{broken", '{"hello": "world"}', "", '["a", "list"]', '{"type": "mess')
    assert [(skipped.reason, skipped.count, len(skipped.samples)) for skipped in report.inputs.skipped_lines] == [
        ("not JSON, or cut off", 3, 3),
        ("no usage record of a known log", 1, 1),
    ]
    assert [sample.rpartition(":")[2] for sample in report.inputs.skipped_lines[0].samples] == ["2", "5", "6"]


def test_logs_are_not_touched(write_log: Callable[..., Path], report_on: Reporter) -> None:
    path = write_log([message(out=1)])
    path.chmod(0o400)
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    report_on(path)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
