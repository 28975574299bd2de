"""What `cachelint check` says beside its results: what it could not analyse, which rules are new, what is gone."""

from __future__ import annotations

from collections.abc import Iterator

import click

from cachelint.baseline import Compared
from cachelint.checking import Answer
from cachelint.rendering.wording import counted

_MAXIMUM_NOTES = 5
"""Further notes are counted only; `--show-requests` prints them all."""


def print_notes(answer: Answer, *, everything: bool) -> None:
    """Prints what could not be analysed, which rules are new to the project, and how the baseline fits."""
    if not answer.codes:
        click.echo("note: no rule is selected: `ignore` leaves out all that `select` names", err=True)
    for sentence in (*_unanalysed(answer, everything), *_new(answer), *_baseline(answer)):
        click.echo(f"note: {sentence}", err=True)


def _unanalysed(answer: Answer, everything: bool) -> Iterator[str]:
    notes = answer.analysis.notes
    for note in notes if everything else notes[:_MAXIMUM_NOTES]:
        yield f"{answer.outcome.path(note.location.filename)}:{note.location.row}: {note.message}"
    if not everything and len(notes) > _MAXIMUM_NOTES:
        yield f"{counted(len(notes) - _MAXIMUM_NOTES, 'further note')}: --show-requests has all"


def _new(answer: Answer) -> Iterator[str]:
    """A sentence on the findings whose rules the project does not know yet."""
    codes: dict[str, list[str]] = {}
    for code, version in sorted({(each.code, each.new_in) for each in answer.outcome.findings if each.new_in}):
        codes.setdefault(version, []).append(code)
    if not codes:
        return
    listed = "; ".join(f"new in {version}: {', '.join(of_version)}" for version, of_version in codes.items())
    known, pending = answer.new_rules.known, answer.new_rules.pending
    if pending:
        yield f"{listed}. {known}: what they find does not fail the run"
    elif known:
        yield f"{listed}. {known}; --write-baseline accepts what they find"
    else:
        yield f"{listed}. `rules-version` in the configuration keeps new rules from failing a run"


def _baseline(answer: Answer) -> Iterator[str]:
    """How the findings fit the baseline, beyond what is new in cachelint."""
    if answer.compared is None:
        return
    unselected = [code for code in answer.compared.new_codes if code not in answer.new_rules.since]
    if unselected:
        listed = ", ".join(unselected)
        yield f"{listed}: not reported when the baseline was written; --write-baseline accepts what is found"
    explained = {*answer.compared.new_codes, *answer.new_rules.since}
    if any(finding.code not in explained for finding in answer.compared.new) and _is_of_another(answer.compared):
        yield f"the baseline was written by cachelint {answer.compared.version}, and this one may see more"
    if answer.compared.gone:
        gone = counted(answer.compared.gone, "finding")
        yield f"{gone} of the baseline no longer found; --write-baseline takes them out"


def _is_of_another(compared: Compared) -> bool:
    from cachelint import __version__

    return compared.version != __version__
