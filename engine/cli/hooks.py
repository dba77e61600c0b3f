"""How candidates for a hook are listed."""

from __future__ import annotations

from engine import pipeline
from engine.errors import UsageError
from engine.request import MOST_HOOKS
from engine.song import Request
from engine.theory.pitch import pitch_name

_BAR = 16  # slots


def hook_list(request: Request, count: int) -> str:
    """Return a line for each of ``count`` candidates, the best first: number, scores, notes with bar lines.

    Scores are in standard deviations of real sung phrases, see docs/hooks.md. Raises UsageError.
    """
    if not 1 <= count <= MOST_HOOKS:
        raise UsageError(f"--hooks {count}: expected 1 to {MOST_HOOKS}")
    lines = [f"{'hook':>4} {'score':>6} {'chorus':>6} {'returns':>7} {'sticks':>6}  notes"]
    for number, score, onsets, pitches in pipeline.candidates(request, count):
        notes, bar = list[str](), -1
        for onset, pitch in zip(onsets, pitches, strict=True):
            notes += ["|"] * (onset // _BAR - bar)
            notes.append(pitch_name(pitch))
            bar = onset // _BAR
        total, chorus, returns, sticks = (f"{value / 1000:.1f}" for value in score)
        lines.append(f"{number:4} {total:>6} {chorus:>6} {returns:>7} {sticks:>6}  {' '.join(notes)}")
    return "\n".join(lines)
