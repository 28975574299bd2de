"""A run: from the files of a project to findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from cachelint.analysis import Analysis, BlockView, RequestView
from cachelint.analysis.accounting import accounting
from cachelint.analysis.checks import check
from cachelint.analysis.checks.report import Fixer, Problem, findings, site_of
from cachelint.analysis.contents import FunctionContents
from cachelint.analysis.contexts import Contexts, run_unvisited
from cachelint.analysis.deep_stack import with_deep_stack
from cachelint.analysis.file_roles import is_test
from cachelint.analysis.interpreter import calls, definitions, relevance, statements
from cachelint.analysis.interpreter.state import MAXIMUM_STEPS, BudgetSpent, State
from cachelint.analysis.project import Module, Project
from cachelint.analysis.request import Request, build
from cachelint.analysis.sinks import METHODS, SinkCall, Sinks
from cachelint.analysis.sources import Sources
from cachelint.analysis.values import Function, constant_text
from cachelint.clients import clients_in_use
from cachelint.config import Settings
from cachelint.findings import Confidence, Finding, Location, Note, Severity
from cachelint.prompt.tokens import estimate_tokens
from cachelint.rulebook import rulebook

ROOT_STEPS = 260_000
"""Evaluation steps for one function that sends a prompt, in all ways in which it is called."""

PROJECT_STEPS = 1_500_000
"""Evaluation steps for all of them, before each of those that are left gets `LATE_STEPS` only, as tests do."""

LATE_STEPS = 30_000
"""Enough for a function that sends a prompt of its own, not for one that a framework is wound around."""

TEST_STEPS = 300_000
"""Evaluation steps for all that tests send, before each of those that are left gets `LEAST_STEPS` only."""

LEAST_STEPS = 3_000
"""Enough for a call that is written down with its prompt."""

FRUITLESS = 2
"""Ways of calling a function in which no prompt was sent: in a further one none will be."""


def run(
    files: Mapping[str, Path | bytes],
    scope: set[str],
    settings: Settings,
    fixer: Fixer | None = None,
    root: Path | None = None,
) -> Analysis:
    """Analyse the files in `scope`, resolving into all of them; findings carry the fixes that `fixer` makes.

    Templates are read below `root`.
    """
    project = Project(files, root)
    try:
        return with_deep_stack(lambda: _Run(project, scope, settings).analysis(fixer))
    finally:
        relevance.forget()


class _Run:
    def __init__(self, project: Project, scope: set[str], settings: Settings) -> None:
        self._project = project
        self._scope = scope
        self._settings = settings
        clients = clients_in_use(map(project.content, project.filenames))
        self._sinks = Sinks(settings, (client.outside(project.packages) for client in clients))
        self._notes: list[Note] = []
        self._names = METHODS
        self._steps = self._test_steps = 0
        self._state = State(project, Sources(settings), self._sinks)
        self._state.contexts = Contexts(project)

    def analysis(self, fixer: Fixer | None) -> Analysis:
        calls_found = _used(list(self._calls()))
        requests = [build(call) for call in calls_found]
        problems = check(request for variants in requests for request in variants)
        found = findings([problem for problem in problems if self._in_scope(problem)], fixer)
        caching = {each.call.site.segment.module.filename for variants in requests for each in variants if each.cached}
        found += accounting(self._project, self._scope, caching)
        found += self._unreadable()
        self._note_unparsed()
        return Analysis(
            tuple(sorted(found, key=lambda finding: (finding.location, finding.code))),
            tuple(_views(variants for variants in requests if self._sends_in_scope(variants))),
            tuple(self._notes),
            len(self._scope),
            self._texts(found),
            self._commented(),
            self._project.looked_up(),
        )

    def _in_scope(self, problem: Problem) -> bool:
        """Whether the place to change, the request or any place on the way between them is to be reported on."""
        sites = [problem.site, problem.request.call.site]
        if problem.variation is not None:
            sites += [step.site for step in (*problem.variation.steps, *problem.request.call.chain)]
        return any(site.segment.module.filename in self._scope for site in sites)

    def _sends_in_scope(self, variants: list[Request]) -> bool:
        return bool(variants) and variants[0].call.site.segment.module.filename in self._scope

    # -- requests ----------------------------------------------------------------------------------------------------

    def _calls(self) -> Iterator[SinkCall]:
        for filename in self._project.filenames:
            content = self._project.content(filename)
            names = self._sinks.client_names(content)
            module = self._project.module(filename) if names or self._sinks.calls_sdk(content) else None
            if module is None:
                continue
            aliases = self._other_names(module, names)
            aliases |= {
                alias for alias, targets in module.contents.imports.items() if names & {t.name for t in targets}
            }
            names |= aliases
            self._names = METHODS | names | self._sinks.adding
            called = aliases | (names - self._sinks.methods) | {form for n in names for form in (f".{n}", f"self.{n}")}
            receivers = self._sinks.receivers(module.contents.method_names)
            for contents in module.contents.everything:
                if self._sinks.mentioned(contents.references, receivers) or called & contents.calls:
                    yield from self._calls_in(module, contents)

    def _other_names(self, module: Module, names: frozenset[str]) -> frozenset[str]:
        """The names under which a module knows calls that send prompts besides their own `names`."""
        known: frozenset[str] = frozenset()
        while True:
            found = {
                name
                for name, references in module.contents.method_names.items()
                if self._sinks.mentioned(references) or (names | known) & references
            }
            if found <= known:
                return known
            known |= found

    def _calls_in(self, module: Module, contents: FunctionContents) -> list[SinkCall]:
        """The prompts that a function sends, for each of the ways in which it is called."""
        state = self._state
        found: list[SinkCall] = []
        try:
            if contents.name == "<module>":
                self._prepare(module.filename)
                statements.run_script(state, module)
                found = state.recorded
            else:
                function = definitions.function(state, module, contents)
                if isinstance(function, Function):
                    found = self._in_contexts(function)
        except BudgetSpent:
            self._note(module, contents, "is too large to be followed to its end")
            found = state.recorded
        except RecursionError:
            self._note(module, contents, "is nested too deeply to be followed")
        finally:
            state.scripts.clear()
        return found

    def _allowed(self, steps: int, filename: str) -> int:
        if is_test(filename):
            return LATE_STEPS if self._test_steps < TEST_STEPS else LEAST_STEPS
        return LATE_STEPS if self._steps > PROJECT_STEPS else steps

    def _prepare(self, filename: str) -> None:
        state = self._state
        state.recorded = []
        state.run += 1
        state.steps, state.depth = MAXIMUM_STEPS - self._allowed(MAXIMUM_STEPS, filename), 0
        state.branch, state.loops, state.chain = (), (), ()
        state.visited_calls = set()
        state.running = set()
        state.ways.clear()
        state.watched_names, state.watched_calls = self._names, frozenset()
        state.watched, state.watched_functions, state.demand = {}, {}, None

    def _in_contexts(self, function: Function) -> list[SinkCall]:
        state = self._state
        self._prepare(function.module.filename)
        state.found_so_far.clear()
        in_test = is_test(function.module.filename)
        state.contexts.restart(in_test=in_test)
        contexts = state.contexts.of(state, function, None, relevance.parameters_that_matter(function, state))
        found: list[SinkCall] = []
        spent = 0
        for tried, context in enumerate(contexts):
            if spent > self._allowed(ROOT_STEPS, function.module.filename) or (tried >= FRUITLESS and not found):
                break  # what is missing are further callers of a function that is too large as it is
            self._prepare(function.module.filename)
            start = state.steps
            with state.elsewhere(context.loops):
                state.chain = context.chain
                try:
                    calls.run(state, function, context.receiver, context.arguments, seeds=frozenset())
                    run_unvisited(state, function)
                except BudgetSpent:
                    if function.contents is not None and spent < MAXIMUM_STEPS and not in_test:
                        self._note(function.module, function.contents, "is too large to be followed to its end")
            spent += state.steps - start
            if in_test:
                self._test_steps += state.steps - start
            else:
                self._steps += state.steps - start
            for call in state.recorded:
                call.doubted = context.doubted
            found.extend(state.recorded)
        return found

    # -- notes and unreadable files ----------------------------------------------------------------------------------

    def _note(self, module: Module, contents: FunctionContents, problem: str) -> None:
        location = module.location(contents.span.first, 0, contents.span.first, 1)
        self._notes.append(Note(location, f"{contents.qualified_name}() {problem}"))

    def _note_unparsed(self) -> None:
        for module in self._project.read_modules():
            for span in module.unparsed if module.filename in self._scope else ():
                location = module.location(span.first, 0, span.first, 1)
                problem = f"rows {span.first} to {span.last} are too large or nested too deeply to be parsed"
                self._notes.append(Note(location, problem))

    def _unreadable(self) -> list[Finding]:
        rule = rulebook().find("CL902")
        found = []
        for filename in sorted(self._scope):
            content = self._project.content(filename)
            relevant = not content or self._sinks.calls_sdk(content) or bool(self._sinks.client_names(content))
            problem = self._project.problem(filename) if relevant else None
            if problem is not None:
                location = Location(filename, problem.row, 1, problem.row, 2)
                name, help_text = (rule.name, rule.help) if rule is not None else ("unreadable-file", None)
                severity = rule.severity if rule is not None else Severity.WARNING
                found.append(
                    Finding(
                        "CL902", name, severity, Confidence.HIGH, f"This file {problem}.", location, advice=help_text
                    )
                )
        return found

    def _commented(self) -> dict[str, str]:
        texts: dict[str, str] = {}
        for filename in sorted(self._scope):
            if b"cachelint:" not in self._project.content(filename):
                continue
            module = self._project.module(filename)
            for name in module.text_names if module is not None else ():
                texts[name] = module.text_of(name)  # type: ignore[union-attr]
        return texts

    def _texts(self, found: Iterable[Finding]) -> dict[str, str]:
        names = {place.filename for finding in found for place in _places(finding)}
        texts: dict[str, str] = {}
        for name in names:
            module = self._project.module(name.partition("#")[0])
            if module is not None:
                texts[name] = module.text_of(name)
        return texts


def _used(found: list[SinkCall]) -> list[SinkCall]:
    """The calls without the definitions of objects of which a call that uses them is there too."""
    used = {site for call in found if not call.definition for site in call.made}
    used |= {site for call in found if call.definition for site in call.made - {call.site}}
    return [call for call in found if not (call.definition and call.site in used)]


def _places(finding: Finding) -> Iterator[Location]:
    """Every place that a finding speaks of, or that its fix would change."""
    yield finding.location
    yield from (step.location for step in finding.flow)
    yield from (edit.location for edit in (finding.fix.edits if finding.fix is not None else ()))


def _views(requests: Iterable[list[Request]]) -> Iterator[RequestView]:
    """Each call once, in its first variant with the most breakpoints."""
    best: dict[Location, Request] = {}
    for variants in requests:
        for request in variants:
            place = request.call.site.location
            known = best.get(place)
            if known is None or len(request.breakpoints) > len(known.breakpoints):
                best[place] = request
    for place in sorted(best):
        yield _view(best[place])


def _view(request: Request) -> RequestView:
    blocks = tuple(
        BlockView(
            block.position,
            (block.marker.ttl or "?") if block.marker is not None else None,
            tuple(f"{variation.label} ({variation.period.label})" for variation in block.variations),
            estimate_tokens(block.minimum_length, request.model).lower,
            block.exact_length is not None,
            (constant_text(block.value) or "")[:60],
        )
        for block in request.blocks
    )
    notes = [f"{name} is not known here" for name in request.unknown]
    if request.call.open:
        notes.append("more arguments may be passed with **")
    automatic = (request.automatic.ttl or "?") if request.automatic is not None else None
    return RequestView(site_of(request), blocks, automatic, tuple(notes))
