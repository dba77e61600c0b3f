"""What every fit gives back, and the split all of them use."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import NamedTuple

from engine.models.tables import Table

# The day the corpora were taken; stated in every table instead of the clock, so that a fit can be repeated.
DATE = "2026-11-22"

Tell = Callable[[str], None]  # takes one line of progress


class Score(NamedTuple):
    """Held-out prediction of one model, in bits an event, against a plain bigram on the same events."""

    model: str
    unit: str  # what an event is: "chord", "note", "slot", "bar"
    events: int
    bits: float
    bigram: float


class Fitted(NamedTuple):
    """The tables of a fit by name, and how well it predicts songs it did not see."""

    tables: dict[str, Table]
    scores: tuple[Score, ...]


def held_out(song: str) -> bool:
    """Return whether a song belongs to the validation fifth: by the SHA-1 of its id, for ever the same."""
    return int(hashlib.sha1(song.encode()).hexdigest()[:8], 16) % 5 == 1
