"""CL5: breakpoints that are too many, in the wrong place, in the wrong order, or that the API rejects."""

from __future__ import annotations

import pytest
from marked_programs import findings_of, rows_found, rows_marked

from cachelint.findings import Confidence, Severity

TOO_MANY = {
    "automatic caching counts as one": """
        def ask(messages):
            return client.messages.create(
                model=MODEL, max_tokens=9, cache_control=CACHED, messages=messages,
                system=[
                    {"type": "text", "text": GUIDE, "cache_control": CACHED},
                    {"type": "text", "text": CATALOG, "cache_control": CACHED},
                    {"type": "text", "text": GUIDE, "cache_control": CACHED},
                    {"type": "text", "text": CATALOG, "cache_control": CACHED},  # <-
                ],
            )
        """,
    "automatic caching adds none where the last block is marked already": """
        def ask(question):
            content = [{"type": "text", "text": question, "cache_control": CACHED}]
            return client.messages.create(
                model=MODEL, max_tokens=9, cache_control=CACHED, messages=[{"role": "user", "content": content}],
                system=[
                    {"type": "text", "text": GUIDE, "cache_control": CACHED},
                    {"type": "text", "text": CATALOG, "cache_control": CACHED},
                    {"type": "text", "text": GUIDE, "cache_control": CACHED},
                ],
            )
        """,
    "each turn marks its message": """
        def chat(questions):
            history = []
            for question in questions:
                history.append(
                    {"role": "user", "content": [{"type": "text", "text": question, "cache_control": CACHED}]}  # <-
                )
                response = client.messages.create(model=MODEL, max_tokens=9, system=SYSTEM, messages=history)
                history.append({"role": "assistant", "content": response.content})
        """,
    "a loop marks the newest message of a history that it did not make": """
        def work(history, run):
            while True:
                history[-1]["content"][-1]["cache_control"] = CACHED  # <-
                response = client.messages.create(model=MODEL, max_tokens=9, messages=history)
                history.append({"role": "assistant", "content": response.content})
                history.append({"role": "user", "content": run(response)})
        """,
    "a loop marks a copy": """
        from copy import deepcopy


        def work(question, run):
            history = [{"role": "user", "content": [{"type": "text", "text": question}]}]
            while True:
                messages = deepcopy(history)
                messages[-1]["content"][-1]["cache_control"] = CACHED
                response = client.messages.create(model=MODEL, max_tokens=9, messages=messages)
                history.append({"role": "assistant", "content": response.content})
                history.append({"role": "user", "content": [{"type": "text", "text": run(response)}]})
        """,
    "a loop takes the marker off the older message": """
        def work(question, run):
            history = [{"role": "user", "content": [{"type": "text", "text": question}]}]
            marked = None
            while True:
                if marked is not None:
                    marked.pop("cache_control", None)
                marked = history[-1]["content"][-1]
                marked["cache_control"] = CACHED
                response = client.messages.create(model=MODEL, max_tokens=9, messages=history)
                history.append({"role": "assistant", "content": response.content})
                history.append({"role": "user", "content": [{"type": "text", "text": run(response)}]})
        """,
    "only those elements are marked that the caller marked": """
        def convert(messages):
            converted = []
            for message in messages:
                if message.get("cache_control"):
                    text = {"type": "text", "text": message["content"], "cache_control": message["cache_control"]}
                    entry = {"role": message["role"], "content": [text]}
                else:
                    entry = {"role": message["role"], "content": message["content"]}
                converted.append(entry)
            return converted


        def ask(messages):
            return client.messages.create(model=MODEL, max_tokens=9, messages=convert(messages))
        """,
    "an element at a position that is not known": """
        def ask(tools, places, messages):
            tools = [dict(tool) for tool in tools]
            for place in places:
                tools[place] = {**tools[place], "cache_control": CACHED}
            return client.messages.create(model=MODEL, max_tokens=9, tools=tools, messages=messages)
        """,
}

MISPLACED = {
    "the question is marked, the guide before it is not": """
        def ask(question):
            return client.messages.create(
                model=MODEL, max_tokens=9, system=GUIDE, cache_control=CACHED,  # <-
                messages=[{"role": "user", "content": question}],
            )
        """,
    "a log that grows inside one block": """
        class Narrator:
            def __init__(self):
                self.log = []

            def tell(self, event):
                self.log.append(event)
                log = {"type": "text", "text": "\\n".join(self.log), "cache_control": CACHED}  # <-
                content = [log, {"type": "text", "text": "What happens next?"}]
                return client.messages.create(
                    model=MODEL, max_tokens=9, messages=[{"role": "user", "content": content}]
                )
        """,
    "a text that is complete when the object is": """
        class Bot:
            def __init__(self):
                self.parts = []
                self.parts.append(GUIDE)
                self.parts.append(CATALOG)

            def ask(self, messages):
                system = [{"type": "text", "text": "\\n".join(self.parts), "cache_control": CACHED}]
                return client.messages.create(model=MODEL, max_tokens=9, system=system, messages=messages)
        """,
    "a list that is part of one request is not what the loop runs over": """
        def ask(tools, questions):
            listed = [{"name": tool["name"], "input_schema": tool["schema"]} for tool in tools]
            listed[-1]["cache_control"] = CACHED
            for question in questions:
                client.messages.create(
                    model=MODEL, max_tokens=9, tools=listed, messages=[{"role": "user", "content": question}]
                )
        """,
    "a question that is sampled several times": """
        def sample(question):
            content = [{"type": "text", "text": question, "cache_control": CACHED}]
            for _ in range(5):
                client.messages.create(model=MODEL, max_tokens=9, messages=[{"role": "user", "content": content}])
        """,
    "a question behind a history that was empty at first": """
        class Chat:
            def __init__(self):
                self.history = []

            def ask(self, question):
                content = [{"type": "text", "text": question, "cache_control": CACHED}]
                messages = self.history + [{"role": "user", "content": content}]
                response = client.messages.create(model=MODEL, max_tokens=9, messages=messages)
                self.history.append({"role": "user", "content": question})
                self.history.append({"role": "assistant", "content": response.content})
        """,
    "a first question that a second request continues": """
        def ask(question):
            first = [{"role": "user", "content": question}]
            response = client.messages.create(model=MODEL, max_tokens=9, cache_control=CACHED, messages=first)
            second = [*first, {"role": "assistant", "content": response.content}, {"role": "user", "content": "Why?"}]
            return client.messages.create(model=MODEL, max_tokens=9, cache_control=CACHED, messages=second)
        """,
}

ORDER = {
    "an hour behind the five minutes of the tools": """
        TOOL = {"name": "search", "input_schema": {"type": "object"}, "cache_control": CACHED}


        def ask(messages):
            system = [{"type": "text", "text": GUIDE, "cache_control": {"type": "ephemeral", "ttl": "1h"}}]  # <-
            return client.messages.create(model=MODEL, max_tokens=9, tools=[TOOL], system=system, messages=messages)
        """,
    "automatic caching for an hour behind five minutes": """
        def ask(messages):
            hour = {"type": "ephemeral", "ttl": "1h"}
            return client.messages.create(
                model=MODEL, max_tokens=9, system=SYSTEM, messages=messages,
                cache_control=hour,  # <-
            )
        """,
    "two alternatives are not two markers": """
        def ask(long, messages):
            ttl = {"type": "ephemeral", "ttl": "1h"} if long else CACHED
            system = [
                {"type": "text", "text": GUIDE, "cache_control": ttl},
                {"type": "text", "text": CATALOG, "cache_control": ttl},
            ]
            return client.messages.create(model=MODEL, max_tokens=9, system=system, messages=messages)
        """,
}

REJECTED = {
    "a ttl that does not exist, of automatic caching": """
        def ask(messages):
            return client.messages.create(
                model=MODEL, max_tokens=9, messages=messages,
                cache_control={"type": "ephemeral", "ttl": "30m"},  # <-
            )
        """,
    "a marker inside the schema of a tool": """
        def ask(messages):
            schema = {"type": "object", "properties": {}, "cache_control": CACHED}  # <-
            tool = {"name": "search", "input_schema": schema}
            return client.messages.create(model=MODEL, max_tokens=9, tools=[tool], messages=messages)
        """,
    "a parameter of a tool that has this name": """
        def ask(messages):
            schema = {"type": "object", "properties": {"cache_control": {"type": "string"}}}
            tool = {"name": "fetch", "input_schema": schema}
            return client.messages.create(model=MODEL, max_tokens=9, tools=[tool], messages=messages)
        """,
    "a block that only might be thinking": """
        def ask(history, thought):
            last = {"type": "thinking", "thinking": thought} if thought else {"type": "text", "text": "Go on."}
            content = [{**last, "cache_control": CACHED}]
            messages = [*history, {"role": "user", "content": content}]
            return client.messages.create(model=MODEL, max_tokens=9, messages=messages)
        """,
    "a header of the old beta": """
        def ask(messages):
            return client.messages.create(
                model=MODEL, max_tokens=9, system=SYSTEM, messages=messages,
                extra_headers={"anthropic-beta": "prompt-caching-2024-07-31"},  # <-
            )
        """,
    "automatic caching of parse in the beta namespace": """
        def ask(messages):
            return client.beta.messages.parse(
                model=MODEL, max_tokens=9, cache_control=CACHED, messages=messages, output_format=dict
            )
        """,
}

LEFT_OUT = {
    "a tool behind the marked one, and no marker after it": """
        TOOLS = [
            {"name": "search", "input_schema": {"type": "object"}, "cache_control": CACHED},  # <-
            {"name": "refund", "input_schema": {"type": "object"}},
        ]


        def ask(question):
            messages = [{"role": "user", "content": question}]
            return client.messages.create(model=MODEL, max_tokens=9, tools=TOOLS, messages=messages)


        def go_on(messages):
            return client.messages.create(model=MODEL, max_tokens=9, tools=TOOLS, messages=messages)
        """,
    "what stands behind the marker differs": """
        def ask(topic, messages):
            system = [*SYSTEM, {"type": "text", "text": f"The topic is {topic}."}]
            return client.messages.create(model=MODEL, max_tokens=9, system=system, messages=messages)
        """,
    "a short remark behind the marker": """
        def ask(messages):
            system = [*SYSTEM, {"type": "text", "text": "Answer in English."}]
            return client.messages.create(model=MODEL, max_tokens=9, system=system, messages=messages)
        """,
    "a marker that varies is another matter": """
        def ask(messages):
            system = [
                {"type": "text", "text": f"It is {time.time()}.", "cache_control": CACHED},
                {"type": "text", "text": GUIDE},
            ]
            return client.messages.create(model=MODEL, max_tokens=9, system=system, messages=messages)
        """,
}


def cases(code: str, programs: dict[str, str]):
    return [pytest.param(code, program, id=f"{code}: {name}") for name, program in programs.items()]


@pytest.mark.parametrize(
    ("code", "program"),
    [
        *cases("CL501", TOO_MANY),
        *cases("CL502", MISPLACED),
        *cases("CL503", ORDER),
        *cases("CL504", REJECTED),
        *cases("CL505", LEFT_OUT),
    ],
)
def test_a_breakpoint_rule_finds_what_is_marked_and_nothing_else(code: str, program: str) -> None:
    assert rows_found(code, program) == rows_marked(program)


PREWARMING = """
    TOOL = {"name": "search", "input_schema": {"type": "object"}}


    def warm():
        client.messages.create(  # <-
            model=MODEL, max_tokens=0, system=SYSTEM, messages=[{"role": "user", "content": "hi"}]
        )


    def ask(question):
        return client.messages.create(
            model=MODEL, max_tokens=9, tools=[TOOL], system=SYSTEM, messages=[{"role": "user", "content": question}]
        )
    """


def test_a_warming_call_without_the_tools_of_the_real_one_is_named_with_what_differs() -> None:
    assert rows_found("CL506", PREWARMING) == rows_marked(PREWARMING)
    assert "differ in tools" in findings_of("CL506", PREWARMING)[0].message


def test_one_real_request_that_is_alike_is_enough() -> None:
    program = (
        PREWARMING
        + """
    def ask_without_tools(question):
        return client.messages.create(
            model=MODEL, max_tokens=9, system=SYSTEM, messages=[{"role": "user", "content": question}]
        )
    """
    )
    assert rows_found("CL506", program) == []


def test_warming_with_one_token_is_only_remarked_on() -> None:
    program = """
    def warm():
        client.messages.create(
            model=MODEL, max_tokens=1, system=SYSTEM, messages=[{"role": "user", "content": "hi"}]
        )
    """
    assert [finding.severity for finding in findings_of("CL506", program)] == [Severity.INFO]


def test_the_lookback_is_told_to_those_who_ask_for_everything() -> None:
    program = """
    def work(history, tools, run):
        while True:
            response = client.messages.create(
                model=MODEL, max_tokens=9, tools=tools, messages=history,
                cache_control=CACHED,  # <-
            )
            history.append({"role": "assistant", "content": response.content})
            if response.stop_reason != "tool_use":
                return
            history.append({"role": "user", "content": run(response)})
    """
    assert rows_found("CL507", program) == rows_marked(program)
    assert {finding.confidence for finding in findings_of("CL507", program)} == {Confidence.LOW}
