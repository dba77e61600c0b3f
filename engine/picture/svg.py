"""SVG by hand: small, sharp, and the same bytes for the same song."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

FONT = "'DejaVu Sans', Verdana, sans-serif"
INK, FAINT, RULE = "#1f2328", "#5a6069", "#c9ced6"
# The ground of a section by its kind: pale, so that notes stand out on every one.
GROUNDS = {
    "intro": "#f1f2f4",
    "verse": "#e9f1fb",
    "prechorus": "#e8f5f0",
    "chorus": "#fdeee4",
    "bridge": "#f4ecf8",
    "solo": "#fdf6dc",
    "interlude": "#f1f2f4",
    "outro": "#f1f2f4",
}
PLAIN = "#f6f7f8"
_SHORT = {"Intro": "In", "Verse": "V", "Pre-Chorus": "Pre", "Chorus": "Ch", "Bridge": "Br", "Interlude": "Il"}


def document(width: float, height: float, title: str, about: str, lines: Iterable[str]) -> str:
    """Return a whole SVG document on white, with a title and a description for those who cannot see it."""
    size = f"{width:g} {height:g}"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" width="{width:g}" height="{height:g}" '
            f'role="img" font-family={quoteattr(FONT)} font-size="11">',
            f"<title>{escape(title)}</title>",
            f"<desc>{escape(about)}</desc>",
            f'<rect width="{width:g}" height="{height:g}" fill="#fff"/>',
            *lines,
            "</svg>",
            "",
        ]
    )


def text(x: float, y: float, words: str, more: str = "") -> str:
    """Return words at a place; ``more``: attributes."""
    colour = "" if "fill=" in more else f'fill="{INK}" '
    return f'<text x="{x:.1f}" y="{y:.1f}" {colour}{more}>{escape(words)}</text>'


def rect(x: float, y: float, width: float, height: float, fill: str, more: str = "") -> str:
    """Return a filled box."""
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}" {more}/>'


def width_of(words: str, size: float = 11) -> float:
    """Return about how wide words are: DejaVu Sans is a broad face, 0.63 of its size a sign on average."""
    return 0.63 * size * len(words)


def shortened(words: str, room: float, size: float = 11) -> str:
    """Return the name of a section if it fits, else a shorter one, else nothing."""
    if width_of(words, size) <= room:
        return words
    first, _, number = words.strip("()").rpartition(" ")
    short = _SHORT.get(first, first[:3])
    for shorter in (f"{short}{number}" if number.isdecimal() else words[:3], short[:1] or words[:1]):
        if shorter and width_of(shorter, size) <= room:
            return shorter
    return ""
