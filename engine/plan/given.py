"""Chords a person gave: "Em C G D", "| Am | F C | G |" or Roman numerals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from engine.errors import UsageError, nearest
from engine.song import KINDS
from engine.theory.chord import Chord, parse_numeral, parse_symbol
from engine.theory.key import Key

Bar = tuple[Chord, ...]  # the chords of a bar share it


MOST_BARS = 64
MOST_IN_A_BAR = 8


class _Token(NamedTuple):
    text: str
    number: int  # of the chord, from 1


def parse_chords(text: str, key: Key, kind: str) -> tuple[Bar, ...]:
    """Return the bars of a line of chords: one chord a bar, or between bar lines all chords of a bar.

    Symbols ("F#m7/C#") and numerals ("bVII") may be mixed. kind: of the section, for messages.
    Raises UsageError naming the first token that is no chord, and its place.
    """
    tokens = _tokens(text)
    lined = any(token.text == "|" for token in tokens)
    bars: list[list[Chord]] = [[]]
    for token in tokens:
        if token.text == "|":
            bars.append([])
            continue
        if not lined and bars[-1]:
            bars.append([])
        bars[-1].append(_chord(token, key, kind))
    if lined:
        # A line before the first bar and one after the last are decoration; an empty bar within is not.
        bars = bars[not bars[0] : len(bars) - (not bars[-1])]
    if not any(bars):
        raise UsageError(f"chords for {kind}: there are none", 'write them like "Em C G D" or "| Am | F C |"')
    for number, bar in enumerate(bars, 1):
        if not bar:
            raise UsageError(f"chords for {kind}: bar {number} is empty", 'write them like "| Am | F C |"')
        if len(bar) > MOST_IN_A_BAR:
            many = f"chords for {kind}: bar {number} has {len(bar)} chords"
            raise UsageError(many, f"a bar holds at most {MOST_IN_A_BAR}")
    if len(bars) > MOST_BARS:
        raise UsageError(f"chords for {kind}: {len(bars)} bars of them", f"a section has at most {MOST_BARS}")
    return tuple(tuple(bar) for bar in bars)


def check_kinds(given: Mapping[str, str], present: tuple[str, ...]) -> None:
    """Raise UsageError for chords of a kind of section that is unknown or that the song does not have."""
    for kind in given:
        if kind not in KINDS:
            raise UsageError(f'chords for "{kind}": no such kind of section', nearest(kind, KINDS))
        if kind not in present:
            raise UsageError(f"chords for {kind}: this song has no {kind}", "ask for a form that has one with --form")


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    count = 0
    for word in text.replace("|", " | ").replace(",", " ").split():
        count += word != "|"
        tokens.append(_Token(word, count))
    return tokens


def _chord(token: _Token, key: Key, kind: str) -> Chord:
    for read in (parse_symbol, lambda text: parse_numeral(text, key.tonic)):
        try:
            return read(token.text)
        except UsageError:
            continue
    raise UsageError(
        f'chords for {kind}: "{token.text}" (chord {token.number}) is no chord',
        "write chords like Em, D/F#, Asus4, Bm7 or E5, or numerals like bVII",
    )
