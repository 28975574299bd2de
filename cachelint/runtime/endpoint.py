"""What a request is for, and on whose platform: read off its address and the class of its client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Endpoint = Literal["messages", "count_tokens", "batch_create", "batch_results"]

Method = Literal["create", "stream", "parse", "tool_runner"]
"""The SDK's method behind a request for a message."""

FIRST_PARTY = "anthropic"
"""The platform that is Anthropic itself."""

_FIRST_PARTY_HOST = "api.anthropic.com"

_PLATFORMS: Mapping[str, str] = {
    "BaseBedrockClient": "bedrock",
    "AnthropicBedrock": "bedrock",
    "AsyncAnthropicBedrock": "bedrock",
    "BaseMantleClient": "bedrock-mantle",
    "AnthropicBedrockMantle": "bedrock-mantle",
    "AsyncAnthropicBedrockMantle": "bedrock-mantle",
    "BaseVertexClient": "vertex",
    "AnthropicVertex": "vertex",
    "AsyncAnthropicVertex": "vertex",
    "BaseFoundryClient": "foundry",
    "AnthropicFoundry": "foundry",
    "AsyncAnthropicFoundry": "foundry",
    "AnthropicAWS": "aws",
    "AsyncAnthropicAWS": "aws",
    "AnthropicGoogleCloud": "google-cloud",
    "AsyncAnthropicGoogleCloud": "google-cloud",
}
_HOSTS: tuple[tuple[str, str], ...] = (
    ("bedrock-runtime", "bedrock"),
    ("bedrock-mantle", "bedrock-mantle"),
    ("aiplatform", "vertex"),
    (".azure.com", "foundry"),
)
_PLATFORM_MESSAGES = (":rawPredict", ":streamRawPredict", "/invoke", "/invoke-with-response-stream")


def endpoint_of(method: str, address: str) -> Endpoint | None:
    """What a request asks for, or None for one that carries no prompt. `address`: a path or a whole URL.

    >>> endpoint_of("post", "/v1/messages?beta=true")
    'messages'
    """
    path = address.partition("?")[0]
    if method.lower() == "get":
        return "batch_results" if path.endswith("/results") and "/messages/batches/" in path else None
    if path.endswith("/messages/batches"):
        return "batch_create"
    if path.endswith(("/count_tokens", "/count-tokens:rawPredict")):
        return "count_tokens"
    return "messages" if path.endswith(("/messages", *_PLATFORM_MESSAGES)) else None


def method_of(headers: Mapping[str, str]) -> Method:
    """The method of the SDK that made a request of the kind `messages`, from its headers by lower-case name.

    Source: the anthropic SDK, `lib/_stainless_helpers.py`.
    """
    helper = headers.get("x-stainless-helper", "")
    if "ToolRunner" in helper:
        return "tool_runner"
    if "messages.parse" in helper:
        return "parse"
    is_stream = "x-stainless-stream-helper" in headers or headers.get("x-stainless-helper-method") == "stream"
    return "stream" if is_stream else "create"


def platform_of_client(client_class: type) -> str | None:
    """The platform that a class of client talks to, subclasses included; None for the plain client."""
    return next((_PLATFORMS[base.__name__] for base in client_class.__mro__ if base.__name__ in _PLATFORMS), None)


def platform_of_host(host: str) -> str:
    """The platform behind a host name; ``gateway`` for one that is nobody's."""
    if host == _FIRST_PARTY_HOST:
        return FIRST_PARTY
    return next((platform for part, platform in _HOSTS if part in host), "gateway")
