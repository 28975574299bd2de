"""Message threads: conversations whose history the server holds, each request naming the response that it goes on from.

What such a request sends is only its turn, so there is nothing to compare it with; but it can be told where it belongs.
Source: the anthropic SDK, `beta.messages.thread`, which its tool runner uses unless told otherwise.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from cachelint.runtime.fingerprint import Fingerprint
from cachelint.runtime.sessions import Conversation, new_conversation

FIELD = "thread"

MOST_MESSAGES = 4_096
"""Responses of which it is remembered to which conversation they belong."""


class Threads:
    """The conversations that are held by the server, by the ids of their responses."""

    def __init__(self) -> None:
        self._conversations: OrderedDict[str, Conversation] = OrderedDict()

    def follow(self, body: Mapping[str, Any], request: Fingerprint, named: str | None) -> Conversation:
        """The conversation that a request goes on with; a new one where it names no response that is remembered."""
        thread = body.get(FIELD)
        previous = thread.get("previous_message_id") if isinstance(thread, dict) else None
        known = self._conversations.get(previous) if isinstance(previous, str) else None
        return known or new_conversation(request, named)

    def advance(self, conversation: Conversation, message: str) -> None:
        """A response of the conversation has come."""
        self._conversations[message] = conversation
        if len(self._conversations) > MOST_MESSAGES:
            self._conversations.popitem(last=False)
