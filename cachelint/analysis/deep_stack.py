"""Running a function with a deep stack: parsers and evaluation recurse as deep as the source is nested."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import TypeVar

STACK_BYTES = 512 * 1024 * 1024
"""Address space, of which only what is used becomes memory. libcst's parser ends the process when its stack is full."""

RECURSION_LIMIT = 12_000
"""Python calls inside calls; libcst's trees are deeper than the source looks."""

MAXIMUM_NESTING = 1_500
"""Brackets inside brackets that are still given to a parser."""

Result = TypeVar("Result")


def with_deep_stack(function: Callable[[], Result]) -> Result:
    """What `function` returns or raises, run in a thread of its own."""
    results: list[Result] = []
    problems: list[BaseException] = []

    def body() -> None:
        try:
            results.append(function())
        except BaseException as problem:  # it is raised again where the caller waits
            problems.append(problem)

    before = threading.stack_size(STACK_BYTES), sys.getrecursionlimit()
    sys.setrecursionlimit(max(before[1], RECURSION_LIMIT))
    try:
        thread = threading.Thread(target=body, name="cachelint analysis", daemon=True)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before[0])
        sys.setrecursionlimit(before[1])
    if problems:
        raise problems[0]
    return results[0]


def nested_too_deeply(source: str) -> bool:
    """Whether a text may hold more brackets inside each other than parsers can take; strings are not looked into."""
    depth = 0
    for character in source:
        if character in "([{":
            depth += 1
            if depth > MAXIMUM_NESTING:
                return True
        elif character in ")]}" and depth:
            depth -= 1
    return False
