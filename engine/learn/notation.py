"""Notated scores to ``Raw``: MusicXML, ABC and Humdrum **kern, and music21's own corpus, by music21's converter.

Chord symbols are read as written and believed. Repeats are not unfolded: what is written once counts once.
"""

from __future__ import annotations

import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import numpy as np

from engine.learn.colour import quality_of
from engine.learn.musicxml import read_musicxml
from engine.learn.raw import Raw, RawTrack, Unheard
from engine.theory.chord import Chord

TICKS = 480
MAX_BYTES = 4_000_000  # of text, unpacked
# Of a voice of a tune: music21's time grows with the square of its bars, and with its notes.
_MAX_BARS, _MAX_TEXT = 500, {"abc": 12_000, "humdrum": 60_000}
SUFFIXES = {".mxl": "musicxml", ".musicxml": "musicxml", ".xml": "musicxml", ".abc": "abc", ".krn": "humdrum"}


def read_notation(data: bytes, name: str, suffix: str) -> Iterator[Raw]:
    """Yield every tune of a file's bytes, one for most and many for an ABC tune book; raises Unheard."""
    text = _text(data, suffix)
    if len(text) > MAX_BYTES:
        raise Unheard(f"is too large for a song: {len(text) / 1e6:.1f} MB of text, at most {MAX_BYTES / 1e6:g}")
    if not text.strip():
        raise Unheard("is empty")
    if b"<!ENTITY" in text:
        raise Unheard("defines XML entities, which no score needs")
    if SUFFIXES[suffix] == "musicxml":
        yield read_musicxml(text, name)
        return
    _check_length(text, SUFFIXES[suffix])
    from music21 import converter

    try:
        with warnings.catch_warnings(), _unbeamed():
            warnings.simplefilter("ignore")
            found = converter.parseData(text.decode("utf-8", "replace"), format=SUFFIXES[suffix])
    except Exception as error:  # music21 raises whatever its parsers meet
        raise Unheard(f"cannot be read: {_told(error)}") from error
    yield from _tunes(found, name)


def read_corpus(path: str) -> Iterator[Raw]:
    """Yield the tunes of a path in music21's own corpus, such as ``essenFolksong/han1`` or ``bach/bwv66.6``."""
    from music21 import corpus

    try:
        with warnings.catch_warnings(), _unbeamed():
            warnings.simplefilter("ignore")
            found = corpus.parse(path, forceSource=True)
    except Exception as error:
        raise Unheard(f"music21's corpus does not give it: {_told(error)}") from error
    yield from _tunes(found, path)


def _check_length(text: bytes, kind: str) -> None:
    # A book of tunes is as long as it likes: its tunes are read a few at a time.
    if text.count(b"\nX:") > 1:
        return
    voices = max(len(set(re.findall(rb"(?m)^\[?V:\s*(\S+)", text))), 1)
    bars, size = text.count(b"\n=" if kind == "humdrum" else b"|") / voices, len(text) / voices
    if bars > _MAX_BARS or size > _MAX_TEXT[kind]:
        raise Unheard(f"is too long for a song: {bars:,.0f} bar lines and {size / 1000:,.0f} kB of text a voice")


@contextmanager
def _unbeamed() -> Iterator[None]:
    # music21 sets beams as it reads, in time that grows with the square of a tune's length; nobody hears them.
    from music21.stream import Stream

    usual = Stream.makeBeams
    Stream.makeBeams = _no_beams  # type: ignore[assignment, method-assign]
    try:
        yield
    finally:
        Stream.makeBeams = usual  # type: ignore[method-assign]


def _no_beams(stream: Any, **_: Any) -> Any:
    return stream


def _text(data: bytes, suffix: str) -> bytes:
    if suffix != ".mxl" and data[:2] != b"PK":
        return data
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = [info for info in archive.infolist() if info.filename.endswith((".xml", ".musicxml"))]
            scores = [info for info in names if not info.filename.startswith("META-INF")]
            if not scores:
                raise Unheard("is an .mxl without a score inside")
            if scores[0].file_size > MAX_BYTES:
                raise Unheard(f"is too large for a song: {scores[0].file_size / 1e6:.1f} MB of text")
            with archive.open(scores[0]) as packed:
                return packed.read(MAX_BYTES + 1)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError, ValueError, zlib.error) as error:
        if isinstance(error, Unheard):
            raise
        raise Unheard(f"is a damaged .mxl: {_told(error)}") from error


def _tunes(found: Any, name: str) -> Iterator[Raw]:
    scores = list(found.scores) if "Opus" in found.classes else [found]
    if not scores:
        raise Unheard("holds no tune")
    for number, score in enumerate(scores, 1):
        title = f"{name}#{number}" if len(scores) > 1 else name
        try:
            yield _raw(score, title)
        except Unheard:
            raise
        except Exception as error:
            raise Unheard(f"tune {number} cannot be read: {_told(error)}") from error


def _raw(score: Any, name: str) -> Raw:
    parts = list(score.parts) or [score]
    meters: dict[int, tuple[int, int, int]] = {}
    keys: dict[int, tuple[int, int, bool]] = {}
    tempos: dict[int, tuple[int, int]] = {}
    chords: dict[int, tuple[int, Chord | None]] = {}
    markers: dict[int, tuple[int, str]] = {}
    tracks = []
    for part in parts:
        rows, percussion = [], False
        flat = part.flatten()
        for element in flat:
            at = round(float(element.offset) * TICKS)
            kinds = element.classSet
            if "ChordSymbol" in kinds:
                chords.setdefault(at, (at, _chord(element)))
            elif "TimeSignature" in kinds:
                meters.setdefault(at, (at, int(element.numerator), int(element.denominator)))
            elif "KeySignature" in kinds:
                keys.setdefault(at, (at, int(element.sharps), getattr(element, "mode", None) == "minor"))
            elif "MetronomeMark" in kinds:
                quarters = element.getQuarterBPM()
                if quarters:
                    tempos.setdefault(at, (at, round(60e6 / quarters)))
            elif "RehearsalMark" in kinds:
                markers.setdefault(at, (at, str(element.content)))
            elif "PercussionClef" in kinds:
                percussion = True
        held: dict[int, list[int]] = {}
        for element in flat.notes:
            if "ChordSymbol" in element.classSet or element.duration.isGrace:
                continue
            at, length = round(float(element.offset) * TICKS), round(float(element.quarterLength) * TICKS)
            for note in getattr(element, "notes", (element,)):
                if not hasattr(note, "pitch"):
                    continue
                pitch, tie = int(note.pitch.midi), note.tie.type if note.tie is not None else ""
                row = held.pop(pitch, None) if tie in ("stop", "continue") else None
                if row is not None and row[0] + row[1] == at:
                    row[1] += length
                else:
                    row = [at, max(length, 1), pitch, int(element.volume.velocity or 80)]
                    rows.append(row)
                if tie in ("start", "continue"):
                    held[pitch] = row
        instrument = part.getInstrument(returnDefault=False)
        program = getattr(instrument, "midiProgram", None)
        tracks.append(
            RawTrack(
                np.array(sorted(rows), np.int64).reshape(-1, 4),
                str(part.partName or ""),
                -1 if program is None else int(program),
                percussion or getattr(instrument, "midiChannel", None) == 9,
            )
        )
    upbeat = _upbeat(parts[0], meters)
    return Raw(
        name,
        TICKS,
        tuple(tracks),
        tuple(sorted(tempos.values())),
        tuple(sorted(meters.values())),
        tuple(sorted(keys.values())),
        tuple(sorted(markers.values())),
        tuple(chords[at] for at in sorted(chords)),
        scored=True,
        upbeat=upbeat,
    )


def _chord(symbol: Any) -> Chord | None:
    # None is "no chord". A kind we have no name for is known by the triad it holds.
    if "NoChord" in symbol.classSet or symbol.root() is None:
        return None
    root = int(symbol.root().pitchClass)
    bass = int(symbol.bass().pitchClass) if symbol.bass() is not None else root
    return Chord(root, quality_of(frozenset((int(pc) - root) % 12 for pc in symbol.pitchClasses)), bass)


def _upbeat(part: Any, meters: dict[int, tuple[int, int, int]]) -> int:
    # Ticks before the first full bar: a first measure shorter than its time signature is an anacrusis.
    measures = list(part.getElementsByClass("Measure"))
    if len(measures) < 2 or not meters:
        return 0
    _, over, under = meters[min(meters)]
    bar = over * 4 * TICKS // under
    first = round(float(measures[1].offset - measures[0].offset) * TICKS)
    return first if 0 < first < bar else 0


def _told(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:120]}" if text else type(error).__name__
