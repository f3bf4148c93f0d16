// Copies the address of the page. Where the browser gives no clipboard (plain http on another machine), the older
// way through a selected field is tried; where that fails too, the button says so.
const SHOWN_FOR = 2500;

async function copy(address) {
  if (navigator.clipboard && window.isSecureContext) {
    await navigator.clipboard.writeText(address);
    return true;
  }
  const field = document.createElement("textarea");
  field.value = address;
  field.style.position = "fixed";
  field.style.opacity = "0";
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}

export default function ({ data, parentElement }) {
  const button = parentElement.querySelector("button");
  const word = parentElement.querySelector(".word");
  button.hidden = false; // only now has it a name
  word.setAttribute("aria-live", "polite");
  if (!button.dataset.state) {
    word.textContent = data.label;
  }
  button.onclick = async () => {
    let done = false;
    try {
      done = await copy(window.location.href);
    } catch (refused) {
      done = false;
    }
    button.dataset.state = done ? "done" : "failed";
    word.textContent = done ? data.copied : data.failed;
    window.clearTimeout(parentElement.copyLinkTimer);
    parentElement.copyLinkTimer = window.setTimeout(() => {
      delete button.dataset.state;
      word.textContent = data.label;
    }, SHOWN_FOR);
  };
  return () => window.clearTimeout(parentElement.copyLinkTimer);
}
