"""Where a groove turns: fills, build-ups, bare beginnings and crashes on arrival."""

from __future__ import annotations

from collections.abc import Sequence

from engine.plan.accents import Accents, mask
from engine.plan.plan import Plan
from engine.song import Section

PART = "groove"  # whose takes move the groove

_LEAST = 30  # percent of fills at section ends that every drummer plays
_LOUD = (0, 10, 60, 110, 150)  # percent of the usual number of crashes by energy
# Kinds of section that may gather towards a louder one.
_GATHERING = ("prechorus", "bridge", "intro", "interlude")


def fills(plan: Plan, number: int, playing: int, often: int) -> dict[int, int]:
    """Return the first slot of each fill by bar: at section ends, longer before louder ones, or every eighth bar.

    often: percent of the usual number of fills.
    """
    section, rules, found = plan.sections[number], plan.style.rules, {}
    # Even a drummer who hardly fills marks some ends.
    share = _LEAST + (100 - _LEAST) * often // 100
    last = number + 1 == len(plan.sections)
    ending = playing < section.bars
    step = 0 if last else plan.sections[number + 1].energy - section.energy
    stream = plan.own(section, PART, "fill")
    if playing > 1 and (not last or ending) and stream.below(100) < rules["drums.fill"] * share // 100:
        weights = (2, 5, 4, 1, 1) if step <= 0 and not ending else (1, 3, 5, 2, 2)
        if section.energy <= 2 and step <= 0:
            weights = (4, 3, 0, 0, 0)
        found[playing - 1] = stream.at("length").pick((14, 12, 8, 4, 0), weights)
    small = plan.shared(section, PART, "small fills")
    for bar in range(7, playing - 2, 8):
        if small.at(bar).below(100) < rules["drums.small_fill"] * often // 100:
            found[bar] = small.at(bar, "length").pick((14, 12), (2, 3))
    return found


def bare(plan: Plan, number: int, playing: int) -> int:
    """Return how many first bars of a section leave the snare out: in an intro, or in a bridge that gives room."""
    section, rules = plan.sections[number], plan.style.rules
    if playing < 4 or section.energy > 3:
        return 0
    rule = {"intro": 0 if number else rules["drums.bare_intro"], "bridge": rules["drums.room"]}.get(section.kind, 0)
    return playing // 2 if plan.own(section, PART, "bare").below(100) < rule else 0


def build(plan: Plan, number: int, playing: int) -> int:
    """Return how many last bars of the section gather towards the next: 0, 1 or 2."""
    section = plan.sections[number]
    if number + 1 == len(plan.sections) or playing < 4 or section.energy < 2:
        return 0
    if plan.sections[number + 1].energy <= section.energy or section.kind not in _GATHERING:
        return 0
    stream = plan.own(section, PART, "build")
    if stream.below(100) >= plan.style.rules["drums.build"]:
        return 0
    return stream.at("bars").pick((1, 2), (2, 1))


def build_bar(left: int) -> Accents:
    """Return a bar of a build-up, ``left`` bars before its end: the snare in eighths, at last in sixteenths."""
    beats = (0, 4, 8, 12)
    if left > 1:
        return Accents(mask(beats), mask(range(0, 16, 2)))
    return Accents(mask(beats), mask((*range(0, 8, 2), *range(8, 16))))


def crash(plan: Plan, number: int, bar: int, after_fill: bool, often: Sequence[int]) -> bool:
    """Return whether a bar arrives with a crash: loud sections, what a fill has led to, or as the song likes.

    often: percent of bars that do in such a song, every eighth bar, every fourth, and elsewhere.
    """
    section = plan.sections[number]
    if bar == 0:
        before = plan.sections[number - 1].energy if number else 0
        return section.energy >= 4 or (section.energy == 3 and (section.energy > before > 0))
    if after_fill and section.energy >= 4:
        return True
    # Within a phrase only the loudest crash, and then alike in every phrase.
    place = 0 if bar % 8 == 0 else 1 if bar % 4 == 0 else 2
    share = (
        often[place] * _LOUD[section.energy - 1] // 100 if place < 2 or (section.energy == 5 and bar % 2 == 0) else 0
    )
    return share > _said(plan, section)[bar % 8]


def _said(plan: Plan, section: Section) -> list[int]:
    """Return for each of eight bars what share of crashes is too small for one there, alike in all of a material."""

    def said() -> list[int]:
        stream = plan.shared(section, PART, "crash")
        return [stream.at(bar).below(100) for bar in range(8)]

    own = plan.takes.get(f"{section.name}/{PART}", 0) and section.name
    return plan.once((PART, "crash", section.material, own), said)
