"""A melody on its own: sung over chords that are given, as a section of a song would be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from engine import bench, pipeline
from engine.document import Document
from engine.errors import UsageError
from engine.plan.given import Bar, parse_chords
from engine.plan.phrases import KINDS as SUNG
from engine.plan.phrases import add_phrases
from engine.plan.plan import Plan
from engine.plan.wishes import Wishes, for_bars
from engine.request import make_request
from engine.song import ChordSpan, Note, Part, Section, Song
from engine.style import load
from engine.theory.key import SCALES, Key
from engine.theory.meter import SLOT, Meter
from engine.version import __version__

VOICE, CHORDS = "melody", "rhythm"  # the part that plays the chords may be rolled again, and is then the guitar's
TRACK, PROGRAM, VOLUME = "Chords", 0, 84  # a piano, under the voice
_LOW, _BASS = 50, 36  # the lowest note of a chord, and of its bass
# What keys are worth in quarters of a chord tone: how usual they are, and that a line of chords starts or ends at home.
_MODES = {"major": 3, "minor": 3, "mixolydian": 1, "dorian": 1}
_INSIDE, _OUTSIDE, _STARTS, _ENDS = 4, -6, 12, 8
_SOME = Wishes(density=30)
_PLANS = 8  # takes of where lines begin and end, of which the one that suits best is sung


def melody(
    chords: str,
    *,
    section: str = "verse",
    style: str = "rock",
    seed: int | None = None,
    key: str | None = None,
    tempo: int | None = None,
    take: int = 0,
    meter: Meter | None = None,
    wishes: Wishes | None = None,
) -> Document:
    """Return a song of one section that holds a melody over chords, and the chords.

    chords: as ``compose`` takes them, "Em C G D" or "| Am | F C |", each once. section: its kind. key: found in the
    chords where none is given. meter: the style's by default. Raises UsageError, and names wishes that cannot be kept.
    """
    if section not in SUNG:
        raise UsageError(f'section "{section}": nobody sings there', f"known: {', '.join(SUNG)}")
    home = Key.parse(key) if key else key_of(chords, section)
    bars = parse_chords(chords, home, section)
    request = make_request(
        style=style,
        seed=seed,
        key=str(home),
        tempo=tempo,
        form=section,
        chords={section: chords},
        takes={f"{section}/{VOICE}": take} if take else {},
        bridge_melody=section == "bridge",
        loop_bars=len(bars),
    )
    band = load(style)
    plan, form, trees = pipeline.planned(request, replace(band, meter=meter) if meter else band)
    phrased, lines = max((_phrased(plan, number) for number in range(_PLANS)), key=_fills)
    one = replace(phrased.sections[0], players=(VOICE, CHORDS))
    if lines:
        request = replace(request, takes=(*request.takes, (f"{section}/phrases", lines)))
    sound = plan.style.parts[VOICE]
    silent = Song(
        version=__version__,
        request=request,
        style_hash=band.hash,
        key=home,
        tempo=plan.tempo,
        meter=plan.meter,
        sections=(one,),
        parts=(
            Part(VOICE, (), sound.track, sound.program, sound.volume, sound.pan),
            Part(CHORDS, struck(one, plan.meter), TRACK, PROGRAM, VOLUME),
        ),
        feel=band.feel,
        tree=form,
        harmony=trees,
    )
    sung = bench.reroll(bench.document(silent), f"{section}/{VOICE}", take, wishes or _anywhere(one)).song
    return bench.document(sung if wishes else replace(sung, edits=()))


def _phrased(plan: Plan, number: int) -> tuple[Plan, int]:
    """Return the plan with a take of its lines, and the number of the take."""
    takes = {**plan.takes, f"{plan.sections[0].material}/phrases": number}
    return add_phrases(replace(plan, takes=takes, _memo={})), number


def _fills(phrased: tuple[Plan, int]) -> tuple[bool, int, int]:
    """Return how well lines suit a melody that stands alone: from the first bar on, silent a quarter at most."""
    plan, number = phrased
    slots, (one, *_) = plan.meter.slots, plan.sections
    sung = {slot // slots for phrase in one.phrases for slot in range(*phrase.sung)}
    return 0 in sung, -max(one.bars - len(sung) - one.bars // 4, 0), -number


def told(song: Song) -> str:
    """Return a melody to read, a bar a line: its chords, and each note with the beat it is sung on."""
    (one,) = song.sections
    width = max(len(row) for row in _chord_rows(one, song))
    lines = []
    for bar, chords in enumerate(_chord_rows(one, song)):
        notes = [n for n in song.part(VOICE).notes if n.start // song.meter.bar == bar]
        lines.append(f"{bar + 1:3} | {chords:{width}} | {'  '.join(_named(n, song) for n in notes)}".rstrip())
    return "\n".join(lines)


def beat_of(note: Note, meter: Meter) -> str:
    """Return the beat of a note as it is counted: "2", "2&" for the eighth after, "2e" and "2a" for sixteenths."""
    beat, inside = divmod(note.start // SLOT % meter.slots, meter.beat)
    return f"{beat + 1}" + (("", "e", "&", "a")[inside] if meter.beat == 4 else f".{inside + 1}" if inside else "")


def name_in(key: Key, pitch: int) -> str:
    """Return the name of a MIDI number as a key has it: "Bb3" in F major, "A#3" in B."""
    name = key.spell(pitch % 12)
    return f"{name}{(pitch - name.count('#') + name.count('b')) // 12 - 1}"


def _named(note: Note, song: Song) -> str:
    return f"{beat_of(note, song.meter)} {name_in(song.key, note.pitch)}"


def _chord_rows(section: Section, song: Song) -> list[str]:
    starts = [bar * song.meter.bar for bar in range(section.bars)]
    rows = []
    for start in starts:
        new = [span for span in section.chords if start <= span.start < start + song.meter.bar]
        first = [] if new and new[0].start == start else [section.chord_at(start)]
        rows.append(" ".join(span.chord.symbol(song.key) for span in (*first, *new)))
    return rows


def melodies(chords: str, *, take: int = 0, takes: int = 1, seed: int | None = None, **options: Any) -> list[Document]:
    """Return several takes of a melody, the best as hooks first; arguments as of ``melody``, which raises the same."""
    request = make_request(seed=seed)
    found = [melody(chords, take=take + k, seed=request.seed, **options) for k in range(takes)]
    return [one for _, one in bench.ranked(found[0], found, VOICE)] if takes > 1 else found


def going_round(wishes: Wishes, chords: str, meter: Meter) -> Wishes:
    """Return wishes whose rhythm goes round for as many bars as the chords have; a longer one is left off."""
    bars = len(parse_chords(chords, Key(0), VOICE))
    return replace(wishes, rhythm=for_bars(wishes.rhythm, bars, meter))


def key_of(chords: str, section: str = "verse") -> Key:
    """Return the key that a line of chord symbols is most likely in; raises UsageError for numerals, which need one."""
    bars = parse_chords(chords, Key(0), section)
    if any(token[:1] not in "ABCDEFG" for token in chords.replace("|", " ").replace(",", " ").split()):
        raise UsageError("numerals stand in a key", 'name it: --key "A minor"')
    found = [Key(tonic, mode) for mode in _MODES for tonic in range(12)]
    return max(found, key=lambda key: _fit(bars, key))


def _fit(bars: tuple[Bar, ...], key: Key) -> int:
    scale = {(key.tonic + step) % 12 for step in SCALES[key.mode]}
    worth = _MODES[key.mode]
    for bar in bars:
        for chord in bar:
            inside = sum(tone in scale for tone in chord.pitch_classes)
            worth += (_INSIDE * inside + _OUTSIDE * (len(chord.pitch_classes) - inside)) * 4 // len(bar)
    third = (key.tonic + (3 if key.minor else 4)) % 12
    for chord, home in ((bars[0][0], _STARTS), (bars[-1][-1], _ENDS)):
        at_home = chord.root == key.tonic and (third in chord.pitch_classes or chord.quality == "5")
        worth += home * at_home
    return worth


def _anywhere(section: Section) -> Wishes:
    """Return the wish to hear something, where the plan of a short section has no line at all."""
    return Wishes() if any(last > first for first, last in (phrase.sung for phrase in section.phrases)) else _SOME


def struck(section: Section, meter: Meter) -> tuple[Note, ...]:
    """Return a section's chords as a pianist holds them: struck where they change, and on every downbeat."""
    found: list[Note] = []
    for span in section.chords:
        for start, end in _bars(span, meter):
            pitches = {_LOW + (tone - _LOW) % 12 for tone in span.chord.pitch_classes}
            pitches.add(_BASS + (span.chord.bass - _BASS) % 12)
            found += [Note(start, end - start, pitch) for pitch in pitches]
    return tuple(sorted(found))


def _bars(span: ChordSpan, meter: Meter) -> Iterator[tuple[int, int]]:
    lines = range(span.start - span.start % meter.bar, span.start + span.length, meter.bar)
    for line in lines:
        yield max(span.start, line), min(span.start + span.length, line + meter.bar)
