"""Part writing for four voices: ways to lay out a chord under a soprano, and what it costs to go from one to another.

The rules are those of the schoolbooks on Bach's chorales (Piston, Harmony, 1941; Aldwell and Schachter, Harmony and
Voice Leading, 1978): no parallel fifths, octaves or unisons, no leap of an odd size, leading notes rise and sevenths
fall, root or third in the bass. The costs (256 to the bit) are chosen, not counted.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.theory.chord import QUALITIES, Chord

Ints = NDArray[np.int64]

MOST = 48  # layouts of a chord that are thought of
NO_ONE = -1  # the soprano where nobody sings
_FAR = 12  # semitones between neighbours above the bass, at most
_STEPS = (0, 30, 30, 200, 280, 520, 1000, 860, 1300, 1300, 1500, 1500, 1200)  # cost of an inner voice's step
_BASS = (60, 0, 0, 40, 60, 0, 900, 60, 420, 420, 900, 1100, 160)  # and of the bass's
_PERFECT = (0, 7)
_LOW = 53


class Layout(NamedTuple):
    """A chord in four voices, MIDI numbers; the soprano is NO_ONE where nobody sings."""

    soprano: int
    alto: int
    tenor: int
    bass: int


class Ranges(NamedTuple):
    """Lowest and highest pitch of alto, tenor and bass."""

    alto: tuple[int, int]
    tenor: tuple[int, int]
    bass: tuple[int, int]


@lru_cache(maxsize=2048)
def layouts(chord: Chord, soprano: int, ranges: Ranges, leading: int) -> tuple[tuple[Layout, int], ...]:
    """Return the ways to lay out a chord under a soprano, each with its cost, the cheapest first; at least one.

    leading: pitch class of the leading note, which is not to be doubled.
    """
    tones = chord.pitch_classes
    found = []
    for bass in _of(ranges.bass, (chord.bass,) if chord.bass != chord.root else tones[:3]):
        for tenor in _of(ranges.tenor, tones):
            for alto in _of(ranges.alto, tones):
                layout = Layout(soprano, alto, tenor, bass)
                if (cost := _cost(layout, chord, leading)) is not None:
                    found.append((layout, cost))
    found.sort(key=lambda row: (row[1], row[0]))
    return tuple(found[:MOST]) or ((_anyhow(soprano, ranges, tones, chord.bass), 0),)


def _of(reach: tuple[int, int], tones: tuple[int, ...]) -> list[int]:
    return [pitch for pitch in range(reach[0], reach[1] + 1) if pitch % 12 in tones]


def _cost(layout: Layout, chord: Chord, leading: int) -> int | None:
    """Return what a layout costs, or None where it is none: voices cross, lie far apart, or leave out the third."""
    soprano, alto, tenor, bass = layout
    top = soprano if soprano != NO_ONE else alto
    if not bass < tenor < alto <= top or alto - tenor > _FAR or top - alto > _FAR:
        return None
    sounding = [pitch % 12 for pitch in layout if pitch != NO_ONE]
    steps = QUALITIES[chord.quality][0]
    third = (chord.root + steps[1]) % 12
    if chord.root not in sounding or third not in sounding:
        return None
    if sounding.count(leading) > 1 or (len(steps) > 3 and sounding.count((chord.root + steps[3]) % 12) > 1):
        return None
    inverted = bass % 12 != chord.root and chord.bass == chord.root
    six_four = inverted and bass % 12 == (chord.root + steps[2]) % 12 if len(steps) > 2 else False
    doubled = 120 * (sounding.count(third) - 1)
    complete = len(steps) > 2 and (chord.root + steps[2]) % 12 in sounding
    low = 45 * max(_LOW - tenor, 0) + 25 * max(_LOW + 7 - alto, 0)  # close and deep is mud
    return (
        low + 2400 * six_four + 330 * inverted + doubled + 260 * (not complete) + 200 * (alto == top and soprano == top)
    )


def _anyhow(soprano: int, ranges: Ranges, tones: tuple[int, ...], bass: int) -> Layout:
    # A soprano far too low, or reaches too narrow: each voice takes what it has.
    alto, tenor = (next(iter(_of(reach, tones)), reach[0]) for reach in (ranges.alto, ranges.tenor))
    return Layout(soprano, alto, tenor, next(iter(_of(ranges.bass, (bass,))), ranges.bass[0]))


@lru_cache(maxsize=4096)
def going_on(before: tuple[Layout, ...], here: tuple[Layout, ...], leading: int, seventh: int) -> tuple[Ints, Ints]:
    """Return what it costs to go from each layout to each, and whether two voices move in parallel fifths or octaves.

    Shape (before, here). leading, seventh: pitch classes of the chord before that want to rise and to fall; -1: none.
    """
    old, new = np.array(before, dtype=np.int64)[:, None], np.array(here, dtype=np.int64)[None]
    moved = new - old
    size = np.minimum(np.abs(moved), 12)
    cost = np.array(_STEPS)[size[..., 1]] + np.array(_STEPS)[size[..., 2]] + np.array(_BASS)[size[..., 3]]
    for voice in (1, 2, 3):
        rises = (old[..., voice] % 12 == leading) & (moved[..., voice] != 1) & (moved[..., voice] != 0)
        falls = (old[..., voice] % 12 == seventh) & ~np.isin(moved[..., voice], (0, -1, -2))
        cost = cost + 600 * rises + 700 * falls
        if voice > 1:  # no voice goes past where its neighbour was
            cost = cost + 500 * ((new[..., voice] > old[..., voice - 1]) & (old[..., voice - 1] != NO_ONE))
    return cost, faults(old, new)


def faults(old: Ints, new: Ints) -> Ints:
    """Return where two of the voices go in parallel perfect fifths, octaves or unisons; last axis: the four voices."""
    found = np.zeros(np.broadcast_shapes(old.shape, new.shape)[:-1], dtype=bool)
    sings = (old[..., 0] != NO_ONE) & (new[..., 0] != NO_ONE)
    for upper in range(4):
        for lower in range(upper + 1, 4):
            was, now = (old[..., upper] - old[..., lower]) % 12, (new[..., upper] - new[..., lower]) % 12
            both = (new[..., upper] != old[..., upper]) & (new[..., lower] != old[..., lower])
            found |= (was == now) & np.isin(was, _PERFECT) & both & (sings if not upper else True)
    return found
