/*
 * Live events: one EventSource for all pages of this browser. The page that holds the lock listens and tells
 * the others; when it closes, another takes the lock. Each event becomes `willow:<topic>` on <body> (so that
 * hx-trigger="willow:<topic> from:body" works), with the ids as detail. The server repeats what happened since
 * a page was made, or since what it heard last; where it no longer knows, it says `willow:resync`. For other
 * topics a new stream is opened before the old one is closed. An event that comes while a panel is being replaced
 * finds neither the old panel nor the new one, so it is told again when the new one stands.
 * The body names the topics of its page; a panel on it names its own, with data-live-topics.
 */
const KEPT = 100; // events repeated to a page that opens beside one that listens
const { liveUrl, liveSince } = document.body.dataset;
const asking = [...document.querySelectorAll("[data-live-topics]")];
const mine = new Set(asking.flatMap((part) => part.dataset.liveTopics.split(" ")).filter(Boolean));

if (liveUrl && mine.size && "BroadcastChannel" in globalThis) {
  const channel = new BroadcastChannel("willow-live");
  const others = new Map(); // topic -> when a page last asked for it
  const recent = [];
  const told = new Map(); // event -> when this page was told, and its ids
  const sent = new WeakMap(); // request of a panel -> when it went
  let heard = Number(liveSince); // the server's milliseconds up to which this page has heard everything
  let source = null;
  let closing = []; // streams that a new one takes the place of
  let listened = "";
  let patience = 1_000;

  const triggersOf = (panel) => panel.getAttribute("hx-trigger")?.split(/[\s,]+/) ?? [];

  const tell = ({ topic, ids, at }) => {
    heard = Math.max(heard, at);
    if (topic !== "resync" && !mine.has(topic)) return;
    told.set(`willow:${topic}`, { when: performance.now(), ids });
    document.body.dispatchEvent(new CustomEvent(`willow:${topic}`, { detail: ids, bubbles: true }));
  };

  let typed = { when: 0, where: null };
  document.body.addEventListener("input", ({ target }) => (typed = { when: performance.now(), where: target }));
  document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const { elt, headers } = detail.requestConfig;
    const isLate = typed.when > sent.get(detail.xhr) && detail.target.contains(typed.where);
    if (!headers["X-Willow-Background"] || !isLate) return;
    // What was typed since the panel asked stays; it looks again in a moment.
    detail.shouldSwap = false;
    const name = triggersOf(elt).find((each) => each.startsWith("willow:"));
    setTimeout(() => document.body.dispatchEvent(new CustomEvent(name, { bubbles: true })), 500);
  });
  document.body.addEventListener("htmx:beforeSend", ({ detail }) => sent.set(detail.xhr, performance.now()));
  document.body.addEventListener("htmx:afterSettle", ({ target, detail }) => {
    const went = sent.get(detail.xhr);
    for (const name of triggersOf(target)) {
      const { when, ids } = told.get(name) ?? {};
      if (when > went) document.body.dispatchEvent(new CustomEvent(name, { detail: ids, bubbles: true }));
    }
  });

  const everybody = (event) => {
    recent.push(event);
    if (recent.length > KEPT) recent.shift();
    channel.postMessage(event);
    tell(event);
  };

  const wanted = () => {
    const now = Date.now();
    for (const [topic, at] of others) if (now - at > 90_000) others.delete(topic);
    return [...new Set([...mine, ...others.keys()])].sort();
  };

  const listen = (since = heard) => {
    const topics = wanted();
    const listens = source && source.readyState !== EventSource.CLOSED;
    if (listens && topics.join() === listened) return;
    if (source) closing.push(source);
    listened = topics.join();
    // URLSearchParams writes the space between topics as +.
    const asked = new URLSearchParams({ topics: topics.join(" "), since: listens ? since : Math.min(since, heard) });
    const opened = new EventSource(`${liveUrl}?${asked}`);
    source = opened;
    opened.addEventListener("open", () => {
      for (const old of closing) old.close();
      closing = [];
      patience = 1_000;
    });
    opened.addEventListener("error", () => {
      // The browser tries again by itself unless the server has refused.
      if (opened !== source || opened.readyState !== EventSource.CLOSED) return;
      patience = Math.min(2 * patience, 30_000);
      setTimeout(listen, patience);
    });
    for (const topic of [...topics, "resync"]) {
      opened.addEventListener(topic, ({ data, lastEventId }) =>
        everybody({ topic, ids: JSON.parse(data || "{}"), at: Number(lastEventId) }),
      );
    }
  };

  channel.onmessage = ({ data }) => {
    if (data.wants) {
      for (const topic of data.wants) others.set(topic, Date.now());
      if (!source) return;
      listen(data.heard);
      for (const event of recent) if (event.at > data.heard) channel.postMessage(event);
    } else if (data.topic) tell(data);
  };

  const ask = () => channel.postMessage({ wants: [...mine], heard });
  const lead = () => {
    listen();
    setInterval(listen, 30_000); // for topics that nobody wants any more
    return new Promise(() => {}); // held until this page goes
  };
  ask();
  setInterval(ask, 30_000);
  if (navigator.locks) navigator.locks.request("willow-live", lead);
  else lead(); // plain HTTP on a practice's network has no locks: every page listens for itself
}
