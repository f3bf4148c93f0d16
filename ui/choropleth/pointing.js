// Pointing at places: with the mouse, the keyboard, a finger, or from another part of the page.

function listenToPointing(map) {
  const { svg } = map;
  const placeAt = (event) => map.places?.get(event.target.closest?.("[data-code]")?.dataset.code) ?? null;
  map.listen(svg, "pointermove", (event) => {
    if (svg.classList.contains("dragging")) return;
    const place = placeAt(event);
    if ((place?.code ?? null) !== map.lit) announce(map, place);
    if (!place) return hideTip(map);
    const frame = map.stage.getBoundingClientRect();
    showTip(map, place, event.clientX - frame.left, event.clientY - frame.top);
  });
  map.listen(svg, "pointerleave", () => {
    hideTip(map);
    if (map.lit !== null) announce(map, null);
  });
  map.listen(svg, "click", (event) => {
    const place = placeAt(event);
    if (!place || map.dragged || event.detail > 1) return;
    setRoving(map, place.code);
    map.send("pick", place.code);
  });
  map.listen(svg, "focusin", (event) => {
    const place = placeAt(event);
    if (!place || !event.target.matches(":focus-visible")) return;
    outline(map, "focus", place);
    bringIntoView(map, place);
    showTip(map, place, ...toScreen(map, place.x, place.y));
    announce(map, place);
  });
  map.listen(svg, "focusout", () => {
    outline(map, "focus", null);
    hideTip(map);
    if (map.lit !== null) announce(map, null);
  });
  map.listen(map.stage, "keydown", (event) => onKey(map, event));
}

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function onKey(map, event) {
  if (!map.places || event.altKey || event.ctrlKey || event.metaKey) return;
  const place = map.places.get(event.target.closest?.("[data-code]")?.dataset.code);
  if (event.key === "Escape") map.send("back", true);
  else if (event.key === "+" || event.key === "=") zoomStep(map, 1.6);
  else if (event.key === "-") zoomStep(map, 1 / 1.6);
  else if (event.key === "0") goHome(map);
  else if (place && (event.key === "Enter" || event.key === " ")) map.send("pick", place.code);
  else if (place && ARROWS[event.key]) neighbour(map, place, ARROWS[event.key])?.shapes[0].focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** The place nearest in a direction; what lies aside counts double. Moves the tab stop along. */
function neighbour(map, from, [right, down]) {
  let best = null;
  for (const place of map.places.values()) {
    const [dx, dy] = [place.x - from.x, place.y - from.y];
    const ahead = dx * right + dy * down;
    const aside = Math.abs(dx * down) + Math.abs(dy * right);
    if (place === from || ahead <= 0 || aside > ahead * 2.5) continue;
    const far = ahead + aside * 2;
    if (!best || far < best.far) best = { far, place };
  }
  if (best) setRoving(map, best.place.code);
  return best?.place;
}

function bringIntoView(map, place) {
  const [x, y] = toScreen(map, place.x, place.y);
  const { width, height } = map.box;
  if (x > 20 && y > 20 && x < width - 20 && y < height - 20) return;
  setView(map, { k: map.view.k, tx: map.view.tx + width / 2 - x, ty: map.view.ty + height / 2 - y });
}

/** Tell the rest of the page which place is pointed at, and light it here. */
function announce(map, place) {
  light(map, place?.code ?? null);
  map.speaking = true;
  document.dispatchEvent(new CustomEvent("place-hover", { detail: { code: place?.code ?? null } }));
  map.speaking = false;
}

/** Light the place pointed at anywhere on the page; a village lights its township where only townships are drawn. */
function light(map, code) {
  if (!map.places) return;
  const place = map.places.get(code) ?? map.places.get(String(code ?? "").slice(0, 9)) ?? null;
  map.lit = place?.code ?? null;
  outline(map, "lit", place);
}

function listenToPage(map) {
  const heard = (event) => {
    if (!map.speaking) light(map, event.detail?.code ?? null);
  };
  map.listen(document, "place-hover", heard);
}

/** Up to four lines beside the pointer, always inside the box. */
function showTip(map, place, x, y) {
  const { tip, stage } = map;
  const lines = map.data.hover[place.code] ?? [place.forms[0], wordOf(map, place.style.key)];
  tip.replaceChildren(...lines.filter(Boolean).slice(0, 4).map((line, index) => {
    const row = document.createElement(index ? "span" : "b");
    row.textContent = line;
    return row;
  }));
  tip.style.setProperty("--tone", place.style.fill ?? "var(--faint)");
  tip.style.maxWidth = `${Math.min(320, stage.clientWidth - 16)}px`;
  tip.hidden = false;
  const [wide, high] = [tip.offsetWidth, tip.offsetHeight];
  const left = x + 16 + wide > stage.clientWidth - 4 ? x - 16 - wide : x + 16;
  const top = y + 16 + high > stage.clientHeight - 4 ? y - 12 - high : y + 16;
  const bound = (value, most) => Math.max(4, Math.min(value, most - 4));
  tip.style.left = `${bound(left, stage.clientWidth - wide)}px`;
  tip.style.top = `${bound(top, stage.clientHeight - high)}px`;
}

function hideTip(map) {
  map.tip.hidden = true;
}
