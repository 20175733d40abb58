/*
 * Live events: one EventSource for all pages of this browser. The page that holds the lock listens and tells
 * the others; when it closes, another takes the lock. Each event becomes `willow:<topic>` on <body> (so that
 * hx-trigger="willow:<topic> from:body" works), with the ids as detail. After a gap, in which something may have
 * been missed: `willow:resync`. For other topics a new stream is opened before the old one is closed.
 * The body names the topics of its page; a panel on it names its own, with data-live-topics.
 */
const LATE_MS = 1_500; // a page whose stream opens so late may show what has changed since it was made
const { liveUrl } = document.body.dataset;
const asking = [...document.querySelectorAll("[data-live-topics]")];
const mine = new Set(asking.flatMap((part) => part.dataset.liveTopics.split(" ")).filter(Boolean));

if (liveUrl && mine.size && "BroadcastChannel" in globalThis) {
  const channel = new BroadcastChannel("willow-live");
  const others = new Map(); // topic -> when a page last asked for it
  let source = null;
  let closing = []; // streams that a new one takes the place of
  let listened = "";

  const tell = (topic, ids) => {
    if (topic !== "resync" && !mine.has(topic)) return;
    document.body.dispatchEvent(new CustomEvent(`willow:${topic}`, { detail: ids, bubbles: true }));
  };

  const everybody = (topic, ids) => {
    channel.postMessage({ topic, ids });
    tell(topic, ids);
  };

  const wanted = () => {
    const now = Date.now();
    for (const [topic, at] of others) if (now - at > 90_000) others.delete(topic);
    return [...new Set([...mine, ...others.keys()])].sort();
  };

  const listen = () => {
    const topics = wanted();
    if (source && source.readyState !== EventSource.CLOSED && topics.join() === listened) return;
    const isFirst = !source;
    let missed = source?.readyState === EventSource.CLOSED;
    if (source) closing.push(source);
    listened = topics.join();
    // URLSearchParams writes the space between topics as +.
    const opened = new EventSource(`${liveUrl}?${new URLSearchParams({ topics: topics.join(" ") })}`);
    source = opened;
    opened.addEventListener("error", () => (missed = true));
    opened.addEventListener("open", () => {
      for (const old of closing) old.close();
      closing = [];
      if (missed || (isFirst && performance.now() > LATE_MS)) everybody("resync", {});
      missed = false;
    });
    for (const topic of [...topics, "resync"]) {
      opened.addEventListener(topic, (event) => everybody(topic, JSON.parse(event.data || "{}")));
    }
  };

  channel.onmessage = ({ data }) => {
    if (data.wants) {
      for (const topic of data.wants) others.set(topic, Date.now());
      if (source) listen();
    } else if (data.topic) tell(data.topic, data.ids);
  };

  const ask = () => channel.postMessage({ wants: [...mine] });
  const lead = () => {
    listen();
    setInterval(listen, 30_000); // reopens after a failure that the browser gave up on
    return new Promise(() => {}); // held until this page goes
  };
  ask();
  setInterval(ask, 30_000);
  if (navigator.locks) navigator.locks.request("willow-live", lead);
  else lead(); // plain HTTP on a practice's network has no locks: every page listens for itself
}
