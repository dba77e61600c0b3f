"""The real songs to be measured against: a file of quartiles, the corpora, or a folder of MIDI files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from engine.errors import CorpusError
from engine.measure.bass import bass_measures
from engine.measure.copying import Melodies
from engine.measure.drums import drum_measures
from engine.measure.measures import measure
from engine.measure.midi import piece_from_midi
from engine.measure.piece import Piece
from engine.measure.real import band_pieces, groove_pieces, rs200_pieces
from engine.measure.reference import Group, group_of, load_reference
from engine.measure.twosample import (
    BASS_FEATURES,
    DRUM_FEATURES,
    SONG_FEATURES,
    TAKE_FEATURES,
    Verdict,
    two_sample,
)

Measures = Mapping[str, float]


class Test(NamedTuple):
    """One two-sample test to make: what is judged, against whom, by which measures, the real songs' measures."""

    what: str
    against: str
    features: tuple[str, ...]
    rows: tuple[Measures, ...]

    def judge(self, ours: Sequence[Measures]) -> Verdict:
        """Return how well ours are told from the real ones; raises EngineError."""
        return two_sample(self.what, self.against, ours, self.rows, self.features)


class Real(NamedTuple):
    """What ours are held against: quartiles, two-sample tests, songs with sections, melodies not to be copied."""

    groups: tuple[Group, ...]
    tests: tuple[Test, ...] = ()
    songs: tuple[Piece, ...] = ()
    melodies: Melodies | None = None


def load_real(path: Path | None) -> Real:
    """Return the packaged quartiles (no path), those of a file, the corpora of a folder, or its MIDI files.

    Raises CorpusError.
    """
    if path is None:
        return Real(load_reference())
    if not path.is_dir():
        return Real(load_reference(path))
    if (path / "rs200" / "songs.jsonl").is_file():
        return _corpora(path)
    return _midi_files(path)


def _corpora(data: Path) -> Real:
    songs = rs200_pieces(data)
    tests = [Test("melody and harmony", "RS200", SONG_FEATURES, _rows(songs, measure))]
    if (data / "freedoom_midi" / "index.jsonl").is_file():
        bands = band_pieces(data)
        name = "Freedoom and Helland bands"
        tests.append(Test("bass", name, BASS_FEATURES, _rows(bands, bass_measures)))
        tests.append(Test("drums", name, DRUM_FEATURES, _rows(bands, drum_measures)))
    if (data / "gmd_drums" / "info.csv").is_file():
        takes = _rows(groove_pieces(data), drum_measures)
        tests.append(Test("drumming", "Groove MIDI rock and punk takes", TAKE_FEATURES, takes))
    return Real(load_reference(), tuple(tests), tuple(songs), Melodies(songs))


def _midi_files(folder: Path) -> Real:
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".mid", ".midi"))
    if not paths:
        raise CorpusError(f"{folder} holds neither rs200/songs.jsonl nor MIDI files")
    pieces = [piece_from_midi(path) for path in paths]
    rows = _rows(pieces, measure)
    named = (("melody and harmony", SONG_FEATURES), ("bass", BASS_FEATURES), ("drums", DRUM_FEATURES))
    tests = tuple(Test(what, str(folder), names, rows) for what, names in named)
    return Real((group_of("given", f"{len(rows)} songs of {folder}", rows),), tests, (), Melodies(pieces))


def _rows(pieces: Sequence[Piece], of: Callable[[Piece], dict[str, float]]) -> tuple[Measures, ...]:
    return tuple(of(piece) for piece in pieces)
