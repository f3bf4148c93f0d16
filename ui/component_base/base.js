// Common to every page component. Data reaches the page through textContent and attributes only.

const SVG_SPACE = "http://www.w3.org/2000/svg";
const INSTANCES = new WeakMap();

/** The object kept for one mounted component: made on the first call, handed back on later ones. */
function instanceOf(parentElement, make) {
  if (!INSTANCES.has(parentElement)) INSTANCES.set(parentElement, make());
  return INSTANCES.get(parentElement);
}

/** How a component ends: forget its object, then let it stop what it listens to. Handed to Streamlit as the cleanup. */
function endOf(parentElement) {
  return () => {
    INSTANCES.get(parentElement)?.leave?.();
    INSTANCES.delete(parentElement);
  };
}

/** A new HTML element with a class and, where given, its text. */
function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined && text !== null) made.textContent = text;
  return made;
}

/** The text with its numeric ranges kept on one line: "2.8–3.6" never breaks after the dash. */
function unbroken(text) {
  return text.replace(/(\d%?)([–~])(?=[\d\u2212+-])/g, "$1\u2060$2\u2060").replace(/(\d) (个百分点|件|%)/g, "$1\u00a0$2");
}

/** A new SVG shape with its attributes. */
function shape(tag, attributes) {
  const made = document.createElementNS(SVG_SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

/** Put the palette on the sheet as custom properties and say whether the page behind it is light or dark. */
function dress(sheet, colours) {
  for (const [name, value] of Object.entries(colours)) {
    if (typeof value === "string") sheet.style.setProperty(`--${name}`, value);
  }
  for (const [verdict, value] of Object.entries(colours.verdicts)) {
    sheet.style.setProperty(`--fill-${verdict.replaceAll("_", "-")}`, value);
  }
  const probe = element("span");
  probe.style.cssText = "position:absolute;visibility:hidden;color:var(--st-background-color,#fff)";
  sheet.append(probe);
  const [red, green, blue] = (getComputedStyle(probe).color.match(/[\d.]+/g) ?? [255, 255, 255]).map(Number);
  probe.remove();
  sheet.dataset.shade = 0.299 * red + 0.587 * green + 0.114 * blue < 128 ? "dark" : "light";
}

/** Tell every component on the page which place the pointer rests on (null: none). */
function announceHover(code) {
  document.dispatchEvent(new CustomEvent("place-hover", { detail: { code } }));
}

/** Draw again when the width of `host` changes; returns how to stop. */
function onWidth(host, draw) {
  let width = -1;
  const watcher = new ResizeObserver(() => {
    if (Math.abs(host.clientWidth - width) < 1) return;
    width = host.clientWidth;
    draw();
  });
  watcher.observe(host);
  return () => watcher.disconnect();
}

/** A proportion as "97.9%", a count with separators; a share below one is never rounded up to 100.0%. */
function figureText(value, scale, lang) {
  if (scale !== "percent") return new Intl.NumberFormat(lang, { maximumFractionDigits: 1 }).format(value);
  const percent = value * 100;
  const capped = percent < 100 && percent > 99.9 ? 99.9 : percent;
  return `${capped.toFixed(1)}%`;
}

/** A signed difference of proportions as percentage points: "+3.2", "−0.4". */
function pointsText(value) {
  const shown = Math.abs(value * 100).toFixed(1);
  return `${Number(shown) === 0 ? "" : value < 0 ? "\u2212" : "+"}${shown}`;
}
