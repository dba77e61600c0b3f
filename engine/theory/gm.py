"""General MIDI level 1: drum numbers and program names.

Source: MIDI Manufacturers Association, General MIDI System Level 1 (1991), tables 2 and 3.
"""

from __future__ import annotations

from engine.errors import StyleError, nearest

DRUM_CHANNEL = 9  # channel 10 as musicians count

# The keys of the percussion map that a rock drummer uses, by the names the parts and the tab speak.
DRUMS: dict[str, int] = {
    "kick": 36,
    "stick": 37,
    "snare": 38,
    "clap": 39,
    "rimshot": 40,
    "floor": 41,
    "hat": 42,
    "pedal": 44,
    "tom3": 45,
    "open": 46,
    "tom2": 47,
    "tom1": 48,
    "crash": 49,
    "ride": 51,
    "china": 52,
    "bell": 53,
    "tambourine": 54,
    "splash": 55,
    "cowbell": 56,
    "crash2": 57,
    "ride2": 59,
}
DRUM_NAMES: dict[int, str] = {number: name for name, number in DRUMS.items()}

# What a foot plays; everything else on the kit takes a hand.
FEET = frozenset((DRUMS["kick"], DRUMS["pedal"]))

_PROGRAMS = """
acoustic grand piano, bright acoustic piano, electric grand piano, honky-tonk piano, electric piano 1,
electric piano 2, harpsichord, clavi, celesta, glockenspiel, music box, vibraphone, marimba, xylophone,
tubular bells, dulcimer, drawbar organ, percussive organ, rock organ, church organ, reed organ, accordion,
harmonica, tango accordion, acoustic guitar (nylon), acoustic guitar (steel), electric guitar (jazz),
electric guitar (clean), electric guitar (muted), overdriven guitar, distortion guitar, guitar harmonics,
acoustic bass, electric bass (finger), electric bass (pick), fretless bass, slap bass 1, slap bass 2,
synth bass 1, synth bass 2, violin, viola, cello, contrabass, tremolo strings, pizzicato strings,
orchestral harp, timpani, string ensemble 1, string ensemble 2, synthstrings 1, synthstrings 2, choir aahs,
voice oohs, synth voice, orchestra hit, trumpet, trombone, tuba, muted trumpet, french horn, brass section,
synthbrass 1, synthbrass 2, soprano sax, alto sax, tenor sax, baritone sax, oboe, english horn, bassoon,
clarinet, piccolo, flute, recorder, pan flute, blown bottle, shakuhachi, whistle, ocarina, lead 1 (square),
lead 2 (sawtooth), lead 3 (calliope), lead 4 (chiff), lead 5 (charang), lead 6 (voice), lead 7 (fifths),
lead 8 (bass + lead), pad 1 (new age), pad 2 (warm), pad 3 (polysynth), pad 4 (choir), pad 5 (bowed),
pad 6 (metallic), pad 7 (halo), pad 8 (sweep), fx 1 (rain), fx 2 (soundtrack), fx 3 (crystal),
fx 4 (atmosphere), fx 5 (brightness), fx 6 (goblins), fx 7 (echoes), fx 8 (sci-fi), sitar, banjo, shamisen,
koto, kalimba, bag pipe, fiddle, shanai, tinkle bell, agogo, steel drums, woodblock, taiko drum,
melodic tom, synth drum, reverse cymbal, guitar fret noise, breath noise, seashore, bird tweet,
telephone ring, helicopter, applause, gunshot
"""
PROGRAMS: tuple[str, ...] = tuple(" ".join(name.split()) for name in _PROGRAMS.split(","))
_NUMBERS = {name: number for number, name in enumerate(PROGRAMS)}


def program_number(name: str) -> int:
    """Return the program 0..127 of a General MIDI name, in any case; raises StyleError.

    >>> program_number("Distortion Guitar")
    30
    """
    found = _NUMBERS.get(" ".join(name.lower().split()))
    if found is None:
        raise StyleError(f'"{name}" is no General MIDI program', nearest(name.lower(), PROGRAMS))
    return found
