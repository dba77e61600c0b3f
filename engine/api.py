"""What ``import engine`` offers: compose a song, save it, load it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from engine.audio import is_sound, need_libraries
from engine.errors import SongFileError, UsageError
from engine.export import encode
from engine.files import write_whole
from engine.request import make_request
from engine.song import Song

if TYPE_CHECKING:
    from engine.alone.accompany import Accompanied
    from engine.alone.harmonized import Harmonized
    from engine.alone.tune import Tune
    from engine.explain.derivation import Derivation
    from engine.explain.nearest import Report as Novelty
    from engine.explain.rows import Explained
    from engine.plan.wishes import Wishes


MOST_WAYS = 64  # to harmonize a melody


def compose(
    *,
    style: str = "rock",
    seed: int | None = None,
    key: str | None = None,
    tempo: int | None = None,
    form: str | Iterable[str] | None = None,
    chords: Mapping[str, str] | None = None,
    length: int | str | None = None,
    feel: float = 1.0,
    bridge_melody: bool = False,
    takes: Mapping[str, int] | None = None,
    hook: int | None = None,
    energy: float | None = None,
    complexity: float | None = None,
    catchy: float | None = None,
    mood: float | str | None = None,
    temperature: float | str | Mapping[str, float | str] | None = None,
    loop_bars: int | None = None,
) -> Song:
    """Return a whole song; equal arguments give equal songs, and a missing seed is drawn.

    style: a name, or a path to a YAML file. key: such as "E minor". tempo: beats a minute.
    form: such as "V C V C B C". chords: symbols by kind of section, {"verse": "Em C G D"}.
    length: seconds, or "3:00". feel: 0 (on the grid) to 1. takes: {"chorus/melody": 2}.
    hook: the number of a candidate for the chorus's first line, the best if None.
    energy, complexity, catchy: 0 to 1; 0.5 is the style as it is. mood: 0 (bright) to 1 (dark), or "bright", "warm",
    "neutral", "sombre", "dark". temperature: 0.5 to 4 for all parts, or {"melody": 0.8}; 1 is as the models say.
    loop_bars: make no song but a loop of so many bars, which goes round without a seam.
    Raises EngineError.

    >>> song = compose(seed=7, key="E minor")  # doctest: +SKIP
    >>> save(song, "song.mid", "song.song.json")  # doctest: +SKIP
    """
    request = make_request(
        style=style,
        seed=seed,
        key=key,
        tempo=tempo,
        form=form,
        chords=chords,
        length=length,
        feel=feel,
        bridge_melody=bridge_melody,
        takes=takes,
        hook=hook,
        energy=energy,
        complexity=complexity,
        catchy=catchy,
        mood=mood,
        temperature=temperature,
        loop_bars=loop_bars,
    )
    from engine import pipeline  # after the request: a wrong one is refused at once

    song: Song = pipeline.compose(request)
    return song


def save(song: Song, *paths: str | Path, progress: Callable[[float], None] | None = None) -> None:
    """Write a song to each path, its kind by the extension; all or none.

    .mid, .song.json, .txt, .musicxml, .abc, .cho, a lead sheet as .pdf or .svg, and sound: .wav, .flac, .mp3, .ogg.
    progress: is told the share of a sound that is done. Raises AudioError, ExportError.
    """
    names = [str(path) for path in paths]
    files = {path: encode(song, path) for path in names if not is_sound(path)}
    sounds = [path for path in names if is_sound(path)]
    if not sounds:
        write_whole(files)
        return
    need_libraries()
    from engine.audio.render import render
    from engine.audio.score import song_score

    render(song_score(song), sounds, beside=files, progress=progress)


def load_song(path: str | Path) -> Song:
    """Return the song of a .song.json file as it is heard, without what is muted; raises SongFileError."""
    from engine.export.songread import MOST_BYTES, read_song_file

    try:
        with open(path, "rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise SongFileError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from error
    return read_song_file(data, str(path))


def melody(
    chords: str,
    *,
    section: str = "verse",
    style: str = "rock",
    seed: int | None = None,
    key: str | None = None,
    tempo: int | None = None,
    take: int = 0,
    wishes: str | Wishes = "",
) -> Song:
    """Return a song of one section: a melody over chords, each played once, and the chords.

    section: what it is sung in, "verse", "prechorus", "chorus" or "bridge". key: the chords' likeliest by default.
    take: another melody for the same seed. wishes: what it must be, "pin 2.3=E4; avoid F#; highest E5@3; contour arch".
    Raises EngineError, and names wishes that cannot be kept together.

    >>> song = melody("| Am | F C | G |", seed=5, wishes="first A3; range A3-E5")  # doctest: +SKIP
    >>> save(song, "tune.mid")  # doctest: +SKIP
    """
    from engine.alone.melody import melody as sung
    from engine.plan.wishes import parse_wishes

    asked = parse_wishes(wishes) if isinstance(wishes, str) else wishes
    return sung(chords, section=section, style=style, seed=seed, key=key, tempo=tempo, take=take, wishes=asked).song


def tune(path: str | Path, section: str = "verse", bars: tuple[int, int] | None = None) -> Tune:
    """Return the chords heard in a music file, to sing to; bars: first and last, else its first section of that kind.

    Needs ``hookline[learn]``. Raises EngineError.
    """
    _need_learning("hearing a file")
    from engine.alone.tune import tune_of

    return tune_of(Path(path), section, bars)


def rhythm(path: str | Path) -> Wishes:
    """Return the wish for the rhythm of a file's melody; what is no .song.json needs ``hookline[learn]``."""
    if not str(path).endswith(".json"):
        _need_learning("hearing a file")
    from engine.alone.tune import rhythm_of

    return rhythm_of(Path(path))


def accompany(
    tune: str | Path, add: Iterable[str] = (), *, style: str = "rock", seed: int | None = None
) -> Accompanied:
    """Return a MIDI file with parts added that follow it; what it holds stays as it is, byte for byte.

    add: of "drums", "bass", "guitar" and "lead"; none: drums and bass, whichever the file lacks. ``data`` of what is
    returned are the bytes of the new file, ``heard`` what was found in the old one. Needs ``hookline[learn]``.
    Raises EngineError.

    >>> made = accompany("tune.mid", ["drums", "bass"], seed=3)  # doctest: +SKIP
    >>> Path("band.mid").write_bytes(made.data)  # doctest: +SKIP
    """
    request = make_request(style=style, seed=seed)
    _need_learning("accompanying")
    from engine.alone.accompany import accompany as add_band

    return add_band(Path(tune), tuple(add), style, request.seed)


def harmonize(
    melody: str | Path,
    *,
    per: str = "bar",
    k: int = 1,
    style: str = "rock",
    seed: int | None = None,
    key: str | None = None,
) -> Harmonized:
    """Return chords for a melody (MIDI, MusicXML or ABC), the ``k`` likeliest ways first.

    per: "bar", "half" or "beat", the shortest time a chord has. seed: of the chords' colours. key: found in the melody
    where none is given. ``engine.alone.harmonized.song_of`` makes a song of what is returned. Needs
    ``hookline[learn]``. Raises EngineError.

    >>> made = harmonize("tune.mid", per="half", seed=3)  # doctest: +SKIP
    >>> [span.chord.symbol(made.key) for span in made.harmonies[0].chords]  # doctest: +SKIP
    """
    from engine.models.harmonize import PER

    if per not in PER:
        raise UsageError(f'per "{per}": expected {", ".join(PER)}')
    if not 1 <= k <= MOST_WAYS:
        raise UsageError(f"k {k}: expected 1 to {MOST_WAYS}")
    request = make_request(style=style, seed=seed, key=key)
    _need_learning("harmonizing")
    from engine.alone.harmonize import harmonize as find_chords

    return find_chords(Path(melody), per, k, style, request.seed, request.key)


def explain(song: Song | str | Path, place: str, bars: tuple[int, int] | None = None) -> Explained:
    """Return why the notes of a part are there: of a section, or of the first of those that a place names.

    song: a song, or a .song.json file, whose takes, locks and edits then count. place: such as "chorus/melody". bars:
    first and last of the section's, from 1. ``engine.explain.words`` makes a table or plain data of what is returned.
    Raises EngineError.

    >>> told = explain("song.song.json", "chorus/melody", (1, 4))  # doctest: +SKIP
    >>> [(row.name, row.how, row.pitch.chosen.chance) for row in told.rows]  # doctest: +SKIP
    """
    from engine import bench
    from engine.explain.explain import explain as explain_part

    return explain_part(bench.document(song) if isinstance(song, Song) else bench.load(song), place, bars)


def derivation(song: Song) -> tuple[Derivation, ...]:
    """Return how a song's form was derived, then the chords of each of its materials.

    ``engine.explain.derivation.text`` and ``engine.explain.treepicture.tree_svg`` show a song's.
    """
    from engine.explain.derivation import derivations

    return derivations(song)


def novelty(song: Song) -> Novelty:
    """Return the longest run of notes that a song's melody shares with a known one, and what real songs share.

    Raises EngineError where the song's style is gone.
    """
    from engine.explain.nearest import novelty_report

    return novelty_report(song)


def _need_learning(what: str) -> None:
    from importlib.util import find_spec

    if find_spec("symusic") is None:
        raise UsageError(f"{what} needs symusic", 'install it with: pip install "hookline[learn]"')
