"""Plans made by hand, for tests of the players."""

from __future__ import annotations

from dataclasses import replace

from engine.plan.plan import Plan
from engine.song import BarGroove, ChordSpan, Phrase, Section
from engine.style import Style, load
from engine.style.rules import RULES
from engine.theory.chord import parse_numeral
from engine.theory.key import Key
from engine.theory.meter import Meter

EVERYBODY = ("melody", "lead", "rhythm", "bass", "drums")
BAND = EVERYBODY[1:]


def rock(**rules: int) -> Style:
    """Return the rock style with some rules set (``bass_root=100`` for ``bass.root``)."""
    style = load("rock")
    given = {name.replace("_", ".", 1): value for name, value in rules.items()}
    return replace(style, rules={**{name: rule.default for name, rule in RULES.items()}, **style.rules, **given})


def band_section(
    kind: str,
    number: int = 1,
    *,
    bars: int = 8,
    numerals: str = "i bVII bVI bVII",
    tonic: int = 4,
    meter: Meter = Meter(4, 4),  # noqa: B008
    energy: int = 3,
    players: tuple[str, ...] = EVERYBODY,
    kick: int = 0b0000_0101_0000_0001,
    fill: int = -1,
    sung: tuple[int, int] | None = None,
    start_bar: int = 0,
) -> Section:
    """Return a section with one chord a bar, a kick, a backbeat and phrases of four bars."""
    names = numerals.split()
    chords = [
        ChordSpan(bar * meter.bar, meter.bar, parse_numeral(names[bar % len(names)], tonic), names[bar % len(names)])
        for bar in range(bars)
    ]
    inside = (1 << meter.slots) - 1
    groove = [BarGroove(0, kick & inside, 0x1010 & inside, fill if bar == bars - 1 else -1) for bar in range(bars)]
    phrases = []
    for first in range(0, bars, 4):
        length = min(4, bars - first) * meter.slots
        start = first * meter.slots
        window = (start, start + length - 12) if sung is None else (start + sung[0], start + sung[1])
        phrases.append(Phrase(start, length, "ab"[first // 4 % 2], "", window))
    return Section(
        f"{kind}/{number}",
        kind,
        kind,
        start_bar,
        bars,
        energy,
        "",
        players,
        tuple(chords),
        tuple(phrases),
        tuple(groove),
    )


def band_plan(
    *sections: Section, seed: int = 1, key: Key | None = None, style: Style | None = None, **more: object
) -> Plan:
    """Return a plan of sections in E minor 4/4 unless told otherwise."""
    placed, bar = [], 0
    for section in sections:
        placed.append(replace(section, start_bar=bar))
        bar += section.bars
    meter = more.pop("meter", Meter(4, 4))
    return Plan(style or rock(), seed, key or Key(4, "minor"), 120, meter, tuple(placed), **more)  # type: ignore[arg-type]
