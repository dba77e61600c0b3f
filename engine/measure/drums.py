"""The drums: how much of each is played, where, and how bars repeat."""

from __future__ import annotations

from collections import Counter

import numpy as np

from engine.measure.piece import DRUM_CLASSES, Piece
from engine.measure.rhythm import lhl_syncopation, metre_weights, onset_similarity

_BEAT = ("kick", "snare", "hat")
_FILL_TOMS = 2  # a bar with toms on this many slots counts as a fill
_DRY = 4  # slots: a drum is silent after a quarter, so that a backbeat passes over nothing


def drum_measures(piece: Piece) -> dict[str, float]:
    """Return the measures of the drums, over the bars in which they play.

    Bars are compared as kick, snare and hat (or ride) together; crashes and toms mark the form.
    """
    if not piece.drums:
        return {}
    slots = {name: np.unique(piece.drums[name][:, 0]) for name in DRUM_CLASSES}
    grids = {name: piece.grid(found) for name, found in slots.items()}
    played = np.stack([grid.any(axis=1) for grid in grids.values()]).any(axis=0)
    bars = int(played.sum())
    if bars < 2:
        return {}
    beat = np.hstack([grids[name] for name in _BEAT])
    patterns = Counter(row.tobytes() for row in beat[played])
    strokes = np.concatenate(list(piece.drums.values()))
    half = piece.width // 2
    backbeats = list(range(piece.meter.beat, piece.width, 2 * piece.meter.beat))
    every, adjacent = onset_similarity(beat)
    weights = metre_weights(piece)
    return {
        "drum_hits_per_bar": len(strokes) / bars,
        **{f"{name}_per_bar": len(slots[name]) / bars for name in ("kick", "snare", "hat", "tom")},
        "kick_on_1": float(grids["kick"][played, 0].mean()),
        "kick_on_3": float(grids["kick"][played, half].mean()),
        "snare_on_2_4": float(grids["snare"][played][:, backbeats].mean()) if backbeats else np.nan,
        "GS_drums": every,
        "GS_drums_adjacent": adjacent,
        "drum_distinct_patterns_per_100_bars": 100 * len(patterns) / bars,
        "drum_top_pattern_share": max(patterns.values()) / bars,
        "fill_bar_frac": float((grids["tom"][played].sum(axis=1) >= _FILL_TOMS).mean()),
        "drum_velocity_sd": float(strokes[:, 1].std()),
        **{
            f"{name}_sync_LHL_per_bar": float(lhl_syncopation(slots[name], weights, _DRY).sum() / bars)
            for name in ("kick", "snare")
        },
    }
