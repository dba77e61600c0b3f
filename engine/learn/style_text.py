"""The style file of what was learnt: the numbers of whole songs over the parent's, as YAML with the reasons beside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.learn.counts import Counts
from engine.learn.facts import METERS, MODES, SHAPES, STEP
from engine.learn.harmony import percents
from engine.learn.raw import Ints
from engine.learn.roles import ROLES
from engine.plan.setting import tempo_weights
from engine.style.load import resolved
from engine.style.model import Style
from engine.theory.gm import INSTRUMENTS
from engine.theory.pitch import FLATS, pitch_class, pitch_name

SONGS = 6  # songs that the parent's numbers are worth
_TEMPI, _LEVEL = 2, 4  # beats a minute between points; thousandths of the tallest point by which one may be left out
_SLOWEST, _FASTEST = 30, 300
_LEAST = 0.5  # share of what was learnt from which a choice (metre, instrument) is the folder's
_METERS = ("4/4", "3/4", "6/8", "12/8", "6/4", "5/4", "7/8", "9/8")
# The grand piano is also what files name that name nothing; as a rhythm it is believed.
_UNASKED = {"melody": (0,), "lead": (0,), "rhythm": (), "bass": (0,)}
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
    name: str,
    extends: str,
    parent: tuple[str, Style],
    facts: Facts,
    tables: str,
    digest: str,
    source: str,
    rules: Mapping[str, int],
) -> str:
    """Return the YAML of a learnt style.

    extends: the parent as this file names it. parent: its name or path from here, and itself. tables: the folder of
    fitted tables as this file names it. digest: their fingerprint.
    source: where the songs come from, in words. rules: soft rules over the parent's.
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
    learnt_in = [f"harmony.{label}: ~" for label in sorted(percents(parent[1]))]
    if learnt_in:
        lines += ["grammars: # in what was learnt, too", f"  weights: {{{', '.join(learnt_in)}}}"]
    if rules:
        lines += ["rules:", *(f"  {rule}: {weight}" for rule, weight in sorted(rules.items()))]
    return "\n".join(lines) + "\n"


def _of_songs(style: Style, extends: str, facts: Facts) -> Iterator[str]:
    tables, share = facts.tables, facts.share
    yield ""
    yield f"# {share:.0%} of these numbers is the folder's, but for what its files do not say."
    pairs = ", ".join(f"[{tempo}, {weight}]" for tempo, weight in tempo_of(style, tables["tempo"]))
    yield f"tempo: [{pairs}] # [beats a minute, weight]; between two of them weights run evenly"
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


def tempo_of(style: Style, heard: Ints) -> tuple[tuple[int, int], ...]:
    """Return the tempi heard over those of the parent, as (tempo, weight) pairs between which weights run evenly."""
    shares = heard.astype(np.float64)
    tempos, weights = tempo_weights(style)
    shares[list(tempos)] += SONGS * np.array(weights) / sum(weights)
    # Each tempo belongs to the points of a grid on either side of it, the nearer one more.
    at = np.arange(len(shares))
    grid = np.zeros(len(shares) // _TEMPI + 2)
    np.add.at(grid, at // _TEMPI, shares * (1 - at % _TEMPI / _TEMPI))
    np.add.at(grid, at // _TEMPI + 1, shares * (at % _TEMPI / _TEMPI))
    points = np.rint(grid * 1000 / grid.max()).astype(np.int64)
    used = np.flatnonzero(points)
    first, last = max(int(used[0]) - 1, -(-_SLOWEST // _TEMPI)), min(int(used[-1]) + 1, _FASTEST // _TEMPI)
    return _fewer([(_TEMPI * k, int(points[k])) for k in range(first, last + 1)])


def _fewer(pairs: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    # Points that lie on the line between those that stay say nothing.
    kept, waiting = pairs[:1], list[tuple[int, int]]()
    for here, then in pairwise(pairs[1:]):
        waiting.append(here)
        (x, a), (z, c) = kept[-1], then
        if any(abs(a + (c - a) * (y - x) / (z - x) - b) > _LEVEL for y, b in waiting):
            kept.append(here)
            waiting.clear()
    return (*kept, *pairs[1:][-1:])


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
        if programs[best] and best not in _UNASKED[part] and best != style.parts[part].program:
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


def rules_of(style: Style, facts: Facts) -> dict[str, int]:
    """Return the soft rules that facts tell outright, over those of the parent."""
    tables = facts.tables
    found = {}
    for rule, role, least, most in (("bass.notes", "bass", 10, 120), ("guitar.notes", "rhythm", 10, 160)):
        number = ROLES.index(role)
        heard, bars = facts.heard(role), int(tables["bars"][number])
        if heard:
            own = 10 * tables["notes"][number] / max(bars, 1)
            found[rule] = _mixed(own, style.rules[rule], heard, least, most)
    chords = int(tables["qualities"].sum())
    if chords:
        from engine.theory.chord import QUALITIES

        power = 100 * tables["qualities"][tuple(QUALITIES).index("5")] / chords
        found["harmony.power"] = _mixed(power, style.rules["harmony.power"], facts.songs, 0, 100)
    return found


def _mixed(own: float, usual: float, songs: int, least: int, most: int) -> int:
    return int(min(max(round((own * songs + usual * SONGS) / (songs + SONGS)), least), most))


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "/").replace('"', "'") + '"'
