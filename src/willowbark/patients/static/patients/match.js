/* One pair side by side: a letter presses what carries it. Never while somebody types, never with Ctrl or Alt. */
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
  if (event.target.matches("input, textarea, select, [contenteditable]")) return;
  if (document.querySelector("dialog[open]")) return;
  const pressed = document.querySelector(`#pair [data-key="${CSS.escape(event.key)}"]`);
  if (!pressed) return;
  event.preventDefault();
  pressed.click();
});

// After a decision the next pair stands in its place: reading goes on at its top.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "pair") document.getElementById("pair")?.focus({ preventScroll: true });
});

// Somebody else decided about this very pair: it shows so at once. What is typed about another one stays.
document.addEventListener("willow:patients.matches", (event) => {
  const pair = document.getElementById("pair");
  if (pair && event.detail?.candidate_id === pair.dataset.candidate) globalThis.htmx?.trigger(pair, "decided");
});
