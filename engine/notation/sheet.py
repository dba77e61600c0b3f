"""What stands on the page beside the notes: which bars in which order, their chords, titles, repeats and lines."""

from __future__ import annotations

from typing import NamedTuple

from engine.song import Song
from engine.theory.chord import QUALITIES, Chord
from engine.theory.key import Key
from engine.theory.meter import SLOT


class Measure(NamedTuple):
    """A written bar: the bar of the song it shows (from 0) and its surroundings.

    title: of the section that begins here. line: whether a new line of the page begins. opens: a repeat begins.
    plays: how often what is repeated is played, where a repeat ends here, else 0. ending: numbers of the passes
    ("1, 2") for which an ending begins here. ends: the same where it ends. rule: the bar line that follows, "" plain,
    "double" or "final".
    """

    bar: int
    title: str = ""
    line: bool = False
    opens: bool = False
    plays: int = 0
    ending: str = ""
    ends: str = ""
    rule: str = ""


class Symbol(NamedTuple):
    """A chord symbol: slots from the start of its bar, chord, and the key it is spelled in."""

    slot: int
    chord: Chord
    key: Key


def straight(song: Song) -> list[Measure]:
    """Return every bar of the song in order, sections titled and parted by double bar lines."""
    found = [Measure(bar) for bar in range(song.bars)]
    for bar, name in titles(song).items():
        found[bar] = found[bar]._replace(title=name)
        if bar:
            found[bar - 1] = found[bar - 1]._replace(rule="double")
    if found:
        found[-1] = found[-1]._replace(rule="final")
    return found


def titles(song: Song) -> dict[int, str]:
    """Return what each section is called, by the bar it begins on: "Verse 2", or "Solo" where there is but one."""
    kinds = [section.kind for section in song.sections]
    return {
        section.start_bar: section.title if kinds.count(section.kind) > 1 else section.title.rpartition(" ")[0]
        for section in song.sections
        if section.bars
    }


def symbols(song: Song) -> list[list[Symbol]]:
    """Return the chord symbols of each bar; one that goes on is not written again within its section."""
    found: list[list[Symbol]] = [[] for _ in range(song.bars)]
    slots = song.meter.slots
    for section in song.sections:
        key, before = song.key_of(section), None
        for span in section.chords:
            bar, slot = divmod(section.start_bar * slots + span.start // SLOT, slots)
            if span.chord != before and bar < song.bars:
                found[bar].append(Symbol(slot, span.chord, key))
            before = span.chord
    return found


def keys(song: Song) -> list[Key]:
    """Return the key of each bar."""
    return [song.key_of(section) for section in song.sections for _ in range(section.bars)]


def suffix(chord: Chord) -> str:
    """Return what follows the root in a chord's symbol."""
    return QUALITIES[chord.quality][1]


def title(song: Song) -> str:
    """Return what a song is called on paper: it has no name but its style and seed."""
    return (
        f"{song.request.style.rpartition('/')[2].partition('.')[0].replace('_', ' ').title()} No. {song.request.seed}"
    )


def facts(song: Song) -> str:
    """Return the line below the title: key, tempo, metre and feel."""
    key = f"{pretty(song.key.spell(song.key.tonic))} {song.key.mode}"
    return ", ".join(word for word in (key, f"{song.tempo} bpm", str(song.meter), feel(song).lower()) if word)


def pretty(name: str) -> str:
    """Return a note name with the signs of music."""
    return name.replace("#", "\u266f").replace("b", "\u266d")


def feel(song: Song) -> str:
    """Return how the song is felt where it is not straight, such as "Swing" or "Shuffled 16ths"."""
    swing = song.feel.swing
    if swing <= 52 or not song.request.feel:
        return ""
    unit = "8ths" if song.feel.swing_unit == 2 else "16ths"
    return f"Swung {unit} (triplet feel)" if swing >= 62 else f"Lightly swung {unit}"
