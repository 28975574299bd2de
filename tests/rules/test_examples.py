"""Every example in the rule files does what it says: `bad` is found at its marks, `good` is left alone."""

from __future__ import annotations

import ast

import pytest
from rule_examples import Example, examples

from cachelint.analysis import analyze_sources
from cachelint.findings import Confidence, Finding, Severity

EXAMPLES = list(examples())


BAD = [example for example in EXAMPLES if example.kind == "bad"]
GOOD = [example for example in EXAMPLES if example.kind == "good"]


@pytest.mark.parametrize("example", BAD, ids=str)
def test_a_bad_example_is_found_at_its_marks_and_nothing_else_is(example: Example) -> None:
    findings = analyze_sources(example.sources).findings
    assert example.marked
    assert places(f for f in findings if f.code == example.rule.code) == {
        (*place, example.rule.code) for place in example.marked
    }
    others = [f for f in findings if f.code != example.rule.code and f.severity is not Severity.INFO]
    assert places(shown(others, example)) == set()


@pytest.mark.parametrize("example", GOOD, ids=str)
def test_a_good_example_is_left_alone(example: Example) -> None:
    assert not example.marked
    assert places(shown(analyze_sources(example.sources).findings, example)) == set()


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_an_example_is_valid_python(example: Example) -> None:
    for name, text in example.sources.items():
        ast.parse(text, name)


def shown(findings, example: Example) -> list[Finding]:
    """What a run without `--pedantic` shows, less what the example allows."""
    return [f for f in findings if f.confidence is not Confidence.LOW and f.code not in example.allowed]


def places(findings) -> set[tuple[str, int, str]]:
    return {(finding.location.filename, finding.location.row, finding.code) for finding in findings}
