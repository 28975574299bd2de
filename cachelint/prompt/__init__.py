"""The kernel: how a prompt is laid out for Claude's cache, and what caching depends on. Data and pure functions only.

>>> from cachelint.prompt import blocks
>>> body = {"model": "claude-opus-5", "system": "Be brief.", "messages": [{"role": "user", "content": "Hello"}],
...         "cache_control": {"type": "ephemeral"}}
>>> [(block.position, block.marker and block.marker.ttl) for block in blocks(body)]
[('system[0]', None), ('messages[0].content[0]', '5m')]
"""

from cachelint.prompt.layout import (
    DEFAULT_TTL,
    LOOKBACK,
    MAXIMUM_BREAKPOINTS,
    TIERS,
    TTL_SECONDS,
    WRITE_MULTIPLIERS,
    Block,
    Marker,
    Tier,
    automatic_ttl,
    blocks,
    breakpoints,
    without_markers,
)
from cachelint.prompt.models import ModelFacts, Source, known_models, model_facts, normalize_model
from cachelint.prompt.parameters import CERTAIN_TIERS, PARAMETER_TIERS, prompt_parameters, tiers_lost
from cachelint.prompt.problems import Problem, problems
from cachelint.prompt.tokens import TokenEstimate, estimate_block_tokens, estimate_tokens

__all__ = [
    "CERTAIN_TIERS",
    "DEFAULT_TTL",
    "LOOKBACK",
    "MAXIMUM_BREAKPOINTS",
    "PARAMETER_TIERS",
    "TIERS",
    "TTL_SECONDS",
    "WRITE_MULTIPLIERS",
    "Block",
    "Marker",
    "ModelFacts",
    "Problem",
    "Source",
    "Tier",
    "TokenEstimate",
    "automatic_ttl",
    "blocks",
    "breakpoints",
    "estimate_block_tokens",
    "estimate_tokens",
    "known_models",
    "model_facts",
    "normalize_model",
    "problems",
    "prompt_parameters",
    "tiers_lost",
    "without_markers",
]
