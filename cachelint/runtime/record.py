"""The record: what one line of a usage log holds. This is the contract with every reader; its version is `SCHEMA`.

A log is a file of JSON lines in UTF-8, one object per line, each of the shape `UsageRecord`. Fields may be added
within a version; a change of meaning is a new version. A field without a value is null; those marked *absent* below are
left out instead. Counters appear exactly as the API returned them; nothing is estimated unless its name says so.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

SCHEMA = "cachelint/1"

Kind = Literal["messages", "count_tokens", "batch_create", "batch"]
"""What a record is about."""


class MarkerField(TypedDict):
    """A breakpoint that the request sets."""

    position: str
    """``tools[2]``, ``system[0]``, ``messages[3].content[1]``."""
    ttl: str
    """``5m`` or ``1h``."""


class FingerprintsField(TypedDict):
    """Keyed hashes of the prompt, breakpoints left out. Equal hashes mean equal content, within one key."""

    tools: str | None
    """Of all tools."""
    system: str | None
    """Of the whole system prompt."""
    messages: list[str]
    """``"8:5f0e…"``: the hash of the first 8 content blocks of all messages. At 1, 2, 4, 8 … blocks, at each breakpoint
    and at the end, so two records share a prefix of n blocks if both hold the same element ``"n:…"``."""
    lengths: list[int]
    """Bytes up to the end of tools, of system, and of each prefix in `messages`: by these, tokens can be shared out."""
    parameters: dict[str, str]
    """By the names of `cachelint.prompt.prompt_parameters`; parameters at their default are left out."""


class DiagnosticsField(TypedDict):
    """The API's own cache diagnosis; four states."""

    requested: bool
    """False: nobody asked, and the other field means nothing."""
    reason: dict[str, Any] | Literal["pending"] | None
    """null: the first turn, or compared and equal. ``pending``: inconclusive. Else the reason as returned."""


class ExcerptField(TypedDict):
    """The text around a divergence; only with ``capture="excerpt"``."""

    before: str
    """Of the earlier request."""
    after: str
    """Of this one."""


class DivergenceField(TypedDict):
    """Where this request stops repeating the one it continues, within what that one had cached."""

    tier: Literal["tools", "system", "messages"]
    """The part of the prompt in which it stops."""
    position: str
    """Of the first block that differs: ``system[0]``."""
    offset: int | None
    """Bytes of UTF-8 text before the first difference in the block; null where a whole block came, went or moved."""
    change: str
    """``text``, ``whitespace``, ``reordered-keys``, ``reordered-items``, ``reordered-lines``, ``value``, ``added``,
    ``removed``, ``reordered-tools``, ``added-tools``, ``removed-tools``, ``history-shifted``, ``block``."""
    before: str
    """What the differing text looks like in the earlier request: ``timestamp``, ``uuid``, ``number``, ``word`` …"""
    after: str
    """The same, in this request."""
    tokens_at_risk: int
    """Tokens behind the difference that the earlier request had cached: its share of the prompt that was billed."""
    excerpt: NotRequired[ExcerptField]
    """Absent unless it was asked for."""


class UsageRecord(TypedDict):
    """One line of the log."""

    schema: str
    """``cachelint/1``: of this shape."""
    id: str | None
    """Of the message, ``msg_...``; what readers deduplicate by."""
    request_id: str | None
    """Of the HTTP response, ``req_...``."""
    kind: Kind
    """``messages``: one attempt to get a response. ``count_tokens``: a count. ``batch_create``: a batch was handed in,
    its usage comes later. ``batch``: one result of a batch. Only ``messages`` and ``batch`` are billed."""
    method: Literal["create", "stream", "parse", "tool_runner"] | None
    """The SDK's method that asked, as its own headers name it; null for all kinds but `messages`."""
    stream: bool
    """Whether the response was streamed."""
    status: int | None
    """HTTP status; null when no response came."""
    error: str | None
    """null for success. The API's error type (``overloaded_error``); ``http_503`` where the body was never read; the
    name of the exception when no response came, ``connection_error`` when it broke off; the type of a batch result that
    is not a message (``expired``)."""
    attempt: int
    """0 for the first, 1 for the first retry ..."""
    started: str
    """When the attempt was sent, ISO 8601 in UTC with milliseconds. The TTL of a cache entry counts from here."""
    first_token_ms: float | None
    """From `started` to the first event with content; null for what was not streamed."""
    duration_ms: float
    """From `started` to the end of the response."""
    model_requested: str | None
    """As in the request."""
    model: str | None
    """As in the response."""
    platform: str
    """``anthropic``, ``bedrock``, ``bedrock-mantle``, ``vertex``, ``foundry``, ``aws``, ``google-cloud``, or
    ``gateway`` for any other address."""
    workspace: str | None
    """The `anthropic-workspace-id` header of the response."""
    session: str | None
    """The name given to `cachelint.session`, else one inferred from the growing history, which starts with ``~``."""
    call_site: str | None
    """``support/agent.py:120``: the innermost line of the user's own code."""
    function: str | None
    """Its qualified name: ``SupportAgent.reply``."""
    stop_reason: str | None
    """As returned."""
    content_empty: bool | None
    """Whether the response has no content (a refusal without any is not billed); null when not known."""
    complete: bool
    """False: the stream ended before its counters did; the output is unknown and `usage` has no `output_tokens`."""
    usage: NotRequired[dict[str, Any]]
    """As returned, nulls left out; the final counters of a stream replace those of its start. Absent if none came."""
    diagnostics: NotRequired[DiagnosticsField]
    """Absent when nobody asked and the response does not mention them."""
    markers: list[MarkerField]
    """The explicit breakpoints."""
    automatic: str | None
    """The TTL of the top-level `cache_control`."""
    blocks: int
    """Tools, system blocks and content blocks, counted together."""
    fingerprints: NotRequired[FingerprintsField]
    """Absent when the request could not be read."""
    estimated_tokens: int
    """Of the whole prompt, from its length; 0 when not known."""
    divergence: NotRequired[DivergenceField]
    """Absent when the request repeats the one that it continues, or continues none."""
    thread: NotRequired[bool]
    """True: the server holds the history, so blocks and fingerprints are those of this turn only."""
    prewarm: NotRequired[bool]
    """True: ``max_tokens=0``, sent to fill the cache."""
    batch: NotRequired[str]
    """``msgbatch_...``, of a batch and of its results."""
    batch_requests: NotRequired[int]
    """How many requests were handed in, of a `batch_create`."""
    lost_records: NotRequired[int]
    """Records that could not be written before this one; absent when none were lost."""
    pid: int
    """Of the process."""
    host: str
    """Name of the machine."""
    version: str
    """Of cachelint."""
