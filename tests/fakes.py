"""Songs made by hand, for tests of what only reads songs."""

from __future__ import annotations

from engine.song import (
    ACCENT,
    GHOST,
    BarGroove,
    ChordSpan,
    Feel,
    Note,
    Part,
    Phrase,
    Request,
    Section,
    Song,
)
from engine.theory.chord import parse_numeral
from engine.theory.key import Key
from engine.theory.meter import Meter

PLAYERS = ("melody", "lead", "rhythm", "bass", "drums")


def small_song(**changes: object) -> Song:
    """Return two bars of intro and two of verse in E minor, every part with a few notes."""
    key, bar = Key(4, "minor"), 1920
    groove = (BarGroove(0, 0x0101, 0x1010), BarGroove(1, 0x0101, 0x1010, fill=12, crash=True))
    chords = (
        ChordSpan(0, bar, parse_numeral("i", 4), "i"),
        ChordSpan(bar, bar // 2, parse_numeral("bVII", 4), "bVII"),
        ChordSpan(bar + bar // 2, bar // 2, parse_numeral("IV/I", 4), "IV/I"),
    )
    phrases = (Phrase(0, 32, "a", "", (-2, 24)),)
    facts = {"bars": 2, "chords": chords, "phrases": phrases, "groove": groove}
    drums = []
    for n in range(4):
        at = n * bar
        drums += [Note(at, 120, 36, ACCENT), Note(at, 120, 42), Note(at + 480, 120, 38), Note(at + 720, 120, 38, GHOST)]
    song = {
        "version": "0.1.0",
        "request": Request(
            seed=7, form=("intro", "verse"), chords=(("verse", "Em D A/E"),), takes=(("verse/bass", 2),)
        ),
        "style_hash": "0" * 64,
        "key": key,
        "tempo": 120,
        "meter": Meter(),
        "sections": (
            Section("intro/1", "intro", "verse", 0, energy=2, players=PLAYERS[1:], **facts),
            Section("verse/1", "verse", "verse", 2, energy=3, change="vary", players=PLAYERS, **facts),
        ),
        "parts": (
            Part("melody", tuple(Note(2 * bar + 240 * n, 240, 64 + n) for n in range(8)), "Melody", 85),
            Part("lead", (Note(0, 480, 76), Note(480, 480, 76)), "Lead Guitar", 29, 92, 84),
            Part(
                "rhythm",
                tuple(Note(240 * n, 240, 40 + k, 2, "mute") for n in range(8) for k in (0, 7)),
                "Rhythm Guitar",
                30,
            ),
            Part("bass", tuple(Note(960 * n, 960, 28) for n in range(8)), "Bass", 34),
            Part("drums", tuple(sorted(drums)), "Drums", 0),
        ),
        "feel": Feel(swing=55),
    }
    return Song(**(song | changes))  # type: ignore[arg-type]
