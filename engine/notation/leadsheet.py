"""The lead sheet: melody, chord symbols and section names, what comes again written once.

Sections are repeated where every bar is the same to the note, but for other endings; a round of chords under a
silent voice is written once too. Nothing is left out: played with its repeats, the sheet is the song's melody.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from engine.notation import sheet
from engine.notation.musicxml import Staff, document, staves
from engine.notation.sheet import Measure
from engine.song import Part, Section, Song

BARS_A_LINE = 4
_MOST_VALUES = 44  # of a line
_FEW_VALUES = 4  # of eight bars on a line, and no more chords than:
_MOST_SYMBOLS = 12
_MOST_ENDING = 4

Contents = Sequence[Hashable]


class Block(NamedTuple):
    """Bars from ``start``, ``bars`` of them, played ``passes`` times; their last ``ending`` bars differ.

    sections: how many sections of the song it takes up.
    """

    start: int
    bars: int
    passes: int
    ending: int
    sections: int


def lead_sheet(song: Song) -> str:
    """Return the lead sheet as a MusicXML document."""
    part = melody(song)
    found = staves(song, part)
    return document(song, [(part, found)], measures(song, found[0]))


def melody(song: Song) -> Part:
    """Return the part that sings, an empty one where nobody does."""
    return next((part for part in song.parts if part.name == "melody"), Part("melody", (), "Melody"))


def measures(song: Song, staff: Staff) -> list[Measure]:
    """Return the bars as the sheet has them: repeats, endings, titles and lines."""
    contents, titles = _contents(song, staff), sheet.titles(song)
    found: list[Measure] = []
    for block in blocks(song.sections, contents):
        found += _written(block, contents, titles)
    if found:
        found[-1] = found[-1]._replace(rule="final")
    return _lined(found, staff, sheet.symbols(song))


def blocks(sections: Sequence[Section], contents: Contents) -> Iterator[Block]:
    """Yield the song's sections in order as blocks, each the repeat that saves most bars from there on."""
    at = 0
    while at < len(sections):
        first = sections[at]
        found = [Block(first.start_bar, first.bars, 1, 0, 1)]
        found += [
            block._replace(sections=1)
            for period in range(2, first.bars // 2 + 1)
            if first.bars % period == 0
            for block in [_block(contents, first.start_bar, period, first.bars // period, 1)]
            if block.passes * period == first.bars
        ]
        for count in range(1, (len(sections) - at) // 2 + 1):
            shape = [(section.kind, section.bars) for section in sections[at : at + count]]
            passes = 1
            while [
                (section.kind, section.bars) for section in sections[at + passes * count : at + (passes + 1) * count]
            ] == shape:
                passes += 1
            found.append(_block(contents, first.start_bar, sum(bars for _, bars in shape), passes, count))
        best = max(found, key=_saved)
        yield best
        at += best.sections


def _saved(block: Block) -> int:
    return (block.passes - 1) * (block.bars - block.ending)


def _block(contents: Contents, start: int, bars: int, most: int, sections: int) -> Block:
    """Return the block of as many passes, up to ``most``, as are the same but for a short ending."""
    longest = min(_MOST_ENDING, bars // 2)
    passes, ending = 1, 0
    while passes < most:
        again = start + passes * bars
        differ = next((n for n in range(bars) if contents[start + n] != contents[again + n]), bars)
        if bars - differ > longest:
            break
        passes, ending = passes + 1, max(ending, bars - differ)
    return Block(start, bars, passes, ending, sections * passes)


def _contents(song: Song, staff: Staff) -> list[Hashable]:
    """Return what each bar shows: equal bars may be written once."""
    chords, keys = sheet.symbols(song), sheet.keys(song)
    sounding: list[object] = []
    for section in song.sections:  # a chord that goes on is not written, but it is there
        for bar in range(section.bars):
            sounding.append(section.chord_at(bar * song.meter.bar).chord if section.chords else None)
    return [(staff.bars[bar], tuple(chords[bar]), keys[bar], sounding[bar]) for bar in range(song.bars)]


def _written(block: Block, contents: Contents, titles: Mapping[int, str]) -> list[Measure]:
    """Return a block's bars: once through to the endings, then each ending with the passes it is played in."""
    start, bars, passes, ending, _ = block
    found = [Measure(start + n) for n in range(bars - ending)]
    for n in range(len(found)):
        named = [titles[start + k * bars + n] for k in range(passes) if start + k * bars + n in titles]
        if named:
            numbers = "".join(f", {name.rpartition(' ')[2]}" for name in named[1:])
            found[n] = found[n]._replace(title=named[0] + numbers)
            if n:
                found[n - 1] = found[n - 1]._replace(rule="double")
    if passes == 1:
        found[-1] = found[-1]._replace(rule="double")
        return found
    found[0] = found[0]._replace(opens=True)
    if not ending:
        found[-1] = found[-1]._replace(plays=passes)
        return found
    ends = [start + (n + 1) * bars - ending for n in range(passes)]
    runs = [list(run) for _, run in groupby(range(passes), lambda n: contents[ends[n] : ends[n] + ending])]
    for run in runs:
        names, last = ", ".join(str(n + 1) for n in run), run is runs[-1]
        closing = [Measure(ends[run[0]] + n) for n in range(ending)]
        closing[0] = closing[0]._replace(ending=names)
        closing[-1] = closing[-1]._replace(ends=names, plays=0 if last else run[-1] + 2, rule="double" if last else "")
        found += closing
    return found


def _lined(found: list[Measure], staff: Staff, symbols: Sequence[Sequence[object]]) -> list[Measure]:
    """Return the measures with new lines at titles and, within, after as many bars as can be read well."""
    lined: list[Measure] = []
    # A second ending of several bars is not torn: it begins a line, as a section does.
    starts = [
        n
        for n, measure in enumerate(found)
        if measure.title or not n or (measure.ending and not measure.ends and found[n - 1].plays)
    ]
    for start, stop in pairwise((*starts, len(found))):
        run = found[start:stop]
        firsts = set(_lines([_weight(measure, staff, symbols) for measure in run]))
        lined += [measure._replace(line=n in firsts) for n, measure in enumerate(run)]
    if lined:
        lined[0] = lined[0]._replace(line=False)
    return lined


def _weight(measure: Measure, staff: Staff, symbols: Sequence[Sequence[object]]) -> tuple[int, int]:
    """Return how many notes and how many chord symbols a bar has."""
    return sum(len(voice) for voice in staff.bars[measure.bar]), len(symbols[measure.bar])


def _lines(weights: Sequence[tuple[int, int]]) -> list[int]:
    """Return where lines begin: four bars each, eight where next to nothing is sung; what is left over is spread."""
    starts, at, count = [], 0, len(weights)
    while at < count:
        starts.append(at)
        left = count - at
        size = BARS_A_LINE
        if left >= 2 * size and _light(weights[at : at + 2 * size]):
            size = left if left == 2 * size + 1 else 2 * size
        elif left == size + 1:
            size = left
        elif left == size + 2:
            size = left // 2
        while size > 2 and sum(notes for notes, _ in weights[at : at + size]) > _MOST_VALUES:
            size -= 1
        at += size
    return starts


def _light(weights: Sequence[tuple[int, int]]) -> bool:
    return sum(notes for notes, _ in weights) <= _FEW_VALUES and sum(chords for _, chords in weights) <= _MOST_SYMBOLS
