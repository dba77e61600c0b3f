"""What a player remembers of the riff: for every slot, the best guess from the bars before.

Real bass and guitar lines repeat after one, two or four bars. Each distance is a candidate; the one
that has been right for longest gives the guess, and how long it has been right says how far to trust it
(cf. the match model of the PAQ compressors, Mahoney 2005).
"""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

import numpy as np

from engine.models.bass_views import LOWEST, NONE, NOWHERE, PITCHES
from engine.train.backoff import Ints
from engine.train.corpora.freedoom import BAR

DISTANCES = (2, 1, 4)  # bars; the first wins a tie
SLOT_TRUST = (1, 4, 8, 16, 24)  # slots right in a row: trust 0..5
NOTE_TRUST = (1, 2, 4, 8)  # notes right in a row: trust 1..5, and 0 when there is no guess
UNKNOWN = 2  # of a guessed onset: no bar before


def onset_memory(onset: Ints, levels: tuple[int, ...] = SLOT_TRUST) -> tuple[Ints, Ints]:
    """Return (guess, trust) for each slot of a rhythm: guess 0, 1 or UNKNOWN; trust by ``levels``."""
    guess, longest = np.full(len(onset), UNKNOWN), np.full(len(onset), -1)
    for distance in DISTANCES:
        old = back(onset, distance * BAR, UNKNOWN)
        wrong = old != onset
        # Slots since the last wrong guess, not counting the present one.
        at = np.where(wrong, np.arange(len(onset)), -1)
        last = np.concatenate([[-1], np.maximum.accumulate(at)[:-1]]) if len(onset) else at
        run = np.minimum(np.arange(len(onset)) - last - 1, levels[-1])
        use = (old != UNKNOWN) & (run > longest)
        guess, longest = np.where(use, old, guess), np.where(use, run, longest)
    return guess, np.digitize(longest, levels)


class Riff(NamedTuple):
    """What the riff would have at every onset, and for how long it has been right.

    interval: above the present root, NONE where there is none, and the trust in it; pitch: NOWHERE where there is none,
    and how sure it is.
    """

    interval: Ints
    trust: Ints
    pitch: Ints
    sure: Ints


def pitch_memory(onset: Ints, pitch: Ints, root: Ints, levels: tuple[int, ...] = NOTE_TRUST) -> Riff:
    """Return what the riff would have on each slot with an onset; ``pitch`` and ``root`` count from the lowest pitch.

    A bar before counts as it was (the same notes) and as moved with the chord (the same intervals). Intervals and
    pitches are trusted on their own: octaves change where intervals stay.
    """
    size = len(onset)
    # Lists are quicker than arrays where one number is looked at after another.
    guess, at, trust, sure = [NONE] * size, [NOWHERE] * size, [0] * size, [0] * size
    struck, pitches, roots = onset.tolist(), pitch.tolist(), root.tolist()
    ways = [(distance * BAR, moved) for distance in DISTANCES for moved in (False, True)]
    runs, exact = [0] * len(ways), [0] * len(ways)
    for slot in np.flatnonzero(onset).tolist():
        here, below = pitches[slot], roots[slot]
        best, surest, now = -1, -1, (here - below) % 12
        for way, (distance, moved) in enumerate(ways):
            old = slot - distance
            if old < 0 or not struck[old] or (moved and roots[old] + LOWEST < 0):
                runs[way] = exact[way] = 0
                continue
            # Moved the short way, up or down.
            there = pitches[old] + ((below - roots[old] + 5) % 12 - 5 if moved else 0)
            offer = (there - below) % 12
            if runs[way] > best:
                best, guess[slot] = runs[way], offer
            if exact[way] > surest and 0 <= there < PITCHES:
                surest, at[slot] = exact[way], there
            runs[way] = min(runs[way] + 1, levels[-1]) if offer == now else 0
            exact[way] = min(exact[way] + 1, levels[-1]) if there == here else 0
        trust[slot] = 1 + bisect_right(levels, best) if best >= 0 else 0
        sure[slot] = 1 + bisect_right(levels, surest) if surest >= 0 else 0
    return Riff(*(np.array(column, dtype=np.int64) for column in (guess, trust, at, sure)))


def back(values: Ints, by: int, outside: int) -> Ints:
    """Return values moved later by ``by`` slots; ``outside`` fills the start."""
    return np.concatenate([np.full(min(by, len(values)), outside), values[:-by]])[: len(values)]


def last_slots(onset: Ints, count: int = 4) -> Ints:
    """Return the last ``count`` onsets before each slot as bits, the latest lowest."""
    found = np.zeros(len(onset), dtype=np.int64)
    for k in range(count):
        found |= back(onset, k + 1, 0) << k
    return found
