const FINDING_MARKS = {
  better: ["▲", "tone-better"], worse: ["▼", "tone-worse"], similar: ["●", "tone-quiet"],
  gap_a: ["◆", "tone-gap-a"], gap_b: ["◆", "tone-gap-b"], plain: ["■", "tone-quiet"],
};

class Findings {
  constructor(root) {
    this.sheet = root.querySelector(".sheet");
    this.list = element("ol", "findings");
    this.nothing = element("p", "nothing");
    this.sheet.replaceChildren(this.list, this.nothing);
  }

  show({ findings, labels, colours }) {
    dress(this.sheet, colours);
    this.nothing.textContent = labels.nothing;
    this.nothing.hidden = findings.length > 0;
    this.list.hidden = findings.length === 0;
    while (this.list.children.length > findings.length) this.list.lastChild.remove();
    while (this.list.children.length < findings.length) this.list.append(this.build());
    findings.forEach((finding, index) => this.fill(this.list.children[index], finding, labels));
  }

  build() {
    const item = element("li", "finding");
    const open = element("button", "open");
    open.type = "button";
    const body = element("span", "body");
    body.append(element("span", "sentence"), element("span", "note"));
    const mark = element("span", "mark");
    mark.setAttribute("aria-hidden", "true");
    open.append(mark, body, element("span", "evidence screen-only"));
    item.append(open);
    return item;
  }

  fill(item, { code, text, tone, note }, labels) {
    const find = (name) => item.querySelector(`.${name}`);
    const [mark, look] = FINDING_MARKS[tone];
    find("mark").textContent = mark;
    find("mark").className = `mark ${look}`;
    find("sentence").textContent = unbroken(text);
    find("note").textContent = unbroken(note);
    find("note").hidden = !note;
    find("evidence").textContent = labels.evidence;
    find("open").onclick = () => this.send(code);
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const findings = instanceOf(parentElement, () => new Findings(parentElement));
  findings.send = (code) => setTriggerValue("pick", code);
  findings.show(data);
  return endOf(parentElement);
}
