"""The sampler against brute force, and the promises it makes."""

from __future__ import annotations

from collections import Counter
from itertools import product

import numpy as np
import pytest

from engine.chain.sampler import Sampler, Step, markov_states
from engine.errors import RuleConflict
from engine.stream import Stream


def chain(weights: list[list[list[int]]], order: int = 1) -> list[Step]:
    after, _ = markov_states(len(weights[0][0]), order)
    return [Step(np.array(rows, dtype=np.int64), after) for rows in weights]


def brute(steps: list[Step], start: int, final: np.ndarray | None = None) -> dict[tuple[int, ...], int]:
    """The weight of every possible sequence, by writing them all down."""
    found = {}
    for events in product(*(range(step.weights.shape[1]) for step in steps)):
        weight, state = 1, start
        for step, event in zip(steps, events, strict=True):
            weight *= int(step.weights[state, event])
            state = int(step.after[state, event])
        if final is not None:
            weight *= int(final[state])
        if weight:
            found[events] = weight
    return found


RAIN = [[[5, 2, 1], [1, 4, 0], [3, 3, 2]]] * 4  # four steps of one small chain


def test_total_is_the_sum_over_all_sequences() -> None:
    steps = chain(RAIN)
    assert Sampler(steps, 1).total() == (sum(brute(steps, 1).values()), 0)


def test_total_counts_the_weights_of_the_end() -> None:
    steps, final = chain(RAIN), np.array([1, 0, 7])
    assert Sampler(steps, 0, final).total() == (sum(brute(steps, 0, final).values()), 0)


def test_chances_multiply_to_the_exact_probability() -> None:
    steps = chain(RAIN)
    sampler, table = Sampler(steps, 2), brute(chain(RAIN), 2)
    events = sampler.draw(Stream.of(5))
    numerator = denominator = 1
    for part, whole in sampler.chances(events):
        numerator *= part
        denominator *= whole
    assert numerator * sum(table.values()) == table[tuple(events)] * denominator


def test_draws_follow_the_exact_distribution_by_chi_square() -> None:
    steps = chain(RAIN[:3])
    table = brute(steps, 0)
    sampler, draws = Sampler(steps, 0), 6000
    seen = Counter(tuple(sampler.draw(Stream.of(seed))) for seed in range(draws))
    total = sum(table.values())
    assert set(seen) <= set(table)
    chi_square = sum((seen[e] - draws * w / total) ** 2 / (draws * w / total) for e, w in table.items())
    freedom = len(table) - 1
    # Five standard deviations of the chi-square distribution (mean f, variance 2f).
    assert abs(chi_square - freedom) < 5 * (2 * freedom) ** 0.5


def test_second_order_chain_agrees_with_brute_force() -> None:
    rng = np.random.default_rng(1)  # test data only
    weights = [rng.integers(0, 9, (9, 3)).tolist() for _ in range(5)]
    steps = chain(weights, order=2)
    assert Sampler(steps, 4).total()[0] == sum(brute(steps, 4).values())


def test_pins_at_both_ends_are_kept() -> None:
    steps = chain([[[0, 1, 0]] * 3, RAIN[0], RAIN[0], [[0, 0, 1]] * 3])
    draws = [Sampler(steps).draw(Stream.of(seed)) for seed in range(50)]
    assert {(d[0], d[-1]) for d in draws} == {(1, 2)}


def test_unreachable_ends_name_the_place_where_the_rules_collide() -> None:
    steps = chain(RAIN)
    steps[2] = Step(np.zeros((3, 3), dtype=np.int64), steps[2].after, "bar 2, beat 3")
    with pytest.raises(RuleConflict, match="bar 2, beat 3"):
        Sampler(steps)


def test_an_end_that_cannot_be_met_says_so() -> None:
    with pytest.raises(RuleConflict, match="end of the sequence"):
        Sampler(chain(RAIN), 0, np.zeros(3, dtype=np.int64))


def test_long_chains_of_large_weights_do_not_overflow() -> None:
    weights = np.full((64, 64), 1 << 24, dtype=np.int64)
    after, _ = markov_states(64, 1)
    sampler = Sampler([Step(weights, after)] * 500)
    assert 2**31 <= sampler.total()[0] <= 2**32
    assert all(part > 0 for part, _ in sampler.chances(sampler.draw(Stream.of(1))))


def test_what_is_barely_possible_stays_possible_over_a_long_chain() -> None:
    # One narrow way through, 2**24 times less likely than the rest at every step.
    weights = np.array([[1 << 24, 1], [0, 1]], dtype=np.int64)
    after = np.array([[0, 1], [1, 1]], dtype=np.int64)
    steps = [Step(weights, after)] * 60
    assert Sampler(steps, 0, np.array([0, 1])).draw(Stream.of(3))[-1] == 1


def test_equal_streams_draw_equal_sequences() -> None:
    sampler = Sampler(chain(RAIN))
    assert sampler.draw(Stream.of(9)) == sampler.draw(Stream.of(9))


def test_many_draws_at_once_are_the_draws_one_by_one() -> None:
    sampler = Sampler(chain(RAIN), 1, np.array([1, 3, 2]))
    streams = [Stream.of(n) for n in range(40)]
    assert sampler.draw_many(streams) == [sampler.draw(stream) for stream in streams]


def test_many_draws_of_nothing_are_empty_sequences() -> None:
    assert Sampler([]).draw_many([Stream.of(1), Stream.of(2)]) == [[], []]


def test_a_veto_keeps_an_event_off_where_another_is_left() -> None:
    sampler = Sampler(chain(RAIN), 1, veto=lambda events: (0, 1, 1) if len(events) == 2 else None)
    assert all(sampler.draw(Stream.of(n))[2] != 0 for n in range(40))


def test_a_veto_of_all_that_is_possible_is_not_kept() -> None:
    only = chain([[[0, 1, 0]] * 3] * 2)
    assert Sampler(only, veto=lambda events: (1, 0, 1)).draw(Stream.of(1)) == [1, 1]


def test_many_draws_keep_the_veto_too() -> None:
    sampler = Sampler(chain(RAIN), 1, veto=lambda events: (0, 1, 1))
    streams = [Stream.of(n) for n in range(10)]
    assert sampler.draw_many(streams) == [sampler.draw(stream) for stream in streams]
