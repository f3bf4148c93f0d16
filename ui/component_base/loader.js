const modules = (globalThis.__componentModules ??= new Map());
const runs = new WeakMap();

function fetched(address) {
  if (!modules.has(address)) {
    const module = fetch(new URL(address, document.baseURI))
      .then((answer) => { if (!answer.ok) throw new Error(`${address}: ${answer.status}`); return answer.text(); })
      .then((script) => import(URL.createObjectURL(new Blob([script], { type: "text/javascript" }))));
    module.catch(() => modules.delete(address));
    modules.set(address, module);
  }
  return modules.get(address);
}

async function unpacked(data) {
  if (!(data instanceof Uint8Array)) return data;
  const plain = new Blob([data]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(plain).text());
}

export default function (component) {
  const parent = component.parentElement;
  const run = runs.get(parent) ?? { cleanup: null, latest: null };
  runs.set(parent, run);
  run.latest = component;
  Promise.all([fetched("ADDRESS"), unpacked(component.data)]).then(([module, data]) => {
    if (run.latest !== component) return;
    const root = parent.getRootNode();
    if (root.adoptedStyleSheets && !root.adoptedStyleSheets.includes(module.sheet)) {
      root.adoptedStyleSheets = [...root.adoptedStyleSheets, module.sheet];
    }
    run.cleanup = module.default({ ...component, data }) ?? run.cleanup;
  });
  return () => { run.latest = null; runs.delete(parent); run.cleanup?.(); };
}
