"""The ways in which modules get at each other: what a caller passes is found behind each of them."""

from __future__ import annotations

import textwrap

import pytest

from cachelint.analysis import analyze_sources

LLM = """
import anthropic

client = anthropic.Anthropic()


def chat(text):
    system = [{"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}]
    return client.messages.create(model="claude-opus-4-8", max_tokens=9, system=system, messages=[])
"""

PROGRAMS: dict[str, dict[str, str]] = {
    "an import inside a function": {
        "main.py": """
            from datetime import datetime
            def ask():
                from app.llm import chat
                return chat(f"It is {datetime.now()}")  # <-
        """,
    },
    "an import inside a function, under another name": {
        "main.py": """
            from datetime import datetime
            def ask(provider):
                if provider == "anthropic":
                    from app.llm import chat as chat_with_claude
                    return chat_with_claude(f"It is {datetime.now()}")  # <-
        """,
    },
    "a package that exports under another name": {
        "app/__init__.py": "from .llm import chat as ask_claude",
        "main.py": """
            from datetime import datetime
            from app import ask_claude
            def ask():
                return ask_claude(f"It is {datetime.now()}")  # <-
        """,
    },
    "a package that imports what is asked for": {
        "app/__init__.py": """
            import importlib
            _WHERE = {"chat": ".llm"}
            def __getattr__(name):
                return getattr(importlib.import_module(_WHERE[name], __name__), name)
        """,
        "main.py": """
            from datetime import datetime
            from app import chat
            def ask():
                return chat(f"It is {datetime.now()}")  # <-
        """,
    },
    "a name that a module binds": {
        "app/api.py": """
            from . import llm
            ask_claude = llm.chat
        """,
        "main.py": """
            from datetime import datetime
            from app.api import ask_claude
            def ask():
                return ask_claude(f"It is {datetime.now()}")  # <-
        """,
    },
    "a dict of providers": {
        "app/api.py": """
            from . import llm
            PROVIDERS = {"anthropic": llm.chat, "none": None}
            def complete(provider, text):
                return PROVIDERS[provider](text)
        """,
        "main.py": """
            from datetime import datetime
            from app.api import complete
            def ask(provider):
                return complete(provider, f"It is {datetime.now()}")  # <-
        """,
    },
    "a module that is imported by a text": {
        "main.py": """
            import importlib
            from datetime import datetime
            def ask():
                return importlib.import_module("app.llm").chat(f"It is {datetime.now()}")  # <-
        """,
    },
}


@pytest.mark.parametrize("files", PROGRAMS.values(), ids=PROGRAMS)
def test_what_varies_is_found_behind(files: dict[str, str]) -> None:
    sources = {"app/__init__.py": "", "app/llm.py": LLM} | {name: textwrap.dedent(text) for name, text in files.items()}
    marked = [
        (name, row)
        for name, text in sources.items()
        for row, line in enumerate(text.splitlines(), 1)
        if line.endswith("# <-")
    ]
    found = [finding for finding in analyze_sources(sources).findings if finding.code == "CL101"]
    assert [(finding.location.filename, finding.location.row) for finding in found] == marked


def test_a_function_of_the_same_name_from_elsewhere_is_another() -> None:
    sources = {
        "app/__init__.py": "",
        "app/llm.py": LLM,
        "main.py": textwrap.dedent("""
            from datetime import datetime
            def ask():
                from slack import chat
                return chat(f"It is {datetime.now()}")
        """),
    }
    assert [finding.code for finding in analyze_sources(sources).findings if finding.code == "CL101"] == []
