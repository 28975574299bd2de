"""Whatever a message or a source holds, each format stays readable by the program that it is for."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from cachelint.findings import Confidence, Finding, FlowStep, Location, RequestSite, Severity
from cachelint.formats import Outcome, load_format
from cachelint.rendering.excerpt import excerpt
from cachelint.rendering.terminal import Terminal

TEXT = st.text(max_size=30)
LINES = st.lists(st.text(st.characters(exclude_characters="\r\n"), max_size=60), min_size=1, max_size=4)


@st.composite
def outcomes(draw: st.DrawFn) -> Outcome:
    """A run with one finding somewhere in a source of a few lines."""
    lines = draw(LINES)
    row = draw(st.integers(1, len(lines)))
    column = draw(st.integers(1, len(lines[row - 1]) + 1))
    end_column = draw(st.integers(column, len(lines[row - 1]) + 1))
    span = Location(draw(TEXT) + ".py", row, column, row, end_column)
    finding = Finding(
        code="CL101",
        name="clock-in-prefix",
        severity=draw(st.sampled_from(Severity)),
        confidence=Confidence.HIGH,
        message=draw(TEXT),
        location=span,
        flow=(FlowStep(span, draw(TEXT)), FlowStep(replace(span, column=1), draw(TEXT))),
        request=RequestSite(span, draw(TEXT), None),
        advice=draw(TEXT),
    )
    return Outcome(findings=(finding,), source=lambda filename: "\n".join(lines), requests=1, files=1)


def rendered(name: str, outcome: Outcome) -> str:
    return load_format(name).render(outcome, Terminal(width=60))


@given(outcomes())
def test_junit_is_xml(outcome: Outcome) -> None:
    suites = ElementTree.fromstring(rendered("junit", outcome).encode())
    assert len(suites.findall("./testsuite/testcase/failure")) == 1


@given(outcomes())
def test_github_reads_one_command(outcome: Outcome) -> None:
    output = rendered("github", outcome)
    assert output.count("\n") == 1
    assert "\r" not in output
    properties, _, _ = output.removeprefix("::").partition(" ")[2].partition("::")
    assert {pair.partition("=")[0] for pair in properties.split(",")} == {
        "title", "file", "line", "endLine", "col", "endColumn",
    }  # fmt: skip


@given(outcomes())
def test_sarif_columns_cut_the_same_text_in_utf_16(outcome: Outcome) -> None:
    (result,) = json.loads(rendered("sarif", outcome))["runs"][0]["results"]
    region = result["locations"][0]["physicalLocation"]["region"]
    span = outcome.findings[0].location
    line = outcome.source("").split("\n")[span.row - 1]
    units = line.encode("utf-16-le", "surrogatepass")
    cut = units[2 * (region["startColumn"] - 1) : 2 * (region["endColumn"] - 1)]
    assert cut.decode("utf-16-le", "surrogatepass") == line[span.column - 1 : span.end_column - 1]


@given(outcomes())
def test_what_is_printed_can_be_encoded(outcome: Outcome) -> None:
    for name in ("text", "concise"):
        rendered(name, outcome).encode("utf-8")
        load_format(name).render(outcome, Terminal(unicode=False)).encode("ascii")


@given(outcomes(), st.integers(20, 80))
def test_an_excerpt_fits_and_marks_something(outcome: Outcome, width: int) -> None:
    shown = excerpt(outcome.source(""), outcome.findings[0].location, width=width)
    assert shown is not None
    assert shown.length >= 1
    assert shown.indent >= 0
    assert shown.indent + shown.length <= width + 1
