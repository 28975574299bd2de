"""Whatever a program looks like: fixing keeps it a program, keeps what it says, and has an end."""

from __future__ import annotations

import sys
import time
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from fixed_programs import assert_sound, program
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

PROGRAM = """\
import time

import anthropic

client = anthropic.Anthropic()
GUIDE = "Be kind and brief. " * 400


def answer(messages, names: list[str]):
{body}
    system = {system}
    return client.messages.create(model="claude-sonnet-5-5", max_tokens=9, system=system, messages=messages)
"""
MARKED = '{{"type": "text", "text": {text}, "cache_control": {{"type": "ephemeral"}}}}'
FEW = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def prompt_of(source: str) -> list[str]:
    """The texts of the system blocks that a program sends."""
    sent: dict[str, Any] = {}
    client = SimpleNamespace(messages=SimpleNamespace(create=lambda **arguments: sent.update(arguments)))
    stub = SimpleNamespace(Anthropic=lambda: client)
    namespace: dict[str, Any] = {}
    with patch.dict(sys.modules, {"anthropic": stub}), patch.object(time, "ctime", lambda: "at noon"):
        exec(source, namespace)
        namespace["answer"]([], ["b", "a"])
    return [block["text"] for block in sent["system"]]


# -- sets ------------------------------------------------------------------------------------------------------------

SETS = st.sampled_from(
    (
        '{"x", "y", "z"}',
        "{ 'x','y' , 'z' }",
        '{"x",  # first\n        "y"}',
        "set(names)",
        '{name.upper() for name in names} | {"z"}',
        'frozenset(("x", "y"))',
        '"x y z".split() and {*"xyz"}',
        "set(names) - {'q'}",
    )
)
USES = st.sampled_from(
    (
        'text = ", ".join({})',
        'text = "".join(f"- {{each}}\\n" for each in {})',
        "lines = []\n    for each in {}:  # one by one\n        lines.append(each)\n    text = ' '.join(lines)",
        'words = {}\n\n    # a comment stays\n    text = "; ".join([*words])',
        "found = {}\n    text = ','.join(list(found))",
        "found = {}\n    text = GUIDE + ' '.join(each.lower() for each in found if each)",
    )
)


@given(SETS, USES, st.sampled_from(("\n", "\r\n")))
@FEW
def test_a_sorted_set_says_the_same_words(collection: str, use: str, end: str) -> None:
    source = PROGRAM.format(body="    " + use.format(collection), system=f"[{MARKED.format(text='text')}]")
    before = program(source.replace("\n", end))
    fixed = before.fixed()
    assert_sound(before, fixed)
    (text,) = prompt_of(before.sources["main.py"])
    (sorted_text,) = prompt_of(before.after(fixed).sources["main.py"])
    assert sorted(text) == sorted(sorted_text)
    if not collection.startswith('"x y z"'):
        assert {finding.code for finding in fixed.applied} == {"CL201"}


# -- splits ----------------------------------------------------------------------------------------------------------


def quoted(text: str) -> str:
    """Text as it stands inside an f-string with double quotes."""
    for plain, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("{", "{{"), ("}", "}}")):
        text = text.replace(plain, escaped)
    return text


STATIC = st.text(alphabet="ab é.:{}\"'\\\n🙂", max_size=12)


FORMS = {
    "one literal": 'f"{guide}{head}{{now}}{tail}"',
    "several literals": '(\n        f"{guide}"\n        f"{head}{{now}}" "{tail}"\n    )',
    "a sum": 'f"{guide}" + f"{head}{{now}}" + "{tail}"',
    "a sum of names": '(f"{guide}{head}" + now)',
}


@given(st.sampled_from(sorted(FORMS)), st.booleans(), STATIC, STATIC, st.sampled_from(("\n", "\r\n")))
@example("one literal", True, "", "", "\n")
@example("one literal", False, "It is {", "}", "\n")
@FEW
def test_two_blocks_hold_the_text_of_one(form: str, guided: bool, head: str, tail: str, end: str) -> None:
    plain_tail = quoted(tail) if form == "one literal" else quoted(tail).replace("{{", "{").replace("}}", "}")
    text = FORMS[form].format(guide="{GUIDE}" if guided else "", head=quoted(head), tail=plain_tail)
    source = PROGRAM.format(body="    now = time.ctime()", system=f"[{MARKED.format(text=text)}]")
    before = program(source.replace("\n", end))
    fixed = before.fixed()
    assert_sound(before, fixed)
    after = prompt_of(before.after(fixed).sources["main.py"])
    assert "".join(after) == "".join(prompt_of(before.sources["main.py"]))
    if guided:
        assert len(after) == 2
        assert after[0].startswith("Be kind and brief. Be kind")
        assert "noon" not in after[0]
