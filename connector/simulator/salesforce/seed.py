"""From a neutral world to the org's records."""

from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

from connector.crm import Kind
from connector.simulator.happenings import Happenings
from connector.simulator.salesforce import describe, ids
from connector.simulator.salesforce.auth import USERNAMES
from connector.simulator.salesforce.families import Families
from connector.simulator.salesforce.pursuits import ROLE, Pursued
from connector.simulator.salesforce.state import State, stamp
from connector.simulator.tables import api_name
from connector.simulator.world import World

STATUS = {
    "new": "Open - Not Contacted", "working": "Working - Contacted", "converted": "Closed - Converted",
    "disqualified": "Closed - Not Converted",
}  # fmt: skip
KINDS = {
    Kind.NUMBER: "double", Kind.BOOLEAN: "boolean", Kind.DATE: "date", Kind.INSTANT: "datetime", Kind.OPTION: "string",
    Kind.TEXT: "string", Kind.OPTIONS: "string", Kind.REFERENCE: "string",
}  # fmt: skip
NATIVE = KINDS | {Kind.OPTION: "picklist", Kind.OPTIONS: "multipicklist"}
CHUNK = 20_000


def load(state: State, world: World) -> list[str]:
    """Fill the org; returns the ids of the leads, then those of pursued deals, in the order of the world's truth."""
    for user, username in USERNAMES.items():
        state.users[user] = ids.make("User", state.next("User"))
        _put(
            state,
            "User",
            [
                _system(state.users[user], world.now, world.now)
                | {"Username": username, "Name": user, "Email": username, "IsActive": 1}
            ],
        )
    _put(
        state,
        "Organization",
        [_system("00D5g00000Sim1EAA", world.now, world.now) | {"Name": "Simulated", "IsSandbox": 0}],
    )
    customs = _custom_fields(state, world)
    state.granted |= {("Site_Visit__c", name) for name in state.fields("Site_Visit__c")}
    accounts = {
        row["key"]: ids.make("Account", state.next("Account"))
        for row in world.companies.select("key").iter_rows(named=True)
    }
    deals = {
        row["key"]: ids.make("Opportunity", state.next("Opportunity"))
        for row in world.deals.select("key").iter_rows(named=True)
    }
    leads = [ids.make("Lead", state.next("Lead")) for _ in range(world.leads.height)]
    by_key = dict(zip(world.leads["key"].to_list(), leads, strict=True))
    more = None if world.happenings is None else Families(state, world, by_key, accounts)
    _fill(state, "Account", world.companies, lambda row: _account(row, accounts) | (more.account(row) if more else {}))
    _fill_deals(state, world, deals, accounts)
    _fill(
        state,
        "Lead",
        world.leads,
        lambda row: _lead(state, row, by_key, deals, accounts, customs) | (more.lead(row) if more else {}),
    )
    _fill(state, "CampaignMember", world.responses, lambda row: _member(state, row, by_key))
    if more is not None and world.happenings is not None:
        _fill_happenings(state, world.happenings, more)
    return leads + ([] if world.pursuits is None else [deals[key] for key in world.pursuits.truth["deal_key"]])


def _fill_deals(state: State, world: World, deals: dict[int, str], accounts: dict[int, str]) -> None:
    """Keep the deals, and what is known of their days."""
    told = world.pursuits
    if told is None:
        _fill(state, "Opportunity", world.deals, lambda row: _opportunity(row, deals, accounts))
        return
    more = Pursued(state, told, deals, accounts)
    _fill(state, "Opportunity", world.deals, lambda row: _opportunity(row, deals, accounts) | more.opportunity(row))
    _fill(state, "OpportunityHistory", told.moves, more.state)
    pursued = world.deals.filter(pl.col("lead_key").is_null())
    _fill(state, "Contact", pursued, more.contact)
    _fill(state, ROLE, pursued, more.role)
    _fill(state, "Task", told.actions.filter(pl.col("kind") == "call"), more.call)
    _fill(state, "Event", told.actions.filter(pl.col("kind") == "meeting"), more.meeting)


def _fill_happenings(state: State, happenings: Happenings, more: Families) -> None:
    """Keep what leads did, and the contacts that have the activities of those that were converted."""
    _fill(state, "Contact", more.converted, more.contact)
    _fill(state, "Task", happenings.mails, more.mail)
    _fill(state, "Task", happenings.calls, more.call)
    _fill(state, "Event", happenings.meetings, more.meeting)
    _fill(state, "Site_Visit__c", happenings.visits, more.visit)
    _fill(state, "Social_Touch__c", happenings.touches, more.touch)


def _custom_fields(state: State, world: World) -> dict[str, str]:
    names = {}
    for custom in world.custom:
        name = f"{api_name(custom.name)}__c"
        kind = (NATIVE if custom.native else KINDS)[custom.kind]
        sizes: dict[str, Any] = {"length": 255} if KINDS[custom.kind] == "string" else {"precision": 18, "scale": 6}
        if kind in {"picklist", "multipicklist"}:
            sizes["picklistValues"] = [_picked(option) for option in custom.options]
        state.add_column("Lead", describe.field(name, kind, label=custom.label[:40], **sizes))
        state.granted.add(("Lead", name))
        names[custom.name] = name
    return names


def _fill(state: State, sobject: str, frame: pl.DataFrame, make: Any) -> None:
    for start in range(0, frame.height, CHUNK):
        _put(state, sobject, [make(row) for row in frame[start : start + CHUNK].iter_rows(named=True)])


def _put(state: State, sobject: str, made: list[dict[str, Any]]) -> None:
    if not made:
        return
    names = list(made[0])
    columns = ", ".join(f'"{name}"' for name in names)
    state.db.execute("BEGIN")
    state.db.executemany(
        f'INSERT INTO "{sobject}" ({columns}) VALUES ({", ".join("?" * len(names))})',
        [tuple(row[name] for name in names) for row in made],
    )
    state.db.execute("COMMIT")


def _system(record: str, created: datetime, updated: datetime) -> dict[str, Any]:
    at = stamp(updated)
    return {"Id": record, "IsDeleted": 0, "CreatedDate": stamp(created), "LastModifiedDate": at, "SystemModstamp": at}


def _account(row: dict[str, Any], accounts: dict[int, str]) -> dict[str, Any]:
    return _system(accounts[row["key"]], row["created_at"], row["updated_at"]) | {
        "Name": row["name"], "Website": f"https://www.{row['domain']}", "Industry": row["industry"],
        "NumberOfEmployees": row["employees"], "AnnualRevenue": row["annual_revenue"], "BillingCountry": row["country"],
        "BillingState": row["state"], "BillingCity": row["city"], "Type": str(row["type"] or "").capitalize() or None,
    }  # fmt: skip


STAGES = {"won": ("Closed Won", 1, 1), "lost": ("Closed Lost", 1, 0), "open": ("Qualification", 0, 0)}


def _opportunity(row: dict[str, Any], deals: dict[int, str], accounts: dict[int, str]) -> dict[str, Any]:
    stage, closed, won = STAGES[row["stage"]]
    ends = row["closed_at"] or row["created_at"] + timedelta(days=60)
    return _system(deals[row["key"]], row["created_at"], row["closed_at"] or row["created_at"]) | {
        "Name": row["name"], "AccountId": accounts.get(row["company_key"]), "Amount": row["amount"], "StageName": stage,
        "IsClosed": closed, "IsWon": won, "CloseDate": ends.strftime("%Y-%m-%d"),
    }  # fmt: skip


def _lead(
    state: State, row: dict[str, Any], leads: dict[int, str], deals: dict[int, str], accounts: dict[int, str],
    customs: dict[str, str],
) -> dict[str, Any]:  # fmt: skip
    converted = row["converted_at"]
    return (
        _system(leads[row["key"]], row["created_at"], row["updated_at"])
        | {
            "FirstName": row["first_name"], "LastName": row["last_name"] or "Unknown", "Email": row["email"],
            "Title": row["title"], "Phone": row["phone"], "Company": row["company_name"] or "Unknown",
            "Website": row["website"], "Country": row["country"], "State": row["state"], "City": row["city"],
            "Industry": row["industry"], "NumberOfEmployees": row["employees"], "AnnualRevenue": row["annual_revenue"],
            "LeadSource": row["source"], "Rating": row["rating"], "Status": STATUS[row["status"]],
            "EmailBouncedDate": stamp(row["created_at"]) if row["email_bounced"] else None,
            "IsConverted": int(converted is not None),
            "ConvertedDate": converted.strftime("%Y-%m-%d") if converted else None,
            "ConvertedOpportunityId": deals.get(row["deal_key"]) if converted else None,
            "ConvertedAccountId": accounts.get(row["company_key"]) if converted else None,
            "OwnerId": state.users["rep"],
        }
        | {name: _custom(row[column]) for column, name in customs.items()}
    )  # fmt: skip


def _picked(option: str) -> dict[str, Any]:
    return {"value": option, "label": option, "active": True, "defaultValue": False, "validFor": None}


def _custom(value: Any) -> Any:
    match value:
        case bool():
            return int(value)
        case datetime():
            return stamp(value)
        case date():
            return value.isoformat()
        case _:
            return value


def _member(state: State, row: dict[str, Any], leads: dict[int, str]) -> dict[str, Any]:
    record = ids.make("CampaignMember", state.next("CampaignMember"))
    return _system(record, row["created_at"], row["created_at"]) | {
        "CampaignId": ids.make("Campaign", 1), "LeadId": leads[row["lead_key"]], "Status": row["status"],
        "HasResponded": int(bool(row["responded"])),
        "FirstRespondedDate": row["created_at"].strftime("%Y-%m-%d") if row["responded"] else None,
    }  # fmt: skip
