// Where the drawing sits in its box: fitted, zoomed, moved. The SVG's own units are screen pixels.

const MOST_ZOOM = 30;
const STILL = matchMedia("(prefers-reduced-motion: reduce)");
const PADDING = { left: 10, top: 10, right: 10, bottom: 24 };

/** Measure the box; fit the drawing again unless the reader has moved it. */
function arrange(map) {
  const width = map.stage.clientWidth;
  const height = map.data.height;
  if (!width || !map.drawing) return;
  const moved = map.view && map.home && !isHome(map);
  const centre = moved ? toDrawing(map, map.box.width / 2, map.box.height / 2) : null;
  const closeness = moved ? map.view.k / map.home.k : 1;
  map.box = { width, height };
  map.fontSize = letterSize(Math.min(width, height));
  map.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  map.home = fit(map);
  planMagnifier(map);
  if (!moved) map.view = { ...map.home };
  else {
    const k = map.home.k * closeness;
    map.view = { k, tx: width / 2 - centre[0] * k, ty: height / 2 - centre[1] * k };
  }
  applyView(map);
}

/** Letters that can be read: on a wide screen, which is likely a projector's, a fifth larger. */
function letterSize(room) {
  const usual = Math.min(20, Math.max(12, room / 46));
  return Math.round((globalThis.innerWidth >= 1800 ? usual * 1.2 : usual) * 2) / 2;
}

/** Scale and shift that show the whole drawing, or the one township asked for with a rim of its neighbours. */
function fit(map) {
  const { drawing, data, box } = map;
  const bounds = landBounds(map);
  const rim = data.within ? 0.05 * Math.max(bounds[2] - bounds[0], bounds[3] - bounds[1]) : 0;
  const [left, top, right, bottom] = [bounds[0] - rim, bounds[1] - rim, bounds[2] + rim, bounds[3] + rim];
  const roomWide = box.width - PADDING.left - PADDING.right;
  const roomHigh = box.height - PADDING.top - PADDING.bottom;
  const k = Math.max(1e-4, Math.min(roomWide / (right - left), roomHigh / (bottom - top)));
  return {
    k,
    tx: PADDING.left + (roomWide - (right - left) * k) / 2 - left * k,
    ty: PADDING.top + (roomHigh - (bottom - top) * k) / 2 - top * k,
    drawingWidth: drawing.w,
  };
}

function landBounds(map) {
  const { within } = map.data;
  return (within && map.drawing.boxes[within]) || [0, 0, map.drawing.w, map.drawing.h];
}

function isHome(map) {
  const { view, home } = map;
  return Math.abs(view.k / home.k - 1) < 1e-3 && Math.hypot(view.tx - home.tx, view.ty - home.ty) < 1;
}

function toScreen(map, x, y) {
  return [x * map.view.k + map.view.tx, y * map.view.k + map.view.ty];
}

function toDrawing(map, x, y) {
  return [(x - map.view.tx) / map.view.k, (y - map.view.ty) / map.view.k];
}

/** Put the view on screen: transform, hatch at constant width, labels where they fit, the magnifier only at home. */
function applyView(map) {
  const { k, tx, ty } = map.view;
  map.land.setAttribute("transform", `matrix(${k} 0 0 ${k} ${tx} ${ty})`);
  map.root.querySelector("#hatch").setAttribute("patternTransform", `scale(${1 / k}) rotate(45)`);
  const home = isHome(map);
  for (const part of map.magnifier ? [map.magnifier.group, map.magnifier.links] : []) part.classList.toggle("away", !home);
  map.svg.classList.toggle("moved", !home);
  map.svg.dataset.zoom = (k / map.home.k).toFixed(3);
  drawLabels(map);
}

function setView(map, view) {
  map.view = kept(map, view);
  applyView(map);
}

/** The view with its limits: never smaller than home, and the land always under the middle of the box. */
function kept(map, { k, tx, ty }) {
  const { home, box } = map;
  const bounded = Math.min(Math.max(k, home.k), home.k * MOST_ZOOM);
  if (bounded <= home.k * 1.0005) return { ...home };
  const [left, top, right, bottom] = landBounds(map);
  const within = (value, low, high) => Math.min(Math.max(value, low), high);
  return {
    k: bounded,
    tx: within(tx, box.width / 2 - right * bounded, box.width / 2 - left * bounded),
    ty: within(ty, box.height / 2 - bottom * bounded, box.height / 2 - top * bounded),
  };
}

/** Zoom by `factor` with the point (x, y) of the box staying where it is. */
function zoomed(map, factor, x, y, from = map.view) {
  const k = Math.min(Math.max(from.k * factor, map.home.k), map.home.k * MOST_ZOOM);
  const real = k / from.k;
  return { k, tx: x - (x - from.tx) * real, ty: y - (y - from.ty) * real };
}

function glide(map, target) {
  cancelAnimationFrame(map.gliding);
  const end = kept(map, target);
  if (STILL.matches) return setView(map, end);
  const start = { ...map.view };
  const begun = performance.now();
  const step = (now) => {
    const part = Math.min(1, (now - begun) / 180);
    const eased = 1 - (1 - part) ** 3;
    const mix = (name) => start[name] + (end[name] - start[name]) * eased;
    map.view = part < 1 ? { k: mix("k"), tx: mix("tx"), ty: mix("ty") } : end;
    applyView(map);
    if (part < 1) map.gliding = requestAnimationFrame(step);
  };
  map.gliding = requestAnimationFrame(step);
}

function zoomStep(map, factor) {
  glide(map, zoomed(map, factor, map.box.width / 2, map.box.height / 2));
}

function goHome(map) {
  glide(map, map.home);
}

/** Wheel, drag, pinch, double click. The page keeps its own scrolling until the reader has taken hold of the map. */
function listenToGestures(map) {
  const { svg } = map;
  const pointers = new Map();
  let drag = null;
  const local = (event) => {
    const frame = svg.getBoundingClientRect();
    return [event.clientX - frame.left, event.clientY - frame.top];
  };
  map.listen(svg, "wheel", (event) => {
    if (!map.drawing) return;
    if (!(event.ctrlKey || event.metaKey || map.held)) return hint(map);
    event.preventDefault();
    hideTip(map);
    cancelAnimationFrame(map.gliding);
    const delta = event.deltaY * (event.deltaMode === 1 ? 18 : 1);
    setView(map, zoomed(map, Math.exp(-Math.min(Math.max(delta, -120), 120) * 0.0025), ...local(event)));
  }, { passive: false });
  map.listen(svg, "pointerdown", (event) => {
    if (event.button !== 0 || !map.drawing) return;
    cancelAnimationFrame(map.gliding);
    pointers.set(event.pointerId, local(event));
    drag = { points: new Map(pointers), view: { ...map.view }, far: false };
    map.dragged = false;
  });
  map.listen(svg, "pointermove", (event) => {
    if (!drag || !pointers.has(event.pointerId)) return;
    if (event.pointerType === "mouse" && !(event.buttons & 1)) return release(event);
    pointers.set(event.pointerId, local(event));
    const now = [...pointers.values()];
    const then = [...drag.points.values()];
    const middle = (points) => [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length);
    const [from, to] = [middle(then), middle(now)];
    if (!drag.far && now.length < 2 && Math.hypot(to[0] - from[0], to[1] - from[1]) < 5) return;
    if (!drag.far) {
      drag.far = map.dragged = true;
      map.held = true;
      svg.classList.add("dragging");
      hideTip(map);
      svg.setPointerCapture(event.pointerId);
    }
    const spread = (points) => Math.hypot(points[0][0] - points[1][0], points[0][1] - points[1][1]);
    const factor = now.length > 1 && then.length > 1 ? spread(now) / Math.max(1, spread(then)) : 1;
    const view = zoomed(map, factor, ...from, drag.view);
    setView(map, { k: view.k, tx: view.tx + to[0] - from[0], ty: view.ty + to[1] - from[1] });
  });
  const release = (event) => {
    pointers.delete(event.pointerId);
    svg.classList.remove("dragging");
    drag = pointers.size ? { points: new Map(pointers), view: { ...map.view }, far: true } : null;
  };
  map.listen(svg, "pointerup", release);
  map.listen(svg, "pointercancel", release);
  map.listen(svg, "pointerleave", () => { map.held = false; });
  map.listen(svg, "dblclick", (event) => { event.preventDefault(); goHome(map); });
  map.listen(map.root.querySelector(".buttons"), "click", (event) => {
    const does = event.target.closest("button")?.dataset.does;
    if (!does || !map.drawing) return;
    if (does === "home") goHome(map);
    else zoomStep(map, does === "in" ? 1.6 : 1 / 1.6);
  });
}

/** Say how to zoom, for a moment, to someone whose wheel scrolls the page over the map. */
function hint(map) {
  const note = map.root.querySelector(".hint");
  note.classList.add("seen");
  clearTimeout(map.hinting);
  map.hinting = setTimeout(() => note.classList.remove("seen"), 1200);
}
