"""How a whole song is sung: what stays the same from its first line to its last, drawn once for a song.

One song stays on five notes and another roams over ten; one hardly leaves its middle, one leaps; one sings
in eighths, one in sixteenths. Such traits go together, so a song is given those of one song of the corpus, all at
once: a song of its own mode and pace where possible.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from engine.models import tables
from engine.stream import Stream

MODES = ("major", "mixolydian", "minor", "dorian")
PALETTES = 8
GAITS = 4
MEANT = 10  # of 1,000 notes: a degree that a palette has less of is a slip
SPREADS = (8, 10, 13)  # quarters of a semitone, see ``spread``


class Manner(NamedTuple):
    """What is drawn once for a song.

    palette: class of its scale degrees. gait: class of its intervals. spread: class of how far it strays from its
    middle. grain: class of its rhythm (``models.rhythm.grain``). again: class of how much it
    repeats its lines (``plan.again``). low: its lowest note, semitones above the tonic,
    0..11. span: semitones from there to its highest. middles: mean pitch in each of ``pitch.KINDS`` and in the rest,
    semitones above the lowest.
    """

    palette: int
    gait: int
    spread: int
    grain: int
    again: int
    low: int
    span: int
    middles: tuple[int, ...]


class Manners:
    """The manners of the songs of a corpus; ``load`` gives them."""

    def __init__(self, table: tables.Table) -> None:
        self._songs: list[list[int]] = table.arrays["songs"].tolist()
        self._degrees: list[list[int]] = table.arrays["degrees"].tolist()

    def degrees(self, palette: int) -> frozenset[int]:
        """Return the degrees (semitones above the tonic) that songs of a palette sing more than once in a while."""
        return frozenset(degree for degree, share in enumerate(self._degrees[palette]) if share >= MEANT)

    def draw(self, mode: str, pace: int, stream: Stream) -> Manner:
        """Return a song's manner: most likely that of one of the same mode and pace (``models.rhythm.pace``)."""
        number = MODES.index(mode) if mode in MODES else 2 if mode == "phrygian" else 0
        weights = [_ALIKE[number][row[0]] * (1 + 3 * (row[1] == pace)) for row in self._songs]
        _, _, palette, gait, spread, grain, again, low, span, *middles = stream.pick(self._songs, weights)
        return Manner(palette, gait, spread, grain, again, low, span, tuple(middles))


# How gladly a song of one mode (row) is sung like one of another: never across the third of the scale, but for the
# blue songs of the mixolydian.
_ALIKE = ((8, 1, 0, 0), (2, 8, 0, 1), (0, 0, 8, 2), (0, 1, 2, 8))


@lru_cache(maxsize=16)
def load(models: str) -> Manners:
    """Return the manners of a set of models; raises ModelError."""
    return Manners(tables.load(models, "manner"))
