const TARGET_LOOK = { met: ["▲", "tone-better"], missed: ["▼", "tone-worse"], unclear: ["●", "tone-quiet"] };
const CHANGE_LOOK = {
  up_better: ["↑", "tone-better"], down_better: ["↓", "tone-better"],
  up_worse: ["↑", "tone-worse"], down_worse: ["↓", "tone-worse"],
  up: ["↑", "tone-plain"], down: ["↓", "tone-plain"], none: ["→", "tone-quiet"],
};

class Scoreboard {
  constructor(root) {
    this.sheet = root.querySelector(".sheet");
    this.tiles = new Map();
    this.opened = null;
    this.board = element("div", "board");
    this.drawer = element("section", "drawer");
    this.drawer.id = "drawer";
    this.drawer.hidden = true;
    this.key = element("div", "key-line board-key");
    this.sheet.replaceChildren(this.board, this.drawer, this.key);
    this.stop = onWidth(this.board, () => this.drawAll());
  }

  show(data) {
    dress(this.sheet, data.colours);
    this.data = data;
    this.board.style.setProperty("--tiles", data.tiles.length || 1);
    const codes = new Set(data.tiles.map((tile) => tile.code));
    for (const [code, parts] of this.tiles) {
      if (codes.has(code)) continue;
      parts.tile.remove();
      this.tiles.delete(code);
    }
    for (const tile of data.tiles) {
      if (!this.tiles.has(tile.code)) this.tiles.set(tile.code, this.build(tile.code));
      this.fill(this.tiles.get(tile.code), tile);
    }
    const wanted = data.tiles.map((tile) => this.tiles.get(tile.code).tile);
    if (wanted.some((tile, index) => this.board.children[index] !== tile)) this.board.replaceChildren(...wanted);
    if (!codes.has(this.opened)) this.opened = null;
    this.fillKey();
    this.fillDrawer();
  }

  build(code) {
    const tile = element("article", "tile");
    const parts = { tile };
    const part = (name, tag, className, parent = tile) => {
      parts[name] = element(tag, className);
      parent.append(parts[name]);
    };
    part("heading", "h3", "name");
    part("pick", "button", "pick", parts.heading);
    part("figure", "p", "figure");
    part("interval", "p", "interval");
    part("target", "p", "target-line");
    part("spark", "div", "spark-host");
    part("ends", "div", "spark-ends");
    part("change", "p", "change");
    part("more", "button", "more screen-only");
    parts.pick.type = "button";
    parts.more.type = "button";
    parts.pick.onclick = () => this.send(code);
    parts.more.onclick = () => {
      this.opened = this.opened === code ? null : code;
      this.fillDrawer();
    };
    parts.more.setAttribute("aria-controls", "drawer");
    return parts;
  }

  fill(parts, tile) {
    parts.pick.textContent = tile.name;
    parts.pick.setAttribute("aria-label", tile.alt);
    parts.tile.dataset.state = tile.state;
    const [, digits, tail] = tile.value_text.match(/^(.*?\d)(\D*)$/) ?? [null, tile.value_text, ""];
    parts.figure.replaceChildren(element("span", "digits", digits));
    const unit = `${tail}${tile.unit_text}`.trim();
    if (unit) parts.figure.append(element("span", "unit", unit));
    parts.interval.textContent = unbroken(tile.interval_text);
    this.fillMarked(parts.target, TARGET_LOOK[tile.target_state], tile.target_text);
    if (tile.target_state) {
      parts.target.append(element("span", "word", this.data.labels[tile.target_state]));
    }
    this.fillMarked(parts.change, CHANGE_LOOK[tile.change_state], tile.change_text);
    this.draw(parts, tile);
  }

  fillMarked(host, look, text) {
    const [mark, tone] = look ?? ["", "tone-quiet"];
    host.className = host.className.replace(/ tone-\S+/g, "") + ` ${tone}`;
    host.replaceChildren();
    if (mark) {
      const sign = element("span", "mark", mark);
      sign.setAttribute("aria-hidden", "true");
      host.append(sign);
    }
    host.append(element("span", "text", unbroken(text)));
  }

  draw(parts, tile) {
    if (!tile.points.length) {
      parts.spark.replaceChildren();
      parts.ends.replaceChildren();
      return;
    }
    parts.drawing = drawSparkline(parts.spark, tile.points, { height: 54, target: tile.target, alt: tile.alt });
    const format = ([, value, low, high]) => {
      const text = (level) => figureText(level, tile.scale, this.data.lang);
      return low === null || high === null ? text(value) : `${text(value)} (${text(low)}–${text(high)})`;
    };
    readOut(parts.tile, parts.ends, tile.points, () => parts.drawing, format);
  }

  drawAll() {
    for (const tile of this.data?.tiles ?? []) this.draw(this.tiles.get(tile.code), tile);
  }

  fillKey() {
    const { labels, tiles } = this.data;
    const points = tiles.flatMap((tile) => tile.points);
    const entries = [
      ["band", labels.key_interval, points.some(([, , low, high]) => low !== null && high !== null)],
      ["rule", labels.key_target, tiles.some((tile) => tile.target !== null && tile.points.length)],
      ["held", labels.key_provisional, points.some((point) => point[4])],
    ];
    this.key.replaceChildren();
    for (const [look, text, needed] of entries) {
      if (!needed) continue;
      const entry = element("span");
      entry.append(element("i", `swatch ${look}`), element("span", "", text));
      this.key.append(entry);
    }
  }

  fillDrawer() {
    const { labels } = this.data;
    for (const [code, { more, tile }] of this.tiles) {
      const open = code === this.opened;
      more.textContent = open ? labels.close_details : labels.open_details;
      more.setAttribute("aria-expanded", String(open));
      tile.classList.toggle("open", open);
      const { details, link } = this.data.tiles.find((candidate) => candidate.code === code);
      more.hidden = !details.length && !link;
    }
    const tile = this.data.tiles.find(({ code }) => code === this.opened);
    this.drawer.hidden = !tile;
    if (!tile) return;
    this.drawer.setAttribute("aria-label", tile.name);
    const title = element("h4", "", tile.name);
    const list = element("dl");
    for (const [label, text] of tile.details) {
      const entry = element("div", breadth(text) > 56 ? "wide" : "");
      entry.append(element("dt", "", label), element("dd", "", text));
      list.append(entry);
    }
    this.drawer.replaceChildren(title, list);
    if (tile.link) this.drawer.append(this.linkLine(tile.link));
  }

  linkLine(link) {
    const { labels } = this.data;
    const address = new URL(link, document.baseURI).href;
    const line = element("p", "link-line screen-only");
    const open = element("a", "", labels.link);
    open.href = address;
    const copy = element("button", "", labels.copy_link);
    copy.type = "button";
    copy.onclick = () => {
      copyText(address, this.drawer);
      copy.textContent = labels.copied;
      setTimeout(() => { copy.textContent = labels.copy_link; }, 1600);
    };
    line.append(open, copy);
    return line;
  }

  leave() { this.stop(); }
}

/** How wide a text runs, a Chinese character counting as two. */
function breadth(text) {
  return [...text].reduce((sum, letter) => sum + (letter > "\u2e80" ? 2 : 1), 0);
}

/** Copy on any page: the clipboard interface exists on secure pages only, an intranet address often is not one. */
function copyText(text, near) {
  if (navigator.clipboard) {
    navigator.clipboard.writeText(text).catch(() => copyBySelection(text, near));
    return;
  }
  copyBySelection(text, near);
}

function copyBySelection(text, near) {
  const field = element("textarea", "hidden-words");
  field.value = text;
  near.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

export default function ({ data, parentElement, setTriggerValue }) {
  const board = instanceOf(parentElement, () => new Scoreboard(parentElement));
  board.send = (code) => setTriggerValue("pick", code);
  board.show(data);
  return endOf(parentElement);
}
