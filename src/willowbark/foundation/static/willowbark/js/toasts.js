/* Passing messages: from the server (HX-Trigger: willow:toast), from failed requests, from a lost connection. */
const place = document.getElementById("toasts");
const pattern = document.getElementById("toast-template");

function toast({ text, undo_url: undo = "", bad = false }) {
  const made = pattern.content.firstElementChild.cloneNode(true);
  made.querySelector(".toast__text").textContent = text;
  made.classList.toggle("toast--bad", bad);
  if (undo) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button--small";
    button.textContent = "Undo";
    button.setAttribute("hx-post", undo);
    button.setAttribute("hx-swap", "none");
    button.dataset.dismiss = "";
    made.querySelector(".toast__text").after(button);
  }
  place.append(made);
  globalThis.htmx?.process(made);
  // What can be undone, or went wrong, stays until it is dismissed.
  if (!undo && !bad) setTimeout(() => made.remove(), 8000);
}

if (place && pattern) {
  // What the server said with the page passes as what it says later does.
  for (const said of place.querySelectorAll("[data-toast]")) setTimeout(() => said.remove(), 8000);
  document.addEventListener("willow:toast", (event) => toast(event.detail));
  document.addEventListener("htmx:responseError", (event) => {
    const { xhr } = event.detail;
    const said = xhr.getResponseHeader("X-Willow-Message");
    toast({ text: said || `That did not work (${xhr.status}). Nothing was changed.`, bad: true });
  });
  for (const lost of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(lost, () =>
      toast({ text: "The practice's server did not answer. Nothing was changed; try again.", bad: true }),
    );
  }
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-dismiss]")) setTimeout(() => event.target.closest("[data-toast]")?.remove());
  });
}
