"""Draw a song as a piano roll: docs/song.svg, the picture of the README (``python -m docs.write`` writes it).

An SVG written by hand: small, sharp, and the same bytes for the same song.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.song import Part, Song

WIDTH, MARGIN = 1200, 8
# A row for each part: the colour of its notes, and its share of the height.
ROWS = {
    "melody": ("#d1495b", 120),
    "lead": ("#edae49", 100),
    "rhythm": ("#66a182", 100),
    "bass": ("#2e4057", 80),
    "drums": ("#5b5f66", 110),
}
SHADES = {"verse": "#eef3f8", "chorus": "#fdeeee", "bridge": "#eef7ee", "solo": "#fdf6e3"}
HEAD = 34


def draw(song: Song) -> str:
    """Return the song as SVG text: time to the right, a row for each part, a band for each section."""
    height = HEAD + sum(size for _, size in ROWS.values()) + MARGIN
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        'font-family="sans-serif" font-size="11">',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
        *_sections(song, height),
    ]
    top = HEAD
    for part in song.parts:
        colour, size = ROWS[part.name]
        lines += _part(song, part, top, size, colour)
        top += size
    return "\n".join([*lines, "</svg>", ""])


def _scale(song: Song) -> float:
    return (WIDTH - 2 * MARGIN) / (song.bars * song.meter.bar)


def _sections(song: Song, height: int) -> Iterator[str]:
    for section in song.sections:
        x = MARGIN + section.start_bar * song.meter.bar * _scale(song)
        width = section.bars * song.meter.bar * _scale(song)
        shade = SHADES.get(section.kind, "#f6f6f6")
        yield f'<rect x="{x:.1f}" y="20" width="{width - 1:.1f}" height="{height - 24}" fill="{shade}"/>'
        yield f'<text x="{x + 2:.1f}" y="15" fill="#333">{section.title if width > 54 else section.title[0]}</text>'


def _part(song: Song, part: Part, top: int, size: int, colour: str) -> Iterator[str]:
    yield f'<text x="{MARGIN + 3}" y="{top + 10}" fill="{colour}" font-weight="bold">{part.track}</text>'
    if not part.notes:
        return
    low = min(note.pitch for note in part.notes)
    step = (size - 20) / max(max(note.pitch for note in part.notes) - low + 1, 12)
    # One path for all notes of a part keeps the file small.
    boxes = []
    for note in part.notes:
        x = MARGIN + note.start * _scale(song)
        width = max(note.length * _scale(song) - 0.2, 0.8)
        y = top + size - 4 - (note.pitch - low + 1) * step
        boxes.append(f"M{x:.1f} {y:.1f}h{width:.1f}v{max(step, 1.6):.1f}h-{width:.1f}z")
    yield f'<path fill="{colour}" d="{"".join(boxes)}"/>'
