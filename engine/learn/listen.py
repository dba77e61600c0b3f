"""From a file to the song it holds: the stages in their order.

    read -> sound -> lay on a grid -> roles -> bars -> chords -> key -> sections -> Heard

Each stage is a function of its own file; this one joins them and keeps what each had to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.learn import sections as parts
from engine.learn.bars import Beats, lay_bars
from engine.learn.chords import FAMILIES, NONE, ChordModel, Frames, frames
from engine.learn.colour import colour
from engine.learn.grid import OFF, TRACK, Laid, lay
from engine.learn.key import find_key, signature
from engine.learn.looks import look_at_bars
from engine.learn.markers import kind_of
from engine.learn.metre import Candidates, find_bars, right
from engine.learn.raw import LENGTH, PITCH, START, VELOCITY, Ints, Raw, Unheard, sound
from engine.learn.read import read, read_bytes
from engine.learn.roles import BASS, DRUMS, LEAD, MELODY, ROLES, find_roles
from engine.learn.song import Heard, HeardChord, HeardMeter, HeardSection, HeardTrack
from engine.models.tables import load
from engine.theory.chord import Chord
from engine.theory.key import Key
from engine.theory.meter import SLOT, Meter

Floats = NDArray[np.float64]

_MIN_NOTES = 16  # fewer are no song
_MAX_BARS = 1000
_DOUBT = 0.02  # chance of the file's own bars under which they are not believed
_SURE = 0.9  # and that of others above which those are


class Skipped(NamedTuple):
    """A file, or a tune of one, that could not be heard, and the one reason in words."""

    name: str
    reason: str


def listen(path: Path) -> Heard:
    """Return the song of a file (of several tunes the first); raises Unheard with the one reason why there is none."""
    return hear(next(read(path)))


def listen_each(path: Path) -> Iterator[Heard | Skipped]:
    """Yield every tune of a file as heard, or skipped with its reason; never raises for what is in a file."""
    try:
        for raw in read(path):
            yield _tried(raw)
    except Unheard as error:
        yield Skipped(path.name, str(error))


def listen_bytes(data: bytes, name: str) -> Iterator[Heard | Skipped]:
    """Yield the tunes of a file's bytes as ``listen_each`` does; ``name`` tells the format by its suffix."""
    try:
        for raw in read_bytes(data, name):
            yield _tried(raw)
    except Unheard as error:
        yield Skipped(name, str(error))


def _tried(raw: Raw) -> Heard | Skipped:
    try:
        return hear(raw)
    except Unheard as error:
        return Skipped(raw.name, str(error))


def hear(raw: Raw) -> Heard:
    """Return the song that a file holds; raises Unheard with the reason when there is none."""
    raw = sound(raw)
    count = sum(len(track.notes) for track in raw.tracks)
    if count < _MIN_NOTES:
        raise Unheard(f"holds {count} notes, too few for a song")
    problems = list(raw.problems)
    laid = lay(raw)
    if laid.tracked:
        problems.append("notes do not keep to the file's beats; beats were tracked")
    chances = find_roles(laid, raw.tracks)
    roles = chances.argmax(axis=1)
    for track, role in zip(raw.tracks, roles, strict=True):
        if track.channel10 != (role == DRUMS):
            where = "on" if track.channel10 else "off"
            problems.append(f"a track {where} the drum channel plays {ROLES[role]}")
    changes, sure, told = _metres(raw, laid, roles == DRUMS, problems)
    laid, changes = _from_first_bar(laid, changes)
    last = int((laid.notes[:, START] + np.minimum(laid.notes[:, LENGTH], 4 * SLOT * 4)).max())
    beats = lay_bars(changes, int(laid.notes[:, START].min()), last)
    beats = _upbeat_out(beats)
    if len(beats.bars) - 1 > _MAX_BARS:
        raise Unheard(f"lasts {len(beats.bars) - 1:,} bars, more than any song ({_MAX_BARS:,})")
    seen, states, confident = _heard_chords(laid, roles, beats)
    written = [(round(laid.place(at)), chord) for at, chord in raw.chords]
    chords = _written(written, beats) if written else _spans(seen, states, confident)
    key, key_sure = _key(raw, seen, chords)
    tracks = _tracks(raw, laid, chances)
    sections, section_sure, marked = _sections(raw, laid, beats, states, roles)
    return Heard(
        raw.name,
        beats.bars,
        tuple(_meters(beats)),
        laid.tempo,
        laid.swing,
        laid.swing_unit,
        laid.triplets,
        laid.tracked,
        laid.error,
        key,
        chords,
        sections,
        tracks,
        told,
        "file" if written else "heard",
        "file" if marked else "heard",
        {
            "metre": sure,
            "key": key_sure,
            "chords": 1.0 if written else float(confident.mean()) if len(confident) else 0.0,
            "sections": section_sure,
            "roles": float(np.mean(chances.max(axis=1))),
        },
        tuple(problems),
    )


def _metres(
    raw: Raw, laid: Laid, drums: NDArray[np.bool_], problems: list[str]
) -> tuple[tuple[tuple[int, Meter], ...], float, str]:
    # The bar lines: as the file says where it says so and nothing speaks against it, else as heard.
    origin = laid.place(0.0) / SLOT
    own = not laid.tracked and abs(origin - round(origin)) < 0.1
    signs = _signed(raw, laid)
    if raw.scored and signs:
        return signs, 1.0, "file"
    bars, found, share = find_bars(laid, drums, origin if own else None)
    if signs and own and not laid.compound:
        mine = _chance_of(signs[0], found, share)
        if len(signs) > 1 or mine is None or mine > _DOUBT or bars.confidence < _SURE:
            return signs, 1.0 if mine is None else max(mine, 0.5), "file"
        problems.append(f"the file's bars ({signs[0][1]}) are not those its accents tell ({bars.meter})")
    elif signs:
        problems.append("bar lines of the file do not fit its notes; they were found by ear")
    elif not raw.scored:
        problems.append("no time signature; bars were found by ear")
    if bars.confidence < 0.5:
        problems.append(f"where the bar lines are is uncertain ({bars.confidence:.0%})")
    return ((bars.shift * SLOT, bars.meter),), bars.confidence, "heard"


def _signed(raw: Raw, laid: Laid) -> tuple[tuple[int, Meter], ...]:
    signs: dict[int, Meter] = {}
    for at, over, under in raw.meters:
        meter = Meter(over, under)
        if meter.bar < 2 * 480 and not raw.scored:
            continue  # 1/4 is what programs write that know no bars
        place = round(laid.place(at + (raw.upbeat if at == 0 else 0)))
        signs[round(place / SLOT) * SLOT] = meter
    merged: list[tuple[int, Meter]] = []
    for at, meter in sorted(signs.items()):
        if not merged or merged[-1][1] != meter:
            merged.append((at, meter))
    return tuple(merged)


def _chance_of(sign: tuple[int, Meter], found: Candidates, share: Floats) -> float | None:
    # Of the file's own bars; None for a metre we have no candidates of.
    good = right(found, sign[1], sign[0] // SLOT)
    return float(share[good].sum()) if good.any() else None


def _from_first_bar(laid: Laid, changes: tuple[tuple[int, Meter], ...]) -> tuple[Laid, tuple[tuple[int, Meter], ...]]:
    # Move all so that tick 0 is the first bar line whose bar is not mostly silent before the first note.
    first = int(laid.notes[:, START].min())
    at, meter = changes[0]
    line = at + -(-(first - at) // meter.bar) * meter.bar
    if line - first > meter.bar // 2 or (first >= at and changes[0][0] == first):
        line -= meter.bar if line - first > meter.bar // 2 else 0
    for start, _ in changes[1:]:
        if start <= line and start >= first:
            line = start
    notes = laid.notes.copy()
    notes[:, START] -= line
    anchors = laid.anchors - (0.0, float(line))
    return laid._replace(notes=notes, anchors=anchors), tuple((start - line, sign) for start, sign in changes)


def _upbeat_out(beats: Beats) -> Beats:
    # Bars begin at 0; an anacrusis is no bar.
    first = int(np.searchsorted(beats.bars, 0))
    if first == 0:
        return beats
    kept = beats.bar_of >= first
    starts = np.append(beats.starts[:-1][kept], beats.starts[-1])
    return beats._replace(
        bars=beats.bars[first:],
        meters=beats.meters[first:],
        starts=starts,
        strength=beats.strength[kept],
        bar_of=beats.bar_of[kept] - first,
    )


def _meters(beats: Beats) -> Iterator[HeardMeter]:
    for bar, kind in enumerate(beats.meters):
        if bar == 0 or kind != beats.meters[bar - 1]:
            yield HeardMeter(bar, beats.signs[kind])


@lru_cache(maxsize=1)
def _chord_model() -> ChordModel:
    return ChordModel(load("listen", "chords"))


def _heard_chords(laid: Laid, roles: Ints, beats: Beats) -> tuple[Frames, Ints, Floats]:
    role = roles[laid.notes[:, TRACK]]
    kept = (role != DRUMS) & (laid.notes[:, START] + laid.notes[:, LENGTH] > 0)
    kinds = np.select([np.isin(role, (MELODY, LEAD)), role == BASS], [1, 2], 0)
    seen = frames(laid.notes[kept], kinds[kept], beats.starts, beats.strength)
    if not kept.any():
        return seen, np.full(len(beats.strength), NONE), np.ones(len(beats.strength))
    states, sure = _chord_model().decode(seen)
    return seen, states, sure


def _spans(seen: Frames, states: Ints, sure: Floats) -> tuple[HeardChord, ...]:
    cuts = np.flatnonzero(np.diff(states)) + 1
    firsts, afters = np.append(0, cuts), np.append(cuts, len(states))
    found = []
    for first, after in zip(firsts, afters, strict=True):
        state = int(states[first])
        start, length = int(seen.starts[first]), int(seen.starts[after] - seen.starts[first])
        chord = None
        if state != NONE:
            heard, low = seen.sounding[first:after].sum(axis=0), seen.low[first:after].sum(axis=0)
            chord = colour(state // 4, FAMILIES[state % 4], heard, low)
        found.append(HeardChord(start, length, chord, float(sure[first:after].mean())))
    return tuple(found)


def _written(chords: list[tuple[int, Chord | None]], beats: Beats) -> tuple[HeardChord, ...]:
    end = int(beats.bars[-1])
    spans = sorted({max(0, at): chord for at, chord in chords if at < end}.items())
    ends = [at for at, _ in spans[1:]] + [end]
    return tuple(HeardChord(at, after - at, chord, 1.0) for (at, chord), after in zip(spans, ends, strict=True))


def _key(raw: Raw, seen: Frames, chords: tuple[HeardChord, ...]) -> tuple[Key, float]:
    roots = np.zeros(12)
    for span in chords:
        if span.chord is not None:
            roots[span.chord.root] += span.length
    named = [span.chord.root for span in chords if span.chord is not None]
    signed = signature(raw.keys[0][1], raw.keys[0][2]) if raw.keys else None
    return find_key(seen.sounding.sum(axis=0), roots, (named[0], named[-1]) if named else (-1, -1), signed)


def _tracks(raw: Raw, laid: Laid, chances: Floats) -> tuple[HeardTrack, ...]:
    order = np.argsort(laid.notes[:, TRACK], kind="stable")
    owned = laid.notes[order]
    bounds = np.searchsorted(owned[:, TRACK], np.arange(len(raw.tracks) + 1))
    columns = [START, LENGTH, PITCH, VELOCITY, OFF]
    found = []
    for number, track in enumerate(raw.tracks):
        notes = owned[bounds[number] : bounds[number + 1]][:, columns]
        notes.flags.writeable = False
        share = tuple(float(chance) for chance in chances[number])
        found.append(HeardTrack(ROLES[int(np.argmax(share))], share, track.program, notes, track.name))
    return tuple(found)


def _sections(
    raw: Raw, laid: Laid, beats: Beats, states: Ints, roles: Ints
) -> tuple[tuple[HeardSection, ...], float, bool]:
    bars = len(beats.bars) - 1
    rows, look = look_at_bars(laid.notes, roles[laid.notes[:, TRACK]], beats, states)
    alike = parts.similarity(rows)
    marks: dict[int, str] = {}
    for at, text in raw.markers:
        kind = kind_of(text)
        bar = int(np.argmin(np.abs(beats.bars - laid.place(at))))
        if kind and bar < bars:
            marks[bar] = kind
    if len(marks) >= 2:
        cuts = sorted({0, *marks, bars})
        stretches = parts.relabel(alike, cuts)
        named = [(marks.get(first, "intro"), 1.0) for first, _, _ in stretches]
    else:
        stretches = parts.split(alike)
        named = list(parts.name(stretches, look))
    sections = tuple(
        HeardSection(kind, _letter(label), first, length, first in marks and len(marks) >= 2, sure)
        for (first, length, label), (kind, sure) in zip(stretches, named, strict=True)
    )
    sure = float(np.mean([item.confidence for item in sections])) if sections else 0.0
    return sections, sure, len(marks) >= 2


def _letter(number: int) -> str:
    return chr(65 + number % 26) + (str(number // 26) if number >= 26 else "")
