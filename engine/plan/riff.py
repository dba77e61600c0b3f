"""Riffs: where a band stays on its tonic's power chord, guitars and bass go off from it and come back.

The chords of the song stay what they are. Guitar and bass read the riff in their stead, so they move as one. What a
riff touches hangs on the mode: the flat second of phrygian, the tritone, the flat third and seventh (Walser 1993; Lilja
2009); a pedal on the tonic carries it, and it moves towards the end of its bar. These weights are chosen, not counted.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.chain.sampler import Sampler, Step
from engine.plan.ending import ending_bar
from engine.plan.plan import Plan
from engine.song import ChordSpan, Section
from engine.theory.chord import Chord
from engine.theory.meter import SLOT

RULE = "guitar.riff"
STEP = 2  # slots: riffs move in eighths
# Which riff a kind of section goes by, and how often it has one, in percent of the style's.
_RIFFS = {"chorus": ("chorus", 50), "solo": ("chorus", 50), "bridge": ("bridge", 100), "prechorus": ("bridge", 50)}
_MAIN = ("verse", 100)
# Semitones above the tonic that a riff touches, and their weights by mode.
_DEGREES = (0, 1, 3, 5, 6, 8, 10)
_TOUCHED = {
    "phrygian": (16, 9, 4, 2, 4, 1, 3),
    "minor": (16, 2, 6, 4, 4, 2, 5),
    "dorian": (16, 0, 6, 5, 2, 0, 6),
}
_OTHERS = (16, 0, 4, 6, 1, 0, 6)
_ON, _OFF = (26, 20, 14, 22, 8, 6, 5, 5), (22, 16, 10, 14, 8, 5, 3, 3)  # weight of staying, by eighth: at home, away
_NEAR = (8, 6, 4, 2)  # weight of a move by so many degrees of the list, less one


def riffed(plan: Plan, section: Section) -> Section:
    """Return a section with the chords that guitars and bass go by; the section itself where there is no riff."""
    percent = plan.style.rules[RULE]
    if not percent:
        return section
    return plan.once(("riff", section.name, section.chords), lambda: _riffed(plan, section, percent))


def _riffed(plan: Plan, section: Section, percent: int) -> Section:
    name, often = _RIFFS.get(section.kind, _MAIN)
    if plan.song("riff", f"{name} whether").below(100) * 100 >= percent * often:
        return section
    cell = plan.once(("riff cell", name), lambda: _cell(plan, name))
    last = ending_bar(plan, section)
    end = (last if last >= 0 else section.bars) * plan.meter.bar
    found: list[ChordSpan] = []
    for span in section.chords:
        here = span.chord
        if here.quality == "5" and here.root == here.bass == plan.key.tonic and span.start < end:
            found += _moved(plan, span, cell, end)
        else:
            found.append(span)
    return replace(section, chords=tuple(found))


def _moved(plan: Plan, span: ChordSpan, cell: tuple[int, ...], end: int) -> list[ChordSpan]:
    found: list[ChordSpan] = []
    for start in range(span.start, span.start + span.length, STEP * SLOT):
        length = min(STEP * SLOT, span.start + span.length - start)
        up = cell[start // (STEP * SLOT) % len(cell)] if start < end else 0
        root = (span.chord.root + up) % 12
        if found and found[-1].chord.root == root:
            found[-1] = found[-1]._replace(length=found[-1].length + length)
        else:
            chord = Chord(root, "5", root)
            found.append(ChordSpan(start, length, chord, chord.numeral(plan.key)))
    return found


def _cell(plan: Plan, name: str) -> tuple[int, ...]:
    """Return semitones above the tonic for every eighth of two bars, the second ending otherwise than the first."""
    eighths = plan.meter.slots // STEP
    tones = np.array(_TOUCHED.get(plan.key.mode, _OTHERS))
    steps = [_step(tones, number, eighths) for number in range(eighths)]
    first = Sampler(steps).draw(plan.song("riff", f"{name} first"))
    half = eighths // 2
    second = Sampler(steps[half:], first[half - 1]).draw(plan.song("riff", f"{name} second"))
    return tuple(_DEGREES[event] for event in (*first, *first[:half], *second))


def _step(tones: np.ndarray[tuple[int], np.dtype[np.int64]], number: int, eighths: int) -> Step:
    size = len(_DEGREES)
    apart = np.abs(np.arange(size)[:, None] - np.arange(size))
    weights = tones * np.array((0, *_NEAR, *(1,) * size))[apart]
    # To come home is as near as anything.
    weights[1:, 0] = tones[0] * _NEAR[0]
    place = number * 8 // eighths
    stay = np.full(size, _OFF[place] * 8)
    stay[0] = _ON[place] * 40
    weights[np.arange(size), np.arange(size)] = stay
    if not number:
        weights[:, 1:] = 0  # a riff begins at home
    weights[:, tones == 0] = 0
    return Step(weights, np.broadcast_to(np.arange(size), weights.shape))
