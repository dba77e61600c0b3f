"""Make the table of known runs that no melody of ours may follow for too long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from engine.models.bans import RESIDUES
from engine.models.novelty import BITS, WIDEST, WINDOW, encode
from engine.models.tables import Table, header
from engine.models.viewpoints import Ints
from engine.theory.meter import Meter
from engine.train.base import DATE, Fitted, Tell
from engine.train.corpora import pop909, rs200
from engine.train.corpora.annotated import AnnotatedSong

_STEPS = (WIDEST + 1) * RESIDUES


def fit(data: Path, tell: Tell) -> Fitted:
    """Return the table "novelty"; nothing is predicted, so there is no score. Raises CorpusError."""
    known = list(melodies(data))
    arrays = encode([(onsets, pitches) for _, onsets, pitches in known])
    pairs, nearest = shared([(onsets, pitches) for _, onsets, pitches in known])
    tell(f"novelty: {len(arrays['low']):,} runs of {len(known)} songs")
    about = header(
        corpus="RS200 2.1 (de Clercq and Temperley 2011); POP909 with phrase structure (Wang and others 2020; "
        "Dai and others 2020)",
        licence="CC BY 4.0; MIT",
        command="hookline train rock",
        date=DATE,
        about=f"runs of {WINDOW} steps: {BITS}-bit hash of the waits, remainders by {RESIDUES} of the intervals",
        titles=[title for title, _, _ in known],
        # How much of one another real songs share, as this table sees them: how often how many notes in a row.
        pairs=pairs,
        nearest=nearest,
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


def shared(melodies: Sequence[tuple[Sequence[int], Sequence[int]]]) -> tuple[dict[str, int], dict[str, int]]:
    """Return how often melodies share how many notes in a row: any two of them, and each with the nearest other.

    Notes in a row are the same where waits and the remainders of intervals agree, as in the table.
    """
    steps = [_steps(onsets, pitches) for onsets, pitches in melodies]
    best = np.zeros((len(steps), len(steps)), dtype=np.int64)
    # A run of each length is a number: that of the run without its last step, and the step.
    runs, length = steps, 1
    while True:
        places, numbers = np.unique(np.concatenate(runs), return_inverse=True)
        owners = np.repeat(np.arange(len(runs)), [len(own) for own in runs])
        holds = csr_matrix((np.ones(len(numbers)), (owners, numbers)), shape=(len(runs), len(places))) > 0
        holds = holds[:, np.asarray(holds.sum(axis=0)).ravel() > 1].astype(np.float64)
        one, other = (holds @ holds.T).nonzero()
        if not (one != other).any():
            break
        best[one, other] = length + 1
        ends = np.cumsum([len(own) for own in runs])[:-1]
        runs = [
            own[:-1].astype(np.int64) * _STEPS + step[length:]
            for own, step in zip(np.split(numbers, ends), steps, strict=True)
        ]
        length += 1
    np.fill_diagonal(best, 0)
    return _often(best[np.triu_indices(len(best), 1)]), _often(best.max(axis=1, initial=0))


def _steps(onsets: Sequence[int], pitches: Sequence[int]) -> Ints:
    return np.minimum(np.diff(onsets), WIDEST) * RESIDUES + np.diff(pitches) % RESIDUES


def _often(notes: Ints) -> dict[str, int]:
    return {str(value): int(count) for value, count in zip(*np.unique(notes, return_counts=True), strict=True)}


def _line(song: AnnotatedSong) -> tuple[list[int], list[int]]:
    meters = {section.first + i: bar.meter for section in song.sections for i, bar in enumerate(section.bars)}
    starts, widths = [0], []
    for number in range(song.melody[-1].bar + 1):
        widths.append(Meter(*map(int, meters.get(number, song.meter).split("/"))).slots)
        starts.append(starts[-1] + widths[-1])
    # Of notes that the grid lays on one slot the highest stays.
    heights = dict(sorted((starts[note.bar] + note.slot(widths[note.bar]), note.pitch) for note in song.melody))
    return list(heights), list(heights.values())
