"""Fingerprints: keyed hashes of a prompt's blocks and of its growing prefixes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

from cachelint.prompt.layout import TIERS
from cachelint.prompt.parameters import prompt_parameters
from cachelint.runtime.encoding import encode_value
from cachelint.runtime.prompt import LaidOut, lay_out
from cachelint.runtime.record import FingerprintsField, MarkerField

_DIGEST_BYTES = 12
_HASH_LETTERS = 12
_MEMORY_BYTES = 8 * 1024 * 1024
_SAMPLE = 48
_MOST_PARAMETERS = 256

Sample = tuple[int, bytes, bytes]
"""A block at first sight: its length, and some bytes of its start and end."""


class Fingerprint(NamedTuple):
    """A prompt with the keyed hash of each block."""

    prompt: LaidOut
    digests: tuple[bytes, ...]
    parameters: Mapping[str, str]
    hashes: FingerprintsField

    @property
    def markers(self) -> list[MarkerField]:
        """The explicit breakpoints, as a record has them."""
        return [{"position": self.prompt.position(place), "ttl": ttl} for place, ttl in self.prompt.markers]


class Fingerprinter:
    """Makes fingerprints under one key. Blocks seen before, as in a conversation that grows, are not hashed again."""

    def __init__(self, key: bytes) -> None:
        self._seed = hashlib.sha256(key)
        self._known: dict[Sample, tuple[bytes, bytes]] = {}
        self._earlier: dict[Sample, tuple[bytes, bytes]] = {}
        self._remembered = 0
        self._known_parameters: dict[tuple[bytes | str, ...], dict[str, str]] = {}

    def fingerprint(self, body: Mapping[str, Any], betas: Sequence[str] = ()) -> Fingerprint:
        """The fingerprint of a request body. `betas`: what its `anthropic-beta` header lists."""
        prompt = lay_out(body)
        digests = tuple(self._digests(prompt.encoded))
        tools_end, system_end, _ = prompt.ends
        parameters = self._parameters(body, betas, prompt)
        prefixes = _prefix_lengths(prompt)
        reached = [0, *accumulate(prompt.weights)]
        hashes: FingerprintsField = {
            "tools": self._tier(digests[:tools_end]),
            "system": self._tier(digests[tools_end:system_end]),
            "messages": self._prefixes(digests[system_end:], prefixes),
            "lengths": [reached[tools_end], reached[system_end], *(reached[system_end + count] for count in prefixes)],
            "parameters": parameters,
        }
        return Fingerprint(prompt, digests, parameters, hashes)

    def _digests(self, encoded: list[bytes]) -> Iterator[bytes]:
        """The hash of each block. Comparing with a block that looks the same is ten times faster than hashing it."""
        for place, block in enumerate(encoded):
            sample = (len(block), block[:_SAMPLE], block[-_SAMPLE:])
            known = self._known.get(sample) or self._recall(sample)
            if known is None or known[0] != block:
                hasher = self._seed.copy()
                hasher.update(block)
                known = (block, hasher.digest()[:_DIGEST_BYTES])
                self._remember(sample, known)
            encoded[place] = known[0]
            yield known[1]

    def _recall(self, sample: Sample) -> tuple[bytes, bytes] | None:
        known = self._earlier.get(sample)
        if known is not None:
            self._remember(sample, known)
        return known

    def _remember(self, sample: Sample, known: tuple[bytes, bytes]) -> None:
        """Keeps a block. When enough are kept, those not seen since the last time are let go."""
        self._remembered += sample[0]
        if self._remembered > _MEMORY_BYTES:
            self._known, self._earlier, self._remembered = {}, self._known, sample[0]
        self._known[sample] = known

    def _tier(self, digests: Sequence[bytes]) -> str | None:
        return self._hash(b"".join(digests)) if digests else None

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
