"""The simulated API behind the real SDK, with tokens that can be counted by eye."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import anthropic
import pytest
from simulated_requests import Send, count, counted

from cachelint.testing import CacheUsage, ManualClock, MessagesApi
from cachelint.testing.interception import intercepted


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def api(clock: ManualClock) -> MessagesApi:
    """A token for each character of a text or a description, 10 for any other block."""
    made = MessagesApi(clock=clock, workspaces={"key of another workspace": "another"})
    made.cache.count = count
    return made


@pytest.fixture
def sdk(api: MessagesApi) -> Iterator[anthropic.Anthropic]:
    """The SDK's client, whose requests the simulated API answers."""
    with intercepted(api), anthropic.Anthropic(api_key="key", max_retries=0) as client:
        yield client


@pytest.fixture
def send(sdk: anthropic.Anthropic) -> Send:
    """Sends a request through the SDK; the input side of the usage that it is answered."""

    def sending(body: Mapping[str, Any]) -> CacheUsage:
        return counted(sdk.beta.messages.create(**body).usage)

    return sending
