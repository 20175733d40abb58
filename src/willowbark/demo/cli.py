"""Open a practice of invented people, to look at and to try."""

from __future__ import annotations

import json
import os
import time
import webbrowser
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

    from willowbark.demo.preparing import Prepared
    from willowbark.demo.script import Script
    from willowbark.demo.status import Plan
    from willowbark.foundation.database import ConnectionParams, DatabaseSettings

app = typer.Typer(add_completion=False, help="Open a practice of invented people, to look at and to try.")

DEFAULT_PATIENTS = 1000
BY_SERVICES = 40


def say(message: str) -> None:
    """One line about what is being done; standard output is for results alone."""
    typer.echo(message, err=True)


@app.command("demo")
def demo(
    once: Annotated[
        bool, typer.Option("--once", help="Build and check it, print a summary as JSON, and end.")
    ] = False,
    patients: Annotated[int, typer.Option(help="How many patients to invent.", min=1)] = DEFAULT_PATIENTS,
    seed: Annotated[int, typer.Option(help="The same seed and day make the same practice.")] = 1,
    today: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The day up to which it has worked; this day if not said."),
    ] = None,
    anew: Annotated[
        bool, typer.Option("--anew", help="Build it again, and lose what visitors did in it.")
    ] = False,
    host: Annotated[str | None, typer.Option(help="The name or address to serve at.")] = None,
    port: Annotated[int | None, typer.Option(help="The port to serve at.", min=1, max=65535)] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser where there is one.")] = True,
) -> None:
    """
    Open a practice of invented people, to look at and to try.

    The first start builds it; later starts keep it, with what visitors did in it.
    """
    plan = _plan(seed, today.date() if today else _this_day(), patients)
    os.environ["DJANGO_SETTINGS_MODULE"] = "willowbark.config.settings"
    if once:
        # The check asks for pages; a line for each would hide what it finds.
        os.environ.setdefault("WILLOWBARK_LOG_LEVEL", "WARNING")
        raise typer.Exit(_once(plan, anew=anew))
    _serve(plan, anew=anew, host=host, port=port, browser=browser)


def _plan(seed: int, today: date, patients: int) -> Plan:
    from willowbark.demo.status import Plan

    return Plan(seed=seed, today=today, patients=patients, by_services=min(BY_SERVICES, patients))


def _this_day() -> date:
    """The day where the demo's practice is: nothing in it lies in its future."""
    from willowbark.demo.script.practice import ZONE
    from willowbark.foundation import clock

    return clock.now().astimezone(ZONE).date()


def _writing_ahead(plan: Plan, settings: DatabaseSettings) -> Callable[[Plan], Script] | None:
    """Begin to write the script while a new data folder is filled; None where there may be a demo already."""
    from concurrent.futures import ThreadPoolExecutor

    from willowbark.demo.script import write_script

    if settings.url or settings.data.exists():
        return None
    pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="script")
    writing = pool.submit(write_script, seed=plan.seed, today=plan.today, patients=plan.patients)
    pool.shutdown(wait=False)
    return lambda _: writing.result()


def _prepare(
    owner: ConnectionParams, plan: Plan, *, anew: bool, write: Callable[[Plan], Script] | None
) -> Prepared:
    import django

    from willowbark.demo.preparing import prepare

    django.setup()
    return prepare(owner, plan, say=say, anew=anew, write=write)


def _once(plan: Plan, *, anew: bool) -> int:
    """Build, check and report; returns the exit code."""
    from willowbark.foundation.database import DatabaseSettings, open_database
    from willowbark.foundation.processes import serving
    from willowbark.foundation.processes.up import migrate_if_needed

    started = time.monotonic()
    settings = DatabaseSettings.from_environment()
    write = _writing_ahead(plan, settings)
    with (
        serving(settings.data, command="willow demo --once"),
        open_database(settings, report=say) as database,
    ):
        opened = time.monotonic()
        migrate_if_needed(database, say=say)
        migrated = time.monotonic()
        prepared = _prepare(database.owner, plan, anew=anew, write=write)
        prepared.seconds = {"database": opened - started, "migrate": migrated - opened, **prepared.seconds}
        summary = _summary(database.owner, prepared, started)
    typer.echo(json.dumps(summary, indent=2))
    return 0 if summary["ok"] else 1


def _summary(owner: ConnectionParams, prepared: Prepared, started: float) -> dict[str, Any]:
    import psycopg

    from willowbark.demo.script import write_script
    from willowbark.demo.summary import summary_of

    plan = prepared.plan
    script = prepared.script
    if script is None and not prepared.is_earlier:
        script = write_script(seed=plan.seed, today=plan.today, patients=plan.patients)
    try:
        with psycopg.connect(**owner.libpq(), autocommit=True) as connection:
            summary = summary_of(
                connection, plan, script, just_built=prepared.just_built, seconds=prepared.seconds
            )
    finally:
        _let_go()
    summary["seconds"]["in_all"] = round(time.monotonic() - started, 2)
    return summary


def _serve(plan: Plan, *, anew: bool, host: str | None, port: int | None, browser: bool) -> None:
    import psycopg

    from willowbark.demo.status import MADE_EARLIER, State, status_of
    from willowbark.foundation import database
    from willowbark.foundation.processes import up as processes

    default_host, default_port = _address()
    serving = processes.Plan(
        "willow demo", host or default_host, port or default_port, search_port=port is None
    )

    write = _writing_ahead(plan, database.DatabaseSettings.from_environment())

    def have_a_demo() -> None:
        owner = database.current("owner")
        with psycopg.connect(**owner.libpq(), autocommit=True) as connection:
            status = status_of(connection)
        is_built = status.state is State.BUILT
        if status.is_earlier and not anew:
            say(MADE_EARLIER)
        # Django takes a second to load, which a demo that is there need not wait for.
        if anew or not is_built:
            _prepare(owner, plan, anew=anew, write=write)
            _let_go()

    processes.up(
        serving, say=say, prepare=have_a_demo, when_ready=lambda address: _show(address, browser=browser)
    )


def _address() -> tuple[str, int]:
    """Host and port of the environment's settings; a variable that cannot be used is named."""
    from pydantic import ValidationError

    from willowbark.config.typed import Settings

    try:
        settings = Settings()
    except ValidationError as error:
        faults = [f"WILLOWBARK_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()]
        raise typer.BadParameter("; ".join(faults)) from error
    return settings.host, settings.port


def _let_go() -> None:
    """Close this process's connections and their pool: it only supervises from here on."""
    from django.db import connection

    connection.close()
    close_pool = getattr(connection, "close_pool", None)
    if close_pool is not None:
        close_pool()


def _show(address: str, *, browser: bool) -> None:
    say(f"\nThe demo is open: {address}")
    say("Everybody in it is invented. Choose on the page as whom to sign in. Ctrl-C stops it.\n")
    if browser and os.environ.get("DISPLAY", os.environ.get("WAYLAND_DISPLAY")):
        webbrowser.open(address)
