"""Whether a prompt goes to Claude, by the name of the model."""

from __future__ import annotations

import re
from typing import Literal

from cachelint.analysis.values import Constant, Made, Text, Value, options_of, parts_of

Verdict = Literal["claude", "other", "unknown"]

_CLAUDE = re.compile(r"claude|anthropic|\b(?:opus|sonnet|haiku)\b", re.IGNORECASE)
_OTHERS = re.compile(
    r"gpt|openai|azure|\bo[1-9]\b|davinci|codex|gemini|gemma|palm|mistral|mixtral|codestral|ministral|llama|qwen|qwq|"
    r"deepseek|grok|xai|cohere|command|nova|titan|jamba|\bphi|glm|kimi|moonshot|groq|together|fireworks|huggingface|"
    r"perplexity|sonar|cerebras|minimax|nvidia|nemotron|dashscope|vllm|\btest\b",
    re.IGNORECASE,
)
"""Names of other vendors, their models, and services that do not serve Claude."""


def verdict(names: tuple[Value, ...]) -> Verdict:
    """What the arguments that name a model say: of several, Claude if one of them may be."""
    options = [value for name in names for value in options_of(name) if not isinstance(value, Made)]
    found = {_of_text(value) if isinstance(value, (Constant, Text)) else "unknown" for value in options}
    if "claude" in found:
        return "claude"
    return "other" if found == {"other"} else "unknown"


def _of_text(value: Value) -> Verdict:
    text = "".join(part if isinstance(part, str) else " " for part in parts_of(value))
    if _CLAUDE.search(text):
        return "claude"
    return "other" if _OTHERS.search(text) else "unknown"
