// One row a unit, one mark a month. Cells are drawn once a change of data; the pointer moves one shared note.

/** "迟报 {count} 份" with its figures put in. */
function filled(pattern, facts) {
  return pattern.replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole);
}

class SubmissionStrip {
  constructor(root) {
    this.sheet = root.querySelector(".sheet");
    this.table = element("table", "strip");
    this.key = element("div", "key-line strip-key");
    this.note = element("div", "tip screen-only");
    this.note.hidden = true;
    const holder = element("div", "holder");
    holder.append(this.table);
    this.sheet.replaceChildren(holder, this.key, this.note);
    this.hover = (event) => this.light(event.detail.code);
    document.addEventListener("place-hover", this.hover);
    this.listen();
  }

  show(data) {
    dress(this.sheet, data.colours);
    this.data = data;
    this.note.hidden = true;
    this.dense = data.months.length > 18;
    this.sheet.classList.toggle("dense", this.dense);
    this.table.replaceChildren(element("caption", "hidden-words", data.caption), this.head(), this.body());
    this.fillKey();
  }

  head() {
    const { heading, figure_heading: figure, months } = this.data;
    const head = element("thead");
    const years = element("tr", "years");
    years.append(element("td"));
    let span = null;
    months.forEach(([, , year], index) => {
      if (span && months[index - 1][2] === year) span.colSpan += 1;
      else years.append((span = element("th", "year", year)));
    });
    years.append(element("td"));
    const line = element("tr");
    const name = element("th", "unit", heading);
    name.scope = "col";
    line.append(name);
    months.forEach(([long, short, year], index) => {
      const cell = element("th", index && months[index - 1][2] !== year ? "month new-year" : "month", this.dense && (short - 1) % 3 ? "" : short);
      cell.scope = "col";
      cell.setAttribute("aria-label", long);
      line.append(cell);
    });
    const last = element("th", "figure", figure);
    last.scope = "col";
    line.append(last);
    head.append(years, line);
    return head;
  }

  body() {
    const { rows, months, labels, verdicts, colours: { marks } } = this.data;
    const body = element("tbody");
    this.lines = new Map();
    for (const row of rows) {
      const line = element("tr", row.code === this.data.selected ? "selected" : "");
      line.dataset.code = row.code;
      const name = element("th", "unit");
      name.scope = "row";
      name.title = row.name;
      if (row.pickable) {
        const pick = element("button", "pick", row.name);
        pick.type = "button";
        name.append(pick);
      } else name.textContent = row.name;
      line.append(name);
      row.months.forEach((month, index) => {
        const cell = element("td", index && months[index - 1][2] !== months[index][2] ? "cell new-year" : "cell");
        if (month) {
          cell.dataset.month = index;
          cell.append(this.mark(month), element("span", "hidden-words", this.words(month)));
        }
        line.append(cell);
      });
      const figure = element("td", "figure");
      if (row.title) figure.title = row.title;
      if (row.verdict) {
        figure.dataset.verdict = row.verdict.replaceAll("_", "-");
        const sign = element("span", "sign", row.verdict.includes("worse") || row.verdict.includes("better") ? marks[row.verdict] : "");
        sign.setAttribute("aria-hidden", "true");
        figure.append(sign, element("span", "hidden-words", verdicts[row.verdict]));
      }
      figure.append(element("span", "value", row.figure), element("span", "note", row.note));
      line.append(figure);
      body.append(line);
      this.lines.set(row.code, line);
    }
    if (!rows.length) {
      const line = element("tr");
      const cell = element("td", "nothing", labels.no_rows);
      cell.colSpan = months.length + 2;
      line.append(cell);
      body.append(line);
    }
    return body;
  }

  /** The mark of one month: dot, ring or cross, with the number of reports that went wrong. */
  mark([expected, late, missing, waiting]) {
    const kind = missing ? "cross" : late ? "ring" : waiting === expected ? "waiting" : "dot";
    const host = element("span", `mark-${kind}`);
    const wrong = missing || late;
    if (wrong && (missing + late) / expected < 0.1) host.classList.add("few");
    if (kind === "cross") host.append(element("i", "", "✕"));
    if (wrong > 1) host.append(element("b", "", wrong));
    return host;
  }

  words([expected, late, missing, waiting]) {
    const { labels } = this.data;
    const parts = [filled(labels.tip_due, { count: expected })];
    if (late) parts.push(filled(labels.tip_late, { count: late }));
    if (missing) parts.push(filled(labels.tip_missing, { count: missing }));
    if (waiting) parts.push(filled(labels.tip_not_due, { count: waiting }));
    if (!late && !missing && waiting < expected) parts.push(labels.all_came);
    return parts.join(this.data.lang === "zh" ? "，" : ", ");
  }

  fillKey() {
    const { labels } = this.data;
    const entries = [["dot", labels.all_came], ["ring", labels.some_late], ["cross", labels.some_missing]];
    if (!this.data.timed) entries.splice(1, 1);
    const waits = this.data.rows.some(({ months }) => months.some((month) => month && month[3]));
    if (waits) entries.push(["waiting", labels.not_due]);
    this.key.replaceChildren(...entries.map(([kind, full]) => {
      const words = this.dense ? full.replace(/\s*[（(].*/, "") : full;  // no numbers are drawn then
      const entry = element("span");
      const mark = element("span", `mark-${kind}`);
      if (kind === "cross") mark.append(element("i", "", "✕"));
      if (kind === "ring" || kind === "cross") mark.append(element("b", "", "2"));
      entry.append(mark, document.createTextNode(words));
      return entry;
    }));
  }

  tell(cell) {
    const { months, rows, names, labels } = this.data;
    const code = cell.closest("tr").dataset.code;
    const row = rows.find((one) => one.code === code);
    const index = Number(cell.dataset.month);
    const month = row.months[index];
    const lines = [element("strong", "", `${row.name} · ${months[index][0]}`), element("span", "", this.words(month))];
    for (const [name, days] of month[4]) {
      const line = element("span", "slip");
      const words = days === null ? labels.tip_never : filled(labels.tip_days, { days });
      line.append(element("em", "", days === null ? "✕" : "○"), document.createTextNode(`${names[name]} · ${words}`));
      lines.push(line);
    }
    const rest = month[1] + month[2] - month[4].length;
    if (rest > 0) lines.push(element("span", "slip", filled(labels.tip_more, { count: rest })));
    this.note.replaceChildren(...lines);
    this.note.hidden = false;
    const frame = this.sheet.getBoundingClientRect();
    const at = cell.getBoundingClientRect();
    const left = Math.min(at.left - frame.left + at.width / 2, frame.width - this.note.offsetWidth - 4);
    const below = at.bottom - frame.top + 4;
    const above = at.top - frame.top - this.note.offsetHeight - 4;
    this.note.style.left = `${Math.max(0, left)}px`;
    this.note.style.top = `${below + this.note.offsetHeight > frame.height && above > 0 ? above : below}px`;
  }

  light(code) {
    this.lit?.classList.remove("lit");
    this.lit = this.lines?.get(code) ?? null;
    this.lit?.classList.add("lit");
  }

  listen() {
    this.table.onclick = (event) => {
      const line = event.target.closest("tr[data-code]");
      if (line && this.data.rows.find(({ code }) => code === line.dataset.code)?.pickable) this.send(line.dataset.code);
    };
    this.table.onpointerover = (event) => {
      const cell = event.target.closest("td[data-month]");
      if (cell) this.tell(cell);
      else this.note.hidden = true;
      const code = event.target.closest("tr[data-code]")?.dataset.code ?? null;
      if (code !== this.over) announceHover((this.over = code));
    };
    this.table.onpointerleave = () => {
      this.note.hidden = true;
      announceHover((this.over = null));
    };
  }

  leave() { document.removeEventListener("place-hover", this.hover); }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const strip = instanceOf(parentElement, () => new SubmissionStrip(parentElement));
  strip.send = (code) => setTriggerValue("pick", code);
  strip.show(data);
  return endOf(parentElement);
}
