"""Fingerprints: keyed hashes of a prompt's blocks and of its growing prefixes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

from cachelint.prompt.layout import TIERS
from cachelint.prompt.parameters import prompt_parameters
from cachelint.runtime.encoding import encode_value
from cachelint.runtime.hashing import DIGEST_BYTES, Hashing
from cachelint.runtime.memory import Memory
from cachelint.runtime.prompt import LaidOut, lay_out
from cachelint.runtime.record import FingerprintsField, MarkerField

_MEMORY_BYTES = 256 * 1024


class Fingerprint(NamedTuple):
    """A prompt with the keyed hash of each block."""

    prompt: LaidOut
    digests: tuple[bytes, ...]
    static: tuple[bytes, ...]
    """Those of tools and system."""
    messages: tuple[bytes, ...]
    """Those of the messages."""
    weights: list[int]
    """The length of each block in bytes, by which tokens are shared out."""
    weight: int
    """Of all blocks together."""
    hashes: FingerprintsField

    @property
    def markers(self) -> list[MarkerField]:
        """The explicit breakpoints, as a record has them."""
        return [{"position": self.prompt.position(place), "ttl": ttl} for place, ttl in self.prompt.markers]


class Fingerprinter:
    """Makes fingerprints under one key. Blocks seen before, as in a conversation that grows, are not hashed again."""

    def __init__(self, key: bytes) -> None:
        self._hashing = Hashing(key)
        self._tiers: Memory[str] = Memory(_MEMORY_BYTES)
        self._parameters: Memory[dict[str, str]] = Memory(_MEMORY_BYTES)

    def fingerprint(self, body: Mapping[str, Any], betas: Sequence[str] = ()) -> Fingerprint:
        """The fingerprint of a request body. `betas`: what its `anthropic-beta` header lists."""
        prompt, digests, weights, prefixes = self._hashing.hashed(lay_out(body))
        tools_end, system_end, _ = prompt.ends
        static, messages = digests[:system_end], digests[system_end:]
        reached = [0, *accumulate(weights)]
        hashes: FingerprintsField = {
            "tools": self._tier(static[:tools_end]),
            "system": self._tier(static[tools_end:]),
            "messages": [f"{count}:{hash}" for count, hash in prefixes.items()],
            "lengths": [reached[tools_end], reached[system_end], *(reached[system_end + count] for count in prefixes)],
            "parameters": self._hashed_parameters(body, betas, prompt),
        }
        return Fingerprint(prompt, digests, static, messages, weights, reached[-1], hashes)

    def with_betas(self, known: Fingerprint, body: Mapping[str, Any], betas: Sequence[str]) -> Fingerprint:
        """The fingerprint of the same request body under another `anthropic-beta` header."""
        hashes: FingerprintsField = {**known.hashes, "parameters": self._hashed_parameters(body, betas, known.prompt)}
        return known._replace(hashes=hashes)

    def _tier(self, digests: tuple[bytes, ...]) -> str | None:
        if not digests:
            return None
        known = self._tiers.get(digests)
        if known is None:
            known = self._hashing.hash(b"".join(digests))
            self._tiers.put(digests, known, DIGEST_BYTES * len(digests))
        return known

    def _hashed_parameters(self, body: Mapping[str, Any], betas: Sequence[str], prompt: LaidOut) -> dict[str, str]:
        """The hashes of the parameters, which rarely change: those of an earlier request, where it had the same."""
        rest = {name: value for name, value in body.items() if name not in TIERS}
        images = any("image" in media for media in prompt.media.values())
        encoded = encode_value("parameters", rest)
        same = (encoded, *betas, images, prompt.citations)
        known = self._parameters.get(same)
        if known is None:
            stated = prompt_parameters(rest, betas)
            stated.pop("model", None)
            stated |= {name: True for name, given in (("images", images), ("citations", prompt.citations)) if given}
            known = {name: self._hashing.hash(encode_value("parameter", value)) for name, value in stated.items()}
            self._parameters.put(same, known, len(encoded))
        return known
