"""The soft rules a style may weigh: name, default, lowest, highest, and what it does.

A rule's number is what its part reads from ``style.rules``; a new rule is one row here.
"""

from __future__ import annotations

from typing import NamedTuple


class Rule(NamedTuple):
    """A soft rule of a part."""

    default: int
    low: int
    high: int
    about: str


RULES: dict[str, Rule] = {
    # form
    "form.up": Rule(7, 0, 100, "percent of songs with three choruses or more whose last goes up a half or whole step"),
    "form.stop": Rule(20, 0, 100, "percent of songs whose last hit is cut off, not held"),
    "form.thin": Rule(45, 0, 100, "percent of long outros without a voice in which drums, perhaps bass, fall silent"),
    # harmony and phrases
    "harmony.again": Rule(200, 0, 600, "percent: how often parts of verse and chorus come again, over the corpus"),
    "harmony.power": Rule(20, 0, 100, "percent of songs that play power chords in place of triads"),
    "harmony.colour": Rule(50, 0, 1000, "percent: weight of sevenths, ninths and suspensions against the corpus"),
    # melody
    "melody.density": Rule(
        95, 25, 400, "percent by which the weight of a sung onset is multiplied; 100 is as in the corpus"
    ),
    "melody.offbeat": Rule(110, 25, 400, "percent: weight of sung onsets between beats, and its inverse on them"),
    "melody.sixteenths": Rule(100, 0, 400, "percent: weight of sung onsets between the eighths, over the corpus"),
    "melody.hooks": Rule(16, 1, 256, "candidates among which the hook, the chorus's first line, is chosen"),
    "melody.verse-again": Rule(92, 0, 100, "percent of a verse's lines sung a little differently when it comes again"),
    "melody.chorus-again": Rule(80, 0, 100, "percent of a chorus's lines, but for the first, sung otherwise again"),
    "melody.legato": Rule(2400, 10, 6400, "percent: weight of holding a sung note up to the next, over the corpus"),
    # drums
    "drums.backbeat": Rule(900, 100, 1600, "percent: weight of songs and strokes with the snare on its backbeat"),
    "drums.snare": Rule(100, 0, 400, "percent: weight of a speaking snare elsewhere, over the corpus"),
    "drums.downbeat": Rule(250, 100, 1600, "percent: weight of songs and strokes with the kick on 1 and 3"),
    "drums.kick": Rule(180, 5, 400, "percent: weight of every other kick at energy 3, over the corpus"),
    "drums.two_bars": Rule(50, 0, 400, "percent: weight of songs whose groove is longer than a bar"),
    "drums.one_groove": Rule(50, 0, 100, "percent of songs whose choruses go on with the beat of the verses"),
    "drums.vary": Rule(8, 0, 400, "percent: weight of the songs whose bars vary most, over the corpus"),
    "drums.half_time": Rule(30, 0, 100, "percent of bridges and quiet interludes in half time"),
    "drums.double_time": Rule(0, 0, 100, "percent of loud grooves with the backbeat on every off-beat eighth"),
    "drums.two_and_four": Rule(0, 0, 100, "percent of songs whose snare never leaves its backbeat"),
    "drums.four": Rule(0, 0, 100, "percent of songs with the kick on all four beats"),
    "drums.double_kick": Rule(
        0, 0, 100, "percent of choruses and solos with two feet on the kick; half as many verses"
    ),
    "drums.fast": Rule(126, 60, 300, "beats a minute from which drummers play fewer sixteenths"),
    "drums.fill": Rule(75, 0, 100, "percent of section ends with a fill"),
    "drums.small_fill": Rule(25, 0, 100, "percent of eight-bar ends inside a section with a short fill"),
    "drums.bare_intro": Rule(25, 0, 100, "percent of intros whose first half leaves the snare out"),
    "drums.room": Rule(40, 0, 100, "percent of bridges whose first half leaves the snare out"),
    "drums.build": Rule(35, 0, 100, "percent of steps up to a louder section that are led in by a build-up"),
    "drums.steady": Rule(400, 100, 1600, "percent: weight of the leading cymbal on its pulse, over the corpus"),
    "drums.ghost": Rule(100, 0, 400, "percent: weight of ghost notes, over the corpus"),
    "drums.open": Rule(60, 0, 400, "percent: weight of an opened hat among closed ones, over the corpus"),
    "drums.loose": Rule(45, 0, 100, "percent of loud sections whose hat hangs open throughout"),
    "drums.crash_ride": Rule(18, 0, 100, "percent of the loudest sections whose leading cymbal is a crash"),
    "drums.stick": Rule(30, 0, 100, "percent of quiet sections with a cross-stick for the snare"),
    # bass
    "bass.notes": Rule(30, 10, 120, "notes a bar that the bass aims at when energy is 3, times ten"),
    "bass.riff": Rule(90, 0, 100, "percent: how faithfully the figure comes back; 0 leaves every bar to itself"),
    "bass.related": Rule(85, 0, 100, "percent of materials whose figure leans on the song's, where they are as dense"),
    "bass.kick": Rule(350, 100, 1600, "percent: weight of playing on a kick against leaving it out, over the corpus"),
    "bass.root": Rule(104, 100, 6400, "percent: weight of the root on the first note of a chord, over the corpus"),
    "bass.colour": Rule(100, 1, 400, "percent: weight of a scale tone outside the chord against a chord tone"),
    "bass.approach": Rule(150, 100, 6400, "percent: weight of a step into the next root, on the last note before it"),
    "bass.chromatic": Rule(12, 0, 100, "percent: weight of a half step outside the scale into the next root"),
    "bass.roam": Rule(400, 25, 800, "percent: weight of a player who roams wider, over the corpus"),
    "bass.fill": Rule(40, 0, 100, "percent of section ends where the bass leaves its riff when the drums fill"),
    "bass.walk": Rule(0, 0, 100, "percent of songs whose bass walks in beats, up and down the chord"),
    # guitars
    "guitar.notes": Rule(60, 10, 160, "strokes a bar that the rhythm guitar aims at when energy is 3, times ten"),
    "guitar.hold": Rule(100, 0, 1000, "percent: weight of chords left ringing, against what energy suggests"),
    "guitar.arpeggio": Rule(100, 0, 1000, "percent: weight of broken chords, against what energy suggests"),
    "guitar.mute": Rule(100, 0, 1000, "percent: weight of palm-muted power chords, against what energy suggests"),
    "guitar.power": Rule(100, 0, 1000, "percent: weight of driving power chords, against what energy suggests"),
    "guitar.strum": Rule(100, 0, 1000, "percent: weight of strummed full chords, against what energy suggests"),
    "guitar.boogie": Rule(0, 0, 1000, "percent: weight of the shuffle in root, fifth and sixth, against the others"),
    "guitar.scratch": Rule(0, 0, 1000, "percent: weight of choked sixteenths with a few that ring, against the others"),
    "guitar.skank": Rule(0, 0, 1000, "percent: weight of short chords off every beat, against the others"),
    "guitar.voices": Rule(0, 0, 100, "percent of songs in which lead, rhythm and bass are voices led under the tune"),
    "guitar.riff": Rule(0, 0, 100, "percent of songs whose guitars and bass leave the tonic's power chord in riffs"),
    "lead.answer": Rule(55, 0, 100, "percent of the voice's gaps that the lead guitar fills at high energy"),
    "lead.quote": Rule(85, 0, 100, "percent of songs whose lead guitar takes up the hook somewhere"),
    "lead.notes": Rule(100, 25, 400, "percent: weight of an onset of the lead guitar against the corpus"),
    "lead.passing": Rule(40, 1, 100, "percent: weight of a lead's tone outside chord and pentatonic"),
    "lead.sixteenths": Rule(35, 0, 100, "percent of songs whose riff moves in sixteenths as well as eighths"),
    "guitar.room": Rule(80, 25, 100, "percent: strokes of the rhythm guitar in sections that are sung, against others"),
    "guitar.answer": Rule(
        50, 0, 100, "percent of the voice's gaps of half a bar and more that the rhythm guitar fills"
    ),
    "guitar.stop": Rule(40, 0, 100, "percent of section ends where the rhythm guitar rings through the drums' fill"),
}

# Rules that came after the first songs. A style that leaves one alone has the hash it had before.
LATER = frozenset(
    {
        "drums.two_and_four",
        "drums.four",
        "drums.double_kick",
        "drums.fast",
        "bass.walk",
        "guitar.boogie",
        "guitar.scratch",
        "guitar.riff",
        "guitar.voices",
        "guitar.skank",
        "melody.sixteenths",
    }
)
