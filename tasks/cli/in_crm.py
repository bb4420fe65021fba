"""What the CRM still holds of ours on a lead that is erased here: told with what to do, or cleared when asked."""

from collections.abc import Mapping as Dict
from collections.abc import Sequence
from dataclasses import dataclass, field

from connector.crm import Outcome, Written
from connector.errors import ConnectorError
from mappings.file.load import Mapping
from tasks.cli.endings import concerning
from tasks.screens import counted, note, say, verbatim
from tasks.verbs import in_crm
from tasks.verbs.in_crm import Standing
from tasks.wiring import Wiring

GONE = (Outcome.DELETED, Outcome.MERGED)
PARKED = "no API calls are left today: run the command again tomorrow"
LEFT = "the CRM lets nobody change it any more (a converted lead): clear it there by hand, if that can be"


@dataclass(frozen=True, slots=True)
class Cleared:
    """What became of the leads whose fields were emptied, and of the companies that named one of them, by id."""

    leads: Dict[str, Written] = field(default_factory=dict)
    companies: Dict[str, Written] = field(default_factory=dict)

    @property
    def is_all(self) -> bool:
        """Whether the CRM holds nothing of ours on these leads any more, nor names them on a company."""
        return is_clear(self.leads) and is_clear(self.companies)


def clear(wiring: Wiring, mapping: Mapping, connection: str, leads: Sequence[str]) -> Cleared:
    """Empty our fields on these leads in the CRM, and what names them on companies; returns what became of each.

    When the CRM does not answer, nobody is erased yet, which is said.
    """
    try:
        with concerning(connection), wiring.crm(connection) as crm:
            done = in_crm.clear(crm, mapping, leads)
            named = in_crm.clear_companies(crm, wiring.store, mapping, connection, leads)
            return Cleared({one.id: one for one in done}, {one.id: one for one in named})
    except ConnectorError:
        note("truegrade: nobody was erased yet. Without --clear-crm, `truegrade forget` erases here alone.")
        raise


def is_clear(cleared: Dict[str, Written]) -> bool:
    """Tell whether the CRM holds nothing in our fields of these records any more."""
    return all(one.outcome is Outcome.WRITTEN or one.outcome in GONE for one in cleared.values())


def show_companies(connection: str, naming: Dict[str, str], cleared: Cleared, *, is_given: bool) -> None:
    """Say which companies still name a lead that was erased, or that they do not any more.

    `naming`: the lead by the id of each company whose values named it. `is_given`: the mapping gives companies values,
    so that the next sync renews them.
    """
    if emptied := [one for one, done in cleared.companies.items() if is_clear({one: done})]:
        say(f"What named the erased as best lead is empty on {counted(len(emptied), 'company')} of {connection} now.")
    for one, done in cleared.companies.items():
        if one not in emptied:
            say(verbatim(f"{connection} still names the erased as best lead of company {one}: {_why(done)}"))
    for one, lead in naming.items():
        if one in cleared.companies:
            continue
        until = f"until the next `truegrade sync {connection}`" if is_given else "and nothing renews it"
        fix = f"`truegrade forget {connection} --lead {lead} --clear-crm --yes` empties that now"
        say(verbatim(f"Company {one} of {connection} still names {lead} as its best lead {until}: {fix}."))


def show(connection: str, lead: str, standing: Standing, cleared: Written | None) -> None:
    """Say what the CRM holds of ours on a lead, or that it was cleared, or why not."""
    if cleared is not None and is_clear({lead: cleared}):
        say(f"Our fields of {verbatim(lead)} are empty in {connection} now, or its record is gone there.")
    elif cleared is not None:
        say(verbatim(f"{connection} did not clear our fields of {lead}: {_why(cleared)}"))
    elif standing.own:
        named = f"{standing.own[0]} and {counted(len(standing.own) - 1, 'field')} more"
        fix = f"`truegrade forget {connection} --lead {lead} --clear-crm --yes`"
        say(
            verbatim(
                f"The CRM still holds the last score of {lead} ({named}), and nobody renews it: clear it with {fix}."
            )
        )
    if standing.others:
        told = f"Enriched values that we wrote still stand in {', '.join(standing.others)} of {lead}"
        say(verbatim(f"{told}: whoever keeps the record decides, in the CRM."))


def _why(cleared: Written) -> str:
    match cleared.outcome:
        case Outcome.PARKED:
            return PARKED
        case Outcome.CONVERTED:
            return LEFT
        case _:
            return f"{cleared.code}: {cleared.message}. Mend that, and run the command again."
