"""The lines of lead guitars: mostly single-voiced tracks that lie above C3 and move, and synth leads.

Events are onsets in the bars they play in, and moves of -12..12 semitones from note to note; riffs are remembered
(see ``riffs``).
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.train.backoff import Floats, Ints, costs, count, smooth
from engine.train.corpora.freedoom import BAR, Band, Played, one_voice
from engine.train.riffs import NOTE_TRUST, last_slots, onset_memory

WIDE = 12  # the widest move that is an event
MOVES = 2 * WIDE + 1
MOST_REPEATS = 0.25  # share of notes like the one before, above which a track is an accompaniment
RESET = 6  # move class of a line's first note


class Lick(NamedTuple):
    """The slots of one lead; onsets only from ``move`` on.

    move: semitones from the note before, + WIDE, or -1. direction: class of the move before, see ``move_class``.
    memory: the move that the riff would make, or MOVES, and the trust in it. interval: above the chord's root.
    metre: 0 downbeat .. 4 sixteenth. quality: of the chord.
    """

    onset: Ints
    position: Ints
    past: Ints
    guess: Ints
    trust: Ints
    move: Ints
    direction: Ints
    memory: Ints
    sure: Ints
    interval: Ints
    before: Ints
    metre: Ints
    quality: Ints


METRE = np.array([0, 4, 3, 4, 2, 4, 3, 4, 1, 4, 3, 4, 2, 4, 3, 4])


_CLASSES = (-4, -2, 0, 1, 3)


def move_class(move: Ints) -> Ints:
    """Return 0 leap down, 1 third down, 2 step down, 3 same, 4 step up, 5 third or leap up, of moves in semitones."""
    return np.digitize(move, _CLASSES)


def lick_of(band: Band, track: tuple[Played, ...]) -> Lick | None:
    """Return a lead's slots, or None when it is low, has chords, stays put or has fewer than eight bars."""
    slots = band.bars * BAR
    line = one_voice(list(track))
    onset, pitch = np.zeros(slots, dtype=np.int64), np.zeros(slots, dtype=np.int64)
    for note in line:
        onset[note.slot], pitch[note.slot] = 1, note.pitch
    good = (onset.reshape(-1, BAR).sum(1) > 0) & (band.chords[:, 0].reshape(-1, 2).min(1) >= 0)
    if good.sum() < 8 or len(track) > 1.2 * len(line) or np.median([note.pitch for note in line]) < 48:
        return None
    guess, trust = onset_memory(onset)
    keep = good.repeat(BAR)
    root = band.chords[:, 0].repeat(8)
    at = np.flatnonzero(onset).tolist()
    # Lists are quicker than arrays where one number is looked at after another.
    struck, heights, roots, kept = onset.tolist(), pitch.tolist(), root.tolist(), keep.tolist()
    notes = []
    runs = dict.fromkeys((2, 1, 4), 0)
    for number, slot in enumerate(at[1:], 1):
        before = at[number - 1]
        move = heights[slot] - heights[before]
        fresh = slot - before > BAR
        last = RESET if fresh or number < 2 else bisect_right(_CLASSES, heights[before] - heights[at[number - 2]])
        memory, sure, best = MOVES, 0, -1
        for distance, run in runs.items():
            old, older = slot - distance * BAR, before - distance * BAR
            if older < 0 or not struck[old] or not struck[older]:
                runs[distance] = 0
                continue
            offer = heights[old] - heights[older]
            if run > best and abs(offer) <= WIDE:
                memory, sure, best = offer + WIDE, 1 + bisect_right(NOTE_TRUST, run), run
            runs[distance] = min(run + 1, NOTE_TRUST[-1]) if offer == move else 0
        if kept[slot] and abs(move) <= WIDE and not fresh:
            above = (heights[slot] - roots[slot]) % 12, (heights[before] - roots[slot]) % 12
            quality = band.chords[slot // 8, 1]
            notes.append((move + WIDE, last, memory, sure, *above, METRE[slot % BAR], quality))
    if len(notes) < 16 or sum(note[0] == WIDE for note in notes) > MOST_REPEATS * len(notes):
        return None
    columns = (onset, np.arange(slots) % BAR, last_slots(onset), guess, trust)
    return Lick(*(column[keep] for column in columns), *np.array(notes, dtype=np.int64).T)


class LickModel(NamedTuple):
    """Probabilities, by the sizes of their axes; the last is the event.

    rhythm: guess 3, trust 6, slot 16, past 16, onset 2. free: slot 16, past 16, onset 2. move: class of the move
    before 7, move 25. copy: trust 6, right 2. tone: metre 5, quality 3, interval 12. plain: interval 12.
    """

    rhythm: Floats
    free: Floats
    move: Floats
    copy: Floats
    tone: Floats
    plain: Floats


TONE_POWER = 0.6  # how far the chord bends a move; best of 0, 0.2 .. 1 on the validation songs


def lick_model(lines: list[Lick]) -> LickModel:
    """Return the smoothed tables of leads."""
    every = Lick(*(np.concatenate(columns) for columns in zip(*lines, strict=True)))
    told = every.sure > 0
    return LickModel(
        smooth(count([every.guess, every.trust, every.position, every.past], every.onset, (3, 6, BAR, 16, 2)), 8.0),
        smooth(count([every.position, every.past], every.onset, (BAR, 16, 2))),
        smooth(count([every.direction], every.move, (7, MOVES))),
        smooth(count([every.sure[told]], (every.move == every.memory)[told].astype(np.int64), (6, 2))),
        smooth(count([every.metre, every.quality], every.interval, (5, 3, 12)), 16.0),
        smooth(count([], every.interval, (12,))),
    )


def move_chances(model: LickModel, line: Lick) -> Floats:
    """Return the chances of all moves for each note, shape (notes, 25)."""
    steps = np.arange(-WIDE, WIDE + 1)
    arrives = (line.before[:, None] + steps[None, :]) % 12
    bend = model.tone[line.metre[:, None], line.quality[:, None], arrives] / model.plain[arrives]
    rows = model.move[line.direction] * bend**TONE_POWER
    told = np.flatnonzero(line.sure > 0)
    rows[told, line.memory[told]] = 0
    rows /= rows.sum(axis=1, keepdims=True)
    right = model.copy[line.sure[told], 1]
    rows[told] *= 1 - right[:, None]
    rows[told, line.memory[told]] = right
    return np.asarray(rows)


def lick_arrays(model: LickModel) -> dict[str, NDArray[Any]]:
    """Return the whole-number arrays of leads: costs, axes as in LickModel; tone relative to the plain interval."""
    return {
        "rhythm": costs(model.rhythm),
        "free": costs(model.free),
        "move": costs(model.move),
        "copy": costs(model.copy[..., 1]),
        "tone": costs((model.tone / model.plain) ** TONE_POWER),
    }
