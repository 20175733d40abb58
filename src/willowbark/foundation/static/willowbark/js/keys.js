/*
 * The keyboard: / search, g then a letter, t theme, ? help. Never while somebody types, never with Ctrl or Alt.
 * It is loaded before the page is drawn: were a g lost, the page's own keys would act on the letter after it.
 */
{
  const areas = { d: "day", t: "tasks", p: "patients", i: "interop_fhir", w: "practice" };
  let going = -Infinity; // when g was pressed; a page that has just opened has heard none

  const types = (at) => at.matches("input, textarea, select, [contenteditable]");

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (types(event.target) || document.querySelector("dialog[open]")) return;
    if (event.timeStamp - going < 1200 && areas[event.key]) {
      going = -Infinity;
      event.preventDefault(); // the letter is used up: a page's own keys must not hear it
      document.querySelector(`[data-area="${areas[event.key]}"]`)?.click();
      return;
    }
    going = -Infinity;
    if (event.key === "g") going = event.timeStamp;
    else if (event.key === "t") dispatchEvent(new Event("willow:turn-theme"));
    else if (event.key === "?") document.getElementById("help-dialog")?.showModal();
    else {
      const input = document.querySelector(`[data-shortcut="${CSS.escape(event.key)}"]`);
      if (!input) return;
      event.preventDefault();
      input.focus();
      input.select();
    }
  });
}
