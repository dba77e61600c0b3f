"""What a melody is given by a file: a rhythm to sing, or the chords that are heard in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from engine.errors import SongFileError, UsageError
from engine.learn.grid import lay
from engine.learn.listen import hear
from engine.learn.raw import LENGTH, START, RawTrack, Unheard, sound
from engine.learn.read import read
from engine.learn.roles import MELODY, find_roles
from engine.learn.song import Heard
from engine.plan.given import MOST_BARS
from engine.plan.wishes import Wishes, one_voice
from engine.theory.key import Key
from engine.theory.meter import SLOT, Meter

_LEAST = 3  # notes: one chord
_NAMES = ("melody", "vocal", "voice", "lead", "sing")


class Tune(NamedTuple):
    """What a melody is sung to: chords as ``melody`` takes them, with the key, tempo and metre that were heard.

    first, bars: which bars of the file, the first from 0.
    """

    chords: str
    key: Key
    tempo: int
    meter: Meter
    first: int
    bars: int


def rhythm_of(path: Path) -> Wishes:
    """Return the wish for a file's rhythm: a song file's vocal line, or the melody of any music file.

    Slots are counted from the file's first bar line. Raises SongFileError.
    """
    if path.name.endswith(".json"):
        from engine.bench import load

        song = load(path).song
        notes = [(note.start, note.length) for part in song.parts if part.name == "melody" for note in part.notes]
    else:
        with _named(path):
            raw = sound(next(read(path)))
            laid = lay(raw)
        track = _melody(raw.tracks, find_roles(laid, raw.tracks)[:, MELODY].tolist())
        rows = laid.notes[laid.notes[:, 4] == track][:, [START, LENGTH]].tolist()
        notes = [(start, length) for start, length in rows]
    if not notes:
        raise UsageError(f"{path}: nobody sings in it")
    return Wishes(rhythm=one_voice((round(start / SLOT), max(round(length / SLOT), 1)) for start, length in notes))


def tune_of(path: Path, section: str, bars: tuple[int, int] | None = None) -> Tune:
    """Return the chords of a file to sing to: of its first section of a kind, else of its first section that has any.

    bars: first and last, from 1, to take those instead. Raises SongFileError for a file that cannot be heard.
    """
    with _named(path):
        heard = hear(next(read(path)), least=_LEAST)
    count = len(heard.bars) - 1
    if bars is None:
        parts = [part for part in heard.sections if _chords(heard, part.first, min(part.bars, MOST_BARS))]
        if not parts:
            raise UsageError(f"{path}: no chords are heard in it")
        part = next((part for part in parts if part.kind == section), parts[0])
        first, many = part.first, min(part.bars, MOST_BARS)
    else:
        first, many = bars[0] - 1, bars[1] - bars[0] + 1
        if not 0 <= first < first + many <= count:
            raise UsageError(f"bars {bars[0]}-{bars[1]}: {path} has {count}")
    text = _chords(heard, first, many)
    if not text:
        raise UsageError(f"{path}: no chords are heard in bars {first + 1} to {first + many}")
    return Tune(text, heard.key, min(max(round(heard.tempo), 40), 300), heard.meter, first, many)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Name the file in what is wrong with it."""
    try:
        yield
    except Unheard as error:
        raise SongFileError(f"{path} {error}", error.hint) from error


def _melody(tracks: Sequence[RawTrack], chances: Sequence[float]) -> int:
    """Return the number of the track that is sung: as its name says, else as it sounds."""
    for word in _NAMES:
        for number, track in enumerate(tracks):
            if word in track.name.lower() and not track.channel10:
                return number
    return max(range(len(tracks)), key=lambda number: (not tracks[number].channel10, chances[number]))


def _chords(heard: Heard, first: int, many: int) -> str:
    """Return the chords of some bars between bar lines, a beat at the least; "" where there are none."""
    spans = [span for span in heard.chords if span.chord is not None]
    if not spans:
        return ""
    meter, found = heard.meter, []
    for bar in range(first, first + many):
        start, end = int(heard.bars[bar]), int(heard.bars[bar + 1])
        beats = max((end - start) // (meter.beat * SLOT), 1)
        names = []
        for beat in range(beats):
            tick = start + beat * (end - start) // beats
            # Where there is none, the one before holds on.
            before = [span for span in spans if span.start <= tick + SLOT] or spans[:1]
            chord = before[-1].chord
            names.append(chord.symbol(heard.key) if chord else "")
        found.append(_shortest(names))
    return f"| {' | '.join(found)} |"


def _shortest(names: list[str]) -> str:
    """Return the chords of a bar's beats in as few words as say the same."""
    half = len(names) // 2
    if len(set(names)) == 1:
        return names[0]
    if len(names) % 2 == 0 and len(set(names[:half])) == len(set(names[half:])) == 1:
        return f"{names[0]} {names[half]}"
    return " ".join(names)
