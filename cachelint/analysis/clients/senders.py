"""Which files may send a prompt, by their bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable

from cachelint.analysis.clients.entries import Entries
from cachelint.clients import Client, mentioned

METHODS = frozenset(("create", "stream", "parse", "count_tokens", "tool_runner"))
"""The last names of the calls of the SDK that send a prompt."""
RECEIVERS = frozenset(("messages", "with_raw_response", "with_streaming_response", "batches"))
"""What they are called on."""
_SDK_CALL = re.compile(
    rf"\b(?:{'|'.join(sorted(RECEIVERS))})(?:\s*\([^()]*\))?(?:\s|\\n|\\|[\",])*\.\s*(?:{'|'.join(sorted(METHODS))})\b".encode()
)
"""A call of the SDK as it is written, maybe over several lines, in a notebook too."""
_NAMED_RECEIVER = re.compile(rb"=[ \t]*[\w.()]+\.messages[ \t]*(?:#.*)?\r?$", re.MULTILINE)
"""`messages = client.beta.messages`: what it is called on stands elsewhere."""


class Senders:
    """The calls of the anthropic SDK and of some clients, as bytes of a file show them."""

    def __init__(self, clients: Iterable[Client]) -> None:
        self._clients = tuple(clients)
        self.entries = Entries(self._clients)

    def names(self, content: bytes) -> frozenset[str]:
        """The last names of the calls that may send a prompt in a file, by the clients that it mentions."""
        here = (client for client in self._clients if mentioned(content, client))
        names = frozenset().union(*(self.entries.sending[client.name] for client in here))
        return frozenset(name for name in names if name.encode() in content)

    def calls_sdk(self, content: bytes) -> bool:
        """Whether a file may call the SDK."""
        return _SDK_CALL.search(content) is not None or _NAMED_RECEIVER.search(content) is not None

    def may_send(self, content: bytes) -> bool:
        """Whether a file may send a prompt at all."""
        return self.calls_sdk(content) or bool(self.names(content))
