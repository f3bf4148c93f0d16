// Three steps for a first visit. A browser remembers for each role that its reader knows them; where it may not
// remember, they are shown once a session. Pointing at a step rings the part of the page it speaks of.

const KNOWN = (globalThis.tourKnown ??= new Set());

function remembered(name) {
  try {
    return localStorage.getItem(name) === "known" || KNOWN.has(name);
  } catch (refused) {
    return KNOWN.has(name);
  }
}

function remember(name) {
  KNOWN.add(name);
  try {
    localStorage.setItem(name, "known");
  } catch (refused) {
    // Not allowed to: once a session is what remains.
  }
}

function ring(place, on) {
  const target = document.querySelector(place);
  if (!target) return;
  target.style.outline = on ? "3px solid #f2b544" : "";
  target.style.outlineOffset = on ? "4px" : "";
}

export default function ({ data, parentElement }) {
  const strip = parentElement.querySelector(".tour");
  const name = `governance-balance-tour-${data.role}`;
  strip.setAttribute("role", "region");
  strip.setAttribute("aria-label", data.heading);
  const heading = document.createElement("h2");
  heading.textContent = data.heading;
  const steps = data.steps.map((step, index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "step";
    const title = document.createElement("b");
    title.textContent = `${index + 1}. ${step.title}`;
    const words = document.createElement("span");
    words.textContent = step.words;
    button.append(title, words);
    button.onpointerenter = button.onfocus = () => ring(step.place, true);
    button.onpointerleave = button.onblur = () => ring(step.place, false);
    button.onclick = () => document.querySelector(step.place)?.scrollIntoView({ behavior: "smooth", block: "center" });
    return button;
  });
  const done = document.createElement("button");
  done.type = "button";
  done.className = "done";
  done.textContent = data.done;
  done.onclick = () => {
    remember(name);
    strip.hidden = true;
    data.steps.forEach((step) => ring(step.place, false));
  };
  strip.replaceChildren(heading, ...steps, done);
  strip.hidden = remembered(name);
  return () => data.steps.forEach((step) => ring(step.place, false));
}
