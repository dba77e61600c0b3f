"""How a song ends: with one hit of the whole band on the last bar's downbeat, held or cut off.

Every part asks here, so that all of them stop together. Before it, the rhythm section of a long outro may fall
silent and leave the last word to the guitars.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.plan.plan import Plan
from engine.song import Section
from engine.theory.meter import SLOT

_LONG = 8  # bars before the last hit that make an outro long
_PAUSES = (2, 4)  # bars for which players are silent before the last hit


def ending_bar(plan: Plan, section: Section) -> int:
    """Return the bar of the section (0 first) that holds only the final hit, or -1 if it has none.

    It is the last bar of the song's last section: each part plays one note (or chord) on its downbeat,
    held for at most ``ending_length`` ticks, and nothing after it.
    """
    if not plan.ends(section) or section.bars < 2:
        return -1
    return section.bars - 1


def ending_length(plan: Plan) -> int:
    """Return how long the final hit is held, in ticks: the bar but for its last beat, or half a beat."""
    if plan.song("form", "stop").below(100) < plan.style.rules["form.stop"]:
        return plan.meter.beat * SLOT // 2
    return plan.meter.bar - plan.meter.beat * SLOT


def silences(plan: Plan, section: Section) -> Mapping[str, int]:
    """Return the bar from which a player is silent, up to the final hit, for the players that are.

    Only where an outro is long and nobody sings; somebody plays on.
    """
    final = ending_bar(plan, section)
    if final < _LONG or section.kind != "outro" or not {"lead", "rhythm"}.intersection(section.players):
        return {}
    stream = plan.own(section, "form", "silence")
    if "melody" in section.players or stream.below(100) >= plan.style.rules["form.thin"]:
        return {}
    first = final - stream.at("bars").pick(_PAUSES)
    return dict.fromkeys(stream.at("who").pick((("drums",), ("drums", "bass"), ("drums", "bass"))), first)
