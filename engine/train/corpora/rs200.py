"""Reader of RS200, 200 songs of rock with harmony, melody and form (de Clercq and Temperley 2011; CC BY 4.0).

Numerals of the corpus become ours: applied chords are written by their root (``V/V`` is ``II``), figured
bass becomes a bass numeral (``IV64`` is ``IV/I``), ``7`` is the diatonic seventh and ``d7`` the dominant
one; elevenths and ``s4`` are suspensions, ``#9`` a dominant seventh, a flat fifth is dropped.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from statistics import median
from typing import Any

from engine.errors import CorpusError
from engine.theory.chord import QUALITIES, Chord
from engine.theory.pitch import pitch_class
from engine.train.corpora.annotated import (
    NO_CHORD,
    AnnotatedBar,
    AnnotatedSection,
    AnnotatedSong,
    SungNote,
    estimate_mode,
    felt_beats,
    fill_bar,
    name_chord,
    read_lines,
    usual_meter,
)

ANNOTATORS = ("dt", "tdc")

_KINDS = {
    "intro": "intro",
    "verse": "verse",
    "prechorus": "prechorus",
    "chorus": "chorus",
    "refrain": "chorus",
    "bridge": "bridge",
    "solo": "solo",
    "instrumental": "solo",
    "link": "interlude",
    "break": "interlude",
    "outro": "outro",
    "coda": "outro",
    "tag": "outro",
    "fadeout": "outro",
}
_ROMAN = {"I": 0, "II": 2, "III": 4, "IV": 5, "V": 7, "VI": 9, "VII": 11}
_NUMERAL = re.compile(r"(b|#)?([IV]+|[iv]+)([dhoxa]?)(s4)?([\d#b+]*)(?:s4)?")
# The diatonic seventh of a major chord is major on these roots and minor elsewhere.
_MAJOR_SEVENTH = (0, 1, 3, 5, 8)
_THIRD_BASS = ("6", "65")
_FIFTH_BASS = ("64", "43")
_SEVENTH_BASS = ("42",)


def read(data: Path, annotator: str = "dt") -> tuple[AnnotatedSong, ...]:
    """Return the songs under ``data``/rs200 as one of the two annotators heard them, in order of the file.

    Raises CorpusError where the file is missing or holds a chord that cannot be read.
    """
    return tuple(_song(row, annotator) for row in read_lines(data / "rs200" / "songs.jsonl"))


@lru_cache(maxsize=4096)
def numeral(text: str) -> str:
    """Return our numeral of a chord of the corpus, ``NO_CHORD`` for "R"; raises CorpusError.

    >>> numeral("IV64"), numeral("V7/V"), numeral("vi7"), numeral("Id7")
    ('IV/I', 'II7', 'vi7', 'I7')
    """
    if text == "R":
        return NO_CHORD
    head, *applied = text.split("/")
    root, quality, inversion = _head(head, text, bool(applied))
    root += sum(_head(name, text, True)[0] for name in applied)
    steps = QUALITIES[quality][0]
    tone = {"third": 1, "fifth": -1 if quality == "5" else 2, "seventh": 3}.get(inversion, 0)
    bass = root + (steps[tone] if tone < len(steps) else 0)
    return name_chord(Chord(root % 12, quality, bass % 12))


def _head(head: str, whole: str, applied: bool) -> tuple[int, str, str]:
    match = _NUMERAL.fullmatch(head)
    if not match or match.group(2).upper() not in _ROMAN:
        raise CorpusError(f'"{whole}" is no chord of RS200')
    sign, roman, letter, sus, figures = match.groups()
    sus = sus or ("s4" if head.endswith("s4") else "")
    root = (_ROMAN[roman.upper()] + {"b": -1, "#": 1, None: 0}[sign]) % 12
    inversion = ""
    for name, forms in (("third", _THIRD_BASS), ("fifth", _FIFTH_BASS), ("seventh", _SEVENTH_BASS)):
        if figures in forms:
            inversion = name
    seventh = figures.startswith("7") or figures in ("65", "43", "42", "9", "b9", "#9") or figures.startswith("9")
    minor = roman.islower()
    if sus or "11" in figures:
        return root, "sus4", ""
    if letter in ("o", "x", "h"):
        return root, {"o": "dim", "x": "dim7", "h": "hdim"}[letter] if seventh else "dim", inversion
    if letter == "a":
        return root, "aug", inversion
    if not seventh:
        return root, "min" if minor else "maj", inversion
    if figures == "9":
        return root, "min9" if minor else "9", inversion
    if minor:
        return root, "min7", inversion
    dominant = letter == "d" or applied or "#9" in figures or "b9" in figures or root not in _MAJOR_SEVENTH
    return root, "7" if dominant else "maj7", inversion


def _in_force(rows: list[list[Any]], bar: int) -> str:
    found = rows[0][1]
    for first, value in rows:
        if first <= bar:
            found = value
    return str(found)


def _song(row: dict[str, Any], annotator: str) -> AnnotatedSong:
    analysis = row["analyses"][annotator]
    bars: list[AnnotatedBar] = []
    last = NO_CHORD
    for number, chords in enumerate(analysis["chords"]):
        onsets = [(Fraction(slot, slots), numeral(text)) for slot, slots, text in chords]
        if not onsets or onsets[0][0] > 0:
            onsets.insert(0, (Fraction(0), last))
        last = onsets[-1][1]
        meter = _in_force(analysis["time_sigs"], number)
        meter = "4/4" if "/" not in meter else meter  # "0" is free metre
        bars.append(AnnotatedBar(meter, pitch_class(_in_force(analysis["keys"], number)), fill_bar(onsets)))
    sections = tuple(
        AnnotatedSection(_KINDS.get(label, "other"), label, symbol, first, tuple(bars[first:end]))
        for label, symbol, first, end in analysis["sections"]
        if end > first
    )
    melody = tuple(
        SungNote(bar, Fraction(over, under), degree % 12, pitch)
        for bar, over, under, degree, pitch in sorted(row["melody"], key=lambda n: n[0] + n[1] / n[2])
    )
    every = tuple(bars)
    meter = usual_meter(every)
    return AnnotatedSong(
        f"rs200/{row['id']}",
        row["title"],
        _tempo(row["bar_sec"], every),
        meter,
        every[0].tonic if every else 0,
        estimate_mode(every, melody),
        sections,
        melody,
    )


def _tempo(seconds: list[float | None], bars: tuple[AnnotatedBar, ...]) -> float | None:
    rates = [
        60 * felt_beats(bar.meter) / (b - a)
        for a, b, bar in zip(seconds, seconds[1:], bars, strict=False)
        if a is not None and b is not None and b > a
    ]
    return float(median(rates)) if rates else None
