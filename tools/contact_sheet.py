"""
Draw every page of the demo on one sheet: two widths, two themes, each page as somebody who may see it.

    contact_sheet.py OUT                   build a demo, visit every page, write OUT/*.png and OUT/index.html
    contact_sheet.py OUT --address URL     visit a demo that is already served
    contact_sheet.py OUT --only record:    only pages whose name begins so; may be said again

`index.html` is complete in itself. A page that is wider than its window, that no link led to, or of which
the browser complained is said on the sheet and on standard output, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import base64
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

OWNER, SENIOR, PRACTITIONER = "Owner / practice manager", "Senior practitioner", "Practitioner"
COACH, DESK, DISPENSARY = "Health coach", "Front desk", "Dispensary"
PHONE = 390


@dataclass(frozen=True, slots=True)
class Stop:
    """
    One picture of the sheet.

    name: of the address, as in `urls.py`; `role`: whose page it is drawn as.
    after: the name of the page on which a link leads here; without it the address needs no arguments.
    state: what is done on the page before it is drawn, in a word; `act` does it.
    """

    name: str
    role: str
    after: str = ""
    state: str = ""
    act: Callable[[Any], None] = lambda page: None

    @property
    def key(self) -> str:
        """The name of its files."""
        said = (self.name, self.state, self.role if self.name == "practice:day" else "")
        return re.sub(r"[^a-z0-9]+", "-", "-".join(filter(None, said)).lower())


def _drawer(page: Any) -> None:
    if page.viewport_size["width"] == PHONE:
        page.locator("[data-drawer]").click()


def _search(page: Any) -> None:
    page.get_by_role("combobox").first.press_sequentially("mar")
    page.locator("[role=option]").first.wait_for()


STOPS = (
    Stop("practice:sign_in", ""),
    *(Stop("practice:day", role) for role in (OWNER, SENIOR, PRACTITIONER, COACH, DESK, DISPENSARY)),
    Stop("practice:day", PRACTITIONER, state="help", act=lambda page: page.keyboard.press("?")),
    Stop("practice:day", PRACTITIONER, state="search", act=_search),
    Stop("practice:day", PRACTITIONER, state="areas", act=_drawer),
    Stop("practice:account", PRACTITIONER),
    Stop("practice:confirm", PRACTITIONER),
    Stop("practice:second_factor", PRACTITIONER),
    Stop("practice:add_app", PRACTITIONER),
    Stop("practice:add_passkey", PRACTITIONER),
    Stop("practice:recovery_codes", PRACTITIONER),
    Stop("practice:people", OWNER),
    Stop("practice:new_person", OWNER),
    Stop("practice:person", OWNER, "practice:people"),
    Stop("practice:sites", OWNER),
    Stop("practice:signing_in", OWNER),
    Stop("practice:new_site", OWNER),
    Stop("command_center:home", OWNER),
    Stop("command_center:alert", OWNER, "command_center:home"),
    Stop("planner:home", OWNER),
    Stop("planner:home", OWNER, state="own", act=lambda page: page.get_by_text("own figures").first.click()),
    Stop("planner:compare", OWNER, "planner:home"),
    Stop("planner:figure", OWNER, "planner:home"),
    Stop("foundation:why", OWNER, "command_center:alert"),
    Stop("patients:list", PRACTITIONER),
    Stop("patients:new", DESK),
    Stop("patients:matches", OWNER),
    Stop("patients:match", OWNER, "patients:matches"),
    Stop("patients:team", PRACTITIONER, "record:chart"),
    Stop("patients:access_log", OWNER),
    Stop("patients:access", OWNER, "patients:list"),
    Stop("patients:break_glass", OWNER),
    Stop("patients:one_break_glass", OWNER, "patients:break_glass"),
    Stop("record:chart", PRACTITIONER, "tasks:task"),
    Stop("patients:number", PRACTITIONER, "record:chart"),
    Stop("record:timeline", PRACTITIONER, "record:chart"),
    Stop("record:problems", PRACTITIONER, "record:chart"),
    Stop("record:medications", PRACTITIONER, "record:chart"),
    Stop("record:labs", PRACTITIONER, "record:chart"),
    Stop("record:lab_trend", PRACTITIONER, "record:labs"),
    Stop("record:notes", PRACTITIONER, "record:chart"),
    Stop("record:void", PRACTITIONER, "record:timeline"),
    Stop("tasks:list", PRACTITIONER),
    Stop("tasks:of_patient", PRACTITIONER, "record:chart"),
    Stop("tasks:task", PRACTITIONER, "tasks:list"),
    Stop("assistant:brief", PRACTITIONER, "record:chart"),
    Stop("protocols:library", SENIOR),
    Stop("protocols:master", SENIOR, "protocols:library"),
    Stop("protocols:master_version", SENIOR, "protocols:master"),
    Stop("protocols:compare_versions", SENIOR, "protocols:master"),
    Stop("protocols:patients_on", SENIOR, "protocols:master"),
    Stop("protocols:new_master", SENIOR, "protocols:library"),
    Stop("protocols:master_draft", SENIOR, "protocols:library"),
    Stop("protocols:master_line", SENIOR, "protocols:master_draft"),
    Stop("protocols:overrides", SENIOR),
    Stop("protocols:composer", PRACTITIONER, "practice:day"),
    Stop("protocols:review", PRACTITIONER, "protocols:composer"),
    Stop("protocols:preview", PRACTITIONER, "protocols:review"),
    Stop("protocols:history", PRACTITIONER, "record:chart"),
    Stop("protocols:protocol", PRACTITIONER, "protocols:history"),
    Stop("dispensary:queue", DISPENSARY),
    Stop("dispensary:dispense", DISPENSARY, "dispensary:queue"),
    Stop("dispensary:history", PRACTITIONER, "record:chart"),
    Stop("dispensary:handed_out", PRACTITIONER, "dispensary:history"),
    Stop("dispensary:recalls", DISPENSARY),
    Stop("dispensary:new_recall", DISPENSARY),
    Stop("dispensary:recall", DISPENSARY, "dispensary:recalls"),
    Stop("dispensary:contact", DISPENSARY, "dispensary:recall"),
    Stop("knowledge:ingredients", PRACTITIONER),
    Stop("knowledge:ingredient", PRACTITIONER, "knowledge:ingredients"),
    Stop("knowledge:check", PRACTITIONER),
    Stop("catalog:products", DISPENSARY),
    Stop("catalog:product", DISPENSARY, "catalog:products"),
    Stop("catalog:edit_product", OWNER, "catalog:product"),
    Stop("catalog:price_lists", OWNER),
    Stop("catalog:price_list", OWNER, "catalog:price_lists"),
    Stop("inventory:shelf", DISPENSARY),
    Stop("inventory:product", DISPENSARY, "inventory:shelf"),
    Stop("interop_fhir:imports", OWNER),
    Stop("interop_export:exports", OWNER),
    Stop("interop_export:of_patient", PRACTITIONER, "record:chart"),
    Stop("interop_fhir:report", OWNER, "interop_fhir:imports"),
    Stop("interop_fhir:mend", OWNER, "interop_fhir:report"),
    Stop("foundation:components", OWNER),
)

# Drawn from their templates, since a demo that works does not show them: file -> its context.
ERRORS: dict[str, dict[str, Any]] = {
    "400": {},
    "403": {},
    "403_csrf": {},
    "404": {},
    "500": {},
    "foundation/offline": {},
    "foundation/error": {
        "error": {
            "status": 409,
            "title": "That has changed meanwhile",
            "text": "Somebody else has signed a protocol of this patient since you opened the page.",
            "code": "stale",
        }
    },
}


@dataclass(slots=True)
class Seen:
    """One page as it was met: its pictures by screen and theme, and what was wrong with it."""

    key: str
    title: str
    shots: dict[str, bytes] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


@contextmanager
def demo() -> Iterator[str]:
    """A demo of its own, built in a folder that goes away with it: where it is served."""
    with tempfile.TemporaryDirectory(prefix="willow-sheet-") as folder:
        Path(folder).chmod(0o755)  # the database's account must get through to its own folder
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "willowbark", "demo", "--no-browser"],
            env={**os.environ, "WILLOWBARK_DATA": f"{folder}/data"},
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield _address_said_by(process)
        finally:
            process.terminate()
            process.wait()


def _address_said_by(process: subprocess.Popen[str]) -> str:
    for line in process.stderr or ():
        print(line, end="", file=sys.stderr)
        if found := re.search(r"http://\S+", line):
            threading.Thread(target=lambda: list(process.stderr or ()), daemon=True).start()  # never full
            return found.group()
    raise SystemExit("The demo ended before it was served.")


class Tour:
    """Goes through the demo as each role in turn, in one browser."""

    def __init__(self, browser: Any, address: str) -> None:
        self._browser, self._address = browser, address.rstrip("/")
        self._states: dict[str, Any] = {}
        self._paths: dict[tuple[str, str], str] = {}

    def see(self, stop: Stop) -> Seen:
        """Draw one stop on every screen; what goes wrong is among its faults."""
        seen = Seen(stop.key, " ".join(filter(None, (stop.name, stop.state, stop.role and f"({stop.role})"))))
        path = self._path_to(stop.name, stop.role, stop.after)
        if not path:
            seen.faults.append(f"no link on {stop.after} leads here")
            return seen
        self._draw(seen, self._address + path, stop)
        return seen

    def error(self, name: str, context: dict[str, Any]) -> Seen:
        """Draw an error page from its template, with the stylesheets of the demo."""
        from django.template.loader import render_to_string

        seen = Seen(f"error-{name.rpartition('/')[2]}", f"error {name}")
        html = render_to_string(f"{name}.html", context)
        self._draw(seen, f"{self._address}/drawn", None, html)
        return seen

    def _draw(self, seen: Seen, url: str, stop: Stop | None, html: str = "") -> None:
        for width, height in ((1280, 900), (PHONE, 844)):
            context = self._browser.new_context(
                viewport={"width": width, "height": height},
                has_touch=width == PHONE,
                reduced_motion="reduce",
                storage_state=self._signed_in(stop.role) if stop and stop.role else None,
            )
            page = context.new_page()
            page.on("pageerror", lambda error: seen.faults.append(f"script: {error}"))
            if html:
                page.route(url, lambda call: call.fulfill(body=html, content_type="text/html"))
            answer = page.goto(url)
            if answer and answer.status >= 400:
                seen.faults.append(f"answered {answer.status}")
            if stop:
                stop.act(page)
            if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
                seen.faults.append(f"{wide} px wide in a window of {width}")
            for theme in ("light", "dark"):
                page.emulate_media(color_scheme=theme)
                seen.shots[f"{width}-{theme}"] = page.screenshot(full_page=not (stop and stop.state))
            context.close()
        seen.faults = sorted({*seen.faults})

    def _signed_in(self, role: str) -> Any:
        if role not in self._states:
            context = self._browser.new_context()
            page = context.new_page()
            page.goto(f"{self._address}/sign-in")
            page.locator(".person-card", has=page.get_by_text(role, exact=True)).first.click()
            page.get_by_role("navigation", name="Areas").wait_for()
            self._states[role] = context.storage_state()
            context.close()
        return self._states[role]

    def _path_to(self, name: str, role: str, after: str) -> str:
        """Where the page is; empty when no link of the page before it leads there."""
        from django.urls import reverse

        if not after:
            return reverse(name)
        if (name, role) not in self._paths:
            before = next(stop for stop in STOPS if stop.name == after)
            start = self._path_to(after, role, before.after)
            self._paths[name, role] = self._link(start, name, role) if start else ""
        return self._paths[name, role]

    def _link(self, start: str, name: str, role: str) -> str:
        context = self._browser.new_context(storage_state=self._signed_in(role))
        page = context.new_page()
        page.goto(self._address + start)
        links = page.eval_on_selector_all(
            "a[href]", "all => all.map((a) => new URL(a.getAttribute('href'), location).href)"
        )
        context.close()
        return next((path for path in map(_path_of, links) if _leads_to(path, name)), "")


def _path_of(link: str) -> str:
    parts = urlsplit(link)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _leads_to(path: str, name: str) -> bool:
    from django.urls import Resolver404, resolve

    try:
        return resolve(path.partition("?")[0]).view_name == name
    except Resolver404:
        return False


HEAD = """<!doctype html><meta charset="utf-8"><title>Contact sheet</title><style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 1.5rem; color-scheme: light dark }
section { margin-block: 2rem; border-top: 1px solid #8888 } h2 { font-size: 1rem; margin: .5rem 0 }
.shots { display: flex; gap: 1rem; overflow-x: auto; align-items: start }
figure { margin: 0; flex: none } figcaption { font-size: .8rem } .fault { color: #c22; font-weight: 600 }
img { display: block; height: 34rem; width: auto; max-width: 46rem; object-fit: cover; object-position: top;
      border: 1px solid #8888 }
</style>"""


def sheet(all_seen: Sequence[Seen]) -> str:
    """Everything that was seen as one page that needs nothing else."""
    parts = [HEAD, f"<h1>{len(all_seen)} pages</h1><ol>"]
    parts += [
        f'<li><a href="#{seen.key}">{escape(seen.title)}</a> <span class="fault">{_said(seen)}</span></li>'
        for seen in all_seen
    ]
    parts.append("</ol>")
    for seen in all_seen:
        parts.append(f'<section id="{seen.key}"><h2>{escape(seen.title)}</h2>')
        parts.append(f'<p class="fault">{_said(seen)}</p><div class="shots">')
        for screen, picture in seen.shots.items():
            data = base64.b64encode(picture).decode()
            parts.append(f'<figure><figcaption>{screen}</figcaption><a href="{seen.key}-{screen}.png">')
            parts.append(f'<img alt="{escape(seen.title)}, {screen}" src="data:image/png;base64,{data}"></a>')
            parts.append("</figure>")
        parts.append("</div></section>")
    return "".join(parts)


def _said(seen: Seen) -> str:
    return escape("; ".join(seen.faults))


def draw(out: Path, address: str, only: Sequence[str]) -> int:
    """Draw the sheet into the folder `out`; returns the exit code."""
    import django
    from playwright.sync_api import sync_playwright

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "willowbark.config.settings")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # templates alone; the database is the demo's affair
    django.setup()
    program = os.environ.get("WILLOWBARK_CHROMIUM") or shutil.which("chromium")
    out.mkdir(parents=True, exist_ok=True)
    all_seen = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        tour = Tour(browser, address)
        wanted = [stop for stop in STOPS if not only or stop.name.startswith(tuple(only))]
        visits = [lambda stop=stop: tour.see(stop) for stop in wanted]
        if not only or "error" in only:
            visits += [lambda each=each: tour.error(*each) for each in ERRORS.items()]
        for visit in visits:
            seen = visit()
            all_seen.append(seen)
            print(seen.title, *seen.faults, sep=": ")
            for screen, picture in seen.shots.items():
                (out / f"{seen.key}-{screen}.png").write_bytes(picture)
        browser.close()
    (out / "index.html").write_text(sheet(all_seen), encoding="utf-8")
    return int(any(seen.faults for seen in all_seen))


def main() -> int:
    """Read the arguments and draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--address", help="of a demo that is already served")
    parser.add_argument("--only", action="append", default=[], help="what a page's name begins with")
    said = parser.parse_args()
    if said.address:
        return draw(said.out, said.address, said.only)
    with demo() as address:
        return draw(said.out, address, said.only)


if __name__ == "__main__":
    sys.exit(main())
