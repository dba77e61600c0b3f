"""Fit what makes a phrase a hook: choruses against verses, phrases that return against those that do not."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.models.hook import (
    CONTOUR,
    FINE,
    LEAST,
    LONGEST,
    NAMES,
    SLOPES,
    VIEWS,
    WIDEST,
    Costs,
    contour,
    features,
    mean_slope,
    slope_class,
)
from engine.models.tables import Table, header
from engine.train.base import DATE, Fitted, Tell, held_out
from engine.train.corpora import pop909, rs200
from engine.train.sung_lines import cut
from engine.train.sung_notes import Sung, lines, sung

Floats = NDArray[np.float64]

BAR = 16
ALIKE = 0.6  # a phrase returns when another shares this much of the notes of both together
# What counts how much in the total. The two fitted views carry it; the findings on earworms were made on
# whole songs by other singers and classified 62.5 percent of them, so they get the lesser part.
SHARES = {"chorus": 0.4, "returns": 0.4, "sticks": 0.2}
_STRENGTHS = (0.001, 0.01, 0.1)  # of the regression, chosen over songs
_UNIT = 1000
_MOST = (5, 95)  # percentiles


class _Phrase(NamedTuple):
    """A sung phrase: song, corpus, slots, pitches, a tonic, the song's middle, kind of section, whether it returns."""

    song: str
    corpus: str
    onsets: tuple[int, ...]
    pitches: tuple[int, ...]
    tonic: int
    middle: int
    kind: str
    returns: bool


class _View(NamedTuple):
    """A question about phrases and how well it is answered on songs unseen.

    weights: of a standard deviation of each feature. auc, plain: on the held-out rock songs by all features, and by
    length and height alone. turns: the same, every fifth of the songs unseen in turn.
    """

    weights: Floats
    auc: float = 0.0
    plain: float = 0.0
    turns: tuple[float, float] = (0.0, 0.0)


def fit(data: Path, tell: Tell) -> Fitted:
    """Return the table "hook"; its AUCs stand in the header. Raises CorpusError where a corpus is missing."""
    every = [*_rock(data), *_pop(data)]
    rock = [phrase for phrase in every if phrase.corpus == "rs200"]
    tell(f"hook: {len(rock):,} phrases of rock, {len(every) - len(rock):,} of pop")
    # What is usual must not be learnt from the songs that judge.
    seen = _table(every, _costs([phrase for phrase in rock if not held_out(phrase.song)]))
    known = np.array([phrase.corpus == "rs200" and not held_out(phrase.song) for phrase in every])
    held = np.clip(seen, *_bounds(seen[known]))
    questions: dict[str, tuple[Callable[[_Phrase], bool], Callable[[_Phrase], bool]]] = {
        "chorus": (lambda p: p.kind in ("verse", "chorus"), lambda p: p.kind == "chorus"),
        "returns": (lambda p: True, lambda p: p.returns),
    }
    found = {name: _view(name, every, held, *question, tell) for name, question in questions.items()}

    costs = _costs(rock)
    table = _table(every, costs)
    among = np.array([p.corpus == "rs200" for p in every])
    low, high = _bounds(table[among])
    table = np.clip(table, low, high)
    mean, spread = table[among].mean(axis=0), np.maximum(table[among].std(axis=0), 1e-9)
    rows = {name: _view(name, every, table, *question, None).weights for name, question in questions.items()}
    # Jakubowski and others (2017): an ordinary contour, unusual slopes; equal parts.
    rows["sticks"] = np.array([{"contour_cost": -1.0, "slope_cost": 1.0}.get(name, 0.0) for name in NAMES])
    scaled = (table[among] - mean) / spread
    rows = {name: rows[name] / (scaled @ rows[name]).std() for name in VIEWS}
    total = sum((SHARES[name] * rows[name] for name in VIEWS), np.zeros(len(NAMES)))
    weights = np.array([total / (scaled @ total).std(), *(rows[name] for name in VIEWS)]) * _UNIT / spread
    fixed = np.rint(weights * (1 << FINE)).astype(np.int64)
    about = header(
        corpus="RS200 2.1 (de Clercq and Temperley 2011); POP909 with phrase structure (Wang and others 2020; "
        "Dai and others 2020)",
        licence="CC BY 4.0; MIT",
        command="hookline train rock",
        date=DATE,
        about="linear ranking of sung phrases: weights by (total, chorus, returns, sticks) and feature",
        features=list(NAMES),
        auc={name: [round(view.auc, 4), round(view.plain, 4)] for name, view in found.items()},
        auc_in_turn={name: [round(auc, 4) for auc in view.turns] for name, view in found.items()},
    )
    bias = -np.rint(fixed @ mean).astype(np.int64)
    arrays: dict[str, NDArray[Any]] = {name: array.astype(np.int16) for name, array in costs._asdict().items()}
    arrays |= {"weights": fixed.astype(np.int32), "bias": bias, "low": low, "high": high}
    return Fitted({"hook": Table(dict(about), arrays)}, ())


def _view(
    name: str,
    every: Sequence[_Phrase],
    table: Floats,
    asked: Callable[[_Phrase], bool],
    answer: Callable[[_Phrase], bool],
    tell: Tell | None,
) -> _View:
    """Return the fitted view; with ``tell`` it is fitted without the held-out songs and judged on them."""
    chosen = [i for i, phrase in enumerate(every) if asked(phrase)]
    some = [every[i] for i in chosen]
    labels = np.array([answer(phrase) for phrase in some])
    songs = np.array([phrase.song for phrase in some])
    corpora = np.array([phrase.corpus for phrase in some])
    weights = _balance(corpora, labels)
    test = np.array([held_out(song) for song in songs]) & (tell is not None)
    best = _regression(table[chosen], labels, weights, songs, test)
    if tell is None:
        return _View(best[0])
    heights = np.array([fmean(phrase.pitches) for phrase in some])[:, None]
    plain = np.hstack([table[chosen][:, [NAMES.index("notes"), NAMES.index("length")]], heights])
    simple = _regression(plain, labels, weights, songs, test)
    from sklearn.metrics import roc_auc_score

    aucs = {}
    for corpus in dict.fromkeys(corpora.tolist()):
        part = corpora[test] == corpus
        truth = labels[test][part]
        aucs[corpus] = tuple(float(roc_auc_score(truth, scores[1][part])) for scores in (best, simple))
        whole = [_by_song(songs[test][part], truth, scores[1][part]) for scores in (best, simple)]
        tell(
            f"hook {name}, {corpus}: AUC {aucs[corpus][0]:.3f} on {len(truth):,} unseen phrases, length and height "
            f"alone {aucs[corpus][1]:.3f}; means of songs {whole[0]:.3f} and {whole[1]:.3f}"
        )
    turns = [_in_turn(columns, labels, weights, songs, corpora == "rs200") for columns in (table[chosen], plain)]
    tell(f"hook {name}, rs200, every song unseen in turn: AUC {turns[0]:.3f}, length and height alone {turns[1]:.3f}")
    auc, alone = aucs["rs200"]
    return _View(best[0], auc, alone, (turns[0], turns[1]))


def _in_turn(table: Floats, labels: NDArray[Any], weights: Floats, songs: NDArray[Any], judged: NDArray[Any]) -> float:
    """Return the AUC over the rows ``judged``, each scored by a regression that has not seen its song."""
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import GroupKFold

    scores = np.zeros(len(labels))
    for _, unseen in GroupKFold(5).split(table, labels, songs):
        test = np.zeros(len(labels), dtype=np.bool_)
        test[unseen] = True
        scores[test] = _regression(table, labels, weights, songs, test)[1]
    return float(roc_auc_score(labels[judged], scores[judged]))


def _by_song(songs: NDArray[Any], labels: NDArray[Any], scores: Floats) -> float:
    """Return the AUC of the mean scores of each song's phrases of either answer."""
    from sklearn.metrics import roc_auc_score

    groups: dict[tuple[str, bool], list[float]] = {}
    for song, label, score in zip(songs.tolist(), labels.tolist(), scores.tolist(), strict=True):
        groups.setdefault((song, label), []).append(score)
    return float(roc_auc_score([label for _, label in groups], [fmean(values) for values in groups.values()]))


def _regression(
    table: Floats, labels: NDArray[Any], weights: Floats, songs: NDArray[Any], test: NDArray[Any]
) -> tuple[Floats, Floats]:
    """Return (weights a standard deviation, scores of the rows of ``test``), as strong as songs unseen like it."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import GroupKFold
    from threadpoolctl import threadpool_limits

    known = ~test
    mean, spread = table[known].mean(axis=0), np.maximum(table[known].std(axis=0), 1e-9)
    scaled = (table - mean) / spread

    def fitted(strength: float, rows: NDArray[Any]) -> LogisticRegression:
        model = LogisticRegression(C=strength, solver="newton-cholesky")
        return model.fit(scaled[rows], labels[rows], weights[rows])

    rows = np.flatnonzero(known)
    folds = [(rows[a], rows[b]) for a, b in GroupKFold(5).split(rows, labels[rows], songs[rows])]

    def judged(strength: float) -> float:
        scores = np.zeros(len(labels))
        for seen, unseen in folds:
            scores[unseen] = fitted(strength, seen).decision_function(scaled[unseen])
        return float(roc_auc_score(labels[rows], scores[rows], sample_weight=weights[rows]))

    with threadpool_limits(1):  # the order of sums must not depend on how many cores are free
        model = fitted(max(_STRENGTHS, key=judged), rows)
    return model.coef_[0], scaled[test] @ model.coef_[0]


def _balance(corpora: NDArray[Any], labels: NDArray[Any]) -> Floats:
    """Return weights that give each answer half, and each corpus the say of its rarer answer."""
    weights = np.zeros(len(labels))
    for corpus in np.unique(corpora):
        counts = [int(((corpora == corpus) & (labels == label)).sum()) for label in (False, True)]
        for label, count in zip((False, True), counts, strict=True):
            weights[(corpora == corpus) & (labels == label)] = min(counts) / max(count, 1)
    return weights


def _table(every: Sequence[_Phrase], costs: Costs) -> Floats:
    rows = [features(p.onsets, p.pitches, BAR, p.tonic, p.middle, costs) for p in every]
    return np.array(rows, dtype=np.float64)


def _bounds(table: Floats) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return where each feature begins and ends to count: between these lie most real phrases."""
    low, high = np.percentile(table, _MOST, axis=0)
    return np.rint(low).astype(np.int32), np.rint(high).astype(np.int32)


def _costs(every: Sequence[_Phrase]) -> Costs:
    """Return how usual waits, steps, contours and slopes are, with a little added to every count."""
    waits = np.full((LONGEST + 1, LONGEST + 1), 0.5)
    steps = np.full((2 * WIDEST + 1, 2 * WIDEST + 1), 0.2)
    contours, slopes = np.full(3 ** (CONTOUR - 1), 0.5), np.full(SLOPES, 0.5)
    for phrase in every:
        for a, b in pairwise(min(b - a, LONGEST) for a, b in pairwise(phrase.onsets)):
            waits[a, b] += 1
        for a, b in pairwise(min(max(b - a, -WIDEST), WIDEST) + WIDEST for a, b in pairwise(phrase.pitches)):
            steps[a, b] += 1
        contours[contour(phrase.onsets, phrase.pitches)] += 1
        slopes[slope_class(mean_slope(phrase.onsets, phrase.pitches))] += 1

    def costs(counts: Floats) -> NDArray[np.int64]:
        found: NDArray[np.int64] = np.rint(-256 * np.log2(counts / counts.sum(axis=-1, keepdims=True))).astype(np.int64)
        return found

    return Costs(costs(waits), costs(steps), costs(contours), costs(slopes))


def _rock(data: Path) -> Iterator[_Phrase]:
    for song in rs200.read(data):
        notes = sung(song)
        if len(notes) < 30:
            continue
        tonic, middle = notes[0].pitch - notes[0].degree, round(fmean(note.pitch for note in notes))
        runs = [line for line in lines(song, notes) if _usable(line)]
        marks = [frozenset((n.slot - run[0].slot // BAR * BAR, n.pitch) for n in run) for run in runs]
        for i, run in enumerate(runs):
            returns = any(len(marks[i] & mark) >= ALIKE * len(marks[i] | mark) for mark in marks[:i] + marks[i + 1 :])
            yield _phrase(song.work, "rs200", run, tonic, middle, run[0].kind, returns)


def _pop(data: Path) -> Iterator[_Phrase]:
    for song in pop909.read(data):
        if len(song.melody) < 30:
            continue
        middle = round(fmean(note.pitch for note in song.melody))
        uses = Counter(phrase.letter for phrase in song.phrases)
        letters = {bar: p.letter for p in song.phrases for bar in range(p.first, p.first + p.bars)}
        slots = [note.start for note in song.melody]
        bounds = sorted({BAR * bar for p in song.phrases for bar in range(p.first, p.first + p.bars, 2)})
        starts = [bisect_left(slots, cut(slots, bound)) for bound in bounds]
        for bound, a, b in zip(bounds, starts, [*starts[1:], len(slots)], strict=True):
            run = [Sung(note.start, note.pitch, note.degree, 0, "") for note in song.melody[a:b]]
            letter = letters[bound // BAR]
            if _usable(run) and letter.isupper():
                yield _phrase(song.work, "pop909", run, song.tonic, middle, "", uses[letter] > 1)


def _usable(run: Sequence[Sung]) -> bool:
    return len({note.slot for note in run}) == len(run) >= LEAST


def _phrase(song: str, corpus: str, run: Sequence[Sung], tonic: int, middle: int, kind: str, returns: bool) -> _Phrase:
    onsets, pitches = tuple(note.slot for note in run), tuple(note.pitch for note in run)
    return _Phrase(song, corpus, onsets, pitches, tonic, middle, kind, returns)
