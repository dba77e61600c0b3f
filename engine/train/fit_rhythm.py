"""Fit sung rhythm: onsets on RS200, the lengths of notes on POP909."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine.models.pitch import KINDS
from engine.models.rhythm import DESIGN, LONGEST, SPACE, STATES, Moment, history_columns, moment_columns, pace
from engine.models.tables import Table, header
from engine.models.viewpoints import Ints
from engine.train import fit_mixture
from engine.train.base import DATE, Fitted, Score, Tell, held_out
from engine.train.corpora import pop909, rs200
from engine.train.fit_pitch import BREATH, phrases, sung
from engine.train.held_out import bigram_bits, evaluate

SHORTEST = 5  # slots: a shorter phrase has no rhythm to learn


def fit(data: Path, tell: Tell) -> Fitted:
    """Return the tables "rhythm" and "lengths" and their scores; raises CorpusError where a corpus is missing."""
    onset, moment, history, owner, test = _slots(data, tell)
    columns = {**moment_columns(moment), **history_columns(history)}
    score = evaluate("rhythm", "slot", SPACE, DESIGN, columns, onset, owner, test, tell)
    mixture = fit_mixture.fit(SPACE, DESIGN, columns, onset, owner).mixture
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


def _slots(data: Path, tell: Tell) -> tuple[Ints, Moment, Ints, Ints, set[int]]:
    rows, test, owner = [], set(), 0
    for song in rs200.read(data):
        notes = sung(song)
        if len(notes) < 30:
            continue
        for phrase in phrases(notes):
            start, end, speed = phrase[0].slot, phrase[-1].slot, pace(song.tempo or 116)
            if end - start < SHORTEST:
                continue
            onsets, history = {n.slot for n in phrase}, 1
            kind = KINDS.index(phrase[0].kind) if phrase[0].kind in KINDS else 4
            for slot in range(start + 1, end):
                hit = int(slot in onsets)
                rows.append((hit, slot % 16, end - slot, kind, speed, history, owner))
                history = (history << 1 | hit) & (STATES - 1)
        if held_out(song.work):
            test.add(owner)
        owner += 1
    tell(f"rhythm: {len(rows):,} slots of {owner} songs")
    onset, *place, past, owners = np.array(rows, dtype=np.int64).T
    return onset, Moment(*place), past, owners, test


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
