"""What MkDocs calls when it builds the site: pages that are written from the program itself, and links to rules.

Generated are the front page from README.md, a page for each rule and a list of them, the help of every command, the
table of settings, and the change log. Nothing is written into this folder.
"""

from __future__ import annotations

import ast
import inspect
import json
import posixpath
import re
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from cachelint.cli import COMMANDS, command_line
from cachelint.config import Settings, SourceDeclaration
from cachelint.rulebook import FAMILIES, Rule, Source, rulebook
from cachelint.runtime import record
from cachelint.toml_table import entry_key

ROOT = Path(__file__).parent.parent

_FENCE = re.compile(r"^```python (bad|good)(?: allow=CL\d+)*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_EXAMPLES = {"bad": 'failure "Flagged"', "good": 'success "Clean"'}
_WIDTH = {"max_content_width": 88, "terminal_width": 88}
_MARK = "  # <-"
_CODE = re.compile(r"(^```.*?^```|^(?:    |\t).*?$|``[^\n]*?``|`[^`\n]*`|\[[^\]\n]*\]\([^)\n]*\))", re.M | re.S)
_RULE = re.compile(r"(?<![\w#/-])(CL[1-9]\d\d)(?![\w.-])")
_SETTINGS = "<!-- settings -->"
_RECORD = "<!-- record -->"
_DOCUMENTS = re.compile(r"\]\((?:docs/)([\w-]+\.md)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Puts the pages of the rules where the navigation says `rules/`."""
    assert config.nav is not None
    families: list[Any] = ["rules/index.md"]
    for family, title in FAMILIES.items():
        pages = [{f"{rule.code} {rule.name}": _page(rule)} for rule in rulebook() if rule.family == family]
        families.append({f"{family} {title.replace('`', '')}": pages})
    config.nav = [{"Rules": families} if "Rules" in entry else entry for entry in config.nav]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the generated pages."""
    for path, content in _generated():
        files.append(File.generated(config, path, content=content))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Fills in the tables of settings and of the log, and links each code that is mentioned outside of code."""
    own = page.file.src_uri
    for mark, table in ((_SETTINGS, _settings), (_RECORD, _record)):
        if mark in markdown:
            markdown = markdown.replace(mark, table())
    return _linked(markdown, posixpath.dirname(own), own)


def _generated() -> Iterator[tuple[str, str]]:
    yield (
        "index.md",
        "---\nhide: [toc]\n---\n\n" + _DOCUMENTS.sub(r"](\1", (ROOT / "README.md").read_text(encoding="utf-8")),
    )
    yield "changelog.md", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    yield "commands.md", _commands()
    yield "rules/index.md", _rules()
    for rule in rulebook():
        yield _page(rule), _rule_page(rule)


def _front_page() -> str:
    """README.md, with its links as they are from here; no table of contents, because what terminals show is wide."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    return "---\nhide: [toc]\n---\n\n" + _DOCUMENTS.sub(r"](\1", readme)


# -- rules -----------------------------------------------------------------------------------------------------------


def _page(rule: Rule) -> str:
    return f"rules/{rule.code}.md"


def _rules() -> str:
    """All rules, a table for each family."""
    parts = ["# Rules", "`cachelint rules` prints this list, `cachelint explain CL101` the page of a rule."]
    for family, title in FAMILIES.items():
        rows = [
            f"| [{rule.code}]({rule.code}.md) | {rule.name} | {_severity(rule)} | {_fix(rule)} | {rule.summary} |"
            for rule in rulebook()
            if rule.family == family
        ]
        table = ["| code | name | severity | fix | what is wrong |", "|---|---|---|---|---|", *rows]
        parts += [f"## {family}: {title[:1].lower()}{title[1:]}", "\n".join(table)]
    return "\n\n".join(parts)


def _rule_page(rule: Rule) -> str:
    """One rule: what it is at the top, its text, and its sources folded away at the end."""
    facts = [f"**{_severity(rule)}**", f"fix: {_fix(rule)}", f"since {rule.since}"]
    if rule.tiers:
        facts.append(f"loses {' + '.join(rule.tiers)}")
    parts = [f"# {rule.code} {rule.name}", f"{rule.summary} {rule.help}", " · ".join(facts)]
    parts.append(_FENCE.sub(_example, rule.body))
    if rule.sources:
        lines = "\n".join(f"    - {_when(source)}: {_names(source)}" for source in rule.sources)
        parts.append(f'??? note "What counts as a source"\n\n{lines}')
    return "\n\n".join(parts)


def _example(match: re.Match[str]) -> str:
    """A framed example, the lines that are flagged marked by colour in place of the comment that marks them."""
    lines = match[2].splitlines()
    flagged = " ".join(str(row) for row, line in enumerate(lines, start=1) if line.endswith(_MARK))
    code = "\n".join(f"    {line.removesuffix(_MARK)}".rstrip() for line in lines)
    opening = f'```{{.python hl_lines="{flagged}"}}' if flagged else "```python"
    return f"!!! {_EXAMPLES[match[1]]}\n\n    {opening}\n{code}\n    ```"


def _severity(rule: Rule) -> str:
    return "seen in logs" if rule.seen_in_logs else str(rule.severity)


def _fix(rule: Rule) -> str:
    return {"none": "none", "both": "safe or unsafe"}.get(rule.fix, rule.fix)


def _when(source: Source) -> str:
    order = "order changes" if source.varies == "order" else "changes"
    return f"{order} with every {source.period}"


def _names(source: Source) -> str:
    return ", ".join(f"`{name}`" for name in source.functions)


def _linked(markdown: str, folder: str, own: str) -> str:
    """The text with a link from each code of a rule to its page, unless it stands in code, a link or a heading."""
    known = {rule.code for rule in rulebook()}

    def link(match: re.Match[str]) -> str:
        target = f"rules/{match[1]}.md"
        if match[1] not in known or target == own:
            return match[0]
        return f"[{match[1]}]({posixpath.relpath(target, folder or '.')})"

    pieces = _CODE.split(markdown)
    prose = (
        "\n".join(line if line.startswith("#") else _RULE.sub(link, line) for line in piece.split("\n"))
        for piece in pieces[::2]
    )
    return "".join(part for pair in zip(prose, [*pieces[1::2], ""], strict=True) for part in pair)


# -- commands --------------------------------------------------------------------------------------------------------


def _commands() -> str:
    """The help of every command, as the program prints it."""
    context = click.Context(command_line, info_name="cachelint", **(command_line.context_settings | _WIDTH))
    parts = ["# Commands", _help(command_line, context)]
    for name in COMMANDS:
        command = command_line.get_command(context, name)
        assert command is not None
        inner = click.Context(command, context, info_name=name, **_WIDTH)
        parts += [f"## `cachelint {name}`", _help(command, inner)]
    return "\n\n".join(parts)


def _help(command: click.Command, context: click.Context) -> str:
    return f"```text\n{command.get_help(context)}\n```"


# -- settings --------------------------------------------------------------------------------------------------------


def _settings() -> str:
    """A table for the settings, and one for the sources among them."""
    return "\n\n".join(
        (
            _table(Settings),
            "### `[[tool.cachelint.sources]]`",
            _documentation(SourceDeclaration),
            _table(SourceDeclaration),
            "`[[tool.cachelint.sinks]]` is described with the [clients](clients.md#your-own).",
        )
    )


def _table(declaration: type) -> str:
    documented = _attribute_documentation(declaration)
    rows = [
        f"| `{entry_key(entry)}` | {_default(entry)} | {documented[entry.name]} |"
        for entry in fields(declaration)
        if "reader" in entry.metadata
    ]
    return "\n".join(["| key | default | what it does |", "|---|---|---|", *rows])


def _default(entry: Field[Any]) -> str:
    if entry.default is MISSING:
        return "" if entry.default_factory is MISSING else "`{}`"
    if entry.default is None:
        return "none"
    return f"`{json.dumps(entry.default)}`"


# -- the log ---------------------------------------------------------------------------------------------------------


def _record() -> str:
    """A table for the record, and one for each object in it."""
    parts = [inspect.getdoc(record).partition("\n\n")[2], _fields(record.UsageRecord)]  # type: ignore[union-attr]
    for name, declaration in vars(record).items():
        if name.endswith("Field"):
            parts += [f"### {name.removesuffix('Field')}", _documentation(declaration), _fields(declaration)]
    return "\n\n".join(parts).replace("``", "`")


def _fields(declaration: type) -> str:
    documented = _attribute_documentation(declaration)
    types = {
        node.target.id: ast.unparse(node.annotation).replace("Field", "")
        for node in _class(declaration).body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    rows = [f"| `{name}` | {_type(written)} | {documented[name]} |" for name, written in types.items()]
    return "\n".join(["| field | type | what it is |", "|---|---|---|", *rows])


def _type(written: str) -> str:
    """A type as readers of JSON know it; one in `NotRequired` may be absent."""
    absent = written.startswith("NotRequired[")
    words = written.removeprefix("NotRequired[").removesuffix("]") if absent else written
    return f"`{words.replace(' | ', ' or ').replace('None', 'null')}`{', or absent' if absent else ''}"


# -- docstrings ------------------------------------------------------------------------------------------------------


def _documentation(declaration: type) -> str:
    return inspect.getdoc(declaration) or ""


def _attribute_documentation(declaration: type) -> dict[str, str]:
    """The string under each attribute of a class."""
    body = _class(declaration).body
    return {
        attribute.target.id: " ".join(text.value.value.split()).replace("``", "`")
        for attribute, text in pairwise(body)
        if isinstance(attribute, ast.AnnAssign)
        and isinstance(attribute.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
    }


def _class(declaration: type) -> ast.ClassDef:
    node = ast.parse(inspect.getsource(declaration)).body[0]
    assert isinstance(node, ast.ClassDef)
    return node
