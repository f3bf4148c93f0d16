// The magnifier: places too small for their names drawn a second time, larger, where the box is empty.

const LARGEST = 3.4;
const SMALLEST = 1.6;
const ENOUGH = 2.2;
const FEWEST = 3;
const CELL = 4;

function buildMagnifier(map) {
  const group = map.root.querySelector(".magnifier");
  group.replaceChildren();
  map.root.querySelector(".links")?.remove();
  map.magnifier = null;
  if (map.data.level !== "township") return;
  const links = shape("g", { class: "links" });
  const back = shape("rect", { class: "back" });
  const pane = shape("g", { "clip-path": "url(#pane)" });
  const land = shape("g");
  const fills = shape("g", { class: "places" });
  const outlines = makeOutlines();
  for (const place of map.places.values()) {
    const path = shape("path", { d: place.path, class: "place", "data-code": place.code, "aria-hidden": "true" });
    place.shapes.push(path);
    fills.append(path);
  }
  land.append(fills, outlines.group);
  const names = shape("g", { class: "names" });
  const rim = shape("rect", { class: "rim" });
  const caption = shape("text", { class: "caption" });
  pane.append(land, names);
  group.append(back, pane, rim, caption);
  map.names.before(links);
  map.magnifier = { group, links, back, land, outlines, names, rim, caption, plan: null };
}

/** Decide what to enlarge, how much and in which corner, and shift the home view out of its way. */
function planMagnifier(map) {
  const { magnifier } = map;
  if (!magnifier) return;
  magnifier.plan = map.box.width >= 380 ? bestPlan(map) : null;
  for (const part of [magnifier.group, magnifier.links]) part.style.display = magnifier.plan ? "" : "none";
  if (!magnifier.plan) return;
  Object.assign(map.home, magnifier.plan.home);
  drawMagnifier(map);
}

/** The plan for as many crowded places as can be enlarged well; null where nothing is crowded or nothing fits. */
function bestPlan(map) {
  let crowd = crowdedPlaces(map);
  let best = null;
  const land = crowd.length < FEWEST ? null : landTable(map);
  while (crowd.length >= FEWEST) {
    const plan = bestCorner(map, withRim(around(map, crowd)), land);
    if (plan && (!best || plan.scale > best.scale)) best = plan;
    if (best && best.scale >= ENOUGH) return best;
    const without = crowd.map((place) => crowd.filter((other) => other !== place));
    crowd = without.reduce((least, next) => (size(around(map, next)) < size(around(map, least)) ? next : least));
  }
  return best;
}

/** The places whose shortest name, with its mark, does not fit inside them at home scale. */
function crowdedPlaces(map) {
  const { k } = map.home;
  return [...map.places.values()].filter((place) => {
    const needed = textWidth(map, place.forms.at(-1)) + map.fontSize * 0.6;
    return place.room * k < needed && size(map.drawing.boxes[place.code]) * k * k < 360 * map.fontSize;
  });
}

function around(map, places) {
  const boxes = places.map((place) => map.drawing.boxes[place.code]);
  const edge = (index, pick) => pick(...boxes.map((box) => box[index]));
  return [edge(0, Math.min), edge(1, Math.min), edge(2, Math.max), edge(3, Math.max)];
}

function size([left, top, right, bottom]) {
  return (right - left) * (bottom - top);
}

function withRim([left, top, right, bottom]) {
  const rim = 0.07 * Math.max(right - left, bottom - top);
  return [left - rim, top - rim, right + rim, bottom + rim];
}

/** How much land lies under any rectangle at home scale: a summed table over a coarse picture of the land. */
function landTable(map) {
  const { k } = map.home;
  const wide = Math.ceil((map.drawing.w * k) / CELL) + 1;
  const high = Math.ceil((map.drawing.h * k) / CELL) + 1;
  const canvas = document.createElement("canvas");
  canvas.width = wide;
  canvas.height = high;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.scale(k / CELL, k / CELL);
  for (const place of map.places.values()) pen.fill(new Path2D(place.path));
  const pixels = pen.getImageData(0, 0, wide, high).data;
  const sums = new Float64Array((wide + 1) * (high + 1));
  for (let y = 0; y < high; y += 1) {
    for (let x = 0; x < wide; x += 1) {
      const here = pixels[(y * wide + x) * 4 + 3] > 100 ? 1 : 0;
      const at = (y + 1) * (wide + 1) + x + 1;
      sums[at] = here + sums[at - 1] + sums[at - wide - 1] - sums[at - wide - 2];
    }
  }
  return (left, top, right, bottom) => {
    const [x0, x1] = [left, right].map((value) => Math.min(wide, Math.max(0, Math.round(value / CELL))));
    const [y0, y1] = [top, bottom].map((value) => Math.min(high, Math.max(0, Math.round(value / CELL))));
    const at = (x, y) => sums[y * (wide + 1) + x];
    return (at(x1, y1) - at(x0, y1) - at(x1, y0) + at(x0, y0)) * CELL * CELL;
  };
}

/** The largest enlargement that fits a corner almost without covering land, over every way to place the land. */
function bestCorner(map, region, land) {
  const { box, drawing, home } = map;
  const { k } = home;
  const spareWide = box.width - PADDING.left - PADDING.right - drawing.w * k;
  const spareHigh = box.height - PADDING.top - PADDING.bottom - drawing.h * k;
  const wide = (region[2] - region[0]) * k;
  const high = (region[3] - region[1]) * k;
  for (let scale = LARGEST; scale >= SMALLEST; scale -= 0.1) {
    const [paneWide, paneHigh] = [wide * scale, high * scale];
    if (paneWide > box.width * 0.45 || paneHigh > box.height * 0.6) continue;
    let best = null;
    for (const right of [true, false]) {
      for (const bottom of [false, true]) {
        const tx = PADDING.left + (right ? 0 : spareWide);
        const ty = PADDING.top + (bottom ? 0 : spareHigh);
        const x = right ? box.width - 1 - paneWide : 1;
        const y = bottom ? box.height - 22 - paneHigh : 1;
        const covered = land(x - 6 - tx, y - 6 - ty, x + paneWide + 6 - tx, y + paneHigh + 6 - ty);
        if (covered < 0.012 * paneWide * paneHigh && (!best || covered < best.covered)) {
          best = { covered, scale, x, y, paneWide, paneHigh, right, bottom, region, home: { k, tx, ty } };
        }
      }
    }
    if (best) return drawnTogether(map, best, land, spareWide);
  }
  return null;
}

/** In a wide box, bring the pane as near to the land as it may come, and put both in the middle. */
function drawnTogether(map, plan, land, spareWide) {
  const { tx, ty } = plan.home;
  const inwards = plan.right ? -1 : 1;
  const fits = (shift) => {
    const left = plan.x + inwards * shift - tx;
    const covered = land(left - 14, plan.y - 14 - ty, left + plan.paneWide + 14, plan.y + plan.paneHigh + 14 - ty);
    return covered < 0.004 * plan.paneWide * plan.paneHigh;
  };
  let gained = 0;
  while (gained + 8 < spareWide && fits(gained + 8)) gained += 8;
  const middle = (-inwards * gained) / 2;
  return { ...plan, x: plan.x + inwards * gained + middle, home: { ...plan.home, tx: tx + middle } };
}

function drawMagnifier(map) {
  const { magnifier } = map;
  const { plan } = magnifier;
  const { k, tx, ty } = map.home;
  const [left, top, right, bottom] = plan.region;
  const large = k * plan.scale;
  plan.view = { k: large, tx: plan.x - left * large, ty: plan.y - top * large };
  magnifier.land.setAttribute("transform", `matrix(${large} 0 0 ${large} ${plan.view.tx} ${plan.view.ty})`);
  map.root.querySelector("#hatch-large").setAttribute("patternTransform", `scale(${1 / large}) rotate(45)`);
  const frame = { x: plan.x, y: plan.y, width: plan.paneWide, height: plan.paneHigh };
  for (const rect of [magnifier.back, magnifier.rim, map.root.querySelector("#pane rect")]) {
    for (const [name, value] of Object.entries(frame)) rect.setAttribute(name, value);
  }
  const small = { x: left * k + tx, y: top * k + ty, width: (right - left) * k, height: (bottom - top) * k };
  const lines = [];
  const near = plan.right ? small.x + small.width : small.x;
  const far = plan.right ? frame.x : frame.x + frame.width;
  for (const end of [0, 1]) {
    lines.push(shape("line", {
      x1: near, y1: small.y + end * small.height, x2: far, y2: frame.y + end * frame.height,
    }));
  }
  magnifier.links.replaceChildren(shape("rect", small), ...lines);
  magnifier.small = small;
  magnifier.caption.textContent = map.data.strings.magnifier;
  const below = frame.y + frame.height + map.fontSize + 2;
  magnifier.caption.setAttribute("x", plan.right ? frame.x + frame.width : frame.x);
  magnifier.caption.setAttribute("y", plan.bottom ? frame.y - 5 : below);
  magnifier.caption.setAttribute("text-anchor", plan.right ? "end" : "start");
}
