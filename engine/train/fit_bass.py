"""Fit the bass: a mixture for its rhythm, one for its pitches, and what differs from song to song.

Events are the slots of 4/4 bars in which bass and drums play (onset or not), and the notes (semitones above the lowest
string). What is known before each is told in ``models.bass_views``. The way of playing of a section, its *state*,
is a cluster of windows of eight bars; states follow one another as a Markov chain.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.models import bass_views as views
from engine.models.bass_views import CLUSTERS, LOWEST, NONE, PITCHES, Manner
from engine.models.tables import Table, header
from engine.models.viewpoints import Ints
from engine.train import fit_mixture
from engine.train.backoff import Floats, count, smooth, whole
from engine.train.base import DATE, Fitted, Score, Tell, held_out
from engine.train.bass_lines import NOTES, SLOTS, WINDOW, Line, line_of
from engine.train.corpora.freedoom import BAR, CORPUS, LICENCE, bands
from engine.train.held_out import evaluate

Columns = dict[str, Ints]


def fit(data: Path, tell: Tell) -> Fitted:
    """Return the tables ``bass``, ``bass_rhythm``, ``bass_pitch`` and their scores: bits a slot, note and state."""
    tell("reading the bass of Freedoom and Helland")
    return fit_lines([(band.song, line) for band in bands(data) if (line := line_of(band)) is not None], tell)


def fit_lines(found: list[tuple[str, Line]], tell: Tell) -> Fitted:
    """Return what ``fit`` does, from (song, line) pairs."""
    test = {number for number, (song, _) in enumerate(found) if held_out(song)}
    lines = [line for _, line in found]
    # Clusters are found on the training songs alone while unseen ones are measured.
    known = with_states(lines, [line for number, line in enumerate(lines) if number not in test])
    rhythm, pitch = rhythm_events(known), pitch_events(known)
    scores = (
        evaluate("bass rhythm", "slot", views.RHYTHM, views.RHYTHM_DESIGN, *rhythm, test, tell),
        evaluate("bass pitch", "note", views.PITCH, views.PITCH_DESIGN, *pitch, test, tell),
        state_score([states_of(line) for line in known], test),
    )
    tell("fitting the bass on all songs")
    lines = with_states(lines, lines)
    mixtures = (
        ("bass_rhythm", "mixture for bass onsets on sixteenths", views.RHYTHM, views.RHYTHM_DESIGN, rhythm_events),
        ("bass_pitch", "mixture for the pitches of a bass", views.PITCH, views.PITCH_DESIGN, pitch_events),
    )
    tables = {
        name: fit_mixture.fit(space, design, *events(lines)).mixture.table(_header(about))
        for name, about, space, design, events in mixtures
    }
    return Fitted({"bass": table(lines), **tables}, scores)


def rhythm_events(lines: list[Line]) -> tuple[Columns, Ints, Ints]:
    """Return (columns, events, song numbers) of all slots."""
    columns = {name: np.concatenate([line.slots[name] for line in lines]) for name in SLOTS}
    sizes = [len(line.onset) for line in lines]
    return {**columns, **_manners(lines, sizes)}, np.concatenate([line.onset for line in lines]), _owners(sizes)


def pitch_events(lines: list[Line]) -> tuple[Columns, Ints, Ints]:
    """Return (columns, events, song numbers) of all notes."""
    columns = {name: np.concatenate([line.notes[name] for line in lines]) for name in NOTES}
    sizes = [len(line.pitch) for line in lines]
    return {**columns, **_manners(lines, sizes)}, np.concatenate([line.pitch for line in lines]), _owners(sizes)


def _manners(lines: list[Line], sizes: list[int]) -> Columns:
    return {
        name: np.repeat(np.array([getattr(line.manner, name) for line in lines], dtype=np.int64), sizes)
        for name in Manner._fields
    }


def _owners(sizes: list[int]) -> Ints:
    return np.repeat(np.arange(len(sizes)), sizes)


def features(line: Line) -> tuple[Floats, Ints]:
    """Return one row for each window of eight bars, and the window of each bar.

    A row is the mean of its bars: 16 onsets, shares of roots and fifths, number of intervals and of notes (scaled).
    """
    onset = line.onset.reshape(-1, BAR)
    above = np.full(len(line.onset), NONE)
    above[line.onset == 1] = (line.pitch + LOWEST - line.notes["root"]) % 12
    by_bar = above.reshape(-1, BAR)
    total = onset.sum(axis=1, keepdims=True)
    kinds = np.array([[len(set(row[row < NONE]))] for row in by_bar])
    root, fifth = ((by_bar == step).sum(axis=1, keepdims=True) / total for step in (0, 7))
    bars = np.hstack([onset, 2 * root, 2 * fifth, kinds / 2, total / 4]).astype(np.float64)
    windows, which = np.unique(line.bars // WINDOW, return_inverse=True)
    return np.array([bars[which == number].mean(axis=0) for number in range(len(windows))]), which


def with_states(lines: list[Line], basis: list[Line]) -> list[Line]:
    """Return lines that know the state of each window, found on ``basis``; states are numbered by notes a bar."""
    from sklearn.cluster import KMeans

    means = KMeans(CLUSTERS, n_init=4, random_state=0).fit(np.vstack([features(line)[0] for line in basis]))
    order = np.argsort(np.argsort(means.cluster_centers_[:, :BAR].sum(axis=1), kind="stable"))
    found = []
    for line in lines:
        rows, which = features(line)
        state = order[means.predict(rows)][which].repeat(BAR)
        slots, notes = {**line.slots, "cluster": state}, {**line.notes, "cluster": state[line.onset == 1]}
        found.append(line._replace(slots=slots, notes=notes))
    return found


def states_of(line: Line) -> Ints:
    """Return the state of each window."""
    _, first = np.unique(line.bars // WINDOW, return_index=True)
    return np.asarray(line.slots["cluster"][::BAR][first])


def chain(states: list[Ints]) -> tuple[Floats, Floats]:
    """Return the chances of the first state (C,) and of one after another (C, C)."""
    first = smooth(count([], np.array([song[0] for song in states]), (CLUSTERS,)))
    before = np.concatenate([song[:-1] for song in states])
    after = np.concatenate([song[1:] for song in states])
    return first, smooth(count([before], after, (CLUSTERS, CLUSTERS)))


def state_score(states: list[Ints], test: set[int]) -> Score:
    """Return the bits a state of unseen songs; to beat is how often each state occurs."""
    train = [song for number, song in enumerate(states) if number not in test]
    unseen = [song for number, song in enumerate(states) if number in test]
    first, after = chain(train)
    chances = np.concatenate([np.append(first[song[0]], after[song[:-1], song[1:]]) for song in unseen])
    share = smooth(count([], np.concatenate(train), (CLUSTERS,)))
    plain = -np.log2(share[np.concatenate(unseen)]).mean()
    return Score("bass state", "8 bars", len(chances), float(-np.log2(chances).mean()), float(plain))


def left(lines: list[Line]) -> tuple[Ints, Ints]:
    """Return how often bars leave their riff, see ``table``."""
    rhythm, pitches = np.ones((4, 4, 2)), np.ones((4, 4, 2))
    for line in lines:
        turn = line.slots["turn"][::BAR]
        held = line.slots["trust"][::BAR] >= 3
        off = (line.slots["riff"] != line.onset).reshape(-1, BAR).any(axis=1).astype(np.int64)
        np.add.at(rhythm[line.manner.steady], (turn[held], off[held]), 1)
        bar = (np.flatnonzero(line.onset == 1) // BAR).astype(np.int64)
        first = np.flatnonzero(np.diff(bar, prepend=-1))
        wrong = np.add.reduceat((line.notes["was"] != line.pitch).astype(np.int64), first) > 0
        sure = line.notes["sure"][first] >= 3
        np.add.at(pitches[line.manner.faithful], (turn[bar[first]][sure], wrong[sure].astype(np.int64)), 1)
    leave, stray = (
        np.rint(100 * counts[..., 1] / counts.sum(axis=-1)).astype(np.int16) for counts in (rhythm, pitches)
    )
    return leave, stray


def table(lines: list[Line]) -> Table:
    """Return the table of what differs between songs and sections.

    start (C,), next (C, C): rows of 65,536; density (C,): notes in 16 bars of each state;
    manner (songs, 11): a ``Manner``, then ``even``, ``one`` (see ``bass_lines.Line``), notes in 16 bars, lowest,
    highest and median pitch of each song;
    leave, stray (4, 4): by steadiness (faithfulness) and number in four, percent of bars of which the rhythm (the
    pitches) leaves a riff that has held for two bars;
    shift (3, 2 * PITCHES - 1): by roam, weights of a section's middle less the song's (from -PITCHES + 1 up);
    length (17, 3): by gap in slots, weights of at most half, less than all, and all of it.
    """
    leave, stray = left(lines)
    first, after = chain([states_of(line) for line in lines])
    slots = np.bincount(np.concatenate([line.slots["cluster"] for line in lines]), minlength=CLUSTERS)
    struck = np.concatenate([line.slots["cluster"][line.onset == 1] for line in lines])
    density = np.rint(np.bincount(struck, minlength=CLUSTERS) * 16 * BAR / np.maximum(slots, 1))
    gap, length = (np.concatenate([getattr(line, name) for line in lines]) for name in ("gap", "length"))
    kind = np.where(length >= gap, 2, np.where(2 * length > gap, 1, 0))
    roam, shift = [], []
    for line in lines:
        centres = line.notes["centre"][:: max(len(line.pitch) // 32, 1)]
        roam += [line.manner.roam] * len(centres)
        shift += (centres - line.middle + PITCHES - 1).tolist()
    manner = [(*line.manner, line.even, line.one, line.density, line.low, line.high, line.middle) for line in lines]
    arrays: dict[str, NDArray[Any]] = {
        "start": whole(first),
        "next": whole(after),
        "density": density.astype(np.int16),
        "manner": np.array(sorted(manner), dtype=np.int16),
        "leave": leave,
        "stray": stray,
        "shift": whole(smooth(count([np.array(roam)], np.array(shift), (3, 2 * PITCHES - 1)), 0.1)),
        "length": whole(smooth(count([gap], kind, (BAR + 1, 3)))),
    }
    return Table(_header("bass: states of sections, manners of players, lengths"), arrays)


def _header(about: str) -> dict[str, object]:
    return dict(header(corpus=CORPUS, licence=LICENCE, command="hookline train rock", date=DATE, about=about))
