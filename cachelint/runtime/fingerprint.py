"""Fingerprints: keyed hashes of a prompt's blocks and of its growing prefixes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

from cachelint.prompt.layout import TIERS
from cachelint.prompt.parameters import prompt_parameters
from cachelint.runtime.encoding import Piece, encode, encode_value
from cachelint.runtime.prompt import LaidOut, lay_out
from cachelint.runtime.record import FingerprintsField, MarkerField

_DIGEST_BYTES = 12
_HASH_LETTERS = 12
_MEMORY_BYTES = 4 * 1024 * 1024
"""Blocks kept to be recognised, twice this at most."""

_ENTRY_BYTES = 600
"""What keeping a block costs beside its content."""

_SAMPLE = 48
_MOST_PARAMETERS = 256

_MOST_TIERS = 256

Sample = tuple[int, str | bytes, str | bytes]
"""A block at first sight: its length, and some of its start and end."""


class Known(NamedTuple):
    """A block that has been hashed."""

    piece: Piece
    digest: bytes


class Fingerprint(NamedTuple):
    """A prompt with the keyed hash of each block."""

    prompt: LaidOut
    digests: tuple[bytes, ...]
    static: tuple[bytes, ...]
    """Those of tools and system."""
    messages: tuple[bytes, ...]
    """Those of the messages."""
    hashes: FingerprintsField

    @property
    def markers(self) -> list[MarkerField]:
        """The explicit breakpoints, as a record has them."""
        return [{"position": self.prompt.position(place), "ttl": ttl} for place, ttl in self.prompt.markers]


class Fingerprinter:
    """Makes fingerprints under one key. Blocks seen before, as in a conversation that grows, are not hashed again."""

    def __init__(self, key: bytes) -> None:
        self._seed = hashlib.sha256(key)
        self._known: dict[Sample | int, Known] = {}
        """By what a block looks like, and a text also by its identity, which it keeps for as long as it is here."""
        self._earlier: dict[Sample | int, Known] = {}
        self._remembered = 0
        self._known_parameters: dict[tuple[bytes | str, ...], dict[str, str]] = {}
        self._known_tiers: dict[tuple[bytes, ...], str] = {}

    def fingerprint(self, body: Mapping[str, Any], betas: Sequence[str] = ()) -> Fingerprint:
        """The fingerprint of a request body. `betas`: what its `anthropic-beta` header lists."""
        prompt = lay_out(body)
        digests = tuple(self._digests(prompt.pieces))
        tools_end, system_end, _ = prompt.ends
        static, messages = digests[:system_end], digests[system_end:]
        prefixes = _prefix_lengths(prompt)
        reached = [0, *accumulate(prompt.weights)]
        hashes: FingerprintsField = {
            "tools": self._tier(static[:tools_end]),
            "system": self._tier(static[tools_end:]),
            "messages": self._prefixes(messages, prefixes),
            "lengths": [reached[tools_end], reached[system_end], *(reached[system_end + count] for count in prefixes)],
            "parameters": self._parameters(body, betas, prompt),
        }
        return Fingerprint(prompt, digests, static, messages, hashes)

    def _digests(self, pieces: list[Piece]) -> Iterator[bytes]:
        """The hash of each block.

        A conversation sends the same texts again and again, mostly the same objects: these are not even looked into.
        """
        recall = self._known.get
        for place, piece in enumerate(pieces):
            if isinstance(piece, tuple):
                known = recall(id(piece[1]))
                if known is not None and known.piece[1] is piece[1] and known.piece[0] == piece[0]:
                    yield known.digest
                    continue
            known = self._recognised(piece)
            pieces[place] = known.piece
            yield known.digest

    def _recognised(self, piece: Piece) -> Known:
        """The block with its hash. Comparing it with one that looks the same is ten times faster than hashing it."""
        content = piece[1] if isinstance(piece, tuple) else piece
        sample = (len(content), content[:_SAMPLE], content[-_SAMPLE:])
        known = self._known.get(sample) or self._earlier.get(sample)
        if known is None or known.piece != piece:
            hasher = self._seed.copy()
            hasher.update(encode(piece))
            known = Known(piece, hasher.digest()[:_DIGEST_BYTES])
        elif isinstance(piece, tuple):
            # From now on this object may be sent again.
            known = Known(piece, known.digest)
        self._remember(sample, known)
        return known

    def _remember(self, sample: Sample, known: Known) -> None:
        """Keeps a block. When enough are kept, those not seen since the last time are let go."""
        self._remembered += sample[0] + _ENTRY_BYTES
        if self._remembered > _MEMORY_BYTES:
            self._known, self._earlier, self._remembered = {}, self._known, sample[0] + _ENTRY_BYTES
        self._known[sample] = known
        if isinstance(known.piece, tuple):
            self._known[id(known.piece[1])] = known

    def _tier(self, digests: tuple[bytes, ...]) -> str | None:
        if not digests:
            return None
        known = self._known_tiers.get(digests)
        if known is None:
            if len(self._known_tiers) >= _MOST_TIERS:
                self._known_tiers.clear()
            known = self._known_tiers[digests] = self._hash(b"".join(digests))
        return known

    def _prefixes(self, digests: Sequence[bytes], lengths: Sequence[int]) -> list[str]:
        """``"n:hash"`` of the first n blocks, for each n of `lengths`."""
        hasher, done, prefixes = self._seed.copy(), 0, []
        for length in lengths:
            hasher.update(b"".join(digests[done:length]))
            prefixes.append(f"{length}:{hasher.hexdigest()[:_HASH_LETTERS]}")
            done = length
        return prefixes

    def _parameters(self, body: Mapping[str, Any], betas: Sequence[str], prompt: LaidOut) -> dict[str, str]:
        """The hashes of the parameters, which rarely change: those of an earlier request, where it had the same."""
        rest = {name: value for name, value in body.items() if name not in TIERS}
        same: tuple[bytes | str, ...] = (encode_value("parameters", rest), *betas, *prompt.media)
        known = self._known_parameters.get(same)
        if known is None:
            known = self._hashed_parameters(rest, betas, prompt)
            if len(self._known_parameters) >= _MOST_PARAMETERS:
                self._known_parameters.clear()
            self._known_parameters[same] = known
        return known

    def _hashed_parameters(self, body: Mapping[str, Any], betas: Sequence[str], prompt: LaidOut) -> dict[str, str]:
        stated = prompt_parameters(body, betas)
        stated.pop("model", None)
        if "image" in prompt.media:
            stated["images"] = True
        if "citations" in prompt.media:
            stated["citations"] = True
        return {name: self._hash(encode_value("parameter", value)) for name, value in stated.items()}

    def _hash(self, data: bytes) -> str:
        hasher = self._seed.copy()
        hasher.update(data)
        return hasher.hexdigest()[:_HASH_LETTERS]


def _prefix_lengths(prompt: LaidOut) -> list[int]:
    """How many blocks of the messages are hashed: 1, 2, 4 … and as many as there are to each breakpoint and the end."""
    _, start, end = prompt.ends
    lengths = {place - start + 1 for place, _ in prompt.markers if place >= start}
    if prompt.last_cached >= start:
        lengths.add(prompt.last_cached - start + 1)
    lengths.add(end - start)
    length = 1
    while length < end - start:
        lengths.add(length)
        length *= 2
    return sorted(lengths - {0})
