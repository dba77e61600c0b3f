"""Fit the guitars: chord rhythms against kick and snare, muted or open, and the lines of lead guitars.

Rhythm guitars are the guitar tracks of which at least three onsets in ten are chords. Events are the slots of the
bars they play in: onset or not, then muted (one slot long) or open. They remember their riffs (see ``riffs``), as
leads do (see ``lead_lines``).
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.models.tables import Table, header
from engine.train.backoff import Floats, Ints, bigram_bits, costs, count, smooth, whole
from engine.train.base import DATE, Fitted, Score, Tell, held_out
from engine.train.corpora.freedoom import BAR, CORPUS, LICENCE, Band, Played, bands
from engine.train.lead_lines import MOVES, Lick, lick_arrays, lick_model, lick_of, move_chances
from engine.train.riffs import last_slots, onset_memory

CLUSTERS = 8
GAPS = 4  # slots to the next onset, at most


class Strum(NamedTuple):
    """The slots of one rhythm guitar; arrays of one length.

    drum: 0 nothing, 1 kick, 2 snare. guess, trust, past: see ``riffs``. open: 0 muted, 1 open (onsets only).
    gap: slots to the next onset, at most GAPS, less one. cluster: of the bar.
    """

    onset: Ints
    position: Ints
    drum: Ints
    past: Ints
    guess: Ints
    trust: Ints
    open: Ints
    gap: Ints
    cluster: Ints


def strum_of(band: Band, track: tuple[Played, ...]) -> Strum | None:
    """Return a rhythm guitar's slots, or None when it plays too few chords or fewer than eight bars."""
    slots = band.bars * BAR
    voices, length = np.zeros(slots, dtype=np.int64), np.zeros(slots, dtype=np.int64)
    for note in track:
        voices[note.slot] += 1
        length[note.slot] = max(length[note.slot], note.length)
    onset = (voices > 0).astype(np.int64)
    good = onset.reshape(-1, BAR).sum(1) > 0
    if good.sum() < 8 or (voices > 1).sum() < 0.3 * onset.sum():
        return None
    gap = np.full(slots, GAPS)
    for here, then in pairwise(np.flatnonzero(onset)):
        gap[here] = min(then - here, GAPS)
    guess, trust = onset_memory(onset)
    keep = good.repeat(BAR)
    columns = (
        onset,
        np.arange(slots) % BAR,
        np.where(band.snare == 1, 2, band.kick),
        last_slots(onset),
        guess,
        trust,
        (length > 1).astype(np.int64),
        gap - 1,
        np.zeros(slots, dtype=np.int64),
    )
    return Strum(*(column[keep] for column in columns))


class StrumModel(NamedTuple):
    """Probabilities, by the sizes of their axes; the last is the event.

    rhythm: guess 3, trust 6, drum 3, slot 16, past 16, onset 2. free: slot 16, cluster, drum 3, past 16, onset 2.
    open: gap 4, open before 3 (2: none), cluster, slot 16, drum 3, open 2.
    """

    rhythm: Floats
    free: Floats
    open: Floats


def strum_model(lines: list[Strum]) -> StrumModel:
    """Return the smoothed tables of rhythm guitars."""
    every = Strum(*(np.concatenate(columns) for columns in zip(*lines, strict=True)))
    struck = every.onset == 1
    last = np.concatenate([last_open(line) for line in lines])
    return StrumModel(
        smooth(
            count(
                [every.guess, every.trust, every.drum, every.position, every.past], every.onset, (3, 6, 3, BAR, 16, 2)
            ),
            8.0,
        ),
        smooth(count([every.position, every.cluster, every.drum, every.past], every.onset, (BAR, CLUSTERS, 3, 16, 2))),
        smooth(
            count(
                [every.gap[struck], last, every.cluster[struck], every.position[struck], every.drum[struck]],
                every.open[struck],
                (GAPS, 3, CLUSTERS, BAR, 3, 2),
            )
        ),
    )


def last_open(line: Strum) -> Ints:
    """Return for each onset whether the onset before was open: 0, 1, or 2 for the first."""
    return np.concatenate([[2], line.open[line.onset == 1][:-1]])


def features(line: Strum) -> Floats:
    """Return one row a bar: its 16 onsets, the share of open ones, and how many there are (scaled)."""
    onset = line.onset.reshape(-1, BAR)
    total = onset.sum(axis=1, keepdims=True)
    share = (line.open * line.onset).reshape(-1, BAR).sum(axis=1, keepdims=True) / total
    return np.hstack([onset, 2 * share, total / 4]).astype(np.float64)


def cluster(lines: list[Strum], basis: list[Strum]) -> list[Strum]:
    """Return lines with the cluster of each bar, found on ``basis``; clusters are numbered by onsets a bar."""
    from sklearn.cluster import KMeans

    means = KMeans(CLUSTERS, n_init=4, random_state=0).fit(np.vstack([features(line) for line in basis]))
    order = np.argsort(np.argsort(means.cluster_centers_[:, :BAR].sum(axis=1), kind="stable"))
    return [line._replace(cluster=order[means.predict(features(line))].repeat(BAR)) for line in lines]


def fit(data: Path, tell: Tell) -> Fitted:
    """Return the tables ``guitar`` and ``lead`` and their held-out scores."""
    tell("reading the guitars of Freedoom and Helland")
    return fit_bands(list(bands(data)), tell)


def fit_bands(found: list[Band], tell: Tell) -> Fitted:
    """Return what ``fit`` does, from bands."""
    strums = [(b.song, line) for b in found for track in b.guitars if (line := strum_of(b, track)) is not None]
    licks = [(b.song, lick) for b in found for t in (*b.guitars, *b.leads) if (lick := lick_of(b, t)) is not None]
    tell(f"measuring {len(strums)} rhythm guitars and {len(licks)} leads on unseen songs")
    scores = (*_strum_scores(strums), *_lick_scores(licks))
    tell("fitting the guitars on all songs")
    lines = cluster(*([[line for _, line in strums]] * 2))
    return Fitted(
        {"guitar": strum_table(strum_model(lines), lines), "lead": _lead_table([line for _, line in licks])},
        scores,
    )


def _strum_scores(strums: list[tuple[str, Strum]]) -> list[Score]:
    train, test = ([line for song, line in strums if held_out(song) == side] for side in (False, True))
    train, test = cluster(train, train), cluster(test, train)
    model, every = strum_model(train), Strum(*(np.concatenate(columns) for columns in zip(*test, strict=True)))
    rhythm = model.rhythm[every.guess, every.trust, every.drum, every.position, every.past, every.onset]
    struck, last = every.onset == 1, np.concatenate([last_open(line) for line in test])
    at = (every.gap[struck], last, every.cluster[struck], every.position[struck], every.drum[struck])
    opened = model.open[at][np.arange(len(last)), every.open[struck]]
    plain = [[line.open[line.onset == 1] for line in side] for side in (train, test)]
    return [
        _score("rhythm guitar", "slot", rhythm, bigram_bits([x.onset for x in train], [x.onset for x in test], 2)),
        _score("guitar touch", "note", opened, bigram_bits(plain[0], plain[1], 2)),
    ]


def _lick_scores(licks: list[tuple[str, Lick]]) -> list[Score]:
    train, test = ([line for song, line in licks if held_out(song) == side] for side in (False, True))
    model, every = lick_model(train), Lick(*(np.concatenate(columns) for columns in zip(*test, strict=True)))
    rhythm = model.rhythm[every.guess, every.trust, every.position, every.past, every.onset]
    moves = move_chances(model, every)[np.arange(len(every.move)), every.move]
    return [
        _score("lead rhythm", "slot", rhythm, bigram_bits([x.onset for x in train], [x.onset for x in test], 2)),
        _score("lead", "note", moves, bigram_bits([x.move for x in train], [x.move for x in test], MOVES)),
    ]


def _score(model: str, unit: str, chances: Floats, bigram: float) -> Score:
    return Score(model, unit, len(chances), float(-np.log2(chances).mean()), bigram)


def strum_table(model: StrumModel, lines: list[Strum]) -> Table:
    """Return the whole-number table of rhythm guitars; costs are 256 to the bit.

    rhythm (3, 6, 3, 16, 16, 2), free (16, C, 3, 16, 2), open (4, 3, C, 16, 3, 2): costs, axes as in StrumModel;
    share (C,): of bars, a row of 65,536; density (C,): onsets, and muted (C,): muted onsets, in 16 bars.
    """
    bars = np.concatenate([line.cluster[::BAR] for line in lines])
    onset = np.concatenate([line.onset.reshape(-1, BAR).sum(1) for line in lines])
    opened = np.concatenate([(line.open * line.onset).reshape(-1, BAR).sum(1) for line in lines])
    arrays: dict[str, NDArray[Any]] = {
        "rhythm": costs(model.rhythm),
        "free": costs(model.free),
        "open": costs(model.open),
        "share": whole(np.bincount(bars, minlength=CLUSTERS) / len(bars)),
        "density": _mean(onset, bars),
        "muted": _mean(onset - opened, bars),
    }
    return Table(_header("rhythm guitar: onsets against kick and snare with riff memory; muted or open"), arrays)


def _mean(values: Ints, bars: Ints) -> Ints:
    return np.array([round(16 * values[bars == kind].sum() / max((bars == kind).sum(), 1)) for kind in range(CLUSTERS)])


def _lead_table(licks: list[Lick]) -> Table:
    about = "lead guitar: onsets and moves with riff memory, bent to the chord"
    return Table(_header(about), lick_arrays(lick_model(licks)))


def _header(about: str) -> dict[str, Any]:
    return dict(header(corpus=CORPUS, licence=LICENCE, command="hookline train rock", date=DATE, about=about))
