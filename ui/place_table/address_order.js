// The reader's order of a table stands in the fragment of the address, so that a copied link keeps it:
// #circular=rank.desc or #circular=rank.desc.grouped, several tables joined by "&". The begin of a table needs no word.

/** The key under which the page mounted this table; empty where it stands alone. */
function keyOf(root) {
  const holder = (root.getRootNode().host ?? root).closest('[class*="st-key-"]');
  return [...(holder?.classList ?? [])].find((name) => name.startsWith("st-key-"))?.slice(7) ?? "";
}

function fragmentOf() {
  return new URLSearchParams(location.hash.slice(1));
}

/** [sort, grouped] of the link, or null where it says nothing of this table. */
function linkedOrder(key, columns) {
  const said = key ? fragmentOf().get(key) : null;
  if (said === null) return null;
  const [code, way, grouped] = said.split(".");
  const known = columns.some((column) => column.code === code) && ["asc", "desc"].includes(way);
  return known || !code ? [known ? [code, way] : null, grouped === "grouped"] : null;
}

/** Write the order into the address, or take it out where it is the table's own begin. */
function linkOrder(key, sort, grouped, begin) {
  if (!key) return;
  const fragment = fragmentOf();
  if (JSON.stringify([sort, Boolean(grouped)]) === begin) fragment.delete(key);
  else fragment.set(key, [...(sort ?? ["", ""]), ...(grouped ? ["grouped"] : [])].join("."));
  const text = fragment.toString();
  const wanted = text ? `#${text}` : "";
  if (wanted !== location.hash) {
    history.replaceState(history.state, "", `${location.pathname}${location.search}${wanted}`);
  }
}
