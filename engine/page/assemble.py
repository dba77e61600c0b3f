"""The page put together: picture, sound, chords, lead sheet, receipt and MIDI in one file."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import NamedTuple

from engine.page.sheet import TOP, heights, sheet_svg
from engine.page.sound import SMALL, Stems
from engine.picture.roll import Lane, Roll
from engine.picture.svg import GROUNDS, PLAIN
from engine.version import __version__

# Verovio's text face, 390 kB a page: browsers have Times or its like. Its signs of music stay.
_TEXT_FACE = re.compile(r'<style type="text/css">@font-face \{\s*font-family: "Liberation".*?</style>', re.S)
_HOLE = re.compile(r"\{\{(\w+)\}\}")


class Extras(NamedTuple):
    """What a page holds besides picture and sound; what is empty is left out.

    midi: the file to download. receipt: what makes the song again. charts: chords of each section as one line.
    leadsheet: pages as SVG text.
    """

    midi: bytes
    receipt: str = ""
    charts: tuple[str, ...] = ()
    leadsheet: tuple[str, ...] = ()


def page(roll: Roll, stems: Stems, extras: Extras) -> str:
    """Return the HTML of a page; ``stems`` are the roll's lanes, in their order."""
    script = _own("page.js")
    heads = heights(roll)
    picture, scale = sheet_svg(roll)
    sounds = [b64encode(part.data).decode() for part in stems.parts]
    filled = {
        "hash": f"sha256-{b64encode(sha256(script.encode()).digest()).decode()}",
        "title": escape(roll.title),
        "about": escape(roll.about),
        "style": _own("page.css"),
        "sections": _sections(roll),
        "top": str(TOP),
        "heads": "\n".join(
            _head(number, lane, tall) for number, (lane, tall) in enumerate(zip(roll.lanes, heads, strict=True))
        ),
        "width": str(round(roll.end * scale)),
        "roll": picture,
        "chords": _chords(roll, extras.charts),
        "leadsheet": _leadsheet(roll, extras.leadsheet),
        "name": escape(re.sub(r"[^A-Za-z0-9]+", "-", roll.title).strip("-").lower() or "song", quote=True),
        "midi": b64encode(extras.midi).decode(),
        "receipt": _receipt(extras.receipt),
        "sizes": escape(_sizes(stems, len(extras.midi))),
        "version": __version__,
        "data": _json(_data(roll, stems, scale)),
        "sounds": "\n".join(
            f'<script type="application/octet-stream" id="sound-{number}">{text}</script>'
            for number, text in enumerate(sounds)
        ),
        "script": script,
    }
    return _HOLE.sub(lambda hole: filled[hole[1]], _own("page.html"))


@cache
def _own(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8").rstrip("\n")


def _data(roll: Roll, stems: Stems, scale: float) -> dict[str, object]:
    second = roll.second
    seconds = max(roll.end / second, *(stems.skipped + part.seconds for part in stems.parts))
    return {
        "rate": SMALL,
        "gain": round(stems.gain, 4),
        "skipped": stems.skipped,
        "seconds": round(seconds, 3),
        "end": round(roll.end / second, 4),
        "scale": scale * second,
        "parts": [{"name": lane.title, "pan": part.pan} for lane, part in zip(roll.lanes, stems.parts, strict=True)],
        "bars": [[round(at / second, 4)] for at in roll.bars[:-1]],
        "sections": [[round(section.start / second, 4), section.title] for section in roll.sections],
        "chords": [[round(label.start / second, 4), label.text] for label in roll.chords],
    }


def _json(value: object) -> str:
    # Nothing in it may end the element that holds it.
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")


def _sections(roll: Roll) -> str:
    if not roll.sections:
        return ""
    buttons = []
    for section in roll.sections:
        ground = GROUNDS.get(section.kind, PLAIN)
        minutes, seconds = divmod(section.start // roll.second, 60)
        buttons.append(
            f'<button type="button" style="background:{ground}" title="Play from {minutes}:{seconds:02}">'
            f"{escape(section.title)}</button>"
        )
    return '<nav id="sections" aria-label="Sections">' + "\n".join(buttons) + "</nav>"


def _head(number: int, lane: Lane, tall: int) -> str:
    name = escape(lane.title)
    return (
        f'<div class="part" style="height:{tall}px"><h3 style="color:{lane.colour}" title="{name}">{name}</h3><div>'
        f'<button type="button" id="mute-{number}" aria-pressed="false" aria-label="Mute {name}">Mute</button>'
        f'<button type="button" id="solo-{number}" class="solo" aria-pressed="false" aria-label="Solo {name}">Solo'
        "</button></div></div>"
    )


def _chords(roll: Roll, charts: Sequence[str]) -> str:
    if not charts:
        return ""
    rows = "\n".join(
        f'<tr><th scope="row">{escape(section.title)}</th><td>{escape(line)}</td></tr>'
        for section, line in zip(roll.sections, charts, strict=True)
    )
    return (
        '<section aria-labelledby="chords-title">\n<h2 id="chords-title">Chords</h2>\n'
        '<div class="wide" tabindex="0" role="region" aria-label="Table of chords"><table>\n'
        '<thead><tr><th scope="col">Section</th><th scope="col">Chords, bar by bar</th></tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody></table></div>\n</section>"
    )


def _leadsheet(roll: Roll, pages: Sequence[str]) -> str:
    if not pages:
        return ""
    shown = "\n".join(
        f'<img alt="Lead sheet of {escape(roll.title)}, page {number} of {len(pages)}" '
        f'src="data:image/svg+xml;base64,{b64encode(_TEXT_FACE.sub("", svg).encode()).decode()}">'
        for number, svg in enumerate(pages, 1)
    )
    return (
        '<section class="leadsheet" aria-labelledby="lead-title">\n<h2 id="lead-title">Lead sheet</h2>\n'
        f"{shown}\n</section>"
    )


def _receipt(text: str) -> str:
    if not text:
        return ""
    return (
        "<details><summary>Receipt: what makes this song again</summary>"
        f'<pre tabindex="0" role="region" aria-label="Receipt">{escape(text)}</pre></details>'
    )


def _sizes(stems: Stems, midi: int) -> str:
    parts = ", ".join(f"{part.name} {max(len(part.data) // 1000, 1)} kB" for part in stems.parts)
    decoded = sum(part.decoded for part in stems.parts) / 1e6
    return (
        f"In this page: {parts} of sound (MP3), {max(midi // 1000, 1)} kB of MIDI. "
        f"To play it, a browser needs {max(decoded, 1):.0f} MB of memory."
    )
