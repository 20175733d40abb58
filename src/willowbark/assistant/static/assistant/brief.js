/* j and k go to the briefs of the next and the previous visit of the day. */
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.matches("input, textarea, select, [contenteditable]")) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "j" || event.key === "k") document.querySelector(`#brief [data-key="${event.key}"]`)?.click();
});
