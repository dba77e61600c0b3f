"""``python -m engine.audio.cut FONT OUT``: cut a SoundFont down to the sounds that styles use.

The kit in ``engine/audio/kit`` was cut so from FluidR3Mono_GM.sf3 of Debian's package
``fluidr3mono-gm-soundfont`` (MIT licence, see NOTICE). What stays is as it was, sample for sample.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from engine.audio.riff import RECORDS, VORBIS, Riff, Table, read_riff, riff_bytes
from engine.files import write_whole

# (bank, program); bank 128 holds the drum kits.
KIT = (
    (0, 4), (0, 16), (0, 25), (0, 26), (0, 27), (0, 28), (0, 29), (0, 30), (0, 32), (0, 33), (0, 34), (0, 38),
    (0, 48), (0, 53), (0, 54), (0, 61), (0, 80), (0, 81), (0, 85), (0, 87), (0, 89), (0, 90), (128, 0), (128, 16),
)  # fmt: skip
_INSTRUMENT, _SAMPLE = 41, 53  # the generators that point at another table
_GUARD = bytes(92)  # SF2 asks for 46 zero samples after each sample


def cut(riff: Riff, presets: tuple[tuple[int, int], ...]) -> Riff:
    """Return the font of these (bank, program) alone, with the instruments and samples they use."""
    tables = riff.tables
    presets_kept = [k for k, row in enumerate(tables["phdr"][:-1]) if (row["bank"], row["program"]) in presets]
    preset_part = _zones(tables, "p", presets_kept, _INSTRUMENT)
    instruments = _pointed_at(preset_part["pgen"], _INSTRUMENT)
    instrument_part = _zones(tables, "i", instruments, _SAMPLE)
    samples = _pointed_at(instrument_part["igen"], _SAMPLE)
    _renumber(preset_part["pgen"], _INSTRUMENT, instruments)
    _renumber(instrument_part["igen"], _SAMPLE, samples)
    headers, data = _samples(riff, samples)
    found = preset_part | instrument_part | {"shdr": headers}
    return Riff(riff.info, {name: found[name] for name in RECORDS}, memoryview(data))


def _zones(tables: dict[str, Table], side: str, kept: list[int], target: int) -> dict[str, Table]:
    """Return headers, zones, generators and modulators of the presets (``p``) or instruments (``i``) kept."""
    head, bag, gen, mod = "phdr" if side == "p" else "inst", f"{side}bag", f"{side}gen", f"{side}mod"
    heads, bags, gens, mods = [], [], [], []
    zones = generators = modulators = 0
    for number in [*kept, len(tables[head]) - 1]:  # with the terminal record
        row = tables[head][number : number + 1].copy()
        first = int(row["bag"][0])
        row["bag"] = zones
        heads.append(row)
        last = int(tables[head][number + 1]["bag"]) if number in kept else first
        for zone in range(first, last):
            start, stop = tables[bag][zone], tables[bag][zone + 1]
            bags.append((generators, modulators))
            gens.append(tables[gen][start["gen"] : stop["gen"]])
            mods.append(tables[mod][start["mod"] : stop["mod"]])
            generators += len(gens[-1])
            modulators += len(mods[-1])
        zones += last - first
    bags.append((generators, modulators))
    return {
        head: np.concatenate(heads),
        bag: np.array(bags, RECORDS[bag]),
        gen: np.concatenate([*gens, np.zeros(1, RECORDS[gen])]),
        mod: np.concatenate([*mods, np.zeros(1, RECORDS[mod])]),
    }


def _pointed_at(generators: Table, what: int) -> list[int]:
    return sorted({int(number) for number in generators[generators["what"] == what]["amount"]})


def _renumber(generators: Table, what: int, kept: list[int]) -> None:
    rows = generators["what"] == what
    generators["amount"][rows] = np.searchsorted(kept, generators["amount"][rows])


def _samples(riff: Riff, kept: list[int]) -> tuple[Table, bytes]:
    """Return sample headers and data; addresses are bytes for Vorbis samples and 16-bit words for plain ones."""
    data = bytearray()
    headers = riff.tables["shdr"][[*kept, len(riff.tables["shdr"]) - 1]].copy()
    for row in headers[:-1]:
        vorbis = bool(row["kind"] & VORBIS)
        unit = 1 if vorbis else 2
        content = riff.samples[int(row["start"]) * unit : int(row["end"]) * unit]
        if not vorbis:
            data += bytes(len(data) & 1)
            for name in ("loop", "loop_end"):  # of plain samples they are addresses, of Vorbis ones offsets
                row[name] = int(row[name]) - int(row["start"]) + len(data) // 2
        row["start"] = len(data) // unit
        row["end"] = row["start"] + len(content) // unit
        data += content if vorbis else bytes(content) + _GUARD
        row["kind"], row["link"] = int(row["kind"]) & VORBIS | 1, 0  # each sample stands alone
    return headers, bytes(data)


def main(words: list[str]) -> None:
    """Cut the font named first into the file named second, and tell what is in it."""
    if len(words) != 2:
        sys.exit("usage: python -m engine.audio.cut FONT OUT")
    kit = cut(read_riff(Path(words[0])), KIT)
    data = riff_bytes(kit)
    write_whole({words[1]: data})
    for row in kit.tables["phdr"][:-1]:
        print(f"{row['bank']:3} {row['program']:3}  {row['name'].decode('latin1')}")
    print(f"{len(kit.tables['shdr']) - 1} samples, {len(data) / 1e6:.1f} MB")


if __name__ == "__main__":
    main(sys.argv[1:])
