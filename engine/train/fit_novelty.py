"""Make the table of known runs that no melody of ours may follow for too long."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.models.bans import RESIDUES
from engine.models.novelty import BITS, WINDOW, encode
from engine.models.tables import Table, header
from engine.theory.meter import Meter
from engine.train.base import DATE, Fitted, Tell
from engine.train.corpora import pop909, rs200
from engine.train.corpora.annotated import AnnotatedSong


def fit(data: Path, tell: Tell) -> Fitted:
    """Return the table "novelty"; nothing is predicted, so there is no score. Raises CorpusError."""
    known = list(melodies(data))
    arrays = encode([(onsets, pitches) for _, onsets, pitches in known])
    tell(f"novelty: {len(arrays['low']):,} runs of {len(known)} songs")
    about = header(
        corpus="RS200 2.1 (de Clercq and Temperley 2011); POP909 with phrase structure (Wang and others 2020; "
        "Dai and others 2020)",
        licence="CC BY 4.0; MIT",
        command="hookline train rock",
        date=DATE,
        about=f"runs of {WINDOW} steps: {BITS}-bit hash of the waits, remainders by {RESIDUES} of the intervals",
        titles=[title for title, _, _ in known],
    )
    return Fitted({"novelty": Table(dict(about), arrays)}, ())


def melodies(data: Path) -> Iterator[tuple[str, list[int], list[int]]]:
    """Yield (title, onsets in slots, pitches) of every melody that anything is learnt from."""
    for song in rs200.read(data):
        if len(song.melody) > WINDOW:
            yield song.title, *_line(song)
    for pop in pop909.read(data):
        if len(pop.melody) > WINDOW:
            onsets, pitches = [note.start for note in pop.melody], [note.pitch for note in pop.melody]
            yield f"POP909 {pop.id.rpartition('/')[2]}", onsets, pitches


def _line(song: AnnotatedSong) -> tuple[list[int], list[int]]:
    meters = {section.first + i: bar.meter for section in song.sections for i, bar in enumerate(section.bars)}
    starts, widths = [0], []
    for number in range(song.melody[-1].bar + 1):
        widths.append(Meter(*map(int, meters.get(number, song.meter).split("/"))).slots)
        starts.append(starts[-1] + widths[-1])
    # Of notes that the grid lays on one slot the highest stays.
    heights = dict(sorted((starts[note.bar] + note.slot(widths[note.bar]), note.pitch) for note in song.melody))
    return list(heights), list(heights.values())
