"""Plants one varying value at a random place of a program, and says what the analysis should make of it."""

from __future__ import annotations

import random
from dataclasses import dataclass

import libcst as cst
from landing import Landing, landing
from planted_places import replaced
from planted_values import CARRIERS, FORMS, PROCESS_CANARY, REQUEST_CANARY, VALUES, Carrier, Value
from program_runs import ProgramFailed, Runner
from seeded_programs import Program

from cachelint.analysis import analyze_sources
from cachelint.findings import Confidence, Finding

TOO_SHORT = "CL601"
"""True of all these programs, whose prompts are kept short for the reader; nothing else may be found in them."""


@dataclass(frozen=True)
class Fault:
    """One planted value."""

    seed: int
    program: Program
    filename: str
    row: int
    """Of the value itself, where it is to be reported."""
    value: Value
    landing: Landing
    text: str
    """The expression that was put into the program."""

    def found(self) -> list[Finding]:
        """What is reported of the planted program, apart from what is true of the clean one."""
        findings = analyze_sources(self.program.sources()).findings
        return [each for each in findings if each.code != TOO_SHORT and each.confidence is not Confidence.LOW]

    def is_reported_by(self, finding: Finding) -> bool:
        """Whether a finding is the one that this fault deserves."""
        place = finding.location
        return (place.filename, place.row) == (self.filename, self.row) and finding.code in self.value.codes

    def __str__(self) -> str:
        return (
            f"seed {self.seed} in {self.program.name}: {self.filename}:{self.row} {self.text}"
            f" for {self.value.expression} lands {self.landing.value}"
        )


class Seeder:
    """Plants values in one program."""

    def __init__(self, program: Program, runner: Runner) -> None:
        self._program = program
        self._runner = runner
        self._clean = runner.requests(program)
        self._places = sorted(_text_places(program, runner))

    @property
    def places(self) -> list[tuple[str, int]]:
        """The expressions that are evaluated to a str: the module, and the number of the expression."""
        return self._places

    @property
    def requests(self) -> int:
        """How many requests the clean program sends."""
        return len(self._clean)

    def plant(self, seed: int) -> Fault | None:
        """The fault of a seed; None when the program cannot be run with it."""
        choose = random.Random(f"{self._program.name} {seed}")
        place, value = choose.choice(self._places), choose.choice(VALUES)
        carrier, form = choose.choice(CARRIERS), choose.choice(FORMS)
        canary = PROCESS_CANARY if value.period == "process" else REQUEST_CANARY
        try:
            traced, *_ = _planted(self._program, place, canary, "", carrier, form)
            planted, filename, row, text = _planted(
                self._program, place, value.expression, value.imports, carrier, form
            )
            where = landing(self._clean, self._runner.requests(traced))
        except (SyntaxError, cst.ParserSyntaxError, ProgramFailed):
            return None
        return Fault(seed, planted, filename, row, value, where, text)


def _text_places(program: Program, runner: Runner) -> list[tuple[str, int]]:
    """The expressions that are evaluated, and always to a str."""
    instrumented = program
    for filename, text in program.modules.items():

        def see(number: int, node: cst.BaseExpression, filename: str = filename) -> cst.BaseExpression:
            inner = cst.parse_expression(f"__seen__({filename + '!' + str(number)!r}, 0)")
            assert isinstance(inner, cst.Call)
            arguments = [inner.args[0], inner.args[1].with_changes(value=node)]
            return inner.with_changes(args=arguments)

        instrumented = instrumented.with_module(filename, replaced(text, see))
    types = runner.types(instrumented)
    found = [place.rsplit("!", 1) for place, seen in types.items() if seen == ["str"]]
    return [(filename, int(number)) for filename, number in found]


def _planted(
    program: Program, place: tuple[str, int], value: str, imports: str, carrier: Carrier, form: str
) -> tuple[Program, str, int, str]:
    """The program with a value at a place; the module and the row of the value; and what was put there."""
    filename, wanted = place
    put = carrier.expression.format(value=value)
    texts: list[str] = []

    def plant(number: int, node: cst.BaseExpression) -> cst.BaseExpression:
        if number != wanted:
            return node
        text = form.format(cst.Module([]).code_for_node(node), put)
        texts.append(text)
        return cst.parse_expression(text)

    module = replaced(program.modules[filename], plant)
    definition = carrier.definition.format(value=value)
    if carrier.elsewhere:
        elsewhere = f"{carrier.elsewhere}.py"
        program = program.with_module(elsewhere, f"{imports}\n\n\n{definition}")
        module = _with_head(module, f"import {carrier.elsewhere}\n")
        holder = elsewhere
    else:
        module = _with_head(module, f"{imports}\n{definition}")
        holder = filename
    planted = program.with_module(filename, module)
    compile(module, filename, "exec")
    rows = [row for row, line in enumerate(planted.modules[holder].splitlines(), 1) if value in line]
    if not rows:
        raise SyntaxError("the value is spread over rows")
    return planted, holder, rows[-1], texts[0]


def _with_head(module: str, head: str) -> str:
    """The module with statements in front of its first definition or assignment, behind its own imports."""
    tree = cst.parse_module(module)
    at = 0
    for position, statement in enumerate(tree.body):
        small = statement.body if isinstance(statement, cst.SimpleStatementLine) else ()
        first = small[0] if small else None
        if isinstance(first, (cst.Import, cst.ImportFrom)) or (isinstance(first, cst.Expr) and position == 0):
            at = position + 1
    if not head.strip():
        return module
    added = cst.parse_module(head).body
    return tree.with_changes(body=[*tree.body[:at], *added, *tree.body[at:]]).code
