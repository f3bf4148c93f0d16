const PLOT_HEIGHT = 66;
const LABEL_ROOM = 104;
const NAME_SIZE = 12.5;

/** About how wide a side's name prints, in pixels: Chinese is as wide as it is high, Latin about half. */
function nameWidth(name) {
  return [...name].reduce((sum, letter) => sum + (letter > "\u2e7f" ? NAME_SIZE : NAME_SIZE * 0.54), 0);
}

class GapStrips {
  constructor(root) {
    this.sheet = root.querySelector(".sheet");
    this.list = element("div", "strips");
    this.key = element("div", "key-line gap-key");
    this.sheet.replaceChildren(this.list, this.key);
    this.strips = new Map();
    this.stop = onWidth(this.list, () => this.drawAll());
  }

  show(data) {
    dress(this.sheet, data.colours);
    this.data = data;
    const codes = new Set(data.strips.map((strip) => strip.code));
    for (const [code, parts] of this.strips) {
      if (codes.has(code)) continue;
      parts.strip.remove();
      this.strips.delete(code);
    }
    for (const strip of data.strips) {
      if (!this.strips.has(strip.code)) this.strips.set(strip.code, this.build(strip.code));
    }
    const wanted = data.strips.map((strip) => this.strips.get(strip.code).strip);
    if (wanted.some((strip, index) => this.list.children[index] !== strip)) this.list.replaceChildren(...wanted);
    data.strips.forEach((strip, index) => this.fill(strip, index === data.strips.length - 1));
    this.fillKey();
  }

  build(code) {
    const strip = element("article", "strip");
    const words = element("div", "words");
    const heading = element("h3");
    const pick = element("button", "pick");
    pick.type = "button";
    pick.onclick = () => this.send(code);
    const measure = element("span", "measure");
    heading.append(pick, measure);
    const sentence = element("p", "sentence");
    words.append(heading, sentence);
    const figure = element("p", "figure");
    const plot = element("div", "plot");
    const trend = element("div", "trend");
    const above = element("span", "side above");
    const below = element("span", "side below");
    const spark = element("div", "spark-host");
    const ends = element("div", "spark-ends");
    trend.append(above, spark, below, ends);
    strip.append(words, figure, plot, trend);
    return { strip, pick, measure, sentence, figure, plot, trend, above, below, spark, ends };
  }

  fill(strip, last) {
    const parts = this.strips.get(strip.code);
    parts.strip.dataset.behind = strip.behind ?? "unknown";
    parts.pick.textContent = strip.name;
    parts.pick.setAttribute("aria-label", strip.alt);
    parts.measure.textContent = strip.measure;
    parts.sentence.textContent = unbroken(strip.sentence);
    parts.figure.replaceChildren(
      element("span", "digits", strip.figure_text), element("span", "unit", strip.figure_text ? strip.figure_unit : ""),
    );
    parts.above.textContent = strip.points.length ? strip.above : "";
    parts.below.textContent = strip.points.length ? strip.below : "";
    this.draw(parts, strip, last);
  }

  drawAll() {
    const { strips } = this.data ?? { strips: [] };
    strips.forEach((strip, index) => this.draw(this.strips.get(strip.code), strip, index === strips.length - 1));
  }

  draw(parts, strip, last) {
    this.drawPlot(parts.plot, strip, last);
    if (!strip.points.length) {
      parts.spark.replaceChildren();
      parts.ends.replaceChildren();
      return;
    }
    parts.drawing = drawSparkline(parts.spark, strip.points, { height: 40, zero: true, alt: strip.alt });
    const format = ([, value, low, high]) =>
      low === null || high === null ? pointsText(value) : `${pointsText(value)} (${pointsText(low)} ~ ${pointsText(high)})`;
    readOut(parts.trend, parts.ends, strip.points, () => parts.drawing, format);
  }

  drawPlot(host, { a, b, behind, alt }, last) {
    const { ticks, labels, strips } = this.data;
    const width = Math.max(320, host.clientWidth || 520);
    // All strips share one axis, so that the longest name of any decides the room at its ends.
    const longest = Math.max(...strips.flatMap((strip) => [nameWidth(strip.a.name), nameWidth(strip.b.name)]));
    const room = Math.min(width * 0.32, Math.max(LABEL_ROOM, longest + 10));
    const height = PLOT_HEIGHT + (last ? 18 : 0);
    const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": alt });
    svg.style.height = `${height}px`;
    host.replaceChildren(svg);
    const [bottom, top] = [ticks[0][0], ticks.at(-1)[0]];
    const x = (level) => room + ((level - bottom) / (top - bottom)) * (width - 2 * room);
    const middle = PLOT_HEIGHT / 2;
    for (const [tick, text] of ticks) {
      svg.append(shape("line", { class: "tick", x1: x(tick), x2: x(tick), y1: 0, y2: PLOT_HEIGHT }));
      if (last) svg.append(withText(shape("text", { class: "tick-text", x: x(tick), y: PLOT_HEIGHT + 14 }), text));
    }
    if (a.value !== null && b.value !== null) {
      const left = Math.min(x(a.value), x(b.value));
      const bar = { class: "bar", x: left, y: middle - 4, width: Math.abs(x(a.value) - x(b.value)), height: 8 };
      svg.append(shape("rect", bar));
    }
    // A name stands clear of both intervals: that of the other side may be the longer one.
    const ends = [a, b].filter((side) => side.value !== null)
      .map((side) => [x(side.low ?? side.value), x(side.high ?? side.value)]);
    const onLeft = a.value === null ? b : b.value === null || a.value <= b.value ? a : b;
    for (const side of [a, b]) {
      const which = side === a ? "a" : "b";
      if (side.value === null) {
        this.drawMissing(svg, side, { which, labels, x: width - 4, y: middle });
        continue;
      }
      const at = x(side.value);
      const { low, high } = side;
      if (low !== null && high !== null) {
        svg.append(shape("line", { class: "whisker", x1: x(low), x2: x(high), y1: middle, y2: middle }));
      }
      const colour = behind === which ? `spot behind ${which}` : "spot";
      svg.append(which === "a"
        ? shape("circle", { class: colour, cx: at, cy: middle, r: 7 })
        : shape("rect", { class: colour, x: at - 6.3, y: middle - 6.3, width: 12.6, height: 12.6 }));
      const left = side === onLeft;
      const from = left
        ? Math.min(at - 13, ...ends.map(([low]) => low - 6))
        : Math.max(at + 13, ...ends.map(([, high]) => high + 6));
      const anchor = left ? "end" : "start";
      const line = (className, y, text) =>
        svg.append(withText(shape("text", { class: className, x: from, y, "text-anchor": anchor }), text));
      line("side-name", middle - 13, side.name);
      line(behind === which ? `side-value behind ${which}` : "side-value", middle + 5, side.value_text);
      line("side-count", middle + 21, side.n_text);
    }
  }

  drawMissing(svg, side, { which, labels, x, y }) {
    const text = (className, at, words) =>
      svg.append(withText(shape("text", { class: className, x, y: at, "text-anchor": "end" }), words));
    text("side-name", y - 13, `${which === "a" ? "○" : "□"} ${side.name}`);
    text("side-missing", y + 5, labels.missing);
    text("side-count", y + 21, side.n_text);
  }

  fillKey() {
    const { labels, strips } = this.data;
    const has = (behind) => strips.some((strip) => strip.behind === behind);
    const held = strips.some((strip) => strip.points.some((point) => point[4]));
    const entries = [
      ["circle", labels.key_a, true], ["square", labels.key_b, true], ["bar a", labels.key_behind_a, has("a")],
      ["bar b", labels.key_behind_b, has("b")], ["bar none", labels.key_unclear, has("none")],
      ["band", labels.key_trend, strips.some((strip) => strip.points.length)], ["held", labels.key_provisional, held],
    ];
    this.key.replaceChildren();
    for (const [look, text, needed] of entries) {
      if (!needed) continue;
      const entry = element("span");
      entry.append(element("i", `swatch ${look}`), element("span", "", text));
      this.key.append(entry);
    }
  }

  leave() { this.stop(); }
}

function withText(node, text) {
  node.textContent = text;
  return node;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const strips = instanceOf(parentElement, () => new GapStrips(parentElement));
  strips.send = (code) => setTriggerValue("pick", code);
  strips.show(data);
  return endOf(parentElement);
}
