class PlaceTable {
  constructor(root) {
    this.sheet = root.querySelector(".sheet");
    this.key = keyOf(this.sheet);
    this.bar = element("div", "bar screen-only");
    this.scroller = element("div", "scroller");
    this.table = element("table", "places");
    this.table.setAttribute("role", "grid");
    this.scroller.append(this.table);
    this.foot = element("div", "foot");
    this.said = element("p", "hidden-words");
    this.said.setAttribute("aria-live", "polite");
    this.sheet.replaceChildren(this.scroller, this.foot, this.bar, this.said);
    this.rows = new Map();
    this.hover = (event) => this.light(event.detail?.code ?? null);
    document.addEventListener("place-hover", this.hover);
    this.listen();
  }

  show(data) {
    dress(this.sheet, data.colours);
    const { selected, ...content } = data;
    const print = JSON.stringify(content);
    const first = !this.data;
    const begin = JSON.stringify([data.sort, Boolean(data.grouped)]);
    this.data = data;
    if (begin !== this.begin) {
      const linked = first ? linkedOrder(this.key, data.columns) : null;
      this.begin = begin;
      [this.sort, this.grouped] = linked ?? [data.sort, data.grouped];
    }
    if (this.sort && !data.columns.some(({ code }) => code === this.sort[0])) this.sort = data.sort;
    this.scroller.style.maxHeight = data.max_height ? `${data.max_height}px` : "none";
    if (print !== this.print) {
      this.print = print;
      this.draw();
      this.drawFoot();
    }
    linkOrder(this.key, this.sort, this.grouped, this.begin);
    this.select(selected, first);
  }

  draw() {
    const { columns, rows, caption, labels } = this.data;
    const focused = this.sheet.getRootNode().activeElement?.closest?.("tr")?.dataset.code;
    const scrolled = this.scroller.scrollTop;
    this.rows.clear();
    const parts = [];
    if (caption) parts.push(element("caption", "hidden-words", caption));
    parts.push(this.drawHead());
    const places = rows.filter((row) => !row.total);
    const ordered = this.sort ? sortedRows(places, this.sort[0], this.sort[1], this.data.lang) : places;
    const headings = [...new Set(places.map((row) => row.group))];
    const total = element("tbody", "totals");
    total.append(...rows.filter((row) => row.total).map((row) => this.drawRow(row, "")));
    if (total.children.length) parts.push(total);
    this.shown = rows.filter((row) => row.total).map((row) => [row, ""]);
    for (const [heading, members] of groupsOf(ordered, headings, this.grouped)) {
      const body = element("tbody");
      if (heading) {
        const line = element("tr", "group");
        const cell = element("th", "", heading);
        cell.colSpan = columns.length;
        cell.scope = "rowgroup";
        line.append(cell);
        body.append(line);
      }
      members.forEach((row, index) => {
        body.append(this.drawRow(row, String(index + 1)));
        this.shown.push([row, String(index + 1)]);
      });
      parts.push(body);
    }
    if (!rows.length) {
      const body = element("tbody");
      const line = element("tr");
      const cell = element("td", "nothing", labels.no_rows);
      cell.colSpan = columns.length;
      line.append(cell);
      body.append(line);
      parts.push(body);
    }
    this.table.replaceChildren(...parts);
    this.scroller.scrollTop = scrolled;
    this.lines = [...this.table.querySelectorAll("tr[data-code]")];
    this.rove(this.rows.get(focused) ?? this.rows.get(this.data.selected) ?? this.lines[0]);
    if (focused) this.rows.get(focused)?.focus({ preventScroll: true });
    this.lit = null;
  }

  drawHead() {
    const head = element("thead");
    const line = element("tr");
    for (const column of this.data.columns) {
      const cell = element("th", classOf(column));
      cell.scope = "col";
      const sorted = this.sort?.[0] === column.code ? this.sort[1] : null;
      if (column.kind === "index") {
        cell.textContent = column.label;
      } else {
        const button = element("button", sorted ? "sorter sorted" : "sorter");
        button.type = "button";
        button.dataset.sort = column.code;
        button.append(element("span", "", column.label), element("span", "arrow", sorted === "asc" ? "▴" : sorted ? "▾" : ""));
        button.title = [column.hint, this.data.labels.sort_hint].filter(Boolean).join("\n");
        cell.append(button);
        if (column.kind === "interval") cell.append(drawAxis(column));
        cell.setAttribute("aria-sort", sorted ? (sorted === "asc" ? "ascending" : "descending") : "none");
      }
      line.append(cell);
    }
    head.append(line);
    return head;
  }

  drawRow(row, index) {
    const line = element("tr", row.total ? "total" : "");
    line.dataset.code = row.code;
    line.tabIndex = -1;
    this.rows.set(row.code, line);
    for (const column of this.data.columns) line.append(drawCell(column, row.cells[column.code], index, this.data));
    return line;
  }

  drawFoot() {
    const { footnotes, labels, comparison, verdicts, columns, colours, download, rows } = this.data;
    this.foot.replaceChildren();
    const key = element("div", "key-line");
    if (Object.keys(verdicts).length) key.append(element("span", "", comparison || labels.legend));
    for (const [verdict, words] of Object.entries(verdicts)) {
      const entry = element("span");
      const swatch = element("i", "swatch judged", colours.marks[verdict]);
      swatch.dataset.verdict = verdict.replaceAll("_", "-");
      entry.append(swatch, element("span", "", words));
      key.append(entry);
    }
    const drawn = columns.filter(({ kind }) => kind === "interval");
    for (const rule of ["reference", "target"]) {
      if (!drawn.some((column) => column[rule] !== null)) continue;
      const entry = element("span", drawn.every((column) => column.wide_only) ? "wide-only" : "");
      entry.append(element("i", `rule-${rule}`), element("span", "", labels[rule]));
      key.append(entry);
    }
    if (key.children.length) this.foot.append(key);
    for (const note of footnotes) this.foot.append(element("p", "footnote", note));
    const wide = columns.filter((column) => column.wide_only).map(({ label }) => this.oneLine(label));
    if (wide.length) this.foot.append(element("p", "footnote narrow-only screen-only", labels.narrow + wide.join(labels.joined)));
    this.bar.replaceChildren();
    if (rows.some((row) => row.group)) {
      const label = element("label", "switch");
      const box = element("input");
      box.type = "checkbox";
      box.checked = this.grouped;
      box.onchange = () => {
        this.grouped = box.checked;
        linkOrder(this.key, this.sort, this.grouped, this.begin);
        this.draw();
        this.select(this.data.selected, false);
      };
      label.append(box, element("span", "", labels.by_group));
      this.bar.append(label);
    }
    if (download) {
      const button = element("button", "download", labels.download);
      button.type = "button";
      button.onclick = () => this.save(download);
      this.bar.append(button);
    }
  }

  /** A heading without its line break: joined as the language joins words. */
  oneLine(label) { return label.replace("\n", this.data.lang.startsWith("zh") ? "" : " "); }

  orderBy(code) {
    const column = this.data.columns.find((candidate) => candidate.code === code);
    const begin = ["name", "text", "rank"].includes(column.kind) ? "asc" : "desc";
    const turned = { asc: "desc", desc: "asc" };
    this.sort = [code, this.sort?.[0] === code ? turned[this.sort[1]] : begin];
    linkOrder(this.key, this.sort, this.grouped, this.begin);
    this.draw();
    this.select(this.data.selected, false);
    this.table.querySelector(`button[data-sort="${CSS.escape(code)}"]`)?.focus({ preventScroll: true });
    this.said.textContent = `${this.oneLine(column.label)} ${this.data.labels[this.sort[1] === "asc" ? "ascending" : "descending"]}`;
  }

  select(code, reveal) {
    for (const [place, line] of this.rows) {
      line.classList.toggle("selected", place === code);
      line.setAttribute("aria-selected", String(place === code));
    }
    if (reveal && code) this.bring(this.rows.get(code));
  }

  /** Scroll the table itself, never the page, until the row is in view. */
  bring(line) {
    if (!line) return;
    const head = this.table.tHead.offsetHeight;
    const { scrollTop, clientHeight } = this.scroller;
    if (line.offsetTop - head < scrollTop) this.scroller.scrollTop = line.offsetTop - head;
    else if (line.offsetTop + line.offsetHeight > scrollTop + clientHeight) {
      this.scroller.scrollTop = line.offsetTop + line.offsetHeight - clientHeight;
    }
  }

  light(code) {
    if (this.lit) this.lit.classList.remove("lit");
    this.lit = this.rows.get(code) ?? null;
    this.lit?.classList.add("lit");
  }

  rove(line) {
    for (const other of this.lines) other.tabIndex = other === line ? 0 : -1;
  }

  listen() {
    const lineOf = (event) => event.target.closest("tr[data-code]");
    this.table.onclick = (event) => {
      const sorter = event.target.closest("button[data-sort]");
      if (sorter) this.orderBy(sorter.dataset.sort);
      else if (lineOf(event)) this.send(lineOf(event).dataset.code);
    };
    this.table.onpointerover = (event) => {
      const code = lineOf(event)?.dataset.code ?? null;
      if (code !== this.over) announceHover((this.over = code));
    };
    this.table.onpointerleave = () => announceHover((this.over = null));
    this.table.addEventListener("focusin", (event) => {
      const line = lineOf(event);
      if (!line) return;
      this.rove(line);
      announceHover(line.dataset.code);
    });
    this.table.addEventListener("focusout", () => announceHover(null));
    this.table.onkeydown = (event) => {
      const line = lineOf(event);
      if (!line) return;
      const place = this.lines.indexOf(line);
      const target = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: this.lines.length - 1 }[event.key];
      if (target !== undefined) {
        event.preventDefault();
        const next = this.lines[Math.min(this.lines.length - 1, Math.max(0, target))];
        next.focus({ preventScroll: true });
        this.bring(next);
      } else if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        this.send(line.dataset.code);
      }
    };
  }

  /** The rows as they stand, every column, as a file made here in the browser. */
  save({ file_name: name, mark, notes }) {
    const { columns } = this.data;
    const lines = this.shown.map(([row, index]) => columns.map(({ code, kind }) => {
      const cell = row.cells[code];
      return kind === "index" ? index : [cell?.text, cell?.note].filter(Boolean).join(" ");
    }));
    const text = csvText([...(mark ? [[mark]] : []), columns.map(({ label }) => this.oneLine(label)), ...lines, ...notes.map((note) => [note])]);
    const link = element("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  leave() { document.removeEventListener("place-hover", this.hover); }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const table = instanceOf(parentElement, () => new PlaceTable(parentElement));
  table.send = (code) => setTriggerValue("pick", code);
  table.show(data);
  return endOf(parentElement);
}
