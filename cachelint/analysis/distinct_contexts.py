"""Of the ways in which a function is called, those that are worth a run of their own."""

from __future__ import annotations

from cachelint.analysis.interpreter import memory
from cachelint.analysis.interpreter.state import Context
from cachelint.analysis.values import varies


def distinct(found: list[Context], limit: int) -> list[Context]:
    """The contexts worth keeping: those that differ, sure ones first, varying ones before plain ones."""
    unique: dict[object, Context] = {}
    for context in found:
        arguments = context.arguments
        try:
            key: object = (
                tuple(memory.outline(value) for value in arguments.positional),
                tuple((name, memory.outline(value)) for name, value in sorted(arguments.named.items())),
                tuple(memory.outline(value) for value in arguments.spread),
                memory.outline(context.receiver) if context.receiver is not None else None,
                context.loops,
            )
        except (TypeError, RecursionError):
            key = (arguments.site, tuple(step.site for step in context.chain))
        unique.setdefault(key, context)
    ranked = sorted(unique.values(), key=_rank)
    return ranked[:limit]


def _rank(context: Context) -> tuple[bool, bool, int]:
    varying = any(varies(value) for value in context.arguments.all)
    return context.doubted, not varying, len(context.chain)
