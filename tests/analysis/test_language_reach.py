"""The ways of Python in which a text travels: what varies is found behind each of them, at its own line."""

from __future__ import annotations

import pytest
from marked_programs import rows_found, rows_marked, whole

from cachelint.analysis import analyze_sources

SEND = """
def send(text):
    block = {"type": "text", "text": text, "cache_control": CACHED}
    return client.messages.create(model=MODEL, max_tokens=9, system=[block], messages=[])
"""

FOUND = {
    "a text buffer that is written and printed into": """
        import io
        def ask():
            out = io.StringIO()
            out.write("Be kind. ")
            print("It is", time.ctime(), file=out)  # <-
            return send(out.getvalue())
    """,
    "the subclasses of a class": """
        class Section:
            def text(self):
                raise NotImplementedError
        class Clock(Section):
            def text(self):
                return time.ctime()  # <-
        def ask():
            return send("".join(each().text() for each in Section.__subclasses__()))
    """,
    "a list of objects of a class that others inherit": """
        class Section:
            def text(self):
                return ""
        class Clock(Section):
            def text(self):
                return time.ctime()  # <-
        class Agent:
            def __init__(self, sections: list[Section]):
                self.sections = sections
            def ask(self):
                return send("".join(each.text() for each in self.sections))
    """,
    "an attribute that a mixin relies on": """
        class Speaker:
            def speak(self):
                return send(self.prompt.text())
        class Prompt:
            def text(self):
                return f"Be kind. {time.ctime()}"  # <-
        class Agent(Speaker):
            def __init__(self):
                self.prompt = Prompt()
    """,
    "an attribute that a mixin only declares": """
        from typing import Any
        class Speaker:
            prompt: Any
            def speak(self):
                return send(self.prompt.text())
        class Prompt:
            def text(self):
                return f"Be kind. {time.ctime()}"  # <-
        class Agent(Speaker):
            def __init__(self, prompt: "Prompt"):
                self.prompt = prompt
    """,
    "a method that a mixin relies on": """
        class Speaker:
            def speak(self):
                return send(self.prompt())
        class Agent(Speaker):
            def prompt(self):
                return f"Be kind. {time.ctime()}"  # <-
    """,
    "a method that a base class only declares": """
        from abc import ABC, abstractmethod
        class Agent(ABC):
            @abstractmethod
            def prompt(self) -> str: ...
            def speak(self):
                return send(self.prompt())
        class Calm(Agent):
            def prompt(self) -> str:
                return "Be kind."
        class Hurried(Agent):
            def prompt(self) -> str:
                return f"Be quick. {time.ctime()}"  # <-
    """,
    "a method that a class below a subclass extends": """
        class Agent:
            def more(self):
                return ""
            def speak(self):
                return send("Be kind." + self.more())
        class Hurried(Agent):
            pass
        class Late(Hurried):
            def more(self):
                return super().more() + time.ctime()  # <-
    """,
    "a method of whatever object of a class is handed over": """
        class Prompt:
            def text(self):
                raise NotImplementedError
        class Dated(Prompt):
            def text(self):
                return f"Be quick. {time.ctime()}"  # <-
        def ask(prompt: Prompt):
            return send(prompt.text())
    """,
    "an assignment expression in a condition": """
        def stamp():
            return time.ctime()  # <-

        def ask():
            if (text := stamp()) is not None:
                return send(text)
    """,
    "a method that is called through its class": """
        def ask():
            return send("".join(map(str.strip, ["Be kind.", time.ctime()])))  # <-
    """,
    "functools.reduce": """
        from functools import reduce
        def add_time(text):
            return text + time.ctime()  # <-
        def ask():
            return send(reduce(lambda text, step: step(text), [str.strip, add_time], "Be kind."))
    """,
    "operator.itemgetter": """
        from operator import itemgetter
        def ask():
            return send(itemgetter("now")({"day": "Monday", "now": time.ctime()}))  # <-
    """,
    "operator.attrgetter and methodcaller": """
        import operator
        class Clock:
            def __init__(self):
                self.now = time.ctime()  # <-
        def ask():
            return send(operator.methodcaller("strip")(operator.attrgetter("now")(Clock())))
    """,
    "an operator that a class defines": """
        class Prompt:
            def __init__(self, text):
                self.text = text
            def __add__(self, other):
                return Prompt(self.text + other + time.ctime())  # <-
        def ask():
            return send((Prompt("Be kind.") + "Be brief.").text)
    """,
    "an augmented assignment that a class defines": """
        class Prompt:
            def __init__(self):
                self.parts = []
            def __iadd__(self, other):
                self.parts.append(f"{other} {time.ctime()}")  # <-
                return self
            def __str__(self):
                return " ".join(self.parts)
        def ask():
            prompt = Prompt()
            prompt += "Be kind."
            return send(str(prompt))
    """,
    "iteration that a class defines": """
        class Prompt:
            def __iter__(self):
                yield "Be kind."
                yield time.ctime()  # <-
        def ask():
            return send(" ".join(Prompt()))
    """,
    "an object that an exit stack enters": """
        from contextlib import ExitStack
        class Session:
            def __enter__(self):
                self.head = time.ctime()  # <-
                return self
            def __exit__(self, *details):
                pass
        def ask():
            with ExitStack() as stack:
                return send(stack.enter_context(Session()).head)
    """,
    "a named tuple that is taken apart": """
        from typing import NamedTuple
        class Section(NamedTuple):
            title: str
            body: str
        def ask():
            for title, body in [Section("Time", time.ctime())]:  # <-
                return send(body)
    """,
    "collections.namedtuple": """
        from collections import namedtuple
        Pair = namedtuple("Pair", "left right")
        def ask():
            return send(Pair("Be kind.", right=time.ctime())._replace(left="").right)  # <-
    """,
    "a typed dict": """
        from typing import TypedDict
        class Texts(TypedDict):
            now: str
        def ask():
            return send(Texts(now=time.ctime())["now"])  # <-
    """,
    "partial applications of partial applications": """
        from functools import partial
        create = partial(client.messages.create, model=MODEL, max_tokens=9)
        def ask(create_with_rules, text):
            return create_with_rules(messages=[{"role": "user", "content": text}])
        def main(texts):
            block = {"type": "text", "text": time.ctime(), "cache_control": CACHED}  # <-
            with_rules = partial(create, system=[block])
            return list(map(partial(ask, with_rules), texts))
    """,
    "a property that is assigned to": """
        class Reviewer:
            @property
            def strictness(self):
                return f"{self._strictness} at {time.ctime()}"  # <-
            @strictness.setter
            def strictness(self, value):
                self._strictness = value.strip() + time.asctime()  # <-
        def ask():
            reviewer = Reviewer()
            reviewer.strictness = "high"
            return send(reviewer.strictness)
    """,
    "a class that derives from string.Template": """
        from string import Template
        class Bracketed(Template):
            delimiter = "%"
        def ask():
            return send(Bracketed("Be kind. " + time.ctime()).safe_substitute({}))  # <-
    """,
    "types.SimpleNamespace": """
        from types import SimpleNamespace
        def ask():
            return send(SimpleNamespace(now=time.ctime()).now)  # <-
    """,
    "what a dataclass computes when it is made": """
        from dataclasses import dataclass, field
        @dataclass
        class Prompt:
            title: str
            heading: str = field(init=False)
            def __post_init__(self):
                self.heading = self.title + time.ctime()  # <-
        def ask():
            return send(Prompt("Be kind.").heading)
    """,
    "a pydantic model that is dumped": """
        from pydantic import BaseModel
        class Block(BaseModel):
            type: str = "text"
            text: str
            cache_control: dict | None = None
        def ask():
            block = Block(text=time.ctime(), cache_control=CACHED)  # <-
            blocks = [block.model_dump(exclude_none=True)]
            return client.messages.create(model=MODEL, max_tokens=9, system=blocks, messages=[])
    """,
    "a class pattern": """
        from dataclasses import dataclass
        @dataclass
        class Clock:
            now: str
        def text_of(part):
            match part:
                case str() as text:
                    return text
                case Clock(now=reading):
                    return f"It is {reading}."
        def ask():
            return send(text_of("Be kind.") + text_of(Clock(time.ctime())))  # <-
    """,
    "mapping and sequence patterns": """
        def text_of(part):
            match part:
                case {"kind": "clock", "now": reading}:
                    return reading
                case ["say", *words]:
                    return " ".join(words)
        def ask():
            first = text_of({"kind": "clock", "now": time.ctime()})  # <-
            return send(first + text_of(["say", "it", time.asctime()]))  # <-
    """,
    "a decorator that changes the result": """
        import functools
        def timed(function):
            @functools.wraps(function)
            def wrapper(*args, **kwargs):
                return function(*args, **kwargs) + time.ctime()  # <-
            return wrapper
        @timed
        def rules():
            return "Be kind."
        def ask():
            return send(rules())
    """,
    "a decorator with arguments on a method": """
        def with_footer(footer):
            def decorate(function):
                def wrapper(self, *args):
                    return f"{function(self, *args)} {footer} {time.ctime()}"  # <-
                return wrapper
            return decorate
        class Prompt:
            @with_footer("The end.")
            def text(self, word):
                return "Be " + word
        def ask():
            return send(Prompt().text("kind"))
    """,
    "a decorator that is a class": """
        class Noted:
            def __init__(self, function):
                self.function = function
            def __call__(self):
                return self.function() + time.ctime()  # <-
        @Noted
        def rules():
            return "Be kind."
        def ask():
            return send(rules())
    """,
    "a generator, whose sections keep their order": """
        def sections():
            yield {"type": "text", "text": time.ctime()}  # <-
            yield {"type": "text", "text": "Be kind.", "cache_control": CACHED}
            yield {"type": "text", "text": time.asctime()}
        def ask():
            return client.messages.create(model=MODEL, max_tokens=9, system=list(sections()), messages=[])
    """,
    "a global that a function assigns": """
        _note = ""
        def configure(text):
            global _note
            _note = f"{text} {time.ctime()}"  # <-
        def ask():
            return send("Be kind. " + _note)
        def main():
            configure("It is")
            ask()
    """,
    "a registry that decorators fill": """
        SECTIONS = {}
        def section(title):
            def decorate(function):
                SECTIONS[title] = function
                return function
            return decorate
        @section("Now")
        def now():
            return time.ctime()  # <-
        def ask():
            return send("".join(f"{title}: {make()}" for title, make in SECTIONS.items()))
    """,
    "a list that a context manager fills": """
        from contextlib import contextmanager
        @contextmanager
        def section(lines, title):
            lines.append(title)
            yield lines
        def ask():
            lines = []
            with section(lines, time.ctime()):  # <-
                lines.append("Be kind.")
            return send(" ".join(lines))
    """,
    "the values of an enumeration": """
        from enum import Enum
        class Level(Enum):
            LOW = "for beginners"
        def ask(level: Level):
            return send(Level.LOW.value + level.value + time.ctime())  # <-
    """,
}


@pytest.mark.parametrize("program", FOUND.values(), ids=FOUND)
def test_what_varies_is_found_behind(program: str) -> None:
    source = SEND + "\n".join(line[8:] for line in program.splitlines())
    assert rows_found("CL101", source) == rows_marked(source)


SILENT = {
    "what is printed elsewhere": """
        import io, sys
        def ask():
            out = io.StringIO("Be kind.")
            print("It is", time.ctime(), file=sys.stderr, flush=True)
            print(out.getvalue(), time.ctime())
            return send(out.getvalue())
    """,
    "a method that a subclass defines anew, of an object of the class itself": """
        class Prompt:
            def text(self):
                return "Be kind."
        class Dated(Prompt):
            def text(self):
                return f"Be quick. {time.ctime()}"
        def ask():
            return send(Prompt().text())
    """,
    "a variable of a comprehension, which is not that of the function": """
        def ask(lines):
            text = "Be kind."
            times = [text for text in [time.ctime()]]
            print(times)
            return send(text)
    """,
    "the key of an entry, which is not in the text of others": """
        def merged(base, over):
            result = dict(base)
            for key, value in over.items():
                result[key] = {**result.get(key, {}), **value}
            return result
        def ask():
            texts = merged({"rules": {"text": "Be kind."}}, {time.ctime(): {"text": "Be brief."}})
            return send(texts["rules"]["text"])
    """,
    "a case that cannot match": """
        def text_of(part):
            match part:
                case int():
                    return time.ctime()
                case {"kind": "clock"}:
                    return time.ctime()
                case str() as text if text:
                    return text
        def ask():
            return send(text_of("Be kind."))
    """,
    "the name of a file in a folder of the program": """
        FOLDER = Path(__file__).parent / "texts"
        def ask():
            paths = sorted(FOLDER.glob("*.md"))
            with (FOLDER / "rules.txt").open() as file:
                rules = file.read()
            return send(rules + "".join(f"{path.stem} {path.relative_to(FOLDER)} {path.read_text()}" for path in paths))
    """,
    "a decorator that only registers": """
        STARTED = {}
        def registered(function):
            STARTED[function.__name__] = time.ctime()
            return function
        @registered
        def rules():
            return "Be kind."
        def ask():
            return send(rules())
    """,
    "a section that a generator yields behind the breakpoint": """
        def sections():
            yield {"type": "text", "text": "Be kind.", "cache_control": CACHED}
            yield {"type": "text", "text": time.ctime()}
        def ask():
            return client.messages.create(model=MODEL, max_tokens=9, system=list(sections()), messages=[])
    """,
}


def test_sorting_gives_an_order_to_what_is_sorted_and_not_to_what_is_inside() -> None:
    program = """
        def ask():
            words = {"kind", "brief", "calm"}
            inside = sorted(["Be " + ", ".join({"one", "two"}), "The end."])  # <-
            longest = max(["Be " + "".join({"three", "four"}), "The end."], key=len)  # <-
            return send(" ".join([*sorted(words), max(words), *inside, longest]))
    """
    source = SEND + "\n".join(line[8:] for line in program.splitlines())
    assert rows_found("CL201", source) == rows_marked(source)


def test_a_registry_is_filled_by_the_decorators_of_another_module() -> None:
    sources = {
        "registry.py": "SECTIONS = {}\ndef section(make):\n    SECTIONS[make.__name__] = make\n    return make\n",
        "texts.py": "import time, registry\n@registry.section\ndef now():\n    return time.ctime()\n",
        "main.py": whole(
            SEND
            + "from registry import SECTIONS\ndef main():\n    send(''.join(make() for make in SECTIONS.values()))\n"
        ),
    }
    found = [(f.code, f.location.filename, f.location.row) for f in analyze_sources(sources).findings]
    assert found == [("CL101", "texts.py", 4)]


def test_what_another_module_assigns_to_a_global_is_found() -> None:
    sources = {
        "texts.py": "FOOTER = ''\n\ndef rules():\n    return 'Be kind. ' + FOOTER\n",
        "main.py": whole(
            SEND + "import texts\ndef main():\n    texts.FOOTER = time.ctime()\n    send(texts.rules())\n"
        ),
    }
    assert [(f.code, f.location.row) for f in analyze_sources(sources).findings] == [("CL101", 19)]


@pytest.mark.parametrize("program", SILENT.values(), ids=SILENT)
def test_nothing_is_found_behind(program: str) -> None:
    source = SEND + "\n".join(line[8:] for line in program.splitlines())
    assert rows_found("CL101", source) == rows_found("CL104", source) == []
