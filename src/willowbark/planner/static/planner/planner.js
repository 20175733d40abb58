/* The number beside a slider follows the hand; the answer itself comes from the server. */
document.addEventListener("input", (event) => {
  if (!event.target.matches('.slider input[type="range"]')) return;
  const shown = event.target.closest(".slider").querySelector("output");
  shown.value = Number(event.target.value).toLocaleString("en-US");
});
