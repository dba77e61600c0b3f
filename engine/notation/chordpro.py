"""ChordPro (chordpro.org): the chords of each section as a grid, a cell a beat."""

from __future__ import annotations

from engine.notation import sheet
from engine.song import Section, Song
from engine.theory.meter import SLOT

BARS_A_LINE = 4


def chordpro(song: Song) -> str:
    """Return the song's chords as a ChordPro file."""
    key = song.key
    minutes, seconds = divmod(int(song.seconds + 0.5), 60)
    lines = [
        f"{{title: {sheet.title(song)}}}",
        f"{{composer: Hookline {song.version}, seed {song.request.seed}}}",
        f"{{key: {key.spell(key.tonic)}{'m' if key.minor else ''}}}",
        f"{{time: {song.meter}}}",
        f"{{tempo: {song.tempo}}}",
        f"{{duration: {minutes}:{seconds:02}}}",
    ]
    if words := sheet.feel(song):
        lines.append(f"{{comment: {words}}}")
    titles = sheet.titles(song)
    for section in song.sections:
        if section.bars:
            lines += ["", *_grid(song, section, titles[section.start_bar])]
    return "\n".join(lines) + "\n"


def _grid(song: Song, section: Section, title: str) -> list[str]:
    meter, key = song.meter, song.key_of(section)
    starts = {span.start // SLOT: span.chord.symbol(key) for span in section.chords}
    cell = next(size for size in (meter.beat, meter.beat // 2, 2, 1) if all(start % size == 0 for start in starts))
    if meter.slots % cell:
        cell = 1
    bars = []
    for bar in range(section.bars):
        first = bar * meter.slots
        cells = [starts.get(first + at, ".") for at in range(0, meter.slots, cell)]
        if cells[0] == "." and section.chords:
            cells[0] = section.chord_at(bar * meter.bar).chord.symbol(key)
        bars.append(cells)
    width = max(len(name) for cells in bars for name in cells)
    texts = [" ".join(name.ljust(width) for name in cells) for cells in bars]
    moved = f"{{comment: now in {key}}}" if section.shift else ""
    return [
        *([moved] if moved else []),
        f'{{start_of_grid: label="{title}" shape="{BARS_A_LINE}x{meter.slots // cell}"}}',
        *(f"| {' | '.join(texts[at : at + BARS_A_LINE])} |" for at in range(0, len(texts), BARS_A_LINE)),
        "{end_of_grid}",
    ]
