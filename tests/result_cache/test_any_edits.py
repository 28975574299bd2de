"""Whatever is edited, added, deleted, renamed and asked for, a cache changes nothing of what is found."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from cachelint.analysis import Analysis, analyze
from cachelint.config import Settings, SourceDeclaration
from cachelint.fixing import fix_of
from cachelint.sink_declaration import SinkDeclaration

AGENT = """\
import anthropic
from prompts import system_prompt

client = anthropic.Anthropic()


def ask(question, system=None):
    return client.messages.create(
        model="claude-opus-4-8",
        max_tokens=100,
        system=[{"type": "text", "text": system or system_prompt(), "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": question}],
    )
"""
HOLDER = """\
import anthropic
import lib


class Agent:
    def __init__(self):
        self.prompt = ""

    def intro(self):
        return lib.intro()

    def reply(self, question):
        return anthropic.Anthropic().messages.create(
            model="claude-opus-4-8",
            max_tokens=100,
            system=[{"type": "text", "text": self.intro() + self.prompt, "cache_control": {"type": "ephemeral"}}],
            messages=[{"role": "user", "content": question}],
        )
"""
TOOLS = """\
import anthropic

TOOLS = {}


def tool(function):
    TOOLS[function.__name__] = {"name": function.__name__, "description": function.__doc__, "input_schema": {}}
    return function


def run(question):
    return anthropic.Anthropic().messages.create(
        model="claude-opus-4-8",
        max_tokens=100,
        tools=list(TOOLS.values()),
        cache_control={"type": "ephemeral"},
        messages=[{"role": "user", "content": question}],
    )
"""
CHAIN = """\
from langchain_anthropic import ChatAnthropic
from langchain_core.messages import HumanMessage, SystemMessage
from prompts import system_prompt


def chain(question):
    content = [{"type": "text", "text": system_prompt(), "cache_control": {"type": "ephemeral"}}]
    return ChatAnthropic(model="claude-opus-4-8").invoke([SystemMessage(content), HumanMessage(question)])
"""
PYTHON = (
    "",
    AGENT,
    AGENT.replace("from prompts", "from lib.prompts"),
    AGENT.replace("from prompts", "from .prompts"),
    AGENT.replace("messages=[", "# cachelint: ignore[CL101] known\n        messages=["),
    HOLDER,
    TOOLS,
    CHAIN,
    'import time\n\n\ndef system_prompt():\n    return f"It is {time.time()}."\n',
    'def system_prompt():\n    return "You help."\n\n\ndef intro():\n    return "Hello."\n',
    'import uuid\n\n\ndef intro():\n    return ", ".join({"a", "b"})\n\n\n'
    "def system_prompt():\n    return str(uuid.uuid4())\n",
    "from pathlib import Path\n\nfrom jinja2 import Template\nimport time\n\n\ndef system_prompt():\n"
    '    return Template(Path("prompt.md").read_text()).render(time=time.time())\n',
    "from texts import *\n",
    "from lib.texts import system_prompt\nfrom lib.texts import intro\n",
    'import time\nfrom agent import ask\n\n\ndef main():\n    ask("Hi", system=f"Now: {time.time()}")\n',
    "import time\nfrom agent import Agent\n\n\n"
    'def main(agent: Agent):\n    agent.prompt = str(time.time())\n    agent.reply("Hi")\n',
    "import time\nfrom agent import Agent\n\n\n"
    "class Late(Agent):\n    def intro(self):\n        return str(time.time())\n",
    'from agent import tool\n\n\n@tool\ndef search():\n    """Searches."""\n',
    "def time():\n    return 0\n\n\ndef uuid4():\n    return 0\n",
    "def ask():\n    # ask(), Agent, tool, prompt: words that mean nothing here\n    return 1\n",
    "# cachelint: ignore-file[CL101] old\n",
    "def cost(usage):\n    return usage.input_tokens * 3 + usage.cache_read_input_tokens\n",
    "def cost(usage):\n    return usage.input_tokens * 3\n",
    "import anthropic\nanthropic.Anthropic().messages.create(model=\n",
    "messages = langchain = 'Claude'\n",
    "import anthropic.messages\nx = (\n",
)
NOTEBOOKS = tuple(
    json.dumps({"cells": [{"cell_type": "code", "source": text}], "nbformat": 4})
    for text in (AGENT, PYTHON[8], PYTHON[14])
)
TEMPLATES = ("It is {{ time }}.", "It is late.", "{% if time %}now{% endif %}")
NAMES = (
    *(
        "agent.py",
        "prompts.py",
        "texts.py",
        "main.py",
        "time.py",
        "uuid.py",
        "lib.py",
        "app/agent.py",
        "app/prompts.py",
    ),
    *("lib/__init__.py", "lib/prompts.py", "lib/texts.py", "app/lib/prompts.py", "tests/test_agent.py", "anthropic.py"),
)
TARGETS = (*NAMES, "book.ipynb", "app", "lib", "tests")
SETTINGS = (
    Settings(),
    Settings(exclude=("lib",)),
    Settings(pedantic=True, select=("CL1",)),
    Settings(sources=(SourceDeclaration("prompts.system_prompt", code="CL106"),)),
    Settings(sinks=(SinkDeclaration(("agent.ask",), system=("system",), messages=("question",)),)),
)


def write(root: Path, name: str, text: str) -> None:
    """Adds or edits a file."""
    (root / name).parent.mkdir(exist_ok=True, parents=True)
    (root / name).write_text(text)


def delete(root: Path, name: str) -> None:
    (root / name).unlink(missing_ok=True)


def rename(root: Path, name: str, other: str) -> None:
    if (root / name).exists():
        write(root, other, "")
        (root / name).replace(root / other)


Edit = tuple[Callable[..., None], str] | tuple[Callable[..., None], str, str]

WRITTEN = st.one_of(
    st.tuples(st.just(write), st.sampled_from(NAMES), st.sampled_from(PYTHON)),
    st.tuples(
        st.just(write), st.sampled_from(("book.ipynb", "app/book.ipynb")), st.sampled_from((*NOTEBOOKS, "", "{}"))
    ),
    st.tuples(st.just(write), st.sampled_from(("prompt.md", "lib/prompt.md")), st.sampled_from(TEMPLATES)),
)
EDITS = st.one_of(
    WRITTEN,
    st.tuples(st.just(delete), st.sampled_from((*NAMES, "book.ipynb", "prompt.md"))),
    st.tuples(st.just(rename), st.sampled_from(NAMES), st.sampled_from(NAMES)),
)
ASKED = st.tuples(st.lists(st.sampled_from(TARGETS), max_size=3), st.sampled_from(SETTINGS))


def found(root: Path, targets: list[str], chosen: Settings, cache: Path | None) -> Analysis:
    paths = [root / target for target in targets if (root / target).exists()] or [root]
    return analyze(root, paths, chosen, fixer=fix_of, cache=cache)


@settings(deadline=None, max_examples=30)
@given(
    beginning=st.lists(WRITTEN, min_size=4, max_size=10),
    steps=st.lists(st.tuples(st.lists(EDITS, max_size=2), ASKED), min_size=2, max_size=6),
)
def test_a_cache_changes_nothing(
    beginning: list[Edit], steps: list[tuple[list[Edit], tuple[list[str], Settings]]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root, cache = Path(folder) / "project", Path(folder) / "cache"
        write(root, "agent.py", AGENT)
        for edit, *arguments in beginning:
            edit(root, *arguments)
        for edits, (targets, chosen) in steps:
            for edit, *arguments in edits:
                edit(root, *arguments)
            assert found(root, targets, chosen, cache) == found(root, targets, chosen, None)
