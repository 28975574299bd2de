"""The simulated cache against the published behaviour: reads, writes, breakpoints, lifetimes, minimums, isolation.

The names of the tests are the sentences of the documentation that they show. Blocks are counted as one token per
character here, so that the figures can be checked by eye.
"""

from typing import Any

import pytest

from cachelint.prompt import known_models
from cachelint.testing import CacheUsage, ManualClock, PromptCache

CACHED = {"type": "ephemeral"}
CACHED_1H = {"type": "ephemeral", "ttl": "1h"}
MODEL = "claude-opus-5"  # caches from 512 tokens on


def text(length: int, control: Any = None, letter: str = "x") -> dict[str, Any]:
    block: dict[str, Any] = {"type": "text", "text": letter * length}
    return {**block, "cache_control": control} if control else block


def user(*content: Any) -> dict[str, Any]:
    return {"role": "user", "content": list(content)}


def request(*messages: Any, system: Any = None, model: str = MODEL, **parameters: Any) -> dict[str, Any]:
    return {"model": model, "max_tokens": 100, "system": system or [], "messages": list(messages), **parameters}


def usage(*, plain: int = 0, read: int = 0, write: int = 0, write_1h: int = 0) -> CacheUsage:
    return CacheUsage(input_tokens=plain, read=read, write_5m=write, write_1h=write_1h)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def cache(clock: ManualClock) -> PromptCache:
    return PromptCache(clock, count=lambda block, _model: len(block.get("text", "")) or 10)


# Reading and writing


def test_without_a_breakpoint_nothing_is_cached(cache: PromptCache) -> None:
    for _ in range(2):
        assert cache.send(request(user(text(2000)))) == usage(plain=2000)


def test_the_first_request_writes_and_the_second_reads(cache: PromptCache) -> None:
    body = request(user(text(50)), system=[text(1000, CACHED)])
    assert cache.send(body) == usage(plain=50, write=1000)
    assert cache.send(body) == usage(plain=50, read=1000)


def test_what_stands_behind_the_last_breakpoint_may_change(cache: PromptCache) -> None:
    system = [text(1000, CACHED)]
    cache.send(request(user(text(50)), system=system))
    assert cache.send(request(user(text(70, letter="y")), system=system)) == usage(plain=70, read=1000)


def test_a_difference_loses_everything_that_ends_behind_it(cache: PromptCache) -> None:
    cache.send(request(user(text(600, CACHED)), system=[text(1000, CACHED)]))
    changed = request(user(text(600, CACHED)), system=[text(1000, CACHED, letter="y")])
    assert cache.send(changed) == usage(write=1600)


def test_nothing_is_stored_for_positions_without_a_breakpoint(cache: PromptCache) -> None:
    """Stable text followed by a marked block that changes: a useless entry each time."""
    for letter in "abc":
        assert cache.send(request(user(text(1000), text(50, CACHED, letter)))) == usage(write=1050)


def test_a_growing_conversation_reads_what_the_turn_before_wrote(cache: PromptCache) -> None:
    first, second = user(text(600)), user(text(100, letter="y"))
    answer = {"role": "assistant", "content": [text(30, letter="a")]}
    assert cache.send(request(first, cache_control=CACHED)) == usage(write=600)
    assert cache.send(request(first, answer, second, cache_control=CACHED)) == usage(read=600, write=130)


def test_an_old_breakpoint_can_be_removed(cache: PromptCache) -> None:
    cache.send(request(user(text(600, CACHED))))
    assert cache.send(request(user(text(600)), user(text(100, CACHED)))) == usage(read=600, write=100)


def test_more_breakpoints_do_not_write_more(cache: PromptCache) -> None:
    assert cache.send(request(user(text(600, CACHED), text(600, CACHED), text(600, CACHED)))) == usage(write=1800)


def test_a_string_and_its_one_text_block_are_the_same_prompt(cache: PromptCache) -> None:
    cache.send(request(user(text(600)), {"role": "assistant", "content": "ok"}, user(text(1, CACHED))))
    listed = {"role": "assistant", "content": [{"type": "text", "text": "ok"}]}
    assert cache.send(request(user(text(600)), listed, user(text(1, CACHED)))).write == 0


# Lookback


@pytest.mark.parametrize(("added", "expected"), [(19, usage(read=600, write=19)), (20, usage(write=620))])
def test_each_breakpoint_looks_back_over_twenty_positions_itself_included(
    cache: PromptCache, added: int, expected: CacheUsage
) -> None:
    cache.send(request(user(text(600, CACHED))))
    tail = [text(1) for _ in range(added - 1)]
    assert cache.send(request(user(text(600), *tail, text(1, CACHED)))) == expected


def test_a_breakpoint_in_between_bridges_a_long_turn(cache: PromptCache) -> None:
    cache.send(request(user(text(600, CACHED))))
    turn = [text(1) for _ in range(30)]
    turn[14] = text(1, CACHED)
    assert cache.send(request(user(text(600), *turn, text(1, CACHED)))) == usage(read=600, write=31)


# Billing positions and TTLs


def test_mixed_ttls_are_billed_up_to_the_last_one_hour_breakpoint_and_then_for_five_minutes(cache: PromptCache) -> None:
    system = [text(1000, CACHED_1H)]
    assert cache.send(request(user(text(700, CACHED), text(50)), system=system)) == usage(
        plain=50, write=700, write_1h=1000
    )


def test_only_what_lies_behind_the_hit_is_written(cache: PromptCache) -> None:
    cache.send(request(user(text(1)), system=[text(1000, CACHED_1H)]))
    more = request(user(text(300, CACHED_1H), text(200, CACHED)), system=[text(1000, CACHED_1H)])
    assert cache.send(more) == usage(read=1000, write=200, write_1h=300)


@pytest.mark.parametrize(("control", "lifetime"), [(CACHED, 300), (CACHED_1H, 3600)])
def test_an_entry_lives_for_its_ttl(cache: PromptCache, clock: ManualClock, control: Any, lifetime: int) -> None:
    body = request(user(text(600, control)))
    cache.send(body)
    clock.advance(lifetime)
    assert cache.send(body) == usage(read=600)
    clock.advance(lifetime + 1)
    assert cache.send(body).write == 600


def test_a_hit_refreshes_the_timer_at_no_charge(cache: PromptCache, clock: ManualClock) -> None:
    body = request(user(text(600, CACHED)))
    cache.send(body)
    for _ in range(5):
        clock.advance(200)
        assert cache.send(body) == usage(read=600)


def test_the_clock_starts_with_the_request_and_not_with_the_end_of_its_answer(
    cache: PromptCache, clock: ManualClock
) -> None:
    body = request(user(text(600, CACHED)))
    slow = cache.begin(body)
    clock.advance(240)
    slow.respond()
    clock.advance(61)
    assert cache.send(body).read == 0


def test_a_system_breakpoint_stays_warm_while_the_conversation_is_read(cache: PromptCache, clock: ManualClock) -> None:
    system = [text(1000, CACHED)]
    cache.send(request(user(text(10, CACHED)), system=system))
    clock.advance(200)
    cache.send(request(user(text(10, CACHED)), system=system))
    clock.advance(200)
    assert cache.send(request(user(text(10, CACHED, "z")), system=system)) == usage(read=1000, write=10)


# Minimum length


@pytest.mark.parametrize("model", known_models())
def test_a_prefix_below_the_minimum_of_its_model_is_not_cached_and_nothing_says_so(
    cache: PromptCache, model: str
) -> None:
    minimum = known_models()[model].minimum_tokens
    for length, written in ((minimum - 1, 0), (minimum, minimum)):
        short = request(user(text(length, CACHED)), model=model)
        assert cache.send(short) == usage(plain=length - written, write=written)


def test_the_minimum_counts_the_whole_prefix_and_not_the_marked_block(cache: PromptCache) -> None:
    assert cache.send(request(user(text(12, CACHED)), system=[text(500)])) == usage(write=512)


def test_a_cheaper_model_can_switch_caching_off(cache: PromptCache) -> None:
    body = request(user(text(2000, CACHED)))
    assert cache.send(body).write == 2000
    assert cache.send({**body, "model": "claude-haiku-4-5"}) == usage(plain=2000)


# Isolation, concurrency, warming


def test_workspaces_share_nothing(cache: PromptCache) -> None:
    body = request(user(text(600, CACHED)))
    cache.send(body, workspace="one")
    assert cache.send(body, workspace="two") == usage(write=600)
    assert cache.send(body, workspace="one") == usage(read=600)


def test_parallel_cold_requests_all_write(cache: PromptCache) -> None:
    body = request(user(text(600, CACHED)))
    flying = [cache.begin(body) for _ in range(3)]
    assert [pending.respond() for pending in flying] == [usage(write=600)] * 3


def test_once_the_first_response_has_begun_the_others_read(cache: PromptCache) -> None:
    body = request(user(text(600, CACHED)))
    cache.begin(body).respond()
    assert [cache.begin(body).usage for _ in range(3)] == [usage(read=600)] * 3


def test_a_prewarm_writes_what_the_real_request_reads(cache: PromptCache) -> None:
    system = [text(1000, CACHED)]
    cache.send({**request(user(text(5)), system=system), "max_tokens": 0})
    assert cache.send(request(user(text(50, letter="q")), system=system)) == usage(plain=50, read=1000)


def test_a_prewarm_with_automatic_caching_keys_to_its_placeholder(cache: PromptCache) -> None:
    system = [text(1000)]
    cache.send({**request(user(text(5)), system=system, cache_control=CACHED), "max_tokens": 0})
    assert cache.send(request(user(text(50, letter="q")), system=system, cache_control=CACHED)).read == 0


def test_automatic_caching_of_a_unique_question_is_a_surcharge(cache: PromptCache) -> None:
    for letter in "abc":
        body = request(user(text(50, letter=letter)), system=[text(1000)], cache_control=CACHED)
        assert cache.send(body) == usage(write=1050)


def test_forgetting_everything(cache: PromptCache) -> None:
    body = request(user(text(600, CACHED)))
    cache.send(body)
    cache.clear()
    assert cache.send(body) == usage(write=600)
