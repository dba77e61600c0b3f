"""The lead vocal: lines sung over the section's chords, with the repetitions its phrase plan asks for.

Sections of one material sing one melody. Where it comes again it has other words: some of its lines are
sung a little differently, drawn near what they were; those of the verse more often than the chorus's.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.parts.melody.singer import AGAIN, Singer, Sung
from engine.plan.plan import Plan
from engine.song import Note, Phrase, Section


def play(plan: Plan, section: Section) -> tuple[Note, ...]:
    """Return the section's vocal line, in ticks from the section's start (a pick-up starts below 0)."""
    own = plan.takes.get(f"{section.name}/melody", 0)
    first = plan.once(("melody", section.material, section.kind, own), lambda: _first(plan, section))
    if plan.ordinal(section) == 0 or not first.lines:
        return tuple(first.notes)
    return plan.once(("melody", section.name), lambda: _later(plan, section, first.lines))


def _first(plan: Plan, section: Section) -> Singer:
    singer = Singer(plan, section)
    models: dict[str, Sung] = {}
    phrases = sung_phrases(section)
    for number, phrase in enumerate(phrases):
        stream = plan.shared(section, "melody", f"line/{number}")
        room = _room(plan, section, phrases, number)
        change = phrase.change if phrase.label in models else ""
        singer.sing(phrase, models.get(phrase.label), change, room, number + 1 == len(phrases), stream)
        models.setdefault(phrase.label, singer.lines[phrase.start])
    return singer


def _later(plan: Plan, section: Section, before: Mapping[int, Sung]) -> tuple[Note, ...]:
    singer = Singer(plan, section)
    phrases = sung_phrases(section)
    percent = plan.style.rules["melody.chorus-again" if section.kind == "chorus" else "melody.verse-again"]
    for number, phrase in enumerate(phrases):
        # A line that the first time had no room (at the very start or end of the song) is new here.
        model = before.get(phrase.start)
        stream = plan.own(section, "melody", f"line/{number}")
        # The hook, a chorus's first line, returns as it was.
        other = stream.at("again").below(100) < percent and not (section.kind == "chorus" and number == 0)
        room = _room(plan, section, phrases, number)
        singer.sing(phrase, model, AGAIN if other else "", room, number + 1 == len(phrases), stream)
    return tuple(singer.notes)


def sung_phrases(section: Section) -> list[Phrase]:
    """Return the phrases of a section in which the voice sings."""
    return [phrase for phrase in section.phrases if phrase.sung[1] > phrase.sung[0]]


def _room(plan: Plan, section: Section, phrases: list[Phrase], number: int) -> int:
    if number + 1 < len(phrases):
        return phrases[number + 1].sung[0]
    # The section's last beat is left to the pick-up of the next.
    return section.bars * plan.meter.slots - plan.meter.beat
