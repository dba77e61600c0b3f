"""A section to be sung as a user wishes: its plan, with bounds for its voice."""

from __future__ import annotations

from dataclasses import replace

from engine.parts.melody import play
from engine.parts.melody.register import BEYOND, Register, register
from engine.plan.bounds import bounded
from engine.plan.keeping import Frame
from engine.plan.manner import song_manner
from engine.plan.phrases import PICKUP
from engine.plan.plan import Plan
from engine.plan.wishes import Wishes
from engine.song import Note, Section


def wished(plan: Plan, name: str, wishes: Wishes) -> Plan:
    """Return the plan in which the section of that name is sung within wishes.

    Its lines begin and end where that asks for it. Raises UsageError naming wishes that cannot be kept together.
    """
    section = next(s for s in plan.sections if s.name == name)
    like = _take(plan, section, wishes.like) if wishes.like is not None else ()
    voice = _voice(register(plan, section), song_manner(plan).span, wishes)
    bounds = bounded(section.phrases, wishes, frame_of(plan, section, voice), like, voice)
    new = replace(section, phrases=bounds.phrases)
    sections = tuple(new if s.name == name else s for s in plan.sections)
    hook = None if plan.hook and plan.hook.section == name else plan.hook
    return replace(plan, sections=sections, bounds={**plan.bounds, name: bounds}, hook=hook, _memo={})


def _voice(own: Register, span: int, wishes: Wishes) -> tuple[int, int] | None:
    """Return the lowest and highest note of a voice that lies where wishes are, or None if that is as it is.

    So what is asked for is sung as part of a line and not as a leap out of it. own: the voice by itself; span: of the
    song's singing, in semitones.
    """
    named = wishes.named()
    if wishes.range:
        return wishes.range
    if wishes.highest is not None:
        return min(wishes.highest - span, *named), wishes.highest
    if named and not own.low <= min(named) <= max(named) <= own.high:
        step = max(max(named) - own.high, 0) or min(min(named) - own.low, 0)
        return own.low + BEYOND + step, own.low + BEYOND + step + span
    return None


def frame_of(plan: Plan, section: Section, voice: tuple[int, int] | None) -> Frame:
    """Return where a section's voice may sing: not where another section's does, and not before the song."""
    slots, own = plan.meter.slots, plan.style.parts["melody"]
    last = section.name == plan.sections[-1].name
    sung = [phrase.sung for phrase in section.phrases if phrase.sung[1] > phrase.sung[0]]
    return Frame(
        plan.meter,
        section.bars,
        -PICKUP if section.start_bar else 0,
        section.bars * slots - (0 if last else PICKUP),
        voice or (own.low, own.high),
        register(plan, section, voice).middle,
        sung[0][0] if sung else 0,
        sung[-1][1] - 1 if sung else section.bars * slots - PICKUP - 1,
    )


def _take(plan: Plan, section: Section, number: int) -> tuple[Note, ...]:
    """Return another take of a section's melody, as nobody wished it."""
    takes = {place: take for place, take in plan.takes.items() if place != f"{section.name}/melody"}
    other = replace(plan, takes={**takes, f"{section.material}/melody": number}, hook=None, bounds={}, _memo={})
    return play(other, section)
