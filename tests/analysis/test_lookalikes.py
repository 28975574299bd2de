"""What looks like a value that varies in the prefix and is none: each was a false alarm of somebody's linter once."""

from __future__ import annotations

import pytest
from marked_programs import findings_of, whole

from cachelint.analysis import analyze_sources
from cachelint.findings import Confidence, Severity

CALL = """
def ask(question):
    return client.messages.create(
        model=MODEL, max_tokens={max_tokens}, system={system}, messages={messages}{more}
    )
"""
MARKED = '[{{"type": "text", "text": GUIDE + {text}, "cache_control": CACHED}}]'
QUESTION = '[{"role": "user", "content": question}]'


def in_prefix(text: str) -> str:
    """A program with an expression in front of the breakpoint."""
    return CALL.format(max_tokens=9, system=MARKED.format(text=text), messages=QUESTION, more="")


def beside(more: str, max_tokens: str = "9", messages: str = QUESTION) -> str:
    """A program with something beside the system prompt."""
    return CALL.format(max_tokens=max_tokens, system="SYSTEM", messages=messages, more=f", {more}" if more else "")


LOOKALIKES = {
    # values outside the prompt
    "metadata": "import uuid\n" + beside('metadata={"user_id": str(uuid.uuid4())}'),
    "headers": "import uuid\n" + beside('extra_headers={"X-Request-Id": uuid.uuid4().hex}'),
    "an idempotency header": "import uuid\n" + beside('extra_headers={"Idempotency-Key": str(uuid.uuid4())}'),
    "max_tokens": "import random\n" + beside("", max_tokens="random.randint(100, 200)"),
    "a timeout": "import random\n" + beside("timeout=random.uniform(5, 10)"),
    "stop sequences": "import uuid\n" + beside("stop_sequences=[uuid.uuid4().hex]"),
    "the id of an item of a batch": """
import uuid
def ask(questions):
    return client.messages.batches.create(requests=[
        {"custom_id": str(uuid.uuid4()), "params": {"model": MODEL, "max_tokens": 9,
         "system": [{"type": "text", "text": GUIDE, "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
         "messages": [{"role": "user", "content": question}]}} for question in questions])
""",
    "the time in the newest message": "from datetime import datetime\n"
    + beside("", messages='[{"role": "user", "content": f"{datetime.now()} {question}"}]'),
    "the time in a block behind the breakpoint": "from datetime import datetime\n"
    + CALL.format(
        max_tokens=9,
        system='[*SYSTEM, {"type": "text", "text": str(datetime.now())}]',
        messages=QUESTION,
        more="",
    ),
    "an identity in place of one that an answer lacks": """
import uuid
def ask(question, call):
    asked = {"type": "tool_use", "id": call.id or uuid.uuid4().hex, "name": call.name, "input": call.input}
    done = {"type": "tool_result", "tool_use_id": call.id, "content": "done", "cache_control": CACHED}
    return client.messages.create(model=MODEL, max_tokens=9, system=SYSTEM, messages=[
        {"role": "user", "content": "Look it up."}, {"role": "assistant", "content": [asked]},
        {"role": "user", "content": [done]}])
""",
    "what a command printed, in answer to what the model asked for": """
import subprocess
def ask(question, answer):
    printed = subprocess.run(["git", "status"], capture_output=True, text=True).stdout
    return client.messages.create(model=MODEL, max_tokens=9, system=SYSTEM, cache_control=CACHED, messages=[
        {"role": "user", "content": question}, {"role": "assistant", "content": answer},
        {"role": "user", "content": printed}, {"role": "user", "content": "Go on."}])
""",
    "a log line beside the call": """
import logging
from datetime import datetime
logger = logging.getLogger(__name__)
def ask(question):
    started = time.perf_counter()
    logger.info(f"{datetime.now()} asking")
    answer = client.messages.create(model=MODEL, max_tokens=9, system=SYSTEM,
                                    messages=[{"role": "user", "content": question}])
    logger.info("took %s", time.perf_counter() - started)
    return answer
""",
    "counting tokens": """
def size(question):
    return client.messages.count_tokens(model=MODEL, system=SYSTEM, messages=[{"role": "user", "content": question}])
""",
    "the last messages, only read": """
class Chat:
    def __init__(self):
        self.messages = []
    def ask(self, question):
        self.messages.append({"role": "user", "content": question})
        print(self.messages[-2:])
        return client.messages.create(model=MODEL, max_tokens=9, system=SYSTEM, messages=self.messages)
""",
    "max_tokens that differ from call to call": """
def ask(question):
    messages = [{"role": "user", "content": question}]
    client.messages.create(model=MODEL, max_tokens=9, system=SYSTEM, messages=messages)
    return client.messages.create(model=MODEL, max_tokens=99, system=SYSTEM, messages=messages)
""",
    "tool_choice of calls that have nothing to do with each other": """
def find(text, tools):
    return client.messages.create(model=MODEL, max_tokens=9, system=SYSTEM, tools=tools,
                                  tool_choice={"type": "any"}, messages=[{"role": "user", "content": text}])
def sort(text, tools):
    return client.messages.create(model=MODEL, max_tokens=9, system=SYSTEM, tools=tools,
                                  tool_choice={"type": "auto"}, messages=[{"role": "user", "content": text}])
""",
    # values that do not vary
    "an identifier made of a name": "import uuid\n" + in_prefix('str(uuid.uuid5(uuid.NAMESPACE_DNS, "x"))'),
    "an identifier that is written down": "import uuid\n"
    + in_prefix('str(uuid.UUID("12345678-1234-5678-1234-567812345678"))'),
    "a hash of what does not change": "import hashlib\n" + in_prefix("hashlib.sha256(CATALOG.encode()).hexdigest()"),
    "a sample of a generator with a seed": "import random\n" + in_prefix('random.Random(0).choice(["a", "b"])'),
    "a sorted set": in_prefix('" ".join(sorted({"b", "a", "c"}))'),
    "membership in a set": in_prefix('("yes" if "x" in {"x", "y", "z"} else "no")'),
    "the size of a set": in_prefix('str(len({"x", "y", "z"}))'),
    "the least of a set": in_prefix('min({"x", "y", "z"})'),
    "JSON of a dict as it is written": "import json\n" + in_prefix('json.dumps({"b": 1, "a": 2})'),
    "JSON of a model": "import json\nfrom pydantic import BaseModel\nclass Rules(BaseModel):\n    a: int = 1\n"
    + in_prefix("json.dumps(Rules().model_dump())"),
    "the schema of a model": "import json\nfrom pydantic import BaseModel\nclass Rules(BaseModel):\n    a: int = 1\n"
    + in_prefix("json.dumps(Rules.model_json_schema())"),
    "JSON with sorted keys": "import json\n" + in_prefix("json.dumps({x: 1 for x in {'a', 'b'}}, sort_keys=True)"),
    "duplicates dropped in order": in_prefix('" ".join(dict.fromkeys(["b", "a", "b"]))'),
    "a stored time": "from datetime import datetime\n" + in_prefix("f'{datetime.fromisoformat(ROW[1]):%H:%M}'"),
    "a folder in order": in_prefix('"".join(path.read_text() for path in sorted(Path("rules").glob("*.md")))'),
    "a configured model name": "import os\n" + in_prefix('os.environ.get("ASSISTANT_NAME", "Ada")'),
    "gathered results": """
async def rule(name):
    return f"Rule {name}."
async def ask(question):
    rules = "".join(await asyncio.gather(*(rule(name) for name in ["a", "b"])))
    block = {"type": "text", "text": GUIDE + rules, "cache_control": CACHED}
    return client.messages.create(model=MODEL, max_tokens=9, system=[block],
                                  messages=[{"role": "user", "content": question}])
""",
    "results of a pool in the order of its input": """
from concurrent.futures import ThreadPoolExecutor
def ask(question):
    with ThreadPoolExecutor() as pool:
        rules = "".join(pool.map(str.upper, ["a", "b"]))
    block = {"type": "text", "text": GUIDE + rules, "cache_control": CACHED}
    return client.messages.create(model=MODEL, max_tokens=9, system=[block],
                                  messages=[{"role": "user", "content": question}])
""",
}

LOOP = """
import requests
def send(messages):
    while True:
        answer = client.messages.create(model=MODEL, max_tokens=9, cache_control=CACHED, messages=messages,
                                        system=[{"type": "text", "text": GUIDE, "cache_control": CACHED}])
        if answer.stop_reason != "tool_use":
            return answer
        messages.append({"role": "assistant", "content": answer.content})
        messages.append({"role": "user", "content": results(answer)})
"""

LOOKALIKES |= {
    "a page as the task of a conversation": LOOP
    + """
def summarise(url):
    return send([{"role": "user", "content": "Sum up: " + requests.get(url).text}])
""",
    "a page as the task of a conversation that is summed up at its end": LOOP
    + """
def summarise(url):
    messages = [{"role": "user", "content": "Sum up: " + requests.get(url).text}]
    for _ in range(5):
        answer = client.messages.create(model=MODEL, max_tokens=9, cache_control=CACHED, messages=messages,
                                        system=[{"type": "text", "text": GUIDE, "cache_control": CACHED}])
        messages.append({"role": "assistant", "content": answer.content})
        messages.append({"role": "user", "content": results(answer)})
    messages.append({"role": "user", "content": "That is enough."})
    return client.messages.create(model=MODEL, max_tokens=9, cache_control=CACHED, messages=messages,
                                  system=[{"type": "text", "text": GUIDE, "cache_control": CACHED}])
""",
    "a page in the newest message, behind the history": LOOP
    + """
def turn(history, url):
    return send([*history, {"role": "user", "content": "Sum up: " + requests.get(url).text}])
""",
}

LOOKALIKES["tools that subclasses describe"] = """
from abc import ABC, abstractmethod
class Tool(ABC):
    @property
    @abstractmethod
    def name(self) -> str:
        'Its name.'
    @property
    def description(self) -> str:
        raise NotImplementedError
    def parameters(self): ...
    def schema(self):
        return {"name": self.name, "description": self.description, "input_schema": self.parameters()}
def ask(tool: Tool, messages):
    tools = [{**tool.schema(), "cache_control": CACHED}]
    return client.messages.create(model=MODEL, max_tokens=9, tools=tools, messages=messages)
"""

LOOKALIKES |= {
    "rows that are found by a time": """
import time
import aiosqlite
async def recent():
    cutoff = time.time() - 86400
    async with aiosqlite.connect("notes.db") as database:
        cursor = await database.execute("SELECT note FROM notes WHERE at >= ? ORDER BY id", (cutoff,))
        rows = await cursor.fetchall()
    return [row[0] for row in rows]
async def ask(messages):
    block = {"type": "text", "text": GUIDE + "".join(await recent()), "cache_control": CACHED}
    return await client.messages.create(model=MODEL, max_tokens=9, system=[block], messages=messages)
""",
    "another client's form of the same prompt, which has no such key": """
import time
class Listing:
    def prompt(self, system, history, text):
        return [{"role": "system", "content": system}, *history, {"role": "user", "content": text}]
class Parts:
    def prompt(self, system, history, text):
        return {"system": system, "messages": [*history, {"role": "user", "content": text}]}
    def chat(self, prompt):
        block = {"type": "text", "text": prompt["system"], "cache_control": CACHED}
        return client.messages.create(model=MODEL, max_tokens=9, system=[block], messages=prompt["messages"])
def ask(history, listing):
    chosen = Listing() if listing else Parts()
    return chosen.chat(chosen.prompt(GUIDE, history, f"It is {time.time()}."))
""",
}

LOOKALIKES["what tools printed, in a history that is converted for each request"] = """
import subprocess
def converted(history):
    messages = []
    for entry in history:
        result = {"type": "tool_result", "tool_use_id": entry["id"], "content": entry["text"]}
        messages.append({"role": "user", "content": [result]})
    return messages
def run(history):
    while True:
        answer = client.messages.create(model=MODEL, max_tokens=9, messages=converted(history), cache_control=CACHED,
                                        system=[{"type": "text", "text": GUIDE, "cache_control": CACHED}])
        output = subprocess.run(answer.content[0].input, capture_output=True, text=True).stdout
        history.append({"id": answer.content[0].id, "text": output})
def main(question):
    run([{"id": "0", "text": question}])
"""

LOOKALIKES["the place of the database whose rows are shown"] = """
import sqlite3
from pathlib import Path
DATABASE = Path(__file__).resolve().parent / "notes.db"
def rows(sql):
    return [dict(row) for row in sqlite3.connect(str(DATABASE)).execute(sql).fetchall()]
def ask(question):
    notes = "\\n".join(row["text"] for row in rows("SELECT text FROM notes ORDER BY id"))
    block = {"type": "text", "text": GUIDE + notes, "cache_control": CACHED}
    said = [{"role": "user", "content": question}]
    return client.messages.create(model=MODEL, max_tokens=9, system=[block], messages=said)
"""
LOOKALIKES["objects among texts that are joined, which only a test out of sight keeps away"] = """
import time
from dataclasses import dataclass, field
@dataclass
class Message:
    content: object
    created_at: float = field(default_factory=time.time)
def send(messages):
    system = [{"type": "text", "text": " ".join(message.content for message in messages), "cache_control": CACHED}]
    return client.messages.create(model=MODEL, max_tokens=9, system=system, messages=[])
def ask(text, nested):
    send([Message(Message("Be brief.") if nested else text), Message([Message(text)] if nested else text)])
"""

LOOKALIKES["arguments of which nobody knows which one stands where"] = """
import time
def send(system, question):
    blocks = [{"type": "text", "text": system, "cache_control": CACHED}]
    messages = [{"role": "user", "content": question}]
    return client.messages.create(model=MODEL, max_tokens=9, system=blocks, messages=messages)
def shortened(args):
    return [arg[:100] for arg in args if arg]
def again(*args):
    return send(*shortened(args))
def ask():
    again(GUIDE, f"What happened before {time.ctime()}?")
"""

LOOKALIKES["the place of one of two files that is read"] = """
import time
from pathlib import Path
from elsewhere import run
def text_of(data: str | Path):
    if isinstance(data, Path):
        data = data.read_text()
    return data
def ask(turns, messages):
    first = run("a") / f"{time.time()}" if turns > 2 else run("b") / f"{time.time()}"
    system = [{"type": "text", "text": text_of(first / "history.json"), "cache_control": CACHED}]
    return client.messages.create(model=MODEL, max_tokens=9, system=system, messages=messages)
"""

LOOKALIKES["the name of a folder of the program"] = """
from pathlib import Path
SKILLS = Path(__file__).resolve().parents[1] / "skills"
def ask(question):
    names = ", ".join(each.parent.name for each in sorted(SKILLS.rglob("SKILL.md")))
    block = {"type": "text", "text": GUIDE + names, "cache_control": CACHED}
    said = [{"role": "user", "content": question}]
    return client.messages.create(model=MODEL, max_tokens=9, system=[block], messages=said)
"""

ASKED = """
def ask(question, wanted):
    block = {"type": "text", "text": GUIDE + str(TEXT), "cache_control": CACHED}
    said = [{"role": "user", "content": question}]
    return client.messages.create(model=MODEL, max_tokens=9, system=[block], messages=said)
"""
SHOWN = {
    "the file of a name, in a loop over all": (
        "found(wanted)",
        """
def found(wanted):
    for path in Path("prompts").iterdir():
        if path.name.lower() == wanted:
            return path.read_text()
    return ""
""",
    ),
    "the file of a name, in a generator": (
        'next((path for path in Path("prompts").iterdir() if path.stem == wanted), "")',
        "",
    ),
    "the newest of the files": (
        "newest()",
        """
def newest():
    best = None
    for path in Path("prompts").glob("*.txt"):
        version = int(path.stem)
        if best is None or version > best[0]:
            best = version, path
    return best[1].read_text()
""",
    ),
    "the place of a store of documents": (
        'STORE.get_collection("notes").peek().text',
        """
import chromadb
STORE = chromadb.PersistentClient(path=str(Path(__file__).resolve().parent / "chroma"))
""",
    ),
    "the place of a small database": (
        'TABLE.all()[0]["text"]',
        """
import tinydb
TABLE = tinydb.TinyDB(Path(__file__).parent / "notes.json")
""",
    ),
    "numbers that are counted anew for each request": (
        "numbered(wanted)",
        """
import itertools
def numbered(documents):
    numbers = itertools.count(1)
    return " ".join(f"{next(numbers)}. {document}" for document in documents)
""",
    ),
    "numbers beside what they count": (
        '" ".join(f"{number}. {each}" for number, each in zip(itertools.count(1), wanted))',
        "import itertools",
    ),
}
LOOKALIKES |= {name: before + ASKED.replace("TEXT", text) for name, (text, before) in SHOWN.items()}

LOOKALIKES["the file in a folder that has a varying name"] = """
from datetime import datetime
from pydantic import TypeAdapter
class Run:
    def __init__(self):
        self.folder = Path("runs") / datetime.now().strftime("%H-%M-%S")
def loaded(place):
    if isinstance(place, Path):
        place = place.read_text()
    return TypeAdapter(list[dict]).validate_json(place)
def ask(question):
    notes = loaded(Run().folder / "notes.json")
    block = {"type": "text", "text": GUIDE + str(notes), "cache_control": CACHED}
    said = [{"role": "user", "content": question}]
    return client.messages.create(model=MODEL, max_tokens=9, system=[block], messages=said)
"""
LOOKALIKES["the number of a chunk in the only message, converted for another client"] = """
import json
def converted(messages):
    system, said = [], []
    for message in messages:
        if message["role"] == "system":
            system.append(message["content"])
        else:
            said.append({"role": message["role"], "content": message["content"]})
    if said and said[-1]["role"] == "user":
        said[-1]["content"] = [{"type": "text", "text": said[-1]["content"], "cache_control": CACHED}]
    return [{"type": "text", "text": " ".join(system), "cache_control": CACHED}], said
def send(messages):
    system, said = converted(messages)
    return client.messages.create(model=MODEL, max_tokens=9, system=system, messages=said)
def review(paths):
    for path in paths:
        for number, chunk in enumerate(path.read_text().split("---"), start=1):
            content = json.dumps({"number": number, "text": chunk})
            send([{"role": "system", "content": GUIDE}, {"role": "user", "content": content}])
"""
LOOKALIKES["a way that is not taken for a streamed request"] = """
def send(streamed, name, **options):
    payload = dict(options)
    if (name == "claude" or name.startswith("anthropic")) and not payload.get("stream"):
        block = {"type": "text", "text": GUIDE + payload["context"], "cache_control": CACHED}
        return client.messages.create(model=MODEL, max_tokens=9, system=[block], messages=payload["messages"])
    return streamed(payload)
def quiet(streamed, name, question):
    return send(streamed, name, context="", messages=[{"role": "user", "content": question}])
def loud(streamed, name, question):
    said = [{"role": "user", "content": question}]
    return send(streamed, name, context=f"It is {time.time()}.", messages=said, stream=True)
"""
LOOKALIKES["a marker that is handed on from the tool that has it"] = """
def converted(tools):
    made = []
    for tool in tools:
        if tool.get("type") == "function":
            new = {"name": tool["function"]["name"], "input_schema": tool["function"]["parameters"]}
            if "cache_control" in tool:
                new["cache_control"] = tool["cache_control"]
            made.append(new)
        else:
            made.append(tool)
    return made
def ask(tools, messages):
    return client.messages.create(model=MODEL, max_tokens=9, tools=converted(tools), messages=messages)
FEW = [{"type": "function", "function": {"name": name, "parameters": {}}} for name in ("read", "write")]
MORE = [*FEW, *[tool for tool in FEW if tool["function"]["name"] in ("search",)]]
def main(messages):
    tools = [dict(tool) for tool in MORE]
    if tools:
        tools[-1] = {**tools[-1], "cache_control": CACHED}
    return ask(tools, messages)
"""

AGES = {
    "formatted": "f'{age:.0f} h old'",
    "rounded": "f'{round(age)} h old'",
    "cut": "'{} h old'.format(int(age))",
}


@pytest.mark.parametrize("text", AGES.values(), ids=AGES)
def test_an_age_in_whole_hours_is_only_noted(text: str) -> None:
    reading = "    age = (datetime.now(UTC) - since).total_seconds() / 3600\n"
    asking = in_prefix(text).replace("(question):\n", "(question, since):\n" + reading)
    found = findings_of("CL101", "from datetime import UTC, datetime\n" + asking)
    assert [each.severity for each in found] == [Severity.INFO]


def test_an_age_in_tenths_of_an_hour_is_found() -> None:
    reading = "    age = (datetime.now(UTC) - since).total_seconds() / 3600\n"
    asking = in_prefix("f'{age:.1f} h old'").replace("(question):\n", "(question, since):\n" + reading)
    found = findings_of("CL101", "from datetime import UTC, datetime\n" + asking)
    assert [each.severity for each in found] == [Severity.ERROR]


def test_the_name_of_the_time_zone_changes_twice_a_year() -> None:
    program = "from datetime import datetime\n" + in_prefix("f'{datetime.now().astimezone():%Z}'")
    assert [each.severity for each in findings_of("CL101", program)] == [Severity.INFO]


def test_a_page_that_is_read_once_when_the_program_starts_is_only_noted() -> None:
    program = "import requests\nPAGE = requests.get('https://example.com').text\n" + in_prefix("PAGE")
    assert [each.severity for each in findings_of("CL105", program)] == [Severity.INFO]


def test_a_mapping_of_which_nothing_is_known_is_only_noted() -> None:
    program = """
import json
def ask(area, messages):
    block = {"type": "text", "text": GUIDE + json.dumps(area), "cache_control": CACHED}
    return client.messages.create(model=MODEL, max_tokens=9, system=[block], messages=messages)
"""
    assert [each.severity for each in findings_of("CL202", program)] == [Severity.INFO]


def test_a_page_before_the_history_is_found() -> None:
    program = """
def turn(history, url, question):
    page = requests.get(url).text
    return send([{"role": "user", "content": page}, *history, {"role": "user", "content": question}])
"""
    assert [each.code for each in findings_of("CL105", LOOP + program)] == ["CL105"]


KEPT = {
    "a name that is drawn once for a key and kept": (
        "name_of(wanted)",
        """
import json, random
def name_of(key):
    roster = json.loads(Path("roster.json").read_text())
    if key in roster:
        return roster[key]
    name = random.choice(["Ada", "Wren"])
    roster[key] = name
    Path("roster.json").write_text(json.dumps(roster))
    return name
""",
    ),
    "an identity that is kept under its key": (
        "identity(wanted)",
        """
import uuid
KNOWN = {}
def identity(key):
    if key not in KNOWN:
        KNOWN[key] = str(uuid.uuid4())
    return KNOWN[key]
""",
    ),
}


@pytest.mark.parametrize(("text", "before"), KEPT.values(), ids=KEPT)
def test_an_identity_that_is_kept_is_only_noted(text: str, before: str) -> None:
    found = analyze_sources({"main.py": whole(before + ASKED.replace("TEXT", text))}).findings
    assert [each.severity for each in found] == [Severity.INFO]


STILL_FOUND = {
    "the first file of a kind": (
        "CL204",
        'next((path for path in Path("prompts").iterdir() if path.suffix == wanted), "").read_text()',
        "",
    ),
    "an identity that is stored and never looked up": (
        "CL102",
        "identity(wanted)",
        """
import uuid
KNOWN = {}
def identity(key):
    made = str(uuid.uuid4())
    KNOWN[key] = made
    return made
""",
    ),
    "a counter that goes on from request to request": (
        "CL106",
        'f"{next(numbers)}. {wanted}"',
        "import itertools\nnumbers = itertools.count(1)",
    ),
    "a path in front of a text": (
        "CL104",
        'library.Prompt(f"{Path(__file__).parent} is where you are").render()',
        "import library",
    ),
}


@pytest.mark.parametrize(("code", "text", "before"), STILL_FOUND.values(), ids=STILL_FOUND)
def test_what_looks_like_a_lookalike_is_found(code: str, text: str, before: str) -> None:
    found = findings_of(code, before + ASKED.replace("TEXT", text))
    assert [each.code for each in found if each.severity is not Severity.INFO] == [code]


@pytest.mark.parametrize("program", LOOKALIKES.values(), ids=LOOKALIKES)
def test_nothing_is_found(program: str) -> None:
    analysis = analyze_sources({"main.py": whole("ROW = (1, '2026-01-01')\n" + program)})
    assert analysis.requests
    found = [each for each in analysis.findings if each.confidence is not Confidence.LOW]
    assert [f"{each.location.row} {each.code} {each.message}" for each in found] == []


def test_a_reading_of_the_clock_at_import_is_only_noted() -> None:
    program = "from datetime import datetime\nBUILD_TIME = datetime.now()\n" + in_prefix("str(BUILD_TIME)")
    assert [each.severity for each in findings_of("CL101", program)] == [Severity.INFO]


def test_a_frozen_clock_in_a_test_stands_still() -> None:
    test = "from datetime import datetime\nfrom freezegun import freeze_time\n" + in_prefix("str(datetime.now())")
    assert analyze_sources({"tests/test_main.py": whole(test)}).findings == ()
