"""Thinking blocks that are bound to their prompt, as on Claude Fable 5.1 and later.

There, a thinking block is valid only behind exactly the tools, system and messages that it was produced from. The
simulator signs the thinking of its answers with a hash of that prompt and checks the signature when the block comes
back; breakpoints and parameters are not part of it. Blocks signed by somebody else are let through.
Source: Anthropic documentation, Preserved thinking (2026-08-31).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from cachelint.prompt import blocks, model_facts
from cachelint.testing.answers import Answer
from cachelint.testing.prefix import canonical

_OURS = "simulated-"


def signed(answer: Answer, body: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """The content of an answer, its unsigned thinking bound to the prompt that it answers."""
    return tuple(
        {**block, "signature": _signature(body)}
        if block.get("type") == "thinking" and not block.get("signature")
        else block
        for block in answer.content
    )


def broken_binding(body: Mapping[str, Any]) -> str | None:
    """Why the API rejects a history whose thinking was produced from another prompt, or None."""
    facts = model_facts(str(body.get("model", "")))
    if facts is None or not facts.binds_thinking or _drops(body):
        return None
    for block in blocks(body):
        signature = block.value.get("signature") if isinstance(block.value, Mapping) else None
        if isinstance(signature, str) and signature.startswith(_OURS):
            before = {**body, "messages": body["messages"][: block.path[0]]}
            if signature != _signature(before):
                return (
                    f"{block.position}: tools, system or an earlier message differ from what this thinking is bound to"
                )
    return None


def _drops(body: Mapping[str, Any]) -> bool:
    """Whether the request asks to drop thinking that is bound to another prompt, instead of an error."""
    thinking = body.get("thinking")
    binding = thinking.get("block_binding") if isinstance(thinking, Mapping) else None
    return isinstance(binding, Mapping) and binding.get("prefix_mismatch_behavior") == "drop_block"


def _signature(body: Mapping[str, Any]) -> str:
    rendered = "\0".join(f"{block.tier} {block.role} {canonical(block.content)}" for block in blocks(body))
    return _OURS + hashlib.sha256(rendered.encode("utf-8", "surrogatepass")).hexdigest()[:32]
