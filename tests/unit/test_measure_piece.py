from __future__ import annotations

import numpy as np
import pytest

from engine.errors import SongFileError
from engine.export.midi import midi
from engine.measure.measures import measure
from engine.measure.midi import piece_from_midi
from engine.measure.piece import Piece, drum_tables, even_bars, notes_table, piece_from_song
from engine.song import Note, Part
from engine.theory.key import Key
from engine.theory.meter import Meter
from tests.fakes import small_song


def test_of_notes_that_start_together_the_highest_is_sung():
    assert notes_table([(4, 1, 62), (0, 2, 60), (0, 1, 64)]).tolist() == [[0, 1, 64], [4, 1, 62]]


def test_drums_are_sorted_into_classes():
    tables = drum_tables([(4, 38, 100), (0, 36, 90), (0, 51, 70), (8, 45, 60), (0, 54, 1)])
    assert {name: rows.tolist() for name, rows in tables.items() if len(rows)} == {
        "kick": [[0, 90]],
        "snare": [[4, 100]],
        "hat": [[0, 70]],
        "tom": [[8, 60]],
    }


def test_the_grid_counts_slots_from_each_bar():
    piece = Piece("x", 0, Meter(), even_bars(2, 16))
    assert np.argwhere(piece.grid(np.array([3, 16, 31]))).tolist() == [[0, 3], [1, 0], [1, 15]]


def test_a_bar_of_another_metre_moves_what_follows():
    piece = Piece("x", 0, Meter(), np.array([0, 8, 24]))
    assert piece.place_of(np.array([8, 10])).tolist() == [0, 2]


def test_a_song_becomes_a_piece():
    piece = piece_from_song(small_song())
    assert piece.tonic == 4
    assert piece.sections == (("intro", 0, 2), ("verse", 2, 2))
    assert piece.melody[:2].tolist() == [[32, 2, 64], [34, 2, 65]]
    assert [(chord.start, chord.end, chord.root) for chord in piece.chords[:3]] == [
        (0, 16, 4),
        (16, 24, 2),
        (24, 32, 9),
    ]


def test_the_bass_is_its_lowest_note():
    bass = Part("bass", (Note(0, 480, 28), Note(0, 480, 40)), "Bass", 34)
    song = small_song()
    parts = tuple(bass if part.name == "bass" else part for part in song.parts)
    assert piece_from_song(small_song(parts=parts)).bass.tolist() == [[0, 4, 28]]


def test_our_midi_file_measures_as_the_song_does(tmp_path):
    song = small_song()
    path = tmp_path / "song.mid"
    path.write_bytes(midi(song))
    ours, theirs = measure(piece_from_song(song)), measure(piece_from_midi(path))
    assert theirs == pytest.approx(ours, nan_ok=True)


def test_the_tonic_of_a_mode_is_heard_in_the_chords(tmp_path):
    # E mixolydian has the signature of A major.
    mixolydian = small_song(key=Key(4, "mixolydian"))
    path = tmp_path / "song.mid"
    path.write_bytes(midi(mixolydian))
    assert piece_from_midi(path).tonic == 4


def test_a_file_that_is_no_midi_is_refused(tmp_path):
    path = tmp_path / "song.mid"
    path.write_bytes(b"MThd nothing")
    with pytest.raises(SongFileError, match="cannot read"):
        piece_from_midi(path)


def test_an_empty_midi_file_is_refused(tmp_path):
    import mido

    path = tmp_path / "song.mid"
    mido.MidiFile(tracks=[mido.MidiTrack()]).save(path)
    with pytest.raises(SongFileError, match="no notes"):
        piece_from_midi(path)
