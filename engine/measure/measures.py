"""All measures of one piece."""

from __future__ import annotations

from engine.measure.bass import bass_measures
from engine.measure.drums import drum_measures
from engine.measure.harmony import fit_measures, harmony_measures
from engine.measure.melody import melody_measures
from engine.measure.piece import Piece
from engine.measure.structure import structure_measures


def measure(piece: Piece) -> dict[str, float]:
    """Return every measure the piece can answer, by name; NaN where it has no value."""
    return {
        **structure_measures(piece),
        **harmony_measures(piece),
        **melody_measures(piece),
        **fit_measures(piece),
        **bass_measures(piece),
        **drum_measures(piece),
    }
