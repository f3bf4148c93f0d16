// How one cell looks: words, a judged figure with its mark, or a dot with its interval.

/** Class names of every cell of a column. */
function classOf({ kind, wide_only: wide }) { return `kind-${kind}${wide ? " wide-only" : ""}`; }

/** Both ends of the axis of an interval column, printed in its heading. */
function drawAxis({ axis_low: low, axis_high: high, axis_text: printed }) {
  const ends = element("span", "axis-ends");
  const share = (level) => `${Number((level * 100).toFixed(1))}%`;
  ends.append(...(printed ?? [share(low), share(high)]).map((words) => element("span", "", words)));
  return ends;
}

/** A cell; `index` is the running number, the last argument the table's words, verdicts and marks. */
function drawCell(column, cell, index, { labels, verdicts, colours: { marks } }) {
  const host = element(column.kind === "name" ? "th" : "td", classOf(column));
  if (column.kind === "name") host.scope = "row";
  if (column.kind === "index") {
    host.textContent = index;
    return host;
  }
  if (cell?.title) host.title = cell.title;
  if (column.kind === "interval") {
    host.append(...drawInterval(column, cell, labels));
    return host;
  }
  const text = element("span", "text", cell?.text || labels.missing);
  if (!cell?.text) host.classList.add("missing");
  if (cell?.verdict) {
    const chip = element("span", "judged");
    chip.dataset.verdict = cell.verdict.replaceAll("_", "-");
    const mark = element("span", "mark", marks[cell.verdict]);
    mark.setAttribute("aria-hidden", "true");
    chip.append(mark, text, element("span", "hidden-words", verdicts[cell.verdict]));
    host.append(chip);
    host.classList.add("has-verdict");
  } else {
    host.append(text);
  }
  if (cell?.note) host.append(element("span", "note", cell.note));
  return host;
}

/** Dot and interval on the column's axis, with the rules of the district and of the target. */
function drawInterval({ axis_low: from, axis_high: to, reference, target }, cell, labels) {
  const at = (level) => `${Math.min(100, Math.max(0, ((level - from) / (to - from)) * 100))}%`;
  const track = element("span", "track");
  const put = (className, left, width) => {
    const piece = element("i", className);
    piece.style.left = left;
    if (width) piece.style.width = width;
    track.append(piece);
  };
  if (target !== null) put("at-target", at(target));
  if (reference !== null) put("at-reference", at(reference));
  if (cell?.value === undefined) return [track, element("span", "hidden-words", labels.missing)];
  const { value, low = value, high = value } = cell;
  put("reach", at(low), `calc(${at(high)} - ${at(low)})`);
  // An interval or a dot that runs off the axis is drawn at its edge with an arrow, so that it is not misread.
  if (low < from) put("beyond-left", "0%");
  if (high > to) put("beyond-right", "100%");
  put("dot", at(value));
  if (cell.verdict) track.dataset.verdict = cell.verdict.replaceAll("_", "-");
  return [track, element("span", "hidden-words", cell.text)];
}
