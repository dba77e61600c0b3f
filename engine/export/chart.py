"""A song to read: its chords bar by bar, and the drums as tablature."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from engine.song import ACCENT, GHOST, ChordSpan, Note, Section, Song
from engine.theory.key import Key
from engine.theory.meter import SLOT, Meter

BARS_A_LINE = 4

# Rows of the tablature from the top; each drum's sign at a normal stroke.
_ROWS = ("CC", "RD", "HH", "T1", "T2", "T3", "SD", "BD", "PC")
_DRUMS = {
    **dict.fromkeys((49, 57, 52, 55), ("CC", "x")),
    **dict.fromkeys((51, 59), ("RD", "x")),
    53: ("RD", "b"),
    42: ("HH", "x"),
    44: ("HH", "p"),
    46: ("HH", "o"),
    **dict.fromkeys((50, 48), ("T1", "o")),
    **dict.fromkeys((47, 45), ("T2", "o")),
    **dict.fromkeys((43, 41), ("T3", "o")),
    **dict.fromkeys((38, 40), ("SD", "o")),
    37: ("SD", "x"),
    **dict.fromkeys((35, 36), ("BD", "o")),
}


def chart(song: Song) -> str:
    """Return the whole song as text: a head line, then each section with its chords and drums."""
    lines = [head(song), ""]
    for section in song.sections:
        key = song.key_of(section)
        lines += [_title(section, key), *wrapped(_bars_of_chords(section, song.meter, key))]
        drums = next((part.notes for part in song.parts if part.name == "drums"), ())
        lines += [*_tablature(section, drums, song.meter), ""]
    return "\n".join(lines)


def head(song: Song) -> str:
    """Return "rock, E minor, 120 bpm, 4/4, 98 bars, 3:16, seed 7"."""
    minutes, seconds = divmod(int(song.seconds + 0.5), 60)
    facts = (
        song.request.style,
        song.key,
        f"{song.tempo} bpm",
        song.meter,
        f"{song.bars} bars",
        f"{minutes}:{seconds:02}",
    )
    return ", ".join(str(fact) for fact in facts) + f", seed {song.request.seed}"


def chord_line(section: Section, meter: Meter, key: Key) -> str:
    """Return the section's chords on one line, bars parted by bars; what goes round is written once: "Em | D (x4)"."""
    bars = _bars_of_chords(section, meter, key)
    for period in range(1, len(bars) // 2 + 1):
        if bars == bars[:period] * (len(bars) // period):
            return f"{' | '.join(bars[:period])} (x{len(bars) // period})"
    return " | ".join(bars)


def _title(section: Section, key: Key) -> str:
    players = ", ".join(section.players)
    moved = f", in {key}" if section.shift else ""
    return f"[{section.title}] {section.bars} bars{moved}, energy {section.energy}{': ' + players if players else ''}"


def _bars_of_chords(section: Section, meter: Meter, key: Key) -> list[str]:
    beat = meter.beat * SLOT
    return [bar_of_chords(section.chords, bar * meter.bar, meter.bar, beat, key) for bar in range(section.bars)]


def bar_of_chords(chords: Sequence[ChordSpan], start: int, length: int, beat: int, key: Key) -> str:
    """Return the chords of a bar: one that holds through stands alone, else one word a beat ("." holds)."""
    spans = [span for span in chords if span.start < start + length and span.start + span.length > start]
    if not spans:
        return "N"
    if len(spans) == 1:
        return spans[0].chord.symbol(key)
    if all((span.start - start) % beat == 0 for span in spans if span.start > start):
        begun = {max(span.start, start): span.chord.symbol(key) for span in spans}
        return " ".join(begun.get(tick, ".") for tick in range(start, start + length, beat))
    # Off the beat: say on which sixteenth.
    return " ".join(
        span.chord.symbol(key) + (f"@{(span.start - start) // SLOT}" if (span.start - start) % beat else "")
        for span in spans
    )


def wrapped(bars: Sequence[str]) -> Iterator[str]:
    """Yield lines of four bars, one below another."""
    width = max((len(bar) for bar in bars), default=0)
    for at in range(0, len(bars), BARS_A_LINE):
        yield "| " + " | ".join(bar.ljust(width) for bar in bars[at : at + BARS_A_LINE]) + " |"


def _tablature(section: Section, notes: Sequence[Note], meter: Meter) -> Iterator[str]:
    first = section.start_bar * meter.bar
    bars = []
    for bar in range(section.bars):
        start = first + bar * meter.bar
        bars.append(_bar_of_drums([n for n in notes if start <= n.start < start + meter.bar], start, meter))
    numbered = enumerate(bars, 1)
    for pattern, run in groupby(numbered, lambda pair: pair[1]):
        numbers = [number for number, _ in run]
        span = f"bar {numbers[0]}" if len(numbers) == 1 else f"bars {numbers[0]}-{numbers[-1]}"
        if not pattern:
            yield f"    {span}: no drums"
            continue
        yield f"    {span}"
        yield from (f"    {row} |{line}|" for row, line in pattern)


def _bar_of_drums(notes: Sequence[Note], start: int, meter: Meter) -> tuple[tuple[str, str], ...]:
    """Return (row, one sign a sixteenth) for the rows that are struck; capitals are accents, "," ghosts."""
    grid = {row: ["-"] * meter.slots for row in _ROWS}
    struck = set()
    for note in notes:
        row, sign = _DRUMS.get(note.pitch, ("PC", "x"))
        sign = sign.upper() if note.stress >= ACCENT else "," if note.stress == GHOST else sign
        grid[row][(note.start - start) // SLOT] = sign
        struck.add(row)
    return tuple((row, "".join(grid[row])) for row in _ROWS if row in struck)
