"""Fit the bass: bar states, rhythm against the kick, and intervals above the chord's root.

Events are the slots of 4/4 bars in which bass and drums play: 0 no onset, or 1 + the interval (0..11) of the
onset above the root of the chord in force. A slot's chance is that of its onset times that of its interval.
Both follow the riff so far as far as it has been right (see ``riffs``); where they leave it, the rhythm
goes by metre, kick and the last four slots, the interval by the interval of the note before, the metre, the chord's
quality and the move to the next root. Bar states are clusters of bars, and an HMM over them.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from engine.models.tables import Table, header
from engine.train.backoff import Floats, Ints, bigram_bits, costs, count, smooth, whole
from engine.train.base import DATE, Fitted, Score, Tell, held_out
from engine.train.corpora.freedoom import BAR, CORPUS, LICENCE, Band, bands
from engine.train.riffs import NONE, interval_memory, last_slots, onset_memory

CLUSTERS = 8
HIDDEN = 12
LOW, HIGH = 28, 55  # E1..G3, the pitches whose use is counted
LEAP = 12  # the widest leap that is counted


class Line(NamedTuple):
    """The bass slots of one song and what is known at each; arrays of one length, but for ``bars``.

    event: 0, or 1 + interval. onset: 0 or 1. position: slot in the bar. kick: 0 or 1. past: the last four onsets.
    guess, trust: the onset the riff would have. interval, memory, previous: above the root in force, NONE where there
    is none; sure: trust in memory. quality: 0..2. move: semitones from this root to the next chord's
    at the last onset before it, else 0. pitch; leap: semitones from the note before (99: none).
    length, gap: slots of the note, and to the next onset. cluster: of the bar (0 until found).
    bars: number of each bar used, shape (bars,).
    """

    event: Ints
    onset: Ints
    position: Ints
    kick: Ints
    past: Ints
    guess: Ints
    trust: Ints
    interval: Ints
    memory: Ints
    sure: Ints
    previous: Ints
    quality: Ints
    move: Ints
    pitch: Ints
    leap: Ints
    length: Ints
    gap: Ints
    cluster: Ints
    bars: Ints


def line_of(band: Band) -> Line | None:
    """Return a band's bass line, or None when fewer than eight bars have bass, drums and chords."""
    slots = band.bars * BAR
    onset, pitch, length = (np.zeros(slots, dtype=np.int64) for _ in range(3))
    for note in band.bass:
        onset[note.slot], pitch[note.slot], length[note.slot] = 1, note.pitch, note.length
    root, quality = band.chords[:, 0].repeat(8), band.chords[:, 1].repeat(8)
    drummed = band.kick.reshape(-1, BAR).sum(1) + band.snare.reshape(-1, BAR).sum(1) > 0
    good = (onset.reshape(-1, BAR).sum(1) > 0) & drummed & (root.reshape(-1, BAR).min(1) >= 0)
    if good.sum() < 8:
        return None
    interval = np.where(onset == 1, (pitch - root) % 12, NONE)
    previous, move = np.full(slots, NONE), np.zeros(slots, dtype=np.int64)
    gap, leap = np.full(slots, BAR), np.full(slots, 99)
    at = np.flatnonzero(onset)
    for here, then in pairwise(at):
        previous[here + 1 : then + 1] = (pitch[here] - root[here + 1 : then + 1]) % 12
        gap[here], leap[then] = min(then - here, BAR), pitch[then] - pitch[here]
        change = (here // 8 + 1) * 8
        if change <= then and root[change] >= 0:
            move[here] = (root[change] - root[here]) % 12
    guess, trust = onset_memory(onset)
    memory, sure = interval_memory(onset, pitch, root)
    keep = good.repeat(BAR)
    columns = (
        np.where(onset == 1, interval + 1, 0),
        onset,
        np.arange(slots) % BAR,
        band.kick,
        last_slots(onset),
        guess,
        trust,
        interval,
        memory,
        sure,
        previous,
        quality,
        move,
        pitch,
        leap,
        length,
        gap,
        np.zeros(slots, dtype=np.int64),
    )
    return Line._make([*(column[keep] for column in columns), np.flatnonzero(good)])


def metre_class(position: Ints) -> Ints:
    """Return 0 downbeat, 1 half bar, 2 beat, 3 eighth, 4 sixteenth of a slot 0..15."""
    return np.array([0, 4, 3, 4, 2, 4, 3, 4, 1, 4, 3, 4, 2, 4, 3, 4])[position]


class Model(NamedTuple):
    """Probabilities, by the sizes of their axes; the last is the event.

    rhythm: guess 3, trust 6, kick 2, slot 16, past 16, onset 2. free: slot 16, kick 2, cluster, past 16, onset 2.
    copy: trust 6, metre 5, right 2. interval: previous 13, interval 12. factors: what bends the interval, by name,
    each with the interval as its last axis; plain: the interval alone.
    """

    rhythm: Floats
    free: Floats
    copy: Floats
    interval: Floats
    factors: dict[str, Floats]
    plain: Floats


# How far each factor bends the interval model (Hinton, Training products of experts, 2002); best of
# 0, 0.2 .. 1 on the validation songs.
POWER = {"metre": 0.2, "quality": 0.4, "move": 0.2}


def model_of(lines: list[Line]) -> Model:
    """Return the smoothed tables of some songs."""
    whole = Line(*(np.concatenate(columns) for columns in zip(*lines, strict=True)))
    note = notes(whole)
    told = note.sure > 0
    return Model(
        smooth(
            count(
                [whole.guess, whole.trust, whole.kick, whole.position, whole.past], whole.onset, (3, 6, 2, BAR, 16, 2)
            ),
            8.0,
        ),
        smooth(
            count([whole.position, whole.kick, whole.cluster, whole.past], whole.onset, (BAR, 2, CLUSTERS, 16, 2)), 4.0
        ),
        smooth(
            count(
                [note.sure[told], metre_class(note.position[told])],
                (note.interval == note.memory)[told].astype(np.int64),
                (6, 5, 2),
            )
        ),
        smooth(count([note.previous], note.interval, (13, 12))),
        {
            "metre": smooth(count([metre_class(note.position)], note.interval, (5, 12))),
            "quality": smooth(count([note.quality], note.interval, (3, 12))),
            "move": smooth(count([note.move], note.interval, (12, 12)), 8.0),
            "cluster": smooth(count([note.cluster], note.interval, (CLUSTERS, 12))),
        },
        smooth(count([], note.interval, (12,))),
    )


def interval_chances(model: Model, note: Line) -> Floats:
    """Return the chances of all twelve intervals for each note, shape (notes, 12)."""
    rows = model.interval[note.previous]
    for name, where in (("metre", metre_class(note.position)), ("quality", note.quality), ("move", note.move)):
        rows = rows * (model.factors[name][where] / model.plain) ** POWER[name]
    told = np.flatnonzero(note.sure > 0)
    rows[told, note.memory[told]] = 0
    rows = rows / rows.sum(axis=1, keepdims=True)
    right = model.copy[note.sure, metre_class(note.position), 1]
    rows[told] *= 1 - right[told, None]
    rows[told, note.memory[told]] = right[told]
    return np.asarray(rows)


def slot_bits(model: Model, line: Line) -> tuple[float, float]:
    """Return (bits of all onsets, bits of all intervals) of a line."""
    onset = model.rhythm[line.guess, line.trust, line.kick, line.position, line.past, line.onset]
    note = notes(line)
    chances = interval_chances(model, note)[np.arange(len(note.interval)), note.interval]
    return float(-np.log2(onset).sum()), float(-np.log2(chances).sum())


def notes(line: Line) -> Line:
    """Return only the slots with an onset."""
    kept = line.onset == 1
    return Line._make([*(column[kept] for column in line[:-1]), line.bars])


def features(line: Line) -> Floats:
    """Return one row a bar: its 16 onsets, shares of roots and fifths, number of intervals and notes (scaled)."""
    onset = line.onset.reshape(-1, BAR)
    interval = line.interval.reshape(-1, BAR)
    total = onset.sum(axis=1, keepdims=True)
    kinds = np.array([[len(set(row[row < NONE]))] for row in interval])
    root, fifth = ((interval == step).sum(axis=1, keepdims=True) / total for step in (0, 7))
    return np.hstack([onset, 2 * root, 2 * fifth, kinds / 2, total / 4]).astype(np.float64)


def cluster(lines: list[Line], basis: list[Line]) -> list[Line]:
    """Return lines with the cluster of each bar, found on ``basis``; clusters are numbered by notes a bar."""
    from sklearn.cluster import KMeans

    means = KMeans(CLUSTERS, n_init=4, random_state=0).fit(np.vstack([features(line) for line in basis]))
    order = np.argsort(np.argsort(means.cluster_centers_[:, :BAR].sum(axis=1), kind="stable"))
    return [line._replace(cluster=order[means.predict(features(line))].repeat(BAR)) for line in lines]


def bar_clusters(line: Line) -> Ints:
    """Return the cluster of each bar."""
    return line.cluster[::BAR]


def hidden(lines: list[Line]) -> Any:
    """Return the HMM over the clusters of bars (Rabiner 1989)."""
    from hmmlearn.hmm import CategoricalHMM

    model = CategoricalHMM(
        HIDDEN, n_features=CLUSTERS, n_iter=60, tol=0.1, random_state=1, implementation="scaling", transmat_prior=1.05
    )
    joined = np.concatenate([bar_clusters(line) for line in lines])[:, None]
    return model.fit(joined, [len(line.bars) for line in lines])


def hidden_bits(model: Any, lines: list[Line]) -> float:
    """Return the bits a bar of the clusters of unseen songs."""
    total = sum(model.score(bar_clusters(line)[:, None]) for line in lines)
    return float(-total / np.log(2) / sum(len(line.bars) for line in lines))


def fit(data: Path, tell: Tell) -> Fitted:
    """Return the table ``bass`` and its held-out scores: bits a slot, a note and a bar state."""
    tell("reading the bass of Freedoom and Helland")
    found = [(band.song, line) for band in bands(data) if (line := line_of(band)) is not None]
    return fit_lines(found, tell)


def fit_lines(found: list[tuple[str, Line]], tell: Tell) -> Fitted:
    """Return what ``fit`` does, from (song, line) pairs."""
    train = [line for song, line in found if not held_out(song)]
    test = [line for song, line in found if held_out(song)]
    train, test = cluster(train, train), cluster(test, train)
    tell(f"measuring the bass on {len(test)} unseen songs")
    model = model_of(train)
    sums = np.array([slot_bits(model, line) for line in test]).sum(axis=0)
    slots, played = (
        sum(int(total) for total in totals)
        for totals in zip(*((len(x.event), x.onset.sum()) for x in test), strict=True)
    )
    bars = sum(len(line.bars) for line in test)
    scores = (
        Score("bass", "slot", slots, float(sums.sum() / slots), bigram_bits(*_columns(train, test, "event"), 13)),
        Score("bass rhythm", "slot", slots, float(sums[0] / slots), bigram_bits(*_columns(train, test, "onset"), 2)),
        Score(
            "bass interval",
            "note",
            played,
            float(sums[1] / played),
            bigram_bits(*_columns([notes(x) for x in train], [notes(x) for x in test], "interval"), 12),
        ),
        Score(
            "bass bar state",
            "bar",
            bars,
            hidden_bits(hidden(train), test),
            bigram_bits([bar_clusters(x) for x in train], [bar_clusters(x) for x in test], CLUSTERS),
        ),
    )
    tell("fitting the bass on all songs")
    lines = cluster(*([[line for _, line in found]] * 2))
    return Fitted({"bass": table(model_of(lines), hidden(lines), lines)}, scores)


def table(model: Model, states: Any, lines: list[Line]) -> Table:
    """Return the whole-number table; costs are 256 to the bit.

    rhythm (3, 6, 2, 16, 16, 2), free (16, 2, C, 16, 2), interval (13, 12), metre, quality, move, cluster (., 12) as
    costs (the last four relative to the plain interval), copy (6, 5) costs of the riff's interval;
    start (H,), next (H, H), emit (H, C): rows of 65,536; density (C,): notes in 16 bars;
    leap (25,): cost of -12..12 among moves of the same pitch class; height (28,): cost of E1..G3;
    length (17, 3): by gap in slots, weights of at most half, less than all, and all of it.
    """
    note = notes(Line(*(np.concatenate(columns) for columns in zip(*lines, strict=True))))
    steps = note.leap[np.abs(note.leap) <= LEAP]
    moves = smooth(count([steps % 12], steps + LEAP, (12, 2 * LEAP + 1)), 0.5)
    leap = np.array([moves[step % 12, step + LEAP] / moves[step % 12].max() for step in range(-LEAP, LEAP + 1)])
    inside = note.pitch[(note.pitch >= LOW) & (note.pitch <= HIGH)] - LOW
    height = np.convolve(np.bincount(inside, minlength=HIGH - LOW + 1), np.ones(5) / 5, mode="same") + 1
    kind = np.where(note.length >= note.gap, 2, np.where(2 * note.length > note.gap, 1, 0))
    per_bar = [
        np.mean([line.onset.reshape(-1, BAR).sum(1)[bar_clusters(line) == c].sum() for line in lines])
        / max(np.mean([(bar_clusters(line) == c).sum() for line in lines]), 1e-9)
        for c in range(CLUSTERS)
    ]
    relative = {name: costs(rows / model.plain) for name, rows in model.factors.items()}
    arrays = {
        "rhythm": costs(model.rhythm),
        "free": costs(model.free),
        "interval": costs(model.interval),
        "copy": costs(model.copy[..., 1]),
        **relative,
        "start": whole(states.startprob_),
        "next": whole(states.transmat_),
        "emit": whole(states.emissionprob_),
        "density": np.rint(16 * np.array(per_bar)).astype(np.int16),
        "leap": costs(leap),
        "height": costs(height / height.max()),
        "length": whole(smooth(count([note.gap], kind, (BAR + 1, 3)))),
    }
    about = "bass: riff memory, rhythm against the kick, intervals above the root, bar states"
    return Table(
        dict(header(corpus=CORPUS, licence=LICENCE, command="hookline train rock", date=DATE, about=about)), arrays
    )


def _columns(train: list[Line], test: list[Line], name: str) -> tuple[list[Ints], list[Ints]]:
    return [getattr(line, name) for line in train], [getattr(line, name) for line in test]
