"""What a log says is put beside the right finding, also after the source has changed; or beside none."""

from __future__ import annotations

import shutil
from pathlib import Path

from shops import Shop, summary

from cachelint.analysis import analyze
from cachelint.config import Settings

Found = dict[str, tuple[int, int, tuple[str, ...]]]

AS_IT_RAN: Found = {"CL101": (4, 3, ("CL802",)), "CL102": (3, 2, ("CL802",))}
"""By code: requests of its call, those lost to it, and the diagnoses."""


def found(shop: Shop, root: Path | None = None) -> Found:
    findings = analyze(root or shop.root, [root or shop.root], Settings()).findings
    return summary(shop.measured(root=root), findings)


def unfound(shop: Shop) -> list[tuple[str, int]]:
    """The calls that the source does not have, with their requests."""
    return [(each.call_site.place, each.requests) for each in shop.measured().elsewhere]


def test_the_source_as_it_ran(shop: Shop) -> None:
    assert found(shop) == AS_IT_RAN
    assert unfound(shop) == []


def test_lines_have_moved_also_of_two_calls_in_one_function(shop: Shop) -> None:
    shop.edit("desk/main.py", "CACHED =", "# A comment.\n\n\nLIMIT = 3\nCACHED =")
    start = "    def hand_over(self, case):\n"
    shop.edit("desk/main.py", start, start + "        print(case)\n" * 20)
    assert found(shop) == AS_IT_RAN


def test_a_function_has_another_name(shop: Shop) -> None:
    shop.edit("desk/main.py", "def reply", "def answer")
    shop.edit("desk/main.py", "desk.reply", "desk.answer")
    assert found(shop) == AS_IT_RAN


def test_the_file_has_another_name(shop: Shop) -> None:
    (shop.root / "desk" / "main.py").rename(shop.root / "desk" / "service.py")
    assert found(shop) == AS_IT_RAN


def test_the_package_is_below_another_folder_now(shop: Shop) -> None:
    (shop.root / "src").mkdir()
    shutil.move(shop.root / "desk", shop.root / "src" / "desk")
    assert found(shop) == AS_IT_RAN


def test_the_package_has_another_name(shop: Shop) -> None:
    (shop.root / "desk").rename(shop.root / "counter")
    for name in ("counter/main.py",):
        shop.edit(name, "desk.prompts", "counter.prompts")
    assert found(shop) == AS_IT_RAN


def test_the_check_looks_at_a_folder_above_the_one_where_the_program_ran(shop: Shop) -> None:
    assert found(shop, root=shop.root.parent) == AS_IT_RAN


def test_the_check_looks_at_a_folder_below_the_one_where_the_program_ran(shop: Shop) -> None:
    shop.edit("desk/main.py", "from desk.prompts", "from prompts")
    assert found(shop, root=shop.root / "desk") == AS_IT_RAN


def test_the_money_of_a_call_that_is_gone_goes_to_no_other_call(shop: Shop) -> None:
    start, end = "        first = self.client", "        return first, self.client"
    text = (shop.root / "desk" / "main.py").read_text()
    call = text[text.index(start) : text.index(end)]
    shop.edit("desk/main.py", call, "        first = None\n" + "        print(case)\n" * 20)
    assert found(shop) == {"CL101": AS_IT_RAN["CL101"], "CL102": (0, 0, ())}
    assert unfound(shop) == [("desk/main.py:30", 3), ("desk/main.py:24", 3)]


def test_two_files_of_which_the_log_may_mean_either_get_nothing(shop: Shop) -> None:
    for name in ("one", "two"):
        shutil.copytree(shop.root / "desk", shop.root / name / "desk")
    shutil.rmtree(shop.root / "desk")
    assert {requests for requests, _, _ in found(shop).values()} == {0}
