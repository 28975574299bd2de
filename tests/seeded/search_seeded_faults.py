"""Plants many values and prints each that is missed and each false alarm: ``make seeds SEEDS=50``."""

from __future__ import annotations

import argparse
from collections import Counter

from landing import Landing
from program_runs import Runner
from seeded_programs import programs
from seeding import Seeder

TO_FIND = (Landing.BEFORE, Landing.FROZEN)


def main() -> None:
    """Print what goes wrong, then how much."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="faults for each program")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--only", default="", help="programs whose name contains this")
    parser.add_argument("--show", action="store_true", help="print the programs of what goes wrong")
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    with Runner() as runner:
        for program in programs():
            if options.only in program.name:
                _search(Seeder(program, runner), options, counts)
    found, missed = counts["found"], counts["missed"]
    print(dict(counts))
    print(f"found {found} of {found + missed}; {counts['false alarm']} false alarms in {counts['outside']}")


def _search(seeder: Seeder, options: argparse.Namespace, counts: Counter[str]) -> None:
    for seed in range(options.first, options.first + options.seeds):
        fault = seeder.plant(seed)
        if fault is None:
            counts["not runnable"] += 1
            continue
        found = fault.found() if fault.landing not in (Landing.HISTORY, Landing.UNTOLD) else []
        verdict = fault.landing.name.lower()
        if fault.landing in TO_FIND:
            verdict = "found" if any(map(fault.is_reported_by, found)) else "missed"
        elif fault.landing is Landing.OUTSIDE and found:
            counts["false alarm"] += 1
        counts[verdict] += 1
        if verdict == "missed" or (fault.landing is Landing.OUTSIDE and found):
            print("MISSED" if verdict == "missed" else "ALARM", fault, flush=True)
            for each in found:
                print(f"    {each.location.filename}:{each.location.row} {each.code} {each.severity} {each.message}")
            if options.show:
                print(fault.program.modules[fault.filename])


if __name__ == "__main__":
    main()
