/*
 * An open chart stays current: when something was written to this patient's record, here or elsewhere, the
 * part of the chart on show is fetched anew. Whoever is typing is only told, so that nothing is lost.
 */
const chart = document.getElementById("chart-live");

const isTyping = () => {
  const fields = document.querySelectorAll("#chart-body textarea, #chart-body input[type=text], dialog[open]");
  return [...fields].some((field) => field.tagName === "DIALOG" || field.value.trim() !== "");
};

if (chart) {
  const changed = () => {
    if (isTyping()) {
      const text = "This chart has changed. What you are writing is untouched; reload to see the change.";
      document.dispatchEvent(new CustomEvent("willow:toast", { detail: { text } }));
    } else chart.dispatchEvent(new CustomEvent("chart-changed"));
  };
  for (const topic of document.body.dataset.liveTopics.split(" ")) {
    if (topic) document.body.addEventListener(`willow:${topic}`, changed);
  }
}
