/* What opens and closes: the drawer of the phone, popovers made of <details>, dialogs. And what prints. */

const popovers = () => document.querySelectorAll("details[data-popover][open]");

document.addEventListener("click", (event) => {
  const at = event.target;
  for (const open of popovers()) if (!open.contains(at)) open.open = false;

  const drawer = at.closest("[data-drawer]");
  if (drawer) {
    const side = document.getElementById(drawer.getAttribute("aria-controls"));
    const opens = side.toggleAttribute("data-open");
    drawer.setAttribute("aria-expanded", String(opens));
    if (opens) side.querySelector("a")?.focus();
  }

  const opener = at.closest("[data-opens]");
  const dialog = opener && document.getElementById(opener.dataset.opens);
  if (dialog && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    fill(dialog, opener.dataset);
    dialog.showModal();
  }
  if (at.closest("[data-closes]")) at.closest("dialog")?.close();
  if (at.closest("[data-print]")) print();
  if (at.matches("dialog.dialog")) at.close(); // the backdrop
});

/* data-fill-kind="note" puts "note" into the input named kind, and into any [data-filled="kind"]. */
function fill(dialog, data) {
  for (const [key, value] of Object.entries(data)) {
    if (!key.startsWith("fill")) continue;
    const name = key.slice(4).toLowerCase();
    for (const input of dialog.querySelectorAll(`[name="${name}"]`)) input.value = value;
    for (const place of dialog.querySelectorAll(`[data-filled="${name}"]`)) place.textContent = value;
  }
  for (const input of dialog.querySelectorAll("[data-cleared]")) input.value = "";
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const open of popovers()) {
    open.open = false;
    open.querySelector("summary").focus();
  }
  const drawer = document.querySelector('[data-drawer][aria-expanded="true"]');
  if (drawer) {
    drawer.click();
    drawer.focus();
  }
});

/* Among tabs that do not all fit, the current one is in sight. */
function showCurrentTab(root) {
  for (const tab of root.querySelectorAll(".tabs .tab[aria-current]")) {
    const row = tab.parentElement;
    row.scrollLeft = tab.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
  }
}
showCurrentTab(document);
document.addEventListener("htmx:load", (event) => showCurrentTab(event.target));

/* A form is sent once. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  form.querySelector("[type=submit]")?.setAttribute("aria-busy", "true");
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelector("[type=submit]")?.removeAttribute("aria-busy");
  }
});
