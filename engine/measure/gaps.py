"""What songs lack, and what could not be measured for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from engine.measure.piece import Piece
from engine.measure.reference import Group

if TYPE_CHECKING:
    from engine.measure.report import Row

# What a piece may lack, and where it is looked for.
_WANTED = {
    "sections": "markers such as Verse 1",
    "melody": "a track called melody, vocal, voice or vox",
    "chords": "text events such as chord:Am7, or guitars and keyboards in 4/4",
    "bass": "a track called bass, or General MIDI programs 33 to 40",
    "drums": "channel 10",
}
_ESTIMATED = {"chords": "no text events such as chord:Am7", "tonic": "no key signature"}


class Gap(NamedTuple):
    """Something that so many songs lack, or that had to be estimated in them; why, or where it was looked for."""

    what: str
    songs: int
    about: str


class Gaps(NamedTuple):
    """What is missing and what was estimated, in how many of the songs; measures that none of them has."""

    songs: int
    missing: tuple[Gap, ...]
    estimated: tuple[Gap, ...]
    unmeasured: tuple[str, ...]


def gaps_of(pieces: Sequence[Piece], rows: Sequence[Row], groups: Sequence[Group]) -> Gaps:
    """Return what some pieces lack. rows: as ``report.compare`` made them of the pieces, against the groups."""
    found = {what: sum(not len(getattr(piece, what)) for piece in pieces) for what in _WANTED}
    guessed = {what: sum(what in piece.estimated for piece in pieces) for what in _ESTIMATED}
    measured = {row.measure for row in rows}
    return Gaps(
        len(pieces),
        tuple(Gap(what, count, _WANTED[what]) for what, count in found.items() if count),
        tuple(Gap(what, count, _ESTIMATED[what]) for what, count in guessed.items() if count),
        tuple(dict.fromkeys(name for group in groups for name in group.measures if name not in measured)),
    )


def told_gaps(gaps: Gaps) -> list[str]:
    """Return the gaps as lines of a report."""
    lines = [f"no {gap.what} in {gap.songs} of {gaps.songs} songs (looked for: {gap.about})" for gap in gaps.missing]
    lines += [f"{gap.what} estimated in {gap.songs} of {gaps.songs} songs ({gap.about})" for gap in gaps.estimated]
    if gaps.unmeasured:
        lines.append(f"not measured in any song: {', '.join(gaps.unmeasured)}")
    return lines
