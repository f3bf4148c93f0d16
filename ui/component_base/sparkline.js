// A small series of months: interval band, line, target or zero rule, provisional months apart, gaps left open.

/**
 * Draw `points` ([month, value, low, high, provisional, text]...) into `host`, which is emptied first.
 * settings: height, target (number or null), zero (draw the zero rule), alt.
 * Returns how to find things again: { nearest(clientX) -> index or null, light(index or null) }.
 */
function drawSparkline(host, points, { height, target = null, zero = false, alt = "" }) {
  const width = Math.max(60, host.clientWidth || 240);
  const svg = shape("svg", { class: "spark", viewBox: `0 0 ${width} ${height}`, role: "img" });
  svg.style.height = `${height}px`;
  if (alt) svg.setAttribute("aria-label", alt);
  host.replaceChildren(svg);
  const levels = points.flatMap(([, value, low, high]) => [value, low, high]).filter((level) => level !== null);
  if (target !== null) levels.push(target);
  if (zero) levels.push(0);
  if (!points.some(([, value]) => value !== null)) return { nearest: () => null, light: () => {} };

  const bottom = Math.min(...levels);
  const span = Math.max(...levels) - bottom || Math.abs(bottom) || 1;
  const edge = 5;
  const step = points.length > 1 ? (width - 2 * edge) / (points.length - 1) : 0;
  const x = (index) => (points.length > 1 ? edge + index * step : width / 2);
  const y = (level) => height - edge - ((level - bottom) / span) * (height - 2 * edge);

  const held = points.findIndex((point) => point[4]);
  if (held >= 0) {
    const from = Math.max(0, x(held) - (step / 2 || 10));
    svg.append(shape("rect", { class: "held", x: from, y: 0, width: width - from, height }));
  }
  for (const run of runsOf(points, ([, value, low, high]) => value !== null && low !== null && high !== null)) {
    if (run.length === 1) {
      const [index] = run;
      const [, , low, high] = points[index];
      svg.append(shape("line", { class: "whisker", x1: x(index), x2: x(index), y1: y(low), y2: y(high) }));
      continue;
    }
    const above = run.map((index) => `${x(index)},${y(points[index][3])}`);
    const below = run.toReversed().map((index) => `${x(index)},${y(points[index][2])}`);
    svg.append(shape("polygon", { class: "band", points: [...above, ...below].join(" ") }));
  }
  if (zero) svg.append(shape("line", { class: "zero", x1: 0, x2: width, y1: y(0), y2: y(0) }));
  if (target !== null) svg.append(shape("line", { class: "target", x1: 0, x2: width, y1: y(target), y2: y(target) }));

  for (const run of runsOf(points, ([, value]) => value !== null)) {
    for (let place = 1; place < run.length; place += 1) {
      const [from, to] = [run[place - 1], run[place]];
      const open = points[to][4];
      svg.append(shape("line", {
        class: open ? "line open" : "line", x1: x(from), y1: y(points[from][1]), x2: x(to), y2: y(points[to][1]),
      }));
    }
  }
  const known = points.map((point, index) => (point[1] === null ? -1 : index)).filter((index) => index >= 0);
  const lastFirm = known.findLast((index) => !points[index][4]);
  for (const index of known) {
    const [, value, , , provisional] = points[index];
    const radius = provisional ? 2.6 : index === lastFirm ? 3.4 : points.length > 16 ? 0 : 1.7;
    if (radius) {
      svg.append(shape("circle", { class: provisional ? "dot open" : "dot", cx: x(index), cy: y(value), r: radius }));
    }
  }
  const cross = shape("line", { class: "cross", y1: 0, y2: height, visibility: "hidden" });
  svg.append(cross);
  return {
    nearest(clientX) {
      const box = svg.getBoundingClientRect();
      const at = ((clientX - box.left) / box.width) * width;
      return known.reduce((best, index) => (Math.abs(x(index) - at) < Math.abs(x(best) - at) ? index : best), known[0]);
    },
    light(index) {
      cross.setAttribute("visibility", index === null ? "hidden" : "visible");
      if (index !== null) for (const end of ["x1", "x2"]) cross.setAttribute(end, x(index));
    },
  };
}

/** Unbroken runs of indexes whose point passes `test`. */
function runsOf(points, test) {
  const runs = [];
  points.forEach((point, index) => {
    if (!test(point)) return;
    const last = runs.at(-1);
    if (last && last.at(-1) === index - 1) last.push(index);
    else runs.push([index]);
  });
  return runs;
}

/** First and last month under a sparkline; while the pointer is over `area`, the month under it with its figure. */
function readOut(area, ends, points, drawing, format) {
  const rest = () => {
    ends.replaceChildren(element("span", "", points[0]?.[0]), element("span", "", points.length > 1 ? points.at(-1)[0] : ""));
    drawing().light(null);
  };
  area.onpointermove = (event) => {
    const index = drawing().nearest(event.clientX);
    if (index === null) return;
    drawing().light(index);
    ends.replaceChildren(element("span", "", points[index][0]), element("span", "tone-plain", points[index][5] || format(points[index])));
  };
  area.onpointerleave = rest;
  rest();
}
