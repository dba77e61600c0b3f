"""A song that was heard as plans: what the players of a style read, for a file that they are to play along with.

A plan has one metre. Where a file changes its metre there is a plan for each, of the same sections in its own bars, and
each is played where its metre holds; so fills, endings and next chords are known everywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.errors import SongFileError
from engine.learn.listen import hear
from engine.learn.raw import Raw
from engine.learn.read import read
from engine.learn.song import LENGTH, START, VELOCITY, Heard, HeardChord
from engine.plan.plan import Plan
from engine.plan.shape import players
from engine.song import ChordSpan, Phrase, Section
from engine.style.model import Style
from engine.theory.chord import Chord
from engine.theory.key import Key
from engine.theory.meter import SLOT, Meter

Ints = NDArray[np.int64]

_LEAST = 3  # notes that are a tune
_BY_EAR = 0.7  # how sure bars must be that are found by ear alone
_SLOTS = 64  # of a bar, at most: players count them in bits
_TEMPO = (40, 300)  # beats a minute that players know
# Percent of the song's usual sound from which a section is a step of energy lower or higher than its kind.
_STEPS = ((50, -2), (80, -1), (125, 0), (170, 1))
_BREATH = 8  # slots of silence that part two lines of the voice
DOUBTFUL = 0.5  # confidence in a kind of section under which it may as well be a verse


class Stretch(NamedTuple):
    """A section of a heard song. first: its first tick, end: the tick after it. meter: of all its bars."""

    section: Section
    meter: Meter
    first: int
    end: int


class HeardPlan(NamedTuple):
    """A heard song as plans: one for each metre, with all sections, and where the sections are.

    A song that goes on to the end of its last bar has one section more in its plans, silent, so that the players do not
    stop before it does.
    """

    plans: dict[Meter, Plan]
    stretches: tuple[Stretch, ...]


def heard_file(path: Path, models: str | Path = "listen") -> tuple[Raw, Heard]:
    """Return a file and what is heard in it; raises SongFileError, naming it."""
    try:
        raw = next(read(path))
        heard = hear(raw, models, _LEAST)
        if not (raw.meters or raw.scored or heard.tracked) and heard.confidence["metre"] < _BY_EAR:
            # What a file means that says nothing of its bars, by the standard.
            told = (*raw.problems, "no time signature; 4/4 from the beginning was taken")
            raw = replace(raw, meters=((0, 4, 4),), problems=told)
            heard = hear(raw, models, _LEAST)
        return raw, heard
    except SongFileError as error:
        raise SongFileError(f"{path} {error}", error.hint) from error


def plans_of(heard: Heard, style: Style, seed: int, parts: Collection[str], takes: dict[str, int]) -> HeardPlan:
    """Return plans without a groove, in which ``parts`` play.

    takes: as those of a Plan. Raises SongFileError for bars that nobody plays.
    """
    if long := next((change.meter for change in heard.meters if change.meter.slots > _SLOTS), None):
        raise SongFileError(f"bars of {long} are longer than players know")
    key = heard.key
    if key.mode in style.scales:
        key = replace(key, steps=style.scales[key.mode])
    spans = _filled(heard.chords, key)
    stretches = tuple(_stretches(heard, style, parts, key, spans))
    tempo = min(max(round(heard.tempo), _TEMPO[0]), _TEMPO[1])
    plans = {}
    for meter in dict.fromkeys(stretch.meter for stretch in stretches):
        sections, bar = [], 0
        for stretch in stretches:
            section = replace(stretch.section, start_bar=bar)
            if stretch.meter != meter:
                section = replace(section, chords=(section.chords[0]._replace(length=section.bars * meter.bar),))
            sections.append(section)
            bar += section.bars
        if not _stops(heard):
            sections.append(replace(sections[-1], name="outro/end", kind="outro", start_bar=bar, bars=1, players=()))
        plans[meter] = Plan(style, seed, key, tempo, meter, tuple(sections), takes)
    return HeardPlan(plans, stretches)


def silent(heard: Heard) -> list[tuple[int, int]]:
    """Return (first, end) ticks where the song has no chord: there players of chords rest."""
    return [(span.start, span.start + span.length) for span in heard.chords if span.chord is None]


def _filled(chords: Sequence[HeardChord], home: Key) -> list[tuple[int, Chord]]:
    # Where there is none the one before holds on; before the first, the first; without any, that of the key.
    found: list[tuple[int, Chord]] = []
    for span in chords:
        if span.chord is not None and (not found or found[-1][1] != span.chord):
            found.append((span.start if found else min(span.start, 0), span.chord))
    return found or [(0, Chord(home.tonic, "min" if home.minor else "maj", home.tonic))]


def _stretches(
    heard: Heard, style: Style, parts: Collection[str], key: Key, spans: list[tuple[int, Chord]]
) -> list[Stretch]:
    bars = len(heard.bars) - 1
    meters = _meters(heard)
    last = _last_bar(heard)
    sounds = _sounds(heard)
    usual = int(np.median(sounds[: last + 1][sounds[: last + 1] > 0])) if sounds[: last + 1].any() else 1
    materials: dict[tuple[str, str], str] = {}
    numbers: dict[str, int] = {}
    found = []
    for kind, label, first, end, sure in _cut(heard, meters, min(last + 1, bars)):
        numbers[kind] = numbers.get(kind, 0) + 1
        if (kind, label) not in materials:
            others = sum(name == kind for name, _ in materials)
            materials[kind, label] = f"{kind}-{others + 1}" if others else kind
        meter = meters[first]
        start, stop = int(heard.bars[first]), int(heard.bars[end])
        level = int(sounds[first:end].sum()) * 100 // ((end - first) * usual)
        usually = style.energy.get(kind, 3) if sure else min(style.energy.get(kind, 3), 3)
        step = next((step for limit, step in _STEPS if level < limit), 2)
        section = Section(
            f"{kind}/{numbers[kind]}",
            kind,
            materials[kind, label],
            first,
            end - first,
            min(max(usually + step, 1), 5),
            chords=_chords(spans, start, start + (end - first) * meter.bar, key),
            phrases=phrases_of(heard, start, stop),
        )
        found.append(Stretch(replace(section, players=_players(section, style, parts)), meter, start, stop))
    return found


def _meters(heard: Heard) -> list[Meter]:
    ends = [*(change.bar for change in heard.meters[1:]), len(heard.bars) - 1]
    return [change.meter for change, end in zip(heard.meters, ends, strict=True) for _ in range(change.bar, end)]


def _last_bar(heard: Heard) -> int:
    # The one in which the last note begins.
    last = max(int(track.notes[-1, START]) for track in heard.tracks)
    return min(max(int(np.searchsorted(heard.bars, last, side="right")) - 1, 0), len(heard.bars) - 2)


def _stops(heard: Heard) -> bool:
    """Return whether a song ends on its last downbeat: nothing begins in the second half of the bar."""
    first, end = heard.bars[_last_bar(heard) :][:2]
    last = max(int(track.notes[-1, START]) for track in heard.tracks)
    return last < (int(first) + int(end)) // 2


def _cut(heard: Heard, meters: list[Meter], bars: int) -> list[tuple[str, str, int, int, bool]]:
    # (kind, label, first bar, end bar, whether the kind is sure) of sections, parted where the metre changes.
    found = []
    for section in heard.sections:
        sure = section.confidence >= DOUBTFUL
        first, end = section.first, min(section.first + section.bars, bars)
        lines = [first, *(bar for bar in range(first + 1, end) if meters[bar] != meters[bar - 1]), end]
        for number, (one, other) in enumerate(pairwise(lines)):
            if one < other:
                found.append((section.kind, section.label + "'" * number, one, other, sure))
    return found


def _sounds(heard: Heard) -> Ints:
    """Return how much sounds in each bar: onsets, by how loud they are."""
    total = np.zeros(len(heard.bars) - 1, np.int64)
    for track in heard.tracks:
        bar = np.searchsorted(heard.bars, track.notes[:, START], side="right") - 1
        inside = (bar >= 0) & (bar < len(total))
        np.add.at(total, bar[inside], track.notes[inside, VELOCITY])
    return total


def _chords(spans: list[tuple[int, Chord]], start: int, end: int, key: Key) -> tuple[ChordSpan, ...]:
    kept = [(max(at, start), chord) for at, chord in spans if at < end]
    # Of those that began before the section the last one holds.
    first = max((number for number, (at, _) in enumerate(kept) if at == start), default=0)
    kept = kept[first:]
    ends = [*(at for at, _ in kept[1:]), end]
    return tuple(
        ChordSpan(at - start, after - at, chord, chord.numeral(key))
        for (at, chord), after in zip(kept, ends, strict=True)
        if after > at
    )


def phrases_of(heard: Heard, start: int, end: int) -> tuple[Phrase, ...]:
    """Return where the voice of a song sings in a section, line by line."""
    voices = heard.played("melody")[:1]
    if not voices:
        return ()
    notes = voices[0].notes
    inside = notes[(notes[:, START] >= start) & (notes[:, START] < end)]
    lines: list[list[int]] = []
    for at, length in inside[:, [START, LENGTH]].tolist():
        first, last = (at - start) // SLOT, -(-(at + length - start) // SLOT)
        if lines and first - lines[-1][1] < _BREATH:
            lines[-1][1] = max(lines[-1][1], last)
        else:
            lines.append([first, last])
    bounds = [0, *(first for first, _ in lines[1:]), (end - start) // SLOT]
    return tuple(
        Phrase(bounds[number], bounds[number + 1] - bounds[number], chr(97 + number % 26), "", (first, last))
        for number, (first, last) in enumerate(lines)
    )


def _players(section: Section, style: Style, parts: Collection[str]) -> tuple[str, ...]:
    # An intro, an interlude or an outro may be without some of them; elsewhere all play.
    found = set(parts)
    if section.kind in ("intro", "interlude", "outro"):
        found &= {*players(section, style, False)}
    if section.phrases:
        found.add("melody")
    return tuple(part for part in style.parts if part in found)
