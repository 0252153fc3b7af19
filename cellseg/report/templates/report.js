"use strict";
(() => {
  const page = JSON.parse(document.getElementById("page-data").textContent);
  const frames = JSON.parse(document.getElementById("frame-data").textContent);
  const [height, width] = page.shape;
  const tracks = new Map(page.tracks.map((track) => [track.label, track]));
  const first = page.numbers[0], last = page.numbers[page.numbers.length - 1];
  const byId = (id) => document.getElementById(id);
  const state = { at: 0, selected: 0, playing: 0, scale: 1, y: 0, x: 0, fitted: true };

  // ------------------------------------------------------------------ frames: pictures and outlines, when needed
  const view = () => (byId("view") ? byId("view").value : "picture");
  const isOn = (id) => Boolean(byId(id)) && byId(id).checked;
  const pictureOf = (frame) => {
    const kind = frame.seen ? view() : "picture";
    frame.images ??= {};
    if (!frame.images[kind]) {
      const image = new Image();
      image.onload = () => { if (frames[state.at] === frame) drawSoon(); };
      image.src = kind === "picture" ? frame.picture : frame.seen[kind];
      frame.images[kind] = image;
    }
    return frame.images[kind];
  };

  // Seeds as [in this frame, y, x, colour, first, second principal component]; places are shares of the frame.
  const seedsOf = (frame) => {
    if (!frame.seeds) {
      const bytes = atob(frame.seen.seeds), word = (at) => bytes.charCodeAt(2 * at) + 256 * bytes.charCodeAt(2 * at + 1);
      frame.seeds = [];
      for (let at = 0; at < bytes.length / 2; at += 6) {
        const [here, y, x, red, green, blue] = [0, 1, 2, 3, 4, 5].map((column) => word(at + column));
        frame.seeds.push({ here, y: y / 65536, x: x / 65536, red, green, colour: `rgb(${red} ${green} ${blue})` });
      }
    }
    return frame.seeds;
  };
  const modesOf = (frame) => frame.seen.modes.map(
    ([y, x, red, green, blue, pixels]) => ({ y, x, red, green, pixels, colour: `rgb(${red} ${green} ${blue})` }));

  const outlinesOf = (frame) => {
    if (!frame.paths) {
      frame.paths = new Map();
      const bytes = atob(frame.steps);
      const step = (index) => ((bytes.charCodeAt(index) + 128) % 256 - 128) / 2;
      let index = 0;
      for (const [label, startY, startX, count] of frame.rings) {
        if (!frame.paths.has(label)) frame.paths.set(label, new Path2D());
        const path = frame.paths.get(label);
        let y = startY / 2 + 0.5, x = startX / 2 + 0.5;  // pixel centres are at integers, canvases begin at edges
        path.moveTo(x, y);
        for (let n = 0; n < count; n++, index += 2) {
          y += step(index);
          x += step(index + 1);
          path.lineTo(x, y);
        }
        path.closePath();
      }
    }
    return frame.paths;
  };

  const rowOf = (track, number) => track.frames.indexOf(number);
  const colourOf = (label) => tracks.get(label).colour;
  const number = () => frames[state.at].n;
  const nearest = (wanted) => frames.reduce(
    (best, frame, index) => (Math.abs(frame.n - wanted) < Math.abs(frames[best].n - wanted) ? index : best), 0);

  // ------------------------------------------------------------------ the movie
  const canvas = byId("canvas"), context = canvas.getContext("2d");
  let waiting = false;
  const drawSoon = () => {
    if (!waiting) {
      waiting = true;
      requestAnimationFrame(() => { waiting = false; draw(); });
    }
  };

  const fit = () => {
    state.scale = Math.min(canvas.clientWidth / width, canvas.clientHeight / height);
    state.x = (canvas.clientWidth - width * state.scale) / 2;
    state.y = (canvas.clientHeight - height * state.scale) / 2;
    state.fitted = true;
    drawSoon();
  };

  const zoom = (factor, x = canvas.clientWidth / 2, y = canvas.clientHeight / 2) => {
    const smallest = 0.5 * Math.min(canvas.clientWidth / width, canvas.clientHeight / height);
    const scale = Math.min(40, Math.max(smallest, state.scale * factor));
    state.x = x - (x - state.x) * scale / state.scale;
    state.y = y - (y - state.y) * scale / state.scale;
    state.scale = scale;
    state.fitted = false;
    drawSoon();
  };

  const bringIntoView = (y, x) => {
    if (state.fitted) return;
    const seenX = x * state.scale + state.x, seenY = y * state.scale + state.y;
    if (seenX < 20 || seenY < 20 || seenX > canvas.clientWidth - 20 || seenY > canvas.clientHeight - 20) {
      state.x = canvas.clientWidth / 2 - x * state.scale;
      state.y = canvas.clientHeight / 2 - y * state.scale;
    }
  };

  const draw = () => {
    const density = window.devicePixelRatio || 1, frame = frames[state.at];
    if (canvas.width !== Math.round(canvas.clientWidth * density) || canvas.height !== Math.round(canvas.clientHeight * density)) {
      canvas.width = Math.round(canvas.clientWidth * density);
      canvas.height = Math.round(canvas.clientHeight * density);
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = "#05070a";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.setTransform(density * state.scale, 0, 0, density * state.scale, density * state.x, density * state.y);
    context.save();
    context.beginPath();
    context.rect(0, 0, width, height);
    context.clip();
    const picture = pictureOf(frame), own = view() === "picture" || !frame.seen;
    const [scaleY, scaleX] = own ? [frame.scale, frame.scale] : [frame.seen.covers[0] * height, frame.seen.covers[1] * width];
    context.imageSmoothingEnabled = state.scale * scaleX < 4;
    if (picture.complete && picture.naturalWidth) {
      if (own) context.filter = `brightness(${byId("brightness").value})`;
      context.drawImage(picture, 0, 0, picture.naturalWidth * scaleX, picture.naturalHeight * scaleY);
      context.filter = "none";
    }
    const thin = 1 / state.scale;
    if (byId("show-outlines").checked) drawOutlines(frame, thin);
    context.restore();
    if (byId("show-paths").checked) drawPaths(frame, thin);
    if (frame.seen && isOn("show-seeds")) drawSeeds(frame, thin);
    if (frame.seen && isOn("show-modes")) drawModes(frame, thin);
    drawMissed(frame, thin);
    if (byId("show-ids").checked) drawIds(frame, density);
  };

  const drawOutlines = (frame, thin) => {
    context.lineJoin = "round";
    for (const [label, path] of outlinesOf(frame)) {
      const chosen = label === state.selected;
      context.globalAlpha = state.selected && !chosen ? 0.6 : 1;
      if (chosen) {
        context.globalAlpha = 0.28;
        context.fillStyle = colourOf(label);
        context.fill(path, "evenodd");
        context.globalAlpha = 1;
        context.lineWidth = 5 * thin;
        context.strokeStyle = "#ffffff";
        context.stroke(path);
      }
      if (!chosen) {  // a dark rim: colours are seen on bright frames, too
        context.lineWidth = 3.6 * thin;
        context.strokeStyle = "#00000080";
        context.stroke(path);
      }
      context.lineWidth = (chosen ? 2.5 : 1.9) * thin;
      context.strokeStyle = colourOf(label);
      context.stroke(path);
    }
    context.globalAlpha = 1;
  };

  const drawPaths = (frame, thin) => {
    context.lineWidth = 1.3 * thin;
    for (const track of page.tracks) {
      if (track.begin > frame.n || track.end < frame.n) continue;
      context.strokeStyle = track.colour;
      context.beginPath();
      track.frames.forEach((when, row) => {
        if (when <= frame.n) context.lineTo(track.x[row] + 0.5, track.y[row] + 0.5);
      });
      context.stroke();
    }
  };

  const disc = (brush, x, y, radius, fill, stroke, line) => {
    brush.beginPath();
    brush.arc(x, y, radius, 0, 2 * Math.PI);
    if (fill) { brush.fillStyle = fill; brush.fill(); }
    if (stroke) { brush.strokeStyle = stroke; brush.lineWidth = line; brush.stroke(); }
  };

  const drawSeeds = (frame, thin) => {
    for (const seed of seedsOf(frame)) {
      if (seed.here) disc(context, seed.x * width, seed.y * height, 3.2 * thin, seed.colour, "#000000", thin);
      else disc(context, seed.x * width, seed.y * height, 2.6 * thin, null, seed.colour, 1.2 * thin);
    }
  };

  const drawModes = (frame, thin) => {
    for (const mode of modesOf(frame)) {
      if (!mode.pixels) continue;
      disc(context, mode.x * width, mode.y * height, 8 * thin, null, "#000000", 5 * thin);
      disc(context, mode.x * width, mode.y * height, 8 * thin, mode.colour, "#ffffff", 2 * thin);
    }
  };

  const drawMissed = (frame, thin) => {
    context.strokeStyle = "#ff4d4d";
    context.lineWidth = 2 * thin;
    context.setLineDash([4 * thin, 3 * thin]);
    for (const missed of page.missed) {
      if (missed.frame !== frame.n || missed.y === null) continue;
      context.beginPath();
      context.arc(missed.x + 0.5, missed.y + 0.5, 12 * thin, 0, 2 * Math.PI);
      context.stroke();
    }
    context.setLineDash([]);
  };

  const drawIds = (frame, density) => {
    context.setTransform(density, 0, 0, density, 0, 0);
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineWidth = 3;
    context.strokeStyle = "#000000b0";
    context.fillStyle = "#ffffff";
    for (const label of outlinesOf(frame).keys()) {
      const track = tracks.get(label), row = rowOf(track, frame.n), chosen = label === state.selected;
      if (!chosen && Math.sqrt(track.areas[row]) * state.scale < 16) continue;
      context.font = `${chosen ? "bold 14" : "11"}px system-ui, sans-serif`;
      const x = (track.x[row] + 0.5) * state.scale + state.x, y = (track.y[row] + 0.5) * state.scale + state.y;
      context.strokeText(label, x, y);
      context.fillText(label, x, y);
    }
  };

  const cellAt = (event) => {
    const box = canvas.getBoundingClientRect();
    const x = (event.clientX - box.left - state.x) / state.scale, y = (event.clientY - box.top - state.y) / state.scale;
    context.setTransform(1, 0, 0, 1, 0, 0);
    for (const [label, path] of outlinesOf(frames[state.at])) {
      if (context.isPointInPath(path, x, y, "evenodd")) return label;
    }
    return 0;
  };

  // ------------------------------------------------------------------ what is shown and what is selected
  const go = (index) => {
    state.at = Math.min(frames.length - 1, Math.max(0, index));
    const slider = byId("slider"), now = number();
    slider.value = state.at;
    slider.setAttribute("aria-valuetext", `frame ${now}`);
    byId("frame-label").textContent = `frame ${now} of ${first}–${last}`;
    const cells = outlinesOf(frames[state.at]).size;
    byId("movie-text").textContent = state.playing ? "" :
      `Frame ${now}: ${cells} ${cells === 1 ? "cell" : "cells"}${state.selected ? `; cell ${state.selected} is selected` : ""}.`;
    canvas.setAttribute("aria-label", `Movie, frame ${now}, ${cells} cells outlined`);
    if (state.at + 1 < frames.length) pictureOf(frames[state.at + 1]);
    moveCursors();
    describe();
    drawSpace();
    drawSoon();
  };

  const select = (label, seek = false) => {
    state.selected = tracks.has(label) ? label : 0;
    const track = tracks.get(state.selected);
    if (track && seek && (number() < track.begin || number() > track.end)) go(nearest(track.begin));
    for (const branch of byId("tree").querySelectorAll(".branch")) {
      const chosen = Number(branch.dataset.label) === state.selected;
      branch.classList.toggle("selected", chosen);
      branch.setAttribute("aria-selected", chosen);
      if (chosen) {
        byId("tree").setAttribute("aria-activedescendant", branch.id);
        const pane = byId("tree-scroll"), y = Number(branch.dataset.y);
        if (y < pane.scrollTop + 30 || y > pane.scrollTop + pane.clientHeight - 20) pane.scrollTop = y - pane.clientHeight / 2;
      }
    }
    if (track) {
      const row = rowOf(track, number());
      if (row >= 0) bringIntoView(track.y[row], track.x[row]);
    }
    drawPlots();
    go(state.at);
  };

  const visit = (button) => {
    pause();
    for (const other of document.querySelectorAll(".places .current")) other.classList.remove("current");
    button.classList.add("current");
    button.scrollIntoView({ block: "nearest" });
    go(nearest(Number(button.dataset.frame)));
    select(Number(button.dataset.label));
    if (button.dataset.y) {
      bringIntoView(Number(button.dataset.y), Number(button.dataset.x));
      drawSoon();
    }
  };

  const element = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    Object.assign(made, attributes);
    made.append(...children);
    return made;
  };

  const toCell = (label) => element("button", { type: "button", textContent: `cell ${label}`, onclick: () => select(label, true) });
  const toFrame = (when, text) => element("button", { type: "button", textContent: text, onclick: () => go(nearest(when)) });
  const digits = (value) => Number(value.toPrecision(3)).toLocaleString("en");

  const spanOf = ({ begin, end }) => begin === end ? `Frame ${begin}` : `Frames ${begin} to ${end}`;

  const describe = () => {
    const card = byId("card"), track = tracks.get(state.selected);
    if (!track) {
      card.replaceChildren(element("p", { className: "quiet", textContent: "Click a cell in the movie, or a line above." }));
      return;
    }
    const swatch = element("span", { className: "swatch" });
    swatch.style.background = track.colour;
    const row = rowOf(track, number()), { length, length_name: unit } = page.units;
    const now = row < 0 ? "Not in this frame." :
      `Area ${digits(track.areas[row] * length * length)} ${unit}², at (${track.y[row].toFixed(0)}, ${track.x[row].toFixed(0)}) px (y, x).`;
    const family = element("div", { className: "links" });
    if (track.parent) family.append("mother ", toCell(track.parent));
    if (track.daughters.length) family.append("daughters ", ...track.daughters.map(toCell));
    card.replaceChildren(
      element("h3", {}, swatch, `Cell ${track.label}`),
      element("p", { textContent: `${spanOf(track)}. ${now}` }),
      family,
      element("div", { className: "links" }, toFrame(track.begin, "first frame"), toFrame(track.end, "last frame")));
  };

  // ------------------------------------------------------------------ lineages
  const draws = (name, attributes, parent, text) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    if (parent) parent.append(made);
    return made;
  };

  const arrange = () => {
    // Mothers stand between their daughters; large families first.
    const rows = new Map(), sizes = new Map(), order = [];
    let next = 0;
    for (const track of page.tracks) sizes.set(track.root, (sizes.get(track.root) || 0) + 1);
    const place = (track) => {
      if (rows.has(track.label)) return rows.get(track.label);
      rows.set(track.label, 0);
      const below = track.daughters.map((label) => place(tracks.get(label)));
      rows.set(track.label, below.length ? (below[0] + below[below.length - 1]) / 2 : next++);
      order.push(track.label);
      return rows.get(track.label);
    };
    const roots = page.tracks.filter((track) => !track.parent);
    roots.sort((a, b) => sizes.get(b.label) - sizes.get(a.label) || a.begin - b.begin || a.label - b.label);
    roots.forEach(place);
    page.tracks.forEach(place);
    order.sort((a, b) => rows.get(a) - rows.get(b) || tracks.get(a).begin - tracks.get(b).begin);
    return { rows, order, count: next };
  };

  const arranged = arrange();
  const TOP = 22, LEFT = 10, RIGHT = 34;
  let treeWidth = 0;
  const treeX = (when) => LEFT + (when - first) / Math.max(1, last - first) * (treeWidth - LEFT - RIGHT);

  const drawTree = () => {
    const tree = byId("tree"), room = byId("tree-scroll").clientHeight - TOP - 8;
    const gap = Math.min(26, Math.max(13, room / Math.max(1, arranged.count)));
    treeWidth = byId("tree-scroll").clientWidth;
    const tall = TOP + arranged.count * gap + 8, rowY = (label) => TOP + (arranged.rows.get(label) + 0.5) * gap;
    tree.replaceChildren();
    tree.setAttribute("viewBox", `0 0 ${treeWidth} ${tall}`);
    tree.setAttribute("height", tall);
    for (const tick of ticks(first, last, 6)) {
      draws("line", { class: "axis", x1: treeX(tick), x2: treeX(tick), y1: 16, y2: tall }, tree);
      draws("text", { x: treeX(tick), y: 11, "text-anchor": "middle" }, tree, tick);
    }
    for (const label of arranged.order) {
      const track = tracks.get(label), y = rowY(label), left = treeX(track.begin), right = Math.max(left + 3, treeX(track.end));
      const from = track.parent ? `, daughter of ${track.parent}` : "";
      const into = track.daughters.length ? `, becomes ${track.daughters.join(" and ")}` : "";
      const branch = draws("g", {
        class: "branch", id: `branch-${label}`, role: "treeitem", "data-label": label, "data-y": y, "aria-selected": false,
        "aria-label": `Cell ${label}, ${spanOf(track).toLowerCase()}${from}${into}`,
      }, tree);
      if (track.parent) {
        const mother = tracks.get(track.parent), middle = treeX(mother.end);
        draws("path", { class: "birth", d: `M${middle} ${rowY(track.parent)}V${y}H${left}`, stroke: track.colour, fill: "none" }, branch);
      }
      draws("line", { class: "life", x1: left, x2: right, y1: y, y2: y, stroke: track.colour }, branch);
      const before = track.daughters.length;  // behind it are the daughters' lines
      draws("text", before ? { x: right - 4, y: y - 3, "text-anchor": "end" } : { x: right + 4, y: y + 3.5 }, branch, label);
      draws("rect", { class: "hit", x: left, width: right - left + 20, y: y - gap / 2, height: gap }, branch);
      branch.addEventListener("click", (event) => {
        pause();
        const x = (event.clientX - tree.getBoundingClientRect().left);
        const when = Math.round(first + (x - LEFT) / (treeWidth - LEFT - RIGHT) * (last - first));
        go(nearest(Math.min(track.end, Math.max(track.begin, when))));
        select(label);
      });
    }
    draws("line", { class: "cursor", id: "tree-cursor", y1: 14, y2: tall }, tree);
  };

  // ------------------------------------------------------------------ plots
  const ticks = (from, to, wanted, least = 0) => {
    const rough = Math.max(least, (to - from) / wanted) || 1, size = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((m) => m * size).find((candidate) => candidate >= rough);
    const found = [];
    for (let value = Math.ceil(from / step) * step; value <= to + step * 1e-6; value += step) found.push(Number(value.toPrecision(10)));
    return found;
  };

  const PLOT = { width: 340, height: 180, left: 40, right: 8, top: 8, bottom: 24 };
  const plotX = (when) => PLOT.left + (when - first) / Math.max(1, last - first) * (PLOT.width - PLOT.left - PLOT.right);

  const axes = (svg, highest, from, to, x, least = 0) => {
    const y = (value) => PLOT.height - PLOT.bottom - value / highest * (PLOT.height - PLOT.bottom - PLOT.top);
    for (const tick of ticks(0, highest, 4, least)) {
      draws("line", { class: "grid", x1: PLOT.left, x2: PLOT.width - PLOT.right, y1: y(tick), y2: y(tick) }, svg);
      draws("text", { x: PLOT.left - 5, y: y(tick) + 3.5, "text-anchor": "end" }, svg, tick.toLocaleString("en"));
    }
    for (const tick of ticks(from, to, 6)) draws("text", { x: x(tick), y: PLOT.height - 8, "text-anchor": "middle" }, svg, tick);
    return y;
  };

  const figure = (title, note, summary) => {
    const made = element("figure", { className: "panel" });
    made.append(element("figcaption", {}, `${title} `, element("span", { textContent: note })));
    const svg = draws("svg", { viewBox: `0 0 ${PLOT.width} ${PLOT.height}`, role: "img", "aria-label": `${title}: ${summary}` }, made);
    byId("plots").append(made);
    return svg;
  };

  const overTime = (svg) => {
    draws("line", { class: "cursor time-cursor", y1: PLOT.top, y2: PLOT.height - PLOT.bottom }, svg);
    svg.classList.add("clickable");
    svg.addEventListener("click", (event) => {
      const box = svg.getBoundingClientRect(), x = (event.clientX - box.left) / box.width * PLOT.width;
      pause();
      go(nearest(first + (x - PLOT.left) / (PLOT.width - PLOT.left - PLOT.right) * (last - first)));
    });
  };

  const line = (points) => points.map(([x, y], index) => `${index ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

  const spread = (title, note, values, factor, own) => {
    const known = page.numbers.map((when, index) => [when, values[index]]).filter(([, value]) => value);
    const middles = known.map(([, value]) => value[1] * factor);
    const summary = known.length ? `median from ${digits(Math.min(...middles))} to ${digits(Math.max(...middles))}` : "no values";
    const svg = figure(title, note, summary);
    const highest = Math.max(1e-9, ...known.map(([, value]) => value[2] * factor), ...own.map(([, value]) => value)) * 1.06;
    const y = axes(svg, highest, first, last, plotX);
    const low = known.map(([when, value]) => [plotX(when), y(value[0] * factor)]);
    const high = known.map(([when, value]) => [plotX(when), y(value[2] * factor)]);
    if (known.length) {
      draws("path", { class: "band", d: `${line([...high, ...low.reverse()])}Z` }, svg);
      draws("path", { class: "middle", d: line(known.map(([when, value]) => [plotX(when), y(value[1] * factor)])) }, svg);
    }
    if (own.length) {
      const path = line(own.map(([when, value]) => [plotX(when), y(value)]));
      draws("path", { class: "own", d: path, stroke: colourOf(state.selected) }, svg);
    }
    overTime(svg);
  };

  const bars = (title, note, values, summary, place, wide, from, to) => {
    const svg = figure(title, note, summary);
    const y = axes(svg, Math.max(1, ...values.map(([, value]) => value)) * 1.06, from, to, place, 1);
    for (const [at, value] of values) {
      if (value) draws("rect", { class: "bar", x: place(at) - wide / 2, width: wide, y: y(value), height: y(0) - y(value) }, svg);
    }
    return svg;
  };

  const drawPlots = () => {
    byId("plots").replaceChildren();
    const { plots, units } = page, { length, length_name: unit, time, time_name: clock } = units;
    const track = tracks.get(state.selected), whose = track ? `, and cell ${track.label}` : "";
    const area = length * length, speed = length / time;
    const cells = figure("Cells", "per frame", `from ${plots.cells[0]} to ${plots.cells[plots.cells.length - 1]}`);
    const y = axes(cells, Math.max(1, ...plots.cells) * 1.06, first, last, plotX, 1);
    draws("path", { class: "middle", d: line(page.numbers.map((when, index) => [plotX(when), y(plots.cells[index])])) }, cells);
    overTime(cells);
    const ownAreas = track ? track.frames.map((when, row) => [when, track.areas[row] * area]) : [];
    spread("Area", `${unit}², median and 10–90 %${whose}`, plots.areas, area, ownAreas);
    const ownSpeeds = track ? track.frames.slice(1).flatMap((when, row) => (when - track.frames[row] === 1
      ? [[when, Math.hypot(track.y[row + 1] - track.y[row], track.x[row + 1] - track.x[row]) * speed]] : [])) : [];
    spread("Speed", `${unit} per ${clock}, median and 10–90 %${whose}`, plots.speeds, speed, ownSpeeds);
    const total = plots.divisions.reduce((sum, value) => sum + value, 0);
    overTime(bars("Divisions", "per frame", page.numbers.map((when, index) => [when, plots.divisions[index]]), `${total} in all`,
      plotX, Math.max(1.5, 280 / page.numbers.length), first, last));
    if (plots.cycles.length) drawCycles(plots.cycles.map((value) => value * time), clock);
    moveCursors();
  };

  const drawCycles = (cycles, clock) => {
    const longest = Math.max(...cycles) * 1.05, bins = 12, size = longest / bins, counts = Array(bins).fill(0);
    for (const value of cycles) counts[Math.min(bins - 1, Math.floor(value / size))]++;
    const place = (value) => PLOT.left + value / longest * (PLOT.width - PLOT.left - PLOT.right);
    const middle = [...cycles].sort((a, b) => a - b)[Math.floor(cycles.length / 2)];
    bars("Time from division to division", `${clock}${clock === "frame" ? "s" : ""}`, counts.map((value, bin) => [(bin + 0.5) * size, value]),
      `${cycles.length} cells seen from birth to division, median ${digits(middle)}`, place, 280 / bins - 3, 0, longest);
  };

  const drawSpace = () => {
    const space = byId("space"), frame = frames[state.at];
    if (!space) return;
    const density = window.devicePixelRatio || 1, side = space.clientWidth;
    space.width = space.height = Math.round(side * density);
    const brush = space.getContext("2d");
    brush.setTransform(density, 0, 0, density, 0, 0);
    brush.fillStyle = "#05070a";
    brush.fillRect(0, 0, side, side);
    if (!frame.seen) {
      byId("space-summary").textContent = "Nothing was kept of this frame.";
      return;
    }
    // Colours are the components; the darkest one is 40.
    const place = (value) => 12 + (value - 40) / 215 * (side - 24);
    const modes = modesOf(frame), seeds = seedsOf(frame), most = Math.max(1, ...modes.map((mode) => mode.pixels));
    for (const mode of modes) {
      const radius = 4 + 10 * Math.sqrt(mode.pixels / most);
      disc(brush, place(mode.red), side - place(mode.green), radius, mode.colour, mode.pixels ? "#ffffff" : "#808080", 1.5);
    }
    for (const seed of seeds) disc(brush, place(seed.red), side - place(seed.green), 1.8, seed.colour, "#000000", 0.6);
    const here = modes.filter((mode) => mode.pixels).length, total = frame.seen.seed_count;
    const drawn = seeds.length < total ? `, of which ${seeds.length} are drawn` : "";
    const said = modes.length || total
      ? `Frame ${number()}: ${total} seeds${drawn}, ${modes.length} modes, ${here} of them with pixels in this frame; ${outlinesOf(frame).size} cells.`
      : `Frame ${number()}: seeds and modes were not kept (tile by tile).`;
    byId("space-summary").textContent = said;
    space.setAttribute("aria-label", said);
  };

  const moveCursors = () => {
    const set = (cursor, x) => { cursor.setAttribute("x1", x); cursor.setAttribute("x2", x); };
    if (byId("tree-cursor")) set(byId("tree-cursor"), treeX(number()));
    for (const cursor of document.querySelectorAll(".time-cursor")) set(cursor, plotX(number()));
  };

  // ------------------------------------------------------------------ playing, mouse, keyboard
  const pause = () => {
    clearTimeout(state.playing);
    state.playing = 0;
    byId("play").textContent = "▶";
    byId("play").setAttribute("aria-label", "Play");
  };
  const play = () => {
    const next = () => {
      go(state.at + 1 < frames.length ? state.at + 1 : 0);
      state.playing = setTimeout(next, 1000 / Number(byId("speed").value));
    };
    state.playing = setTimeout(next, 0);
    byId("play").textContent = "❚❚";
    byId("play").setAttribute("aria-label", "Pause");
  };
  const toggle = () => (state.playing ? pause() : play());
  const step = (count) => { pause(); go(state.at + count); };
  const check = (count) => {
    const places = [...document.querySelectorAll("#doubts li:not([hidden]) button")];
    const now = places.findIndex((place) => place.classList.contains("current"));
    const next = now < 0 ? (count > 0 ? 0 : places.length - 1) : (now + count + places.length) % places.length;
    if (places.length) visit(places[next]);
  };

  const slider = byId("slider");
  slider.max = frames.length - 1;
  slider.addEventListener("input", () => { pause(); go(Number(slider.value)); });
  byId("play").addEventListener("click", toggle);
  byId("zoom-in").addEventListener("click", () => zoom(1.4));
  byId("zoom-out").addEventListener("click", () => zoom(1 / 1.4));
  byId("zoom-fit").addEventListener("click", fit);
  byId("next-doubt").addEventListener("click", () => check(1));
  byId("previous-doubt").addEventListener("click", () => check(-1));
  byId("brightness").addEventListener("input", drawSoon);
  for (const id of ["show-outlines", "show-ids", "show-paths", "show-seeds", "show-modes", "view"]) {
    if (byId(id)) byId(id).addEventListener("change", drawSoon);
  }
  byId("find").addEventListener("change", (event) => select(Number(event.target.value), true));
  byId("theme").addEventListener("click", () => {
    const dark = getComputedStyle(document.documentElement).colorScheme === "dark";
    document.documentElement.dataset.theme = dark ? "light" : "dark";
  });
  for (const button of document.querySelectorAll(".places button")) button.addEventListener("click", () => visit(button));
  for (const filter of document.querySelectorAll("#filters button")) {
    filter.addEventListener("click", () => {
      for (const other of document.querySelectorAll("#filters button")) other.setAttribute("aria-pressed", other === filter);
      for (const item of document.querySelectorAll("#doubts li")) {
        item.hidden = Boolean(filter.dataset.kind) && item.dataset.kind !== filter.dataset.kind;
      }
    });
  }

  let drag = null;
  canvas.addEventListener("pointerdown", (event) => {
    drag = { x: event.clientX, y: event.clientY, moved: false };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (drag) {
      const x = event.clientX - drag.x, y = event.clientY - drag.y;
      if (!drag.moved && Math.hypot(x, y) < 4) return;
      Object.assign(drag, { x: event.clientX, y: event.clientY, moved: true });
      state.x += x;
      state.y += y;
      state.fitted = false;
      drawSoon();
      return;
    }
    const label = cellAt(event), hover = byId("hover");
    hover.hidden = !label;
    if (label) hover.textContent = `cell ${label}`;
  });
  canvas.addEventListener("pointerup", (event) => {
    if (drag && !drag.moved) select(cellAt(event));
    drag = null;
  });
  canvas.addEventListener("pointercancel", () => { drag = null; });
  canvas.addEventListener("pointerleave", () => { byId("hover").hidden = true; });
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const box = canvas.getBoundingClientRect();
    zoom(Math.exp(-event.deltaY * 0.0015), event.clientX - box.left, event.clientY - box.top);
  }, { passive: false });

  const flip = (id) => {
    if (!byId(id)) return;
    byId(id).checked = !byId(id).checked;
    drawSoon();
  };
  const nextView = () => {
    if (!byId("view")) return;
    byId("view").selectedIndex = (byId("view").selectedIndex + 1) % byId("view").options.length;
    drawSoon();
  };
  const keys = {
    ArrowLeft: () => step(-1), ArrowRight: () => step(1), Home: () => step(-frames.length), End: () => step(frames.length),
    " ": toggle, "+": () => zoom(1.4), "=": () => zoom(1.4), "-": () => zoom(1 / 1.4), "0": fit,
    n: () => check(1), p: () => check(-1), o: () => flip("show-outlines"), i: () => flip("show-ids"),
    v: nextView, s: () => flip("show-seeds"), m: () => flip("show-modes"), Escape: () => select(0),
  };
  document.addEventListener("keydown", (event) => {
    const on = event.target, typed = on.matches("input[type=number], select"), moved = on.matches("input[type=range]");
    if (event.ctrlKey || event.altKey || event.metaKey || typed || !keys[event.key]) return;
    if (event.key === " " && on.matches("button, summary, input[type=checkbox]")) return;
    if (moved && ["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) return;  // the slider does it itself
    event.preventDefault();
    keys[event.key]();
  });
  byId("tree").addEventListener("keydown", (event) => {
    const count = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!count) return;
    event.preventDefault();
    const now = arranged.order.indexOf(state.selected);
    select(arranged.order[Math.min(arranged.order.length - 1, Math.max(0, now + count))], true);
  });

  new ResizeObserver(() => { if (state.fitted) fit(); else drawSoon(); }).observe(canvas);
  let drawnWidth = 0;
  new ResizeObserver(() => {
    const wide = byId("tree-scroll").clientWidth;
    if (Math.abs(wide - drawnWidth) > 1) {
      drawnWidth = wide;
      drawTree();
      select(state.selected);
    }
  }).observe(byId("tree-scroll"));

  drawnWidth = byId("tree-scroll").clientWidth;
  drawTree();
  drawPlots();
  fit();
  go(0);
})();
