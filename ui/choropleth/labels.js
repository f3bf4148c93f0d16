// Names on the map: of constant size, only where they fit, never one over another.

const PEN = document.createElement("canvas").getContext("2d");
const WIDTHS = new Map();

/** Width in pixels of `words` set as a label. */
function textWidth(map, words, size = map.fontSize) {
  const key = `${size}|${map.fontFamily}|${words}`;
  if (!WIDTHS.has(key)) {
    PEN.font = `600 ${size}px ${map.fontFamily}`;
    WIDTHS.set(key, PEN.measureText(words).width);
  }
  return WIDTHS.get(key);
}

function makeLabel(group, kind) {
  const label = shape("text", { class: `name ${kind}` });
  label.append(shape("tspan", { class: "mark" }), shape("tspan", { class: "words" }));
  group.append(label);
  return label;
}

/** Lay out all names for the present view: chosen first, then worse, better, and what has most room. */
function drawLabels(map) {
  const { box, data, magnifier } = map;
  const enlarged = magnifier?.plan && isHome(map) ? magnifier : null;
  const taken = reserved(map, enlarged);
  const order = readingOrder(map);
  const whole = data.level === "village" && !data.within;
  if (whole && map.view.k / map.home.k < 2.4) {
    order.slice().forEach((place) => place.code !== data.selected && hideLabel(place, "label"));
    order.filter((place) => place.code === data.selected).forEach((place) => putName(map, place, taken));
    for (const place of order) if (place.code !== data.selected && place.style.beside) putMark(map, place, taken);
    for (const area of map.areas) putArea(map, area, taken);
  } else {
    for (const place of order) {
      const [x, y] = toScreen(map, place.x, place.y);
      if (enlarged && inside(enlarged.small, x, y)) hideLabel(place, "label");
      else putName(map, place, taken);
    }
    for (const area of map.areas) {
      if (data.within) putArea(map, area, taken);
      else hideLabel(area, "label");
    }
  }
  if (!enlarged) return;
  const { plan } = enlarged;
  const frame = { x: plan.x + 2, y: plan.y + 2, width: plan.paneWide - 4, height: plan.paneHigh - 4 };
  const inner = [];
  for (const place of order) {
    putName(map, place, inner, { kind: "largeLabel", view: plan.view, frame, group: enlarged.names });
  }
}

/** Rectangles that no name may cover: the buttons, the watermark, the magnifier. */
function reserved(map, enlarged) {
  const { width, height } = map.box;
  const taken = [{ x: 0, y: height - 18, width: width * 0.4, height: 18 }];
  const buttons = map.root.querySelector(".buttons");
  taken.push({ x: buttons.offsetLeft, y: buttons.offsetTop, width: buttons.offsetWidth, height: buttons.offsetHeight });
  if (enlarged) {
    const { x, y, paneWide, paneHigh } = enlarged.plan;
    taken.push({ x: x - 4, y: y - 4, width: paneWide + 8, height: paneHigh + 24 });
  }
  return taken;
}

function inside({ x, y, width, height }, px, py) {
  return px >= x && px <= x + width && py >= y && py <= y + height;
}

function overlaps(a, b) {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function hideLabel(place, kind) {
  if (place[kind]) place[kind].style.display = "none";
}

/** Letters of the Latin alphabet are set smaller: their names are longer. */
function sizeOf(map, words) {
  return /[\u2e80-\u9fff]/.test(words) || !words ? map.fontSize : map.fontSize * 0.92;
}

/** The ways to write one place, best first: mark beside the name, mark above the shortest name, the mark alone. */
function waysToWrite(map, place, k) {
  const mark = place.style.beside ? place.style.mark : "";
  const em = map.fontSize;
  const markWidth = mark ? textWidth(map, mark, em * 0.8) : 0;
  const ways = place.forms.map((words) => {
    const size = sizeOf(map, words);
    return { words, mark, size, wide: textWidth(map, words, size) + (mark ? markWidth + em * 0.22 : 0), high: em * 1.24 };
  });
  const box = map.drawing.boxes[place.code];
  if (mark && box && (box[3] - box[1]) * k > em * 2.6) {
    const words = place.forms.at(-1);
    const size = sizeOf(map, words);
    ways.push({ words, mark, size, wide: Math.max(markWidth, textWidth(map, words, size)), high: em * 2, stacked: true });
  }
  if (mark) ways.push({ words: "", mark, size: em, wide: markWidth, high: em * 1.1 });
  return ways;
}

/** Write a place's name in the best way that fits, or hide it. */
function putName(map, place, taken, { kind = "label", view = map.view, frame = null, group = map.names } = {}) {
  const em = map.fontSize;
  const room = place.room * view.k;
  const x = place.x * view.k + view.tx;
  const y = place.y * view.k + view.ty;
  const edge = frame ?? { x: 1, y: 1, width: map.box.width - 2, height: map.box.height - 2 };
  if (!inside(edge, x, y)) return hideLabel(place, kind);
  const insist = place.code === map.data.selected;
  for (const way of waysToWrite(map, place, view.k)) {
    const slack = way.size < em ? em * 0.9 : em * 0.35;
    if (!insist && (way.words ? way.wide > room + slack : room < em * 0.5)) continue;
    for (const shift of [0, -0.5 * em, 0.5 * em]) {
      const area = { x: x - way.wide / 2 - 2, y: y + shift - way.high / 2, width: way.wide + 4, height: way.high };
      if (!within(edge, area) || taken.some((other) => overlaps(area, other))) continue;
      taken.push(area);
      return write(map, place, { kind, group, way, x, y: y + shift });
    }
  }
  hideLabel(place, kind);
}

function within(edge, area) {
  return area.x >= edge.x && area.y >= edge.y && area.x + area.width <= edge.x + edge.width
    && area.y + area.height <= edge.y + edge.height;
}

function write(map, place, { kind, group, way, x, y }) {
  place[kind] ??= makeLabel(group, "");
  const label = place[kind];
  const [mark, words] = label.children;
  const em = map.fontSize;
  label.style.display = "";
  label.setAttribute("x", x.toFixed(1));
  label.setAttribute("y", (way.stacked ? y - em * 0.45 : y).toFixed(1));
  label.dataset.for = place.code;
  mark.textContent = way.mark;
  mark.setAttribute("font-size", em * 0.8);
  words.textContent = way.words;
  words.setAttribute("font-size", way.size);
  words.setAttribute("dx", way.mark && way.words && !way.stacked ? em * 0.22 : 0);
  words.setAttribute("dy", way.stacked ? em * 0.95 : 0);
  if (way.stacked) words.setAttribute("x", x.toFixed(1));
  else words.removeAttribute("x");
  const { fill, ink, hatch } = place.style;
  label.style.fill = ink ?? "var(--ink)";
  label.style.stroke = hatch ? "var(--blank)" : (fill ?? "var(--paper)");
}

/** The mark of a place whose name has no room on the map of all villages: colour never speaks alone. */
function putMark(map, place, taken) {
  const size = map.fontSize;
  const [x, y] = toScreen(map, place.x, place.y);
  const wide = textWidth(map, place.style.mark, size * 0.8);
  const area = { x: x - wide / 2, y: y - size * 0.4, width: wide, height: size * 0.8 };
  const edge = { x: 1, y: 1, width: map.box.width - 2, height: map.box.height - 2 };
  if (!within(edge, area) || taken.some((other) => overlaps(area, other))) return;
  taken.push(area);
  write(map, place, { kind: "label", group: map.names, way: { words: "", mark: place.style.mark, size }, x, y });
}

/** The name of a township over its villages, or of a faded neighbour. */
function putArea(map, area, taken) {
  const size = map.fontSize;
  const x = area.x * map.view.k + map.view.tx;
  const y = area.y * map.view.k + map.view.ty;
  const edge = { x: 1, y: 1, width: map.box.width - 2, height: map.box.height - 2 };
  for (const words of inside(edge, x, y) ? area.forms : []) {
    const width = textWidth(map, words);
    const around = { x: x - width / 2 - 2, y: y - size * 0.65, width: width + 4, height: size * 1.3 };
    if (width > area.room * map.view.k + size * 0.5 || !within(edge, around)) continue;
    if (taken.some((other) => overlaps(around, other))) continue;
    taken.push(around);
    area.label ??= makeLabel(map.names, map.data.within ? "area faded" : "area");
    area.label.style.display = "";
    area.label.setAttribute("x", x.toFixed(1));
    area.label.setAttribute("y", y.toFixed(1));
    area.label.setAttribute("font-size", size);
    area.label.lastChild.textContent = words;
    return;
  }
  hideLabel(area, "label");
}
