/* The search box: arrows choose among the offered, Enter opens, Escape closes. htmx fetches the offers. */
const parts = (input) => {
  const form = input.closest("[data-search]");
  const list = form.querySelector('[role="listbox"]');
  return { list, said: form.querySelector("[data-search-status]"), options: [...list.querySelectorAll('[role="option"]')] };
};

function open(input, is) {
  const { list } = parts(input);
  list.hidden = !is;
  input.setAttribute("aria-expanded", String(is));
  if (!is) choose(input, null);
}

function choose(input, option) {
  for (const one of parts(input).options) one.setAttribute("aria-selected", String(one === option));
  if (option) {
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else input.removeAttribute("aria-activedescendant");
}

const box = (at) => at.closest?.("[data-search]")?.querySelector('[role="combobox"]');

document.addEventListener("keydown", (event) => {
  const input = event.target;
  if (!input.matches?.('[data-search] [role="combobox"]')) return;
  const { list, options } = parts(input);
  const now = options.findIndex((one) => one.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (!options.length) return;
    event.preventDefault();
    if (list.hidden) open(input, true);
    const step = event.key === "ArrowDown" ? 1 : -1;
    const next = now < 0 ? (step > 0 ? 0 : options.length - 1) : (now + step + options.length) % options.length;
    choose(input, options[next]);
  } else if (event.key === "Enter" && now >= 0 && !list.hidden) {
    event.preventDefault();
    options[now].click();
  } else if (event.key === "Escape" && (!list.hidden || input.value)) {
    event.preventDefault();
    event.stopPropagation();
    if (list.hidden) input.value = "";
    open(input, false);
  }
});

document.addEventListener("htmx:afterSwap", (event) => {
  const input = box(event.target);
  if (!input || event.target.getAttribute("role") !== "listbox") return;
  const { options, said } = parts(input);
  open(input, document.activeElement === input && input.value.trim() !== "");
  said.textContent = options.length === 1 ? "1 result" : `${options.length} results`;
});

document.addEventListener("input", (event) => {
  const input = event.target;
  if (input.matches?.('[data-search] [role="combobox"]') && !input.value.trim()) open(input, false);
});

document.addEventListener("focusout", (event) => {
  const input = box(event.target);
  if (input && !input.closest("[data-search]").contains(event.relatedTarget)) setTimeout(() => open(input, false), 150);
});
document.addEventListener("focusin", (event) => {
  if (event.target.matches?.('[data-search] [role="combobox"]') && event.target.value && parts(event.target).options.length) {
    open(event.target, true);
  }
});
