"""CL401 to CL405: which requests belong to one conversation, and what differs between them."""

from __future__ import annotations

from textwrap import dedent

import pytest

from cachelint.analysis import analyze_sources

PREAMBLE = """\
from pathlib import Path
import anthropic
client = anthropic.Anthropic()
CACHED = {"type": "ephemeral"}
SYSTEM = [{"type": "text", "text": Path("guide.md").read_text(), "cache_control": CACHED}]
SEARCH = {"name": "search", "description": "Search.", "input_schema": {"type": "object", "properties": {}}}
REFUND = {"name": "refund", "description": "Refund.", "input_schema": {"type": "object", "properties": {}}}

"""
CODES = ("CL401", "CL402", "CL403", "CL404", "CL405")


def found(program: str) -> list[str]:
    """`CL402 tools.append(more)`: code and line of each finding of these rules in a program behind the preamble."""
    text = PREAMBLE + dedent(program)
    lines = text.splitlines()
    findings = analyze_sources({"main.py": text}).findings
    return [f"{f.code} {lines[f.location.row - 1].strip()}" for f in findings if f.code in CODES]


SLIDING = {
    "a window at the call": "messages[-20:]",
    "a window of a variable width": "messages[-width:]",
}


@pytest.mark.parametrize("window", SLIDING.values(), ids=SLIDING)
def test_a_window_slides(window: str) -> None:
    program = f"""
    def answer(messages, width):
        return client.messages.create(model="m", max_tokens=9, cache_control=CACHED, system=SYSTEM, messages={window})
    """
    assert [finding.partition(" ")[0] for finding in found(program)] == ["CL401"]


HISTORY = """
class Chat:
    def __init__(self):
        self.history = []

    def ask(self, question):
        self.history.append({{"role": "user", "content": question}})
        {cut}
        response = client.messages.create(
            model="m", max_tokens=9, cache_control=CACHED, system=SYSTEM, messages=self.history
        )
        self.history.append({{"role": "assistant", "content": response.content}})
"""
CUT_EACH_TURN = (
    "if len(self.history) > 20: self.history.pop(0)",
    "if len(self.history) > 20: del self.history[:2]",
    "if len(self.history) > 20: self.history = self.history[-20:]",
)
LEFT_ALONE = (
    "if len(self.history) > 60: self.history = self.history[-20:]",
    "if len(self.history) > 60: del self.history[:40]",
    "if self.history[0]['role'] == 'system': self.history.pop(0)",
    "if len(self.history) > 90: raise ValueError(self.history[-5:])",
    "print(self.history[-1], self.history[:2])",
)


@pytest.mark.parametrize("cut", CUT_EACH_TURN)
def test_a_history_that_is_held_at_a_limit_changes_on_every_turn(cut: str) -> None:
    assert found(HISTORY.format(cut=cut)) == [f"CL401 {cut}"]


@pytest.mark.parametrize("cut", LEFT_ALONE)
def test_a_history_that_is_cut_rarely_or_only_read_is_left_alone(cut: str) -> None:
    assert found(HISTORY.format(cut=cut)) == []


def test_a_window_in_front_of_which_nothing_is_cached_in_the_messages_costs_nothing() -> None:
    program = """
    def answer(messages):
        return client.messages.create(model="m", max_tokens=9, system=SYSTEM, messages=messages[-20:])
    """
    assert found(program) == []


def test_only_the_marker_of_a_copied_message_may_change() -> None:
    program = """
    import copy

    class Chat:
        def __init__(self):
            self.history = []

        def ask(self, question):
            self.history.append({"role": "user", "content": [{"type": "text", "text": question}]})
            messages = copy.deepcopy(self.history)
            messages[-1]["content"][-1]["cache_control"] = CACHED
            response = client.messages.create(model="m", max_tokens=9, system=SYSTEM, messages=messages)
            self.history.append({"role": "assistant", "content": response.content})
    """
    assert found(program) == []


def test_branches_that_exclude_each_other_are_no_conversation() -> None:
    program = """
    def answer(messages, use_tools):
        if use_tools:
            response = client.messages.create(
                model="m", max_tokens=9, cache_control=CACHED, tools=[SEARCH], messages=messages
            )
        else:
            response = client.messages.create(model="m", max_tokens=9, cache_control=CACHED, messages=messages)
        messages.append({"role": "assistant", "content": response.content})
        return response
    """
    assert found(program) == []


def test_the_same_messages_sent_to_two_models_are_no_conversation() -> None:
    program = """
    def compare(messages):
        first = client.messages.create(model="claude-opus-5-5", max_tokens=9, cache_control=CACHED, messages=messages)
        second = client.messages.create(model="claude-haiku-5-5", max_tokens=9, cache_control=CACHED, messages=messages)
        return first, second
    """
    assert found(program) == []


def test_each_question_of_a_loop_is_a_conversation_of_its_own() -> None:
    program = """
    def extract(questions):
        for question in questions:
            messages = [{"role": "user", "content": question}]
            tools = [SEARCH, REFUND] if "refund" in question else [SEARCH]
            response = client.messages.create(
                model="m", max_tokens=9, cache_control=CACHED, tools=tools, messages=messages
            )
            messages.append({"role": "assistant", "content": response.content})
    """
    assert found(program) == []


def test_a_choice_that_the_configuration_makes_does_not_change_between_turns() -> None:
    program = """
    def work(history, config):
        while True:
            tools = [SEARCH, REFUND] if config.refunds else [SEARCH]
            response = client.messages.create(  # the call
                model="m", max_tokens=9, cache_control=CACHED, tools=tools, messages=history
            )
            history.append({"role": "assistant", "content": response.content})
    """
    assert found(program) == []


def test_a_method_without_the_tools_of_the_other_method() -> None:
    program = """
    class Agent:
        def __init__(self):
            self.history = []

        def step(self, event):
            self.history.append({"role": "user", "content": event})
            response = client.messages.create(
                model="m", max_tokens=9, cache_control=CACHED, system=SYSTEM, tools=[SEARCH], messages=self.history
            )
            self.history.append({"role": "assistant", "content": response.content})

        def summary(self):
            messages = [*self.history, {"role": "user", "content": "Summarize."}]
            return client.messages.create(
                model="m", max_tokens=9, cache_control=CACHED, system=SYSTEM, messages=messages
            )
    """
    assert [finding.partition(" ")[0] for finding in found(program)] == ["CL402"]


def test_a_default_that_is_spelled_out_changes_nothing() -> None:
    program = """
    def work(history):
        response = client.messages.create(
            model="claude-sonnet-5-5", max_tokens=9, cache_control=CACHED, tools=[SEARCH], messages=history
        )
        history.append({"role": "assistant", "content": response.content})
        return client.messages.create(
            model="claude-sonnet-5-5", max_tokens=9, cache_control=CACHED, tools=[SEARCH], messages=history,
            tool_choice={"type": "auto"}, thinking={"type": "disabled"}, output_config={"effort": "high"},
        )
    """
    assert found(program) == []


@pytest.mark.parametrize(
    ("later", "expected"),
    [('{"effort": "low"}', ["CL404"]), ('{"effort": "max"}', [])],
    ids=["another effort", "the same effort"],
)
def test_an_entry_of_a_parameter_that_is_chosen_per_turn(later: str, expected: list[str]) -> None:
    program = f"""
    def work(history):
        for turn in range(10):
            config = {{"effort": "max"}} if turn == 0 else {later}
            response = client.messages.create(
                model="claude-opus-4-6", max_tokens=9, cache_control=CACHED, output_config=config, messages=history
            )
            history.append({{"role": "assistant", "content": response.content}})
    """
    assert [finding.partition(" ")[0] for finding in found(program)] == expected
