"""What varies is followed to the request: shapes of real code that were once lost or wrongly reported."""

from __future__ import annotations

import json

from cachelint.analysis import Analysis, analyze_sources

CLIENT = """
import anthropic
client = anthropic.Anthropic()

def send(system):
    block = {"type": "text", "text": system, "cache_control": {"type": "ephemeral"}}
    return client.messages.create(model="claude-opus-4-8", max_tokens=9, system=[block], messages=[])
"""


def found(analysis: Analysis) -> list[tuple[str, str, str, int]]:
    """Code, severity, file and row of each finding."""
    return [(each.code, str(each.severity), each.location.filename, each.location.row) for each in analysis.findings]


def test_a_clock_is_followed_through_an_object_that_is_handed_over_from_outside() -> None:
    builder = """
from datetime import datetime

class Environment:
    stable = False
    def build(self):
        return f"It is {datetime.now()}."

class Builder:
    def __init__(self):
        self._segments = [Environment()]
    def build(self):
        parts = []
        for segment in self._segments:
            parts.append(segment.build())
        return "\\n".join(parts)
"""
    loop = """
from llm import send

class Loop:
    def __init__(self, builder=None):
        self._builder = builder
    def step(self):
        return send(self._builder.build() if self._builder is not None else "You help.")
"""
    runtime = """
from builder import Builder
from loop import Loop

class Runtime:
    def __init__(self):
        self.loop = Loop()
    def start(self):
        self.loop._builder = Builder()
"""
    sources = {"llm.py": CLIENT, "builder.py": builder, "loop.py": loop, "runtime.py": runtime}
    assert found(analyze_sources(sources)) == [("CL101", "error", "builder.py", 7)]


def test_each_of_many_callers_is_reported_at_its_own_line() -> None:
    callers = "".join(f"\ndef ask{number}():\n    return send(f'{{uuid4()}}')\n" for number in range(20))
    analysis = analyze_sources({"llm.py": CLIENT, "app.py": "from uuid import uuid4\nfrom llm import send\n" + callers})
    assert [row for _, _, _, row in found(analysis)] == [5 + 3 * number for number in range(20)]


def test_a_loop_that_retries_does_not_make_a_request_value_a_session_value() -> None:
    retrying = """
from datetime import datetime
import anthropic
client = anthropic.Anthropic()

def ask(messages):
    system = [{"type": "text", "text": f"{datetime.now()}", "cache_control": {"type": "ephemeral"}}]
    for attempt in range(3):
        try:
            return client.messages.create(model="claude-opus-4-8", max_tokens=9, system=system, messages=messages)
        except anthropic.APIError:
            continue
"""
    assert found(analyze_sources({"app.py": retrying})) == [("CL101", "error", "app.py", 7)]


def test_syntax_that_is_newer_than_the_running_python_is_followed_all_the_same() -> None:
    newer = """
from datetime import datetime
from llm import send

type Names = dict[str, str]

class Box[T]:
    def ask(self, names: Names):
        return send(f"{names["first"]} at {datetime.now()}" " today")
"""
    assert found(analyze_sources({"llm.py": CLIENT, "app.py": newer})) == [("CL101", "error", "app.py", 9)]


def test_a_cell_that_is_no_python_does_not_hide_the_others() -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# Title"]},
        {
            "cell_type": "code",
            "source": ["%pip install anthropic\n", "import anthropic, time\n", "client = anthropic.Anthropic()"],
        },
        {"cell_type": "code", "source": ['broken = """never closed']},
        {
            "cell_type": "code",
            "source": [
                "client.messages.create(model='claude-opus-4-8', max_tokens=9, messages=[], system=[{'type': 'text',\n",
                "    'text': f'{time.time()}', 'cache_control': {'type': 'ephemeral'}}])",
            ],
        },
    ]
    analysis = analyze_sources({"demo.ipynb": json.dumps({"nbformat": 4, "cells": cells})})
    assert found(analysis) == [("CL101", "error", "demo.ipynb#cell3", 2)]


def test_what_is_taken_out_of_an_answer_is_reported_once_where_it_was_fetched() -> None:
    fetching = """
import requests
from llm import send

def ask():
    data = requests.get("https://example.com/menu").json()
    return send(f"{data.get('soup')} {data.get('fish', {}).get('name').strip()}")
"""
    assert found(analyze_sources({"llm.py": CLIENT, "app.py": fetching})) == [("CL105", "warning", "app.py", 6)]


def test_a_task_that_runs_alone_has_no_order_of_completion() -> None:
    background = """
import asyncio
from llm import send

async def work(names):
    parts = []
    for name in names:
        parts.append(name)
    return send("\\n".join(parts))

async def start(names):
    asyncio.create_task(work(names))
"""
    assert found(analyze_sources({"llm.py": CLIENT, "app.py": background})) == []


def test_reading_a_file_by_its_place_does_not_make_its_text_vary() -> None:
    beside = """
from pathlib import Path
from llm import send

def ask():
    return send((Path(__file__).parent / "guide.md").read_text())
"""
    assert found(analyze_sources({"llm.py": CLIENT, "app.py": beside})) == []


ONE_MESSAGE = """
import anthropic
from datetime import datetime
client = anthropic.Anthropic()

def ask(question, history):
    rules = f"It is {{datetime.now()}}. The rules."
    shared = {{"type": "text", "text": rules, "cache_control": {{"type": "ephemeral"}}}}
    client.messages.create(model="claude-opus-4-8", max_tokens=9, messages={messages})
"""


def test_a_clock_in_the_marked_part_of_the_only_message_breaks_the_prefix_that_the_marker_is_for() -> None:
    message = '[{"role": "user", "content": [shared, {"type": "text", "text": question}]}]'
    assert ("CL101", "error", "app.py", 7) in found(analyze_sources({"app.py": ONE_MESSAGE.format(messages=message)}))


def test_a_clock_in_the_newest_message_of_a_history_is_resent_as_it_was() -> None:
    messages = '[*history, {"role": "user", "content": [shared, {"type": "text", "text": question}]}]'
    analysis = analyze_sources({"app.py": ONE_MESSAGE.format(messages=messages)})
    assert [each.code for each in analysis.findings if each.code == "CL101"] == []


def test_a_method_of_a_library_is_no_call_of_a_method_of_the_same_name() -> None:
    app = """
import asyncio
from llm import send

class Job:
    def run(self, system):
        send(system)

def main():
    asyncio.run(f"{__import__('time').time()}")
    Job().run("You help.")
"""
    assert found(analyze_sources({"llm.py": CLIENT, "app.py": app})) == found(
        analyze_sources({"llm.py": CLIENT, "app.py": app.replace("asyncio.run", "print")})
    )


def test_what_a_caller_passes_besides_the_prompt_is_not_followed() -> None:
    wrapper = """
from llm import send

def ask(system, label):
    print(label)
    send(system)
"""
    app = """
from wrapper import ask
from datetime import datetime

def main():
    ask("You help.", label=f"{datetime.now()}")
    ask(f"It is {datetime.now()}.", "plain")
"""
    sources = {"llm.py": CLIENT, "wrapper.py": wrapper, "app.py": app}
    assert [each for each in found(analyze_sources(sources)) if each[0] == "CL101"] == [("CL101", "error", "app.py", 7)]


def test_counting_tokens_caches_nothing() -> None:
    app = """
import anthropic
from datetime import datetime
client = anthropic.Anthropic()

def size(history):
    system = [{"type": "text", "text": f"It is {datetime.now()}.", "cache_control": {"type": "ephemeral"}}]
    return client.messages.count_tokens(model="claude-opus-4-8", system=system, messages=history)
"""
    assert found(analyze_sources({"app.py": app})) == []


def test_messages_of_a_client_under_a_name_of_their_own_are_followed() -> None:
    source = """
import time
import anthropic

def ask(beta):
    client = anthropic.Anthropic()
    if beta:
        service = client.beta.messages
    else:
        service = client.messages  # the same without betas
    block = {"type": "text", "text": f"{time.time()}", "cache_control": {"type": "ephemeral"}}
    with service.stream(model="claude-opus-4-8", max_tokens=9, system=[block], messages=[]) as stream:
        return stream.get_final_message()
"""
    assert found(analyze_sources({"app.py": source})) == [("CL101", "error", "app.py", 11)]


def test_a_text_that_grew_does_not_say_that_what_varies_leads_it() -> None:
    program = """
import time

def ask():
    text = "You are kind." + str(time.time())
    text = text + " Be short."
    return send(f"{text} Thanks.")
"""
    (finding,) = analyze_sources({"app.py": CLIENT + program}).findings
    assert [step.message for step in finding.flow] == [
        "time.time(): changes on every request",
        "added to the text, after 13 stable characters",
        "added to the text",
        "formatted into the text",
        "calls send()",
        "client.messages.create(…), as system[0]",
    ]


def test_what_an_attribute_is_set_to_is_known_however_long_the_method_is_that_sets_it() -> None:
    work = "\n".join(f"        self.work({step})" for step in range(400))
    program = f"""
from datetime import datetime

class Agent:
    def start(self):
{work}
        self.since = datetime.now().isoformat()

    def work(self, step):
        self.state = [step + (step * factor) ** 2 for factor in (1, 2, 3, 4, 5, 6, 7, 8, 9)]
        self.since = str(step)

    def ask(self):
        return send(f"You have been working since {{self.since}}.")
"""
    analysis = analyze_sources({"main.py": CLIENT + program})
    assert "CL101" in [each.code for each in analysis.findings]


def test_keyword_arguments_of_a_function_that_nobody_calls_are_not_taken_for_none() -> None:
    program = """
import anthropic

def send(**options):
    return anthropic.Anthropic().messages.create(model="claude-opus-4-8", max_tokens=9, **options)
"""
    (request,) = analyze_sources({"main.py": program}).requests
    assert "more arguments may be passed with **" in request.notes


def test_a_method_is_run_for_what_it_changes_of_its_own_object() -> None:
    program = """
import uuid

class Agent:
    def __init__(self):
        self.system = "You are careful."

    def ask(self):
        self.log()
        self.prepare()
        return send(self.system)

    def prepare(self):
        self.mark()

    def mark(self):
        self.system += f" Session {uuid.uuid4()}."

    def log(self):
        self.count += 1
"""
    analysis = analyze_sources({"main.py": CLIENT + program})
    row = next(row for row, line in enumerate((CLIENT + program).splitlines(), 1) if "uuid4()" in line)
    assert [(each.code, each.location.row) for each in analysis.findings] == [("CL102", row)]


def test_settings_hold_what_the_environment_says_and_not_their_defaults() -> None:
    program = """
import uuid
from pydantic_settings import BaseSettings

class Settings(BaseSettings):
    api_key: str = ""
    mark_sessions: bool = False

settings = Settings()

def ask():
    if not settings.api_key:
        return None
    return send(f"You are careful. {uuid.uuid4()}" if settings.mark_sessions else "You are careful.")
"""
    analysis = analyze_sources({"main.py": CLIENT + program})
    row = next(row for row, line in enumerate((CLIENT + program).splitlines(), 1) if "uuid4()" in line)
    assert [(each.code, each.location.row) for each in analysis.findings] == [("CL102", row)]
