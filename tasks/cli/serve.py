"""Commands that stay: worker, beat and the simulator; and migrate, and the demo. `up` is in a module of its own."""

import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from tasks.cli.launch import beat_command, environment, worker_command
from tasks.cli.options import Home, Json, settings_of
from tasks.cli.up import Processes, up
from tasks.connections import load_connections
from tasks.screens import say
from tasks.settings import Settings, SettingsInvalid
from tasks.store.engine import open_store
from tasks.store.units import QUEUES

EVERY_QUEUE = ",".join(QUEUES)

Queues = Annotated[str, typer.Option("--queues", help="Queues to work on, with commas.")]


def add_to(app: typer.Typer) -> None:
    """Register these commands, and `--version`."""
    app.callback()(truegrade)
    for command in (worker, beat, up, migrate, simulator, demo):
        app.command()(command)


def _version(asked: bool) -> None:
    if asked:
        say(f"truegrade {version('truegrade')}")
        raise typer.Exit


def truegrade(
    asked: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Take the options that stand before a command."""


def worker(home: Home = None, queues: Queues = EVERY_QUEUE, processes: Processes = 2) -> None:
    """Work, until stopped. Needs a Redis (TRUEGRADE_REDIS_URL); `truegrade up` brings its own."""
    _require_broker(settings_of(home))
    wanted = _known(queues)
    os.execve(sys.executable, worker_command(wanted, processes), environment(home))


def beat(home: Home = None) -> None:
    """Start what is due, until stopped. More than one may run: the store lets one of them claim each tick."""
    _require_broker(settings_of(home))
    os.execve(sys.executable, beat_command(), environment(home))


def migrate(home: Home = None) -> None:
    """Bring the database to this version's schema, once, before workers start. Each command does it where it must."""
    store = open_store(settings_of(home).store_url)
    store.migrate()
    store.close()
    say("The database has this version's schema.")


def _known(queues: str) -> list[str]:
    wanted = [name.strip() for name in queues.split(",") if name.strip()]
    if unknown := sorted(set(wanted) - set(QUEUES)):
        raise SettingsInvalid(f"There is no queue {unknown[0]!r}; there are {', '.join(QUEUES)}. Correct --queues.")
    if not wanted:
        raise SettingsInvalid(f"--queues names no queue; there are {', '.join(QUEUES)}. Leave it out for all of them.")
    return wanted


def _require_broker(settings: Settings) -> None:
    if not settings.redis_url:
        raise SettingsInvalid(
            "There is no broker. Set TRUEGRADE_REDIS_URL, or run `truegrade up`, which brings its own."
        )
    load_connections(settings.home)  # what is wrong in it is told now and not in a log


Leads = Annotated[int, typer.Option("--leads", min=1_000, max=1_000_000, help="Leads in each CRM.")]
Seed = Annotated[int, typer.Option("--seed", help="Seed of the simulated world.")]


def demo(
    leads: Leads = 30_000,
    seed: Seed = 7,
    home: Annotated[Path | None, typer.Option("--home", help="Keep the installation in this new folder.")] = None,
    json: Json = False,
) -> None:
    """Run the main job on a simulated Salesforce and a simulated HubSpot, and show what came of it."""
    from tasks import demo as script  # noqa: PLC0415  only the demo and the simulator load the simulator

    raise typer.Exit(script.run(leads=leads, seed=seed, home=home, json=json))


def simulator(
    port: Annotated[
        int, typer.Option("--port", min=0, max=65_535, help="Port on 127.0.0.1; 0 chooses a free one.")
    ] = 0,
    leads: Leads = 30_000,
    seed: Seed = 7,
    custom_fields: Annotated[
        int,
        typer.Option("--custom-fields", min=0, max=60, help="Custom fields on Salesforce's leads, of all sorts."),
    ] = 0,
    families: Annotated[
        bool, typer.Option("--families", help="Leads with all families of data: visits, social touches, calls, junk.")
    ] = False,
    deals: Annotated[
        int,
        typer.Option("--deals", min=0, max=1_000_000, help="Deals that are pursued over weeks, beside the leads' own."),
    ] = 0,
    csv: Annotated[Path | None, typer.Option("--csv", help="Serve this table instead of a made-up world.")] = None,
    serve_as: Annotated[str, typer.Option("--as", help="With --csv: salesforce or hubspot.")] = "salesforce",
    outcome: Annotated[str, typer.Option("--outcome", help="With --csv: column that tells who bought.")] = "",
    positive: Annotated[str, typer.Option("--positive", help="With --csv: its value for those who did.")] = "1",
    time: Annotated[str, typer.Option("--time", help="With --csv: column to order by; else the rows' order.")] = "",
    sep: Annotated[str, typer.Option("--sep", help="With --csv: what stands between two columns.")] = ",",
    home: Annotated[
        Path | None, typer.Option("--home", help="Make an installation in this new folder, connected to the simulator.")
    ] = None,
) -> None:
    """Serve a simulated Salesforce and HubSpot on localhost, until stopped."""
    from tasks import simulate  # noqa: PLC0415  only the demo and the simulator load the simulator

    table = None
    if csv is not None:
        table = simulate.Csv(path=csv, serve_as=serve_as, outcome=outcome, positive=positive, time=time, sep=sep)
    simulate.serve(
        port=port,
        leads=leads,
        seed=seed,
        csv=table,
        home=home,
        say=say,
        custom_fields=custom_fields,
        families=families,
        deals=deals,
    )
