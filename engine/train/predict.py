"""Prediction of event files: a task's models fitted to some songs and measured on others."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from math import prod
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.models.hidden import Cycle
from engine.models.mixture import Design, Mixture
from engine.models.viewpoints import Columns, Ints, Space
from engine.train import fit_mixture
from engine.train.events import EventSong, columns_of
from engine.train.kneser_ney import kneser_ney
from engine.train.task import Task

Bits = NDArray[np.float64]

ORDERS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16)  # of the baseline


class Prediction(NamedTuple):
    """Of all test songs, one after the other: bits of each event, and rows of 65,536, without and with memory."""

    static: Bits
    memory: Bits
    static_rows: Ints
    rows: Ints


class Laid(NamedTuple):
    """Songs laid end to end: columns and their sizes, events, the number of the song of each event."""

    columns: Columns
    sizes: dict[str, int]
    events: Ints
    songs: Ints


def lay(task: Task, songs: Sequence[EventSong], names: Sequence[str]) -> Laid:
    """Return songs laid end to end, with the named columns."""
    columns, sizes = columns_of(songs, task.events, task.sides, task.derived, names)
    lengths = [len(song.events) for song in songs]
    events = np.concatenate([song.events for song in songs]).astype(np.int64)
    return Laid(columns, sizes, events, np.repeat(np.arange(len(songs)), lengths))


def fit(task: Task, songs: Sequence[EventSong]) -> Mixture:
    """Return the task's mixture fitted to songs."""
    laid = lay(task, songs, column_names(task))
    space = Space(task.events, laid.sizes, {name: make(task.events) for name, make in task.targets.items()})
    return fit_mixture.fit(space, task.design, laid.columns, laid.events, laid.songs, task.settings).mixture


def column_names(task: Task) -> list[str]:
    """Return all columns that a task's design and targets look at."""
    design: Design = task.design
    names = {name for view in (*design.long, *design.short) for name in view.columns} | set(design.selectors)
    names |= {name for likeness in design.recall for name in likeness.columns}
    names |= {cause.place for cause in design.hidden if isinstance(cause, Cycle)}
    return sorted((names | {make(task.events).column for make in task.targets.values()}) - {""})


def predict(task: Task, known: Sequence[EventSong], unseen: Sequence[EventSong]) -> Prediction:
    """Return the bits of every event of the unseen songs, fitted on the known ones."""
    mixture = fit(task, known)
    laid = lay(task, unseen, column_names(task))
    rows = mixture.running_rows(laid.columns, laid.events, laid.songs)
    ground = mixture.ground or mixture
    static = ground.running_rows(laid.columns, laid.events, laid.songs)
    return Prediction(bits(static, laid.events), bits(rows, laid.events), static, rows)


def bits(rows: Ints, events: Ints) -> Bits:
    """Return -log2 of the chance that rows of 65,536 give each event."""
    found: Bits = 16 - np.log2(rows[np.arange(len(events)), events])
    return found


def baseline(task: Task, known: Sequence[EventSong], unseen: Sequence[EventSong]) -> Bits:
    """Return the bits of every event under interpolated Kneser-Ney, its order chosen on a fifth of the known songs.

    The context is the last events, or the side information and then the last events, whichever predicts better.
    """
    fifth = [song for song in known if int(hashlib.sha1(song.song.encode()).hexdigest()[:8], 16) % 5 == 0]
    rest = [song for song in known if song not in fifth] or known
    sides = list(task.sides)
    contexts = [
        [*first, *(f"x{back}" for back in range(1, order + 1))]
        for first in ([[], sides] if sides else [[]])
        for order in ORDERS
        if (task.events + 1) ** (order + 1) * prod(task.sides[name] for name in first) < 1 << 63
    ]
    tried = [(float(_kneser_ney(task, rest, fifth or rest, names).mean()), names) for names in contexts]
    return _kneser_ney(task, known, unseen, min(tried)[1])


def _kneser_ney(task: Task, known: Sequence[EventSong], unseen: Sequence[EventSong], names: list[str]) -> Bits:
    laid, wanted = lay(task, known, names), lay(task, unseen, names)
    chance = kneser_ney(names, laid.sizes, laid.columns, laid.events, wanted.columns, task.events)
    found: Bits = -np.log2(chance[np.arange(len(wanted.events)), wanted.events])
    return found
