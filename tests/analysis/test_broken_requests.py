"""A finding names every request that its line breaks, and the function that sends each, as the usage log does."""

from __future__ import annotations

from cachelint.analysis import analyze_sources

PROMPTS = """
from datetime import datetime

def header():
    return f"It is {datetime.now()}."
"""

DESK = """
import anthropic
from prompts import header

CACHED = {"type": "ephemeral"}

class Desk:
    class Agent:
        @staticmethod
        def reply(client: anthropic.Anthropic):
            def ask():
                last = {"type": "text", "text": header(), "cache_control": CACHED}
                system = [{"type": "text", "text": "x" * 9000}, last]
                return client.messages.create(model="claude-opus-4-8", max_tokens=9, system=system, messages=[])
            return ask()

if True:
    def triage(client: anthropic.Anthropic):
        system = [{"type": "text", "text": header(), "cache_control": CACHED}]
        return client.messages.create(model="claude-opus-4-8", max_tokens=9, system=system, messages=[])

anthropic.Anthropic().messages.create(
    model="claude-opus-4-8",
    max_tokens=9,
    system=[{"type": "text", "text": header(), "cache_control": CACHED}],
    messages=[],
)
"""


def test_one_line_that_breaks_three_requests() -> None:
    (finding,) = (
        each for each in analyze_sources({"prompts.py": PROMPTS, "desk.py": DESK}).findings if each.code == "CL101"
    )
    assert {(each.site.function, each.position, each.site.location.row) for each in finding.broken} == {
        ("Desk.Agent.reply.<locals>.ask", "system[1]", 14),
        ("triage", "system[0]", 20),
        ("<module>", "system[0]", 22),
    }
    assert finding.broken[0].site == finding.request
    assert len(finding.others) == 2
