"""How a song ends: with one hit of the whole band on the last bar's downbeat, held.

Every part asks here, so that all of them stop together.
"""

from __future__ import annotations

from engine.plan.plan import Plan
from engine.song import Section


def ending_bar(plan: Plan, section: Section) -> int:
    """Return the bar of the section (0 first) that holds only the final hit, or -1 if it has none.

    It is the last bar of the song's last section: each part plays one note (or chord) on its downbeat,
    held for at most ``ending_length`` ticks, and nothing after it.
    """
    if section.name != plan.sections[-1].name or section.bars < 2:
        return -1
    return section.bars - 1


def ending_length(plan: Plan) -> int:
    """Return how long the final hit is held, in ticks: the bar but for its last beat."""
    return plan.meter.bar - plan.meter.beat * 120
