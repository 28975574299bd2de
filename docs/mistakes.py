"""What each mistake costs: requests sent to the simulated cache, right and with one mistake.

    python docs/mistakes.py     prints the table of docs/prompt-caching.md

The figures are list prices of the input side. Outputs cost the same whatever is cached.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tabulate import tabulate

from cachelint.report.pricing.book import open_price_book
from cachelint.report.pricing.price import Price
from cachelint.testing import CacheUsage, ManualClock, PromptCache

MODEL = "claude-opus-5-5"
TURNS = 50
USERS = 50
CACHED = {"type": "ephemeral"}
CACHED_FOR_AN_HOUR = {"type": "ephemeral", "ttl": "1h"}

Body = dict[str, Any]


def text(words: int, topic: str) -> str:
    """Some text, the same for the same arguments."""
    return " ".join(f"{topic}-{number}" for number in range(words))


TOOLS = [
    {"name": f"tool_{number}", "description": text(60, f"tool{number}"), "input_schema": {"type": "object"}}
    for number in range(6)
]
HANDBOOK = text(1_500, "rule")


def turn(number: int) -> Body:
    """The request of one turn, done right: the handbook marked, and automatic caching for the history."""
    messages = []
    for earlier in range(number):
        messages.append({"role": "user", "content": text(60, f"question{earlier}")})
        messages.append({"role": "assistant", "content": text(60, f"answer{earlier}")})
    messages.append({"role": "user", "content": text(60, f"question{number}")})
    system = [{"type": "text", "text": HANDBOOK, "cache_control": CACHED}]
    return {"model": MODEL, "tools": TOOLS, "system": system, "messages": messages, "cache_control": CACHED}


def first_question(user: int) -> Body:
    """The only request of one user, done right: the handbook marked, the question behind it."""
    system = [{"type": "text", "text": HANDBOOK, "cache_control": CACHED}]
    messages = [{"role": "user", "content": text(60, f"question{user}")}]
    return {"model": MODEL, "tools": TOOLS, "system": system, "messages": messages}


@dataclass(frozen=True)
class Mistake:
    """One mistake: what it is, the rule that finds it, and what it makes of the right request."""

    name: str
    code: str
    change: Callable[[Body, int], None] = lambda body, number: None
    """Changes a request in place; `number` is that of the turn or user."""
    gap: float = 30.0
    """Seconds between two requests."""
    at_once: bool = False
    """Whether all requests begin before any is answered."""


def clock_at_the_start(body: Body, number: int) -> None:
    body["system"][0]["text"] = f"It is 12:00:{number:02}. " + HANDBOOK


def clock_behind_the_handbook(body: Body, number: int) -> None:
    body["system"].append({"type": "text", "text": f"It is 12:00:{number:02}."})


def other_order_of_tools(body: Body, number: int) -> None:
    body["tools"] = TOOLS[number % 6 :] + TOOLS[: number % 6]


def history_cut(body: Body, number: int) -> None:
    body["messages"] = body["messages"][-21:]


def tool_choice_in_turns(body: Body, number: int) -> None:
    body["tool_choice"] = {"type": "any" if number % 2 else "auto"}


def no_marker(body: Body, number: int) -> None:
    body.pop("cache_control", None)
    body["system"][0].pop("cache_control", None)


def only_the_handbook(body: Body, number: int) -> None:
    body.pop("cache_control", None)


def an_hour(body: Body, number: int) -> None:
    body["system"][0]["cache_control"] = CACHED_FOR_AN_HOUR
    if "cache_control" in body:
        body["cache_control"] = CACHED_FOR_AN_HOUR


def user_at_the_start(body: Body, number: int) -> None:
    body["system"][0]["text"] = f"You talk to user {number}. " + HANDBOOK


def marker_on_the_question(body: Body, number: int) -> None:
    no_marker(body, number)
    body["messages"] = [
        {"role": "user", "content": [{"type": "text", "text": body["messages"][0]["content"], "cache_control": CACHED}]}
    ]


CONVERSATION = (
    Mistake("nothing", ""),
    Mistake("no marker anywhere", "CL602", no_marker),
    Mistake("only the handbook marked, not the history", "CL505", only_the_handbook),
    Mistake("the time at the start of the system prompt", "CL101", clock_at_the_start),
    Mistake("the time behind the handbook, in front of the history", "CL101", clock_behind_the_handbook),
    Mistake("tools in one of six orders", "CL203", other_order_of_tools),
    Mistake("only the last ten turns kept", "CL401", history_cut),
    Mistake("`tool_choice` alternating between `auto` and `any`", "CL404", tool_choice_in_turns),
    Mistake("six minutes between turns, five-minute TTL", "CL806", gap=360),
    Mistake("six minutes between turns, one-hour TTL", "", an_hour, gap=360),
    Mistake("half a minute between turns, one-hour TTL", "CL605", an_hour),
)
BURST = (
    Mistake("nothing", ""),
    Mistake("no marker anywhere", "CL602", no_marker),
    Mistake("the user's name at the start of the system prompt", "CL301", user_at_the_start),
    Mistake("the marker on the question instead of the handbook", "CL603", marker_on_the_question),
    Mistake("all users at the same moment", "CL604", at_once=True),
)


def cost(bodies: Iterable[Body], mistake: Mistake) -> Decimal:
    """USD for the input of all requests, sent with the mistake."""
    clock = ManualClock()
    cache = PromptCache(clock)
    price = current_price(MODEL)
    waiting = []
    total = Decimal(0)
    for number, right in enumerate(bodies):
        body = copy.deepcopy(right)
        mistake.change(body, number)
        request = cache.begin(body)
        total += charged(request.usage, price)
        waiting.append(request)
        if not mistake.at_once:
            waiting.pop().respond()
            clock.advance(mistake.gap)
    return total


def current_price(model: str) -> Price:
    """The newest list price."""
    return max(open_price_book().prices(model), key=lambda price: price.since)


def charged(usage: CacheUsage, price: Price) -> Decimal:
    """USD for the input of one request."""
    tokens = (
        usage.input_tokens * price.input
        + usage.read * price.read
        + usage.write_5m * price.write_5m
        + usage.write_1h * price.write_1h
    )
    return tokens / 1_000_000


def table(mistakes: Iterable[Mistake], bodies: list[Body]) -> str:
    """The mistakes with their cost, and how many times the right request's that is; Markdown."""
    costs = [(mistake, cost(bodies, mistake)) for mistake in mistakes]
    right = costs[0][1]
    rows = [(mistake.name, mistake.code, f"${amount:.2f}", f"{amount / right:.1f}") for mistake, amount in costs]
    headers = ("mistake", "rule", "input cost", "times the right one")
    return tabulate(rows, headers, tablefmt="pipe", disable_numparse=True, colalign=("left", "left", "right", "right"))


def tables() -> str:
    """Both tables with a line above each."""
    conversation = [turn(number) for number in range(TURNS)]
    burst = [first_question(user) for user in range(USERS)]
    shared = PromptCache(ManualClock()).send(burst[0]).write
    return (
        f"Tools and handbook have {shared:,} tokens together. A conversation of {TURNS} turns:\n\n"
        f"{table(CONVERSATION, conversation)}\n\n"
        f"{USERS} users, each with one question about the same handbook:\n\n{table(BURST, burst)}\n"
    )


if __name__ == "__main__":
    print(tables(), end="")
