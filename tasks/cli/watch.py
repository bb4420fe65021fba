"""Commands that watch: health for probes, metrics for Prometheus, and alerts."""

from pathlib import Path
from socket import gaierror
from socketserver import ThreadingMixIn
from typing import Annotated, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import typer

from tasks import log
from tasks.cli.endings import UNWELL
from tasks.cli.options import Home, Json, wiring_of
from tasks.ready import Check
from tasks.screens import as_json, note, say, table, verbatim
from tasks.settings import SettingsInvalid, load_settings
from tasks.store import alerts as kept_alerts
from tasks.store.alerts import Kept
from tasks.store.engine import StoreUnreachable
from tasks.watch import alerts as watching
from tasks.watch import deliver
from tasks.watch.moments import moment
from tasks.wiring import Wiring, open_wiring


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    for command in (health, metrics, alerts):
        app.command()(command)


Live = Annotated[bool, typer.Option("--live", help="Only: was a process of this machine heard of lately?")]
Ready = Annotated[bool, typer.Option("--ready", help="Only: can store and Redis be reached, is the schema today's?")]
Scheduled = Annotated[bool, typer.Option("--scheduled", help="Only: did every schedule fire on time?")]


def health(
    live: Live = False, ready: Ready = False, scheduled: Scheduled = False, home: Home = None, json: Json = False
) -> None:
    """Tell whether work gets done; exit code 8 if not. Changes nothing, not even an old schema."""
    wiring = _looking(home)
    from tasks.watch import health as judging  # noqa: PLC0415  the client of Redis is not needed elsewhere here

    asked = ((live, judging.live), (ready, judging.ready), (scheduled, judging.scheduled))
    chosen = [look for is_asked, look in asked if is_asked] or [judging.checked]
    checks = [check for look in chosen for check in look(wiring)]
    is_well = all(check.well for check in checks)
    if json:
        as_json({"healthy": is_well, "checks": [_check(check) for check in checks]})
    else:
        for check in checks:
            say(f"{'ok ' if check.well else '[bold red]BAD[/]'} {check.what}: {verbatim(check.told)}")
    raise typer.Exit(0 if is_well else UNWELL)


def _looking(home: Path | None) -> Wiring:
    """Open the installation as it is, for one who looks while it may be mended by others."""
    settings = load_settings(home)
    log.configure(settings.log_level if "log_level" in settings.model_fields_set else "critical")
    return open_wiring(settings, migrate=False)


def _check(check: Check) -> dict[str, Any]:
    return {"what": check.what, "well": check.well, "told": check.told}


Serve = Annotated[bool, typer.Option("--serve", help="Serve them at /metrics, until stopped.")]
Port = Annotated[
    int | None, typer.Option("--port", min=0, max=65_535, help="Port to serve on; else TRUEGRADE_METRICS_PORT.")
]


class _Server(ThreadingMixIn, WSGIServer):
    """A scrape that hangs does not keep the next one waiting."""

    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    """Logs no line for each scrape."""

    def log_message(self, *_: object, **__: object) -> None:
        """Say nothing."""


def metrics(serve: Serve = False, port: Port = None, home: Home = None) -> None:
    """Print the figures of this installation for Prometheus, or serve them; one server gives those of all processes."""
    from prometheus_client import generate_latest, make_wsgi_app  # noqa: PLC0415  only this command needs it

    from tasks.watch.metrics import registry  # noqa: PLC0415  loads prometheus_client, as above

    try:
        wiring = wiring_of(home)
    except StoreUnreachable:
        if not serve:  # a figure for who collects it, and an exit code for who looks at that
            typer.echo(generate_latest(registry(_looking(home))).decode(), nl=False)
        raise
    if not serve:
        typer.echo(generate_latest(registry(wiring)).decode(), nl=False)
        return
    host, chosen = wiring.settings.metrics_host, wiring.settings.metrics_port if port is None else port
    try:
        server = make_server(host, chosen, make_wsgi_app(registry(wiring)), _Server, _Quiet)
    except (gaierror, TypeError, UnicodeError) as error:  # a name that nobody knows, or that cannot be one
        known = f"There is no host {host[:80]!r} to serve metrics on. Correct TRUEGRADE_METRICS_HOST."
        raise SettingsInvalid(known) from error
    except OSError as error:
        raise SettingsInvalid(
            f"Port {chosen} of {host} cannot be used: {error.strerror}. Set TRUEGRADE_METRICS_PORT to another."
        ) from error
    with server:
        note(f"truegrade serves metrics at http://{host}:{server.server_port}/metrics (stop with Ctrl-C).")
        server.serve_forever()


Test = Annotated[bool, typer.Option("--test", help="Send one message that says it is a test.")]
Send = Annotated[bool, typer.Option("--send", help="Send what is due, as the schedule does; for a cron job beside it.")]


def alerts(test: Test = False, send: Send = False, home: Home = None, json: Json = False) -> None:
    """Show what somebody should know now: paused connections, failed or missing runs, refusals, stale scores."""
    wiring = wiring_of(home)
    if test:
        _test(wiring, json=json)
        return
    if send:
        watching.review_and_deliver(wiring)
    kept = {one.alert.name: one for one in kept_alerts.every(wiring.store) if not one.is_over}
    found = watching.review(wiring, now=wiring.clock.now())
    rows = [_row(alert, kept.get(alert.name)) for alert in found]
    if json:
        as_json({"alerts": rows, "delivered": deliver.is_set_up(wiring.settings)})
        return
    if not rows:
        say("Nothing that anybody has to know.")
    else:
        shown = [(row["kind"], row["since"] or "now", row["sent"] or "not yet", verbatim(row["told"])) for row in rows]
        table("", ("alert", "since (UTC)", "last sent (UTC)", "what happened, and what to do"), shown)
    if not deliver.is_set_up(wiring.settings):
        say("Alerts are sent to nobody: set TRUEGRADE_ALERT_WEBHOOK or TRUEGRADE_ALERT_EMAIL_TO.")


def _row(alert: kept_alerts.Alert, kept: Kept | None) -> dict[str, Any]:
    since = moment(kept.since) if kept else None
    sent = moment(kept.told_at) if kept and kept.told_at else None
    return {
        "name": alert.name,
        "kind": alert.kind,
        "connection": alert.connection,
        "told": alert.told,
        "since": since,
        "sent": sent,
    }


def _test(wiring: Wiring, *, json: bool) -> None:
    try:
        watching.send_test(wiring)
    except deliver.DeliveryFailed as error:
        raise SettingsInvalid(str(error)) from error
    if json:
        as_json({"sent": True})
    else:
        say("A test is sent. If it does not arrive, look at what the webhook or the mail server did with it.")
