"""The figures of a song's drumming: what it is like, and the bars that its grooves go round.

What the drumming of a song is like is drawn first, from what real songs are like: its kind of pattern, after how many
bars it comes again and how exactly, how dense the cymbals, how many ghost notes, fills and crashes. Then a song has few
figures: one of four or eight bars belongs to the verses and what leans on them, another, going on from it, to
the choruses, a third to the bridge. Bar states (which cymbal leads, how busy) come from the fitted hidden Markov model.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.chain.costs import row
from engine.chain.sampler import Sampler
from engine.chain.temperature import heat
from engine.models.drums import Drums, load_drums
from engine.models.genres import drummers
from engine.models.hmm import hidden_steps
from engine.models.strokes import UNKNOWN, Traits, pace
from engine.plan.accents import (
    Accents,
    Beat,
    Context,
    Place,
    accents_of,
    context_of,
    feet_sampler,
    mask,
)
from engine.plan.plan import Plan
from engine.plan.pulls import BACKBEATS, factors, fixed, nailed
from engine.plan.turns import PART
from engine.song import Section
from engine.stream import Stream

Ints = NDArray[np.int64]

# Which figure a kind of section plays.
_FIGURES = {
    "intro": "verse", "verse": "verse", "prechorus": "verse", "interlude": "verse",
    "chorus": "chorus", "solo": "chorus", "outro": "chorus", "bridge": "bridge",
}  # fmt: skip
_FIGURE_ENERGY = {"verse": 3, "chorus": 4, "bridge": 3}
_GROUND = 45  # percent of bars
_STANDING = {"plain": 1, "half": 1, "double": 0, "": 0}  # double time is asked for by a rule of its own

# Percent of weight of a leading cymbal by energy.
_LEADS = {
    "closed": (100, 100, 100, 70, 40),
    "ride": (3, 6, 10, 55, 100),
    "tom": (0, 5, 8, 6, 3),
}


# Classes of variety (of models.strokes.VARIES) from which on states change within a groove, and it is eight bars long.
_LOOSE, _LOOSEST = 3, 5


class Figure(NamedTuple):
    """A groove: its bars, the feet they are made of, and the slots of its backbeat."""

    bars: tuple[Accents, ...]
    line: tuple[int, ...]
    backbeat: tuple[int, ...]


def traits(plan: Plan) -> Traits:
    """Return what the drumming of the song is like: that of a real song, such as the style asks for."""
    return plan.once(("drum traits",), lambda: _playable(plan, _draw_traits(plan, load_drums(plan.style.models))))


def _playable(plan: Plan, song: Traits) -> Traits:
    # Nobody keeps sixteenths going on a cymbal at speed.
    return song._replace(dense=min(song.dense, 1)) if plan.tempo > plan.style.rules["drums.fast"] else song


def _draw_traits(plan: Plan, drums: Drums) -> Traits:
    rules = plan.style.rules
    kick, snare = drums.patterns[:, :16], drums.patterns[:, 16:]
    # A rule at 100 leaves songs as common as they are; above, those that do so always weigh more by as much.
    steady = _leaning(rules["drums.backbeat"], (snare[:, 4] + snare[:, 12]) // 2)
    down = _leaning(rules["drums.downbeat"], kick[:, 0]) * _leaning(rules["drums.downbeat"], kick[:, 8]) ** 3
    times = _times(plan.style.models)
    fits = [int(steady[kind]) * int(down[kind]) * _STANDING[time] for kind, time in enumerate(times)]
    weights = []
    asked = plan.style.drummers
    known = drummers(plan.style.models, asked) if asked else tuple(zip(drums.songs, drums.lengths, strict=True))
    for song, bars in known:
        fit = fits[song.kind]
        vary = 100 + (rules["drums.vary"] - 100) * song.vary // 5
        long = rules["drums.two_bars"] if song.period else 100
        time = rules["drums.steady"] if song.dense else 100
        weights.append(bars * fit * vary * long * time // 10**8)
    song = plan.song(PART, "traits").pick([song for song, _ in known], weights)
    if song.ghosts != UNKNOWN:
        return song
    # What a typed-in song cannot tell is that of a played one that varies as much.
    like = [
        bars * (4 - min(abs(other.vary - song.vary), 4)) * (other.ghosts != UNKNOWN)
        for other, bars in zip(drums.songs, drums.lengths, strict=True)
    ]
    played = plan.song(PART, "player").pick(drums.songs, like)
    return song._replace(ghosts=played.ghosts, pedal=played.pedal)


@lru_cache(maxsize=8)
def _times(models: str) -> tuple[str, ...]:
    """Return ``_time`` of every kind."""
    drums = load_drums(models)
    return tuple(_time(drums, kind) for kind in range(len(drums.patterns)))


def _time(drums: Drums, kind: int) -> str:
    """Return which backbeat songs of a kind have: "plain", "half", "double", or "" for none to stand on.

    A kick that seldom falls on 1 can mean that a file's bar lines are shifted.
    """
    kick, snare = drums.patterns[kind, :16], drums.patterns[kind, 16:]
    shares = {time: int(snare[list(slots)].sum()) // len(slots) for time, slots in BACKBEATS.items()}
    time = max(shares, key=lambda name: (shares[name], name))
    return time if kick[0] >= _GROUND and shares[time] >= _GROUND else ""


def _leaning(rule: int, percent: Ints) -> Ints:
    return np.asarray(100 + (rule - 100) * np.minimum(percent, 100) // 100)


def beats(plan: Plan, section: Section) -> tuple[Beat, ...]:
    """Return the bars that a section's groove goes round, before fills; for 4/4 alone."""
    return plan.once(("beats", section.name), lambda: _beats(plan, section))


def _beats(plan: Plan, section: Section) -> tuple[Beat, ...]:
    drums = load_drums(plan.style.models)
    figure = _figure(plan, section, drums)
    states = _states(plan, section, figure)
    found = []
    for (kick, snare), state in zip(figure.bars, states, strict=True):
        if section.energy == 1:
            kick, snare = kick & mask((0, 8)), mask(figure.backbeat)
        found.append(Beat(state, kick, snare))
    return tuple(found)


def home(plan: Plan) -> tuple[Beat, ...]:
    """Return the bars of the verse's groove, in the state that suits it best, whatever the section."""
    drums = load_drums(plan.style.models)
    state = plan.song(PART, "home").pick(range(drums.states), _home_states(plan.style.models, traits(plan).kind))
    return tuple(Beat(state, kick, snare) for kick, snare in _song_figure(plan, "verse", drums).bars)


def _home_states(models: str, kind: int) -> list[int]:
    drums = load_drums(models)
    leads = _leads(models)["closed"]
    found: list[int] = (_fitness(drums, "plain") * drums.kinds[kind] * leads).tolist()
    return found


def _figure(plan: Plan, section: Section, drums: Drums) -> Figure:
    """Return the figure a section plays: that of its kind, or one of its own after a new take."""
    name = _FIGURES[section.kind]
    if name == "chorus" and plan.song(PART, "one groove").below(100) < plan.style.rules["drums.one_groove"]:
        # The chorus is another cymbal on the same beat.
        name = "verse"
    if not _retaken(plan, section):
        return _song_figure(plan, name, drums)
    return plan.once(("figure", section.name), lambda: _draw_figure(plan, name, drums, _stream(plan, section)))


def _song_figure(plan: Plan, name: str, drums: Drums) -> Figure:
    return plan.once(
        ("figure", "song", name),
        lambda: _draw_figure(plan, name, drums, lambda decision: plan.song(PART, decision)),
    )


def _retaken(plan: Plan, section: Section) -> bool:
    return any(plan.takes.get(f"{place}/{PART}", 0) for place in (section.material, section.name))


def _stream(plan: Plan, section: Section) -> Callable[[str], Stream]:
    """Return the streams of decisions that sections alike in kind share, or those of a new take."""
    if _retaken(plan, section):
        return lambda decision: plan.shared(section, PART, decision)
    return lambda decision: plan.song(PART, decision)


def _draw_figure(plan: Plan, name: str, drums: Drums, place: Callable[[str], Stream]) -> Figure:
    rules, own = plan.style.rules, traits(plan)

    def stream(decision: str) -> Stream:
        return place(f"{name} {decision}")

    kind, forced = _times(plan.style.models)[own.kind], False
    if plan.style.time != "plain":
        kind, forced = plan.style.time, True
    elif name == "bridge" and stream("half time").below(100) < rules["drums.half_time"]:
        kind, forced = "half", True
    elif name != "bridge" and stream("double time").below(100) < rules["drums.double_time"]:
        kind, forced = "double", True
    pulls = nailed(factors(plan, kind, _FIGURE_ENERGY[name], forced), fixed(plan, name, kind, stream))
    weights = _fitness(drums, kind) if forced else _fitness(drums, kind) * drums.kinds[own.kind]
    state = stream("state").pick(range(drums.states), weights.tolist())
    line: list[int] = []
    if name != "verse" and not forced:
        # What the chorus plays goes on from what the verse played.
        line += _song_figure(plan, "verse", drums).line
    known = len(line)
    size = 8 if own.vary >= _LOOSEST else 4
    where = Place(own, state, pace(plan.tempo))
    for bar in range(size):
        # What has been found once is kept: only what is not allowed at all stays so.
        pull = np.minimum(pulls, 1) if line and (bar or own.vary < _LOOSE) else pulls
        line += _sampler(plan, drums, context_of(where, line), pull).draw(stream(f"bar {bar}"))
    line = line[known:]
    bars = tuple(accents_of(line[16 * bar : 16 * bar + 16]) for bar in range(size))
    return Figure(bars, tuple(line), BACKBEATS[kind])


def _sampler(plan: Plan, drums: Drums, context: Context, pulls: Ints) -> Sampler:
    # A song that keeps to its figure asks the same again and again.
    return plan.once(("feet", context, pulls.tobytes()), lambda: feet_sampler(drums, context, pulls))


def _fitness(drums: Drums, kind: str) -> Ints:
    """Return how well each state suits a groove in rock, 1 .. 256: a kick on 1 and a backbeat."""
    back = drums.feature("backbeat") // 2 if kind != "half" else np.maximum(drums.feature("snare_3"), 20)
    found = np.minimum(back, 90) * np.minimum(drums.feature("kick_1"), 90)
    return np.asarray(np.maximum(found * found * 256 // 8100**2, 1))


def _states(plan: Plan, section: Section, figure: Figure) -> list[int]:
    """Return the bar states of a groove, drawn from the hidden Markov model.

    One cymbal leads a section, chosen by energy; states led by it that suit the song are preferred. A song that
    keeps to its figure stays in one state.
    """
    names = tuple(_LEADS)
    stream = _stream(plan, section)
    about = f"{_FIGURES[section.kind]} {section.energy}"
    lead = stream(f"lead {about}").pick(names, [_LEADS[name][section.energy - 1] for name in names])
    kind = "half" if figure.backbeat == BACKBEATS["half"] else "plain"
    bars = len(figure.bars)
    size = bars if traits(plan).vary >= _LOOSE else 1
    found = _wandering(plan.style.models, lead, kind, size, heat())
    return found.draw(stream(f"states {_FIGURES[section.kind]} {lead}")) * (bars // size)


@lru_cache(maxsize=64)
def _wandering(models: str, lead: str, kind: str, size: int, percent: int) -> Sampler:
    """Return all ways to go through the states that a cymbal leads; percent: the temperature in force."""
    drums = load_drums(models)
    groove = np.where(_leads(models)[lead], _fitness(drums, kind), 0)
    groove[fill_state(drums)] = 0
    # A section starts anywhere in a take, so its first state is as common as in any bar.
    anywhere = drums.bars._replace(start=row(drums.bars.move.sum(axis=0)))
    steps, start = hidden_steps(anywhere, np.tile(groove, (size, 1)))
    return Sampler(steps, start)


@lru_cache(maxsize=8)
def _leads(models: str) -> dict[str, NDArray[np.bool_]]:
    """Return which states each cymbal (or tom) leads."""
    drums = load_drums(models)
    names = ("closed", "ride", "tom")
    strokes = np.stack([drums.feature("closed"), drums.feature("ride"), drums.feature("tom_first") // 2])
    first = strokes.argmax(axis=0)
    return {name: first == i for i, name in enumerate(names)}


def fill_state(drums: Drums) -> int:
    """Return the state of fills: toms at the bar's end, and gone the bar after."""
    stay = np.diagonal(drums.bars.move)
    return int(np.argmax(drums.feature("tom_second") * (65536 - stay)))
