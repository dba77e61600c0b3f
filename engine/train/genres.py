"""Genres within the song corpora: RS200 and Billboard name no genres, so a genre here is what can be told of its songs.

Either who recorded them (a list of artists whose songs of these years are called so in any guide) or something heard in
them: a slow tempo, a section on twelve bars, a year in the charts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from engine.theory.chord import parse_numeral
from engine.train.chord_lines import METERS
from engine.train.corpora import billboard, rs200
from engine.train.corpora.annotated import NO_CHORD, AnnotatedSong, read_lines

SLOW = 80  # beats a minute, below which a song is a ballad here
POP_SINCE = 1980
_TWELVE = {0: 0, 4: 5, 8: 7}  # bars of a twelve-bar blues that tell it, and their roots

ARTISTS: Mapping[str, frozenset[str]] = {
    "funk": frozenset(
        {
            "Billy Preston", "Bobby Womack", "Commodores", "Dr. John", "Earth Wind and Fire", "Earth, Wind & Fire",
            "Edwin Starr", "James Brown", "Kool and the Gang", "Rare Earth", "Rick James", "Sly & The Family Stone",
            "Sly and the Family Stone", "Stevie Wonder", "The Commodores", "The Isley Brothers", "The Meters",
            "The Neville Brothers", "The Staple Singers", "The Trammps", "Wild Cherry", "Wilson Pickett",
        }
    ),
    "folk-rock": frozenset(
        {
            "Bob Dylan", "Crosby Stills and Nash", "Crosby, Stills & Nash", "David Crosby,Graham Nash", "Donovan",
            "Gordon Lightfoot", "Graham Nash", "Jackson Browne", "James Taylor", "Jerry Jeff Walker", "Joan Baez",
            "John Denver", "Joni Mitchell", "Neil Young", "Nitty Gritty Dirt Band", "Paul Simon", "Pure Prairie League",
            "Simon & Garfunkel", "Simon And Garfunel", "Simon and Garfunkel", "Sonny & Cher", "The Band", "The Byrds",
            "The Mamas & the Papas", "The Turtles", "The Youngbloods", "Tracy Chapman",
        }
    ),
    "metal": frozenset(
        {
            "AC/DC", "Aerosmith", "Alice Cooper", "Billy Squier", "Blue Cheer", "Firehouse", "Guns N' Roses",
            "Iron Butterfly", "Judas Priest", "Led Zeppelin", "Led Zepplin", "Metallica", "Poison", "Rush",
            "Sammy Hagar", "Steppenwolf", "Whitesnake",
        }
    ),
    "punk": frozenset({"Iggy Pop", "The B-52's", "The Clash", "The Ramones", "The Sex Pistols"}),
    "indie": frozenset(
        {
            "Beck", "Blondie", "Depeche Mode", "INXS", "Jesus Jones", "Joy Division", "Nirvana", "Pavement",
            "Psychedelic Furs", "R.E.M.", "Radiohead", "Simple Minds", "Talking Heads", "The Cure", "The Las",
            "The Police", "Police", "The Rembrandts", "The Velvet Underground", "U2",
        }
    ),
}  # fmt: skip


class Listed(NamedTuple):
    """A song of a corpus, who recorded it, and in what year it was released or entered the charts."""

    song: AnnotatedSong
    artist: str
    year: int


def _slow(row: Listed) -> bool:
    return row.song.meter == "4/4" and row.song.tempo is not None and row.song.tempo < SLOW


def _recent(row: Listed) -> bool:
    return row.song.id.startswith("billboard") and row.year >= POP_SINCE


def _twelve_bars(row: Listed) -> bool:
    for section in row.song.sections:
        bars = section.bars[:12]
        if (
            len(section.bars) % 12 == 0
            and len(bars) == 12
            and all(
                bars[at].chords[0].numeral != NO_CHORD and parse_numeral(bars[at].chords[0].numeral).root == root
                for at, root in _TWELVE.items()
            )
        ):
            return True
    return False


_HEARD: Mapping[str, Callable[[Listed], bool]] = {"ballad": _slow, "pop": _recent, "blues-rock": _twelve_bars}
GENRES = (*ARTISTS, *_HEARD)


def songs_of(data: Path, genre: str) -> tuple[AnnotatedSong, ...]:
    """Return the songs of a genre in RS200 and Billboard; raises CorpusError."""
    wanted = _HEARD.get(genre) or (lambda row: row.artist in ARTISTS[genre])
    return tuple(row.song for row in listed(data) if row.song.meter in METERS and wanted(row))


@lru_cache(maxsize=2)
def listed(data: Path) -> tuple[Listed, ...]:
    """Return all songs of RS200 and Billboard with artist and year; raises CorpusError."""
    facts: dict[str, dict[str, Any]] = {}
    for corpus, folder in (("rs200", "rs200"), ("billboard", "mcgill_billboard")):
        facts |= {f"{corpus}/{row['id']}": row for row in read_lines(data / folder / "songs.jsonl")}
    found = []
    for song in (*rs200.read(data), *billboard.read(data)):
        row = facts[song.id]
        year = row.get("year") or int(str(row.get("chart_date") or "0")[:4])
        found.append(Listed(song, row["artist"], year))
    return tuple(found)
