// The figures of the page light the same place as the map does, both ways. They are not ours: Plotly draws them, and
// each of their points carries the code of its place.

const LINKED = (globalThis.linkedPlots ??= new WeakSet());
const PLOT = ".js-plotly-plot";

function listenToPlots(map) {
  map.listen(document, "pointerover", (event) => {
    const plot = event.target.closest?.(PLOT);
    if (!plot?.on || LINKED.has(plot)) return;
    LINKED.add(plot);
    plot.on("plotly_hover", ({ points }) => tellPlaces(codeOf(points[0])));
    plot.on("plotly_unhover", () => tellPlaces(null));
  });
  map.listen(document, "place-hover", (event) => ringPlots(event.detail?.code ?? null));
}

function codeOf(point) {
  const code = [].concat(point?.customdata ?? [])[0];
  return /^\d{6,12}$/.test(String(code)) ? String(code) : null;
}

function tellPlaces(code) {
  document.dispatchEvent(new CustomEvent("place-hover", { detail: { code } }));
}

/** A ring around every mark of the place in every figure on the page; none for null. */
function ringPlots(code) {
  for (const plot of document.querySelectorAll(PLOT)) {
    plot.querySelector(".place-rings")?.remove();
    const layout = plot._fullLayout;
    const above = plot.querySelector("svg.main-svg:last-of-type");
    if (!code || !layout?.xaxis || !layout.yaxis || !above) continue;
    const rings = shape("g", { class: "place-rings", "pointer-events": "none" });
    for (const trace of plot.data ?? []) {
      const codes = [...(trace.customdata ?? [])];
      codes.forEach((one, index) => {
        if (String([].concat(one)[0]) !== code) return;
        const x = layout.xaxis._offset + layout.xaxis.d2p(at(trace.x, index));
        const y = layout.yaxis._offset + layout.yaxis.d2p(at(trace.y, index));
        if (!Number.isFinite(x) || !Number.isFinite(y)) return;
        rings.append(shape("circle", {
          cx: x, cy: y, r: 11, fill: "none", stroke: "currentColor", "stroke-width": 2, "stroke-opacity": 0.75,
        }));
      });
    }
    if (rings.childNodes.length) above.append(rings);
  }
}

/** A value of a trace, whether Plotly keeps the list as it is or packed as base64. */
function at(list, index) {
  return list?.[index] ?? list?._inputArray?.[index];
}
