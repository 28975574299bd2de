"""CL402, CL403, CL404 and CL405: requests of one conversation that differ in more than their messages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cachelint.analysis.checks.conversation import Continuation, Turn, continuations, turns
from cachelint.analysis.checks.difference import absent, conditions_in, differ
from cachelint.analysis.checks.parts import PARTS, Part
from cachelint.analysis.checks.report import Problem
from cachelint.analysis.impact import impact_of_change
from cachelint.analysis.request import Request
from cachelint.analysis.syntax import Site
from cachelint.analysis.values import Condition, Constant, Mapping, Text, Value, constant_text
from cachelint.findings import Confidence
from cachelint.prompt.layout import TIERS


def changes(requests: Sequence[Request]) -> Iterator[Problem]:
    """CL402, CL403, CL404: a part that differs between two turns; CL405: a side call that cannot read its parent."""
    told: set[Site] = set()
    for turn in turns(requests):
        for problem in _decided_per_turn(turn):
            told.add(turn.request.call.site)
            yield problem
    compared: set[frozenset[Site]] = set()
    for pair in continuations(requests):
        sites = frozenset((pair.first.request.call.site, pair.second.request.call.site))
        for problem in _between(pair) if sites not in compared else ():
            compared.add(sites)
            if problem.site not in told:
                yield problem


# -- one call that is made on each turn --------------------------------------------------------------------------------


def _decided_per_turn(turn: Turn) -> Iterator[Problem]:
    request = turn.request
    if not request.cached or not (turn.answers or request.call.loops):
        return
    for part in PARTS:
        if part.tier == "messages" and not turn.caches_messages:
            continue
        value = part.written(request)
        condition = next((each for each in conditions_in(value) if _recurs(each, turn)), None) if value else None
        site = condition.site if condition is not None and condition.growth else request.call.site
        if part.name == "tools":
            site = _added(turn) or site
            condition = condition or (Condition(site) if _added(turn) else None)
        if condition is not None and not (part.name == "system prompt" and _behind_last(request)):
            yield _problem(part, request, site, _per_turn(part, condition))
            return


def _recurs(condition: Condition, turn: Turn) -> bool:
    """Whether a test may come out differently on the next turn of the conversation."""
    if condition.recurs != "turn":
        return False
    if condition.loops:
        return turn.continues_in(condition.loops)
    return turn.kept and turn.answers > 0


def _added(turn: Turn) -> Site | None:
    """Where a tool is added in the loop that sends the tools."""
    for block in turn.request.tier("tools"):
        if turn.continues_in(block.grown) and block.site is not None:
            return block.site
    return None


def _behind_last(request: Request) -> bool:
    """Whether only what stands behind the last breakpoint depends on a test."""
    last = request.last_breakpoint
    system = [index for index, block in enumerate(request.blocks) if block.tier == "system"]
    if last is None or not system or request.blocks[last].tier == "messages":
        return False
    covered = [request.blocks[index] for index in system if index <= last]
    return not any(block.conditions or any(conditions_in(block.value)) for block in covered)


def _per_turn(part: Part, condition: Condition | None) -> str:
    if condition is not None and condition.growth:
        return f"The {part.name} becomes longer with each turn of the conversation: {_lost(part)} each time."
    verb = "differ" if part.name in ("tools", "betas") else "differs"
    return f"The {part.name} {verb} between turns of one conversation: at each change, {_lost(part)}."


# -- two calls ---------------------------------------------------------------------------------------------------------


def _between(pair: Continuation) -> Iterator[Problem]:
    main, side = _roles(pair)
    if not main.request.cached or main.request.call.open or side.request.call.open:
        return
    different = [part for part in PARTS if _differs(part, main.request, side.request)]
    if not main.caches_messages:
        different = [part for part in different if part.tier != "messages"]
    if not different:
        return
    first = different[0]
    if main.request.call.site == side.request.call.site:
        yield _problem(first, side.request, side.request.call.site, _per_turn(first, None))
        return
    names = _listed(list(dict.fromkeys(part.name for part in different)))
    place = main.request.call.site.location
    where = f"the request on line {place.row}" if _same_file(main, side) else f"that of {place.filename}:{place.row}"
    fork = not pair.ordered and any(part.name in ("model", "system prompt") for part in different)
    if fork or not side.request.cached:
        if main.caches_messages:
            message = (
                f"The request sends the conversation of {where} again, but not with the same {names}: "
                "it cannot read what is cached of it."
            )
            yield Problem("CL405", side.request, side.request.call.site, message, tiers=_tiers(first))
        return
    message = f"The request continues the conversation of {where}, but not with the same {names}: {_lost(first)}."
    yield _problem(first, side.request, side.request.call.site, message, doubted=not pair.ordered)


def _roles(pair: Continuation) -> tuple[Turn, Turn]:
    """The request that carries the conversation on, and the other one, which departs from it."""
    if pair.ordered and pair.first.request.call.site.segment is pair.second.request.call.site.segment:
        return pair.first, pair.second

    def weight(turn: Turn) -> tuple[bool, bool, bool, int]:
        request = turn.request
        return not absent(request.parameters.get("tools")), turn.caches_messages, request.cached, -turn.number

    main, side = sorted((pair.first, pair.second), key=weight, reverse=True)
    return main, side


def _differs(part: Part, main: Request, side: Request) -> bool:
    if part.argument in main.call.maybe or part.argument in side.call.maybe:
        return False
    one, other = part.stated(main), part.stated(side)
    if differ(one, other):
        return True
    return part.name == "system prompt" and (_written_apart(one, other) or _written_apart(other, one))


def _written_apart(one: Value | None, other: Value | None) -> bool:
    """A system prompt that the call writes down, where the other one comes from elsewhere."""
    text = constant_text(one) if one is not None else None
    return bool(text) and other is not None and not isinstance(other, (Constant, Text)) and text not in _texts(other)


def _texts(value: Value) -> set[str]:
    found: set[str] = set()
    stack = [value]
    while stack:
        at = stack.pop()
        text = constant_text(at)
        if text is not None:
            found.add(text)
        elif isinstance(at, Mapping):
            stack.extend(entry.value for entry in at.entries.values())
        elif hasattr(at, "items"):
            stack.extend(item.value for item in at.items)
        elif hasattr(at, "options"):
            stack.extend(at.options)
    return found


# -- wording -----------------------------------------------------------------------------------------------------------


def _problem(part: Part, request: Request, site: Site, message: str, *, doubted: bool = False) -> Problem:
    confidence = Confidence.MEDIUM if doubted or request.call.doubted else None
    impact = impact_of_change(request, part.tier)
    return Problem(
        part.code,
        request,
        site,
        message,
        confidence=confidence,
        position=part.parameter,
        tiers=_tiers(part),
        impact=impact,
    )


def _tiers(part: Part) -> tuple[str, ...]:
    return TIERS[TIERS.index(part.tier) :]


def _lost(part: Part) -> str:
    tiers = _tiers(part)
    return f"{_listed(list(tiers))} {'is' if tiers == ('system',) else 'are'} written again"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _same_file(one: Turn, other: Turn) -> bool:
    return one.request.call.site.location.filename == other.request.call.site.location.filename
