"""How near a song's melody comes to a known one, against how near real songs come to one another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from engine.explain.rows import note_name
from engine.models import tables
from engine.models.novelty import LONGEST, WINDOW, novelty
from engine.song import Section, Song
from engine.style import load
from engine.theory.meter import SLOT


class Spread(NamedTuple):
    """Notes in a row that songs share: the median, the 95th percentile, and how many were compared."""

    median: int
    most: int
    compared: int


class Report(NamedTuple):
    """The longest run of intervals and waits that a melody shares with a known one.

    notes: at most so many, 0 for WINDOW or fewer. title: of the known song. section, bar, beat: where the run begins,
    the bar of the song, from 1; names: its notes. limit: the most that the sampler allows. known: melodies that were
    compared. pairs: what any two real songs share; nearest: what a real song shares with that of the others which is
    nearest it. share: of real songs, 0..1, that share as many with another.
    """

    notes: int
    title: str
    section: str
    bar: int
    beat: float
    names: tuple[str, ...]
    limit: int
    known: int
    pairs: Spread
    nearest: Spread
    share: float


def novelty_report(song: Song) -> Report:
    """Return how near a song's vocal line comes to a known melody; raises StyleError where its style is gone."""
    models = load(song.request.style).models
    header = tables.load(models, "novelty").header
    found = novelty(song, models)
    notes = [note for part in song.parts if part.name == "melody" for note in part.notes]
    run = notes[found.first : found.first + found.notes]
    pairs, nearest = _counts(header.get("pairs", {})), _counts(header.get("nearest", {}))
    total = sum(nearest.values())
    near = sum(count for shared, count in nearest.items() if shared >= found.notes)
    section, bar, beat = "", 0, 0.0
    names: tuple[str, ...] = ()
    if run:
        own = _section(song, run[0].start)
        section = own.name
        bar, slot = divmod(run[0].start // SLOT, song.meter.slots)
        bar, beat = bar + 1, round(1 + slot / song.meter.beat, 2)
        names = tuple(note_name(song, own, note.pitch) for note in run)
    return Report(
        found.notes,
        found.title,
        section,
        bar,
        beat,
        names,
        LONGEST,
        len(header["titles"]),
        _spread(pairs),
        _spread(nearest),
        near / total if total else 0.0,
    )


def told(report: Report) -> str:
    """Return a report as text, for people."""
    if report.notes:
        lines = [
            f'at most {report.notes} notes in a row have the intervals and rhythm of "{report.title}":',
            f"  bar {report.bar} beat {report.beat:g} ({report.section}): {' '.join(report.names)}",
        ]
    else:
        lines = [f"no more than {WINDOW} notes in a row have the intervals and rhythm of a known melody"]
    two, near = report.pairs, report.nearest
    lines.append(f"compared with {report.known} melodies; the sampler allows no more than {report.limit}")
    if two.compared:
        lines.append(f"two unrelated real songs share {two.median} (median; {two.most} at the 95th percentile)")
        lines.append(
            f"a real song shares {near.median} with the nearest of {near.compared - 1} others (median; {near.most} at "
            f"the 95th percentile); {100 * report.share:.0f} % share {report.notes or WINDOW} or more"
        )
    return "\n".join(lines)


def _counts(shared: Mapping[str, int]) -> dict[int, int]:
    return {int(notes): count for notes, count in shared.items()}


def _spread(counts: Mapping[int, int]) -> Spread:
    total = sum(counts.values())
    return Spread(_percentile(counts, 50), _percentile(counts, 95), total)


def _percentile(counts: Mapping[int, int], percent: int) -> int:
    total, below = sum(counts.values()), 0
    for notes in sorted(counts):
        below += counts[notes]
        if below * 100 >= percent * total:
            return notes
    return 0


def _section(song: Song, tick: int) -> Section:
    # A pick-up belongs to the section that it leads into.
    bar = (tick + song.meter.beat * SLOT) // song.meter.bar
    return next((s for s in reversed(song.sections) if s.start_bar <= bar), song.sections[0])
