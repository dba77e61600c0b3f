"""The chord of every beat: a hidden Markov model over 48 triads and silence, decoded with Viterbi.

Emissions are a softmax over all roots and families whose weights turn with the root (what speaks for C major a tone
higher speaks for D major); transitions are counted from annotated songs by interval and family, and a change is
likelier on strong beats. Colours (sevenths, sixths, power chords) are told afterwards from all that sounds under a
chord. All is fitted by ``engine.train.fit_chord_hmm``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.learn.bars import Beats
from engine.learn.raw import LENGTH, PITCH, START, Ints
from engine.learn.roles import BASS, DRUMS, LEAD, MELODY
from engine.models.tables import Table
from engine.theory.meter import SLOT

Floats = NDArray[np.float64]

FAMILIES = ("maj", "min", "dim", "sus4")
MAJ, MIN, DIM, SUS = range(4)
STATES = 12 * len(FAMILIES) + 1  # root * 4 + family, and last no chord
NONE = STATES - 1
CHANNELS = (
    "harmony",
    "bass",
    "line",
    "harmony before",
    "harmony after",
    "half bar",
    "bass of half bar",
    "bar",
    "struck bass",
    "song",
)
_LINE, _BASS = 1, 2
_LONGEST = 16  # slots for which a note counts
SCALE = 1000


class Frames(NamedTuple):
    """Beats as the model sees them.

    starts: ticks of the beats and of the end, shape (beats + 1,). chroma: (beats, channels, 12), each channel
    summing to one or silent, square-rooted. strength: metrical strength of the beat, 0 weak, 1 half bar, 2 bar line.
    sounding: (beats, 12) how much of each pitch class sounds, lines apart. low: (beats, 12), the same of the lowest
    note.
    """

    starts: Ints
    chroma: Floats
    strength: Ints
    sounding: Floats
    low: Floats


def frames(notes: Ints, kinds: Ints, starts: Ints, strength: Ints) -> Frames:
    """Return the frames of beats.

    notes: laid notes without drums. kinds: for each of them 0 harmony, 1 a line (melody, lead), 2 bass.
    starts: ticks of the beats and of the end. strength: of each beat.
    """
    beats = len(starts) - 1
    first = int(starts[0]) // SLOT
    size = int(starts[-1]) // SLOT - first
    begin = np.clip(notes[:, START] // SLOT - first, 0, size - 1)
    lasting = np.clip(np.round(notes[:, LENGTH] / SLOT).astype(np.int64), 1, _LONGEST)
    lasting = np.minimum(lasting, size - begin)
    # One row for every slot that a note sounds in.
    row = np.repeat(np.arange(len(notes)), lasting)
    slot = begin[row] + np.arange(len(row)) - np.repeat(np.cumsum(lasting) - lasting, lasting)
    pitch = notes[row, PITCH]
    beat_of = np.searchsorted(starts, (np.arange(size) + first) * SLOT, side="right") - 1
    cell = beat_of[slot] * 12 + pitch % 12
    line = kinds[row] == _LINE
    low = np.full(size, 999)
    deep = ~line if not line.all() else line
    np.minimum.at(low, slot[deep], pitch[deep])
    struck = np.full(beats, 999)
    onset = kinds != _LINE if not line.all() else kinds == _LINE
    np.minimum.at(struck, beat_of[begin[onset]], notes[onset, PITCH])
    voiced = np.flatnonzero(low < 999)
    harmony = np.bincount(cell[~line], minlength=beats * 12).reshape(beats, 12).astype(float)
    sung = np.bincount(cell[line], minlength=beats * 12).reshape(beats, 12).astype(float)
    bass = np.bincount(beat_of[voiced] * 12 + low[voiced] % 12, minlength=beats * 12).reshape(beats, 12).astype(float)
    lowest = np.zeros((beats, 12))
    hit = np.flatnonzero(struck < 999)
    lowest[hit, struck[hit] % 12] = 1
    bar: Ints = np.cumsum(strength == 2, dtype=np.int64)
    half: Ints = np.cumsum(strength > 0, dtype=np.int64)
    table = np.stack(
        [
            harmony,
            bass,
            sung,
            np.concatenate([harmony[:1] * 0, harmony[:-1]]),
            np.concatenate([harmony[1:], harmony[:1] * 0]),
            _pooled(harmony, half),
            _pooled(bass, half),
            _pooled(harmony, bar),
            lowest,
            np.broadcast_to(harmony.sum(axis=0) + sung.sum(axis=0), harmony.shape),
        ],
        axis=1,
    )
    chroma = np.sqrt(table / np.maximum(table.sum(axis=2, keepdims=True), 1e-9))
    return Frames(starts, chroma, strength, harmony + 0.5 * sung, bass)


def hear_chords(notes: Ints, role: Ints, beats: Beats, model: ChordModel) -> tuple[Frames, Ints, Floats]:
    """Return the frames of a song, the state of every beat and how sure each is.

    notes: laid notes. role: of every note.
    """
    kept = (role != DRUMS) & (notes[:, START] + notes[:, LENGTH] > beats.starts[0])
    kinds = np.select([np.isin(role, (MELODY, LEAD)), role == BASS], [_LINE, _BASS], 0)
    seen = frames(notes[kept], kinds[kept], beats.starts, beats.strength)
    if not kept.any():
        return seen, np.full(len(beats.strength), NONE), np.ones(len(beats.strength))
    return seen, *model.decode(seen)


def emissions(chroma: Floats, weights: Floats, bias: Floats) -> Floats:
    """Return log chances of every state for every beat, shape (beats, STATES).

    weights: (families, channels, 12) for a root of C. bias: of each family, then of no chord with and without sound.
    """
    beats = len(chroma)
    turns = (np.arange(12)[:, None] + np.arange(12)[None, :]) % 12
    # The twelve turns of the weights beside one another, so that one product does all.
    turned = np.zeros((12, len(FAMILIES), weights.shape[1], 12))
    for root in range(12):
        turned[root][:, :, turns[root]] = weights
    scores = np.empty((beats, STATES))
    flat = chroma.reshape(beats, -1)
    scores[:, :NONE] = flat @ turned.reshape(12 * len(FAMILIES), -1).T + np.tile(bias[: len(FAMILIES)], 12)
    scores[:, NONE] = np.where(chroma[:, 0].any(axis=1), bias[-2], bias[-1])
    scores -= scores.max(axis=1, keepdims=True)
    logs: Floats = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    return logs


class ChordModel:
    """The fitted chord model.

    ``weights`` and ``bias`` of the emissions, ``moves`` (STATES, STATES) log chances of a
    change; ``stay`` and ``change`` (3,) those of a beat to keep its chord, by metrical strength.
    """

    def __init__(self, table: Table) -> None:
        arrays = {name: array / SCALE for name, array in table.arrays.items()}
        self.weights, self.bias = arrays["weights"], arrays["bias"]
        self.moves = turned_moves(arrays["moves"], arrays["leave"], arrays["enter"])
        self.stay, self.change = arrays["stay"], arrays["change"]

    def decode(self, seen: Frames) -> tuple[Ints, Floats]:
        """Return the state of every beat and how sure each is (0..1)."""
        logs = emissions(seen.chroma, self.weights, self.bias)
        states = viterbi(logs, self.moves, self.stay[seen.strength], self.change[seen.strength])
        return states, np.exp(logs[np.arange(len(states)), states])


def turned_moves(moves: Floats, leave: Floats, enter: Floats) -> Floats:
    """Return log chances of changes between all states, shape (STATES, STATES).

    moves: (families, families, 12) by the interval upwards. leave, enter: to and from no chord, by family.
    """
    full = np.full((STATES, STATES), -99.0)
    roots = np.arange(12)
    for root in range(12):
        for family in range(len(FAMILIES)):
            for other in range(len(FAMILIES)):
                full[root * 4 + family, ((root + roots) % 12) * 4 + other] = moves[family, other]
            full[root * 4 + family, NONE] = leave[family]
            full[NONE, root * 4 + family] = enter[family]
    np.fill_diagonal(full, -99.0)
    return full


def viterbi(logs: Floats, moves: Floats, stay: Floats, change: Floats) -> Ints:
    """Return the likeliest states (Viterbi 1967), shape (beats,).

    logs: (beats, states) of emissions. moves: (states, states) of changes. stay, change: (beats,), what
    staying in a state or changing it costs on the way into each beat.
    """
    beats, states = logs.shape
    back = np.empty((beats, states), np.int64)
    # Single precision: half the time, and far finer than the counts.
    into = np.ascontiguousarray(moves.T, np.float32)
    logs = logs.astype(np.float32)
    best = logs[0].copy()
    room = np.empty_like(into)
    gain = (stay - change).astype(np.float32)
    diagonal = room.reshape(-1)[:: states + 1]
    lines = np.arange(states)
    for beat in range(1, beats):
        np.add(into, best, out=room)
        # Adding the price of a change to all is the same as taking it from those that stay.
        diagonal[:] = best + gain[beat]
        came = room.argmax(axis=1)
        back[beat] = came
        best = room[lines, came] + logs[beat]
    path = np.empty(beats, np.int64)
    path[-1] = best.argmax()
    for beat in range(beats - 1, 0, -1):
        path[beat - 1] = back[beat, path[beat]]
    return path


def _pooled(table: Floats, group: Ints) -> Floats:
    # Groups rise: the sum of each, in all its rows.
    firsts = np.flatnonzero(np.diff(group, prepend=-1))
    pooled: Floats = np.repeat(np.add.reduceat(table, firsts), np.diff(firsts, append=len(group)), axis=0)
    return pooled
