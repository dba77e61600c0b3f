"""A band for a tune: parts played along with a MIDI file, whose own events stay as they are.

The file is heard (``engine.learn``), what was heard becomes a plan, and the style's own players play it. Their notes
are then moved from the plan's bars to the file's: its time base, its tempo map, its changes of metre, and, where a
performance keeps to no grid, the beats that were found in it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.alone.harmonize import harmonies_of
from engine.alone.heard import HeardPlan, heard_file, plans_of, silent
from engine.alone.tracks import original, with_tracks
from engine.errors import SongFileError, UsageError, nearest
from engine.learn.raw import Raw
from engine.learn.song import PITCH, START, VELOCITY, Heard, HeardChord
from engine.parts import PLAYERS
from engine.perform import Played, performed
from engine.pipeline import heated_as
from engine.plan.groove import PLAIN, add_groove
from engine.plan.plan import Plan
from engine.song import BarGroove, Note, Part, Request, Section, Song
from engine.style import Style, load
from engine.theory.meter import SLOT, Meter
from engine.version import __version__

Ints = NDArray[np.int64]

# What can be asked for, and the player who plays it.
ADDED = {"drums": "drums", "bass": "bass", "guitar": "rhythm", "rhythm": "rhythm", "lead": "lead"}
_GROOVES = 8  # of which the one that fits the tune best is played
# Rules of a style that give way to the tune.
_AT_MOST = {"bass.colour": 15, "bass.chromatic": 4}
_AT_LEAST = {"bass.root": 400}
_KICKS, _SNARES, _CRASHES = (35, 36), (37, 38, 39, 40), (49, 52, 55, 57)
_LOUD = 90  # velocity at which a file is as loud as a band of ours
_FORCE = (-24, 8)  # steps of velocity by which the band gives way, or plays up


class Added(NamedTuple):
    """A part that was added: the player, the name of its track, its channel (0..15) and how many notes it has."""

    player: str
    track: str
    channel: int
    notes: int


class Accompanied(NamedTuple):
    """A file with a band.

    data: its bytes. seed: of the band. heard: what was heard in the file. asked: the players, some of
    whom may have found nothing to play. sections: as they were played.
    """

    data: bytes
    seed: int
    heard: Heard
    asked: frozenset[str]
    sections: tuple[Section, ...]
    added: tuple[Added, ...]


def accompany(
    path: Path, add: Collection[str] = (), style: str = "rock", seed: int = 0, models: str | Path = "listen"
) -> Accompanied:
    """Return a MIDI file with parts added that follow it; of what it holds not a byte changes.

    add: names of ADDED; none: drums and bass, whichever the file lacks. A part that finds nothing to play (a lead,
    where the voice leaves no gap) gets no track. models: tables to hear with. Raises UsageError for parts that cannot
    be added and SongFileError for files that cannot be heard or kept whole.
    """
    file, (raw, heard) = original(path), heard_file(path, models)
    band = _following(load(style))
    parts = parts_of(add, heard, band)
    if {*parts} != {"drums"} and all(span.chord is None for span in heard.chords):
        heard = _harmonized(raw, heard, band, seed)
    found = _played(heard, band, seed, parts)
    tracks = [(part, _in_file(heard, rows)) for part, rows in found.tracks if len(rows)]
    if not tracks:
        raise SongFileError(f"{path} leaves no room for {' or '.join(parts)}")
    data, channels = with_tracks(file, tracks)
    added = tuple(
        Added(part.name, part.track, channel, len(notes))
        for (part, notes), channel in zip(tracks, channels, strict=True)
    )
    return Accompanied(data, seed, heard, frozenset(parts), found.sections, added)


def _following(style: Style) -> Style:
    """Return a style whose players keep to the chords: others play them as well, and know nothing of passing tones."""
    rules = dict(style.rules)
    for name, most in _AT_MOST.items():
        rules[name] = min(rules[name], most)
    for name, least in _AT_LEAST.items():
        rules[name] = max(rules[name], least)
    return replace(style, rules=rules)


def _harmonized(raw: Raw, heard: Heard, band: Style, seed: int) -> Heard:
    """Return a bare melody with the chords that are found for it."""
    made = harmonies_of(raw, heard, band, seed=seed)
    chords = tuple(HeardChord(span.start, span.length, span.chord, 0.0) for span in made.harmonies[0].chords)
    problems = (*made.heard.problems, "the file has no harmony; chords were found for its melody")
    return replace(heard, key=made.key, chords=chords, problems=problems)


def parts_of(add: Collection[str], heard: Heard, style: Style) -> tuple[str, ...]:
    """Return the players to be added, in the style's order; raises UsageError."""
    for name in add:
        if name not in ADDED:
            raise UsageError(f'--add "{name}": no part that can be added', nearest(name, ADDED))
        if ADDED[name] not in style.parts:
            raise UsageError(f"--add {name}: the style {style.name} has none")
    wanted = {ADDED[name] for name in add} or {part for part in ("drums", "bass") if not heard.played(part)}
    if not wanted:
        raise UsageError("the file has drums and bass already", "say what to add with --add, such as --add guitar")
    return tuple(part for part in style.parts if part in wanted)


class _Found(NamedTuple):
    """What a band plays: notes in the ticks of what was heard, shape (notes, 4) as ``Played``."""

    sections: tuple[Section, ...]
    tracks: tuple[tuple[Part, Ints], ...]


def _played(heard: Heard, style: Style, seed: int, parts: tuple[str, ...]) -> _Found:
    told = plans_of(heard, style, seed, parts, {})
    plans = _grooved(heard, told, "drums" in parts)
    force = _force(heard)
    rests = silent(heard)
    rows: dict[str, list[Ints]] = {name: [] for name in parts}
    for meter, plan in plans.items():
        mine = [number for number, stretch in enumerate(told.stretches) if stretch.meter == meter]
        song = _song(plan, parts, mine, force)
        for name, table in performed(song).items():
            part = song.part(name)
            at = np.array([note.start for note in part.notes], np.int64)
            owner = np.searchsorted([section.start_bar * meter.bar for section in plan.sections], at, side="right") - 1
            for number in mine:
                stretch = told.stretches[number]
                own = table[owner == number].copy()
                own[:, 0] += stretch.first - plan.sections[number].start_bar * meter.bar
                own = own[own[:, 0] < stretch.end]
                own[:, 1] = np.minimum(own[:, 1], stretch.end - own[:, 0])
                if name != "drums":
                    for first, end in rests:
                        own = own[(own[:, 0] < first) | (own[:, 0] >= end)]
                rows[name].append(own)
    tracks = tuple((_part(style, name), np.concatenate(found)) for name, found in rows.items())
    sections = next(iter(plans.values())).sections[: len(told.stretches)]
    return _Found(sections, tracks)


def _song(plan: Plan, parts: tuple[str, ...], mine: list[int], force: int) -> Song:
    """Return the song of a plan, in which only the sections ``mine`` are played."""
    known: dict[tuple[object, ...], Plan] = {}
    found: dict[str, list[Note]] = {name: [] for name in parts}
    for number in mine:
        section = plan.sections[number]
        # Sections that are alike but for a chord share their riffs, but not what was worked out for other chords.
        alike = (section.material, section.chords, section.bars)
        own = known.setdefault(alike, replace(plan, _memo={}))
        first = section.start_bar * plan.meter.bar
        for name in parts:
            if name in section.players:
                with heated_as(plan.style, name):
                    played = PLAYERS[name](own, section)
                found[name] += [note._replace(start=note.start + first) for note in played if note.start >= 0]
    feel = replace(plan.style.feel, swing=50, force=plan.style.feel.force + force)
    return Song(
        version=__version__,
        request=Request(style=plan.style.name, seed=plan.seed),
        style_hash=plan.style.hash,
        key=replace(plan.key, steps=()),
        tempo=plan.tempo,
        meter=plan.meter,
        sections=plan.sections,
        parts=tuple(replace(_part(plan.style, name), notes=tuple(sorted(notes))) for name, notes in found.items()),
        feel=feel,
    )


def _part(style: Style, name: str) -> Part:
    sound = style.parts[name]
    return Part(name, (), sound.track, sound.program, sound.volume, sound.pan)


def _force(heard: Heard) -> int:
    """Return the steps of velocity by which the band gives way to a soft file."""
    loud = np.concatenate([track.notes[:, VELOCITY] for track in heard.tracks])
    return min(max((int(loud.sum()) // len(loud) - _LOUD) // 2, _FORCE[0]), _FORCE[1])


def _in_file(heard: Heard, rows: Ints) -> list[Played]:
    """Return notes in the file's own ticks, none before its beginning."""
    rows = rows[np.lexsort((rows[:, 2], rows[:, 0]))]
    first, end = heard.file_ticks(rows[:, 0]), heard.file_ticks(rows[:, 0] + rows[:, 1])
    kept = np.flatnonzero(end > 0)
    return [
        Played(max(int(first[n]), 0), max(int(end[n] - max(first[n], 0)), 1), int(rows[n, 2]), int(rows[n, 3]))
        for n in kept
    ]


def _grooved(heard: Heard, told: HeardPlan, drums: bool) -> dict[Meter, Plan]:
    """Return the plans with grooves: the file's own where it has drums that stay, else the one that fits it best."""
    own = heard.played("drums")
    if own and not drums:
        return {meter: _with_grooves(plan, heard, told) for meter, plan in told.plans.items()}
    struck = _struck(heard, told)
    best, score = told.plans, -1
    for take in range(_GROOVES):
        takes = {"song/groove": take} if take else {}
        plans = {
            meter: _unturned(add_groove(replace(plan, takes=takes, _memo={})), told)
            for meter, plan in told.plans.items()
        }
        fits = _agreement(plans, told, struck)
        if fits > score:
            best, score = plans, fits
    return best


def _unturned(plan: Plan, told: HeardPlan) -> Plan:
    """Return a plan without a fill at the end of a song that nothing follows."""
    last = len(told.stretches) - 1
    section = plan.sections[last]
    if len(plan.sections) == len(told.stretches) or section.bars < 2 or section.groove[-1].fill < 0:
        return plan
    section = replace(section, groove=(*section.groove[:-1], section.groove[-2]))
    return replace(plan, sections=(*plan.sections[:last], section, *plan.sections[last + 1 :]))


def _bars(told: HeardPlan) -> Iterator[tuple[int, int, int, Meter]]:
    """Yield section, bar of it, first tick and metre of every bar."""
    for number, stretch in enumerate(told.stretches):
        for bar in range(stretch.section.bars):
            yield number, bar, stretch.first + bar * stretch.meter.bar, stretch.meter


def _struck(heard: Heard, told: HeardPlan) -> dict[tuple[int, int], int]:
    """Return the slots of every bar, as bits, where the lowest voice of the file is struck."""
    basses = heard.played("bass")
    tracks = basses or tuple(track for track in heard.tracks if track.role != "drums")
    notes = np.concatenate([np.zeros((0, 5), np.int64), *(track.notes for track in tracks)])
    if len(notes) and not basses:
        # The lower half of what is struck.
        notes = notes[notes[:, PITCH] <= np.sort(notes[:, PITCH])[len(notes) // 2]]
    starts = set((notes[:, START] // SLOT).tolist())
    return {
        (number, bar): sum(1 << slot for slot in range(meter.slots) if tick // SLOT + slot in starts)
        for number, bar, tick, meter in _bars(told)
    }


def _agreement(plans: dict[Meter, Plan], told: HeardPlan, struck: dict[tuple[int, int], int]) -> int:
    """Return how well kicks fall together with what is struck: F-measure in thousandths."""
    both = kicks = strokes = 0
    for number, bar, _, meter in _bars(told):
        kick, low = plans[meter].sections[number].groove[bar].kick, struck[number, bar]
        both, kicks, strokes = both + (kick & low).bit_count(), kicks + kick.bit_count(), strokes + low.bit_count()
    return 2000 * both // max(kicks + strokes, 1)


def _with_grooves(plan: Plan, heard: Heard, told: HeardPlan) -> Plan:
    """Return a plan whose grooves are what the file's drums play."""
    notes = np.concatenate([track.notes for track in heard.played("drums")])[:, [START, PITCH]]
    slots = {
        sounds: set((notes[np.isin(notes[:, 1], sounds), 0] // SLOT).tolist()) for sounds in (_KICKS, _SNARES, _CRASHES)
    }
    sections = []
    for section, stretch in zip(plan.sections, told.stretches, strict=False):
        grooves = []
        for bar in range(section.bars):
            first = (stretch.first + bar * stretch.meter.bar) // SLOT
            kick, snare = (
                sum(1 << slot for slot in range(plan.meter.slots) if first + slot in slots[sounds])
                for sounds in (_KICKS, _SNARES)
            )
            grooves.append(BarGroove(PLAIN, kick, snare, -1, first in slots[_CRASHES]))
        sections.append(replace(section, groove=tuple(grooves)))
    return replace(plan, sections=(*sections, *plan.sections[len(sections) :]))
