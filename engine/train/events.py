"""Event files: one song a line, and the columns a model may look at before each event.

A line is ``{"song", "split", "sym": [whole numbers], "ctx": [[side information], ...] or null}``. The side
information of an event is known before the event itself; the event is known to those after it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from engine.errors import CorpusError
from engine.models.viewpoints import Ints


class EventSong(NamedTuple):
    """One song: its events, and for each event its side information."""

    song: str
    split: str
    events: tuple[int, ...]
    sides: tuple[tuple[int, ...], ...]


class Series(NamedTuple):
    """One whole number 0 .. size - 1 an event. known: before the event (else only after it)."""

    values: Ints
    size: int
    known: bool


Past = dict[str, Series]  # "x" is the events themselves
Derive = Callable[[Past], Series]


def read_events(path: Path) -> list[EventSong]:
    """Return the songs of an event file, in the file's order.

    Raises CorpusError naming file and line for anything that is no such file.
    """
    songs = []
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"cannot read the event file {path}: {error}", "give a folder of TASK.jsonl files") from error
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            events = tuple(int(value) for value in row["sym"])
            sides = tuple(tuple(int(value) for value in side) for side in row.get("ctx") or ())
            songs.append(EventSong(str(row["song"]), str(row.get("split", "")), events, sides))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CorpusError(f"{path}:{number}: no line of events: {error!r}") from error
        if sides and len(sides) != len(events):
            raise CorpusError(f"{path}:{number}: {len(events)} events but {len(sides)} rows of side information")
    return songs


def columns_of(
    songs: Sequence[EventSong],
    events: int,
    sides: Mapping[str, int],
    derived: Mapping[str, Derive],
    names: Iterable[str],
) -> tuple[dict[str, Ints], dict[str, int]]:
    """Return the named columns over all songs, one after the other, and how many values each has.

    events: how many events there are. sides: name and number of values of each side column, in order; a value out of
    range (an unknown chord, -1) becomes the last. derived: series made from those. A column is a series and how many
    events back: ``x1`` the last event, ``chord`` that of this event, ``chord2`` two before; size (no such event) where
    the song is younger. Raises KeyError for a series that is not there, ValueError for one not known yet.
    """
    wanted = sorted(set(names))
    parts: dict[str, list[Ints]] = {name: [] for name in wanted}
    sizes: dict[str, int] = {}
    for song in songs:
        count = len(song.events)
        past: Past = {"x": Series(np.array(song.events, dtype=np.int64), events, False)}
        for number, (name, size) in enumerate(sides.items()):
            values = np.array([side[number] for side in song.sides], dtype=np.int64)
            past[name] = Series(np.where((values < 0) | (values >= size), size - 1, values), size, True)
        for name, derive in derived.items():
            past[name] = derive(past)
        for name in wanted:
            stem, back = _parse(name)
            series = past[stem]
            if not (series.known or back):
                raise ValueError(f"the column {name} would tell the event that it is to predict")
            sizes[name] = series.size + (1 if back else 0)
            parts[name].append(lagged(series.values, back, series.size) if back else series.values[:count])
    return {name: np.concatenate(values) for name, values in parts.items()}, sizes


def lagged(values: Ints, back: int, missing: int) -> Ints:
    """Return the values ``back`` places earlier, ``missing`` where there is none."""
    found = np.full(len(values), missing, dtype=np.int64)
    if back < len(values):
        found[back:] = values[: len(values) - back]
    return found


def _parse(name: str) -> tuple[str, int]:
    match = re.fullmatch(r"([a-z_]+)(\d*)", name)
    if match is None:
        raise ValueError(f"no column name: {name!r}")
    return match[1], int(match[2] or 0)
