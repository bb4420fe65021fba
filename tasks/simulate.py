"""Serving the simulator from the command line, and an installation that is connected to it."""

import errno
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from connector.clock import SystemClock
from connector.simulator.spec import Contents, Spec, Table, build
from tasks.connections import CONNECTIONS_FILE
from tasks.settings import SettingsInvalid

# The simulator's own credentials, printed in its manual: they open nothing else.
SECRETS = {
    "salesforce": "truegrade-secret",
    "salesforce-admin": "truegrade-admin-secret",
    "hubspot": "pat-na1-integration",
    "hubspot-admin": "pat-na1-admin",
}
INTEGRATION_USERNAME = "integration@truegrade.invalid"

SALESFORCE = """\
  salesforce:
    crm: salesforce
    url: {url}
    sign_in:
      kind: client_credentials
      client_id: file:secrets/salesforce-id
      client_secret: file:secrets/salesforce
    admin_sign_in:
      kind: client_credentials
      client_id: file:secrets/salesforce-admin-id
      client_secret: file:secrets/salesforce-admin
    integration_username: {username}
    mapping: {mapping}
"""
HUBSPOT = """\
  hubspot:
    crm: hubspot
    url: {url}
    sign_in: {{kind: token, token: "file:secrets/hubspot"}}
    admin_sign_in: {{kind: token, token: "file:secrets/hubspot-admin"}}
    mapping: {mapping}
    burst_per_10s: {burst}
    search_per_s: {searches}
"""
DEALS = "  {crm}-deals: {{same_as: {crm}, scored: deal}}\n"


@dataclass(frozen=True, slots=True)
class Csv:
    """A table to serve as a CRM, in the words of the command line."""

    path: Path
    serve_as: str
    outcome: str
    positive: str
    time: str
    sep: str


def serve(
    *,
    port: int,
    leads: int,
    seed: int,
    csv: Csv | None,
    home: Path | None,
    say: Callable[[str], None],
    custom_fields: int = 0,
    families: bool = False,
    deals: int = 0,
) -> None:
    """Serve until stopped; `home` gets an installation that is connected to it.

    Raises SettingsInvalid when the table cannot be served, or `home` is an installation already.
    """
    if home is not None and (home / CONNECTIONS_FILE).exists():
        raise SettingsInvalid(f"{home} is an installation already, of another world. Name a new folder.")
    crms = ("salesforce", "hubspot") if csv is None else (csv.serve_as,)
    try:
        beside = {"custom_fields": custom_fields, "deals": deals}
        spec = spec_of(port=port, leads=leads, seed=seed, csv=csv, families=families, **beside)
        simulator = build(spec, SystemClock())
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise SettingsInvalid(f"Port {port} is taken. Choose another with --port.") from error
    except ValueError as error:  # of a table that is not as it was said to be
        raise SettingsInvalid(f"{error}. Correct --csv, --outcome, --positive, --time or --sep.") from error

    def ready(url: str) -> None:
        say(f"The simulator serves on {url} (stop with Ctrl-C).")
        say("Salesforce: client id truegrade, secret truegrade-secret; admin: truegrade-admin, truegrade-admin-secret")
        say(f"  integration_username: {INTEGRATION_USERNAME}")
        say("HubSpot: token pat-na1-integration; admin: pat-na1-admin")
        say(f"What was asked of it: {url}/simulator/log")
        if home is not None:
            install(home, url=url, crms=crms, deals=deals > 0)
            say(f"An installation that is connected to it: `truegrade connect {crms[0]} --home {home}`")

    simulator.serve(ready)


def spec_of(
    *, port: int, leads: int, seed: int, csv: Csv | None, custom_fields: int = 0, families: bool = False, deals: int = 0
) -> Spec:
    """Say what to serve: both CRMs made up, or one of them from a table."""
    if families and custom_fields:
        raise SettingsInvalid("--families and --custom-fields are worlds of their own. Leave one of them out.")
    if csv is None:
        salesforce = Contents(leads=leads, custom_fields=custom_fields, families=families, deals=deals)
        hubspot = Contents(leads=leads, families=families, deals=deals)
        return Spec(salesforce=salesforce, hubspot=hubspot, seed=seed, port=port)
    if custom_fields or families or deals:
        given = "--custom-fields" if custom_fields else "--families" if families else "--deals"
        raise SettingsInvalid(f"{given} is for a made-up world; a table has fields of its own. Leave it out.")
    if csv.serve_as not in {"salesforce", "hubspot"}:
        raise SettingsInvalid(f"--as is {csv.serve_as!r}; it can be salesforce or hubspot.")
    if not csv.outcome:
        raise SettingsInvalid("--csv needs --outcome: the column that tells who bought.")
    if not csv.path.is_file():
        raise SettingsInvalid(f"There is no file {csv.path}. Correct --csv.")
    table = Table(
        path=str(csv.path),
        outcome=csv.outcome,
        positive=csv.positive,
        name=csv.path.stem,
        time=csv.time or None,
        sep=csv.sep,
    )
    contents = Contents(table=table)
    if csv.serve_as == "salesforce":
        return Spec(salesforce=contents, seed=seed, port=port)
    return Spec(hubspot=contents, seed=seed, port=port)


def install(
    home: Path,
    *,
    url: str,
    crms: tuple[str, ...] = ("salesforce", "hubspot"),
    mappings: dict[str, str] | None = None,
    burst_per_10s: float = 170.0,
    searches_per_s: float = 4.5,
    deals: bool = False,
) -> None:
    """Make an installation in `home` that is connected to a simulator at `url`; `deals`: one that scores them, too."""
    secrets = home / "secrets"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    secrets.mkdir(exist_ok=True, mode=0o700)
    ids = {"salesforce-id": "truegrade", "salesforce-admin-id": "truegrade-admin"}
    for name, secret in (SECRETS | ids).items():
        (secrets / name).write_text(secret, encoding="utf-8")
    blocks = {"salesforce": SALESFORCE, "hubspot": HUBSPOT}
    body = "".join(
        blocks[crm].format(
            url=url,
            username=INTEGRATION_USERNAME,
            mapping=(mappings or {}).get(crm, crm),
            burst=burst_per_10s,
            searches=searches_per_s,
        )
        for crm in crms
    )
    if deals:
        body += "".join(DEALS.format(crm=crm) for crm in crms)
    (home / CONNECTIONS_FILE).write_text("connections:\n" + body, encoding="utf-8")
