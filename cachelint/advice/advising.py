"""For each call site, the placement of breakpoints that would have been cheapest on what was observed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from cachelint.advice.observation import Observation
from cachelint.advice.placement import Placement, placements
from cachelint.advice.present import present_placement
from cachelint.advice.replay import cost, observed_cost, turns
from cachelint.prompt import ModelFacts, model_facts

MOST_REQUESTS = 20_000
"""Per call site: of more, the latest are looked at."""

_WORTH_SAYING = 0.05
"""A smaller saving, as a share of what was spent, is noise: nothing is advised."""

_UNSTABLE = 0.5
"""With more different system prompts than this share of the requests, the prompt itself is the problem."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What was spent at one call site, and what the best placement would have made of it.

    Costs are those of the prompts alone, in tokens at the model's input price.
    """

    site: str
    model: str
    requests: int
    observed: float
    reference: float
    """What the present breakpoints would have cost in the same replay, where it is less than what was observed: the
    difference went to misses of which breakpoints are no cause."""
    best: float
    placement: Placement | None
    """None: nothing is worth changing."""
    unstable: bool
    """The system prompt or the tools differ on most requests: mend that first, then ask again."""

    @property
    def saving(self) -> float:
        """By other breakpoints. Never negative."""
        return self.reference - self.best

    @property
    def lost_otherwise(self) -> float:
        """What no placement mends; 0 where it cannot be told."""
        return self.observed - self.reference

    @property
    def share(self) -> float:
        """The saving as a share of what was spent."""
        return self.saving / self.observed if self.observed else 0.0


@dataclass(frozen=True, slots=True)
class Advices:
    """The advice for a log."""

    sites: tuple[Advice, ...]
    """The largest saving first."""
    unknown_models: tuple[str, ...]
    """Models whose minimum length and prices cachelint does not know, so that nothing can be said."""


def advise(requests: Sequence[Observation]) -> Advices:
    """The advice for every call site and model, in isolation from each other."""
    groups: dict[tuple[str, str], list[Observation]] = defaultdict(list)
    for request in requests:
        groups[request.site, request.model].append(request)
    found, unknown = [], set()
    for (_, model), group in groups.items():
        facts = model_facts(model)
        if facts is None:
            unknown.add(model)
        else:
            found.append(_advice(group[-MOST_REQUESTS:], facts))
    found.sort(key=lambda advice: (-advice.saving, advice.site, advice.model))
    return Advices(tuple(found), tuple(sorted(unknown)))


def _advice(requests: Sequence[Observation], facts: ModelFacts) -> Advice:
    sequence = turns(requests)
    observed = sum(observed_cost(request, facts) for request in requests)
    best, placement = min(
        ((cost(sequence, choice, facts), number, choice) for number, choice in enumerate(placements())),
        key=lambda tried: tried[:2],
    )[::2]
    present = present_placement([request.placement for request in requests])
    reference = observed if present is None else min(observed, cost(sequence, present, facts))
    worth = reference - best > observed * _WORTH_SAYING
    return Advice(
        site=requests[0].site,
        model=requests[0].model,
        requests=len(requests),
        observed=observed,
        reference=reference,
        best=best if worth else reference,
        placement=placement if worth else None,
        unstable=_is_unstable(requests),
    )


def _is_unstable(requests: Sequence[Observation]) -> bool:
    prefixes = {prefix.identity for request in requests if (prefix := request.system or request.tools)}
    return len(requests) > 2 and len(prefixes) > _UNSTABLE * len(requests)
