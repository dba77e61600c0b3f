"""What the MIDI files say is what four other programs read."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from fakes import small_song
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.export.midi import _ordered, midi
from engine.perform import Played, perform
from engine.song import Note, Part

BAR = 1920
PLAYED = st.builds(Played, st.integers(0, 4 * BAR), st.integers(0, 3000), st.integers(0, 127), st.integers(1, 127))
NOTES = st.builds(
    Note,
    st.integers(0, 31).map(lambda n: n * 240),
    st.integers(1, 8).map(lambda n: n * 120),
    st.integers(28, 90),
    st.integers(0, 3),
)


def part_of(notes):
    """Return a bass part whose notes of one pitch do not overlap, as parts promise."""
    kept, ends = [], {}
    for note in sorted(notes):
        length = min(note.length, 4 * BAR - note.start)
        if note.start >= ends.get(note.pitch, 0) and length > 0:
            kept.append(note._replace(length=length))
            ends[note.pitch] = note.start + length
    return Part("bass", tuple(kept), "Bass", 34)


SONGS = st.lists(NOTES, max_size=40).map(lambda notes: small_song(parts=(part_of(notes), small_song().parts[4])))


def expected(song):
    return {
        name: sorted((n.start, n.start + n.length, n.pitch, n.velocity) for n in notes)
        for name, notes in perform(song).items()
    }


def read_mido(data):
    import mido

    found = {}
    for track in mido.MidiFile(file=io.BytesIO(data)).tracks[1:]:
        now, begun, notes = 0, {}, []
        for message in track:
            now += message.time
            if message.type == "note_on":
                assert message.note not in begun, "a note begins before it has ended"
                begun[message.note] = (now, message.velocity)
            elif message.type == "note_off":
                start, velocity = begun.pop(message.note)
                notes.append((start, now, message.note, velocity))
        assert not begun, "a note is stuck"
        found[track.name.lower()] = sorted(notes)
    return found


def read_symusic(data):
    symusic = pytest.importorskip("symusic")
    score = symusic.Score.from_midi(data)
    return {
        track.name.lower(): sorted((n.time, n.time + n.duration, n.pitch, n.velocity) for n in track.notes)
        for track in score.tracks
    }


def read_pretty_midi(data):
    import pretty_midi

    file = pretty_midi.PrettyMIDI(io.BytesIO(data))
    tick = file.time_to_tick
    return {
        i.name.lower(): sorted((tick(n.start), tick(n.end), n.pitch, n.velocity) for n in i.notes)
        for i in file.instruments
    }


@pytest.mark.parametrize("read", [read_mido, read_symusic, read_pretty_midi])
@settings(max_examples=25, deadline=None)
@given(song=SONGS)
def test_another_program_reads_the_same_notes(read, song):
    pytest.importorskip(read.__name__.removeprefix("read_"))
    found = read(midi(song))
    # A track without notes may be left out by a reader.
    assert {name: notes for name, notes in found.items() if notes} == {n: v for n, v in expected(song).items() if v}


def test_music21_reads_the_same_notes():
    music21 = pytest.importorskip("music21")
    song = small_song()
    song = replace(song, request=replace(song.request, feel=0))
    score = music21.converter.parseData(midi(song), format="midi", quantizePost=False)
    for track, part in zip(score.parts, song.parts, strict=True):
        assert track.partName == part.track
        if part.name != "drums":  # music21 gives drums as strokes without pitch
            found = sorted(p.midi for note in track.stripTies().recurse().notes for p in note.pitches)
            assert found == sorted(note.pitch for note in part.notes)


@given(st.lists(PLAYED, max_size=60))
def test_whatever_is_played_no_note_is_stuck_or_overlaps(played):
    sounding, last = set(), -1
    for key in _ordered(played).tolist():
        tick, on, pitch, velocity = key >> 16, key >> 15 & 1, key >> 8 & 127, key & 127
        assert tick >= last
        last = tick
        if on:
            assert pitch not in sounding
            assert velocity > 0
            sounding.add(pitch)
        else:
            sounding.remove(pitch)
    assert not sounding
    assert {note.pitch for note in played} == {key >> 8 & 127 for key in _ordered(played).tolist()}
