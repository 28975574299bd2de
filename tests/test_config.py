"""Settings: read from the nearest file, refused with a sentence that says what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from cachelint.config import Settings, SinkDeclaration, SourceDeclaration, load_settings
from cachelint.errors import ConfigurationError
from cachelint.findings import Severity

EVERYTHING = """\
[tool.cachelint]
select = ["CL1", "unsorted-json-in-prefix"]
extend-select = ["CL602"]
ignore = ["CL104"]
exclude = ["vendor/*"]
fail-on = "error"
pedantic = true
sanitizers = ["app.text.without_timestamps"]

[tool.cachelint.per-file-ignores]
"tests/*" = ["CL1"]

[[tool.cachelint.sinks]]
call = "app.llm.ask"
system = "instructions"
messages = 0

[[tool.cachelint.sources]]
call = "app.tracing.span_id"
code = "CL102"
"""


def test_everything_that_can_be_set(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(EVERYTHING)
    settings = load_settings(tmp_path)
    assert settings == Settings(
        select=("CL1", "unsorted-json-in-prefix"),
        extend_select=("CL602",),
        ignore=("CL104",),
        exclude=("vendor/*",),
        fail_on=Severity.ERROR,
        pedantic=True,
        sanitizers=("app.text.without_timestamps",),
        per_file_ignores={"tests/*": ("CL1",)},
        sinks=(SinkDeclaration(call=("app.llm.ask",), system=("instructions",), messages=("0",)),),
        sources=(SourceDeclaration(call="app.tracing.span_id", code="CL102", period="request", varies="value"),),
    )
    assert settings.origin("select") == str(tmp_path / "pyproject.toml")
    assert Settings().origin("select") == "default"


def test_the_nearest_file_that_configures_cachelint_counts(tmp_path: Path) -> None:
    package = tmp_path / "package" / "module"
    package.mkdir(parents=True)
    (tmp_path / "cachelint.toml").write_text('ignore = ["CL1"]')
    (tmp_path / "package" / "pyproject.toml").write_text('[project]\nname = "cachelint-user"')
    assert load_settings(package).ignore == ("CL1",)

    (package / "pyproject.toml").write_text("[tool.cachelint]")
    assert load_settings(package) == Settings()


def test_what_the_command_line_asks_for_takes_the_place_of_a_setting() -> None:
    settings = Settings(ignore=("CL1",)).overridden("command line", pedantic=True)
    assert (settings.ignore, settings.pedantic, settings.origin("pedantic")) == (("CL1",), True, "command line")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('slect = ["CL1"]', "unknown setting `slect`; did you mean `select`?"),
        ("select = 'CL1'", "`select` must be a list of strings, not 'CL1'"),
        ("pedantic = 'yes'", "`pedantic` must be true or false, not 'yes'"),
        ("fail-on = 'fatal'", "`fail-on` must be one of info, warning, error, not 'fatal'"),
        ("per-file-ignores = ['CL1']", "`per-file-ignores` must be a table of lists of strings, not ['CL1']"),
        (
            "per-file-ignores = {'tests/*' = 'CL1'}",
            "`per-file-ignores.\"tests/*\"` must be a list of strings, not 'CL1'",
        ),
        ("sinks = 'ask'", "`sinks` must be an array of tables, not 'ask'"),
        ("sinks = [{system = 'prompt'}]", "`sinks.call` is missing"),
        ("sinks = [{call = 'ask', sytem = 'prompt'}]", "unknown setting `sinks.sytem`; did you mean `system`?"),
        (
            "sinks = [{call = 'ask', does = 'send'}]",
            "`sinks.does` must be one of sends, makes, agent, extends, adds, message, breakpoint, renders, not 'send'",
        ),
        ("sinks = [{call = [], system = 'prompt'}]", "`sinks.call` must be a string or a list of strings, not []"),
        (
            "sinks = [{call = 'ask', system = true}]",
            "`sinks.system` must be the name or the index of an argument, not True",
        ),
        (
            "sinks = [{call = 'ask', caches-if = {cache = 'all'}}]",
            "`sinks.caches-if.cache` must be one of tools, system, messages, listed, not 'all'",
        ),
        (
            "sources = [{call = 'now', period = 'hour'}]",
            "`sources.period` must be one of request, turn, session, process, host, day, deploy, not 'hour'",
        ),
        ("select = CL1", "is not valid TOML: Invalid value (at line 1, column 10)"),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path: Path, line: str, complaint: str) -> None:
    path = tmp_path / "cachelint.toml"
    path.write_text(line)
    with pytest.raises(ConfigurationError) as error:
        load_settings(tmp_path)
    assert str(error.value).removeprefix(str(path)).lstrip(": ") == complaint
