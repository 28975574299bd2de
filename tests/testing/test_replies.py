"""Replies that are scripted in a file, for a server that runs as a program."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import anthropic
import pytest

from cachelint.errors import InputError
from cachelint.testing import Answer, fail, say, use_tool
from cachelint.testing.replies import read_replies


def test_each_line_is_a_reply() -> None:
    lines = [
        '{"status": 529}',
        "",
        '{"tool": "find_order", "input": {"number": "F-1"}, "text": "One moment."}',
        '{"text": "Sent.", "delay": 0.5}',
        '{"content": [{"type": "text", "text": "Any."}]}',
    ]
    assert read_replies(lines) == [
        fail(529),
        use_tool("find_order", {"number": "F-1"}, text="One moment."),
        say("Sent.", delay=0.5),
        Answer(({"type": "text", "text": "Any."},)),
    ]


@pytest.mark.parametrize("wrong", ["no JSON", "[]", "{}", '{"tool": "t"}', '{"status": "bad"}', "7"])
def test_a_line_that_is_none_is_named(wrong: str) -> None:
    with pytest.raises(InputError, match="line 2 of the replies is no reply: expected an object with status"):
        read_replies(['{"text": "a"}', wrong])


def test_the_program_answers_them(tmp_path: Path) -> None:
    replies = tmp_path / "replies.jsonl"
    replies.write_text('{"status": 529}\n{"text": "As scripted."}\n')
    command = [sys.executable, "-m", "cachelint.testing.server", "--port", "0", "--replies", str(replies)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        with anthropic.Anthropic(base_url=url, api_key="none") as client:
            messages = [{"role": "user", "content": "Hello"}]
            texts = [
                client.messages.create(model="claude-opus-5", max_tokens=9, messages=messages).content[0].text
                for _ in range(2)
            ]
        process.terminate()
    assert texts == ["As scripted.", "You said: Hello"]
