"""MusicXML 4.0, put together from strings: the same song gives the same bytes, in a few milliseconds.

``divisions`` is 4: a duration is counted in slots. What comes again is made once: a voice's text is remembered by
what is in the bar.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd
from typing import NamedTuple
from xml.sax.saxutils import escape

from engine.export.receipt import receipt_text
from engine.notation import sheet
from engine.notation.bars import Bar, events, in_bars, strokes
from engine.notation.sheet import Measure, Symbol
from engine.notation.staves import PERCUSSION, TAB, Clef, clef_of, drum_name
from engine.notation.tab import TUNINGS, fingered, tuning_of
from engine.notation.voice import Voices
from engine.song import Part, Song
from engine.theory.gm import DRUM_CHANNEL
from engine.theory.key import Key
from engine.theory.meter import Meter
from engine.theory.pitch import pitch_name

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN"'
    ' "http://www.musicxml.org/dtds/partwise.dtd">\n'
)
_SHORT = {"melody": "Mel.", "lead": "Ld.", "rhythm": "Rh.", "bass": "Bs.", "drums": "Dr."}
# What chords are called in MusicXML, and the degree that is added to them.
_KINDS = {
    "maj": "major",
    "min": "minor",
    "5": "power",
    "7": "dominant",
    "maj7": "major-seventh",
    "min7": "minor-seventh",
    "sus4": "suspended-fourth",
    "sus2": "suspended-second",
    "6": "major-sixth",
    "min6": "minor-sixth",
    "add9": "major",
    "9": "dominant-ninth",
    "min9": "minor-ninth",
    "dim": "diminished",
    "dim7": "diminished-seventh",
    "hdim": "half-diminished",
    "aug": "augmented",
}
_RULES = {"double": "light-light", "final": "light-heavy"}


class Staff(NamedTuple):
    """A staff: its clef, its bars, and for tablature the open strings from low to high."""

    clef: Clef
    bars: list[Bar]
    tuning: tuple[int, ...] = ()


def score(song: Song, tab: bool = False) -> str:
    """Return the whole band as a MusicXML document; with ``tab``, tablature below the staves of guitars and bass."""
    sounding = [part for part in song.parts if part.notes] or song.parts
    parts = [(part, staves(song, part, tab)) for part in sounding]
    return document(song, parts, sheet.straight(song))


def staves(song: Song, part: Part, tab: bool = False) -> list[Staff]:
    """Return the staves of a part, all bars of the song in order."""
    slots = song.meter.slots
    if part.name == "drums":
        return [Staff(PERCUSSION, in_bars(strokes(song, part.notes), song.bars, slots))]
    found = events(song, part.notes)
    staff = Staff(clef_of(part), in_bars(found, song.bars, slots))
    if not tab or part.name not in TUNINGS:
        return [staff]
    tuning = tuning_of(part)
    return [staff, Staff(TAB, in_bars(fingered(found, tuning), song.bars, slots), tuning)]


def document(song: Song, parts: Sequence[tuple[Part, list[Staff]]], measures: Sequence[Measure]) -> str:
    """Return a MusicXML document of some parts, their measures as they stand on the page; one alone is not named."""
    chords, keys = sheet.symbols(song), sheet.keys(song)
    texts = [_HEAD, '<score-partwise version="4.0">\n', _about(song), "<part-list>\n"]
    texts += [_score_part(part, number, len(parts) > 1) for number, (part, _) in enumerate(parts, 1)]
    texts.append("</part-list>\n")
    for number, (part, found) in enumerate(parts, 1):
        texts.append(f'<part id="P{number}">\n')
        texts += _measures(song, f"P{number}", part, found, measures, keys, chords if number == 1 else None)
        texts.append("</part>\n")
    texts.append("</score-partwise>\n")
    return "".join(texts)


def _about(song: Song) -> str:
    return (
        f"<work><work-title>{escape(sheet.title(song))}</work-title></work>\n"
        '<identification><creator type="composer">Hookline</creator>'
        f"<encoding><software>Hookline {escape(song.version)}</software>"
        '<supports element="accidental" type="yes"/><supports element="beam" type="yes"/>'
        '<supports element="print" attribute="new-system" type="yes" value="yes"/></encoding>'
        f'<miscellaneous><miscellaneous-field name="receipt">{escape(receipt_text(song))}</miscellaneous-field>'
        "</miscellaneous></identification>\n"
    )


def _score_part(part: Part, number: int, named: bool) -> str:
    name = escape(part.track or part.name)
    drums = sorted({note.pitch for note in part.notes}) if part.name == "drums" else []
    ids = [(f"P{number}-I{drum + 1}", drum_name(drum)) for drum in drums] or [(f"P{number}-I1", name)]
    channels = [channel for channel in range(1, 17) if channel != DRUM_CHANNEL + 1]
    channel = DRUM_CHANNEL + 1 if part.name == "drums" else channels[(number - 1) % len(channels)]
    volume, pan = round(part.volume * 100 / 127, 1), round((part.pan - 64) * 90 / 64)
    label = f"<part-name>{name}</part-name><part-abbreviation>{_SHORT.get(part.name, name[:4])}</part-abbreviation>"
    if not named:
        label = f'<part-name print-object="no">{name}</part-name>'
    texts = [
        f'<score-part id="P{number}">{label}',
        *(
            f'<score-instrument id="{key}"><instrument-name>{word}</instrument-name></score-instrument>'
            for key, word in ids
        ),
    ]
    for n, (key, _) in enumerate(ids):
        struck = f"<midi-unpitched>{drums[n] + 1}</midi-unpitched>" if drums else ""
        texts.append(
            f'<midi-instrument id="{key}"><midi-channel>{channel}</midi-channel>'
            f"<midi-program>{part.program + 1}</midi-program>{struck}"
            f"<volume>{volume:g}</volume><pan>{pan}</pan></midi-instrument>"
        )
    return "".join((*texts, "</score-part>\n"))


def _measures(
    song: Song,
    part_id: str,
    part: Part,
    found: Sequence[Staff],
    measures: Sequence[Measure],
    keys: Sequence[Key],
    chords: list[list[Symbol]] | None,
) -> list[str]:
    """Return the text of each measure of a part; the one with chords is the top one, and has all that stands above."""
    slots, texts = song.meter.slots, []
    writers = [
        Voices(song.meter, part_id if part.name == "drums" else "", bool(staff.tuning), n if len(found) > 1 else 0)
        for n, staff in enumerate(found, 1)
    ]
    back = f"<backup><duration>{slots}</duration></backup>"
    key: Key | None = None
    for number, measure in enumerate(measures, 1):
        bar = measure.bar
        texts.append(f'<measure number="{number}">')
        if measure.line:
            texts.append('<print new-system="yes"/>')
        texts.append(_left(measure))
        if keys[bar] != key:
            changed, key = key is not None, keys[bar]
            if not changed:
                texts.append(_attributes(song.meter, key, found))
            elif part.name != "drums":
                texts.append(f"<attributes>{_key(key)}</attributes>")
        if chords is not None:
            if number == 1:
                texts.append(_tempo(song))
            if measure.title:
                texts.append(
                    '<direction placement="above"><direction-type>'
                    f'<rehearsal enclosure="square">{escape(measure.title)}</rehearsal></direction-type></direction>'
                )
            texts += [_harmony(symbol) for symbol in chords[bar]]
            if measure.plays > 2 and not measure.ends:
                words = f"<words>play {measure.plays} times</words>"
                texts.append(f'<direction placement="below"><direction-type>{words}</direction-type></direction>')
        sharps = keys[bar].sharps
        voices = [
            writer.text(pieces, sharps, voice)
            for writer, staff in zip(writers, found, strict=True)
            for voice, pieces in enumerate(staff.bars[bar])
        ]
        texts += [back.join(voices), _right(measure), "</measure>\n"]
    return texts


def _attributes(meter: Meter, key: Key, found: Sequence[Staff]) -> str:
    texts = ["<attributes><divisions>4</divisions>"]
    if found[0].clef != PERCUSSION:
        texts.append(_key(key))
    texts.append(f"<time><beats>{meter.numerator}</beats><beat-type>{meter.denominator}</beat-type></time>")
    if len(found) > 1:
        texts.append(f"<staves>{len(found)}</staves>")
    for number, staff in enumerate(found, 1):
        at = f' number="{number}"' if len(found) > 1 else ""
        sign, line, octave = staff.clef
        texts.append(f"<clef{at}><sign>{sign}</sign>" + (f"<line>{line}</line>" if line else ""))
        texts.append((f"<clef-octave-change>{octave}</clef-octave-change>" if octave else "") + "</clef>")
    for number, staff in enumerate(found, 1):
        if staff.tuning:
            texts.append(f'<staff-details number="{number}"><staff-lines>{len(staff.tuning)}</staff-lines>')
            for line, pitch in enumerate(staff.tuning, 1):
                step, alter, octave = pitch_name(pitch)[0], int("#" in pitch_name(pitch)), pitch // 12 - 1
                raised = f"<tuning-alter>{alter}</tuning-alter>" if alter else ""
                texts.append(f'<staff-tuning line="{line}"><tuning-step>{step}</tuning-step>{raised}')
                texts.append(f"<tuning-octave>{octave}</tuning-octave></staff-tuning>")
            texts.append("</staff-details>")
    return "".join((*texts, "</attributes>"))


def _key(key: Key) -> str:
    return f"<key><fifths>{key.sharps}</fifths><mode>{key.mode}</mode></key>"


def _tempo(song: Song) -> str:
    """Return tempo and feel; in compound time the beat is a dotted quarter."""
    compound = song.meter.beat == 6
    shown = f"{song.tempo * 2 / 3:.0f}" if compound else str(song.tempo)
    dot = "<beat-unit-dot/>" if compound else ""
    swing = ""
    words = sheet.feel(song)
    if words:
        first, unit = song.feel.swing, "eighth" if song.feel.swing_unit == 2 else "16th"
        # Two to one is what people mean by a triplet's feel; else the exact share.
        long, short = (2, 1) if 64 <= first <= 69 else (first // (d := gcd(first, 100)), (100 - first) // d)
        swing = f"<swing><first>{long}</first><second>{short}</second><swing-type>{unit}</swing-type></swing>"
    return (
        '<direction placement="above"><direction-type><metronome parentheses="no"><beat-unit>quarter</beat-unit>'
        f"{dot}<per-minute>{shown}</per-minute></metronome></direction-type>"
        + (f"<direction-type><words> {words}</words></direction-type>" if words else "")
        + (
            f'<sound tempo="{song.tempo}">{swing}</sound></direction>'
            if swing
            else f'<sound tempo="{song.tempo}"/></direction>'
        )
    )


def _harmony(symbol: Symbol) -> str:
    slot, chord, key = symbol
    offset = f"<offset>{slot}</offset>" if slot else ""
    degree = ""
    if chord.quality == "add9":
        degree = "<degree-value>9</degree-value><degree-alter>0</degree-alter><degree-type>add</degree-type>"
        degree = f"<degree>{degree}</degree>"
    return (
        f'<harmony print-frame="no">{_named(key.spell(chord.root), "root")}'
        f'<kind text="{sheet.suffix(chord)}">{_KINDS[chord.quality]}</kind>'
        + (_named(key.spell(chord.bass), "bass") if chord.bass != chord.root else "")
        + f"{degree}{offset}</harmony>"
    )


def _named(name: str, what: str) -> str:
    alter = {"#": 1, "b": -1}.get(name[1:], 0)
    shift = f"<{what}-alter>{alter}</{what}-alter>" if alter else ""
    return f"<{what}><{what}-step>{name[0]}</{what}-step>{shift}</{what}>"


def _left(measure: Measure) -> str:
    if not measure.opens and not measure.ending:
        return ""
    style = "<bar-style>heavy-light</bar-style>" if measure.opens else ""
    ending = f'<ending number="{measure.ending}" type="start"/>' if measure.ending else ""
    repeat = '<repeat direction="forward"/>' if measure.opens else ""
    return f'<barline location="left">{style}{ending}{repeat}</barline>'


def _right(measure: Measure) -> str:
    if not measure.rule and not measure.plays and not measure.ends:
        return ""
    style = "light-heavy" if measure.plays else _RULES.get(measure.rule, "")
    ending = ""
    if measure.ends:
        kind = "stop" if measure.plays else "discontinue"
        ending = f'<ending number="{measure.ends}" type="{kind}"/>'
    times = f' times="{measure.plays}"' if measure.plays > 2 else ""
    repeat = f'<repeat direction="backward"{times}/>' if measure.plays else ""
    return (
        '<barline location="right">'
        + (f"<bar-style>{style}</bar-style>" if style else "")
        + f"{ending}{repeat}</barline>"
    )
