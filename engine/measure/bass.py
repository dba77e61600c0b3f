"""The bass: how much it plays, on which notes, and with the kick."""

from __future__ import annotations

import numpy as np

from engine.measure.harmony import tone_mask
from engine.measure.piece import PITCH, START, Piece
from engine.measure.rhythm import onset_similarity


def bass_measures(piece: Piece) -> dict[str, float]:
    """Return the measures of the bass line; those that want chords or drums are NaN without."""
    if len(piece.bass) < 2:
        return {}
    start, pitch = piece.bass[:, START], piece.bass[:, PITCH]
    grid = piece.grid(start)
    every, adjacent = onset_similarity(grid)
    low, high = np.percentile(pitch, (2, 98))
    return {
        "bass_notes_per_bar": len(start) / int(grid.any(axis=1).sum()),
        "bass_range": float(high - low),
        **_on_chords(piece),
        **_with_kick(piece),
        "GS_bass": every,
        "GS_bass_adjacent": adjacent,
    }


def _on_chords(piece: Piece) -> dict[str, float]:
    start, pitch_class = piece.bass[:, START], piece.bass[:, PITCH] % 12
    index = piece.chord_index[np.clip(start, 0, piece.end - 1)]
    known = index >= 0
    if not known.any():
        return {"bass_chord_tone_frac": np.nan, "bass_root_on_downbeat": np.nan}
    tones = np.stack([tone_mask(chord) for chord in piece.chords])
    roots = np.array([chord.root for chord in piece.chords])
    downbeat = known & (piece.place_of(start) == 0)
    return {
        "bass_chord_tone_frac": float(tones[index, pitch_class][known].mean()),
        "bass_root_on_downbeat": float((roots[index] == pitch_class)[downbeat].mean()) if downbeat.any() else np.nan,
    }


def _with_kick(piece: Piece) -> dict[str, float]:
    names = ("bass_with_kick", "kick_with_bass", "kick_with_bass_lift")
    kick_rows = piece.drums.get("kick")
    if kick_rows is None or not len(kick_rows):
        return dict.fromkeys(names, np.nan)
    bass, kick = piece.grid(piece.bass[:, START]), piece.grid(kick_rows[:, 0])
    both = bass.any(axis=1) & kick.any(axis=1)
    if not both.any():
        return dict.fromkeys(names, np.nan)
    bass, kick = bass[both], kick[both]
    together = float((bass & kick).sum())
    of_kicks = together / kick.sum()
    return dict(zip(names, (together / bass.sum(), of_kicks, of_kicks / bass.mean()), strict=True))
