// One grid of cells. The pointer and the keyboard move one shared card that says what the cell rests on.

class TartanRug {
  constructor(root) {
    this.sheet = root.querySelector(".sheet");
    this.scroller = element("div", "scroller");
    this.table = element("table", "rug");
    this.table.setAttribute("role", "grid");
    this.scroller.append(this.table);
    this.key = element("div", "foot");
    this.card = new Card(this.sheet);
    this.sheet.replaceChildren(this.scroller, this.key, this.card.host);
    this.hover = (event) => this.light(event.detail?.code ?? null);
    document.addEventListener("place-hover", this.hover);
    this.listen();
    this.watched = onWidth(this.sheet, () => { if (this.grid) this.stick(); });
  }

  show(data) {
    dress(this.sheet, data.colours);
    const print = JSON.stringify(data);
    if (print === this.print) return;
    this.print = print;
    const at = this.at ?? [0, 2];
    const kept = this.data && data.mode === this.data.mode ? this.scroller.scrollTop : 0;
    const focused = Boolean(this.focused);
    this.data = data;
    Object.assign(this.table.dataset, { mode: data.mode, lang: data.lang });
    this.draw();
    drawKey(this.key, this.data);
    this.stick();
    this.scroller.scrollTop = kept;
    this.rove(Math.min(at[0], this.grid.length - 1), Math.min(at[1], this.grid[0].length - 1), focused);
    this.card.hide();
  }

  /** The second column stays beside the first, however wide the names of the indicators make that. */
  stick() { this.table.style.setProperty("--first", `${this.grid[0][0].offsetWidth}px`); }

  /** Build the table; `this.grid` holds its focusable cells: the first row are the names of the places. */
  draw() {
    const { lines, places, labels, caption, total } = this.data;
    this.columns = new Map(places.map(([code], index) => [code, index]));
    this.table.style.setProperty("--places", places.length);
    this.grid = [];
    const head = element("thead");
    if (places.some(([, , , group]) => group)) head.append(this.drawGroups());
    const names = element("tr", "names");
    const corner = element("th", "first", labels.indicator);
    corner.scope = "col";
    const area = element("th", "area turned");
    area.scope = "col";
    area.append(element("span", "", total));
    names.append(corner, area);
    const heads = [corner, area];
    places.forEach(([code, name, full], index) => {
      const cell = element("th", code === this.data.selected ? "turned selected" : "turned");
      cell.scope = "col";
      cell.dataset.column = index;
      cell.setAttribute("aria-label", full);
      cell.append(element("span", "", name));
      heads.push(cell);
      names.append(cell);
    });
    head.append(names, this.drawCount("worse", 4), this.drawCount("better", 5));
    this.grid.push(heads);
    const parts = [element("caption", "hidden-words", caption), head];
    let body = null;
    lines.forEach((line, row) => {
      if (!body || lines[row - 1].domain !== line.domain) {
        body = element("tbody");
        const heading = element("tr", "domain");
        const words = element("th", "first", line.domain);
        words.scope = "rowgroup";
        const rest = element("td");
        rest.colSpan = places.length + 1;
        heading.append(words, rest);
        body.append(heading);
        parts.push(body);
      }
      body.append(this.drawLine(line, row));
    });
    this.table.replaceChildren(...parts);
    for (const cells of this.grid) for (const cell of cells) cell.tabIndex = -1;
  }

  drawGroups() {
    const line = element("tr", "groups");
    const blank = element("td", "first");
    line.append(blank, element("td", "area"));
    let span = null;
    this.data.places.forEach(([, , , group], index, all) => {
      if (span && all[index - 1][3] === group) span.colSpan += 1;
      else line.append((span = element("th", "group", group)));
    });
    return line;
  }

  /** How many ▼ (or ▲) each place has. */
  drawCount(kind, field) {
    const { places, labels, colours: { marks } } = this.data;
    const line = element("tr", `count ${kind}`);
    const label = element("th", "first", labels[`${kind}_count`]);
    label.scope = "row";
    line.append(label, element("td", "area"));
    places.forEach((place, index) => {
      const cell = element("td", "", `${marks[kind]}${place[field]}`);
      cell.dataset.column = index;
      line.append(cell);
    });
    return line;
  }

  drawLine(line, row) {
    const { places, labels, verdicts } = this.data;
    const host = element("tr");
    host.dataset.row = row;
    const name = element("th", "first");
    name.scope = "row";
    name.append(element("span", "name", line.name), element("span", "unit", line.unit));
    name.setAttribute("aria-label", `${line.name} ${line.unit}. ${labels.definition} ${line.definition}`);
    const area = element("td", "area", line.total || "–");
    area.setAttribute("aria-label", `${this.data.total}, ${line.name}: ${line.total_words}`);
    area.setAttribute("role", "gridcell");
    host.append(name, area);
    const cells = [name, area];
    line.cells.forEach((cell, index) => {
      const made = this.drawCell(cell);
      made.dataset.column = index;
      const parts = [places[index][2], line.name, cell[FIELD.value], cell[FIELD.words] || verdicts[cell[FIELD.verdict]], cell[FIELD.trendWords]];
      made.setAttribute("aria-label", parts.filter(Boolean).join(" · "));
      cells.push(made);
      host.append(made);
    });
    this.grid.push(cells);
    return host;
  }

  drawCell(cell) {
    const { mode, colours: { marks } } = this.data;
    const host = element("td", "cell");
    host.setAttribute("role", "gridcell");
    const trend = cell[FIELD.trend];
    if (mode === "trends") {
      host.dataset.trend = trendOf(cell);
    } else {
      host.dataset.verdict = cell[FIELD.verdict].replaceAll("_", "-");
    }
    if (mode !== "trends") {
      const first = element("span", "figure");
      first.append(element("i", "mark", cell[FIELD.verdict] === "similar" ? "" : marks[cell[FIELD.verdict]]));
      if (cell[FIELD.text]) first.append(element("b", "", cell[FIELD.text]));
      host.append(first);
    }
    if (mode !== "values" && trend) {
      const second = element("span", "trend");
      second.dataset.trend = trendOf(cell);
      second.append(element("i", "arrow", ARROWS[trend]));
      if (cell[FIELD.change]) second.append(element("b", "", cell[FIELD.change]));
      host.append(second);
    }
    return host;
  }

  light(code) {
    const column = code === null ? undefined : this.columns?.get(code);
    if (column === this.lit) return;
    for (const one of this.table.querySelectorAll(".lit")) one.classList.remove("lit");
    this.lit = column;
    if (column === undefined) return;
    for (const one of this.table.querySelectorAll(`[data-column="${column}"]`)) one.classList.add("lit");
  }

  rove(row, column, focus) {
    if (this.at && this.grid[this.at[0]]?.[this.at[1]]) this.grid[this.at[0]][this.at[1]].tabIndex = -1;
    this.at = [row, column];
    const cell = this.grid[row][column];
    cell.tabIndex = 0;
    if (!focus) return;
    cell.focus({ preventScroll: true });
    this.bring(cell);
  }

  /** Scroll the rug itself, never the page, until the cell is clear of the headings that stay. */
  bring(cell) {
    const head = this.table.tHead.offsetHeight;
    const first = this.grid[0][0].offsetWidth + this.grid[0][1].offsetWidth;
    const { scroller } = this;
    if (cell.closest("tbody")) {
      const top = cell.offsetTop;
      if (top - head < scroller.scrollTop) scroller.scrollTop = top - head;
      else if (top + cell.offsetHeight > scroller.scrollTop + scroller.clientHeight) {
        scroller.scrollTop = top + cell.offsetHeight - scroller.clientHeight;
      }
    }
    if (cell.dataset.column === undefined) return;
    const left = cell.offsetLeft;
    if (left - first < scroller.scrollLeft) scroller.scrollLeft = left - first;
    else if (left + cell.offsetWidth > scroller.scrollLeft + scroller.clientWidth) {
      scroller.scrollLeft = left + cell.offsetWidth - scroller.clientWidth;
    }
  }

  placeOf(cell) {
    const column = cell.dataset.column;
    return column === undefined ? "" : this.data.places[Number(column)][0];
  }

  pick(cell) {
    const row = cell.closest("tr").dataset.row;
    const place = this.placeOf(cell);
    const indicator = row === undefined ? "" : this.data.lines[Number(row)].code;
    if (place || indicator) this.send(`${place}|${indicator}`);
  }

  listen() {
    const cellOf = (event) => event.target.closest?.(".rug th.turned, .rug tbody td:not([colspan]), .rug tbody tr[data-row] th") ?? null;
    const spot = (cell) => {
      const row = cell.closest("tr").dataset.row;
      const at = row === undefined ? 0 : Number(row) + 1;
      return [at, this.grid[at].indexOf(cell)];
    };
    this.table.onclick = (event) => {
      const cell = cellOf(event);
      if (!cell) return;
      this.rove(...spot(cell), false);
      this.pick(cell);
    };
    this.table.onpointerover = (event) => {
      const cell = cellOf(event);
      if (cell) this.card.tell(cell, this.data);
      else this.card.hide();
      const code = (cell && this.placeOf(cell)) || null;
      if (code !== this.over) announceHover((this.over = code));
    };
    this.table.onpointerleave = () => {
      this.card.hide();
      announceHover((this.over = null));
    };
    this.scroller.addEventListener("scroll", () => this.card.hide(), { passive: true });
    this.table.addEventListener("focusin", (event) => {
      this.focused = true;
      const cell = cellOf(event);
      if (!cell) return this.card.hide();
      // The scroll of this very move comes after the focus and would close the card at once.
      cancelAnimationFrame(this.waiting);
      this.waiting = requestAnimationFrame(() => {
        this.waiting = requestAnimationFrame(() => { if (this.focused) this.card.tell(cell, this.data); });
      });
      announceHover(this.placeOf(cell) || null);
    });
    this.table.addEventListener("focusout", () => {
      this.focused = false;
      this.card.hide();
      announceHover(null);
    });
    this.table.onkeydown = (event) => {
      const [row, column] = this.at;
      const [last, end] = [this.grid.length - 1, this.grid[0].length - 1];
      const all = event.ctrlKey || event.metaKey;
      const target = {
        ArrowDown: [row + 1, column], ArrowUp: [row - 1, column], ArrowRight: [row, column + 1], ArrowLeft: [row, column - 1],
        Home: [all ? 0 : row, 0], End: [all ? last : row, end], PageDown: [row + 10, column], PageUp: [row - 10, column],
      }[event.key];
      if (target) {
        event.preventDefault();
        this.rove(Math.min(last, Math.max(0, target[0])), Math.min(end, Math.max(0, target[1])), true);
      } else if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        this.pick(this.grid[row][column]);
      } else if (event.key === "Escape") {
        cancelAnimationFrame(this.waiting);
        this.card.hide();
      }
    };
  }

  leave() {
    this.watched();
    document.removeEventListener("place-hover", this.hover);
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const rug = instanceOf(parentElement, () => new TartanRug(parentElement));
  rug.send = (code) => setTriggerValue("pick", code);
  rug.show(data);
  return endOf(parentElement);
}
