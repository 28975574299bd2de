"""What an outcome was made of, so that one can tell whether a change of some files leaves it as it is.

An analysis reads few of a project's files. Of the others it knows their names, as far as imports asked for them, which
of some words they hold, and that they neither send a prompt nor mention a client that no other does. An outcome holds
where all of this is as it was. Nothing here imports a parser.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from cachelint.analysis.clients.senders import Senders
from cachelint.analysis.listing import Listing, Question
from cachelint.analysis.word_search import Search
from cachelint.clients import ClientsInUse, declared_client
from cachelint.config import Settings


@dataclass(frozen=True, slots=True)
class Trace:
    """What an analysis has read and asked, apart from texts that are not Python."""

    clients: ClientsInUse
    """Those that the files mention."""
    read: tuple[str, ...] = ()
    """The Python files of which everything counts."""
    searches: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    """Kind and name of what was searched for, and the files in which it was found."""
    imports: tuple[tuple[str, str, str, str | None], ...] = ()
    """Kind, importer and name of what was asked of the listing, and the answer."""
    packages: tuple[str, ...] = ()
    """Which clients are the project's own, where any is used."""

    def plain(self) -> list[object]:
        """The trace as JSON can hold it."""
        clients = [self.clients.speaker, dict(self.clients.witnesses)]
        return [clients, self.read, self.searches, self.imports, self.packages]

    @classmethod
    def from_plain(cls, written: Any) -> Trace | None:
        """The trace that was written; None for anything else."""
        match written:
            case [[str() | None as speaker, dict() as witnesses], [*read], [*searches], [*imports], [*packages]]:
                found = tuple((kind, name, tuple(files)) for kind, name, files in searches)
                asked = tuple((kind, importer, name, answer) for kind, importer, name, answer in imports)
                return cls(ClientsInUse(speaker, witnesses), tuple(read), found, asked, tuple(packages))
            case _:
                return None

    def reads(self, filenames: Collection[str]) -> bool:
        """Whether everything in one of these files counts."""
        return not frozenset(self.read).isdisjoint(filenames)

    def holds_in(self, names: Collection[str]) -> bool:
        """Whether imports find the same in a project with files of these names."""
        listing = Listing(names)
        if self.clients.witnesses and sorted(listing.packages) != list(self.packages):
            return False
        asked = ((Question(kind, importer, name), answer) for kind, importer, name, answer in self.imports)
        return listing.answers_like(asked)

    def holds_with(self, changed: Mapping[str, bytes], settings: Settings) -> bool:
        """Whether searches find the same, and no other prompts are sent, where these files hold something else now.

        None of them is among those of which everything counts; a file that is gone holds nothing.
        """
        if not self.clients.remain(changed):
            return False
        clients = (client.outside(frozenset(self.packages)) for client in self.clients.clients)
        senders = Senders((*clients, declared_client(settings)))
        if any(map(senders.may_send, changed.values())):
            return False
        return all(_finds_the_same(Search(kind, name), files, changed) for kind, name, files in self.searches)


def _finds_the_same(search: Search, files: tuple[str, ...], changed: Mapping[str, bytes]) -> bool:
    matches = search.matcher()
    return all(matches(content) == (name in files) for name, content in changed.items())
