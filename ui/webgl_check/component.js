// Answers once whether this browser can draw with WebGL 2.
const asked = new WeakSet();

function canDraw() {
  try {
    const context = document.createElement("canvas").getContext("webgl2");
    // Browsers allow few contexts at a time: this one is given back at once.
    context?.getExtension("WEBGL_lose_context")?.loseContext();
    return Boolean(context);
  } catch (refused) {
    return false;
  }
}

export default function ({ parentElement, setTriggerValue }) {
  if (asked.has(parentElement)) return;
  asked.add(parentElement);
  setTriggerValue("answer", canDraw() ? "yes" : "no");
}
