"""The bar lines and beats of a song, from its metres or from the metre that was found."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.learn.raw import Ints
from engine.theory.meter import SLOT, Meter


class Beats(NamedTuple):
    """Bar lines and beats in ticks, 480 to the quarter, each with the end of the last one.

    bars: (bars + 1,). meters: (bars,) index into ``signs``. starts: (beats + 1,). strength: (beats,) 0 weak, 1 half
    bar, 2 bar line. bar_of: (beats,).
    """

    bars: Ints
    meters: Ints
    signs: tuple[Meter, ...]
    starts: Ints
    strength: Ints
    bar_of: Ints


def lay_bars(changes: tuple[tuple[int, Meter], ...], first: int, last: int) -> Beats:
    """Return the bars that cover ``first`` to ``last`` (ticks).

    changes: (tick of a bar line, metre) in order; the first metre also holds before it.
    """
    signs = tuple(dict.fromkeys(meter for _, meter in changes))
    bars: list[Ints] = []
    meters: list[Ints] = []
    for number, (tick, meter) in enumerate(changes):
        length = meter.bar
        start = tick
        if number == 0:  # whole bars before or after, to where the song begins
            start += (first - tick) // length * length
        end = changes[number + 1][0] if number + 1 < len(changes) else max(last, start + 1)
        if end <= start:
            continue
        lines = np.arange(start, end, length)
        bars.append(lines)
        meters.append(np.full(len(lines), signs.index(meter)))
    bounds = np.concatenate([*bars, [bars[-1][-1] + changes[-1][1].bar]])
    kinds = np.concatenate(meters)
    starts, strength, bar_of = [], [], []
    for kind, meter in enumerate(signs):
        mine = np.flatnonzero(kinds == kind)
        inside = np.arange(0, meter.bar, meter.beat * SLOT)
        weight = np.array([meter.weight(int(at) // SLOT) for at in inside])
        starts.append((bounds[mine][:, None] + inside).ravel())
        strength.append(np.tile(np.select([weight == 4, weight == 3], [2, 1], 0), len(mine)))
        bar_of.append(np.repeat(mine, len(inside)))
    order = np.argsort(np.concatenate(starts), kind="stable")
    at, strong, bar = (np.concatenate(rows)[order] for rows in (starts, strength, bar_of))
    # A bar cut short by a change of metre ends where the next begins.
    kept = at < bounds[bar + 1]
    at, strong, bar = at[kept], strong[kept], bar[kept]
    return Beats(bounds, kinds, signs, np.append(at, bounds[-1]), strong, bar)
