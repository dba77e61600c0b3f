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

from engine.learn.bars import Beats, lay_bars
from engine.learn.chords import FAMILIES, NONE, ChordModel, Frames, hear_chords
from engine.learn.colour import colour
from engine.learn.grid import OFF, TRACK, Laid, lay
from engine.learn.key import find_key, signature
from engine.learn.looks import look_at_bars
from engine.learn.markers import kind_of
from engine.learn.metre import Candidates, find_bars, right
from engine.learn.raw import LENGTH, PITCH, START, VELOCITY, Ints, Raw, Unheard, sound
from engine.learn.read import read, read_bytes
from engine.learn.roles import DRUMS, ROLES, as_scored, find_roles
from engine.learn.sections import join, name
from engine.learn.song import Heard, HeardChord, HeardMeter, HeardPhrase, HeardSection, HeardTrack
from engine.learn.stretches import Stretch, StretchModel, divide, similarities
from engine.models.tables import load
from engine.theory.chord import Chord
from engine.theory.meter import SLOT, Meter

Floats = NDArray[np.float64]

_MIN_NOTES = 16  # fewer are no song
_MAX_BARS = 1000
_MIN_MARKERS = 2  # that name sections, for them to be believed
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
    except (ArithmeticError, LookupError, MemoryError, TypeError, ValueError) as error:
        # A fault of ours; among thousands of files it may cost one of them and no more.
        return Skipped(raw.name, f"could not be heard, a fault of Hookline: {type(error).__name__}: {error}")


def hear(raw: Raw, models: str | Path = "listen", least: int = _MIN_NOTES) -> Heard:
    """Return the song that a file holds; raises Unheard with the reason when there is none.

    models: the packaged tables, or a folder of others. least: notes that make a song.
    """
    raw = sound(raw)
    count = sum(len(track.notes) for track in raw.tracks)
    if count < least:
        raise Unheard(f"holds {count} notes, too few for a song")
    problems = list(raw.problems)
    laid = lay(raw)
    if laid.tracked:
        problems.append("notes do not keep to the file's beats; beats were tracked")
    chances = find_roles(laid, raw.tracks, models)
    if raw.scored:
        chances = as_scored(chances, laid, raw.tracks)
    if (chances.argmax(axis=1) == DRUMS).all():
        # Nobody plays drums alone on another channel than theirs: it is a few chords or a line, struck like drums.
        chances[[not track.channel10 for track in raw.tracks], DRUMS] = 0
    roles = chances.argmax(axis=1)
    for track, role in zip(raw.tracks, roles, strict=True):
        if track.channel10 != (role == DRUMS):
            where = "on" if track.channel10 else "off"
            problems.append(f"a track {where} the drum channel plays {ROLES[role]}")
    changes, sure, told = _metres(raw, laid, roles == DRUMS, problems, models)
    laid, changes = _from_first_bar(laid, changes)
    last = int((laid.notes[:, START] + np.minimum(laid.notes[:, LENGTH], 4 * SLOT * 4)).max())
    beats = lay_bars(changes, int(laid.notes[:, START].min()), last)
    beats = _upbeat_out(beats)
    if len(beats.bars) - 1 > _MAX_BARS:
        raise Unheard(f"lasts {len(beats.bars) - 1:,} bars, more than any song ({_MAX_BARS:,})")
    seen, states, confident = hear_chords(laid.notes, roles[laid.notes[:, TRACK]], beats, _chord_model(models))
    if not raw.chords and (states == NONE).all():
        problems.append("no harmony: a single line or drums alone")
    written = [(round(laid.place(at)), chord) for at, chord in raw.chords]
    chords = _written(written, beats) if written else _spans(seen, states, confident)
    signed = signature(raw.keys[0][1], raw.keys[0][2]) if raw.keys else None
    key, key_sure = find_key(seen, states, signed, load(models, "key"))
    tracks = _tracks(raw, laid, chances)
    phrases, sections, marked = _sections(raw, laid, beats, states, roles, _stretch_model(models))
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
        phrases,
        sections,
        tracks,
        told,
        "file" if written else "heard",
        "file" if marked else "heard",
        {
            "metre": sure,
            "key": key_sure,
            "chords": 1.0 if written else float(confident.mean()) if len(confident) else 0.0,
            "sections": float(np.mean([part.confidence for part in sections])) if sections else 0.0,
            "roles": float(np.mean(chances.max(axis=1))),
        },
        tuple(problems),
        bool(raw.tempos),
        laid.anchors,
    )


def _metres(
    raw: Raw, laid: Laid, drums: NDArray[np.bool_], problems: list[str], models: str | Path
) -> tuple[tuple[tuple[int, Meter], ...], float, str]:
    # The bar lines: as the file says where it says so and nothing speaks against it, else as heard.
    origin = laid.place(0.0) / SLOT
    own = not laid.tracked and abs(origin - round(origin)) < 0.1
    signs = _signed(raw, laid)
    if raw.scored and signs:
        return signs, 1.0, "file"
    bars, found, share = find_bars(laid, drums, origin if own else None, models)
    if signs and own and (not laid.compound or all(meter.compound for _, meter in signs)):
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
        if laid.compound and meter.denominator == 4 and meter.numerator <= 5:
            meter = Meter(3 * meter.numerator, 8)  # beats of three, written as triplets
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


@lru_cache(maxsize=4)
def _chord_model(models: str | Path) -> ChordModel:
    return ChordModel(load(models, "chords"))


@lru_cache(maxsize=4)
def _stretch_model(models: str | Path) -> StretchModel:
    return StretchModel(load(models, "stretches"))


def _spans(seen: Frames, states: Ints, sure: Floats) -> tuple[HeardChord, ...]:
    firsts = np.append(0, np.flatnonzero(np.diff(states)) + 1)
    afters = np.append(firsts[1:], len(states))
    heard, low = (np.add.reduceat(table, firsts).tolist() for table in (seen.sounding, seen.low))
    sums = np.add.reduceat(sure, firsts) / (afters - firsts)
    found = []
    for number, (first, after) in enumerate(zip(firsts.tolist(), afters.tolist(), strict=True)):
        state = int(states[first])
        start, end = int(seen.starts[first]), int(seen.starts[after])
        chord = None
        if state != NONE:
            chord = colour(state // 4, FAMILIES[state % 4], heard[number], low[number])
        found.append(HeardChord(start, end - start, chord, float(sums[number])))
    return tuple(found)


def _written(chords: list[tuple[int, Chord | None]], beats: Beats) -> tuple[HeardChord, ...]:
    end = int(beats.bars[-1])
    spans = sorted({max(0, at): chord for at, chord in chords if at < end}.items())
    ends = [at for at, _ in spans[1:]] + [end]
    return tuple(HeardChord(at, after - at, chord, 1.0) for (at, chord), after in zip(spans, ends, strict=True))


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
    raw: Raw, laid: Laid, beats: Beats, states: Ints, roles: Ints, model: StretchModel
) -> tuple[tuple[HeardPhrase, ...], tuple[HeardSection, ...], bool]:
    # Phrases and sections, and whether the file's markers said what they are.
    bars = len(beats.bars) - 1
    looked = look_at_bars(laid.notes, roles[laid.notes[:, TRACK]], beats, states)
    alike = similarities(looked.looks)
    marks: dict[int, str] = {}
    for at, text in raw.markers:
        kind = kind_of(text)
        bar = int(np.argmin(np.abs(beats.bars - laid.place(at))))
        if kind and bar < bars:
            marks[bar] = kind
    told = len(marks) >= _MIN_MARKERS
    stretches = divide(alike, looked.sung, looked.late, model, tuple(marks) if told else ())
    kinds = name(stretches, looked)
    if told:
        kinds = _as_marked(stretches, kinds, marks)
    sections = tuple(
        HeardSection(part.kind, "".join(map(_letter, part.labels)), part.first, part.bars, told, part.confidence)
        for part in join(stretches, kinds)
    )
    phrases = tuple(HeardPhrase(_letter(label), first, length) for first, length, label in stretches)
    return phrases, sections, told


def _as_marked(
    stretches: tuple[Stretch, ...], kinds: tuple[tuple[str, float], ...], marks: dict[int, str]
) -> tuple[tuple[str, float], ...]:
    # Each stretch is what the last marker before it says; before the first, the intro.
    order = sorted(marks)
    found = []
    for stretch in stretches:
        before = [bar for bar in order if bar <= stretch.first]
        found.append((marks[before[-1]] if before else "intro", 1.0))
    return tuple(found)


def _letter(number: int) -> str:
    return chr(65 + number % 26) + (str(number // 26) if number >= 26 else "")
