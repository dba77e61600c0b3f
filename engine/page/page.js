"use strict";
(() => {
  const song = JSON.parse(document.getElementById("song").textContent);
  const byId = (id) => document.getElementById(id);
  const play = byId("play"), seek = byId("seek"), status = byId("status"), scroll = byId("scroll"), head = byId("head");
  const silent = new Set(), alone = new Set();
  // Position is in seconds of the song; the sound begins ``skipped`` later.
  let ctx = null, buffers = null, gains = [], out = null, meter = null;
  let sources = [], playing = false, from = 0, started = 0, turn = 0, shown = "", drawn = -1;

  const clock = (t) => `${Math.floor(t / 60)}:${String(Math.floor(t % 60)).padStart(2, "0")}`;
  const late = () => ctx.outputLatency || ctx.baseLatency || 0;
  const position = () =>
    playing ? Math.min(Math.max(from + ctx.currentTime - late() - started, from), song.seconds) : from;
  const last = (rows, t) => {
    let low = 0, high = rows.length;
    while (low < high) { const k = (low + high) >> 1; if (rows[k][0] <= t + 1e-6) low = k + 1; else high = k; }
    return low - 1;
  };
  const heard = (k) => (alone.size ? alone.has(k) : !silent.has(k));

  function bytes(id) {
    const text = atob(byId(id).textContent), found = new Uint8Array(text.length);
    for (let k = 0; k < text.length; k++) found[k] = text.charCodeAt(k);
    return found.buffer;
  }

  function connect() {
    try { ctx = new AudioContext({ sampleRate: song.rate }); } catch { ctx = new AudioContext(); }
    out = ctx.createGain();
    out.gain.value = song.gain;
    const limit = ctx.createDynamicsCompressor();
    limit.threshold.value = -3; limit.knee.value = 3; limit.ratio.value = 20;
    limit.attack.value = 0.002; limit.release.value = 0.12;
    meter = ctx.createAnalyser();
    meter.fftSize = 4096;
    // The compressor turns up by 0.6 of what it takes from a full signal; not wanted here.
    const less = ctx.createGain();
    less.gain.value = 0.82;
    out.connect(limit).connect(less).connect(meter).connect(ctx.destination);
    gains = song.parts.map((part, k) => {
      const gain = ctx.createGain(), pan = ctx.createStereoPanner();
      gain.gain.value = heard(k) ? 1 : 0;
      pan.pan.value = part.pan;
      gain.connect(pan).connect(out);
      return gain;
    });
  }

  async function load() {
    status.textContent = "Unpacking the sound …";
    let done = 0;
    buffers = await Promise.all(song.parts.map(async (part, k) => {
      const buffer = await ctx.decodeAudioData(bytes(`sound-${k}`));
      status.textContent = `Unpacking the sound: ${++done} of ${song.parts.length}`;
      return buffer;
    }));
    status.textContent = "";
  }

  async function start(at) {
    const mine = ++turn;
    stop();
    from = at >= song.seconds - 0.05 ? 0 : at;
    try {
      if (!ctx) connect();
      await ctx.resume();
      if (!buffers) await load();
    } catch (error) {
      status.textContent = `The sound cannot be played here: ${error.message}`;
      return;
    }
    // Someone may have paused or jumped while we waited.
    if (mine !== turn) return;
    started = ctx.currentTime + 0.06;
    const into = from - song.skipped;
    sources = buffers.map((buffer, k) => {
      const source = ctx.createBufferSource();
      source.buffer = buffer;
      source.connect(gains[k]);
      if (into < buffer.duration) source.start(started + Math.max(-into, 0), Math.max(into, 0));
      return source;
    });
    playing = true;
    play.textContent = "Pause";
    frame();
  }

  function stop() {
    sources.forEach((source) => { try { source.stop(); } catch { /* it never started */ } source.disconnect(); });
    sources = [];
    playing = false;
    play.textContent = "Play";
  }

  function pause() {
    turn++;
    from = position();
    stop();
    draw(true);
  }

  function go(at) {
    at = Math.min(Math.max(at, 0), song.seconds);
    if (playing) start(at); else { turn++; from = at; }
    draw(true);
  }

  function follow(x) {
    const left = scroll.scrollLeft, room = scroll.clientWidth;
    if (x < left || x > left + 0.85 * room) scroll.scrollLeft = Math.max(x - 0.12 * room, 0);
  }

  function draw(moved) {
    const t = playing || !moved ? position() : from;
    if (t === drawn && !moved) return;
    drawn = t;
    // The tail rings on after the last bar.
    const x = Math.min(t, song.end) * song.scale;
    head.style.transform = `translateX(${x}px)`;
    if (playing || moved) follow(x);
    const section = last(song.sections, t), chord = last(song.chords, t);
    const name = section < 0 ? "" : song.sections[section][1];
    if (document.activeElement !== seek || !seek.matches(":active")) seek.value = String(Math.round(t * 10));
    const now = `${name}|${clock(t)}|${chord}`;
    if (now === shown) return;
    shown = now;
    byId("at").textContent = clock(t);
    byId("section").textContent = name;
    byId("chord").textContent = chord < 0 ? "" : song.chords[chord][1];
    seek.setAttribute("aria-valuetext", `${clock(t)} of ${clock(song.seconds)}${name ? `, ${name}` : ""}`);
    document.querySelectorAll("#sections button").forEach((button, k) => {
      if (k !== section) button.removeAttribute("aria-current");
      else if (!button.hasAttribute("aria-current")) {
        button.setAttribute("aria-current", "true");
        const nav = button.parentElement;
        if (nav.scrollWidth > nav.clientWidth) nav.scrollLeft = button.offsetLeft - nav.offsetLeft - 8;
      }
    });
  }

  function frame() {
    if (!playing) return;
    if (position() >= song.seconds) { turn++; stop(); from = 0; draw(true); return; }
    draw(false);
    requestAnimationFrame(frame);
  }

  function mix() {
    song.parts.forEach((part, k) => {
      const on = heard(k);
      if (gains[k]) gains[k].gain.setTargetAtTime(on ? 1 : 0, ctx.currentTime, 0.012);
      document.querySelector(`[data-lane="${k}"]`).classList.toggle("silent", !on);
      byId(`mute-${k}`).setAttribute("aria-pressed", String(silent.has(k)));
      byId(`solo-${k}`).setAttribute("aria-pressed", String(alone.has(k)));
    });
  }

  const flip = (set, k) => { if (!set.delete(k)) set.add(k); mix(); };
  song.parts.forEach((part, k) => {
    byId(`mute-${k}`).addEventListener("click", () => flip(silent, k));
    byId(`solo-${k}`).addEventListener("click", () => flip(alone, k));
  });
  play.addEventListener("click", () => (playing ? pause() : start(from)));
  seek.max = String(Math.ceil(song.seconds * 10));
  seek.addEventListener("input", () => go(seek.value / 10));
  document.querySelectorAll("#sections button").forEach((button, k) => {
    button.addEventListener("click", () => { const at = song.sections[k][0]; if (playing) go(at); else { go(at); start(at); } });
  });
  document.querySelector(".sheet").addEventListener("click", (event) => {
    const at = (event.clientX - event.currentTarget.getBoundingClientRect().left) / song.scale;
    if (playing) go(at); else start(at);
  });
  document.addEventListener("keydown", (event) => {
    const at = event.target;
    if (event.ctrlKey || event.metaKey || event.altKey || at.closest("input, summary, a")) return;
    if (event.key === " ") {
      if (at.closest("button")) return;
      if (playing) pause(); else start(from);
    } else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      const t = position(), bar = last(song.bars, t);
      const back = t - song.bars[bar][0] > 0.4 ? bar : bar - 1;
      const next = event.key === "ArrowRight" ? bar + 1 : back;
      go(song.bars[Math.min(Math.max(next, 0), song.bars.length - 1)][0]);
    } else if (event.key === "Home") go(0);
    else return;
    event.preventDefault();
  });
  byId("length").textContent = clock(song.seconds);
  draw(true);
  // For scripts that drive the page.
  window.hookline = {
    song, position, isPlaying: () => playing,
    context: () => ctx, output: () => meter, buffers: () => buffers, startedAt: () => [started, from],
    level: () => {
      if (!meter) return 0;
      const wave = new Float32Array(meter.fftSize);
      meter.getFloatTimeDomainData(wave);
      return Math.sqrt(wave.reduce((sum, x) => sum + x * x, 0) / wave.length);
    },
  };
})();
