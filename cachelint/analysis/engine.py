"""A run: from the files of a project to findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from pathlib import Path

from cachelint.analysis import BlockView, RequestView
from cachelint.analysis.checks import check
from cachelint.analysis.checks.report import Fixer, groups, site_of
from cachelint.analysis.clients.senders import METHODS
from cachelint.analysis.contents import FunctionContents
from cachelint.analysis.contexts import Contexts, run_unvisited
from cachelint.analysis.deep_stack import with_deep_stack
from cachelint.analysis.file_outcomes import file_outcomes, unreadable
from cachelint.analysis.file_roles import is_test
from cachelint.analysis.interpreter import calls, definitions, relevance, statements
from cachelint.analysis.interpreter.state import MAXIMUM_STEPS, BudgetSpent, State
from cachelint.analysis.outcome import Group, ProjectOutcome, Results, places_of, program_of
from cachelint.analysis.project import Module, Project
from cachelint.analysis.request import Request, build
from cachelint.analysis.sinks import SinkCall, Sinks
from cachelint.analysis.sources import Sources
from cachelint.analysis.values import Function, constant_text
from cachelint.clients import clients_in_use
from cachelint.config import Settings
from cachelint.findings import Finding, Location, Note
from cachelint.prompt.tokens import estimate_tokens

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
    scope: Set[str],
    settings: Settings,
    fixer: Fixer | None = None,
    root: Path | None = None,
) -> Results:
    """Analyse a project, and by themselves the files in `scope`; findings carry the fixes that `fixer` makes.

    Templates are read below `root`.
    """
    project = Project(files, root)
    try:
        return with_deep_stack(lambda: _Run(project, settings).results(scope, fixer))
    finally:
        relevance.forget()


class _Run:
    def __init__(self, project: Project, settings: Settings) -> None:
        self._project = project
        self._settings = settings
        self._clients = clients_in_use({name: project.content(name) for name in project.filenames})
        self._sinks = Sinks(settings, (client.outside(project.packages) for client in self._clients.clients))
        self._notes: list[Note] = []
        self._unreadable: list[Finding] = []
        self._names = METHODS
        self._steps = self._test_steps = 0
        self._state = State(project, Sources(settings), self._sinks)
        self._state.contexts = Contexts(project)

    def results(self, scope: Set[str], fixer: Fixer | None) -> Results:
        outcome = self._outcome(fixer)
        # Before files are looked at by themselves: what that reads is kept with each of them.
        trace = self._project.trace(self._clients)
        return Results(outcome, file_outcomes(self._project, sorted(scope), outcome.caching), trace)

    def _outcome(self, fixer: Fixer | None) -> ProjectOutcome:
        calls_found = _used(list(self._calls()))
        requests = [build(call) for call in calls_found]
        found = groups(check(request for variants in requests for request in variants), fixer)
        caching = {each.call.site.segment.module.filename for variants in requests for each in variants if each.cached}
        return ProjectOutcome(
            found,
            tuple(_views(requests)),
            tuple(self._notes),
            tuple(self._unparsed()),
            tuple(self._unreadable),
            tuple(sorted(set(map(program_of, caching)))),
            self._texts(found),
            self._project.looked_up(),
        )

    # -- requests ----------------------------------------------------------------------------------------------------

    def _calls(self) -> Iterator[SinkCall]:
        for filename in self._project.filenames:
            content = self._project.content(filename)
            names = self._sinks.senders.names(content)
            if not names and not self._sinks.senders.calls_sdk(content):
                continue
            module = self._project.module(filename)
            if module is None:
                self._unreadable += unreadable(self._project, filename)
                continue
            aliases = self._other_names(module, names)
            aliases |= {
                alias for alias, targets in module.contents.all_imports.items() if names & {t.name for t in targets}
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

    # -- notes and texts ---------------------------------------------------------------------------------------------

    def _note(self, module: Module, contents: FunctionContents, problem: str) -> None:
        location = module.location(contents.span.first, 0, contents.span.first, 1)
        self._notes.append(Note(location, f"{contents.qualified_name}() {problem}"))

    def _unparsed(self) -> Iterator[Note]:
        for module in self._project.read_modules():
            for span in module.unparsed:
                location = module.location(span.first, 0, span.first, 1)
                problem = f"rows {span.first} to {span.last} are too large or nested too deeply to be parsed"
                yield Note(location, problem)

    def _texts(self, found: Iterable[Group]) -> dict[str, str]:
        names = {place.filename for group in found for finding, _ in group.leads for place in places_of(finding)}
        texts: dict[str, str] = {}
        for name in sorted(names):
            module = self._project.module(name.partition("#")[0])
            if module is not None:
                texts[name] = module.text_of(name)
        return texts


def _used(found: list[SinkCall]) -> list[SinkCall]:
    """The calls without the definitions of objects of which a call that uses them is there too."""
    used = {site for call in found if not call.definition for site in call.made}
    used |= {site for call in found if call.definition for site in call.made - {call.site}}
    return [call for call in found if not (call.definition and call.site in used)]


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
