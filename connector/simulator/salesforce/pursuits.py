"""What an org shows of a world with pursuits: opportunities with their history, and calls and meetings for them."""

from datetime import timedelta
from typing import Any

import polars as pl

from connector.simulator.pursuits import Pursuits
from connector.simulator.salesforce import ids
from connector.simulator.salesforce.opportunities import HISTORY, STAGES, followed, state_row
from connector.simulator.salesforce.state import State, stamp

Row = dict[str, Any]

NAMES = (
    "Prospecting", "Needs Analysis", "Value Proposition", "Proposal/Price Quote", "Negotiation/Review", "Closed Won",
    "Closed Lost",
)  # fmt: skip
TYPES = {
    "new": "New Customer", "upgrade": "Existing Customer - Upgrade", "replacement": "Existing Customer - Replacement",
}  # fmt: skip
ROLE = "OpportunityContactRole"
TITLES = ("Head of Purchasing", "IT Manager", "Chief Financial Officer", "Engineer", None)


class Pursued:
    """Makes the records of pursuits, for an org that knows the world's deals by key."""

    def __init__(self, state: State, told: Pursuits, deals: dict[int, str], accounts: dict[int, str]) -> None:
        self._state, self._deals, self._accounts = state, deals, accounts
        self._contacts: dict[int, str] = {}
        last = told.moves.group_by("deal_key", maintain_order=True).last()
        staged = told.moves.filter(pl.col("stage") != pl.col("stage").shift(1).over("deal_key"))
        since = staged.group_by("deal_key", maintain_order=True).agg(staged_at=pl.col("at").last())
        own = told.deals.join(last, on="deal_key").join(since, on="deal_key", how="left")
        self._own = {row["deal_key"]: row for row in own.iter_rows(named=True)}
        self._states: dict[int, Row] = {}

    def opportunity(self, row: Row) -> Row:
        """Give a deal's fields beyond those of every world, and those that are others."""
        own = self._own[row["key"]]
        since, at = own["staged_at"], stamp(own["at"])
        return followed({}, {"StageName": NAMES[own["stage"]]}, stamp(since) if since else "") | {
            "Type": TYPES[own["type"]], "LeadSource": own["source"], "CloseDate": own["closes_on"].isoformat(),
            "LastStageChangeDate": stamp(since) if since else None, "LastModifiedDate": at, "SystemModstamp": at,
        }  # fmt: skip

    def state(self, row: Row) -> Row:
        """Give the row of OpportunityHistory of a move; moves come in order of deal and time."""
        key, name = row["deal_key"], NAMES[row["stage"]]
        held = {
            "StageName": name, "Amount": row["amount"], "Probability": STAGES[name][0],
            "CloseDate": row["closes_on"].isoformat(), "ForecastCategory": STAGES[name][1],
        }  # fmt: skip
        before, self._states[key] = self._states.get(key, {}), held
        record, at = ids.make(HISTORY, self._state.next(HISTORY)), stamp(row["at"])
        own = state_row(self._deals[key], {}, held) or {}
        earlier = {"PrevAmount": before.get("Amount"), "PrevCloseDate": before.get("CloseDate")}
        return {"Id": record, "IsDeleted": 0, "CreatedDate": at, "SystemModstamp": at} | own | earlier

    def contact(self, row: Row) -> Row:
        """Give the person whom one knows at a deal; row by row as the deals are."""
        key = row["key"]
        record = self._contacts[key] = ids.make("Contact", self._state.next("Contact"))
        at = stamp(row["created_at"])
        title = TITLES[key % len(TITLES)]
        return {
            "Id": record, "IsDeleted": 0, "CreatedDate": at, "LastModifiedDate": at, "SystemModstamp": at,
            "FirstName": "Kim", "LastName": f"Number {key}", "Title": title, "Email": f"kim{key}@buyer.example",
            "AccountId": self._accounts.get(row["company_key"]), "LeadSource": self._own[key]["source"],
        }  # fmt: skip

    def role(self, row: Row) -> Row:
        """Give the role of the deal's person."""
        record, at = ids.make(ROLE, self._state.next(ROLE)), stamp(row["created_at"])
        return {
            "Id": record, "IsDeleted": 0, "CreatedDate": at, "LastModifiedDate": at, "SystemModstamp": at,
            "OpportunityId": self._deals[row["key"]], "ContactId": self._contacts[row["key"]],
            "Role": "Decision Maker", "IsPrimary": 1,
        }  # fmt: skip

    def call(self, row: Row) -> Row:
        """Log a call."""
        return self._activity("Task", row) | {
            "Subject": "Call", "Status": "Completed", "IsClosed": 1, "Priority": "Normal", "TaskSubtype": "Call",
            "CallType": "Outbound", "CallDurationInSeconds": 300, "CompletedDateTime": stamp(row["at"]),
        }  # fmt: skip

    def meeting(self, row: Row) -> Row:
        """Log a meeting of an hour."""
        at, ends = row["at"], row["at"] + timedelta(hours=1)
        return self._activity("Event", row) | {
            "Subject": "Meeting", "ActivityDateTime": stamp(at), "StartDateTime": stamp(at), "EndDateTime": stamp(ends),
            "EndDate": f"{ends:%Y-%m-%d}", "DurationInMinutes": 60, "EventSubtype": "Event", "IsAllDayEvent": 0,
            "IsPrivate": 0, "IsChild": 0, "IsGroupEvent": 0, "IsRecurrence": 0, "IsReminderSet": 0,
        }  # fmt: skip

    def _activity(self, sobject: str, row: Row) -> Row:
        at = stamp(row["at"])
        return {
            "Id": ids.make(sobject, self._state.next(sobject)), "IsDeleted": 0, "CreatedDate": at,
            "LastModifiedDate": at, "SystemModstamp": at, "WhatId": self._deals[row["deal_key"]],
            "ActivityDate": f"{row['at']:%Y-%m-%d}", "IsArchived": 0,
        }  # fmt: skip
