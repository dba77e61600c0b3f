"""The notes of one voice of a bar as MusicXML."""

from __future__ import annotations

from engine.notation.bars import Piece, Value, written
from engine.notation.spelling import Tone
from engine.notation.staves import drum_place
from engine.notation.values import TYPES
from engine.theory.meter import Meter

_ACCIDENTALS = {-2: "flat-flat", -1: "flat", 0: "natural", 1: "sharp", 2: "double-sharp"}
_STEPS = "FCGDAEB"
_TIES = ("", '<tie type="stop"/>', '<tie type="start"/>', '<tie type="stop"/><tie type="start"/>')
_TIED = ("", '<tied type="stop"/>', '<tied type="start"/>', '<tied type="stop"/><tied type="start"/>')
_MUTED = '<direction placement="above"><direction-type><words font-size="8">P.M.</words></direction-type>{}</direction>'


class Voices:
    """Writes the voices of one staff; equal voices of equal key are written once.

    drums: the id of the part whose instruments the drums are, else "". tab: whether strings and frets are written.
    staff: the staff's number where its part has several, else 0.
    """

    def __init__(self, meter: Meter, drums: str, tab: bool, staff: int) -> None:
        self.meter, self.drums, self.tab = meter, drums, tab
        self._staff = f"<staff>{staff}</staff>" if staff else ""
        self._hidden = ' print-object="no"' if tab else ""  # rests are read above the tablature
        self._first = 4 * max(staff - 1, 0) + 1
        self._known: dict[tuple[tuple[Piece, ...], int, int], str] = {}

    def text(self, pieces: tuple[Piece, ...], sharps: int, voice: int) -> str:
        """Return the notes and rests of a voice (from 0) that fill one bar, accidentals as the signature needs them."""
        key = (pieces, sharps, voice)
        if key not in self._known:
            self._known[key] = self._made(pieces, sharps, self._first + voice)
        return self._known[key]

    def _made(self, pieces: tuple[Piece, ...], sharps: int, voice: int) -> str:
        values = written(pieces, self.meter)
        slots = self.meter.slots
        if not values and self.tab:
            return f"<forward><duration>{slots}</duration><voice>{voice}</voice>{self._staff}</forward>"
        if not values:
            return f'<note><rest measure="yes"/><duration>{slots}</duration><voice>{voice}</voice>{self._staff}</note>'
        heard: dict[tuple[str, int], int] = {}
        texts = []
        for n, value in enumerate(values):
            kind, dots = TYPES[value.length]
            middle = f"<voice>{voice}</voice><type>{kind}</type>" + "<dot/>" * dots
            if not value.tones:
                texts.append(
                    f"<note{self._hidden}><rest/><duration>{value.length}</duration>{middle}{self._staff}</note>"
                )
                continue
            if not self.tab and value.mark == "mute" and self._mute_begins(values, n):
                texts.append(_MUTED.format(self._staff))
            if self.drums:
                texts.append(self._struck(value, middle))
            elif self.tab:
                texts.append(self._plucked(value, middle))
            else:
                texts.append(self._sounded(value, middle, sharps, heard))
        return "".join(texts)

    def _sounded(self, value: Value, middle: str, sharps: int, heard: dict[tuple[str, int], int]) -> str:
        texts = []
        beams = _beams(value.beams)
        play = "<play><mute>palm</mute></play>" if value.mark == "mute" else ""
        tied = f"<notations>{_TIED[value.tied]}</notations>" if value.tied else ""
        for n, tone in enumerate(value.tones):
            step, alter, octave = tone.step, tone.alter, tone.octave
            accidental = ""
            if not value.tied & 1:
                before = heard.get((step, octave), signature(step, sharps))
                if before != alter:
                    accidental = f"<accidental>{_ACCIDENTALS[alter]}</accidental>"
                    heard[step, octave] = alter
            texts.append(
                f"<note>{'<chord/>' if n else ''}{_pitch(tone)}<duration>{value.length}</duration>{_TIES[value.tied]}"
                f"{middle}{accidental}{self._staff}{'' if n else beams}{tied}{play}</note>"
            )
        return "".join(texts)

    def _struck(self, value: Value, middle: str) -> str:
        texts = []
        ghosts = value.mark.split()
        for n, tone in enumerate(value.tones):
            drum = drum_place(tone.pitch)
            ghost = str(tone.pitch) in ghosts
            head = ""
            if drum.head or ghost:
                round_it = ' parentheses="yes"' if ghost else ""
                head = f"<notehead{round_it}>{drum.head or 'normal'}</notehead>"
            sign = f"<notations><technical><{drum.sign}/></technical></notations>" if drum.sign else ""
            texts.append(
                f"<note>{'<chord/>' if n else ''}<unpitched><display-step>{drum.step}</display-step>"
                f"<display-octave>{drum.octave}</display-octave></unpitched><duration>{value.length}</duration>"
                f'<instrument id="{self.drums}-I{tone.pitch + 1}"/>{middle}<stem>up</stem>{head}{self._staff}'
                f"{'' if n else _beams(value.beams)}{sign}</note>"
            )
        return "".join(texts)

    def _plucked(self, value: Value, middle: str) -> str:
        texts = []
        for n, (tone, (string, fret)) in enumerate(zip(value.tones, value.frets, strict=True)):
            texts.append(
                f"<note>{'<chord/>' if n else ''}{_pitch(tone)}<duration>{value.length}</duration>{_TIES[value.tied]}"
                f"{middle}<stem>none</stem>{self._staff}<notations>{_TIED[value.tied]}<technical>"
                f"<string>{string}</string><fret>{fret}</fret></technical></notations></note>"
            )
        return "".join(texts)

    def _mute_begins(self, values: tuple[Value, ...], n: int) -> bool:
        """Return whether "P.M." is to be written: at the first muted value of the bar, and after a beat without."""
        if values[n].tied & 1:
            return False
        before = next((value for value in reversed(values[:n]) if value.mark == "mute"), None)
        return before is None or values[n].start - before.start - before.length >= self.meter.beat


def signature(step: str, sharps: int) -> int:
    """Return the alteration of a letter in a key signature.

    >>> signature("F", 1), signature("B", -2)
    (1, -1)
    """
    place = _STEPS.index(step)
    return (1 if place < sharps else 0) - (1 if 6 - place < -sharps else 0)


def _pitch(tone: Tone) -> str:
    alter = f"<alter>{tone.alter}</alter>" if tone.alter else ""
    return f"<pitch><step>{tone.step}</step>{alter}<octave>{tone.octave}</octave></pitch>"


def _beams(shapes: tuple[str, ...]) -> str:
    return "".join(f'<beam number="{number}">{shape}</beam>' for number, shape in enumerate(shapes, 1))
