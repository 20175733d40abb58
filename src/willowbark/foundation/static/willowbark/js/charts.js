/* Reading a trend: the nearest result to the pointer, or the next by arrow key, is ringed and said. */
const SVG = "http://www.w3.org/2000/svg";

function part(picture, name, css) {
  const made = picture.querySelector(`.${css}`) ?? document.createElementNS(SVG, name);
  made.setAttribute("class", css);
  if (!made.parentNode) picture.append(made);
  return made;
}

function read(picture, mark) {
  const { x, y, text } = mark.dataset;
  const line = part(picture, "line", "cursor-line");
  for (const [key, value] of Object.entries({ x1: x, x2: x, y1: picture.dataset.top, y2: picture.dataset.bottom })) {
    line.setAttribute(key, value);
  }
  const ring = part(picture, "circle", "cursor-ring");
  for (const [key, value] of Object.entries({ cx: x, cy: y, r: 8 })) ring.setAttribute(key, value);
  picture.closest("[data-chart]").querySelector("[data-chart-read]").textContent = text;
}

const marksOf = (picture) =>
  [...picture.querySelectorAll("[data-text]")].sort((a, b) => a.dataset.x - b.dataset.x);

document.addEventListener("pointermove", (event) => {
  const picture = event.target.closest?.("[data-picture]");
  if (!picture) return;
  const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(picture.getScreenCTM().inverse());
  let nearest = null;
  let least = Infinity;
  for (const mark of picture.querySelectorAll("[data-text]")) {
    // Along time first: a person points at a date, then at a line.
    const far = Math.abs(mark.dataset.x - at.x) * 3 + Math.abs(mark.dataset.y - at.y);
    if (far < least) [nearest, least] = [mark, far];
  }
  if (nearest) read(picture, nearest);
});

document.addEventListener("keydown", (event) => {
  const picture = event.target;
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step || !picture.matches?.("[data-picture]")) return;
  const marks = marksOf(picture);
  if (!marks.length) return;
  event.preventDefault();
  const now = Number(picture.dataset.reading ?? (step > 0 ? -1 : marks.length));
  const next = Math.min(marks.length - 1, Math.max(0, now + step));
  picture.dataset.reading = next;
  read(picture, marks[next]);
});

function ready(root) {
  for (const picture of root.querySelectorAll("[data-picture]")) picture.setAttribute("tabindex", "0");
}
ready(document);
document.addEventListener("htmx:load", (event) => ready(event.target));
