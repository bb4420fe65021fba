"""How a company stands, on a screen: what `truegrade explain --company` shows."""

from typing import Any

from connector.crm import Entity
from tasks import companies
from tasks.cli.endings import concerning
from tasks.screens import as_json, counted, number, say, table, verbatim
from tasks.store import company_scores, records
from tasks.wiring import Wiring


def explain_company(wiring: Wiring, company: str, connection: str | None, *, json: bool) -> None:
    """Say what a company gets from its open leads."""
    name = _where(wiring, company, connection)
    with concerning(name):
        told = companies.explained(wiring, name, wiring.record_id(name, company))
    if json:
        as_json(told)
        return
    show(told)


def _where(wiring: Wiring, company: str, connection: str | None) -> str:
    """Name the connection that has it, the first one if none does: what is wrong is told by that."""
    names = [connection] if connection else list(wiring.connections)
    own = {name: wiring.record_id(name, company) for name in names}
    held = (name for name in names if company_scores.of_company(wiring.store, name, own[name]))
    pulled = (name for name in names if records.get(wiring.store, name, Entity.COMPANY, [own[name]]))
    return next(held, None) or next(pulled, names[0])


def show(told: dict[str, Any]) -> None:
    """Show what `companies.explained` tells."""
    say(f"[bold]{told['company']}[/] ({told['connection']}): {counted(len(told['leads']), 'open lead')}")
    say(verbatim(told["standing"]))
    if told["values"]:
        held = [(field, verbatim("" if value is None else str(value))) for field, value in told["values"].items()]
        table("What the company gets", ("field", "value"), held)
    leads = [
        (lead["lead"], number(lead["score"]), number(lead["weeks"]), verbatim(", ".join(lead["roles"])))
        for lead in told["leads"]
    ]
    if leads:
        table("Its open leads", ("lead", "score", "weeks waited", "roles"), leads, right=(1, 2), whole=(0,))
    say(verbatim(told["calibration"]))
