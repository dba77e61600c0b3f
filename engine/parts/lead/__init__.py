"""The lead guitar: the song's riff, answers between the singer's phrases, solos, and a second voice at the end.

The riff is one for the whole song. Where somebody sings, the guitar speaks only in the gaps, with a breath on both
sides; under a last chorus that lifts it holds a line of its own. The hook comes back in some of its places.
"""

from __future__ import annotations

from engine.parts.lead.answers import answers, next_voice
from engine.parts.lead.counter import counter
from engine.parts.lead.lines import PART, Line, sounded
from engine.parts.lead.quote import RIFFS, quoted
from engine.parts.lead.riff import riff_lines
from engine.parts.lead.solo import solo
from engine.plan.ending import ending_bar, ending_length
from engine.plan.plan import Plan
from engine.plan.reading import chord_slots
from engine.plan.voices import sung as voice
from engine.plan.voices import voiced
from engine.song import ACCENT, Note, Section


def play(plan: Plan, section: Section) -> tuple[Note, ...]:
    """Return the lead guitar of a section, in ticks from its start."""
    if voiced(plan):
        return voice(plan, section, PART)
    final = ending_bar(plan, section)
    end = (final if final >= 0 else section.bars) * plan.meter.slots
    end = min([end, *(first for first, after in next_voice(plan, section) if first < after)])
    sung = "melody" in section.players
    lines: list[Line] = []
    if section.kind in RIFFS and not sung:
        lines = riff_lines(plan, section, end, final >= 0 and "end" in quoted(plan))
    elif sung and section.change == "lift":
        lines = [counter(plan, section, end)]
    elif sung:
        lines = answers(plan, section, end)
    elif section.energy > 1 and end > 0:
        lines = [solo(plan, section, end)]
    notes = sounded(plan, lines)
    if final >= 0:
        chord = chord_slots(section, plan.meter)[final * plan.meter.slots]
        style = plan.style.parts[PART]
        before = notes[-1].pitch if notes else (style.low + style.high) // 2
        inside = [pitch for pitch in range(style.low, style.high + 1) if pitch % 12 == chord.root]
        pitch = min(inside, key=lambda near: (abs(near - before), near)) if inside else style.low
        notes = (*notes, Note(final * plan.meter.bar, ending_length(plan), pitch, ACCENT))
    return notes
