"""The bass lines of the corpus as events: where a bass strikes, on which pitch, and what is known before.

Used are the 4/4 bars in which bass and drums play over known chords. Lines are written in anything from C1 to C4:
each is moved by octaves into E1..G3, single notes too.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from engine.models.bass_views import (
    FAITHFUL,
    LOWEST,
    NONE,
    NOWHERE,
    OCTAVES,
    PEDAL,
    PITCH,
    PITCHES,
    RHYTHM,
    ROAM,
    STEADY,
    Manner,
    metre_class,
)
from engine.train.backoff import Ints
from engine.train.corpora.freedoom import BAR, Band
from engine.train.riffs import Riff, last_slots, onset_memory, pitch_memory

SLOT_TRUST = (1, 8, 32, 96, 256)  # slots that the riff has been right for: trust 1..5
NOTE_TRUST = (1, 4, 16, 64)  # notes, likewise: trust 2..5
WINDOW = 8  # bars over which the middle of a line is taken
FAR = 99  # a leap from nowhere
SLOTS = tuple(name for name in RHYTHM.sizes if name not in Manner._fields)
NOTES = tuple(name for name in PITCH.sizes if name not in Manner._fields)


class Line(NamedTuple):
    """The bass of one song.

    onset: of every slot of the bars used. slots, notes: columns of slots and of notes, by name (see
    ``models.bass_views``). pitch: of every note, above the lowest. leap: semitones from the note before (FAR: none).
    length, gap: of every note, in slots, itself and to the next. manner: of the song. even: percent of bars with the
    rhythm of the bar before. one: percent of windows of eight bars whose commonest rhythm is that of the window before.
    density: notes in 16 bars. low, high, middle: the lowest, highest and median pitch. bars: number of each bar used.
    """

    onset: Ints
    slots: dict[str, Ints]
    notes: dict[str, Ints]
    pitch: Ints
    leap: Ints
    length: Ints
    gap: Ints
    manner: Manner
    even: int
    one: int
    density: int
    low: int
    high: int
    middle: int
    bars: Ints


def line_of(band: Band) -> Line | None:
    """Return a band's bass line, or None when fewer than eight bars have bass, drums and chords."""
    size = band.bars * BAR
    onset, pitch, length = (np.zeros(size, dtype=np.int64) for _ in range(3))
    shift = _octaves([note.pitch for note in band.bass]) if band.bass else 0
    for note in band.bass:
        onset[note.slot], length[note.slot] = 1, note.length
        pitch[note.slot] = _folded(note.pitch + shift) - LOWEST
    root, quality = band.chords[:, 0].repeat(8), band.chords[:, 1].repeat(8)
    drummed = band.kick.reshape(-1, BAR).sum(1) + band.snare.reshape(-1, BAR).sum(1) > 0
    good = (onset.reshape(-1, BAR).sum(1) > 0) & drummed & (root.reshape(-1, BAR).min(1) >= 0)
    if good.sum() < 8:
        return None
    keep, struck = good.repeat(BAR), (onset == 1) & good.repeat(BAR)
    change = np.append(True, root[1:] != root[:-1])
    guess, trust = onset_memory(onset, SLOT_TRUST)
    here = np.arange(size)
    slots = {
        "slot": here % BAR,
        "kick": band.kick,
        "past": last_slots(onset),
        "riff": guess,
        "trust": trust,
        "cluster": np.zeros(size, dtype=np.int64),
        "turn": here // BAR % 4,
        "new": change.astype(np.int64),
    }
    riff = pitch_memory(onset, pitch, root - LOWEST, NOTE_TRUST)
    notes, leap, gap = _notes(onset, pitch, root, riff)
    notes.update(cluster=slots["cluster"], root=root, quality=quality, metre=metre_class(here % BAR))
    notes.update(centre=_centre(onset, pitch))
    slots = {name: values[keep] for name, values in slots.items()}
    notes = {name: values[struck] for name, values in notes.items()}
    low, high = np.percentile(pitch[struck], (2, 98))
    manner = _manner(onset[keep], slots, notes, pitch[struck], leap[struck], float(high - low))
    return Line(
        onset[keep],
        slots,
        notes,
        pitch[struck],
        leap[struck],
        length[struck],
        gap[struck],
        manner,
        _even(onset[keep].reshape(-1, BAR)),
        _one(onset[keep].reshape(-1, BAR), np.flatnonzero(good) // WINDOW),
        round(16 * struck.sum() / good.sum()),
        int(pitch[struck].min()),
        int(pitch[struck].max()),
        int(np.median(pitch[struck])),
        np.flatnonzero(good),
    )


def _octaves(pitches: list[int]) -> int:
    # The lowest place on the fretboard that holds nearly all of a line; without one, where it holds most.
    shifts = (-24, -12, 0, 12, 24)
    inside = [sum(LOWEST <= pitch + shift < LOWEST + PITCHES for pitch in pitches) for shift in shifts]
    enough = [shift for shift, count in zip(shifts, inside, strict=True) if count * 10 >= len(pitches) * 9]
    return enough[0] if enough else shifts[int(np.argmax(inside))]


def _folded(pitch: int) -> int:
    while pitch < LOWEST:
        pitch += 12
    while pitch >= LOWEST + PITCHES:
        pitch -= 12
    return pitch


def _notes(onset: Ints, pitch: Ints, root: Ints, riff: Riff) -> tuple[dict[str, Ints], Ints, Ints]:
    # What is known of each note by the notes before it; arrays of all slots.
    size = len(onset)
    last, before, motion = np.full(size, NOWHERE), np.full(size, NONE), np.full(size, NONE)
    new, move = np.ones(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    gap, leap = np.full(size, BAR), np.full(size, FAR)
    at = np.flatnonzero(onset)
    here, then = at[:-1], at[1:]
    changes = np.cumsum(np.diff(root, prepend=root[:1]) != 0)
    last[then], leap[then] = pitch[here], pitch[then] - pitch[here]
    before[then] = (pitch[here] + LOWEST - root[then]) % 12
    new[then] = changes[then] > changes[here]
    motion[then] = (root[then] - root[here]) % 12
    gap[here] = np.minimum(then - here, BAR)
    move[here] = np.where(root[then] >= 0, (root[then] - root[here]) % 12, 0)
    columns = {"last": last, "before": before, "motion": motion, "new": new, "move": move}
    columns.update(memory=riff.interval, trust=riff.trust, was=riff.pitch, sure=riff.sure)
    return columns, leap, gap


def _centre(onset: Ints, pitch: Ints) -> Ints:
    # The median pitch of the eight bars around every slot.
    bars = len(onset) // BAR
    found = np.full(bars, PITCHES // 2)
    for bar in range(bars):
        first = bar - bar % WINDOW
        window = slice(first * BAR, (first + WINDOW) * BAR)
        sounding = pitch[window][onset[window] == 1]
        if len(sounding):
            found[bar] = int(np.median(sounding))
    return found.repeat(BAR)


def _even(bars: Ints) -> int:
    return round(100 * float((bars[1:] == bars[:-1]).all(axis=1).mean()))


def _one(bars: Ints, windows: Ints) -> int:
    rhythms = [tuple(bar) for bar in bars.tolist()]
    found: dict[int, Counter[tuple[int, ...]]] = {}
    for rhythm, window in zip(rhythms, windows.tolist(), strict=True):
        found.setdefault(window, Counter())[rhythm] += 1
    common = [counter.most_common(1)[0][0] for counter in found.values()]
    pairs = [before == after for before, after in pairwise(common)]
    return round(100 * sum(pairs) / len(pairs)) if pairs else 50


def _manner(
    onset: Ints, slots: dict[str, Ints], notes: dict[str, Ints], pitch: Ints, leap: Ints, width: float
) -> Manner:
    wrong = (slots["riff"] != onset).reshape(-1, BAR).any(axis=1).mean()
    above = (pitch + LOWEST - notes["root"]) % 12
    told = notes["trust"] > 0
    right = (above == notes["memory"])[told].mean() if told.any() else 0.0
    shares = (wrong, right, (above == 0).mean(), (np.abs(leap) == 12).mean())
    bounds = (STEADY, FAITHFUL, PEDAL, OCTAVES)
    steady, faithful, pedal, octaves = (
        int(np.digitize(100 * share, bound)) for share, bound in zip(shares, bounds, strict=True)
    )
    return Manner(steady, faithful, pedal, octaves, int(np.digitize(width, ROAM)))
