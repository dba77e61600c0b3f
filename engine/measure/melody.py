"""The sung line: pitches, intervals, phrases and rhythm.

H1 and H4 are those of Wu and Yang (2020), as is GS in ``rhythm``; anticipation follows Tan, Lustig and
Temperley, Anticipatory syncopation in rock (2019).
"""

from __future__ import annotations

import numpy as np

from engine.measure.piece import LENGTH, PITCH, START, Ints, Piece
from engine.measure.rhythm import lhl_syncopation, metre_weights, onset_similarity

_BAR = 16  # slots: a gap this long parts two notes so far that their interval says nothing
_BREATH = 8  # slots from onset to onset that part two phrases
_SCALES = np.zeros((24, 12), bool)
for _tonic in range(12):
    for _row, _steps in enumerate(((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10))):
        _SCALES[2 * _tonic + _row, [(_tonic + step) % 12 for step in _steps]] = True


def melody_measures(piece: Piece) -> dict[str, float]:
    """Return the measures of the melody alone."""
    if len(piece.melody) < 2:
        return {}
    return {**_pitch(piece), **_intervals(piece), **_rhythm(piece)}


def entropy(counts: Ints) -> float:
    """Return the entropy in bits of a histogram."""
    share = counts[counts > 0] / counts.sum()
    return float(-(share * np.log2(share)).sum())


def _pitch(piece: Piece) -> dict[str, float]:
    pitch = piece.melody[:, PITCH]
    by_bar = np.zeros((piece.bars, 12), np.int64)
    np.add.at(by_bar, (piece.bar_of(piece.melody[:, START]), pitch % 12), 1)
    sung = by_bar.any(axis=1)
    padded = np.vstack([np.zeros((1, 12), np.int64), by_bar.cumsum(axis=0)])
    by_four = padded[4:] - padded[:-4]
    whole = by_bar.sum(axis=0)
    low, high = np.percentile(pitch, (2, 98))
    return {
        "H1": float(np.mean([entropy(row) for row in by_bar[sung]])),
        "H4": float(np.mean([entropy(row) for row in by_four if row.any()] or [np.nan])),
        "pitch_class_entropy": entropy(whole),
        "scale_consistency": float((_SCALES @ whole).max() / whole.sum()),
        "mel_range": float(high - low),
        "mel_notes_per_bar": len(pitch) / int(sung.sum()),
        "mel_pc_per_bar": float(np.median((by_bar[sung] > 0).sum(axis=1))),
        "mel_empty_bar_frac": float(1 - sung.mean()),
    }


def _intervals(piece: Piece) -> dict[str, float]:
    every = np.diff(piece.melody[:, PITCH])
    near = np.diff(piece.melody[:, START]) < _BAR
    size = np.abs(every[near])
    leaps = np.flatnonzero((np.abs(every[:-1]) >= 5) & (every[1:] != 0))
    reversed_ = every[leaps] * every[leaps + 1] < 0

    def share(low: int, high: int = 127) -> float:
        return float(((size >= low) & (size <= high)).mean()) if len(size) else np.nan

    return {
        "mel_mean_abs_interval": float(size.mean()) if len(size) else np.nan,
        "mel_repeat_frac": share(0, 0),
        "mel_step_frac": share(1, 2),
        "mel_third_frac": share(3, 4),
        "mel_leap_frac": share(5),
        "mel_big_leap_frac": share(8),
        "mel_leap_reversal": float(reversed_.mean()) if len(leaps) else np.nan,
    }


def _rhythm(piece: Piece) -> dict[str, float]:
    start = piece.melody[:, START]
    place = piece.place_of(start)
    weights = metre_weights(piece)
    level = weights[np.clip(start, 0, piece.end - 1)]
    gaps = np.diff(start)
    phrases = 1 + int((gaps >= _BREATH).sum())
    levels_crossed = lhl_syncopation(start, weights)
    beat = piece.meter.beat
    to_beat = -place % beat
    taken = np.zeros(piece.end + beat, bool)
    taken[np.clip(start, 0, piece.end)] = True
    anticipates = ((to_beat == 1) | (to_beat == 2)) & ~taken[np.clip(start, 0, piece.end) + to_beat]
    sung = np.zeros(piece.end, bool)
    for first, length in piece.melody[:, [START, LENGTH]].tolist():
        sung[max(0, first) : first + length] = True
    grid = piece.grid(start)
    every, adjacent = onset_similarity(grid)
    return {
        "mel_rest_frac": float(1 - sung.mean()),
        "mel_phrase_notes": len(start) / phrases,
        "mel_onbeat_frac": float((level >= 2).mean()),
        "mel_downbeat_frac": float((place == 0).mean()),
        "mel_syncopated_frac": float((levels_crossed > 0).mean()),
        "mel_anticipation_frac": float(anticipates.mean()),
        "mel_sync_LHL_per_bar": float(levels_crossed.sum() / max(1, grid.any(axis=1).sum())),
        "GS_melody": every,
        "GS_melody_adjacent": adjacent,
    }
