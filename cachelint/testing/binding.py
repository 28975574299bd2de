"""Thinking blocks that are bound to their prompt, as on Claude Fable 5.1 and later.

There, a thinking block is valid only behind exactly the tools, system and messages that it was produced from. The
simulator signs the thinking of its answers with a hash of that prompt and checks the signature when the block comes
back; breakpoints and parameters are not part of it. Blocks signed by somebody else are let through.
A request that edits what stands before such a block is rejected, or continues without the block where it asks for that
(`thinking.block_binding`), and in batches. Source: Anthropic documentation, Preserved thinking (2026-08-31); the SDK's
types.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from cachelint.prompt import Block, blocks, model_facts
from cachelint.testing.answers import Answer
from cachelint.testing.prefix import canonical

_OURS = "simulated-"
_REASON = "prefix_binding_mismatch"


def signed(answer: Answer, body: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """The content of an answer, its unsigned thinking bound to the prompt that it answers."""
    return tuple(
        {**block, "signature": _signature(body)}
        if block.get("type") == "thinking" and not block.get("signature")
        else block
        for block in answer.content
    )


def broken_bindings(body: Mapping[str, Any]) -> tuple[Block, ...]:
    """The thinking of a history that was produced from another prompt, with what follows it in the same thought."""
    facts = model_facts(str(body.get("model", "")))
    if facts is None or not facts.binds_thinking:
        return ()
    broken: list[Block] = []
    for block in blocks(body):
        if _is_thinking(block) and (_continues(broken, block) or not _is_bound_to(body, block)):
            broken.append(block)
    return tuple(broken)


def drops_broken(body: Mapping[str, Any]) -> bool:
    """Whether the request asks to drop thinking that is bound to another prompt, instead of an error."""
    thinking = body.get("thinking")
    binding = thinking.get("block_binding") if isinstance(thinking, Mapping) else None
    return isinstance(binding, Mapping) and binding.get("prefix_mismatch_behavior") == "drop_block"


def without(body: Mapping[str, Any], dropped: Sequence[Block]) -> Mapping[str, Any]:
    """A request without some blocks of its messages."""
    if not dropped:
        return body
    paths = {block.path for block in dropped}
    messages = [
        {**message, "content": [block for j, block in enumerate(message["content"]) if (i, j) not in paths]}
        if isinstance(message["content"], list)
        else message
        for i, message in enumerate(body["messages"])
    ]
    return {**body, "messages": messages}


def transformations(dropped: Sequence[Block]) -> list[dict[str, str]]:
    """What was dropped, as `input_transformations` of a response."""
    return [{"type": "thinking_dropped", "path": _path(block), "reason": _REASON} for block in dropped]


def unbound(block: Block) -> str:
    """Why the API rejects a request with this thinking in its history."""
    return f"{_path(block)}: tools, system or an earlier message differ from what this thinking is bound to"


def _path(block: Block) -> str:
    message, place = block.path
    return f"messages.{message}.content.{place}"


def _is_thinking(block: Block) -> bool:
    return isinstance(block.value, Mapping) and block.value.get("type") in ("thinking", "redacted_thinking")


def _continues(broken: Sequence[Block], block: Block) -> bool:
    """Whether a block stands directly behind one that is broken: it goes with it."""
    return bool(broken) and broken[-1].path == (block.path[0], block.path[1] - 1)


def _is_bound_to(body: Mapping[str, Any], block: Block) -> bool:
    signature = block.value.get("signature")
    if not isinstance(signature, str) or not signature.startswith(_OURS):
        return True
    return signature == _signature({**body, "messages": body["messages"][: block.path[0]]})


def _signature(body: Mapping[str, Any]) -> str:
    rendered = "\0".join(f"{block.tier} {block.role} {canonical(block.content)}" for block in blocks(body))
    return _OURS + hashlib.sha256(rendered.encode("utf-8", "surrogatepass")).hexdigest()[:32]
