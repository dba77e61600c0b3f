"""Where each style's tempo, groove and chords sit, beside what its source says: the table of docs/styles.md.

python benchmarks/sources.py ../shared/data [--songs 50] [--music21] [--styles funk metal ...]

A source's number is counted here, from the corpus; ours is counted the same way on so many composed songs. With
--music21 the Essen and Bach songs that music21 carries are counted too (a minute).
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from engine.pipeline import compose
from engine.song import GHOST, Request, Song
from engine.style import names
from engine.theory.chord import parse_numeral
from engine.theory.gm import KIT
from engine.train.corpora import gmd, pop909
from engine.train.corpora.annotated import NO_CHORD, AnnotatedSong, read_lines
from engine.train.genres import GENRES, listed, songs_of

SEVENTHS = ("7", "maj7", "min7", "9", "min9")
# Genres of Groove MIDI whose drumming a style's is set beside.
DRUMMERS = {
    "rock": ("rock",), "funk": ("funk",), "pop": ("pop", "hiphop"), "ballad": ("soul", "pop"),
    "indie": ("pop", "rock"), "chinese-pop": ("pop", "soul"),
}  # fmt: skip
Numbers = dict[str, str]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder of corpora")
    parser.add_argument("--songs", type=int, default=50, help="of each style")
    parser.add_argument("--styles", nargs="+", default=list(names()))
    parser.add_argument("--music21", action="store_true", help="count Essen's and Bach's songs as well")
    options = parser.parse_args()
    songs = {
        style: [compose(Request(seed=seed, style=style)) for seed in range(options.songs)] for style in options.styles
    }
    print("There and ours, style by style:\n")
    _chorded(songs, options.data)
    _drummed(songs, options.data)
    if options.music21:
        from choirs import CHOIRS  # beside this file

        print("\n| Style | Counted | Source | There | Ours |\n|---|---|---|---|---|")
        for style in (style for style in CHOIRS if style in songs):
            for figure, source, theirs, ours in CHOIRS[style](songs[style]):
                print(f"| `{style}` | {figure} | {source} | {theirs} | {ours} |")
    return 0


def _chorded(songs: Mapping[str, Sequence[Song]], data: Path) -> None:
    """Print tempo and chords of every style that a corpus has songs of."""
    heads = (
        "Style",
        "Source",
        "Beats a minute",
        "Minor",
        "Time on I IV V bVII vi ii",
        "Sevenths, ninths",
        "Chords a bar",
    )
    _head(heads)
    for style, own in songs.items():
        source, theirs = _corpus(style, data)
        if not source:
            continue
        spans = [
            ((span.chord.root - song.key.tonic) % 12, span.chord.quality, span.length / song.meter.bar)
            for song in own
            for section in song.sections
            for span in section.chords
        ]
        ours = _chords(spans, sum(song.bars for song in own))
        ours |= {"tempo": _quartiles([song.tempo for song in own]), "minor": _share([song.key.minor for song in own])}
        _row(style, source, theirs, ours, ("tempo", "minor", "roots", "sevenths", "changes"))
    if "metal" in songs:
        bands = [row["bpm"] for row in read_lines(data / "freedoom_midi" / "index.jsonl") if row["distortion"]]
        ours = {"tempo": _quartiles([song.tempo for song in songs["metal"]])}
        _row("metal", f"{len(bands)} bands of Freedoom", {"tempo": _quartiles(bands)}, ours, ("tempo", *[""] * 4))


def _corpus(style: str, data: Path) -> tuple[str, Numbers]:
    if style == "chinese-pop":
        songs = pop909.read(data)
        return f"POP909, {len(songs)} songs", _pop909(songs)
    if style == "rock":
        rock = tuple(row.song for row in listed(data) if row.song.id.startswith("rs200"))
        return f"RS200, {len(rock)} songs", _annotated(rock)
    if style in GENRES:
        genre = songs_of(data, style)
        return f"RS200, Billboard: {len(genre)} songs", _annotated(genre)
    return "", {}


def _drummed(songs: Mapping[str, Sequence[Song]], data: Path) -> None:
    """Print the drumming of every style whose drummers Groove MIDI has, as quartiles of songs."""
    print()
    figures = (
        "kicks a bar",
        "kicks between eighths, percent",
        "kick on 1, percent",
        "snare on 2 and 4, percent",
        "soft snares a bar",
    )
    _head(("Style", "Groove MIDI", *(figure.capitalize() for figure in figures)))
    for style in (style for style in DRUMMERS if style in songs):
        theirs = _drums(_takes(gmd.read(data, DRUMMERS[style])))
        _row(style, ", ".join(DRUMMERS[style]), theirs, _drums(map(_struck, songs[style])), figures)


def _head(heads: Sequence[str]) -> None:
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")


def _row(style: str, source: str, theirs: Numbers, ours: Numbers, figures: Sequence[str]) -> None:
    cells = (f"{theirs[figure]}; **{ours[figure]}**" if figure else "" for figure in figures)
    print(f"| `{style}` | {source} | {' | '.join(cells)} |", flush=True)


def _annotated(songs: Sequence[AnnotatedSong]) -> Numbers:
    spans = [
        (chord.root, chord.quality, item.quarters / 4)
        for song in songs
        for bar in song.bars
        for item in bar.chords
        if item.numeral != NO_CHORD
        for chord in [parse_numeral(item.numeral)]
    ]
    return {
        "tempo": _quartiles([song.tempo for song in songs if song.tempo]),
        "minor": _share([song.mode in ("minor", "dorian") for song in songs]),
        **_chords(spans, sum(len(song.bars) for song in songs)),
    }


def _pop909(songs: Sequence[Any]) -> Numbers:
    spans = [
        (parse_numeral(numeral).root, parse_numeral(numeral).quality, beats / 4)
        for song in songs
        for _, beats, numeral in song.chords
        if numeral != NO_CHORD
    ]
    return {
        "tempo": _quartiles([song.tempo for song in songs]),
        "minor": _share([song.minor for song in songs]),
        **_chords(spans, sum(song.bars for song in songs)),
    }


def _chords(spans: Iterable[tuple[int, str, float]], bars: int) -> Numbers:
    """Return shares of time; spans: (semitones above the tonic, quality, bars)."""
    roots, qualities, count, before = Counter[int](), Counter[str](), 0, None
    for root, quality, length in spans:
        roots[root] += length  # type: ignore[assignment]
        qualities[quality] += length  # type: ignore[assignment]
        count += root != before
        before = root
    total = sum(roots.values())
    return {
        "roots": " ".join(f"{100 * roots[root] / total:.0f}" for root in (0, 5, 7, 10, 9, 2)),
        "sevenths": _percent(sum(qualities[name] for name in SEVENTHS) / total),
        "changes": f"{count / bars:.2f}",
    }


def _takes(takes: Iterable[gmd.Take]) -> Iterable[tuple[list[tuple[int, str, bool]], int]]:
    for take in takes:
        if not take.fill and take.bars >= 8:
            hits = [
                (int(slot), gmd.INSTRUMENTS[pad], int(velocity) < 45) for slot, _, pad, velocity in take.hits.tolist()
            ]
            yield hits, take.bars


def _struck(song: Song) -> tuple[list[tuple[int, str, bool]], int]:
    known = {number: name for name, number in KIT.items()}
    bars = {note.start // song.meter.bar for note in song.part("drums").notes}
    hits = [(note.start // 120, known.get(note.pitch, ""), note.stress == GHOST) for note in song.part("drums").notes]
    return hits, len(bars)


def _drums(takes: Iterable[tuple[list[tuple[int, str, bool]], int]]) -> Numbers:
    """Return what is usual in a drummer's bars."""
    found: dict[str, list[float]] = {}
    for hits, bars in takes:
        if not bars:
            continue
        kick = Counter(slot % 16 for slot, name, _ in hits if name == "kick")
        snare = Counter(slot % 16 for slot, name, soft in hits if name in ("snare", "stick") and not soft)
        soft = sum(name == "snare" and quiet for _, name, quiet in hits)
        for figure, value in (
            ("kicks a bar", kick.total() / bars),
            ("kick on 1, percent", 100 * kick[0] / bars),
            ("snare on 2 and 4, percent", 50 * (snare[4] + snare[12]) / bars),
            ("kicks between eighths, percent", 100 * sum(kick[s] for s in range(1, 16, 2)) / max(kick.total(), 1)),
            ("soft snares a bar", soft / bars),
        ):
            found.setdefault(figure, []).append(value)
    return {figure: _quartiles(values, 0 if "percent" in figure else 1) for figure, values in found.items()}


def _quartiles(values: Sequence[float], places: int = 0) -> str:
    return " ".join(f"{value:.{places}f}" for value in np.percentile(values, [25, 50, 75]))


def _share(values: Sequence[bool]) -> str:
    return _percent(np.mean(values))


def _percent(value: float | np.floating[Any]) -> str:
    return f"{100 * value:.0f} %"


if __name__ == "__main__":
    sys.exit(main())
