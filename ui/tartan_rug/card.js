// The card that opens on a cell, and the legend: what a reader asks a cell for. Moving among cells is not here.

const FIELD = { text: 0, verdict: 1, value: 2, words: 3, trend: 4, good: 5, change: 6, trendWords: 7 };
const ARROWS = { up: "↑", down: "↓", none: "→", unknown: "·" };

/** better, worse, up, down (no direction is better), none or unknown. */
function trendOf(cell) {
  const [trend, good] = [cell[FIELD.trend], cell[FIELD.good]];
  if (good === true) return "better";
  return good === false ? "worse" : trend;
}

/** The legend under the rug: what its colours compare with, then every mark that occurs. */
function drawKey(host, data) {
  const { labels, verdicts, comparison, mode, colours: { marks } } = data;
  const line = element("div", "key-line");
  line.append(element("span", "", comparison || labels.legend));
  const entry = (swatch, words) => {
    const made = element("span");
    made.append(swatch, element("span", "", words));
    line.append(made);
  };
  if (mode !== "trends") {
    for (const [verdict, words] of Object.entries(verdicts)) {
      const swatch = element("i", "swatch", verdict === "similar" ? "" : marks[verdict]);
      swatch.dataset.verdict = verdict.replaceAll("_", "-");
      entry(swatch, words);
    }
  }
  if (mode !== "values") {
    const kinds = [["better", "↑↓"], ["worse", "↑↓"], ["up", "↑"], ["down", "↓"], ["none", "→"], ["unknown", "·"]];
    const known = new Set(data.lines.flatMap(({ cells }) => cells.map(trendOf)));
    for (const [kind, sign] of kinds) {
      if (!known.has(kind)) continue;
      const swatch = element("i", "swatch trend", sign);
      swatch.dataset.trend = kind;
      entry(swatch, labels[`trend_${kind}`]);
    }
  }
  host.replaceChildren(line, element("p", "footnote screen-only", labels.keys));
}

/** What a cell says, as lines of the card; null for a heading without a story. */
function story(cell, data) {
  const { lines, places, labels, verdicts, total, colours: { marks } } = data;
  const row = cell.closest("tr").dataset.row;
  if (row === undefined) return null;
  const line = lines[Number(row)];
  const definition = element("span", "definition", line.definition);
  if (cell.classList.contains("first")) return [element("strong", "", line.name), definition];
  if (cell.classList.contains("area")) {
    return [element("strong", "", `${total} · ${line.name}`), element("span", "", line.total_words), definition];
  }
  const [, , full] = places[Number(cell.dataset.column)];
  const told = line.cells[Number(cell.dataset.column)];
  const judged = element("span", "judged");
  const swatch = element("i", "swatch", marks[told[FIELD.verdict]]);
  swatch.dataset.verdict = told[FIELD.verdict].replaceAll("_", "-");
  judged.append(swatch, document.createTextNode(told[FIELD.words] || verdicts[told[FIELD.verdict]]));
  const parts = [element("strong", "", `${full} · ${line.name}`), element("span", "value", unbroken(told[FIELD.value])), judged];
  if (told[FIELD.trendWords]) {
    const trend = element("span", "judged");
    const sign = element("i", "swatch trend", ARROWS[told[FIELD.trend]]);
    sign.dataset.trend = trendOf(told);
    trend.append(sign, document.createTextNode(told[FIELD.trendWords]));
    parts.push(trend);
  }
  parts.push(element("span", "", `${total} ${line.total_words}`), definition);
  return parts;
}

/** One card for the whole rug, beside the cell it tells of. */
class Card {
  constructor(sheet) {
    this.sheet = sheet;
    this.host = element("div", "card screen-only");
    this.host.setAttribute("aria-hidden", "true");
    this.hide();
  }

  tell(cell, data) {
    const lines = story(cell, data);
    if (!lines) return this.hide();
    this.host.replaceChildren(...lines);
    this.host.hidden = false;
    const frame = this.sheet.getBoundingClientRect();
    const at = cell.getBoundingClientRect();
    const right = at.right - frame.left + 8;
    const fits = right + this.host.offsetWidth <= frame.width;
    this.host.style.left = `${fits ? right : Math.max(0, at.left - frame.left - this.host.offsetWidth - 8)}px`;
    const room = Math.min(frame.height, window.innerHeight - frame.top) - this.host.offsetHeight;
    this.host.style.top = `${Math.max(0, Math.min(at.top - frame.top, room))}px`;
  }

  hide() { this.host.hidden = true; }
}
