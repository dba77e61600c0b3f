"""Fit sung rhythm: onsets on RS200, the lengths of notes on POP909."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from engine.models.rhythm import (
    DESIGN,
    GRAINS,
    LONGEST,
    SPACE,
    TEMPOS,
    pace,
)
from engine.models.tables import Table, header
from engine.models.viewpoints import Columns, Ints
from engine.train import fit_mixture
from engine.train.base import DATE, Fitted, Score, Tell, held_out
from engine.train.corpora import pop909, rs200
from engine.train.held_out import bigram_bits, evaluate
from engine.train.song_manners import grain_of
from engine.train.sung_events import Row, slot_columns, slot_rows
from engine.train.sung_notes import BREATH, LEAST, lines, new_lines, sung


def fit(data: Path, tell: Tell) -> Fitted:
    """Return the tables "rhythm" and "lengths" and their scores; raises CorpusError where a corpus is missing."""
    songs = _slots(data, tell)
    score = evaluate("rhythm", "slot", SPACE, DESIGN, songs.columns, songs.onset, songs.owner, songs.test, tell)
    # The grain of a song is known only when it is over: its own cost is added, once a song.
    unseen = np.isin(np.arange(len(songs.kinds)), sorted(songs.test))
    share = _grains(songs.kinds[~unseen])
    share = share / share.sum(axis=1, keepdims=True)
    cost = float(-np.log2(share[tuple(songs.kinds[unseen].T)]).sum()) / score.events
    score = score._replace(bits=score.bits + cost)
    tell(f"rhythm: {score.bits:.3f} bits a slot with the grains of the songs")
    mixture = fit_mixture.fit(SPACE, DESIGN, songs.columns, songs.onset, songs.owner).mixture
    lengths, length_score = _lengths(data, tell)
    onsets = header(
        corpus="RS200 2.1 (de Clercq and Temperley 2011)",
        licence="CC BY 4.0",
        command="hookline train rock",
        date=DATE,
        about="mixture for sung onsets on sixteenths",
    )
    waits = header(
        corpus="POP909 with phrase structure (Wang and others 2020; Dai and others 2020)",
        licence="MIT",
        command="hookline train rock",
        date=DATE,
        about="weights of note lengths in sixteenths, by (last of phrase, wait to the next onset)",
    )
    tables = {"rhythm": mixture.table(dict(onsets)), "lengths": Table(dict(waits), {"lengths": lengths})}
    return Fitted(tables, (score, length_score))


class _Songs(NamedTuple):
    """The slots of all songs' lines, and of each song its (pace, grain) and whether it is held out."""

    columns: Columns
    onset: Ints
    owner: Ints
    kinds: Ints
    test: set[int]


def _slots(data: Path, tell: Tell) -> _Songs:
    rows: list[Row] = []
    test = set()
    kinds: list[tuple[int, int]] = []
    for song in rs200.read(data):
        notes = sung(song)
        if len(notes) < LEAST:
            continue
        kind = pace(song.tempo or 116), grain_of(lines(song, notes))
        if held_out(song.work):
            test.add(len(kinds))
        rows.extend(slot_rows(new_lines(song, notes), *kind, len(kinds)))
        kinds.append(kind)
    tell(f"rhythm: {len(rows):,} slots of {len(kinds)} songs")
    return _Songs(*slot_columns(rows), np.array(kinds, dtype=np.int64), test)


def _grains(kinds: Ints) -> Ints:
    """Return weights of grains for each pace, shape (3, GRAINS): counts, with half a song each to begin with."""
    found = np.ones((len(TEMPOS) + 1, GRAINS), dtype=np.int64)
    np.add.at(found, (kinds[:, 0], kinds[:, 1]), 2)
    return found


def _lengths(data: Path, tell: Tell) -> tuple[Ints, Score]:
    """Return weights of lengths, shape (2, LONGEST + 1, LONGEST + 1), and their held-out score."""
    rows = []
    for song in pop909.read(data):
        unseen, before = held_out(song.work), 0
        for note, later in zip(song.melody, song.melody[1:], strict=False):
            wait = later.start - note.start
            if 1 <= note.length <= wait:
                length = min(note.length, LONGEST)
                rows.append((int(wait >= BREATH), min(wait, LONGEST), length, before, unseen))
                before = length
    lasts, waits, lengths, befores, news = np.array(rows, dtype=np.int64).T
    test = news.astype(np.bool_)
    parts = _count(lasts[~test], waits[~test], lengths[~test])
    share = parts / parts.sum(axis=2, keepdims=True)
    found = float(-np.log2(share[lasts[test], waits[test], lengths[test]]).mean())
    score = Score("lengths", "note", int(test.sum()), found, bigram_bits(befores, lengths, LONGEST + 1, test))
    tell(f"lengths: {found:.3f} bits a note held out, bigram {score.bigram:.3f}")
    parts = _count(lasts, waits, lengths)
    scaled = np.rint(parts / parts.sum(axis=2, keepdims=True) * 65535).astype(np.int64)
    return np.maximum(scaled, 1).astype(np.uint16), score


def _count(last: Ints, wait: Ints, length: Ints) -> np.ndarray[tuple[int, int, int], np.dtype[np.float64]]:
    # A note never outlasts the wait; the floor of half a note is the plain smoothing of a table this full.
    size = LONGEST + 1
    found = np.full((2, size, size), 1e-9)
    found[:, :, 1:] += np.tril(np.full((size, size), 0.5))[None, :, 1:]
    found[:, 0, 1] = 1.0
    np.add.at(found, (last, wait, length), 1)
    return found
