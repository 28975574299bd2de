"""Whether a block is the same in each request, or is another one in each, as far as the source tells."""

from __future__ import annotations

from collections.abc import Iterator

from cachelint.analysis.accumulation import accumulates
from cachelint.analysis.request import Block, Request
from cachelint.analysis.surroundings import collections_around
from cachelint.analysis.values import GROWING, LOOP, Constant, Hole, Symbol, Text, Value, children_of, constant_text
from cachelint.analysis.variation import Period

_READING = ("read_text()", ".read()", "read_bytes()")
SUBSTANTIAL = 400
"""Characters of static text from which on it matters whether it is cached."""


def static(block: Block) -> bool:
    """Whether a block is surely the same in each request of a process."""
    if block.maybe or block.repeated or block.stored or any(v.period < Period.PROCESS for v in block.variations):
        return False
    return all(_fixed(leaf) for leaf in leaves(block.value))


def substantial(block: Block) -> bool:
    """Whether a block may be worth caching: long text, or a file."""
    return block.minimum_length >= SUBSTANTIAL or any(
        isinstance(leaf, Symbol) and leaf.path for leaf in leaves(block.value)
    )


def static_text(block: Block) -> bool:
    """Whether a block holds text that is the same in each request and may be long, with or without what varies."""
    if block.stored or block.repeated:
        return False
    return block.minimum_length >= SUBSTANTIAL or any(
        (isinstance(leaf, Symbol) and _read(leaf.path, leaf.parameter, leaf.name))
        or (isinstance(leaf, Hole) and leaf.kind != GROWING and _read(leaf.path, False, leaf.name))
        for leaf in leaves(block.value)
    )


def own_element(request: Request, block: Block) -> str | None:
    """The name of what a block holds of the collection for whose elements requests are sent: ``articles[]``."""
    names = (name_of(leaf) for leaf in leaves(block.value))
    found = [name for name in names if "[]" in name]
    if not found or block.repeated:
        return None
    sources = frozenset().union(*(collections_around(site) for site in request.places))
    return next((name for name in found if _collection(name) in sources), None)


def _collection(name: str) -> str:
    return name.partition("[]")[0].rpartition(".")[2]


def common(block: Block) -> bool:
    """Whether nothing in a block comes out of a call that may give each request something else."""
    return all(_common(leaf) for leaf in leaves(block.value))


def _common(leaf: Value | Hole) -> bool:
    if isinstance(leaf, (Symbol, Hole)) and leaf.kind != GROWING:
        known = _read(leaf.path, False, leaf.name) or (leaf.name != "" and not leaf.path.endswith(")"))
        return known and not leaf.variations and "[]" not in leaf.name
    return isinstance(leaf, Constant)


def grows(request: Request, block: Block, *, within_loop: bool = True) -> bool:
    """Whether a block is one text to which each request adds, so that each has another block there.

    `within_loop` says whether what the loop around the request itself adds counts too.
    """
    origins = {leaf.path for leaf in leaves(block.value) if isinstance(leaf, Hole) and leaf.kind == GROWING}
    return any(within_loop if origin == LOOP else accumulates(origin, request.places) for origin in sorted(origins))


def argument(block: Block) -> str | None:
    """The name of an argument that no caller in reach determines, when all of a block depends on it."""
    found = [leaf for leaf in leaves(block.value) if not isinstance(leaf, Constant)]
    if found and all(isinstance(leaf, Symbol) and leaf.parameter and leaf.name for leaf in found):
        return name_of(found[0])
    return None


def name_of(leaf: Value | Hole) -> str:
    """The name under which the program knows an unknown value; empty when it has none."""
    return leaf.name if isinstance(leaf, (Symbol, Hole)) else ""


def leaves(value: Value, depth: int = 8) -> Iterator[Value | Hole]:
    """What a value is made of: constants, symbols, and the unknown stretches of texts."""
    if isinstance(value, Text):
        known = constant_text(value)
        if known is not None:
            yield Constant(known)
        yield from (part for part in value.parts if isinstance(part, Hole))
    elif isinstance(value, (Constant, Symbol)):
        yield value
    elif depth:
        for child in children_of(value):
            yield from leaves(child, depth - 1)


def _fixed(leaf: Value | Hole) -> bool:
    if isinstance(leaf, Constant):
        return True
    return isinstance(leaf, Symbol) and _read(leaf.path, leaf.parameter, leaf.name)


def _read(path: str, parameter: bool, name: str) -> bool:
    """A file that is read, or a name of a module that is not part of the project."""
    if parameter or "[]" in name or not path or path.startswith("?"):
        return False
    return path.endswith(_READING) or ("." in path and "()" not in path)
