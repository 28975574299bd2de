"""Sources that break parsers and interpreters have a defined outcome, and never a crash."""

from __future__ import annotations

import warnings

import pytest

from cachelint.analysis import analyze_sources

HEAD = "import anthropic\nclient = anthropic.Anthropic()\n"
CALL = (
    "client.messages.create(model='m', max_tokens=9, messages=[], "
    "system=[{{'type': 'text', 'text': {}, 'cache_control': {{'type': 'ephemeral'}}}}])\n"
)

UNREADABLE = {
    "nested deeper than any parser goes": HEAD + CALL.format("1") + "x = " + "[" * 3000 + "]" * 3000 + "\n",
    "an open bracket": HEAD + CALL.format("1") + "x = (\n",
    "a null byte": HEAD + CALL.format("1") + "x = 1\x00\n",
}

READABLE = {
    "a hundred brackets": HEAD + "x = " + "[" * 100 + "]" * 100 + "\n" + CALL.format("str(x)"),
    "a chain of two thousand additions": HEAD + "x = " + " + ".join(["'a'"] * 2000) + "\n" + CALL.format("x"),
    "a function that calls itself": HEAD + "def f(n):\n    return f(n - 1) + str(n)\n" + CALL.format("f(3)"),
    "a list that holds itself": HEAD + "x = []\nx.append(x)\n" + CALL.format("str(x)"),
    "a class that is its own base": HEAD + "class A(A):\n    pass\n" + CALL.format("A().x"),
    "classes that are bases of each other": HEAD
    + "class B(C):\n    pass\nclass C(B):\n    pass\n"
    + CALL.format("B().x"),
    "a form feed": HEAD + "\x0c\n" + CALL.format("'x'"),
    "a name that stands for itself": HEAD + "x = x\n" + CALL.format("x"),
}


@pytest.mark.parametrize("source", UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_reported(source: str) -> None:
    assert [finding.code for finding in analyze_sources({"app.py": source}).findings] == ["CL902"]


@pytest.mark.parametrize("source", READABLE.values(), ids=READABLE)
def test_what_can_be_read_is_followed(source: str) -> None:
    analysis = analyze_sources({"app.py": source})
    assert len(analysis.requests) == 1
    assert not any(finding.code == "CL902" for finding in analysis.findings)


def test_imports_in_a_circle_end() -> None:
    sources = {
        "one.py": "from two import b\n" + HEAD + "def a():\n    return b()\n" + CALL.format("a()"),
        "two.py": "from one import a\ndef b():\n    return a()\n",
    }
    assert len(analyze_sources(sources).requests) == 1


TOO_MUCH = {
    "five thousand signs": "x = " + "-" * 5000 + "1\n",
    "twenty thousand attributes": "x = a" + ".b" * 20_000 + "\n",
    "a hundred thousand numbers": "x = [" + "1," * 100_000 + "]\n",
}


@pytest.mark.parametrize("statement", TOO_MUCH.values(), ids=TOO_MUCH)
def test_what_would_take_minutes_to_parse_is_left_out_and_said_so(statement: str) -> None:
    source = HEAD + "import time\n" + statement + CALL.format("f'{time.time()}{x}'")
    analysis = analyze_sources({"app.py": source})
    assert [finding.code for finding in analysis.findings if finding.code == "CL101"] == ["CL101"]
    assert [(note.location.row, note.message) for note in analysis.notes] == [
        (4, "rows 4 to 4 are too large or nested too deeply to be parsed")
    ]


def test_a_text_of_three_megabytes_is_a_text() -> None:
    analysis = analyze_sources({"app.py": HEAD + f"x = '{'a, b ' * 600_000}'\n" + CALL.format("x")})
    assert [request.blocks[0].minimum_tokens > 100_000 for request in analysis.requests] == [True]


def test_what_the_compiler_warns_of_is_nothing_to_say_here(recwarn: pytest.WarningsRecorder) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        analysis = analyze_sources({"app.py": HEAD + "x = 1if 'd' is 1 else 2\n" + CALL.format("x")})
    assert len(analysis.requests) == 1
    assert [str(warning.message) for warning in recwarn] == []
