/* Tasks by keyboard: j and k go from one to the next, x says that the one in focus is done. */
const tasks = () => [...document.querySelectorAll("[data-task]")];
const current = () => document.activeElement?.closest("[data-task]");
let place = -1;

function go(to) {
  const all = tasks();
  if (!all.length) return;
  all[Math.max(0, Math.min(all.length - 1, to))].querySelector("a").focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.matches("input, textarea, select, [contenteditable]")) return;
  if (document.querySelector("dialog[open]")) return;
  const at = current();
  const index = at ? tasks().indexOf(at) : -1;
  if (event.key === "j") go(index + 1);
  else if (event.key === "k") go(index < 0 ? 0 : index - 1);
  else if (event.key === "x" && at) {
    place = index;
    at.querySelector("[data-finishes]")?.click();
  }
});

/* What was done has gone from the list: the next one takes its place, under the focus too. */
document.addEventListener("htmx:afterSettle", () => {
  if (place < 0 || document.activeElement?.closest("[data-task]")) return;
  go(place);
  place = -1;
});
