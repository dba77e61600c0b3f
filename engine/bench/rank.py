"""Several takes of one place, the best first."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from engine.bench.place import FORM, Place, find
from engine.document import Cells, Document, cells
from engine.models import tables
from engine.models.hook import LEAST, Ranking
from engine.song import Section, Song
from engine.style import load
from engine.theory.meter import SLOT


def ranked(before: Document, takes: Sequence[Document], address: str) -> list[tuple[float, Document]]:
    """Return (score, document) for each take of a place, the best first; takes of equal score in their order.

    A melody's score is that of its lines as hooks (0: as hook-like as real lines on the mean, 1000 a standard deviation
    above). Other places are held against real songs: minus how far the measures that the takes move lie from the
    median, in halves of the distance between the quartiles.
    """
    if address not in FORM and (place := find(address, before.song)).layer == "melody":
        scores = _as_hooks(before, takes, place)
    else:
        scores = _as_songs([document.song for document in takes])
    return sorted(zip(scores, takes, strict=True), key=lambda pair: -pair[0])


def told_by(address: str, document: Document) -> str:
    """Return the name of what takes of a place are ranked by."""
    melody = address not in FORM and find(address, document.song).layer == "melody"
    return "hook score" if melody else "likeness to real songs"


def _as_hooks(before: Document, takes: Sequence[Document], place: Place) -> list[float]:
    ranking = Ranking(tables.load(load(before.song.request.style).models, "hook"))
    middle = int(median([note.pitch for note in before.song.part("melody").notes] or [60]))
    names = {section.name for section in place.sections}
    return [_lines(document.song, names, ranking, middle) for document in takes]


def _lines(song: Song, names: set[str], ranking: Ranking, middle: int) -> float:
    notes, scores = cells(song), []
    for section in song.sections:
        if section.name in names:
            tonic = song.key_of(section).tonic
            for onsets, pitches in _sung(section, notes):
                scores.append(ranking.score(onsets, pitches, song.meter.slots, tonic, middle).total)
    return round(sum(scores) / len(scores)) if scores else 0


def _sung(section: Section, notes: Cells) -> list[tuple[list[int], list[int]]]:
    row = notes.get((section.name, "melody"), ())
    found = []
    for phrase in section.phrases:
        line = [note for note in row if phrase.sung[0] <= note.start // SLOT < phrase.sung[1]]
        if len(line) >= LEAST:
            found.append(([note.start // SLOT for note in line], [note.pitch for note in line]))
    return found


def _as_songs(songs: Sequence[Song]) -> list[float]:
    # Imported here: measuring is no part of composing.
    from engine.measure.measures import measure
    from engine.measure.piece import piece_from_song
    from engine.measure.reference import load_reference

    rows = [measure(piece_from_song(song)) for song in songs]
    boxes = {name: box for group in load_reference() for name, box in group.measures.items()}
    scores = []
    for row in rows:
        far = [
            abs(value - boxes[name][1]) / max((boxes[name][2] - boxes[name][0]) / 2, 1e-9)
            for name, value in row.items()
            if name in boxes and value == value and boxes[name][2] > boxes[name][0]
            if len({other.get(name) for other in rows}) > 1
        ]
        scores.append(round(-sum(far) / len(far), 3) if far else 0.0)
    return scores
