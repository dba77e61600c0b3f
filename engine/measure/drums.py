"""The drums: how much of each is played, where, and how bars repeat."""

from __future__ import annotations

from collections import Counter

import numpy as np

from engine.measure.piece import DRUM_CLASSES, Piece
from engine.measure.rhythm import lhl_syncopation, metre_weights, onset_similarity

_FILL_TOMS = 2  # a bar with this many strokes on the toms counts as a fill
_DRY = 4  # slots: a drum is silent after a quarter, so that a backbeat passes over nothing


def drum_measures(piece: Piece) -> dict[str, float]:
    """Return the measures of the drums, over the bars in which they play."""
    grids = {name: piece.grid(piece.drums[name][:, 0]) for name in DRUM_CLASSES if name in piece.drums}
    if not grids:
        return {}
    together = np.stack(list(grids.values()), axis=2)
    played = together.any(axis=(1, 2))
    bars = int(played.sum())
    if bars < 2:
        return {}
    hits = {name: len(rows) for name, rows in piece.drums.items()}
    toms = np.bincount(piece.bar_of(piece.drums["tom"][:, 0]), minlength=piece.bars)[played]
    patterns = Counter(row.tobytes() for row in together[played])
    velocities = np.concatenate([rows[:, 1] for rows in piece.drums.values()])
    half = piece.width // 2
    backbeats = list(range(piece.meter.beat, piece.width, 2 * piece.meter.beat))
    every, adjacent = onset_similarity(np.asarray(together.any(axis=2)))
    weights = metre_weights(piece)
    return {
        "drum_hits_per_bar": sum(hits.values()) / bars,
        **{f"{name}_per_bar": hits[name] / bars for name in ("kick", "snare", "hat", "tom")},
        "kick_on_1": float(grids["kick"][played, 0].mean()),
        "kick_on_3": float(grids["kick"][played, half].mean()),
        "snare_on_2_4": float(grids["snare"][played][:, backbeats].mean()) if backbeats else np.nan,
        "GS_drums": every,
        "GS_drums_adjacent": adjacent,
        "drum_distinct_patterns_per_100_bars": 100 * len(patterns) / bars,
        "drum_top_pattern_share": max(patterns.values()) / bars,
        "fill_bar_frac": float((toms >= _FILL_TOMS).mean()),
        "drum_velocity_sd": float(velocities.std()),
        **{
            f"{name}_sync_LHL_per_bar": float(lhl_syncopation(piece.drums[name][:, 0], weights, _DRY).sum() / bars)
            for name in ("kick", "snare")
        },
    }
