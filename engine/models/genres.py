"""Drummers by genre: what songs of each are like, for styles that ask for other drummers than rock's."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from engine.errors import ModelError
from engine.models.strokes import Traits
from engine.models.tables import load

# As Groove MIDI names them; "band" are the drums of Freedoom's bands.
GENRES = (
    "afrocuban", "band", "country", "funk", "gospel", "hiphop", "jazz", "latin", "neworleans", "pop", "punk",
    "reggae", "rock", "soul",
)  # fmt: skip
_SHARED = "rock"  # the drummers that every set of models may fall back on
_ONE = 1000


def drummers(models: str | Path, wanted: Mapping[str, int]) -> tuple[tuple[Traits, int], ...]:
    """Return (what a song is like, weight) of the songs of some genres, each genre weighing what is wanted.

    Within a genre a song weighs as much as it has bars. Raises ModelError.
    """
    return _drummers(str(models), tuple(sorted(wanted.items())))


@lru_cache(maxsize=64)
def _drummers(models: str, wanted: tuple[tuple[str, int], ...]) -> tuple[tuple[Traits, int], ...]:
    try:
        table = load(models, "drummers")
    except ModelError:
        table = load(_SHARED, "drummers")
    share, rows = dict(wanted), table.arrays["songs"].tolist()
    bars: dict[int, int] = {}
    for genre, *_, length in rows:
        bars[genre] = bars.get(genre, 0) + length
    return tuple(
        (Traits(*traits), _ONE * share[GENRES[genre]] * length // bars[genre])
        for genre, *traits, length in rows
        if share.get(GENRES[genre])
    )
