"""How long a stretch of a melody is found note for note in another song."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.measure.piece import PITCH, START, Piece

_MANY = -1


class Melodies:
    """Known melodies, to be searched for runs.

    A note counts by its interval and its slots to the next one, so that neither key nor place in the
    bar matters. The runs of one length are indexed when first asked for.
    """

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._song_of = {piece.name: song for song, piece in enumerate(pieces)}
        self._steps = [_steps(piece) for piece in pieces]
        self._runs: dict[int, dict[bytes, int]] = {}

    def longest_run(self, piece: Piece) -> int:
        """Return the notes of the longest run that a known melody of another name holds too, 0 for none."""
        steps = _steps(piece)
        own = self._song_of.get(piece.name, len(self._steps))
        length = 0
        while self._shared(steps, length + 1, own):
            length += 1
        return length + 1 if length else 0

    def _shared(self, steps: bytes, length: int, own: int) -> bool:
        runs = self._index(length)
        return any(runs.get(run, own) != own for run in _windows(steps, length))

    def _index(self, length: int) -> dict[bytes, int]:
        if length not in self._runs:
            runs: dict[bytes, int] = {}
            for song, steps in enumerate(self._steps):
                for run in _windows(steps, length):
                    if runs.setdefault(run, song) != song:
                        runs[run] = _MANY
            self._runs[length] = runs
        return self._runs[length]


def _steps(piece: Piece) -> bytes:
    # Four bytes a note: interval, then slots to the next note (a long rest is a long rest).
    intervals, gaps = np.diff(piece.melody[:, PITCH]), np.diff(piece.melody[:, START])
    return np.asarray(np.minimum(gaps, 999) * 256 + intervals + 128, np.int32).tobytes()


def _windows(steps: bytes, length: int) -> list[bytes]:
    width = 4 * length
    return [steps[at : at + width] for at in range(0, len(steps) - width + 1, 4)]
