"""Reader of the McGill Billboard annotations (Burgoyne, Wild and Fujinaga 2011; CC0).

Chords in Harte's syntax with absolute roots become Roman numerals over the tonic in force. Qualities are
reduced to the nearest of ours: what is added above a seventh is dropped but for ninths, an eleventh or
``sus4`` with sevenths is a suspension, and a root alone is a power chord.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from engine.errors import CorpusError
from engine.theory.chord import Chord
from engine.theory.pitch import pitch_class
from engine.train.corpora.annotated import (
    NO_CHORD,
    AnnotatedBar,
    AnnotatedSection,
    AnnotatedSong,
    estimate_mode,
    felt_beats,
    fill_bar,
    name_chord,
    read_lines,
    usual_meter,
)

_KINDS = {
    "intro": "intro",
    "pre-intro": "intro",
    "fade in": "intro",
    "fadein": "intro",
    "verse": "verse",
    "spoken verse": "verse",
    "pre-chorus": "prechorus",
    "prechorus": "prechorus",
    "chorus": "chorus",
    "refrain": "chorus",
    "bridge": "bridge",
    "solo": "solo",
    "instrumental": "solo",
    "interlude": "interlude",
    "trans": "interlude",
    "transition": "interlude",
    "pre-verse": "interlude",
    "outro": "outro",
    "coda": "outro",
    "fadeout": "outro",
    "ending": "outro",
}
_SILENT = ("silence", "end", "noise", "applause", "talking")
_SILENCE = ("N", "*", "&pause")
_CHORD = re.compile(r"([A-G](?:#{1,2}|b{1,2})?):([^/]+)(?:/(#|b{1,2})?(\d+))?")
# The first of these that a quality starts with names ours.
_QUALITIES = (
    ("maj(9)", "add9"),
    ("maj6", "6"),
    ("maj7", "maj7"),
    ("maj9", "maj7"),
    ("maj13", "maj7"),
    ("maj", "maj"),
    ("minmaj7", "min"),
    ("min6", "min6"),
    ("min7", "min7"),
    ("min9", "min9"),
    ("min11", "min7"),
    ("min13", "min7"),
    ("min", "min"),
    ("sus4", "sus4"),
    ("sus2", "sus2"),
    ("dim7", "dim7"),
    ("dim", "dim"),
    ("hdim7", "hdim"),
    ("aug", "aug"),
    ("11", "sus4"),
    ("13", "7"),
    ("7", "7"),
    ("9", "9"),
    ("5", "5"),
    ("1", "5"),
    ("b3)", "5"),  # "1(b3,...)" torn at its comma in the source
)
_DEGREES = (0, 2, 4, 5, 7, 9, 11)


def read(data: Path) -> tuple[AnnotatedSong, ...]:
    """Return the songs under ``data``/mcgill_billboard, in order of the file; raises CorpusError."""
    return tuple(_song(row) for row in read_lines(data / "mcgill_billboard" / "songs.jsonl"))


@lru_cache(maxsize=8192)
def numeral(text: str, tonic: int) -> str:
    """Return the numeral of a chord in Harte's syntax over a tonic pitch class; raises CorpusError.

    >>> numeral("F:maj/5", 0), numeral("Bb:min7", 8), numeral("E:5", 4)
    ('IV/I', 'ii7', 'I5')
    """
    if text in _SILENCE:
        return NO_CHORD
    match = _CHORD.fullmatch(text)
    quality = next((ours for theirs, ours in _QUALITIES if match and match.group(2).startswith(theirs)), None)
    if not match or quality is None:
        raise CorpusError(f'"{text}" is no chord in the syntax of Harte')
    root = (pitch_class(match.group(1)) - tonic) % 12
    bass = root
    if match.group(4):
        degree = int(match.group(4)) - 1
        bass += _DEGREES[degree % 7] + {"#": 1, "b": -1, "bb": -2, None: 0}[match.group(3)]
    return name_chord(Chord(root, quality, bass % 12))


def _song(row: dict[str, Any]) -> AnnotatedSong:
    sections: list[AnnotatedSection] = []
    times: list[tuple[float, tuple[AnnotatedBar, ...]]] = []
    count = 0
    for item in row["sections"]:
        bars = _bars(item)
        times.append((item["t"], bars))
        label = item["name"] or ""
        if bars and label not in _SILENT:
            kind = _KINDS.get(label, "other")
            sections.append(AnnotatedSection(kind, label, item["letter"] or "", count, bars))
            count += len(bars)
    every = tuple(bar for section in sections for bar in section.bars)
    rates = [
        60 * sum(felt_beats(bar.meter) for bar in bars) / (later[0] - time)
        for (time, bars), later in pairwise(times)
        if bars and later[0] > time
    ]
    return AnnotatedSong(
        f"billboard/{row['id']}",
        row["title"],
        float(median(rates)) if rates else None,
        usual_meter(every),
        every[0].tonic if every else 0,
        estimate_mode(every),
        tuple(sections),
    )


def _bars(section: dict[str, Any]) -> tuple[AnnotatedBar, ...]:
    bars: list[AnnotatedBar] = []
    last = "N"
    for row in section["bars"]:
        tokens = row["chords"] if isinstance(row, dict) else row
        meter, name = section["metre"] or "4/4", section["tonic"] or "C"
        if isinstance(row, dict):
            meter, name = row.get("metre") or meter, row.get("tonic") or name
        tonic = pitch_class(name)
        onsets: list[tuple[Fraction, str]] = []
        for number, token in enumerate(tokens):
            last = last if token == "." else token
            onsets.append((Fraction(number, len(tokens)), numeral(last, tonic)))
        bars.append(AnnotatedBar(meter, tonic, fill_bar(onsets or [(Fraction(0), numeral(last, tonic))])))
    return tuple(bars)
