"""The clients that prompts for Claude pass through besides the anthropic SDK, each described in a TOML file.

A file has a ``name``, the ``mentions`` of which a file that uses the client contains one, and ``sinks`` as
`cachelint.sink_declaration` describes them. Support for another client is another file.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from cachelint.config import Settings
from cachelint.sink_declaration import SinkDeclaration
from cachelint.toml_table import read, read_table, string, strings, tables

CLAUDE = (b"laude", b"nthropic", b"cache_control")
"""A project that sends anything to Claude through another client says so somewhere: by its name, by its maker's, or by
setting a breakpoint."""


@dataclass(frozen=True, slots=True)
class Client:
    """A library through which prompts are sent."""

    name: str = field(metadata=read(string))
    mentions: tuple[str, ...] = field(metadata=read(strings))
    """Texts of which a file that uses the client contains one."""
    sinks: tuple[SinkDeclaration, ...] = field(metadata=read(tables(SinkDeclaration)))
    covers: str = field(default="", metadata=read(string))
    """What is followed, for the documentation."""

    @property
    def mostly_elsewhere(self) -> bool:
        """Whether nothing but the name of the model, or a breakpoint, tells that a prompt goes to Claude."""
        return bool(self.sinks) and all(sink.models == "named" for sink in self.sinks if sink.does == "sends")

    def outside(self, packages: Set[str]) -> Client:
        """The client without what is defined by the project itself, whose classes are followed like any others."""
        kept = (sink for sink in self.sinks if not {_library(call) for call in sink.call} <= packages)
        return replace(self, sinks=tuple(kept))


def _library(call: str) -> str:
    """`agno` for ``agno*.Agent().run``; empty for a call of any object."""
    return re.split(r"\W", call, maxsplit=1)[0]


DECLARED = "declared"
"""The name of the client to which the sinks of the configuration belong."""


@cache
def known_clients() -> tuple[Client, ...]:
    """The clients that come with this version, read once."""
    files = sorted(Path(__file__).parent.glob("*.toml"))
    return tuple(
        Client(**read_table(Client, tomllib.loads(file.read_text(encoding="utf-8")), f"{file.name}: "))
        for file in files
    )


def declared_client(settings: Settings) -> Client:
    """The sinks that the configuration declares, as a client: a file that uses it has the name of one of its calls."""
    names = (call.rpartition(".")[2].removesuffix("()") for sink in settings.sinks for call in sink.call)
    return Client(DECLARED, tuple(dict.fromkeys(names)), settings.sinks)


def mentioned(content: bytes, client: Client) -> bool:
    """Whether a file may send a prompt to Claude through a client.

    Through one that mostly sends elsewhere, only a file that speaks of Claude does.
    """
    if not any(mention.encode() in content for mention in client.mentions):
        return False
    return not client.mostly_elsewhere or any(word in content for word in CLAUDE)


@dataclass(frozen=True, slots=True)
class ClientsInUse:
    """The clients that a project uses, and the files that show it."""

    speaker: str | None
    """A file that speaks of Claude; None where none does, and no client counts."""
    witnesses: Mapping[str, str] = field(default_factory=dict)
    """By the name of each client that is used, a file that mentions it."""

    @property
    def clients(self) -> list[Client]:
        """These clients."""
        return [client for client in known_clients() if client.name in self.witnesses]

    def remain(self, changed: Mapping[str, bytes]) -> bool:
        """Whether the same clients are certainly used where these files hold something else now."""
        if self.speaker is None:
            return not any(map(_speaks, changed.values()))
        if self.speaker in changed and not _speaks(changed[self.speaker]):
            return False
        return all(self._remains(client, changed) for client in known_clients())

    def _remains(self, client: Client, changed: Mapping[str, bytes]) -> bool:
        witness = self.witnesses.get(client.name)
        if witness is None:
            return not any(mentioned(content, client) for content in changed.values())
        return witness not in changed or mentioned(changed[witness], client)


def clients_in_use(files: Mapping[str, bytes]) -> ClientsInUse:
    """The clients that the files of a project, given by name, mention; none when nothing in it speaks of Claude."""
    speaker = next((name for name, content in files.items() if _speaks(content)), None)
    if speaker is None:
        return ClientsInUse(None)
    found = {client.name: _witness(files, client) for client in known_clients()}
    return ClientsInUse(speaker, {name: witness for name, witness in found.items() if witness is not None})


def _witness(files: Mapping[str, bytes], client: Client) -> str | None:
    return next((name for name, content in files.items() if mentioned(content, client)), None)


def _speaks(content: bytes) -> bool:
    return any(word in content for word in CLAUDE)
