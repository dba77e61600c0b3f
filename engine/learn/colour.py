"""The colour of a heard triad: seventh, sixth, ninth or power chord, from all that sounds under it."""

from __future__ import annotations

from collections.abc import Sequence

from engine.theory.chord import QUALITIES, Chord

_THIRD = 0.04  # share of the sound under which a third is not there
_TONE = 0.14  # share from which another tone belongs to the chord
_BASS = 0.6  # share of the lowest notes from which one is the bass


def colour(root: int, family: str, sounding: Sequence[float], low: Sequence[float]) -> Chord:
    """Return the chord of a root and triad family.

    sounding: how much every pitch class sounds under it, twelve numbers. low: the same of the lowest notes.
    """
    total = max(sum(sounding), 1e-9)
    share = [sounding[(root + step) % 12] / total for step in range(12)]
    quality = _quality(family, share)
    bass = max(range(12), key=lambda pc: low[pc])
    sure = low[bass] > 0 and low[bass] >= _BASS * sum(low)
    return Chord(root, quality, bass if sure and (bass - root) % 12 in (3, 4, 7) else root)


def _quality(family: str, share: Sequence[float]) -> str:
    if family == "dim":
        if share[10] > _TONE and share[10] > share[9]:
            return "hdim"
        return "dim7" if share[9] > _TONE else "dim"
    if family == "sus4":
        return "sus2" if share[2] > 1.5 * share[5] else "sus4"
    third = share[4] if family == "maj" else share[3]
    if third < _THIRD:
        if share[7] > 0.1 and share[0] > 0.2 and max(share[2], share[5], *share[9:]) < _TONE:
            return "5"
        if family == "maj" and max(share[2], share[5]) > _TONE:
            return "sus2" if share[2] > share[5] else "sus4"
    if family == "min":
        if share[10] > _TONE:
            return "min9" if share[2] > _TONE else "min7"
        return "min6" if share[9] > _TONE else "min"
    if share[8] > _TONE and share[7] < 0.04:
        return "aug"
    if share[10] > _TONE and share[10] >= share[11]:
        return "9" if share[2] > _TONE else "7"
    if share[11] > _TONE:
        return "maj7"
    if share[9] > _TONE:
        return "6"
    return "add9" if share[2] > _TONE else "maj"


def quality_of(steps: frozenset[int]) -> str:
    """Return the quality that fits semitones above a root best: most tones in common, fewest of its own."""
    return max(QUALITIES, key=lambda name: _likeness(frozenset(QUALITIES[name][0]), steps))


def _likeness(tones: frozenset[int], steps: frozenset[int]) -> tuple[int, int]:
    # Thirds tell more than anything above them.
    thirds = frozenset((3, 4)) & tones == frozenset((3, 4)) & steps
    return (2 * thirds + len(tones & steps) - len(tones - steps) - len(steps - tones), -len(tones))
