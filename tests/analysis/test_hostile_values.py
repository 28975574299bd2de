"""Programs that compute huge values, or never come to an end: each is analysed in little time and memory."""

from __future__ import annotations

import resource
import subprocess
import sys
import textwrap

import pytest

HEAD = """
import anthropic, time
client = anthropic.Anthropic()
def send(text):
    block = {"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}
    return client.messages.create(model="claude-opus-4-8", max_tokens=9, system=[block], messages=[])
"""

PROGRAMS = {
    "a text that doubles forty times": "text = 'ab'\n" + "text = text + text\n" * 40 + "send(text)",
    "a text that doubles forty times in place": "text = 'ab'\n" + "text += text\n" * 40 + "send(text)",
    "a list that doubles forty times": "parts = ['ab']\n" + "parts = parts + parts\n" * 40 + "send(''.join(parts))",
    "a list that is extended by itself": "parts = ['ab']\n" + "parts.extend(parts)\n" * 40 + "send(''.join(parts))",
    "a tuple that is unpacked into itself": "parts = ('ab',)\n"
    + "parts = (*parts, *parts)\n" * 40
    + "send(str(parts))",
    "a width of a billion": "send(f'{1:1000000000}' + '{:>1000000000}'.format(2) + '%1000000000d' % 3)",
    "padding to a billion": "send('a'.ljust(10**9) + 'b'.zfill(1000000000) + '\\t'.expandtabs(1000000000))",
    "padding of padding": "text = 'a'\n" + "text = text.ljust(900000).replace('', text)\n" * 6 + "send(text)",
    "texts that are replaced by longer ones": "text = 'aaaa'\n"
    + "text = text.replace('a', 'aaaa')\n" * 20
    + "send(text)",
    "a text times a billion": "send('ab' * 1000000000 + str(['c'] * 1000000000))",
    "a long text times itself": "text = 'ab' * 1000\n" + "text = text.join([text] * 9)\n" * 9 + "send(text)",
    "a range without end": "send(''.join(str(number) for number in range(10**18)))",
    "a power of powers": "send(str(9**9**9**9) + str(1 << 10**10))",
    "a large product": "n = 99999999999\n" + "n = n * n\n" * 40 + "send(str(n))",
    "dicts in dicts": "d = {}\n" + "d = {'a': d, 'b': d}\n" * 60 + "send(str(d))",
    "lists that hold each other": "a, b = [], []\na.append(b)\nb.append(a)\nsend(str(a) + str(b))",
    "a dict that holds itself": "d = {}\nd['d'] = d\nsend(str(d))",
    "an object that holds itself": "class A:\n    def __init__(self):\n        self.a = self\nsend(str(A().a.a.a))",
    "functions that call each other": "def f(n): return g(n) + g(n)\ndef g(n): return f(n) + f(n)\nsend(f(1))",
    "a function of its own result": "def f(*a): return f(f(f(*a)))\nsend(f(1))",
    "a fork of forks": "".join(f"def f{n}(x): return f{n + 1}(x) if x else f{n + 1}(x + 1)\n" for n in range(60))
    + "def f60(x): return str(x)\nsend(f0(input()))",
    "closures in closures": "f = lambda: 'a'\n" + "f = (lambda g: lambda: g() + g())(f)\n" * 40 + "send(f())",
    "a generator of itself": "def g():\n    yield 'a'\n    yield from g()\nsend(''.join(g()))",
    "a property of itself": "class A:\n    @property\n    def a(self): return self.a + 'a'\nsend(A().a)",
    "attributes made by attributes": "class A:\n"
    "    def __getattr__(self, name): return getattr(self, name + 'a')\nsend(A().a)",
    "iteration over itself": "class A:\n    def __iter__(self): return iter(self)\nsend(''.join(A()))",
    "a decorator of itself": "def f(g):\n    return f(g)\nf = f(f)\n@f\ndef h(): return 'a'\nsend(h())",
    "an operator of itself": "class A:\n    def __add__(self, other): return self + other\nsend(str(A() + 1))",
    "a class of itself": "class A:\n    def __init__(self): self.a = A()\nsend(str(A().a.a))",
    "named tuples of themselves": "from collections import namedtuple\n"
    "P = namedtuple('P', 'p')\np = P(1)\n" + "p = P(p)\n" * 60 + "send(str(p))",
    "partial applications of partial applications": "from functools import partial\nf = send\n"
    + "f = partial(f)\n" * 300
    + "f('a')",
    "a reduction of reductions": "from functools import reduce\n"
    "def f(a, b): return reduce(f, [a, b, a, b])\nsend(reduce(f, ['a', 'b', 'c']))",
    "a loop that never ends": "text = 'a'\nwhile True:\n    text = text + text\n    send(text)",
    "loops in loops": "".join("    " * n + f"for i{n} in range(9):\n" for n in range(15))
    + "    " * 15
    + "send(str(i14))",
    "a thousand conditions": "text = ''\n"
    + "".join(f"if input(): text += '{n}'\n" for n in range(1000))
    + "send(text)",
    "a thousand conditions one in another": "text = ''\nif input(): text += 'a'\n"
    + "".join(f"elif input() == '{n}': text = text + '{n}'\n" for n in range(1000))
    + "send(text)",
    "a dict of ten thousand keys": "d = {" + ", ".join(f"'k{n}': {n}" for n in range(10_000)) + "}\nsend(str(d))",
    "a pattern of patterns": "match input():\n"
    + "".join(f"    case {{'a': [*x{n}, {{'b': y{n}}}]}}: text = str(y{n})\n" for n in range(200))
    + "    case _: text = ''\nsend(text)",
}
MEMORY = 1_500_000_000
SECONDS = 60


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_it_ends_with_the_request_found(program: str) -> None:
    """In a process of its own, so that a value without bounds ends that, and not the tests."""
    source = HEAD + "def main():\n" + textwrap.indent(program, "    ") + "\n"
    script = (
        "import sys; from cachelint.analysis import analyze_sources\n"
        "print(len(analyze_sources({'app.py': sys.stdin.read()}).requests))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script],
        input=source,
        capture_output=True,
        text=True,
        timeout=SECONDS * 5,
        preexec_fn=_limit,
        check=False,
    )
    assert (ended.stdout, ended.stderr) == ("1\n", "")


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
