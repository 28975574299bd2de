"""Small programs out of bytes: each byte chooses between forms, so that a changed byte is a changed program."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from textwrap import indent

NAMES = ("a", "b", "c", "f", "g", "Box", "self", "items", "k", "other")

EXPRESSIONS = """
N | N | N.N | N['k'] | N[-1] | N[E] | N[1:E] | 'text' | '' | 0 | -1 | 10**9 | True | None | ... | b'x' | 1.5e300 | N()
N(E) | N(E, k=E) | N(*E) | N(**E) | N.N(E) | N(E)(E) | (lambda: E)() | (lambda N, *b, k=E, **c: E)(E) | await E
time.time() | datetime.now() | uuid.uuid4() | random.random() | os.listdir(E) | os.environ | set(E) | id(E)
open(E).read() | f'{E}' | f'{E:>9}{E!r:{E}}' | f'{N=}' | '%s %(k)s' % E | '{} {0} {k!r:{}}'.format(E) | str.join(E, E)
string.Template(E).substitute(k=E) | ', '.join(E) | E.split(E) | E.replace(E, E) | E.ljust(E) | E.format(**E)
E.encode().decode(E) | E.strip()[E:E:E] | E.strftime(E) | [] | [E] | [E, E, *E] | (E,) | {E, E} | {} | {'k': E}
{E: E, **E} | dict(k=E) | dict(E) | list(E) | tuple(E) | sorted(E, key=E) | [E for N in E] | {E for N in E if E}
{E: E for N, N in E} | ''.join(E for N in E for N in E) | [N := E, N] | [*map(E, E)] | E + E | E * E | E % E | E
E - E | E ** E | E // E | E << E | -E | not E | ~E | E and E | E or E | E if E else E | E == E < E in E
json.dumps(E) | json.dumps(E, sort_keys=E, default=E) | json.loads(E) | functools.partial(E, E) | getattr(E, E, E)
type(E)() | super().N | E.get(E) | E.pop(E) | E.items() | E.copy() | E | E.append(E) | E.update(E) | copy.deepcopy(E)
zip(E, E) | enumerate(E) | range(E) | len(E) | max(E, E) | sum(E, E) | reversed(E) | next(iter(E))
itertools.chain(E, E) | re.sub(E, E, E) | textwrap.dedent(E) | isinstance(E, N) | vars(E)
{'type': 'text', 'text': E, 'cache_control': {'type': 'ephemeral'}} | {'role': 'user', 'content': E}
[{'type': 'text', 'text': E}]
"""

STATEMENTS = """
N = E | N = N = E | N.N = E | N[E] = E | N[1:E] = E | N, *N = E | [N, (N, N)] = E | N: E = E | N += E | E | N(E)
N.append(E) | N.extend(E) | N.update(k=E) | N.insert(E, E) | N.setdefault(E, E).append(E) | N[E] |= E | N.N *= E
del N | del N[E] | pass | return E | yield E | N = yield from E | raise E from E | global N | nonlocal N | break
continue | assert E, E | import N | import other | from other import N | from other import * | from . import N as N
from .. import N | client.messages.create(**E) | N = client.messages.create | N(system=[E], tools=E, messages=N)
client.messages.create(system=E, messages=E)
"""

COMPOUND_STATEMENTS = (
    "if E:\nB",
    "if E:\nB\nelse:\nB",
    "for N in E:\nB",
    "for N, N in E:\nB\nelse:\nB",
    "while E:\nB",
    "while True:\nB",
    "with E as N:\nB",
    "with open(E) as N, E:\nB",
    "try:\nB\nexcept Exception as N:\nB",
    "try:\nB\nexcept* E:\nB",
    "try:\nB\nfinally:\nB",
    "match E:\n    case P:\n        N = E",
    "match N:\n    case P if E:\n        E",
    "async for N in E:\nB",
    "def N():\nB",
    "def N(N, k=E):\nB",
    "def N(*b, **c):\nB",
    "async def N(self, N=E):\nB",
    "@N\ndef N(N):\nB",
    "@functools.cache\ndef N(a):\nB",
    "@property\ndef N(self):\nB",
    "def N(self):\n    self.N = E\nB",
    "class N:\nB",
    "class N(N):\nB",
    "class N(N, N, metaclass=N):\nB",
    "@dataclasses.dataclass\nclass N:\nB",
)
"""A `B` on a row of its own is a block."""

PATTERNS = ("_", "N", "'k'", "[N, *N]", "{'k': N, **c}", "N(k=N)", "N()", "1", "2 as N")

HEAD = (
    "import anthropic, copy, dataclasses, functools, itertools, json, os, random, re, string, textwrap, time, uuid\n"
    "from datetime import datetime\n"
)
SEND = (
    "client = anthropic.Anthropic()\n"
    "def send(text, items):\n"
    "    block = {'type': 'text', 'text': text, 'cache_control': {'type': 'ephemeral'}}\n"
    "    return client.messages.create(model='claude-opus-4-8', max_tokens=9, system=[block], messages=items)\n"
)

DEEPEST = 6
"""Forms inside forms; what is deeper is a name."""


_EXPRESSIONS, _SIMPLE = (re.split(r" \| |\n", forms.strip()) for forms in (EXPRESSIONS, STATEMENTS))
_STATEMENTS = (*_SIMPLE, *COMPOUND_STATEMENTS)
_PLACE = re.compile(r"\b([NPEB])\b")


class Choices:
    """Choices that bytes make; zeros when they are spent."""

    def __init__(self, content: bytes) -> None:
        self._content = iter(content)

    def number(self) -> int:
        """The next byte."""
        return next(self._content, 0)

    def among(self, options: Sequence[str]) -> str:
        """One of at most 256 options."""
        return options[self.number() % len(options)]


def program(choices: Choices) -> dict[str, str]:
    """Two modules that import each other, the first of which sends a prompt."""
    body = _block(choices, 0, 1 + choices.number() % 9)
    sent = f"send({_expression(choices, 0)}, [{_expression(choices, 2)}])\n"
    return {"app.py": HEAD + SEND + body + sent, "other.py": HEAD + _block(choices, 2, 1 + choices.number() % 4)}


def _expression(choices: Choices, depth: int) -> str:
    if depth >= DEEPEST:
        return choices.among(NAMES)
    return _filled(choices, choices.among(_EXPRESSIONS), depth)


def _filled(choices: Choices, form: str, depth: int) -> str:
    """A form with names, patterns, expressions and blocks in the place of its capitals."""
    fillings: dict[str, Callable[[], str]] = {
        "N": lambda: choices.among(NAMES),
        "P": lambda: _filled(choices, choices.among(PATTERNS), depth),
        "E": lambda: f"({_expression(choices, depth + 1)})",
        "B": lambda: indent(_block(choices, depth + 1, 1 + choices.number() % 3), "    "),
    }
    return _PLACE.sub(lambda place: fillings[place[1]](), form)


def _block(choices: Choices, depth: int, count: int) -> str:
    """So many statements, each on rows of its own."""
    return "".join(f"{_statement(choices, depth)}\n" for _ in range(count))


def _statement(choices: Choices, depth: int) -> str:
    return _filled(choices, choices.among(_STATEMENTS) if depth < DEEPEST else "N = E", depth)
