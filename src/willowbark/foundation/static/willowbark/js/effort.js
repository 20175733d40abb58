/*
 * Active time: seconds in which this page was visible and its person did something, pauses of more than
 * 60 seconds left out. The running total of this visit is sent every 30 seconds, when a form is sent (what
 * it does may be measured by the time up to it) and when the page hides; it carries the visit's own id, so
 * sending it twice changes nothing.
 */
import { uuid } from "./ids.js";

const IDLE_MS = 60_000;
const EVERY_MS = 30_000;
const { effortUrl, taskKind, patientId } = document.body.dataset;

if (effortUrl && taskKind) {
  const visit = uuid();
  const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
  let total = 0;
  let sent = 0;
  let last = performance.now();

  const look = () => {
    const now = performance.now();
    if (document.visibilityState === "visible" && now - last <= IDLE_MS) total += now - last;
    last = now;
  };
  const send = (isLast) => {
    const seconds = Math.round(total / 1000);
    if (seconds <= sent) return;
    sent = seconds;
    const said = { visit_id: visit, task_kind: taskKind, patient_id: patientId || null, active_seconds: seconds };
    fetch(effortUrl, {
      method: "POST",
      keepalive: isLast,
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body: JSON.stringify(said),
    }).catch(() => {
      sent = 0; // the total is sent again with the next report
    });
  };

  for (const act of ["pointerdown", "pointermove", "keydown", "scroll", "wheel", "touchstart"]) {
    addEventListener(act, look, { passive: true, capture: true });
  }
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") {
      const now = performance.now();
      if (now - last <= IDLE_MS) total += now - last;
      last = now;
      send(true);
    } else last = performance.now();
  });
  // Before the form itself is sent: capturing on the window comes first of all.
  addEventListener(
    "submit",
    () => {
      look();
      send(true);
    },
    { capture: true },
  );
  addEventListener("pagehide", () => send(true));
  setInterval(() => send(false), EVERY_MS);
}
