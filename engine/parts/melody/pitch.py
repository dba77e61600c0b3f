"""The pitches of a sung phrase: the fitted model times the rules of singing, drawn exactly."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.chain.sampler import Sampler, Step, Veto
from engine.chain.watch import About, Stages
from engine.models.bans import RESIDUES, Bans, Follow, Watch, closed, divide, follow
from engine.models.dense import Dense, weigh
from engine.models.memory import Growing
from engine.models.pitch import (
    DESIGN,
    FAR_DOWN,
    FAR_UP,
    LEAP_DOWN,
    LEAP_UP,
    NONE,
    STILL,
    Place,
    motions,
    past_columns,
    place_columns,
)
from engine.models.viewpoints import Columns, Ints
from engine.parts.melody import tones
from engine.parts.melody.asked import Asked, product, topped, within
from engine.parts.melody.spot import Line, Spot
from engine.parts.melody.states import WIDEST, States, moving, standing, start_of

_STILL = np.full((1, 1), STILL, dtype=np.int64)
_MOVING = tuple(k for k, view in enumerate(DESIGN.long) if "motion1" in view.columns)
_PLAIN = tuple(k for k, view in enumerate(DESIGN.long) if "motion1" not in view.columns)
_MOVING_SHORT = tuple(k for k, view in enumerate(DESIGN.short) if "motion1" in view.columns)
_PLAIN_SHORT = tuple(k for k, view in enumerate(DESIGN.short) if "motion1" not in view.columns)

SELDOM = 64  # of 16,384: what is rarer than this outside scale and chord would be a slip
ONWARDS = 4  # after a leap beyond a fifth the line must not go on further than this in the same direction


# Sixteenths by which moves of so many semitones are weighed against the drift of lines that remember themselves.
_USUAL = np.array([11, 15, 15, 15, 15] + [14] * (WIDEST - 4) + [0], dtype=np.int64)
ONWARD = 10  # sixteenths: going on in the direction of a leap


def again(line: Line, spots: Sequence[Spot]) -> list[int] | None:
    """Return the events that the spots should resemble, if every one of them may be sung there."""
    found = [spot.like for spot in spots if spot.like is not None]
    if len(found) < len(spots):
        return None
    places = np.searchsorted(line.events, found)
    fits = (
        _allowed(line, spot, i == len(spots) - 1)[at] for i, (spot, at) in enumerate(zip(spots, places, strict=True))
    )
    return found if all(fits) else None


def pitch_sampler(
    model: Dense,
    line: Line,
    spots: Sequence[Spot],
    place: Place,
    past: tuple[int, int],
    memories: Sequence[Growing],
    bans: Bans | None = None,
    assumed: Sequence[int] | None = None,
    asked: Asked | None = None,
) -> Sampler:
    """Return all lines through the spots, as indices of ``line.events``.

    past: the last two events before, the later first (or NONE). bans: runs of MIDI numbers that are forbidden.
    assumed: for each spot, the event taken to be the last but one, where the line stays near one that is known;
    None lets the chain remember the motion to the last. asked: what a user wants of the notes.
    Raises RuleConflict naming the note at which the rules cannot hold together.
    """
    named, told = place_columns(place), Stages()
    if assumed is None:
        states = moving(line.events.tobytes(), *past)
        costs, moves = _costs(model, line, named, states, memories), _moves_of(line.events.tobytes(), *past)
        after, start, before = states.after, len(states.last) - 1, states.last
    else:
        # A state is the last event alone.
        ends = np.append(line.events, NONE)[None]
        moved = motions(ends, np.array(assumed, dtype=np.int64)[:, None])
        costs = model.long({**named, **past_columns(ends, moved, named["root"], named["middle"])}, line.events)
        moves, after, start, before = (
            _moves(line.events, ends, moved),
            standing(len(line.events)),
            start_of(line.events, past[0]),
            np.arange(len(line.events) + 1),
        )
    rows = _cleared(line, spots, weigh(costs), moves, told)
    residues = (line.events + line.bottom) % RESIDUES
    if bans:
        alone = _alone(bans)
        last = len(spots) - 1
        free = [_residues(line, s, i == last, residues, _forbidden(alone, i, residues)) for i, s in enumerate(spots)]
        bans = closed(bans, free)
    bans = bans or {}
    alone = _alone(bans)
    # What each note is allowed, and likes, whatever came before: shape (notes, 1, events).
    chosen = [_allowed(line, spot, i == len(spots) - 1, _forbidden(alone, i, residues)) for i, spot in enumerate(spots)]
    factors = np.array(chosen)
    if told:
        told.add("place", rows * factors[:, None])
    if any(spot.like is not None for spot in spots):
        factors *= _liking(line.events, spots)
    rows *= factors[:, None]
    told.add("likeness", rows)
    if asked:
        rows = within(rows, asked, line.events, before)
        told.add("wishes", rows)
    steps = [
        Step(row, after, f"note {i} of the phrase (slot {spot.slot})")
        for i, (row, spot) in enumerate(zip(rows, spots, strict=True), 1)
    ]
    followed, watched = divide({stretch: codes for stretch, codes in bans.items() if stretch[1] > 1})
    if followed:
        steps = [
            _product(step, known, residues, asked is not None)
            for step, known in zip(steps, follow(followed, len(steps)), strict=True)
        ]
    if asked and asked.top is not None:
        steps = topped(steps, asked)
    veto = _veto(Watch(watched), residues.tolist()) if watched else None
    sampler = Sampler(steps, start, veto=veto)
    if told:
        if assumed is None:
            ends, moved = np.append(line.events, NONE)[states.last][None], states.moved[None]
        columns = {**named, **past_columns(ends, moved, named["root"], named["middle"])}
        views = model.views(columns, line.events, memories, rows.shape)
        names = (tuple((line.events + line.bottom).tolist()),) * len(spots)
        slots = tuple(spot.slot for spot in spots)
        sampler.about = About("pitch", slots, names, tuple(told.found), views, "novelty")
    return sampler


def _costs(model: Dense, line: Line, named: Columns, states: States, memories: Sequence[Growing]) -> Ints:
    """Return what the model says of a new line: what does not look at motions is asked after fewer states."""
    ends = np.append(line.events, NONE)
    plain = {**named, **past_columns(ends[None], _STILL, named["root"], named["middle"])}
    first = ends[states.last][None]
    moving = {**named, **past_columns(first, states.moved[None], named["root"], named["middle"])}
    found = model.long(plain, line.events, _PLAIN) + model.short(plain, line.events, memories, _PLAIN_SHORT)
    costs = found.take(states.last, axis=1)
    costs += model.long(moving, line.events, _MOVING)
    costs += model.short(moving, line.events, memories, _MOVING_SHORT)
    return costs


def _cleared(line: Line, spots: Sequence[Spot], rows: Ints, moves: Ints, told: Stages) -> Ints:
    """Make weights at most 16,384 and free of slips, in place: tones of scale and chord stay, others must be meant."""
    home = np.array([_home(line, spot) for spot in spots])
    told.add("model", rows)
    rows *= moves
    told.add("motion", rows)
    rows *= np.array([tones.fitting(line.events.tobytes(), line.tonic, *_heard(spot)) for spot in spots])[:, None]
    told.add("chord", rows)
    rows >>= 10
    np.maximum(rows, home[:, None] & (moves > 0), out=rows)
    rows *= rows >= np.where(home, 0, SELDOM)[:, None]
    told.add("slips", rows)
    return rows


def _heard(spot: Spot) -> tuple[tuple[int, ...], bool]:
    """Return the tones of the chord that matters to a note, and whether the note is a long one."""
    long = spot.after >= tones.LONG
    return (spot.held if long else spot.chord).chord.pitch_classes, long


def _alone(bans: Bans) -> list[tuple[int, int]]:
    """Return the notes, with remainders, that are forbidden whatever comes before."""
    return [(first, residue) for (first, size), codes in bans.items() if size == 1 for residue in codes.tolist()]


def _residues(line: Line, spot: Spot, last: bool, residues: Ints, forbidden: NDArray[np.bool_] | None) -> set[int]:
    # Only what is sure to have a weight.
    return set(residues[(_allowed(line, spot, last, forbidden) > 0) & _home(line, spot)].tolist())


def _home(line: Line, spot: Spot) -> NDArray[np.bool_]:
    """Return which events are tones of the scale or of a chord that the note sounds over."""
    chords = (*spot.chord.chord.pitch_classes, *spot.held.chord.pitch_classes)
    return tones.at_home(line.events.tobytes(), line.scale, chords, line.tonic)


def _product(step: Step, known: Follow, residues: Ints, lenient: bool) -> Step:
    """Return a step of the chain that also follows known melodies; lenient: what they forbid keeps the least weight."""
    if len(known.after) == 1 and known.allowed.all() and not known.after.any():
        return step
    found = product(step, known.after[:, residues], known.allowed[:, residues])
    if not lenient:
        return found
    least = np.tile(step.weights > 0, (len(known.after), 1))
    return found._replace(weights=np.maximum(found.weights, least))


def _veto(watch: Watch, residues: Sequence[int]) -> Veto:
    def veto(events: Sequence[int]) -> list[int] | None:
        forbidden = watch.forbidden([residues[event] for event in events])
        return [int(residue not in forbidden) for residue in residues] if forbidden else None

    return veto


def columns_of(place: Place, events: Sequence[int], past: tuple[int, int]) -> tuple[dict[str, Ints], Ints]:
    """Return the (columns, events) of a sung phrase, to be remembered."""
    line = np.array(events, dtype=np.int64)
    before = np.concatenate([[past[1], past[0]], line])
    first, moved = before[1:-1], motions(before[1:-1], before[:-2])
    flat = Place(*(np.asarray(values).reshape(-1) for values in place))
    named = place_columns(flat)
    return {**named, **past_columns(first, moved, named["root"], named["middle"])}, line


def _allowed(line: Line, spot: Spot, last: bool, forbidden: NDArray[np.bool_] | None = None) -> Ints:
    """The hard rules of one note: no grating long note, rest on the chord.

    forbidden: events that would end a known melody. Where they leave no tone of the chord, the note rests elsewhere.
    """
    return tones.allowed(
        line.events.tobytes(),
        line.scale,
        line.tonic,
        spot.chord.chord.pitch_classes,
        spot.held.chord.pitch_classes,
        spot.final,
        spot.rest and last,
        spot.after >= 4,
        None if forbidden is None else forbidden.tobytes(),
    )


def _moves(events: Ints, first: Ints, moved: Ints) -> Ints:
    """Return the factors, in sixteenths, of events after the last and the motion to it.

    A model that hears its own lines drifts: it repeats notes more than singers do, and turns back less after a leap.
    No leap goes beyond an octave, and none onwards after a large one.
    """
    last, moved = first[..., None], moved[..., None]
    step = np.where(last < NONE, events - last, 0)
    size = np.abs(step)
    usual = np.where(last < NONE, _USUAL[np.minimum(size, WIDEST + 1)], 16)
    up, down = (moved >= LEAP_UP) & (moved <= FAR_UP), moved <= LEAP_DOWN
    on = (up & (step > 0)) | (down & (step < 0))
    far = ((moved == FAR_UP) | (moved == FAR_DOWN)) & on & (size > ONWARDS)
    found: Ints = np.where(on, usual * ONWARD // 16, usual) * ~far
    return found


@lru_cache(maxsize=256)
def _moves_of(events: bytes, last: int, before: int) -> Ints:
    """Return ``_moves`` of the states of a new line."""
    line, states = np.frombuffer(events, dtype=np.int64), moving(events, last, before)
    return _moves(line, np.append(line, NONE)[states.last], states.moved)


def _liking(events: Ints, spots: Sequence[Spot]) -> Ints:
    """Return the weights of events by what the notes should resemble, shape (notes, events); 1 where nothing."""
    likes = np.array([NONE if spot.like is None else spot.like for spot in spots])[:, None]
    pulls = np.array([spot.pull for spot in spots])[:, None]
    distance = np.abs(events - likes)
    near = np.where(distance == 0, pulls, np.where(distance <= 2, np.clip(pulls // 6, 1, 10), 1))
    return np.where(likes < NONE, near, 1)


def _forbidden(alone: Sequence[tuple[int, int]], note: int, residues: Ints) -> NDArray[np.bool_] | None:
    here = [residue for first, residue in alone if first == note]
    return (residues[:, None] == here).any(axis=1) if here else None
