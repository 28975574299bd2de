"""Rules as hovers: what a rule flags, why, what to do, and when it is fine; its examples are left to `explain`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from cachelint.rulebook import Rule

_SECTION = re.compile(r"^## (?P<title>.+?)\n+(?P<text>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_EXAMPLE = re.compile(r"^```.*?^```\n*", re.MULTILINE | re.DOTALL)
_LEFT_OUT = frozenset(("Example", "References"))


def explanation(rules: Iterable[Rule]) -> str:
    """Markdown that explains rules, one after another."""
    return "\n\n---\n\n".join(_explained(rule) for rule in rules)


def _explained(rule: Rule) -> str:
    sections = [
        f"**{section['title']}**\n\n{_EXAMPLE.sub('', section['text']).strip()}"
        for section in _SECTION.finditer(rule.body)
        if section["title"] not in _LEFT_OUT
    ]
    title = f"**{rule.code} {rule.name}**: {rule.summary}"
    return "\n\n".join((title, *sections, f"`cachelint explain {rule.code}` shows examples."))
