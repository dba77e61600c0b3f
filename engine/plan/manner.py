"""How the whole song is sung: one decision that phrases and melody share."""

from __future__ import annotations

from functools import partial

from engine.models import manner
from engine.models.manner import Manner
from engine.models.rhythm import pace
from engine.plan.plan import Plan


def song_manner(plan: Plan) -> Manner:
    """Return how the whole song is sung."""
    return plan.once(("melody manner",), partial(_drawn, plan))


def song_palette(plan: Plan) -> frozenset[int]:
    """Return the degrees (semitones above the tonic) that the song's singer likes."""
    return manner.load(plan.style.models).degrees(song_manner(plan).palette)


def _drawn(plan: Plan) -> Manner:
    return manner.load(plan.style.models).draw(plan.key.mode, pace(plan.tempo), plan.song("melody", "manner"))
