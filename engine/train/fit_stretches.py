"""Fit of where stretches begin and which are alike, on the annotated phrases of POP909 (Dai, Zhang and Dannenberg
2020)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.learn.bars import lay_bars
from engine.learn.chords import ChordModel, hear_chords
from engine.learn.grid import TRACK, lay
from engine.learn.looks import Looked, look_at_bars
from engine.learn.raw import START, sound
from engine.learn.roles import LEAD, MELODY, RHYTHM
from engine.learn.stretches import (
    ALIKE_FEATURES,
    LONGEST,
    LOOKS,
    SCALE,
    StretchModel,
    alike_features,
    boundary_features,
    diagonals,
    divide,
    similarities,
)
from engine.models.tables import Table, header
from engine.theory.meter import SLOT, Meter
from engine.train import fit_chord_hmm
from engine.train.base import DATE, Fitted, Score, Tell, held_out
from engine.train.corpora.pop909_midi import SOURCE, Aligned, aligned

Floats = NDArray[np.float64]
_ROLES = {"MELODY": MELODY, "BRIDGE": LEAD}
_STRENGTH = 0.3  # inverse of the penalty on weights
# Found on the songs fitted to: lengths speak against every cut, and groups are joined by the mean of their members.
_MORE, _LOOSER = 1.0, 1.0


class Phrased(NamedTuple):
    """A song's bars as looked at, and its phrases by both annotations: (letter, first bar, bars)."""

    song: str
    looked: Looked
    phrases: tuple[tuple[tuple[str, int, int], ...], ...]


def phrased(song: Aligned, chords: ChordModel) -> Phrased | None:
    """Return a song's annotated bars; None where its beats had to be tracked or its annotation is longer than it is."""
    raw = sound(song.raw)
    laid = lay(raw)
    if laid.tracked:
        return None
    meter = Meter(12, 8) if laid.compound else Meter(4, 4)
    shift = round(laid.place(float(song.beats[0])) / SLOT) * SLOT
    notes = laid.notes[laid.notes[:, START] >= shift]
    beats = lay_bars(((shift, meter),), shift, int(notes[:, START].max()) + 1)
    role = np.array([_ROLES.get(track.name, RHYTHM) for track in raw.tracks])[notes[:, TRACK]]
    _, states, _ = hear_chords(notes, role, beats, chords)
    looked = look_at_bars(notes, role, beats, states)
    bars = len(beats.bars) - 1
    phrases = tuple(tuple(p for p in way if p[1] + p[2] <= bars) for way in song.phrases)
    return Phrased(f"pop909/{song.id}", looked, phrases) if all(phrases) else None


def fit(data: Path, tell: Tell) -> Fitted:
    """Fit both regressions; the score is the bits a bar takes to tell whether a phrase begins there, on songs held
    out."""
    table = fit_chord_hmm.model([item for song in aligned(data) if (item := fit_chord_hmm.chorded(song)) is not None])
    songs = list(phrases(data, table))
    tell(f"{len(songs)} songs with phrases")
    early, late = ([item for item in songs if held_out(item.song) == side] for side in (False, True))
    model = StretchModel(weigh(early))
    rows, begins = _boundaries(late)
    _, usual = _boundaries(early)
    chance = 1 / (1 + np.exp(-(rows @ model.boundary[:-1] + model.boundary[-1])))
    told = np.where(begins, chance, 1 - chance)
    plain = np.where(begins, usual.mean(), 1 - usual.mean())
    score = Score("stretches", "bar", len(rows), float(-np.log2(told).mean()), float(-np.log2(plain).mean()))
    return Fitted({"stretches": weigh(songs)}, (score,))


def phrases(data: Path, chords: Table) -> Iterator[Phrased]:
    """Yield the songs whose phrases fit; chords: the tables that hear their chords."""
    model = ChordModel(chords)
    for song in aligned(data):
        item = phrased(song, model)
        if item is not None:
            yield item


def weigh(songs: list[Phrased]) -> Table:
    """Return the tables of songs, in thousandths."""
    from sklearn.linear_model import LogisticRegression

    rows, begins = _boundaries(songs)
    boundary = LogisticRegression(C=_STRENGTH, max_iter=500).fit(rows, begins)
    pairs, same = _pairs(songs)
    alike = LogisticRegression(C=_STRENGTH, max_iter=500, fit_intercept=False).fit(pairs, same)
    counts = np.full(LONGEST + 1, 0.5)
    for item in songs:
        for way in item.phrases:
            for _, _, bars in way:
                counts[min(bars, LONGEST)] += 1
    arrays = {
        "boundary": np.append(boundary.coef_[0], boundary.intercept_[0] + _MORE),
        "alike": alike.coef_[0] + _LOOSER * (np.arange(ALIKE_FEATURES) == ALIKE_FEATURES - 1),
        "lengths": np.log(counts[1:] / counts[1:].sum()),
    }
    return Table(
        dict(
            header(
                **SOURCE,
                command="hookline train listen",
                date=DATE,
                about="weights that tell where a stretch of bars begins, and whether two are alike",
                looks=list(LOOKS),
            )
        ),
        {name: np.round(array * SCALE).astype(np.int32) for name, array in arrays.items()},
    )


def _boundaries(songs: list[Phrased]) -> tuple[Floats, NDArray[np.bool_]]:
    rows, begins = [], []
    for item in songs:
        table = boundary_features(similarities(item.looked.looks), item.looked.sung, item.looked.late)
        for way in item.phrases:
            end = way[-1][1] + way[-1][2]
            mine = np.zeros(len(table), bool)
            mine[[first for _, first, _ in way]] = True
            rows.append(table[1:end])
            begins.append(mine[1:end])
    return np.concatenate(rows), np.concatenate(begins)


def _pairs(songs: list[Phrased]) -> tuple[Floats, NDArray[np.bool_]]:
    rows, same = [], []
    for item in songs:
        runs = diagonals(similarities(item.looked.looks))
        way = item.phrases[0]
        features = alike_features(runs, np.array([(first, bars) for _, first, bars in way]))
        for number, (letter, _, _) in enumerate(way):
            for other in range(number):
                rows.append(features[other, number])
                same.append(way[other][0] == letter)
    return np.array(rows), np.array(same)


def division(item: Phrased, model: StretchModel) -> tuple[tuple[int, int, int], ...]:
    """Return the stretches found in a song as (first bar, bars, label)."""
    return divide(similarities(item.looked.looks), item.looked.sung, item.looked.late, model)
