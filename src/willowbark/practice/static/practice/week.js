/* The form of a week: Tuesday to Friday take over Monday's times. */
document.addEventListener("click", (event) => {
  const form = event.target.closest?.("[data-copies-monday]")?.closest("[data-week]");
  if (!form) return;
  const timesOf = (weekday) => [...form.querySelectorAll(`[data-weekday="${weekday}"] input`)];
  const monday = timesOf(0);
  for (const weekday of [1, 2, 3, 4]) {
    timesOf(weekday).forEach((input, at) => (input.value = monday[at].value));
  }
});
