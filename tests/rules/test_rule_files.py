"""The rule files are complete, alike, and say the same as their names."""

from __future__ import annotations

import re
import tomllib

import pytest
from rule_examples import Example, examples

from cachelint.findings import Confidence, Severity
from cachelint.prompt.models import known_models
from cachelint.rulebook import FAMILIES, Rule, Source, rulebook, rules_folder

FILES = sorted(rules_folder().glob("*.md"))
SECTIONS = ["What it flags", "Why it breaks the cache", "Example", "Fix", "When it is fine", "References"]
OUTSIDE_THE_PROMPT = ("CL7", "CL9")
"""Families that are not about the prefix; their second section is called *Why it matters*."""
WITHOUT_EXAMPLES = ("CL8", "CL9")
"""Families that no source file shows."""
RULES = list(rulebook())
SOURCES = [(rule, source) for rule in RULES for source in rule.sources]

every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
every_source = pytest.mark.parametrize(("rule", "source"), SOURCES, ids=lambda value: str(getattr(value, "code", "")))


def test_the_plan_is_complete() -> None:
    numbers = {
        "CL1": range(101, 107),
        "CL2": range(201, 208),
        "CL3": range(301, 305),
        "CL4": range(401, 406),
        "CL5": range(501, 508),
        "CL6": range(601, 606),
        "CL7": range(701, 704),
        "CL8": range(801, 815),
        "CL9": range(901, 903),
    }
    assert [rule.code for rule in RULES] == [f"CL{number}" for codes in numbers.values() for number in codes]
    assert list(FAMILIES) == list(numbers)


def test_files_are_named_after_their_codes() -> None:
    assert [file.name for file in FILES] == [f"{rule.code}-{rule.name}.md" for rule in RULES]


def test_codes_and_names_are_unique() -> None:
    assert len({rule.code for rule in RULES}) == len({rule.name for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_front_matter_has_known_keys_only(file) -> None:
    _, front, _ = file.read_text(encoding="utf-8").split("+++\n", 2)
    required = {"code", "name", "summary", "severity", "confidence", "fix", "since", "help"}
    keys = set(tomllib.loads(front))
    assert required <= keys <= required | {"tiers", "causes", "safe", "sources"}


@every_rule
def test_front_matter_is_well_formed(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.name)
    assert re.fullmatch(r"[A-Z`].*\.", rule.summary)
    assert re.fullmatch(r"[A-Z].*\.", rule.help)
    assert isinstance(rule.severity, Severity)
    assert isinstance(rule.confidence, Confidence)
    assert rule.fix in ("none", "safe", "unsafe", "both")
    assert set(rule.tiers) <= {"tools", "system", "messages"}
    assert re.fullmatch(r"\d+\.\d+\.\d+", rule.since)


@every_rule
def test_causes_are_rules_of_the_source_and_belong_to_what_logs_show(rule: Rule) -> None:
    assert not rule.causes or rule.seen_in_logs
    assert all(cause in FAMILIES or rulebook().find(cause) for cause in rule.causes)
    assert not any(cause.startswith(("CL7", "CL8", "CL9")) for cause in rule.causes)


@every_rule
def test_sections_are_all_there_in_order(rule: Rule) -> None:
    sections = list(SECTIONS)
    if rule.family in OUTSIDE_THE_PROMPT:
        sections[1] = "Why it matters"
    headings = [line.removeprefix("## ") for line in rule.body.splitlines() if line.startswith("## ")]
    assert headings == sections


@every_rule
def test_no_section_is_empty(rule: Rule) -> None:
    for section in rule.body.split("## ")[1:]:
        heading, _, text = section.partition("\n")
        assert text.strip(), heading


@every_rule
def test_lines_fit_a_wide_terminal(rule: Rule) -> None:
    prose = re.sub(r"^```.*?^```$|^(?:    |\|)[^\n]*$", "", rule.body, flags=re.MULTILINE | re.DOTALL)
    assert [line for line in prose.splitlines() if len(line) > 110] == []
    assert [line for line in rule.body.splitlines() if len(line) > 150] == []


@every_rule
def test_prose_has_no_loose_ends(rule: Rule) -> None:
    assert rule.body.count("```") % 2 == 0
    assert not re.search(r"\b(TODO|FIXME|XXX|TBD)\b", rule.body)


@every_rule
def test_a_rule_about_source_has_bad_and_good_examples(rule: Rule) -> None:
    kinds = {example.kind for example in examples() if example.rule is rule}
    assert kinds == (set() if rule.family in WITHOUT_EXAMPLES else {"bad", "good"})


def test_every_python_fence_is_an_example() -> None:
    fences = sum(rule.body.count("```python") for rule in RULES)
    assert fences == len(list(examples()))


@pytest.mark.parametrize("example", list(examples()), ids=str)
def test_examples_stand_where_a_reader_looks_for_them(example: Example) -> None:
    assert example.section in {"bad": ("Example",), "good": ("Fix", "When it is fine")}[example.kind]


@every_source
def test_source_tables_use_the_known_words(rule: Rule, source: Source) -> None:
    assert source.period in ("request", "turn", "session", "process", "host", "day", "deploy")
    assert source.varies in ("value", "order")
    assert source.result in ("datetime", "date", "time", "number", "text", "uuid", "set", "list", "object", "argument")
    assert source.how in ("called", "read", "environment", "named")
    assert re.fullmatch(
        r"always|no-arguments|one-argument|unseeded|undated|vector|not-number|unordered-sql|argument:[\w,]+|keyword:\w+=\w+",
        source.when,
    )


@every_source
def test_source_names_are_dotted_names(rule: Rule, source: Source) -> None:
    for name in source.functions:
        assert re.fullmatch(r"[\w*]+(\(\))*(\.[\w*]+(\(\))*)*", name), name


def test_each_function_stands_in_one_table() -> None:
    places = [(name, source.how, source.when) for _, source in SOURCES for name in source.functions]
    assert len(places) == len(set(places))


def test_a_safe_name_is_no_source_of_its_own_rule() -> None:
    for rule in RULES:
        assert rule.safe.isdisjoint(name for source in rule.sources for name in source.functions)


def test_the_minimums_in_the_prose_are_those_of_the_models() -> None:
    """CL601 shows a table to readers; the figures live in the models' data file."""
    rows = re.findall(r"^\| ([\d,]+) +\| (.+?) *\|$", rulebook().find("CL601").body, re.MULTILINE)
    shown = {name: int(minimum.replace(",", "")) for minimum, names in rows for name in names.split(", ")}
    known = {title(name): facts.minimum_tokens for name, facts in known_models().items()}
    assert shown == {name: minimum for name, minimum in known.items() if name not in RETIRED}


RETIRED = {"Opus 4.1", "Opus 4", "Sonnet 4", "Haiku 3.5", "Haiku 3"}
"""Models that are no longer served, and that the table leaves out."""


def title(model: str) -> str:
    """``Opus 5.5`` for ``claude-opus-5-5``."""
    family, *version = model.removeprefix("claude-").split("-")
    return f"{family.title()} {'.'.join(version)}".replace("preview", "Preview")
