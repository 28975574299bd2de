"""CL103: draws that start from a constant seed each time."""

from __future__ import annotations

import libcst as cst

from cachelint.analysis.checks.report import Problem
from cachelint.findings import Edit, Fix
from cachelint.fixing.place import Place, imports, keyword, last_name, spreads, with_argument

_GENERATORS = frozenset(("default_rng", "RandomState", "Random"))


def seed(problem: Problem) -> Fix | None:
    """Unsafe: what was another draw each time becomes the same one."""
    if problem.variation is None:
        return None
    place = Place.of(problem.variation.site)
    call = place.node
    if not isinstance(call, cst.Call) or spreads(call):
        return None
    edits = _of_module(place, call) or _of_generator(place, call) or _of_argument(place, call)
    return Fix("Draw from a constant seed", edits, safe=False) if edits else None


def _of_module(place: Place, call: cst.Call) -> tuple[Edit, ...]:
    """`random.sample(...)` becomes `random.Random(0).sample(...)`."""
    if not isinstance(call.func, cst.Attribute) or not isinstance(call.func.value, cst.Name):
        return ()
    bound = place.segment.module.contents.imports.get(call.func.value.value, ())
    if (
        len(bound) != 1
        or bound[0].module != "random"
        or bound[0].name
        or call.func.attr.value in ("SystemRandom", "seed")
    ):
        return ()
    return (place.at(call.func.value).after(".Random(0)"),)


def _of_generator(place: Place, call: cst.Call) -> tuple[Edit, ...]:
    """`np.random.default_rng().normal()` becomes `np.random.default_rng(0).normal()`."""
    owner = call.func.value if isinstance(call.func, cst.Attribute) else None
    if isinstance(owner, cst.Call) and last_name(owner.func) in _GENERATORS and not owner.args:
        return with_argument(place, owner, "0")
    return ()


def _of_argument(place: Place, call: cst.Call) -> tuple[Edit, ...]:
    """`frame.sample(3)` becomes `frame.sample(3, random_state=0)`."""
    parameter = _parameter(last_name(call.func), place.source)
    if parameter is None or keyword(call, parameter) is not None:
        return ()
    return with_argument(place, call, f"{parameter}=0")


def _parameter(function: str, source: str) -> str | None:
    """What the seed of a method is called in the library that the module imports."""
    if function == "sample":
        return "random_state" if imports(source, "pandas") else "seed" if imports(source, "polars") else None
    if function == "shuffle":
        return "seed" if imports(source, "datasets") else None
    return "random_state" if function == "train_test_split" else None
