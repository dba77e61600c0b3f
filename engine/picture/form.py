"""The form at a glance: sections as blocks as high as their energy, arcs between those that share their music.

The arcs follow Wattenberg, "Arc diagrams", InfoVis 2002.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.picture.roll import Roll, Stretch
from engine.picture.svg import FAINT, GROUNDS, INK, PLAIN, document, rect, shortened, text, width_of

WIDTH, MARGIN = 1200, 12
_ARCS, _BLOCKS, _STEP, _LINE = 190, 110, 4.0, 17
_STROKES = ("#0064a6", "#c2410c", "#00795a", "#a03b7e", "#8a5a00", "#6a4fb0", "#44474d", "#2477a8")


def form_svg(roll: Roll) -> str:
    """Return the form as SVG text: arcs, blocks, and below them the chords of each music."""
    sections = roll.sections or (Stretch(0, roll.end, "Whole song", "other", "", 0),)
    scale = (WIDTH - 2 * MARGIN) / roll.end
    letters = _letters(sections)
    base = 34 + _ARCS
    lines = [
        text(MARGIN, 22, roll.title, 'font-size="16" font-weight="bold"'),
        text(MARGIN + width_of(roll.title, 18) + 16, 22, roll.about, f'fill="{FAINT}" font-size="12"'),
        *_arcs(sections, letters, scale, base),
        *_blocks(sections, letters, scale, base, roll),
    ]
    y = base + _BLOCKS + 40
    for material, letter in letters.items():
        shown = next(section for section in sections if _music(section) == material)
        chords = _chords(roll, shown)
        lines.append(text(MARGIN, y, letter, f'font-weight="bold" fill="{_colour(letter)}"'))
        kinds = ", ".join(section.title for section in sections if _music(section) == material)
        lines.append(text(MARGIN + 24, y, f"{kinds}{': ' if chords else ''}{chords}"[:170]))
        y += _LINE
    about = "; ".join(f"{section.title} ({letters[_music(section)]})" for section in sections)
    return document(WIDTH, y + 4, f"Form of {roll.title}", about, lines)


def _music(section: Stretch) -> str:
    return section.material or section.title.rstrip("0123456789 ").lower()


def _letters(sections: tuple[Stretch, ...]) -> dict[str, str]:
    """Return a letter for each music, in the order in which they are heard."""
    names = dict.fromkeys(map(_music, sections))
    return {
        name: chr(65 + number % 26) + (str(number // 26) if number > 25 else "") for number, name in enumerate(names)
    }


def _colour(letter: str) -> str:
    return _STROKES[(ord(letter[0]) - 65) % len(_STROKES)]


def _arcs(sections: tuple[Stretch, ...], letters: dict[str, str], scale: float, base: int) -> Iterator[str]:
    last: dict[str, Stretch] = {}
    for section in sections:
        music = _music(section)
        if music in last:
            before = last[music]
            # A band from all of one to all of the other, as high as they are apart.
            a, b = before.start, before.start + before.length
            c, d = section.start, section.start + section.length
            outer, inner = [MARGIN + x * scale for x in (a, d)], [MARGIN + x * scale for x in (b, c)]
            wide, narrow = (outer[1] - outer[0]) / 2, max((inner[1] - inner[0]) / 2, 0.1)
            tall = min(wide, _ARCS - 8)
            low = tall * narrow / wide
            yield (
                f'<path d="M{outer[0]:.1f} {base}A{wide:.1f} {tall:.1f} 0 0 1 {outer[1]:.1f} {base}'
                f'H{inner[1]:.1f}A{narrow:.1f} {low:.1f} 0 0 0 {inner[0]:.1f} {base}z" '
                f'fill="{_colour(letters[music])}" fill-opacity=".22"/>'
            )
        last[music] = section


def _blocks(
    sections: tuple[Stretch, ...], letters: dict[str, str], scale: float, base: int, roll: Roll
) -> Iterator[str]:
    number = {at: count for count, at in enumerate(roll.bars)}
    for section in sections:
        x, wide = MARGIN + section.start * scale, section.length * scale
        tall = _BLOCKS * (section.energy or 5) / 5
        music = letters[_music(section)]
        yield rect(x, base, wide, _BLOCKS, GROUNDS.get(section.kind, PLAIN), 'stroke="#fff"')
        yield rect(x + 0.5, base + _BLOCKS - tall * 0.5, wide - 1, tall * 0.5, _colour(music), 'fill-opacity=".35"')
        yield text(x + 4, base + 15, shortened(section.title, wide - 6, 12), 'font-size="12" font-weight="bold"')
        yield text(x + 4, base + 32, music, f'font-weight="bold" fill="{_colour(music)}" font-size="13"')
        if section.start in number and wide > 26:
            yield text(x + 2, base + _BLOCKS + 13, str(number[section.start] + 1), f'fill="{FAINT}" font-size="10"')
    yield f'<path d="M{MARGIN} {base}H{WIDTH - MARGIN}" stroke="{INK}"/>'


def _chords(roll: Roll, section: Stretch) -> str:
    """Return the numerals (or symbols) of a section, what goes round once: "i VI III VII (x4)"."""
    inside = [
        label.numeral or label.text
        for label in roll.chords
        if section.start <= label.start < section.start + section.length
    ]
    for period in range(1, len(inside) // 2 + 1):
        times, rest = divmod(len(inside), period)
        if not rest and inside == inside[:period] * times:
            return f"{' '.join(inside[:period])} (x{times})"
    return " ".join(inside)
