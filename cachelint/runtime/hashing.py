"""Hashes the blocks of prompts, each text once: most blocks of a request were in the one that it continues.

The earlier request is found by its first message or its first block, and compared piece by piece: where both hold the
same object, as in a history that a program keeps, not even the text is looked at. Other blocks are recognised by their
looks and compared, which is ten times faster than hashing them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import NamedTuple

from cachelint.prompt.tokens import IMAGE_TOKENS
from cachelint.runtime.difference import common_prefix
from cachelint.runtime.encoding import Piece, encode, length
from cachelint.runtime.memory import Memory
from cachelint.runtime.prompt import LaidOut, lay_out

DIGEST_BYTES = 12
_HASH_BYTES = 6
_MEMORY_BYTES = 4 * 1024 * 1024
"""Of prompts kept to be continued, and again of blocks kept to be recognised; twice this at most."""

_BLOCK_BYTES = 600
"""What keeping a block costs beside its content."""

_PROMPT_BYTES = 32 * 1024
"""The same of a prompt, and enough of it to keep no more prompts than conversations."""

_MEDIUM_BYTES = IMAGE_TOKENS * 3
"""What an image or a file counts for when tokens are shared out by length: its own bytes say nothing about them."""

_SAMPLE = 48

Sample = tuple[int, str | bytes, str | bytes]
"""A block at first sight: its length, and some of its start and end."""


class Hashed(NamedTuple):
    """A prompt with the keyed hash and the length of each block."""

    prompt: LaidOut
    digests: tuple[bytes, ...]
    weights: list[int]
    """In bytes; by these, tokens are shared out."""
    prefixes: Mapping[int, str]
    """The hash of the first so many blocks of the messages."""


_NOTHING = Hashed(lay_out({}), (), [], {})


class Hashing:
    """Hashes under one key."""

    def __init__(self, key: bytes) -> None:
        self._seed = hashlib.sha256(key)
        self._prompts: Memory[Hashed] = Memory(_MEMORY_BYTES)
        self._blocks: Memory[tuple[Piece, bytes]] = Memory(_MEMORY_BYTES)

    def hashed(self, prompt: LaidOut) -> Hashed:
        """The prompt with its hashes."""
        pieces = prompt.pieces
        if not pieces:
            return Hashed(prompt, (), [], {})
        first_message = pieces[min(prompt.ends[1], len(pieces) - 1)]
        earlier = self._prompts.get(first_message) or self._prompts.get(pieces[0]) or _NOTHING
        repeated = common_prefix(pieces, earlier.prompt.pieces)
        pieces[:repeated] = earlier.prompt.pieces[:repeated]
        digests = earlier.digests[:repeated] + self._digests(pieces, earlier, repeated)
        weights = earlier.weights[:repeated] + _weights(prompt, repeated)
        hashed = Hashed(prompt, digests, weights, self._prefixes(prompt, digests, earlier, repeated))
        self._prompts.put(first_message, hashed, _PROMPT_BYTES + sum(weights))
        if first_message is not pieces[0]:
            self._prompts.put(pieces[0], hashed, _BLOCK_BYTES)
        return hashed

    def hash(self, data: bytes) -> str:
        """The keyed hash of anything else, as a record has it."""
        hasher = self._seed.copy()
        hasher.update(data)
        return hasher.digest()[:_HASH_BYTES].hex()

    def _digests(self, pieces: list[Piece], earlier: Hashed, start: int) -> tuple[bytes, ...]:
        """Those of the blocks from `start` on; where a block was edited, those behind it are at the same places."""
        known, digests = earlier.prompt.pieces, earlier.digests
        return tuple(
            digests[place] if place < len(known) and pieces[place] == known[place] else self._digest(pieces[place])
            for place in range(start, len(pieces))
        )

    def _prefixes(
        self, prompt: LaidOut, digests: tuple[bytes, ...], earlier: Hashed, repeated: int
    ) -> Mapping[int, str]:
        """The hash of so many blocks of the messages as `prefix_lengths` says, by their number."""
        start = prompt.ends[1]
        known = earlier.prefixes if earlier.prompt.ends[1] == start else {}
        content = b"".join(digests[start:])
        return {
            count: known[count]
            if count in known and count <= repeated - start
            else self.hash(content[: count * DIGEST_BYTES])
            for count in prompt.prefix_lengths()
        }

    def _digest(self, piece: Piece) -> bytes:
        sample = _sample(piece)
        known = self._blocks.get(sample)
        if known is None or known[0] != piece:
            hasher = self._seed.copy()
            hasher.update(encode(piece))
            known = piece, hasher.digest()[:DIGEST_BYTES]
        self._blocks.put(sample, known, sample[0] + _BLOCK_BYTES)
        return known[1]


def _sample(piece: Piece) -> Sample:
    parts = (piece,) if isinstance(piece, bytes) else piece
    content = max((part[0] if isinstance(part, tuple) else part for part in parts), key=len)
    return len(content), content[:_SAMPLE], content[-_SAMPLE:]


def _weights(prompt: LaidOut, start: int) -> list[int]:
    weights = [length(piece) for piece in prompt.pieces[start:]]
    for place, media in prompt.media.items():
        if place >= start:
            weights[place - start] = _MEDIUM_BYTES * len(media)
    return weights
