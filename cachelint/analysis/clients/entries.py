"""Which declaration of a client a name means."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import translate

from cachelint.clients import DECLARED, Client
from cachelint.sink_declaration import SinkDeclaration


@dataclass(frozen=True, slots=True)
class Entry:
    """A declared call."""

    client: str
    declaration: SinkDeclaration
    pattern: str
    expression: re.Pattern[str] | None
    """None for a name without ``*``."""

    @property
    def last_name(self) -> str:
        """`run` for ``agno*.Agent().run``."""
        return self.pattern.rpartition(".")[2]

    @property
    def of_object(self) -> bool:
        """Whether it is a method of an object, which cannot be imported by its name."""
        return self.pattern.startswith("*.") or "()." in self.pattern

    def means(self, path: str) -> bool:
        """Whether a dotted name is that of the call."""
        if self.expression is not None:
            return self.expression.match(path) is not None
        return path == self.pattern or (self.client == DECLARED and path.endswith(f".{self.pattern}"))


class Entries:
    """The declared calls of the clients that are in use."""

    def __init__(self, clients: Iterable[Client]) -> None:
        self._by_last_name: dict[str, list[Entry]] = {}
        self.sending: dict[str, frozenset[str]] = {}
        """The last names of the calls that send a prompt, or that fix parts of one, by client."""
        self.methods: set[str] = set()
        """Those that are always called as an attribute of something."""
        for client in clients:
            sending: set[str] = set()
            for declaration in client.sinks:
                for pattern in declaration.call:
                    self._add(client, declaration, pattern)
                    if _sends(declaration):
                        sending.add(pattern.rpartition(".")[2])
            self.sending[client.name] = frozenset(sending)
        plain = {entry.last_name for entries in self._by_last_name.values() for entry in entries if not entry.of_object}
        self.methods = set(self._by_last_name) - plain
        for entries in self._by_last_name.values():
            entries.sort(key=lambda entry: -len(entry.pattern))

    def _add(self, client: Client, declaration: SinkDeclaration, pattern: str) -> None:
        expression = re.compile(translate(pattern)) if "*" in pattern else None
        entry = Entry(client.name, declaration, pattern, expression)
        self._by_last_name.setdefault(pattern.rpartition(".")[2], []).append(entry)

    def find(self, path: str) -> Entry | None:
        """The declaration that a dotted name means: the one with the longest pattern; None when there is none."""
        candidates = self._by_last_name.get(path.rpartition(".")[2])
        if candidates is None:
            return None
        return next((entry for entry in candidates if entry.means(path)), None)


def _sends(declaration: SinkDeclaration) -> bool:
    if declaration.does == "makes":
        return bool(declaration.system or declaration.tools)
    return declaration.does in ("sends", "agent")
