"""The lead guitar."""

from __future__ import annotations

from engine.plan.plan import Plan
from engine.song import Note, Section


def play(plan: Plan, section: Section) -> tuple[Note, ...]:
    """Return the lead guitar of a section, in ticks from its start."""
    return ()
