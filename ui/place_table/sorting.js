// The order of the rows, and the file that holds them. No drawing here.

const UNJUDGED = ["too_few", "hidden", "no_data", "not_applicable"];

/**
 * Rows in the order asked for, equal ones in the order they came. Either way round, figures too few to judge come
 * after all that can be judged (three cases of three are no first place), and missing ones last.
 */
function sortedRows(rows, column, order, lang) {
  const sign = order === "desc" ? -1 : 1;
  const words = new Intl.Collator(lang);
  const level = (row) => row.cells[column]?.sort;
  const tier = (row) => ((level(row) ?? null) === null ? 2 : UNJUDGED.includes(row.cells[column].verdict) ? 1 : 0);
  return rows.toSorted((one, other) => {
    const [a, b] = [level(one), level(other)];
    if (tier(one) !== tier(other) || tier(one) === 2) return tier(one) - tier(other);
    if (typeof a === "string" || typeof b === "string") return sign * words.compare(String(a), String(b));
    return sign * (a - b);
  });
}

/** Rows under headings: [heading or "", rows], headings in the order of `headings`; or one nameless group. */
function groupsOf(rows, headings, grouped) {
  if (!grouped) return [["", rows]];
  const groups = new Map(headings.map((heading) => [heading, []]));
  for (const row of rows) groups.get(row.group).push(row);
  return [...groups];
}

/** A text that a spreadsheet would run as a formula gets an apostrophe; plain signed figures stay as they are. */
function neutralised(text) {
  const plain = /^[+-]?\d+([.,]\d+)*%?$/.test(text);
  return /^[=+\-@\t\r]/.test(text) && !plain ? `'${text}` : text;
}

/** `lines` of texts as CSV with a byte order mark, so that spreadsheets read the Chinese in it. */
function csvText(lines) {
  const field = (text) => {
    const safe = neutralised(String(text ?? ""));
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return `\ufeff${lines.map((line) => line.map(field).join(",")).join("\r\n")}\r\n`;
}
