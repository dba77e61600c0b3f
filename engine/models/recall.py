"""Recall: the earlier places of this song that are most like here, and what followed them.

    P(x) = (sum_j k_j [x_j = x] + base(x)) / (sum_j k_j + 1),   k_j = 2**likeness(now, j)

The likeness of two places is a sum of learnt tables: how the last events agree one by one, how many of those
further back agree, how long the agreement runs, what the side information says, how far back the place lies.
So a phrase that comes back with a note changed is still known for what it is, which counts after equal
contexts cannot see. ``base`` is the long-term distribution.

All is whole numbers, 256 to the bit. Akin to the match model of Mahoney's PAQ (2005) and to kernel regression
over the song's own past (Nadaraya 1964, Watson 1964).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.chain.costs import weights
from engine.models.viewpoints import Columns, Ints, Space

Small = NDArray[np.uint8]

CEILING = 14 * 256  # a place weighs at most 2**14 times the floor
SHARES = 4
TRUSTS = 16 * SHARES + 1


class Likeness(NamedTuple):
    """What to compare.

    columns: side information. target: the classes of events that are compared and predicted (see
    engine.models.viewpoints). period: places are compared that lie whole multiples of it apart (16 for a bar of
    sixteenths). reach: how many such places back. slide: how often, in 1,024ths, an event is put in or left out
    where the song otherwise copies itself.
    """

    columns: tuple[str, ...] = ()
    target: str = "event"
    period: int = 1
    reach: int = 2000
    slide: int = 0


class Recall(NamedTuple):
    """A likeness and, for each kind of agreement (see ``agreements``), its worth in 1/256 bit above the floor."""

    likeness: Likeness
    tables: tuple[Ints, ...]

    def look(self, space: Space, columns: Columns, events: Ints, songs: Ints, base: Ints) -> tuple[Ints, Ints]:
        """Return (costs, trust) before each event of many songs, shapes (places, events) and (places,).

        songs: the number of the song of each event, in order. base: costs of the long-term model, (places, events).
        """
        costs, trust = base.copy(), np.zeros(len(events), dtype=np.int64)
        seen = classed(space, self.likeness, columns, events, weights(base))
        for start, end in spans(songs):
            part = slice(start, end)
            if end - start > self.likeness.period:
                sides = [columns[name][part] for name in self.likeness.columns]
                change, trust[part] = self._look(seen.happened[part], sides, seen.base[part])
                costs[part] += np.take_along_axis(change, seen.classes[part], axis=1)
        return np.maximum(costs, 0), trust

    def _look(self, happened: Ints, sides: Sequence[Ints], base: Ints) -> tuple[Ints, Ints]:
        # What recall adds to the cost of each class, and the trust in it, before each event of one song.
        count, choices = base.shape
        likeness = self.likeness
        worth = np.zeros((1, 1), dtype=np.int64)
        for table, kind in zip(self.tables, agreements(happened, sides, likeness, choices), strict=True):
            worth = worth + table[kind]
        back = lags(count, likeness)
        cost = np.clip(CEILING - worth, 0, 63 * 256)
        mass = (weights(cost & 255) << 16) >> (cost >> 8)
        mass[back > np.arange(count)[:, None]] = 0
        before = np.maximum(np.arange(count)[:, None] - back, 0)
        flat = (np.arange(count)[:, None] * choices + happened[before]).ravel()
        found = np.bincount(flat, mass.ravel(), minlength=count * choices).astype(np.int64).reshape(count, choices)
        total = found.sum(axis=1)
        blend = found + base * _GROUND // np.maximum(base.sum(axis=1, keepdims=True), 1)
        change = (log2(blend.sum(axis=1)) - log2(np.maximum(base.sum(axis=1), 1)))[:, None]
        change = change + log2(np.maximum(base, 1)) - log2(np.maximum(blend, 1))
        change[total == 0] = 0
        ratio = np.clip((log2(np.maximum(total, 1)) - _GROUND_COST) * 3 // 512 + 5, 0, 15)
        share = np.minimum(found.max(axis=1) * SHARES // np.maximum(total, 1), SHARES - 1)
        return change, np.where(total > 0, 1 + ratio * SHARES + share, 0)


class Classed(NamedTuple):
    """Places in terms of classes: of each event, (places, events); of the one that happened; the long-term weights."""

    classes: Ints
    happened: Ints
    base: Ints


def classed(space: Space, likeness: Likeness, columns: Columns, events: Ints, base: Ints) -> Classed:
    """Return events and long-term weights in terms of the classes that a likeness compares."""
    count = len(events)
    classes = space.classes(likeness.target, columns, count)
    width = space.target(likeness.target).classes
    flat = (np.arange(count)[:, None] * width + classes).ravel()
    sums = np.bincount(flat, base.ravel(), minlength=count * width).astype(np.int64).reshape(count, width)
    return Classed(classes, classes[np.arange(count), events], sums)


def spans(songs: Ints) -> list[tuple[int, int]]:
    """Return where each song begins and ends."""
    cuts = np.flatnonzero(np.diff(songs)) + 1
    return list(zip([0, *cuts.tolist()], [*cuts.tolist(), len(songs)], strict=True))


def lags(count: int, likeness: Likeness) -> Ints:
    """Return how far back each place compared lies, shape (1, places compared)."""
    return np.arange(1, min(likeness.reach, (count - 1) // likeness.period) + 1)[None] * likeness.period


def agreements(events: Ints, sides: Sequence[Ints], likeness: Likeness, choices: int) -> Iterator[Small]:
    """Yield for each kind of agreement its class between each place and each place before it, (places, lags).

    The kinds: the last four events, each; the four before; how many of events 9..16; of 17..32; of 33..96; the length
    of the run of equal events; the distance; how likely the song is just now following that place (``following``);
    how well the two pasts align (``aligned``); and for each side its agreement now and one event ago, and how often it
    agreed in the last eight.
    """
    count = len(events)
    back = lags(count, likeness)[0]
    same = np.zeros((count, len(back)), dtype=np.uint8)
    for column, lag in enumerate(back.tolist()):
        same[lag:, column] = events[lag:] == events[:-lag]
    yield _packed([_late(same, k) for k in range(1, 5)])
    yield _packed([_late(same, k) for k in range(5, 9)])
    total = np.zeros((count + 1, len(back)), dtype=np.int32)
    np.cumsum(same, axis=0, out=total[1:])

    def among(first: int, last: int) -> Ints:
        ends = np.maximum(np.arange(count) - first + 1, 0)
        starts = np.maximum(np.arange(count) - last, 0)
        return total[ends] - total[starts]

    yield among(9, 16).astype(np.uint8)
    yield (among(17, 32) // 2).astype(np.uint8)
    yield (among(33, 96) // 8).astype(np.uint8)
    broken = np.where(same == 0, np.arange(count)[:, None], -1)
    run = np.arange(count)[:, None] - 1 - np.roll(np.maximum.accumulate(broken, axis=0), 1, axis=0)
    run[0] = 0
    yield _RUNS[np.minimum(run, len(_RUNS) - 1)]
    distance = np.arange(len(back)) if likeness.period > 1 else 2 * np.log2(np.arange(1, len(back) + 1)) + 0.001
    yield np.broadcast_to(np.minimum(distance, DISTANCES - 1).astype(np.uint8)[None], same.shape)
    yield following(same, likeness, choices)
    yield aligned(same, likeness)
    for side in sides:
        alike = np.zeros_like(same)
        for column, lag in enumerate(back.tolist()):
            alike[lag:, column] = side[lag:] == side[:-lag]
        yield alike * 2 + _late(alike, 1)
        np.cumsum(alike, axis=0, out=total[1:])
        yield among(1, 8).astype(np.uint8)


def following(same: Small, likeness: Likeness, choices: int) -> Small:
    """Return how likely the song is following each earlier place before each event, a class 0 .. 19, (places, lags).

    The song copies from one distance back, with slips and notes put in or left out, until it jumps to another or to
    new material: the forward pass of the copying model of Li and Stephens (Modeling linkage disequilibrium, 2003),
    in whole numbers.
    """
    count, most = same.shape
    found = np.zeros((count, most), dtype=np.uint8)
    chance = np.zeros(most + 1, dtype=np.int64)
    chance[most] = 1 << 32
    slide = likeness.slide
    worth = np.where(same, _HIT, _SLIP // max(choices - 1, 1)).astype(np.int64)
    for place in range(count):
        known = min(most, place // likeness.period)
        total = int(chance.sum())
        kept = chance[:most].copy()
        chance = chance * (1024 - _JUMP - 2 * slide) >> 10
        chance[: most - 1] += kept[1:] * slide >> 10
        chance[1:most] += kept[:-1] * slide >> 10
        chance[known:most] = 0
        chance[most] += total * _JUMP >> (11 if known else 10)
        if known:
            chance[:known] += total * _JUMP // (2048 * known) + 1
            share = log2(chance[:known] * known) - (total.bit_length() - 1) * 256
            found[place, :known] = np.clip((share + 2048) * 5 >> 10, 0, 19)
        chance[:known] *= worth[place, :known]
        chance[most] *= 1024 // choices
        # Kept near 2**32.
        over = int(chance.sum()).bit_length() - 33
        chance = chance >> over if over > 0 else chance << -over
    return found


def aligned(same: Small, likeness: Likeness) -> Small:
    """Return how well the song before each event aligns with that before each earlier place, 0 .. 20, (places, lags).

    The score of the best local alignment that ends there (Smith and Waterman 1981), in steps of a match.
    """
    count, most = same.shape
    found = np.zeros((count, most), dtype=np.uint8)
    score = np.zeros(most, dtype=np.int64)
    for place in range(1, count):
        if likeness.slide:
            moved = score - _SHIFT
            score[1:] = np.maximum(score[1:], moved[:-1])
            score[:-1] = np.maximum(score[:-1], moved[1:])
        score = np.clip(np.where(same[place - 1], score + _MATCH, score - _MISMATCH), 0, _STRETCH)
        score[place // likeness.period :] = 0
        found[place] = score // _MATCH
    return found


_JUMP, _HIT, _SLIP = 24, 780, 244  # in 1,024ths
_MATCH, _MISMATCH, _SHIFT, _STRETCH = 4, 6, 6, 80

_GROUND = 1 << 32 >> (CEILING >> 8)  # the floor, as the weights of places are counted
_GROUND_COST = _GROUND.bit_length() * 256 - 256

DISTANCES = 64
SIZES = (16, 16, 9, 9, 9, 13, DISTANCES, 20, 21)  # of the tables, before those of the sides
SIDE_SIZES = (4, 9)
_RUNS = np.searchsorted((1, 2, 3, 4, 5, 6, 8, 12, 16, 24, 48, 96), np.arange(97), side="right").astype(np.uint8)


def log2(numbers: Ints) -> Ints:
    """Return about 256 * log2 of whole numbers >= 1, within one, the same on every machine."""
    mantissa, exponent = np.frexp(numbers.astype(np.float64))  # exact
    return (exponent.astype(np.int64) - 1) * 256 + _LOG2[((mantissa * 8192).astype(np.int64) - 4096)]


def _log2_table() -> Ints:
    # floor(256 * log2(1 + k/4096)) for k = 0 .. 4095, by whole-number roots: where each step of 1/256 begins.
    steps = []
    for step in range(256):
        power = root = 1 << 3072 + step
        for _ in range(8):  # the 256th root; roots of floors are floors of roots
            root = isqrt(root)
        steps.append(root + (root**256 < power))
    return np.searchsorted(steps, np.arange(4096, 8192), side="right").astype(np.int64) - 1


_LOG2 = _log2_table()


def _packed(bits: Sequence[Small]) -> Small:
    found = np.zeros_like(bits[0])
    for number, bit in enumerate(bits):
        found |= bit << np.uint8(number)
    return found


def _late(same: Small, by: int) -> Small:
    found = np.zeros_like(same)
    found[by:] = same[:-by]
    return found
