// The map as Streamlit calls it: made on the first call, then told what changed.

const MAPS = new WeakMap();

function makeMap(parentElement) {
  const root = parentElement.querySelector(".sheet");
  const map = {
    root,
    stage: root.querySelector(".stage"),
    svg: root.querySelector(".drawing"),
    land: root.querySelector(".land"),
    names: root.querySelector(".drawing > .names"),
    tip: root.querySelector(".tip"),
    view: null, home: null, box: null, drawing: null, places: null, areas: [], lit: null, built: null, painted: 0,
  };
  const hearing = new AbortController();
  map.listen = (target, kind, act, options = {}) => {
    target.addEventListener(kind, act, { ...options, signal: hearing.signal });
  };
  for (const pattern of root.querySelectorAll(".hatch")) {
    pattern.replaceChildren(shape("rect", { class: "ground", width: 7, height: 7 }), shape("rect", { width: 1.6, height: 7 }));
  }
  listenToPointing(map);
  listenToGestures(map);
  listenToPage(map);
  listenToPlots(map);
  const watcher = new ResizeObserver(() => {
    if (map.stage.clientWidth && map.stage.clientWidth !== map.box?.width) arrange(map);
  });
  watcher.observe(map.stage);
  map.forget = () => {
    hearing.abort();
    watcher.disconnect();
    cancelAnimationFrame(map.gliding);
    clearTimeout(map.hinting);
  };
  return map;
}

/** Light or dark, from the page's own background. */
function shadeOf(map) {
  const probe = document.createElement("span");
  probe.style.cssText = "position:absolute;visibility:hidden;color:var(--st-background-color,#fff)";
  map.root.append(probe);
  const [red, green, blue] = (getComputedStyle(probe).color.match(/[\d.]+/g) ?? [255, 255, 255]).map(Number);
  probe.remove();
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128 ? "dark" : "light";
}

function writeFixedWords(map) {
  const { data, root, svg } = map;
  svg.setAttribute("aria-label", data.alt);
  svg.style.height = `${data.height}px`;
  map.stage.style.height = `${data.height}px`;
  const [closer, wider, home] = root.querySelectorAll(".buttons button");
  for (const [button, words] of [[closer, "zoom_in"], [wider, "zoom_out"], [home, "home"]]) {
    button.title = data.strings[words];
    button.setAttribute("aria-label", data.strings[words]);
  }
  root.querySelector(".hint").textContent = data.strings.wheel_hint;
  const watermark = root.querySelector(".watermark");
  watermark.textContent = data.watermark;
  watermark.setAttribute("x", 4);
  watermark.setAttribute("y", data.height - 7);
}

function show(map, drawing) {
  const { data } = map;
  const wanted = JSON.stringify([data.geometry, data.level, data.within]);
  map.root.querySelector(".failure").hidden = true;
  map.drawing = drawing;
  const rebuilt = map.built !== wanted;
  if (rebuilt) {
    map.built = wanted;
    map.view = map.home = null;
    hideTip(map);
    build(map);
  }
  paint(map);
  const labels = JSON.stringify(data.labels ?? null);
  if (rebuilt || map.box?.height !== data.height || map.labels !== labels) arrange(map);
  else applyView(map);
  map.labels = labels;
  light(map, map.lit);
  map.svg.dataset.painted = String((map.painted += 1));
}

function fail(map) {
  const notice = map.root.querySelector(".failure");
  notice.textContent = map.data.strings.failed;
  notice.hidden = false;
  map.svg.dataset.failed = "true";
}

export default function choropleth({ data, parentElement, setTriggerValue }) {
  if (!MAPS.has(parentElement)) MAPS.set(parentElement, makeMap(parentElement));
  const map = MAPS.get(parentElement);
  map.data = data;
  map.send = setTriggerValue;
  map.root.dataset.shade = shadeOf(map);
  map.fontFamily = getComputedStyle(map.stage).fontFamily;
  writeFixedWords(map);
  legend(map);
  fetchDrawing(data.geometry).then(
    (drawing) => { if (map.data === data) show(map, drawing); },
    () => { if (map.data === data) fail(map); },
  );
  return () => {
    map.forget();
    MAPS.delete(parentElement);
  };
}
