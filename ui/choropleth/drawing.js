// The drawing: fetched once for each address, built once for each map, then only coloured.

const SVG_SPACE = "http://www.w3.org/2000/svg";
const DRAWINGS = (globalThis.placeDrawings ??= new Map());

/** The drawing at `address`, one request for the whole page; a failed one is forgotten so that it can be tried again. */
function fetchDrawing(address) {
  if (!DRAWINGS.has(address)) {
    const request = fetch(new URL(address, document.baseURI), { credentials: "same-origin" }).then((answer) => {
      if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
      return answer.json();
    });
    request.catch(() => DRAWINGS.delete(address));
    DRAWINGS.set(address, request);
  }
  return DRAWINGS.get(address);
}

function shape(tag, attributes = {}) {
  const made = document.createElementNS(SVG_SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function placeOf([code, name, parent, path, x, y, room, short]) {
  return { code, name, parent, path, x, y, room, short, shapes: [], label: null, largeLabel: null };
}

/** Build the DOM of the places shown; called again only when another drawing, level or township is asked for. */
function build(map) {
  const { drawing, data } = map;
  const { level, within } = data;
  const rows = level === "village" ? drawing.villages : drawing.townships;
  const shown = rows.filter((row) => !within || row[2] === within).map(placeOf);
  map.places = new Map(shown.map((place) => [place.code, place]));
  map.areas = level === "village" ? drawing.townships.filter((row) => row[0] !== within).map(placeOf) : [];
  map.land.replaceChildren();
  map.names.replaceChildren();
  const context = shape("g", { class: "context" });
  const fills = shape("g", { class: "places" });
  const borders = shape("g", { class: "borders" });
  for (const area of map.areas) {
    const path = shape("path", { d: area.path, class: within ? "faded" : "border" });
    (within ? context : borders).append(path);
  }
  if (level === "village" && within) {
    const own = drawing.townships.find((row) => row[0] === within);
    if (own) borders.append(shape("path", { d: own[3], class: "border" }));
  }
  for (const place of shown) {
    const path = shape("path", {
      d: place.path, class: "place", "data-code": place.code, role: "button", tabindex: "-1",
    });
    place.shapes = [path];
    fills.append(path);
  }
  map.outlines = makeOutlines();
  map.land.append(context, fills, borders, map.outlines.group);
  map.fills = fills;
  buildMagnifier(map);
  map.roving = null;
}

/** Lines drawn over everything, so that a neighbour never covers half of a border that should stand out. */
function makeOutlines() {
  const group = shape("g", { class: "outlines" });
  const lines = {};
  for (const name of ["chosen", "lit", "focus"]) {
    lines[name] = [shape("path", { class: `casing ${name}` }), shape("path", { class: `line ${name}` })];
    group.append(...lines[name]);
  }
  return { group, lines };
}

function outline(map, name, place) {
  for (const { lines } of [map.outlines, map.magnifier?.outlines].filter(Boolean)) {
    for (const line of lines[name]) {
      if (place) line.setAttribute("d", place.path);
      else line.removeAttribute("d");
    }
  }
}

/** The style of a place's class; places without a class have no data. */
function styleOf(map, code) {
  const key = map.data.classes[code] ?? "no_data";
  return { key, ...(map.data.styles[key] ?? map.data.styles.no_data) };
}

function wordOf(map, key) {
  return map.data.words[key] ?? "";
}

/** Colours, marks and words for what the data says now. */
function paint(map) {
  const { data } = map;
  const chosen = map.places.get(data.selected) ?? null;
  for (const place of map.places.values()) {
    const style = styleOf(map, place.code);
    const hollow = style.fill === null || style.rim || style.hatch;
    place.style = style;
    place.forms = data.labels?.[place.code] ? [].concat(data.labels[place.code]) : null;
    place.forms ??= place.short ? [place.name, place.short] : [place.name];
    place.shapes.forEach((path, index) => {
      const hatch = index ? "url(#hatch-large)" : "url(#hatch)";
      path.setAttribute("fill", style.hatch ? hatch : (style.fill ?? "var(--paper)"));
      path.dataset.class = style.key;
      if (path.classList.contains("hollow") !== hollow) {
        path.classList.toggle("hollow", hollow);
        if (hollow) path.parentNode.append(path);
        else path.parentNode.prepend(path);
      }
    });
    const [path] = place.shapes;
    const facts = data.hover[place.code]?.slice(1) ?? [];
    path.setAttribute("aria-label", [place.forms[0], wordOf(map, style.key), ...facts].filter(Boolean).join("，"));
    path.setAttribute("aria-pressed", String(place === chosen));
  }
  for (const area of map.areas) area.forms = [].concat(data.labels?.[area.code] ?? [area.name, area.short ?? area.name]);
  outline(map, "chosen", chosen);
  const roving = chosen ?? map.places.get(map.roving) ?? readingOrder(map)[0];
  if (roving) setRoving(map, roving.code);
}

function setRoving(map, code) {
  map.places.get(map.roving)?.shapes[0].setAttribute("tabindex", "-1");
  map.roving = code;
  map.places.get(code)?.shapes[0].setAttribute("tabindex", "0");
}

/** What stands out first: places named by the data as worse, then better, then by the room their name has. */
function readingOrder(map) {
  const rank = (place) => (place.code === map.data.selected ? -1 : (place.style?.rank ?? 9));
  return [...map.places.values()].sort((a, b) => rank(a) - rank(b) || b.room - a.room || (a.code < b.code ? -1 : 1));
}

/** The row of words under the map: colour, mark, word, count. Resting on one entry shows where it is. */
function legend(map) {
  const { data } = map;
  map.root.querySelector(".legend-title").textContent = data.legend_title ?? "";
  const items = data.legend.map(({ key, mark, word, count }) => {
    const item = document.createElement("li");
    const swatch = document.createElement("span");
    const style = data.styles[key] ?? data.styles.no_data;
    swatch.className = style.hatch ? "swatch hatched" : style.fill === null || style.rim ? "swatch hollow" : "swatch";
    if (style.fill !== null && !style.hatch) swatch.style.background = style.fill;
    swatch.style.color = style.ink ?? "var(--ink)";
    swatch.textContent = mark;
    const text = document.createElement("span");
    text.textContent = word;
    item.append(swatch, text);
    if (count !== null) {
      const number = document.createElement("b");
      number.textContent = String(count);
      item.append(number);
    }
    item.onpointerenter = () => { map.svg.dataset.only = key; dim(map, key); };
    item.onpointerleave = () => { delete map.svg.dataset.only; dim(map, null); };
    return item;
  });
  map.root.querySelector(".legend ul").replaceChildren(...items);
  strip(map);
}

/** The strip of colours of a continuous map, with the values at its ends. */
function strip(map) {
  const { strip: said } = map.data;
  const place = map.root.querySelector(".strip");
  place.hidden = !said;
  if (!said) return;
  place.setAttribute("aria-label", said.alt);
  const [low, bar, high] = place.children;
  low.textContent = said.low;
  high.textContent = said.high;
  bar.style.background = `linear-gradient(to right, ${said.colours.join(",")})`;
}

function dim(map, key) {
  for (const place of map.places.values()) {
    const quiet = key !== null && place.style.key !== key;
    for (const node of [...place.shapes, place.label, place.largeLabel]) node?.classList.toggle("quiet", quiet);
  }
}
