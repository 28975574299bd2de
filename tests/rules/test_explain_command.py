"""`cachelint explain` and `cachelint rules`, as a person and as a program see them."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from cachelint.cli.explain import command as explain
from cachelint.cli.rules import command as rules
from cachelint.errors import ConfigurationError
from cachelint.rulebook import rulebook


def run(command, *arguments: str) -> str:
    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_explain_shows_the_whole_rule() -> None:
    text = run(explain, "CL901")
    assert text == (
        "CL901 unused-suppression  [warning, safe fix, since 0.1.0]\n"
        "\n"
        "A `# cachelint: ignore[...]` comment suppresses nothing.\n"
        "Remove the comment, or correct its code.\n"
        "\n" + rulebook().find("CL901").body.replace("## ", "")
    )


def test_examples_are_indented_under_a_title() -> None:
    text = run(explain, "CL101")
    assert "Flagged, where marked:\n\n    from datetime import datetime\n" in text
    assert "Clean:\n\n    from datetime import datetime\n" in text
    assert "```" not in text


def test_sources_are_listed_with_what_makes_them_count() -> None:
    lines = run(explain, "CL204").split("Sources\n\n")[1].splitlines()
    assert lines[0].startswith("order changes per host: os.listdir, os.scandir, os.walk,")
    assert "changes per day, argument:today: numpy.datetime64" in run(explain, "CL101")
    assert "changes per request, no arguments: email.utils.localtime" in run(explain, "CL101")
    assert "changes per host, environment variable: HOST, HOSTNAME" in run(explain, "CL104")


def test_explain_takes_names_and_several_rules_each_once() -> None:
    text = run(explain, "ttl-order", "CL503", "cl901")
    assert [line for line in text.splitlines() if line.startswith("CL")][::1] == [
        "CL503 ttl-order  [error, no automatic fix, since 0.1.0]",
        "CL901 unused-suppression  [warning, safe fix, since 0.1.0]",
    ]


def test_explain_takes_a_family() -> None:
    codes = [rule["code"] for rule in json.loads(run(explain, "CL9", "--format", "json"))]
    assert codes == ["CL901", "CL902"]


def test_a_log_code_says_who_prints_it() -> None:
    assert run(explain, "CL802").startswith("CL802 system-changed  [printed by `cachelint report`]\n")


def test_explain_as_json_has_the_front_matter_and_the_body() -> None:
    (rule,) = json.loads(run(explain, "CL206", "--format", "json"))
    assert list(rule) == [
        "code",
        "name",
        "summary",
        "severity",
        "confidence",
        "fix",
        "help",
        "since",
        "tiers",
        "causes",
        "safe",
        "sources",
        "path",
        "family",
        "body",
    ]
    assert rule["severity"] == "info"
    assert rule["path"] == "CL206-unordered-query-in-prefix.md"
    assert rule["sources"][0]["when"] == "unordered-sql"
    assert rule["body"].startswith("## What it flags\n")


def test_an_unknown_rule_is_an_error_that_suggests_one() -> None:
    with pytest.raises(ConfigurationError, match="did you mean `CL101`"):
        CliRunner().invoke(explain, ["CL1O1"], catch_exceptions=False)


def test_the_table_has_one_line_per_rule_under_its_family() -> None:
    lines = run(rules).splitlines()
    assert lines[:3] == [
        "CL1  A value that varies, in the cached prefix",
        "CL101  clock-in-prefix                       error    unsafe  A reading of the clock is rendered into the "
        "cached prefix.",
        "CL102  unique-id-in-prefix                   error            A freshly made identifier is rendered into the "
        "cached prefix.",
    ]
    assert len([line for line in lines if line]) == len(rulebook().rules) + 9


def test_the_markdown_table_is_ready_for_a_readme() -> None:
    head, rule, first, *_ = run(rules, "--format", "markdown").splitlines()
    assert [cell.strip() for cell in head.strip("|").split("|")] == ["code", "name", "severity", "fix", "summary"]
    assert set(rule) == {"|", "-"}
    assert [cell.strip() for cell in first.strip("|").split("|")][:4] == ["CL101", "clock-in-prefix", "error", "unsafe"]


def test_rules_as_json_are_the_front_matters() -> None:
    listed = json.loads(run(rules, "--format", "json"))
    assert [rule["code"] for rule in listed] == [rule.code for rule in rulebook()]
    assert "body" not in listed[0]
