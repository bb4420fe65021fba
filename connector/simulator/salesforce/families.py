"""What an org shows of a world with happenings: tasks, events, visits, social touches, and more about accounts.

- Task and Event are standard. E-mails stand there as a tool logs them that syncs with Salesforce: completed tasks of
  subtype Email whose subject says what happened (assumed: each tool has its own words). Calls are logged by reps.
- Conversion gives a lead's tasks and events to its contact (assumed: no document says so); CampaignMember, and objects
  of the customer's own, keep the lead.
- A standard org shows nothing of a lead's social engagement: SocialPersona is the profile of a contact, and comes with
  Social Customer Service ("Object reference, SocialPersona"). So there is an object of the customer's own.
- HasOptedOutOfEmail is a standard field of Lead ("Object reference, Lead") that the recorded describe lacks.
"""

from datetime import datetime, timedelta
from typing import Any

import polars as pl

from connector.simulator.salesforce import describe, ids
from connector.simulator.salesforce.state import State, stamp
from connector.simulator.world import World

SUBJECTS = {"sent": "Email sent", "opened": "Email opened", "clicked": "Email clicked", "reply": "Email reply"}
ARCHIVED_AFTER = timedelta(days=365)  # "Salesforce help, Archived Activities"
SOCIAL_TOUCH = {"Lead__c": "reference", "Touched_At__c": "datetime", "Network__c": "picklist", "Kind__c": "picklist"}

Row = dict[str, Any]


class Families:
    """Makes the records of a world with happenings, for an org that knows the world's leads and accounts by key."""

    def __init__(self, state: State, world: World, leads: dict[int, str], accounts: dict[int, str]) -> None:
        """Give the org the objects and fields that only such a world fills; all users see them."""
        self._state, self._leads, self._accounts, self._now = state, leads, accounts, world.now
        state.add_column("Lead", describe.field("HasOptedOutOfEmail", "boolean", label="Email Opt Out"))
        state.add_object(describe.assumed("Social_Touch__c", SOCIAL_TOUCH))
        state.granted |= {("Social_Touch__c", name) for name in SOCIAL_TOUCH}
        self.converted = world.leads.filter(pl.col("converted_at").is_not_null())
        self._contacts = {key: ids.make("Contact", state.next("Contact")) for key in self.converted["key"]}
        self._moved: dict[int, datetime] = dict(self.converted.select("key", "converted_at").iter_rows())

    def lead(self, row: Row) -> Row:
        """Give a lead's fields beyond those of every world."""
        return {
            "HasOptedOutOfEmail": int(row["opted_out"]),
            "ConvertedContactId": self._contacts.get(row["key"]),
        }

    def account(self, row: Row) -> Row:
        """Give an account's fields beyond those of every world."""
        return {
            "YearStarted": None if row["founded"] is None else str(row["founded"]),
            "Ownership": row["ownership"],
            "ParentId": self._accounts.get(row["parent_key"]),
        }

    def contact(self, row: Row) -> Row:
        """Give the contact that a conversion made of a lead."""
        return _system(self._contacts[row["key"]], row["converted_at"]) | {
            "FirstName": row["first_name"], "LastName": row["last_name"] or "Unknown", "Email": row["email"],
            "Title": row["title"], "Phone": row["phone"], "AccountId": self._accounts.get(row["company_key"]),
            "OwnerId": self._state.users["rep"],
        }  # fmt: skip

    def mail(self, row: Row) -> Row:
        """Log an e-mail's fate."""
        return self._task(row, "Email", SUBJECTS[row["kind"]], None, None)

    def call(self, row: Row) -> Row:
        """Log a call."""
        return self._task(row, "Call", "Call", "Inbound" if row["is_inbound"] else "Outbound", int(row["seconds"]))

    def meeting(self, row: Row) -> Row:
        """Log a meeting; it was made when it was held."""
        at, ends = row["at"], row["at"] + timedelta(minutes=row["minutes"])
        return self._activity("Event", row) | {
            "Subject": "Meeting", "ActivityDateTime": stamp(at), "StartDateTime": stamp(at), "EndDateTime": stamp(ends),
            "EndDate": f"{ends:%Y-%m-%d}", "DurationInMinutes": row["minutes"], "EventSubtype": "Event",
            "IsAllDayEvent": 0, "IsPrivate": 0, "IsChild": 0, "IsGroupEvent": 0, "IsRecurrence": 0, "IsReminderSet": 0,
        }  # fmt: skip

    def visit(self, row: Row) -> Row:
        """Log a visit."""
        return self._own("Site_Visit__c", row) | {
            "Visited_At__c": stamp(row["at"]), "Page__c": row["page"], "Seconds__c": row["seconds"],
        }  # fmt: skip

    def touch(self, row: Row) -> Row:
        """Log a social touch."""
        return self._own("Social_Touch__c", row) | {
            "Touched_At__c": stamp(row["at"]), "Network__c": row["network"], "Kind__c": row["kind"],
        }  # fmt: skip

    def _task(self, row: Row, subtype: str, subject: str, call: str | None, seconds: int | None) -> Row:
        return self._activity("Task", row) | {
            "Subject": subject, "Status": "Completed", "IsClosed": 1, "Priority": "Normal", "TaskSubtype": subtype,
            "CompletedDateTime": stamp(row["at"]), "CallType": call, "CallDurationInSeconds": seconds,
        }  # fmt: skip

    def _activity(self, sobject: str, row: Row) -> Row:
        lead, at = row["lead_key"], row["at"]
        record = ids.make(sobject, self._state.next(sobject))
        return _system(record, at, max(at, self._moved.get(lead, at))) | {
            "WhoId": self._contacts.get(lead) or self._leads[lead], "ActivityDate": f"{at:%Y-%m-%d}",
            "IsArchived": int(at < self._now - ARCHIVED_AFTER),
        }  # fmt: skip

    def _own(self, sobject: str, row: Row) -> Row:
        record = ids.make(sobject, self._state.next(sobject))
        return _system(record, row["at"]) | {"Lead__c": self._leads[row["lead_key"]]}


def _system(record: str, created: datetime, updated: datetime | None = None) -> Row:
    at = stamp(updated or created)
    return {"Id": record, "IsDeleted": 0, "CreatedDate": stamp(created), "LastModifiedDate": at, "SystemModstamp": at}
