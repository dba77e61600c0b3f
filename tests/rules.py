"""The rules that every song keeps, composed or edited."""

from __future__ import annotations

from engine.document import cells
from engine.song import Song
from engine.style import load
from engine.style.steer import steered
from engine.theory.chord import parse_numeral
from engine.theory.meter import SLOT


def hold(song: Song, *, locked: bool = False) -> None:
    """Raise AssertionError for the first rule that a song breaks.

    locked: whether parts of it were locked, and so may lie outside of what would be played.
    """
    style, bar = steered(load(song.request.style), song.request.steering), song.meter.bar
    end = song.bars * bar
    assert len({section.name for section in song.sections}) == len(song.sections)
    at = 0
    for section in song.sections:
        assert section.start_bar == at
        at += section.bars
        assert section.players
        assert len(section.groove) == section.bars
        assert section.chords[0].start == 0
        for span, after in zip(section.chords, section.chords[1:], strict=False):
            assert span.start + span.length == after.start
        assert sum(span.length for span in section.chords) == section.bars * bar
        for span in section.chords:
            assert span.chord == parse_numeral(span.numeral, song.key_of(section).tonic), (section.name, span)
        for phrase in section.phrases:
            assert phrase.sung[1] <= section.bars * song.meter.slots
    for part in song.parts:
        sounds, free = style.parts[part.name], {}
        for note in part.notes:
            where = f"{part.name} {note}"
            assert sounds.low <= note.pitch <= sounds.high, where
            assert note.length > 0, where
            assert note.start >= 0, where
            assert note.start + note.length <= end, where
            assert note.start >= free.get(note.pitch, 0), f"{where} overlaps"
            free[note.pitch] = note.start + note.length
        assert list(part.notes) == sorted(part.notes), part.name
    for (name, part), notes in cells(song).items():
        section = next(section for section in song.sections if section.name == name)
        assert part in section.players, f"{part} plays in {name}"
        if part == "melody" and not locked:
            windows = [phrase.sung for phrase in section.phrases]
            for note in notes:
                slot = note.start // SLOT
                assert any(first <= slot < last for first, last in windows), f"{name}: {note} is sung out of place"
