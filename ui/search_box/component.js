// The search in the head: a field with a list under it (the combobox pattern of the ARIA practices). "/" or Ctrl+K
// opens it from anywhere; arrows choose, Enter opens, Escape closes. The entries are fetched when first wanted.

const MOST = 12;
const RANK = { page: 0, indicator: 1, township: 2, village: 3 };
const FETCHED = new Map();

function make(tag, attributes, text) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

function entriesOf(address) {
  if (!FETCHED.has(address)) {
    const asked = fetch(new URL(address, document.baseURI)).then((answer) => {
      if (!answer.ok) throw new Error(`search entries: ${answer.status}`);
      return answer.json();
    });
    asked.catch(() => FETCHED.delete(address));
    FETCHED.set(address, asked);
  }
  return FETCHED.get(address);
}

/** How well an entry answers: 0 a whole name, 1 a beginning, 2 inside; none where it does not. */
function fit(words, asked) {
  let best = null;
  for (const word of words.split("|")) {
    const at = word.indexOf(asked);
    if (at < 0) continue;
    const here = word === asked ? 0 : at === 0 || word[at - 1] === " " ? 1 : 2;
    if (here === 2 && /^[a-z]{1,2}$/.test(asked)) continue;
    best = best === null ? here : Math.min(best, here);
  }
  return best;
}

function search(entries, asked, villagesOf) {
  const wanted = asked.trim().toLowerCase();
  if (!wanted) return entries.filter(([kind]) => kind === "page").slice(0, MOST);
  return entries
    .filter(([kind, code]) => kind !== "village" || !villagesOf || villagesOf.includes(code.slice(0, 9)))
    .map((entry) => [fit(entry[4], wanted), entry])
    .filter(([how]) => how !== null)
    .sort(([a, one], [b, other]) => a - b || RANK[one[0]] - RANK[other[0]] || one[2].length - other[2].length)
    .slice(0, MOST)
    .map(([, entry]) => entry);
}

function build(box) {
  const opener = make("button", { type: "button", class: "opener", "aria-expanded": "false" });
  const panel = make("div", { class: "panel" });
  panel.hidden = true;
  const field = make("input", {
    type: "search", role: "combobox", autocomplete: "off", spellcheck: "false", "aria-expanded": "false",
    "aria-controls": "found", "aria-autocomplete": "list",
  });
  const list = make("ul", { id: "found", role: "listbox" });
  const said = make("p", { class: "said", role: "status" });
  panel.append(field, list, said);
  box.append(opener, panel);
  return { opener, panel, field, list, said, shown: [], at: 0, entries: [], ended: new AbortController() };
}

export default function ({ data, parentElement, setTriggerValue }) {
  const box = parentElement.querySelector(".box");
  box.search ??= build(box);
  const own = box.search;
  own.data = data;
  const words = data.labels;
  own.opener.replaceChildren(make("span", {}, words.open), make("kbd", { "aria-hidden": "true" }, "/"));
  own.opener.setAttribute("aria-keyshortcuts", "/ Control+K");
  own.field.placeholder = words.hint;
  own.field.setAttribute("aria-label", words.hint);
  own.list.setAttribute("aria-label", words.results);

  const close = (back) => {
    own.panel.hidden = true;
    own.opener.setAttribute("aria-expanded", "false");
    own.field.setAttribute("aria-expanded", "false");
    if (back) own.opener.focus();
  };
  const choose = (entry) => {
    if (!entry) return;
    close(true);
    own.field.value = "";
    setTriggerValue("pick", `${entry[0]}|${entry[1]}`);
  };
  const mark = (at) => {
    own.at = at;
    [...own.list.children].forEach((row, index) => row.setAttribute("aria-selected", String(index === at)));
    const row = own.list.children[at];
    own.field.setAttribute("aria-activedescendant", row?.id ?? "");
    row?.scrollIntoView({ block: "nearest" });
  };
  const draw = () => {
    own.shown = search(own.entries, own.field.value, own.data.villages_of);
    own.list.replaceChildren(
      ...own.shown.map((entry, index) => {
        const row = make("li", { role: "option", id: `found-${index}`, "aria-selected": "false" });
        row.append(make("span", {}, entry[2]), make("small", {}, entry[3]));
        row.onmousedown = (event) => event.preventDefault();
        row.onclick = () => choose(entry);
        return row;
      }),
    );
    own.said.textContent = own.shown.length ? "" : words.none;
    mark(0);
  };
  const open = async () => {
    own.panel.hidden = false;
    own.opener.setAttribute("aria-expanded", "true");
    own.field.setAttribute("aria-expanded", "true");
    own.field.focus();
    own.field.select();
    try {
      own.entries = await entriesOf(own.data.address);
      draw();
    } catch (reason) {
      console.error(reason);
      own.said.textContent = words.failed;
    }
  };

  own.ended.abort();
  own.ended = new AbortController();
  const until = { signal: own.ended.signal };
  own.opener.onclick = () => (own.panel.hidden ? open() : close(true));
  own.field.oninput = draw;
  own.field.onkeydown = (event) => {
    if (event.isComposing) return;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps && own.shown.length) {
      event.preventDefault();
      mark((own.at + steps[event.key] + own.shown.length) % own.shown.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      choose(own.shown[own.at]);
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close(true);
    }
  };
  document.addEventListener("keydown", (event) => {
    const from = event.composedPath()[0];
    const writing = from?.matches?.("input, textarea, select, [contenteditable=true]");
    if ((event.key === "/" && !writing && !event.ctrlKey && !event.metaKey) ||
        (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey))) {
      event.preventDefault();
      open();
    }
  }, until);
  document.addEventListener("pointerdown", (event) => {
    if (!own.panel.hidden && !event.composedPath().includes(box)) close(false);
  }, until);
  return () => own.ended.abort();
}
