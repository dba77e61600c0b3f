"""Grooves in other metres than 4/4: 3/4, 6/8, 9/8, 12/8, and any other by its beats.

No corpus of drumming here has enough of them to fit a model, so a song draws from a few figures that every drummer
knows. Those of 12/8 are common to the shuffle, slow blues and ballad patterns of the drum machine corpus
(``train.corpora.machine_patterns``), whose backbeat is on the second and fourth beat in 21 of 24; waltzes have
the kick on one and answer on two and three. Strokes between the kick's beats are as often as energy asks for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from engine.plan.plan import Plan
from engine.song import Section
from engine.theory.meter import Meter

PART = "groove"


class Figure(NamedTuple):
    """A bar of drumming: slots of kick and snare, and of the cymbal. energy: the least and the most it is played at."""

    kick: tuple[int, ...]
    snare: tuple[int, ...]
    cymbal: tuple[int, ...]
    energy: tuple[int, int]
    weight: int = 2


_WALTZ = (0, 4, 8)
_EIGHTHS = {slots: tuple(range(0, slots, 2)) for slots in (12, 18, 24)}
_SHUFFLED = (0, 4, 6, 10, 12, 16, 18, 22)

FIGURES: Mapping[Meter, tuple[Figure, ...]] = {
    Meter(3, 4): (
        Figure((0,), (8,), _WALTZ, (1, 2)),
        Figure((0,), (4, 8), _WALTZ, (1, 3)),
        Figure((0,), (8,), _EIGHTHS[12], (2, 5)),
        Figure((0, 6), (8,), _EIGHTHS[12], (3, 5)),
        Figure((0, 10), (4, 8), _EIGHTHS[12], (3, 5)),
        Figure((0, 2, 6), (4, 8), _EIGHTHS[12], (4, 5)),
        Figure((0, 6, 10), (4,), _EIGHTHS[12], (4, 5), 1),
    ),
    Meter(6, 8): (
        Figure((0,), (6,), (0, 6), (1, 1)),
        Figure((0,), (6,), _EIGHTHS[12], (1, 4)),
        Figure((0, 10), (6,), _EIGHTHS[12], (2, 5)),
        Figure((0, 4), (6,), _EIGHTHS[12], (3, 5)),
        Figure((0, 4, 10), (6,), _EIGHTHS[12], (4, 5)),
        Figure((0, 8, 10), (6,), _EIGHTHS[12], (4, 5), 1),
    ),
    Meter(9, 8): (
        Figure((0,), (6, 12), _EIGHTHS[18], (1, 4)),
        Figure((0, 16), (6, 12), _EIGHTHS[18], (3, 5)),
        Figure((0, 4), (12,), _EIGHTHS[18], (2, 5)),
    ),
    Meter(12, 8): (
        Figure((0, 12), (6, 18), (0, 6, 12, 18), (1, 1)),
        Figure((0, 12), (6, 18), _EIGHTHS[24], (1, 4)),
        Figure((0, 10, 12), (6, 18), _EIGHTHS[24], (2, 5)),
        Figure((0, 4, 12), (6, 18), _EIGHTHS[24], (3, 5)),
        Figure((0, 10, 12), (6, 18), _SHUFFLED, (2, 5)),
        Figure((0, 4, 10, 12, 16), (6, 18), _EIGHTHS[24], (4, 5)),
        Figure((0, 10, 12, 16, 22), (6, 18), _SHUFFLED, (4, 5)),
    ),
}


def figure_of(plan: Plan, section: Section) -> Figure:
    """Return the figure of a section in a metre other than 4/4: one for its energy in a whole song."""
    known = FIGURES.get(plan.meter, ()) or _by_beats(plan.meter)
    options = [figure for figure in known if figure.energy[0] <= section.energy <= figure.energy[1]]
    retaken = any(plan.takes.get(f"{place}/{PART}", 0) for place in (section.material, section.name))
    stream = plan.shared(section, PART, "figure") if retaken else plan.song(PART, f"figure {section.energy}")
    return stream.pick(options, [figure.weight for figure in options])


def _by_beats(meter: Meter) -> tuple[Figure, ...]:
    """Return figures of beats alone: kick and snare in turn, and a kick more where it is loud."""
    beats = range(0, meter.slots, meter.beat)
    # The snare answers the kick, and has the last word in a bar of odd beats.
    kick = tuple(beats[: max(len(beats) - 1, 1) : 2])
    snare = tuple(slot for slot in beats if slot not in kick)
    pulse = tuple(range(0, meter.slots, 2))
    more = [slot for slot in range(2, meter.slots, 2) if slot not in kick and slot not in snare]
    loud = [Figure(tuple(sorted((*kick, slot))), snare, pulse, (3, 5)) for slot in more]
    return (Figure(kick, snare, tuple(beats), (1, 1)), Figure(kick, snare, pulse, (2, 5), max(len(loud), 1)), *loud)


def fill_from(meter: Meter, first: int) -> int:
    """Return the slot from which a fill lasts, given where it would begin in 4/4: whole beats, the first one kept."""
    beats = 1 if first >= 12 else 2 if first >= 8 else 3
    return max(meter.slots - beats * meter.beat, min(meter.beat, meter.slots - meter.beat), 0)
