"""The style file of what was learnt: the numbers of whole songs over the parent's, as YAML with the reasons beside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.learn.counts import Counts
from engine.learn.facts import METERS, MODES, SHAPES, STEP
from engine.learn.raw import Ints
from engine.learn.roles import ROLES
from engine.style.load import resolved
from engine.style.model import Style
from engine.theory.gm import INSTRUMENTS
from engine.theory.pitch import FLATS, pitch_class, pitch_name

SONGS = 12  # songs that the parent's numbers are worth
_LOWS = (0.01, 0.03, 0.06, 0.1, 0.15, 0.2)  # shares of songs that may be slower than the slowest drawn
_LEAST = 0.5  # share of what was learnt from which a choice (metre, instrument) is the folder's
_METERS = ("4/4", "3/4", "6/8", "12/8", "6/4", "5/4", "7/8", "9/8")
_ROLE_OF = {"melody": "melody", "lead": "lead", "rhythm": "rhythm", "bass": "bass"}

Floats = NDArray[np.float64]


class Facts(NamedTuple):
    """The tables of ``facts.SHAPES``, and how many songs they are of."""

    tables: dict[str, Ints]

    @property
    def songs(self) -> int:
        """How many songs were counted."""
        return int(self.tables["songs"][0])

    @property
    def share(self) -> float:
        """How much of a number of whole songs is the folder's."""
        return self.songs / (self.songs + SONGS)

    def heard(self, role: str) -> int:
        """Return how many songs have a role."""
        return int(self.tables["who"][ROLES.index(role)])


def facts_of(counts: Counts) -> Facts:
    """Return the facts of counts without sides."""
    return Facts({name: counts.dense(f"facts/{name}", shape) for name, shape in SHAPES.items()})


def style_text(
    name: str, extends: str, parent: tuple[str, Style], facts: Facts, tables: str, digest: str, source: str
) -> str:
    """Return the YAML of a learnt style.

    extends: the parent as this file names it. parent: its name or path from here, and itself. tables: the folder of
    fitted tables as this file names it. digest: their fingerprint.
    source: where the songs come from, in words.
    """
    songs = facts.songs
    lines = [
        f"# {name}: learnt from {songs} songs; where whole songs count, {extends} counts as {SONGS}.",
        f"extends: {extends}",
        f"about: learnt from {songs} songs, over {extends}",
        "sources:",
        f"  - {_quoted(source)}",
        "",
        f"models: {_quoted(tables)}",
        f"models_sha256: {digest} # other tables are refused",
        *_of_songs(parent[1], parent[0], facts),
    ]
    return "\n".join(lines) + "\n"


def _of_songs(style: Style, extends: str, facts: Facts) -> Iterator[str]:
    tables, share = facts.tables, facts.share
    yield ""
    yield f"# {share:.0%} of these numbers is the folder's, but for what its files do not say."
    low, common, high = tempo_of(style, tables["tempo"])
    yield f"tempo: [{low}, {common}, {high}]"
    short, long = _seconds(style, tables["seconds"])
    yield f'length: ["{_clock(short)}", "{_clock(long)}"]'
    keys = _weights(np.array([style.keys.get(pc, 0) for pc in range(12)]), tables["tonic"])
    # A key's name has to be the parent's, or both would stand.
    names = {pitch_class(key): key for key in resolved(extends).get("keys") or {}}
    told = (f"{names.get(pc, FLATS[pc])}: {weight or '~'}" for pc, weight in enumerate(keys) if weight or pc in names)
    yield f"keys: {{{', '.join(told)}}}"
    modes = _weights(np.array([style.modes.get(mode, 0) for mode in MODES]), tables["mode"])
    told = (
        f"{mode}: {weight or '~'}" for mode, weight in zip(MODES, modes, strict=True) if weight or mode in style.modes
    )
    yield f"modes: {{{', '.join(told)}}}"
    meter = METERS[int(tables["meter"].argmax())]
    most = tables["meter"].max() / (facts.songs + SONGS)
    if meter in _METERS and meter != str(style.meter) and most > _LEAST:
        yield f"meter: {meter}"
    swing = int(tables["swing"].sum(axis=0)[56:].sum())
    if swing * 2 > facts.songs and share > _LEAST:
        unit, percent = np.unravel_index(int(tables["swing"][:, 56:].argmax()), (2, 20))
        yield f"feel: {{swing: {percent + 56}, swing_unit: {unit + 1}}}"
    parts = list(_parts(style, facts))
    if parts:
        yield "parts:"
        yield from parts
    rules = list(_rules(style, facts))
    if rules:
        yield "rules:"
        yield from rules


def tempo_of(style: Style, heard: Ints) -> tuple[int, int, int]:
    """Return the triangle nearest to the tempi heard and those of the parent, which count as SONGS songs."""
    tempos = np.arange(len(heard))
    shares = SONGS * triangle(*style.tempo, len(heard)) + heard
    shares = shares / shares.sum()
    summed = np.cumsum(shares)

    def apart(low: int, common: int, high: int) -> float:
        return float(np.abs(np.cumsum(triangle(low, common, high, len(tempos))) - summed).sum())

    lows, highs = ([int(np.searchsorted(summed, at)) for at in row] for row in (_LOWS, [1 - at for at in _LOWS]))
    bounds = {(max(low, 30), min(max(high, low + 2), 300)) for low in lows for high in highs}
    found = min((apart(a, c, b), a, c, b) for a, b in sorted(bounds) for c in range(a, b + 1, max((b - a) // 24, 1)))
    return found[1:]


def triangle(low: int, common: int, high: int, size: int) -> Floats:
    """Return the chances of 0 .. size - 1 beats a minute, as composing draws them (``plan.setting.draw_tempo``)."""
    at = np.arange(size, dtype=np.float64)
    up, down = (at - low + 1) / (common - low + 1), (high - at + 1) / (high - common + 1)
    found = np.where(at <= common, up, down)
    found[(at < low) | (at > high)] = 0
    return np.asarray(found / found.sum())


def _seconds(style: Style, heard: Ints) -> tuple[int, int]:
    short, long = style.seconds
    usual = np.zeros(len(heard))
    usual[short // STEP : long // STEP + 1] = 1
    shares = SONGS * usual / usual.sum() + heard
    summed = np.cumsum(shares) / shares.sum()
    first, last = (int(np.searchsorted(summed, at)) * STEP for at in (0.2, 0.8))
    return max(first, 60), min(max(last, first + 40, 100), 900)


def _clock(seconds: int) -> str:
    return f"{seconds // 60}:{seconds % 60:02}"


def _weights(parent: Ints, own: Ints) -> list[int]:
    mixed = SONGS * parent / max(int(parent.sum()), 1) + own
    return [int(weight) for weight in np.rint(1000 * mixed / mixed.sum())]


def _parts(style: Style, facts: Facts) -> Iterator[str]:
    for part, role in _ROLE_OF.items():
        number, heard = ROLES.index(role), facts.heard(role)
        if heard / (heard + SONGS) < _LEAST:
            continue
        words = []
        programs = facts.tables["program"][number][:128]
        best = int(programs.argmax())
        if programs[best] and best != style.parts[part].program:
            words.append(f"instrument: {_quoted(INSTRUMENTS[best])}")
        if part == "melody":
            low, high = _range(style, facts)
            words.append(f"range: [{pitch_name(low)}, {pitch_name(high)}]")
        if words:
            yield f"  {part}: {{{', '.join(words)}}}"


def _range(style: Style, facts: Facts) -> tuple[int, int]:
    pitches = facts.tables["pitch"][ROLES.index("melody")]
    summed = np.cumsum(pitches) / max(int(pitches.sum()), 1)
    low, high = (int(np.searchsorted(summed, at)) for at in (0.02, 0.98))
    # By octaves to where voices are; an octave and a half at least.
    while (low + high) / 2 > 78:
        low, high = low - 12, high - 12
    while (low + high) / 2 < 52:
        low, high = low + 12, high + 12
    spare = max(19 - (high - low), 0)
    return low - spare // 2, high + spare - spare // 2


def _rules(style: Style, facts: Facts) -> Iterator[str]:
    tables = facts.tables
    for rule, role, least, most in (("bass.notes", "bass", 10, 120), ("guitar.notes", "rhythm", 10, 160)):
        number = ROLES.index(role)
        heard, bars = facts.heard(role), int(tables["bars"][number])
        if heard:
            own = 10 * tables["notes"][number] / max(bars, 1)
            yield f"  {rule}: {_mixed(own, style.rules[rule], heard, least, most)}"
    chords = int(tables["qualities"].sum())
    if chords:
        from engine.theory.chord import QUALITIES

        power = 100 * tables["qualities"][tuple(QUALITIES).index("5")] / chords
        yield f"  harmony.power: {_mixed(power, style.rules['harmony.power'], facts.songs, 0, 100)}"


def _mixed(own: float, usual: float, songs: int, least: int, most: int) -> int:
    return int(min(max(round((own * songs + usual * SONGS) / (songs + SONGS)), least), most))


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "/").replace('"', "'") + '"'
