"""CL502: a breakpoint on one text that grows from request to request, and texts that only look as if they did."""

from __future__ import annotations

import textwrap

import pytest
from marked_programs import findings_of

from cachelint.findings import Severity

ASK = """
    import json

    def ask(log, question="What happens next?"):
        content = [
            {"type": "text", "text": log, "cache_control": CACHED},
            {"type": "text", "text": question},
        ]
        return client.messages.create(
            model=MODEL, max_tokens=9, system=SYSTEM, messages=[{"role": "user", "content": content}]
        )
"""

GROWING = {
    "a text in an attribute": """
        class Narrator:
            def __init__(self):
                self.log = "The story so far:"

            def tell(self, event):
                self.log += f"\\n{event}"
                return ask(self.log)
        """,
    "a text that is written anew with more at its end": """
        class Narrator:
            def __init__(self):
                self.log = ""

            def tell(self, event):
                answer = ask(self.log, event)
                self.log = self.log + event + answer.content[0].text
                return answer
        """,
    "a text in an f-string": """
        class Narrator:
            def __init__(self):
                self.log = ""

            def tell(self, event):
                answer = ask(self.log, event)
                self.log = f"{self.log}\\n{answer.content[0].text}"
                return answer
        """,
    "entries that a comprehension renders": """
        class Game:
            def __init__(self):
                self.events = []

            def note(self, event):
                self.events.append({"text": event})

            def play(self, state):
                while not state.over:
                    move = self.decide()
                    self.note(state.apply(move))

            def decide(self):
                return ask("\\n".join(event["text"] for event in self.events))
        """,
    "entries that a function of another class renders with a loop": """
        def rendered(events):
            lines = ["HISTORY:"]
            for event in events[-20:]:
                if event["type"] == "speech":
                    lines.append(f"{event['player']}: {event['text']}")
                else:
                    lines.append(event["text"])
            return "\\n".join(lines)

        class Player:
            def decide(self, events):
                return ask(rendered(events))

        class Game:
            def __init__(self, players):
                self.players = players
                self.events = []

            def run(self):
                while True:
                    for player in self.players:
                        self.step(player)

            def step(self, player: Player):
                move = player.decide(self.events)
                self.events.append({"type": "move", "text": move.content[0].text})
        """,
    "a text of the module": """
        LOG = ""

        def note(event):
            global LOG
            LOG += event

        def turn(event):
            note(event)
            return ask(LOG)
        """,
    "a list of the module": """
        EVENTS = []

        def turn(event):
            EVENTS.append(event)
            return ask("\\n".join(EVENTS))
        """,
    "a list as JSON": """
        class Game:
            def __init__(self):
                self.moves = []

            def move(self, board):
                answer = ask(json.dumps(self.moves), board)
                self.moves.append({"board": board, "move": answer.content[0].text})
        """,
    "a text of the loop": """
        def play(events):
            log = "The story so far:"
            for event in events:
                log += event
                ask(log)
        """,
    "an object to which the loop that asks it adds": """
        class Diary:
            def __init__(self):
                self.text = ""

            def write(self, line):
                self.text += line

            def ask(self, question):
                return ask(self.text, question)

        def play(diary: Diary, events):
            for event in events:
                diary.write(event)
                diary.ask(event)
        """,
}

STEADY = {
    "entries that the constructor adds": """
        class Narrator:
            def __init__(self, rules):
                self.log = "Rules:"
                for rule in rules:
                    self.log += rule

            def tell(self, event):
                return ask(self.log, event)
        """,
    "a builder that is filled and asked once": """
        class Builder:
            def __init__(self):
                self.text = ""
                self.parts = []

            def add(self, text):
                self.text += text
                self.parts.append(text)

            def build(self):
                return self.text + "\\n".join(self.parts)

        def prompt(builder: Builder):
            return builder.build()

        def tell(events, question):
            builder = Builder()
            for event in events:
                builder.add(event)
            return ask(prompt(builder), question)
        """,
    "what is added when all has been asked": """
        class Narrator:
            def __init__(self):
                self.log = GUIDE

            def tell(self, event):
                return ask(self.log, event)

            def close(self):
                self.log += "The end."
                Path("log.txt").write_text(self.log)
        """,
    "a buffer that each request starts anew": """
        class Narrator:
            def __init__(self):
                self.buffer = ""

            def tell(self, pages, question):
                self.buffer = ""
                for page in pages:
                    self.buffer += page
                return ask(self.buffer, question)
        """,
    "a text that the loop sets anew": """
        def play(stories):
            for story in stories:
                log = ""
                for event in story:
                    log += event
                ask(log)
        """,
    "a text that is complete before it is sent": """
        def play(events, questions):
            log = ""
            for event in events:
                log += event
            for question in questions:
                ask(log, question)
            log += "The end."
        """,
    "a conversation that grows by whole messages": """
        class Chat:
            def __init__(self):
                self.history = []

            def say(self, text):
                content = [{"type": "text", "text": text, "cache_control": CACHED}]
                self.history.append({"role": "user", "content": content})
                answer = client.messages.create(
                    model=MODEL, max_tokens=9, system=SYSTEM, messages=self.history
                )
                self.history.append({"role": "assistant", "content": answer.content})
        """,
    "a text that grows behind the last breakpoint": """
        class Narrator:
            def __init__(self):
                self.log = ""

            def tell(self, event):
                self.log += event
                return client.messages.create(
                    model=MODEL, max_tokens=9, system=SYSTEM, messages=[{"role": "user", "content": self.log}]
                )
        """,
    "a count of what was added": """
        class Narrator:
            def __init__(self):
                self.log = ""

            def tell(self, event):
                self.log += event
                Path("log.txt").write_text(self.log)
                return ask(GUIDE, event)
        """,
}


def program_with(program: str) -> str:
    return textwrap.dedent(ASK) + textwrap.dedent(program)


@pytest.mark.parametrize("program", GROWING.values(), ids=GROWING)
def test_a_breakpoint_on_a_text_that_grows_is_found(program: str) -> None:
    (finding,) = findings_of("CL502", program_with(program))
    assert finding.context == '{"type": "text", "text": log, "cache_control": CACHED},'
    assert finding.severity is Severity.WARNING
    assert "grows" in finding.message


@pytest.mark.parametrize("program", STEADY.values(), ids=STEADY)
def test_a_text_that_is_the_same_in_the_next_request_is_left_alone(program: str) -> None:
    found = findings_of("CL502", program_with(program))
    assert [finding.message for finding in found if "grows" in finding.message] == []


def test_the_length_of_a_list_that_the_loop_lengthens_is_a_counter() -> None:
    program = """
        def play(events, messages):
            seen = []
            for event in events:
                seen.append(event)
                system = [{"type": "text", "text": f"{GUIDE} Round {len(seen)}", "cache_control": CACHED}]
                client.messages.create(model=MODEL, max_tokens=9, system=system, messages=messages)
        """
    assert [finding.context for finding in findings_of("CL106", program)] == [
        'system = [{"type": "text", "text": f"{GUIDE} Round {len(seen)}", "cache_control": CACHED}]'
    ]


def test_the_length_of_a_list_that_each_pass_makes_anew_is_none() -> None:
    program = """
        def path(event):
            steps = []
            while event.parent:
                steps.append(event)
                event = event.parent
            return steps

        def play(events, messages):
            for event in events:
                system = [{"type": "text", "text": f"{GUIDE} Steps: {len(path(event))}", "cache_control": CACHED}]
                client.messages.create(model=MODEL, max_tokens=9, system=system, messages=messages)
        """
    assert findings_of("CL106", program) == []
