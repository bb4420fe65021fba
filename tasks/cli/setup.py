"""Commands that set an installation up: init and connect."""

from pathlib import Path
from typing import Annotated

import typer

from connector.crm import Budget
from mappings.file.load import PRESETS, preset_text
from mappings.file.schema import FOR_EDITORS, SCHEMA_FILE, schema_text
from tasks.cli.endings import concerning
from tasks.cli.first_connections import SIGN_INS, connections_text, secrets_of
from tasks.cli.options import Home, Json, Name, wiring_of
from tasks.connections import CONNECTIONS_FILE
from tasks.ready import checked, permitted, together, written_back
from tasks.screens import as_json, named, say, table
from tasks.settings import SettingsInvalid

Salesforce = Annotated[str, typer.Option("--salesforce", help="My Domain address of your Salesforce org.")]
User = Annotated[str, typer.Option("--integration-user", help="With --salesforce: name of the user we sign in as.")]
HubSpot = Annotated[bool, typer.Option("--hubspot", help="Connect a HubSpot portal.")]
SignIn = Annotated[str, typer.Option("--sign-in", help=f"With --salesforce: how, {', '.join(SIGN_INS)}.")]


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    app.command()(init)
    app.command()(connect)


def init(
    folder: Annotated[Path, typer.Argument(help="Folder to make the installation in.")] = Path("truegrade-data"),
    salesforce: Salesforce = "",
    user: User = "",
    sign_in: SignIn = "client_credentials",
    hubspot: HubSpot = False,
) -> None:
    """Make a folder with connections.yaml and a mapping for each CRM; touches nothing that is there.

    With --salesforce and --hubspot, connections.yaml is ready, but for the secrets that it names.
    """
    if sign_in not in SIGN_INS:
        raise SettingsInvalid(f"--sign-in {sign_in} is none. Write one of these: {', '.join(SIGN_INS)}.")
    connections = connections_text(salesforce=salesforce, user=user, sign_in=sign_in, hubspot=hubspot)
    files = {CONNECTIONS_FILE: connections}
    files |= {f"mappings/{crm}.yaml": FOR_EDITORS + preset_text(crm) for crm in PRESETS}
    files |= {f"mappings/{SCHEMA_FILE}": schema_text()}
    for name, text in files.items():
        path = folder / name
        if path.exists():
            say(f"{path}: is there already, left as it is")
            continue
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # it will hold leads
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise SettingsInvalid(f"{path} cannot be written: {error.strerror}. Choose another folder.") from error
        say(f"{path}: made")
    if not salesforce and not hubspot:
        say(f"\nNext: edit {folder / CONNECTIONS_FILE}, then `truegrade connect NAME --home {folder}`.")
        return
    name = "salesforce" if salesforce else "hubspot"
    say(f"\nNext: set {', '.join(secrets_of(connections))}, then `truegrade connect {name} --home {folder}`.")


def connect(name: Name, home: Home = None, json: Json = False) -> None:
    """Check sign-in, permissions, our fields and the API budget; say what is missing."""
    from tasks.watch import health  # noqa: PLC0415  loads the client of Redis, which our other commands do without

    wiring = wiring_of(home)
    mapping = wiring.mapping(name)
    with concerning(name), wiring.crm(name, attempts=AT_A_SCREEN) as crm:
        checks = [
            *(part for part in health.ready(wiring) if not part.well),
            *checked(crm, mapping),
            *permitted(crm, mapping),
            *written_back(crm, mapping),
        ]
        budget = crm.budget()
    well = all(check.well for check in checks)
    if json:
        as_json(
            {
                "connection": name,
                "ready": well,
                "checks": [{"what": one.what, "well": one.well, "told": named(one.told, name)} for one in checks],
                "budget": {"used": budget.used, "limit": budget.limit},
            }
        )
    else:
        rows = [
            ("ok" if check.well else "[bold red]missing[/]", check.what, named(check.told, name))
            for check in together(checks)
        ]
        table(f"Connection {name}", ("", "looked at", "found"), [*rows, ("ok", "API calls today", told(budget))])
        say("Ready." if well else "Not ready yet: mend what is missing above, then run this again.")
    raise typer.Exit(0 if well else 3)


def told(budget: Budget) -> str:
    """Say how much of the day's calls is used."""
    if budget.used is None or budget.limit is None:
        return "the CRM does not tell"
    return f"{budget.used:,} of {budget.limit:,} used"


AT_A_SCREEN = 3  # attempts at a call while somebody waits: a wrong address is told after seconds
