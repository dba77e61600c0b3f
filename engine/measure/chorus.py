"""Does a chorus sound like one? A classifier of real verse and chorus melodies is asked about ours.

Every feature is the section's value less its song's, so that key, tempo and style say nothing (compare Van
Balen, Burgoyne, Wiering and Veltkamp, An analysis of chorus features in popular song, 2013).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from engine.errors import EngineError
from engine.measure.piece import LENGTH, PITCH, START, Floats, Ints, Piece
from engine.measure.rhythm import lhl_syncopation, metre_weights
from engine.measure.structure import joined, repeated

FEATURES = ("pitch", "top", "range", "density", "length", "leap", "syncopation", "downbeat", "repetition")
_LEAST = 4  # notes, for a section to be asked about
_FOLDS = 5


class Named(NamedTuple):
    """How often choruses and verses are named rightly: real ones by a classifier that has not seen their song, ours.

    features: what marks a chorus, with its weight a standard deviation, the heaviest first.
    """

    real_chorus: float
    real_verse: float
    our_chorus: float
    our_verse: float
    ours: int
    features: tuple[tuple[str, float], ...]


def section_rows(piece: Piece) -> tuple[Floats, Ints]:
    """Return the features of every sung verse and chorus (sections x FEATURES), and 1 for a chorus, 0 for a verse."""
    rows, labels = [], []
    if len(piece.melody) >= _LEAST:
        syncopation = lhl_syncopation(piece.melody[:, START], metre_weights(piece))
        bar = piece.bar_of(piece.melody[:, START])
        whole = _features(piece, syncopation, bar, 0, piece.bars)
        for section in joined(piece.sections):
            if section.kind in ("verse", "chorus"):
                found = _features(piece, syncopation, bar, section.start, section.start + section.bars)
                if found is not None and whole is not None:
                    rows.append(found - whole)
                    labels.append(int(section.kind == "chorus"))
    return np.array(rows, float).reshape(-1, len(FEATURES)), np.array(labels, np.int64)


def name_choruses(real: Sequence[Piece], ours: Sequence[Piece]) -> Named:
    """Return how often choruses are told from verses; raises EngineError where scikit-learn or sections are missing."""
    try:
        from sklearn.linear_model import LogisticRegression
        from sklearn.model_selection import GroupKFold, cross_val_predict
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
    except ImportError as error:
        raise EngineError("naming choruses needs scikit-learn", "pip install 'hookline[train]'") from error
    known = [section_rows(piece) for piece in real]
    songs = np.repeat(np.arange(len(known)), [len(labels) for _, labels in known])
    rows, labels = _joined(known)
    our_rows, our_labels = _joined([section_rows(piece) for piece in ours])
    if len(set(songs.tolist())) < _FOLDS or len(set(labels.tolist())) < 2 or not len(our_labels):
        raise EngineError("too few verses and choruses to be told apart")
    model = make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced", max_iter=2000))
    guessed = cross_val_predict(model, rows, labels, groups=songs, cv=GroupKFold(_FOLDS))
    model.fit(rows, labels)
    our_guess = model.predict(our_rows)
    weights = model[-1].coef_[0]
    order = np.argsort(-np.abs(weights), kind="stable").tolist()
    return Named(
        real_chorus=_right(guessed, labels, 1),
        real_verse=_right(guessed, labels, 0),
        our_chorus=_right(our_guess, our_labels, 1),
        our_verse=_right(our_guess, our_labels, 0),
        ours=len(ours),
        features=tuple((FEATURES[i], float(weights[i])) for i in order),
    )


def _joined(parts: Sequence[tuple[Floats, Ints]]) -> tuple[Floats, Ints]:
    rows = [rows for rows, _ in parts] or [np.zeros((0, len(FEATURES)))]
    return np.concatenate(rows), np.concatenate([np.zeros(0, np.int64), *(labels for _, labels in parts)])


def _right(guessed: Ints, labels: Ints, kind: int) -> float:
    of_kind = labels == kind
    return float((guessed[of_kind] == kind).mean()) if of_kind.any() else np.nan


def _features(piece: Piece, syncopation: Ints, bar: Ints, first: int, end: int) -> Floats | None:
    # None where the voice is all but silent.
    inside = (bar >= first) & (bar < end)
    notes = piece.melody[inside]
    if len(notes) < _LEAST:
        return None
    pitch = notes[:, PITCH]
    place = piece.place_of(notes[:, START])
    rows = np.full((end - first, piece.width), -1, np.int64)
    keep = (place >= 0) & (place < piece.width)
    rows[(bar[inside] - first)[keep], place[keep]] = pitch[keep] % 12
    low, high = np.percentile(pitch, (5, 95))
    return np.array(
        [
            pitch.mean(),
            high,
            high - low,
            len(notes) / (end - first),
            np.log2(np.clip(notes[:, LENGTH], 1, 12)).mean(),
            np.minimum(np.abs(np.diff(pitch)), 12).mean(),
            syncopation[inside].mean(),
            (place == 0).mean(),
            repeated(rows[(rows >= 0).any(axis=1)]),
        ]
    )
