/* Runs before the first paint, so that a dark room never sees a white page. "" means: as the device. */
(() => {
  const key = "willow-theme";
  const apply = (theme) => {
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
  };
  const kept = () => {
    try {
      const theme = localStorage.getItem(key);
      return theme === "light" || theme === "dark" ? theme : "";
    } catch {
      return ""; // a browser that keeps nothing follows the device
    }
  };
  apply(kept());
  addEventListener("storage", (event) => event.key === key && apply(kept()));

  const names = { "": "as the device", light: "light", dark: "dark" };
  const show = () => {
    const theme = document.documentElement.dataset.theme ?? "";
    for (const button of document.querySelectorAll("[data-theme-toggle]")) {
      button.setAttribute("aria-label", `Theme: ${names[theme]}`);
      button.title = `Theme: ${names[theme]}`;
      const use = button.querySelector("use");
      use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#theme-${theme || "auto"}`));
    }
  };
  const turn = () => {
    const order = ["", "light", "dark"];
    const next = order[(order.indexOf(document.documentElement.dataset.theme ?? "") + 1) % order.length];
    apply(next);
    try {
      localStorage.setItem(key, next);
    } catch {
      /* the choice lasts for this page alone */
    }
    show();
  };
  addEventListener("DOMContentLoaded", show);
  addEventListener("willow:turn-theme", turn);
  addEventListener("click", (event) => event.target.closest?.("[data-theme-toggle]") && turn());
})();
