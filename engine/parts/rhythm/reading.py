"""How the rhythm guitar reads a section: drums, changes of chord, fills, and the gaps of the voice."""

from __future__ import annotations

from functools import lru_cache

from engine.plan.ending import ending_bar
from engine.plan.plan import Plan
from engine.song import BarGroove, Section

PART = "rhythm"


def answers(plan: Plan, section: Section) -> tuple[int, ...]:
    """Return for each bar the slots, as bits, of those gaps of the voice that the guitar answers in."""
    slots = plan.meter.slots
    if "melody" not in section.players:
        return (0,) * section.bars
    end = section.bars * slots
    sung = sorted(phrase.sung for phrase in section.phrases if phrase.sung[1] > phrase.sung[0])
    starts, ends = [0, *(last for _, last in sung)], [*(first for first, _ in sung), end]
    words = plan.shared(section, PART, "answers").words(len(starts))
    share = plan.style.rules["guitar.answer"]
    room = 0
    for first, last, word in zip(starts, ends, words, strict=True):
        if last - first >= slots // 2 and (word * 100) >> 64 < share:
            room |= (1 << last) - (1 << first)
    return tuple(room >> bar * slots & ((1 << slots) - 1) for bar in range(section.bars))


def stop_slot(plan: Plan, section: Section) -> int:
    """Return the slot of the last bar where the guitar strikes and lets the drums fill, or -1."""
    groove = groove_of(section, section.bars - 1)
    if groove is None or groove.fill < 0 or ending_bar(plan, section) >= 0:
        return -1
    stops = plan.own(section, PART, "stop").below(100) < plan.style.rules["guitar.stop"]
    return groove.fill - groove.fill % 4 if stops else -1


def drum_codes(section: Section, bar: int, slots: int) -> tuple[int, ...]:
    """Return for each slot of a bar 0 nothing, 1 kick, 2 snare."""
    groove = groove_of(section, bar)
    return (0,) * slots if groove is None else _codes(groove.kick, groove.snare, slots)


@lru_cache(maxsize=512)
def _codes(kick: int, snare: int, slots: int) -> tuple[int, ...]:
    return tuple(2 if snare >> slot & 1 else kick >> slot & 1 for slot in range(slots))


def groove_of(section: Section, bar: int) -> BarGroove | None:
    """Return a bar's groove, or None before grooves are planned."""
    return section.groove[bar] if bar < len(section.groove) else None
