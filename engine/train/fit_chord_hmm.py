"""Fit of the chord model: emissions by softmax regression, transitions by counting, on POP909's annotated MIDI."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.learn.bars import Beats, lay_bars
from engine.learn.chords import (
    CHANNELS,
    DIM,
    FAMILIES,
    MAJ,
    MIN,
    NONE,
    SCALE,
    STATES,
    SUS,
    ChordModel,
    Frames,
    emissions,
    frames,
)
from engine.learn.grid import TRACK, Laid, lay
from engine.learn.raw import START, Ints, sound
from engine.models.tables import Table, header
from engine.theory.meter import SLOT, Meter
from engine.theory.pitch import pitch_class
from engine.train.base import DATE, Fitted, Score, Tell, held_out
from engine.train.corpora.pop909_midi import SOURCE, Aligned, aligned

Floats = NDArray[np.float64]
_PENALTY = 3e-5
_LINES = ("MELODY", "BRIDGE")
_FAMILY = {"maj": MAJ, "min": MIN, "dim": DIM, "hdim": DIM, "sus": SUS, "aug": MAJ}
# The frames of a beat also see their neighbours, so that evidence comes more than once; transitions count for less.
_PATIENCE = 0.4
_BARE = 3  # of the rows one comes again without its third
_EVERY = 7  # of the beats: their neighbours tell nearly the same


class Chorded(NamedTuple):
    """A song's frames, the annotated state of each (-1 where the annotation is silent), and its key in Harte's way."""

    song: str
    seen: Frames
    states: Ints
    key: str


def state_of(symbol: str) -> int:
    """Return the state of a Harte symbol: "Bb:min7/b3" is B flat minor."""
    if symbol[0] in "NX":
        return NONE
    root, _, rest = symbol.partition(":")
    quality = rest.partition("/")[0]
    root = root.partition("/")[0]
    family = next((number for name, number in _FAMILY.items() if quality.startswith(name)), MAJ)
    return pitch_class(root) * 4 + family


def chorded(song: Aligned) -> Chorded | None:
    """Return a song's frames with the annotated chord of each beat; None where its beats had to be tracked."""
    raw = sound(song.raw)
    laid = lay(raw)
    if laid.tracked:
        return None
    line = np.array([track.name in _LINES for track in raw.tracks])
    notes, kinds = laid.notes, line[laid.notes[:, TRACK]].astype(np.int64)
    shift = round(laid.place(float(song.beats[0])) / SLOT) * SLOT
    beats = _beats(laid, shift)
    seen = frames(notes, kinds, beats.starts, beats.strength)
    states = np.full(len(beats.strength), -1)
    width = 6 * SLOT if laid.compound else 4 * SLOT
    number = (beats.starts[:-1] - shift) // width
    for first, length, symbol in song.chords:
        states[(number >= first) & (number < first + length)] = state_of(symbol)
    return Chorded(f"pop909/{song.id}", seen, states, song.key)


def _beats(laid: Laid, shift: int) -> Beats:
    meter = Meter(12, 8) if laid.compound else Meter(4, 4)
    return lay_bars(((shift, meter),), int(laid.notes[:, START].min()), int(laid.notes[:, START].max()) + 1)


def fit(data: Path, tell: Tell) -> Fitted:
    """Fit the model; the score is the bits a beat's triad takes on songs held out, against triads' frequencies."""
    songs = [item for song in aligned(data) if (item := chorded(song)) is not None]
    early = [item for item in songs if not held_out(item.song)]
    late = [item for item in songs if held_out(item.song)]
    tell(f"{len(songs)} annotated songs")
    table = model(early)
    chords = ChordModel(table)
    bits, plain, right, total = 0.0, 0.0, 0, 0
    usual = np.bincount(np.concatenate([item.states[item.states >= 0] for item in early]), minlength=STATES) + 1.0
    usual /= usual.sum()
    for item in late:
        known = np.flatnonzero(item.states >= 0)
        truth = item.states[known]
        logs = emissions(item.seen.chroma, chords.weights, chords.bias)
        bits -= float(logs[known, truth].sum()) / np.log(2)
        plain -= float(np.log2(usual[truth]).sum())
        right += int((chords.decode(item.seen)[0][known] == truth).sum())
        total += len(known)
    tell(f"triads of {right / total:.3f} of the beats held out are right")
    return Fitted({"chords": model(songs)}, (Score("chords heard", "beat", total, bits / total, plain / total),))


def model(songs: list[Chorded]) -> Table:
    """Return the tables of songs: emissions and transitions, in thousandths."""
    weights, bias = _emissions(songs)
    moves, leave, enter, stay, change = _transitions(songs)
    arrays = {
        "weights": weights,
        "bias": bias,
        "moves": moves,
        "leave": leave,
        "enter": enter,
        "stay": stay,
        "change": change,
    }
    return Table(
        dict(
            header(
                **SOURCE,
                command="hookline train listen",
                date=DATE,
                about="the chord of a beat: emission weights that turn with the root, transitions by interval",
                families=list(FAMILIES),
                channels=list(CHANNELS),
            )
        ),
        {name: np.round(array * SCALE).astype(np.int32) for name, array in arrays.items()},
    )


def _emissions(songs: list[Chorded]) -> tuple[Floats, Floats]:
    from scipy.optimize import minimize

    chroma = np.concatenate([item.seen.chroma for item in songs])[::_EVERY]
    states = np.concatenate([item.states for item in songs])[::_EVERY]
    known = (states >= 0) & (states != NONE)
    chroma, states = chroma[known], states[known]
    bare = np.flatnonzero(states % 4 <= MIN)[::_BARE]
    chroma = np.concatenate([chroma, without_thirds(chroma[bare], states[bare] // 4)])
    states = np.concatenate([states, states[bare]])
    # All songs turned so that their root is C: eleven wrong roots stay beside the right one.
    rows, size = len(chroma), chroma.shape[1] * 12
    turns = (np.arange(12)[:, None] + np.arange(12)[None, :]) % 12
    turned = chroma[:, :, turns].transpose(0, 2, 1, 3).reshape(rows * 12, size).astype(np.float32)
    columns = len(FAMILIES)

    def loss(flat: Floats) -> tuple[float, Floats]:
        weights = flat[: columns * size].reshape(columns, size).astype(np.float32)
        scores = (turned @ weights.T).reshape(rows, 12 * columns) + np.tile(flat[columns * size :], 12)
        scores -= scores.max(axis=1, keepdims=True)
        like = np.exp(scores)
        like /= like.sum(axis=1, keepdims=True)
        here = np.arange(rows)
        value = -float(np.log(np.maximum(like[here, states], 1e-12)).mean())
        like[here, states] -= 1
        like /= rows
        slope = (like.reshape(rows * 12, columns).astype(np.float32).T @ turned).ravel()
        bias = like.reshape(rows, 12, columns).sum(axis=(0, 1))
        penalty = _PENALTY * flat
        penalty[columns * size :] = 0
        return value + 0.5 * float(flat @ penalty), np.concatenate([slope, bias]).astype(float) + penalty

    start = np.zeros(columns * size + columns)
    done = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 80})
    weights = done.x[: columns * size].reshape(columns, -1, 12)
    # No chord is rare: its score is set so that it is as frequent among sounding beats as annotated.
    bias = np.concatenate([done.x[columns * size :], [0.0, 30.0]])
    return weights, bias


def without_thirds(chroma: Floats, roots: Ints) -> Floats:
    """Return chroma as if its chords were power chords: no third of either kind, but for what the song holds as a
    whole.

    A pianist's songs have no power chords; so the key must tell what their thirds would be.
    """
    bare: Floats = np.array(chroma, float)
    rows = np.arange(len(bare))
    for third in (3, 4):
        bare[rows, :-1, (roots + third) % 12] = 0
    length = np.sqrt((bare[:, :-1] ** 2).sum(axis=2, keepdims=True))
    bare[:, :-1] /= np.maximum(length, 1e-9)
    return bare


def _transitions(songs: list[Chorded]) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    families = len(FAMILIES)
    moves = np.full((families, families, 12), 0.5)
    leave, enter = np.full(families, 0.5), np.full(families, 0.5)
    changed, stayed = np.full(3, 1.0), np.full(3, 1.0)
    for item in songs:
        states, strength = item.states, item.seen.strength
        for before, after, strong in zip(states[:-1], states[1:], strength[1:], strict=True):
            if before < 0 or after < 0:
                continue
            if before == after:
                stayed[strong] += 1
                continue
            changed[strong] += 1
            if before == NONE:
                enter[after % 4] += 1
            elif after == NONE:
                leave[before % 4] += 1
            else:
                moves[before % 4, after % 4, (after // 4 - before // 4) % 12] += 1
    total = moves.sum(axis=(1, 2)) + leave
    odds = changed + stayed
    return (
        _PATIENCE * np.log(moves / total[:, None, None]),
        _PATIENCE * np.log(leave / total),
        _PATIENCE * np.log(enter / (12 * enter.sum())),
        _PATIENCE * np.log(stayed / odds),
        _PATIENCE * np.log(changed / odds),
    )
