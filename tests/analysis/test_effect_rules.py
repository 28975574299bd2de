"""CL6: caching that has no effect, and none where it would pay."""

from __future__ import annotations

import pytest
from marked_programs import findings_of, rows_found, rows_marked

from cachelint.findings import Severity

BELOW_MINIMUM = {
    "no model caches a prefix as short as this": """
        def ask(model, question):
            system = [{"type": "text", "text": "You are brief.", "cache_control": CACHED}]  # <-
            return client.messages.create(
                model=model, max_tokens=9, system=system, messages=[{"role": "user", "content": question}]
            )
        """,
    "long enough for one of the models that it may go to": """
        RULES = "Goods can be returned within 30 days of delivery.\\n" * 60


        def ask(hard, question):
            system = [{"type": "text", "text": RULES, "cache_control": CACHED}]
            model = "claude-opus-5" if hard else "claude-haiku-4-5"
            return client.messages.create(
                model=model, max_tokens=9, system=system, messages=[{"role": "user", "content": question}]
            )
        """,
    "tools before it may be long": """
        def ask(tools, question):
            system = [{"type": "text", "text": "You are brief.", "cache_control": CACHED}]
            return client.messages.create(
                model=MODEL, max_tokens=9, tools=tools, system=system, messages=[{"role": "user", "content": question}]
            )
        """,
}

UNCACHED = {
    "a long handbook": """
        HANDBOOK = "Goods can be returned within 30 days of delivery.\\n" * 200


        def ask(question):
            return client.messages.create(  # <-
                model=MODEL, max_tokens=9, system=HANDBOOK, messages=[{"role": "user", "content": question}]
            )
        """,
    "a handbook behind what varies": """
        HANDBOOK = "Goods can be returned within 30 days of delivery.\\n" * 200


        def ask(user, question):
            return client.messages.create(
                model=MODEL, max_tokens=9, system=f"You talk to {user}. {HANDBOOK}",
                messages=[{"role": "user", "content": question}],
            )
        """,
    "a handbook that something follows which nobody knows": """
        HANDBOOK = "Goods can be returned within 30 days of delivery.\\n" * 200


        def ask(state, question, model=None):
            return client.messages.create(  # <-
                model=model or MODEL, max_tokens=9, system=HANDBOOK + state.summary(),
                messages=[{"role": "user", "content": question}],
            )
        """,
    "a handbook that a clock follows, which is reported itself": """
        HANDBOOK = "Goods can be returned within 30 days of delivery.\\n" * 200


        def ask(question):
            return client.messages.create(
                model=MODEL, max_tokens=9, system=HANDBOOK + time.ctime(),
                messages=[{"role": "user", "content": question}],
            )
        """,
    "tools with the members of an enumeration": """
        from enum import Enum


        class Kind(str, Enum):
            book = "book"
            film = "film"


        HANDBOOK = "Goods can be returned within 30 days of delivery.\\n" * 200
        KINDS = {"type": "string", "enum": [kind.value for kind in Kind]}
        TOOL = {"name": "search", "input_schema": {"type": "object", "properties": {"kind": KINDS}}}


        def ask(question):
            return client.messages.create(  # <-
                model=MODEL, max_tokens=9, tools=[TOOL], system=HANDBOOK,
                messages=[{"role": "user", "content": question}],
            )
        """,
    "counting tokens caches nothing anyway": """
        HANDBOOK = "Goods can be returned within 30 days of delivery.\\n" * 200


        def count(question):
            return client.messages.count_tokens(
                model=MODEL, system=HANDBOOK, messages=[{"role": "user", "content": question}]
            )
        """,
}

UNREAD = {
    "each request has a document of its own": """
        def summarize_all(articles):
            for article in articles:
                content = [{"type": "text", "text": article, "cache_control": CACHED}]  # <-
                client.messages.create(model=MODEL, max_tokens=9, messages=[{"role": "user", "content": content}])
        """,
    "several questions about one document": """
        def review(contract, questions):
            document = {"type": "text", "text": contract, "cache_control": CACHED}
            for question in questions:
                content = [document, {"type": "text", "text": question}]
                client.messages.create(model=MODEL, max_tokens=9, messages=[{"role": "user", "content": content}])
        """,
    "several questions about each of several documents": """
        def review(contracts):
            for contract in contracts:
                document = {"type": "text", "text": contract, "cache_control": CACHED}
                for question in ("Who?", "When?"):
                    content = [document, {"type": "text", "text": question}]
                    client.messages.create(model=MODEL, max_tokens=9, messages=[{"role": "user", "content": content}])
        """,
    "a document that another function may ask about again": """
        def ask(document, question):
            content = [
                {"type": "text", "text": document, "cache_control": CACHED},
                {"type": "text", "text": question},
            ]
            return client.messages.create(model=MODEL, max_tokens=9, messages=[{"role": "user", "content": content}])
        """,
}

COLD_START = {
    "tasks that are gathered later": """
        async def ask(question):
            return await client.messages.create(
                model=MODEL, max_tokens=9, system=SYSTEM, messages=[{"role": "user", "content": question}]
            )


        async def ask_all(questions):
            tasks = []
            for question in questions:
                tasks.append(ask(question))
            return await asyncio.gather(*tasks)  # <-
        """,
    "one goes ahead": """
        async def ask(question):
            return await client.messages.create(
                model=MODEL, max_tokens=9, system=SYSTEM, messages=[{"role": "user", "content": question}]
            )


        async def ask_all(questions):
            await ask("Are you there?")
            return await asyncio.gather(*[ask(question) for question in questions])
        """,
    "one after the other": """
        async def ask(question):
            return await client.messages.create(
                model=MODEL, max_tokens=9, system=SYSTEM, messages=[{"role": "user", "content": question}]
            )


        async def ask_all(questions):
            return [await asyncio.create_task(ask(question)) for question in questions]
        """,
    "conversations of several turns each": """
        def talk(questions):
            messages = []
            for question in questions:
                messages.append({"role": "user", "content": question})
                answer = client.messages.create(model=MODEL, max_tokens=9, system=SYSTEM, messages=messages)
                messages.append({"role": "assistant", "content": answer.content})


        async def talk_to_all(conversations):
            return await asyncio.gather(*[asyncio.to_thread(talk, questions) for questions in conversations])
        """,
    "requests that are tried again": """
        async def ask(question):
            for attempt in range(3):
                try:
                    return await client.messages.create(
                        model=MODEL, max_tokens=9, system=SYSTEM, messages=[{"role": "user", "content": question}]
                    )
                except anthropic.APIStatusError:
                    await asyncio.sleep(attempt)


        async def ask_all(questions):
            return await asyncio.gather(*[ask(question) for question in questions])  # <-
        """,
    "a map that is not a pool's": """
        def ask(question):
            return client.messages.create(
                model=MODEL, max_tokens=9, system=SYSTEM, messages=[{"role": "user", "content": question}]
            )


        def ask_all(frame):
            return frame.map(ask), list(map(ask, frame))
        """,
}

LIFETIMES = {
    "a job that runs every ten minutes": """
        def watch(load):
            while True:
                system = [{"type": "text", "text": GUIDE, "cache_control": {"type": "ephemeral"}}]  # <-
                client.messages.create(
                    model=MODEL, max_tokens=9, system=system, messages=[{"role": "user", "content": load()}]
                )
                time.sleep(10 * 60)
        """,
    "jobs of schedulers": """
        def poll():
            system = [{"type": "text", "text": GUIDE, "cache_control": {"type": "ephemeral"}}]  # <-
            client.messages.create(
                model=MODEL, max_tokens=9, system=system, messages=[{"role": "user", "content": "Anything new?"}]
            )


        schedule.every(10).minutes.do(poll)


        @scheduler.scheduled_job("interval", minutes=15)
        def remind():
            system = [{"type": "text", "text": GUIDE, "cache_control": {"type": "ephemeral"}}]  # <-
            client.messages.create(
                model=MODEL, max_tokens=9, system=system, messages=[{"role": "user", "content": "Who is late?"}]
            )


        def ping():
            client.messages.create(
                model=MODEL, max_tokens=9, system=SYSTEM, messages=[{"role": "user", "content": "Still there?"}]
            )


        scheduler.add_job(ping, "interval", seconds=30)
        """,
    "a job that runs every minute, and one that runs every day": """
        def watch(load):
            while True:
                client.messages.create(
                    model=MODEL, max_tokens=9, system=SYSTEM, messages=[{"role": "user", "content": load()}]
                )
                time.sleep(60)


        def report(load):
            while True:
                client.messages.create(
                    model=MODEL, max_tokens=9, system=SYSTEM, messages=[{"role": "user", "content": load()}]
                )
                time.sleep(24 * 60 * 60)
        """,
}


def cases(code: str, programs: dict[str, str]):
    return [pytest.param(code, program, id=f"{code}: {name}") for name, program in programs.items()]


@pytest.mark.parametrize(
    ("code", "program"),
    [
        *cases("CL601", BELOW_MINIMUM),
        *cases("CL602", UNCACHED),
        *cases("CL603", UNREAD),
        *cases("CL604", COLD_START),
        *cases("CL605", LIFETIMES),
    ],
)
def test_an_effect_rule_finds_what_is_marked_and_nothing_else(code: str, program: str) -> None:
    assert rows_found(code, program) == rows_marked(program)


def test_a_script_that_asks_once_is_only_remarked_on() -> None:
    program = """
    client.messages.create(
        model=MODEL, max_tokens=9, messages=[{"role": "user", "content": "Summarize the guide."}],
        system=[{"type": "text", "text": GUIDE, "cache_control": CACHED}],  # <-
    )
    """
    assert rows_found("CL603", program) == rows_marked(program)
    assert [finding.severity for finding in findings_of("CL603", program)] == [Severity.INFO]


def test_the_estimate_is_told_with_the_minimum_of_the_model() -> None:
    program = """
    def ask(question):
        system = [{"type": "text", "text": "You answer briefly. " * 35, "cache_control": CACHED}]
        return client.messages.create(
            model="claude-haiku-4-5", max_tokens=9, system=system, messages=[{"role": "user", "content": question}]
        )
    """
    (finding,) = findings_of("CL601", program)
    assert finding.message == (
        "The prefix up to system[0] has about 200 tokens; claude-haiku-4-5 caches none shorter than 4,096, "
        "and does not say so."
    )
