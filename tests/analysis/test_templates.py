"""Prompts that are rendered from templates: Jinja, `string.Template`, `str.format`, and files that hold them."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cachelint.analysis import analyze, analyze_sources
from cachelint.config import Settings
from cachelint.findings import Finding

SENDING = """\
import string
import textwrap
from datetime import datetime
from pathlib import Path

import anthropic
import jinja2
from jinja2 import DictLoader, Environment, FileSystemLoader, PackageLoader, Template

client = anthropic.Anthropic()


def send(system):
    block = {"type": "text", "text": system, "cache_control": {"type": "ephemeral"}}
    return client.messages.create(model="claude-sonnet-4-5", max_tokens=9, system=[block], messages=[])


"""
TEXT = "You answer questions of customers, briefly. " * 200
"""Long enough to be cached."""


def found(program: str, **files: str) -> list[Finding]:
    """The findings of a program, `app/main.py`, beside files whose names have `__` for `/` and `_dot_` for `.`."""
    sources = {"app/main.py": SENDING + textwrap.dedent(program), "app/__init__.py": ""}
    sources |= {name.replace("__", "/").replace("_dot_", "."): text for name, text in files.items()}
    return list(analyze_sources(sources).findings)


def codes(program: str, **files: str) -> list[str]:
    """The codes found, in order."""
    return [finding.code for finding in found(program, **files)]


def test_the_place_of_a_variable_in_a_template_is_known() -> None:
    program = """
        def ask():
            now = datetime.now()
            return send(Template("The rules.\\n{{ rules }} It is {{ now }}.").render(rules="Be brief.", now=now))
    """
    [finding] = found(program)
    assert [step.message for step in finding.flow] == [
        "datetime.now(): changes on every request",
        "used by the template",
        "rendered into the template, after 27 stable characters",
        "calls send()",
        "client.messages.create(…), as system[0]",
    ]


RENDERED = {
    "a clock that is printed": ("It is {{ now }}.", ["CL101"]),
    "a clock in minutes": ("It is {{ now.strftime('%H:%M') }}.", ["CL101"]),
    "an attribute of an entry": ("It is {{ times.now.hour }}.", ["CL101"]),
    "a condition that prints it": ("{% if verbose %}It is {{ now }}.{% endif %}", ["CL101"]),
    "a loop over a set": ("{% for name in names %}{{ name }}, {% endfor %}", ["CL201"]),
    "a set that is joined": ("{{ names | join(', ') }}", ["CL201"]),
    "a sample": ("{{ [1, 2, 3] | random }}", ["CL103"]),
    "a variable that is set": ("{% set at = now %}{{ 'It is ' ~ at }}", ["CL101"]),
    "the tag of jinja2-time": ("{% now 'utc', '%H:%M' %}", ["CL101"]),
    "a filter that is not known": ("{{ now | human_time }}", ["CL101"]),
    "a loop over pairs": ("{% for key, value in times.items() %}{{ key }}{{ value }}{% endfor %}", ["CL101"]),
    "a function that is passed in": ("{{ clock() }}", ["CL101"]),
    "white space control": ("{%- if verbose -%} {{- now -}} {%- endif -%}", ["CL101"]),
    "nothing": ("You answer briefly.", []),
    "a comment": ("{# It is {{ now }}. #}", []),
    "raw text": ("{% raw %}{{ now }}{% endraw %}", []),
    "a condition alone": ("{% if now.hour > 12 %}Be quick.{% endif %}", []),
    "a set that is sorted": ("{{ names | sort | join(', ') }}", []),
    "a set that is counted": ("{{ names | length }} names", []),
    "a membership": ("{% if 'a' in names %}Ask for a.{% endif %}", []),
    "a macro that nobody calls": ("{% macro at() %}{{ now }}{% endmacro %}", []),
    "what is not defined": ("{% if later is defined %}{{ now }}{% endif %}", []),
    "a dict, whose keys are sorted": ("{{ {'b': 1, 'a': 2} | tojson }}", []),
    "braces of other kinds": ('{"a": {"b": 1}} {} { { now } }', []),
    "an end without a beginning": ("{% endif %}{% endfor %}{{", []),
    "an expression that cannot be read": ("{{ now now }} {{ ) }}", []),
}


@pytest.mark.parametrize(("template", "expected"), RENDERED.values(), ids=RENDERED.keys())
def test_what_a_template_renders_counts(template: str, expected: list[str]) -> None:
    program = f"""
        def ask(verbose, extra):
            names = {{"a", "b", extra}}
            context = {{"now": datetime.now(), "times": {{"now": datetime.now()}}, "names": names, "verbose": verbose}}
            return send(TEXT + Template({template!r}).render(context, clock=datetime.now))

        TEXT = {TEXT!r}
    """
    assert sorted(set(codes(program))) == expected


ENVIRONMENTS = {
    "a folder beside the module": 'Environment(loader=FileSystemLoader(Path(__file__).parent / "prompts"))',
    "a folder, by name": 'Environment(autoescape=False, loader=FileSystemLoader(["missing", "app/prompts"]))',
    "a folder, from the module": 'jinja2.Environment(loader=jinja2.FileSystemLoader("prompts"))',
    "a package": 'Environment(loader=PackageLoader("app", "prompts"))',
    "a dict": 'Environment(loader=DictLoader({"system.j2": "It is {{ now }}."}))',
}


@pytest.mark.parametrize("environment", ENVIRONMENTS.values(), ids=ENVIRONMENTS.keys())
def test_the_file_of_a_template_is_read(environment: str) -> None:
    program = f"""
        env = {environment}

        def ask():
            return send(env.get_template("system.j2").render(now=datetime.now(), unused=datetime.now().isoformat()))
    """
    rows = [finding.location.column for finding in found(program, app__prompts__system_dot_j2="It is {{ now }}.")]
    assert len(rows) == 1


def test_templates_that_extend_and_include_others() -> None:
    program = """
        env = Environment(loader=FileSystemLoader("app/prompts"))

        def ask():
            return send(env.get_template("system.j2").render(now=datetime.now(), today=datetime.now()))
    """
    files = {
        "app__prompts__base_dot_j2": TEXT + "{% block rules %}{{ today }}{% endblock %}",
        "app__prompts__system_dot_j2": "{% extends 'base.j2' %}{% block rules %}{% include 'end.j2' %}{% endblock %}",
        "app__prompts__end_dot_j2": "\n\n{% now 'utc' %}",
    }
    [finding] = found(program, **files)
    assert (finding.code, finding.location.filename, finding.location.row) == ("CL101", "app/prompts/end.j2", 3)


def test_globals_of_an_environment() -> None:
    program = """
        env = Environment()
        env.globals["now"] = datetime.now

        def ask():
            return send(env.from_string("It is {{ now() }}.").render())
    """
    assert "CL101" in codes(program)


def test_a_template_that_is_not_in_reach_may_render_everything() -> None:
    program = """
        def ask(env, name):
            return send(env.get_template(name).render(now=datetime.now()))
    """
    assert codes(program) == ["CL101"]


PIECES = (
    *("{%", "%}", "{{", "}}", "{#", "#}", "for a in b", "if", "else", "endif", "endfor", "set x", "= now", "block"),
    *("raw", "extends 'p'", "include 'p'", "now", "|", "join", "(", ")", "'", '"', "~", "-", "\n", "é", " ", "x", "}"),
)


@given(st.lists(st.sampled_from(PIECES), max_size=24).map(" ".join))
@settings(max_examples=60, deadline=None)
def test_no_template_ends_the_analysis(template: str) -> None:
    program = f"""
        env = Environment(loader=DictLoader({{"p": {template!r}, "q": {template!r}}}))

        def ask(b):
            return send(env.get_template("q").render(now=datetime.now(), b=b))
    """
    assert set(codes(program)) <= {"CL101", "CL504", "CL601"}


TEXTS = {
    "string.Template": ('string.Template("It is $now. $$5").substitute(now=datetime.now())', True),
    "string.Template, not rendered": (f"string.Template({TEXT!r}).safe_substitute(now=datetime.now())", False),
    "string.Template, a dict": ('string.Template("It is ${now}.").substitute({"now": datetime.now()})', True),
    "string.Template of a file": (
        'string.Template(Path("clock.txt").read_text()).substitute(now=datetime.now())',
        True,
    ),
    "string.Formatter": ('string.Formatter().format("It is {now}.", now=datetime.now())', True),
    "string.Formatter, by position": (
        f'string.Formatter().vformat({TEXT!r} + "{{0}}", [1], {{"n": datetime.now()}})',
        False,
    ),
    "format_map": ('"It is {now}.".format_map({"now": datetime.now()})', True),
    "format_map, not rendered": (f'{TEXT!r}.format_map({{"now": datetime.now()}})', False),
    "dedent": ('textwrap.dedent(f"""\\n    It is {datetime.now()}.\\n    """)', True),
    "dedent of a template": ('textwrap.dedent("""\\n    It is {now}.\\n    """).format(now=datetime.now())', True),
    "a file that is formatted": ('Path("clock.txt").read_text().format(now=datetime.now())', True),
    "a file that is formatted, without the field": ('Path("plain.md").read_text().format(now=datetime.now())', False),
    "a file that is opened": (
        'open("app/plain.md", encoding="utf-8").read().strip().format(now=datetime.now())',
        False,
    ),
    "a file beside the module": (
        '(Path(__file__).resolve().parent / "plain.md").read_text().format(now=datetime.now())',
        False,
    ),
    "a file of which nothing is known": ('Path("elsewhere.md").read_text().format(now=datetime.now())', True),
}


@pytest.mark.parametrize(("expression", "flagged"), TEXTS.values(), ids=TEXTS.keys())
def test_other_templates(expression: str, flagged: bool) -> None:
    program = f"""
        def ask():
            return send({expression})
    """
    files = {"app__clock_dot_txt": "It is ${now}, {now}.", "app__plain_dot_md": "You answer briefly."}
    assert ("CL101" in codes(program, **files)) is flagged


def test_a_template_on_disk_is_read_only_below_the_root(tmp_path: Path) -> None:
    root = tmp_path / "project"
    (root / "prompts").mkdir(parents=True)
    (tmp_path / "secret.j2").write_text("{{ now }}")
    (root / "prompts" / "plain.j2").write_text(TEXT)
    program = SENDING + textwrap.dedent("""
        def inside():
            template = Environment(loader=FileSystemLoader("prompts")).get_template("plain.j2")
            return send(template.render(now=datetime.now()))

        def outside():
            template = Environment(loader=FileSystemLoader("..")).get_template("secret.j2")
            return send(template.render(at=datetime.now()))
    """)
    (root / "main.py").write_text(program)
    analysis = analyze(root, [root], Settings())
    assert [finding.message.split()[0] for finding in analysis.findings] == ["`datetime.now()`"]
    assert [finding.location.row for finding in analysis.findings] == [program.splitlines().index("def outside():") + 3]
