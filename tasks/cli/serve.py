"""Commands that stay: worker, beat, up (both with an embedded broker), and the simulator; and the demo."""

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from connector.clock import SystemClock
from tasks.broker import embedded_broker
from tasks.cli.options import Home, Json, settings_of
from tasks.screens import note, say
from tasks.settings import Settings, SettingsInvalid, child_environment, load_connections

STOP_WITHIN_S = 60.0
LOOK_EVERY_S = 0.2

Queues = Annotated[str, typer.Option("--queues", help="Queues to work on, with commas.")]
Processes = Annotated[int, typer.Option("--processes", min=1, help="Jobs at a time.")]


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    for command in (worker, beat, up, simulator, demo):
        app.command()(command)


def worker(home: Home = None, queues: Queues = "crm,train", processes: Processes = 2) -> None:
    """Work on jobs, until stopped. Needs a Redis (TRUEGRADE_REDIS_URL); `truegrade up` brings its own."""
    settings = _with_broker(settings_of(home))
    os.execve(sys.executable, worker_command(queues, processes), environment(settings, settings.redis_url))


def beat(home: Home = None) -> None:
    """Start what is due, until stopped. More than one may run: the store lets one of them claim each tick."""
    settings = _with_broker(settings_of(home))
    with tempfile.TemporaryDirectory(prefix="truegrade-") as folder:
        sys.exit(subprocess.call(beat_command(Path(folder)), env=environment(settings, settings.redis_url)))


def up(home: Home = None, processes: Processes = 2) -> None:
    """Run worker and schedule on this machine, with a broker of their own unless TRUEGRADE_REDIS_URL names one."""
    settings = settings_of(home)
    load_connections(settings.home)  # what is wrong in it is told now and not in a log
    with ExitStack() as stack:
        clock = SystemClock()
        redis_url = settings.redis_url or stack.enter_context(embedded_broker(settings.home / "broker", clock=clock))
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="truegrade-")))
        env = environment(settings, redis_url)
        children = [
            stack.enter_context(_child(worker_command("crm,train", processes), env)),
            stack.enter_context(_child(beat_command(scratch), env)),
        ]
        stopping: list[int] = []
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda received, _frame: stopping.append(received))
        note(f"truegrade is up on {settings.home} (stop with Ctrl-C).")
        while not stopping and all(child.poll() is None for child in children):
            clock.sleep(LOOK_EVERY_S)
        failed = not stopping
    note("truegrade has stopped." if stopping else "truegrade stops, for one of its processes has ended.")
    raise typer.Exit(1 if failed else 0)


class _child:  # noqa: N801  used like a function
    """A process that is asked to stop, and made to when it does not, at the end of the block."""

    def __init__(self, command: list[str], env: dict[str, str]) -> None:
        # A session of its own: Ctrl-C reaches us alone, and we stop it in good order.
        self._process = subprocess.Popen(command, env=env, start_new_session=True)

    def __enter__(self) -> "subprocess.Popen[bytes]":
        return self._process

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def environment(settings: Settings, redis_url: str) -> dict[str, str]:
    """What a child process needs to be of this installation. SIGTERM means Celery's soft shutdown."""
    return child_environment(
        TRUEGRADE_HOME=str(settings.home.resolve()), TRUEGRADE_REDIS_URL=redis_url, REMAP_SIGTERM="SIGQUIT"
    )


def worker_command(queues: str, processes: int) -> list[str]:
    """The Celery worker, as a command."""
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "tasks.jobs", "worker", "--loglevel", "warning"]
    return [*command, "--queues", queues, "--concurrency", str(processes), "--without-mingle", "--without-gossip"]


def beat_command(scratch: Path) -> list[str]:
    """Celery's beat, as a command; what it keeps on disk may be lost, for schedules are claimed in the store."""
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "tasks.jobs", "beat", "--loglevel", "warning"]
    return [*command, "--schedule", str(scratch / "beat"), "--pidfile="]


def _with_broker(settings: Settings) -> Settings:
    if not settings.redis_url:
        raise SettingsInvalid(
            "There is no broker. Set TRUEGRADE_REDIS_URL, or run `truegrade up`, which brings its own."
        )
    load_connections(settings.home)
    return settings


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
    port: Annotated[int, typer.Option("--port", help="Port on 127.0.0.1; 0 chooses a free one.")] = 0,
    leads: Leads = 30_000,
    seed: Seed = 7,
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
    simulate.serve(port=port, leads=leads, seed=seed, csv=table, home=home, say=say)
