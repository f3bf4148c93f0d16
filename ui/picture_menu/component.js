// Makes a picture of a figure that Plotly has drawn on the page: its drawing as it stands, a heading above, the source
// below, the watermark over it. Nothing leaves the browser and nothing is made before a button is pressed.

const SPACE = "http://www.w3.org/2000/svg";
const SCALE = 3;
const EDGE = 24;
const FONTS = '"Noto Sans SC","Noto Sans CJK SC","Source Han Sans SC","Microsoft YaHei","PingFang SC",sans-serif';

function shape(tag, attributes, text) {
  const made = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

/** Lines of at most `width` pixels; a Chinese letter may end a line anywhere, a word only as a whole. */
function lines(text, width, font) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = font;
  const made = [""];
  for (const piece of text.match(/[\u2e80-\uffef]|[^\s\u2e80-\uffef]+\s*|\s+/g) ?? []) {
    const grown = made[made.length - 1] + piece;
    if (made[made.length - 1] && pen.measureText(grown.trimEnd()).width > width) made.push(piece.trimStart());
    else made[made.length - 1] = grown;
  }
  return made;
}

function groundOf(node) {
  for (let one = node; one; one = one.parentElement) {
    const colour = getComputedStyle(one).backgroundColor;
    if (colour && !/^rgba\(.*, 0\)$/.test(colour) && colour !== "transparent") return colour;
  }
  return "#ffffff";
}

/** The figure with its heading, source and watermark as one SVG element. */
function sheetOf(plot, data) {
  const drawn = [...plot.querySelectorAll("svg.main-svg")];
  const width = Math.ceil(plot.getBoundingClientRect().width);
  const height = Math.ceil(plot.getBoundingClientRect().height);
  const ink = getComputedStyle(plot).color;
  const title = lines(data.title, width, `650 20px ${FONTS}`);
  const source = lines(data.source, width, `12px ${FONTS}`);
  const top = EDGE + title.length * 28 + 8;
  const tall = top + height + 14 + source.length * 18 + EDGE;
  const wide = width + 2 * EDGE;
  const sheet = shape("svg", { xmlns: SPACE, width: wide, height: tall, viewBox: `0 0 ${wide} ${tall}` });
  sheet.append(shape("title", {}, data.title));
  sheet.append(shape("rect", { width: wide, height: tall, fill: groundOf(plot) }));
  const words = (row, size, weight, at) =>
    shape("text", { x: EDGE, y: at, "font-family": FONTS, "font-size": size, "font-weight": weight, fill: ink }, row);
  title.forEach((row, index) => sheet.append(words(row, 20, 650, EDGE + 20 + index * 28)));
  for (const part of drawn) {
    const copy = part.cloneNode(true);
    copy.querySelectorAll(".place-rings, .hoverlayer, .dragcover, .draglayer").forEach((one) => one.remove());
    copy.removeAttribute("style");
    copy.setAttribute("x", EDGE);
    copy.setAttribute("y", top);
    sheet.append(copy);
  }
  source.forEach((row, index) => {
    const line = words(row, 12, 400, top + height + 26 + index * 18);
    line.setAttribute("fill-opacity", 0.7);
    sheet.append(line);
  });
  if (data.watermark) {
    const [x, y] = [wide / 2, top + height / 2];
    sheet.append(shape("text", {
      x, y, "font-family": FONTS, "font-size": Math.min(72, wide / 9), "font-weight": 700, fill: ink,
      "fill-opacity": 0.09, "text-anchor": "middle", transform: `rotate(-18 ${x} ${y})`,
    }, data.watermark));
  }
  return sheet;
}

function textOf(sheet) {
  return new XMLSerializer().serializeToString(sheet);
}

async function pixels(sheet) {
  const address = URL.createObjectURL(new Blob([textOf(sheet)], { type: "image/svg+xml" }));
  try {
    const picture = new Image();
    picture.src = address;
    await picture.decode();
    const canvas = document.createElement("canvas");
    canvas.width = sheet.getAttribute("width") * SCALE;
    canvas.height = sheet.getAttribute("height") * SCALE;
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    return await new Promise((done) => canvas.toBlob(done, "image/png"));
  } finally {
    URL.revokeObjectURL(address);
  }
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 30000);
}

export default function ({ data, parentElement }) {
  const menu = parentElement.querySelector(".menu");
  const make = async (kind, button) => {
    const plot = document.querySelector(`.st-key-${CSS.escape(data.figure)} .js-plotly-plot`);
    try {
      if (!plot) throw new Error("no figure");
      const sheet = sheetOf(plot, data);
      const made = kind === "svg" ? new Blob([textOf(sheet)], { type: "image/svg+xml" }) : await pixels(sheet);
      if (!made) throw new Error("no picture");
      save(made, `${data.file}.${kind}`);
      button.textContent = data[kind];
    } catch (reason) {
      console.error(reason);
      button.textContent = data.failed;
    }
  };
  const word = document.createElement("span");
  word.textContent = data.label;
  const buttons = ["png", "svg"].map((kind) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = data[kind];
    button.setAttribute("aria-label", `${data.label} ${data[kind]}: ${data.title}`);
    button.onclick = () => make(kind, button);
    return button;
  });
  menu.replaceChildren(word, ...buttons);
}
