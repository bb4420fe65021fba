"""The section handover of a mapping file: whom to tell of newly hot leads, by explicit opt-in.

A webhook gets ids and our own values, and what fields the file names beside. Nothing else is handed over: owners,
queues and tasks are the CRM's to change, by automation of its own that looks at our route field.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from mappings import words
from mappings.file.problems import nearest
from mappings.file.reader import Reader
from mappings.file.yamlfile import Block
from mappings.outputs import GRADES

WHERE = "handover.webhook"
REFERENCE = re.compile(r"(env|file):.+")
LOOPBACK = ("localhost", "127.0.0.1", "::1")
NEW_WITHIN_DAYS = 1
OURS_NEVER = {
    "owner": "an owner",
    "queue": "a queue",
    "task": "a task",
    "assign": "an owner",
    "assignment": "an owner",
}
INSTEAD = {
    "salesforce": "let a Flow or an assignment rule of Salesforce do it when our route field changes",
    "hubspot": "let a workflow of HubSpot do it when our route property changes",
}


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where newly hot leads are told, and how.

    `url` is an address, or names one as env:NAME or file:PATH; `secret` always names one. A lead is hot with one of
    `grades`. `fields` are the lead's own fields that are told. A lead's first score is news only within so many days
    of the lead's creation, so that the first load of an org tells nobody of all its leads.
    """

    url: str
    secret: str
    grades: tuple[str, ...]
    fields: tuple[str, ...] = ()
    new_within_days: int = NEW_WITHIN_DAYS


@dataclass(frozen=True, slots=True)
class Handover:
    """What is handed over: nothing, unless the file says so."""

    webhook: Webhook | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        """Name the lead's own fields that are told."""
        return self.webhook.fields if self.webhook else ()


NO_HANDOVER = Handover()


def read_handover(reader: Reader, mapping: Block, crm: str) -> Handover:
    """Read the section; without it, nothing is handed over."""
    if "handover" not in mapping.values:
        return NO_HANDOVER
    block = reader.block(mapping, "handover", "the mapping")
    for key in [key for key in OURS_NEVER if key in block.values]:
        message = f"handover cannot set {OURS_NEVER[key]}: Truegrade writes its own fields alone"
        reader.wrong(block.lines[key], message, INSTEAD.get(crm, "let the CRM's own automation do it"))
    reader.keys(block, (*words.HANDOVER_KEYS, *(OURS_NEVER.keys() & block.values.keys())), "handover")
    return Handover(_webhook(reader, block)) if "webhook" in block.values else NO_HANDOVER


def may_be_sent_to(url: str) -> bool:
    """Whether an address may be told of leads: https, or plain http to this machine alone."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK))


def _webhook(reader: Reader, handover: Block) -> Webhook:
    block = reader.block(handover, "webhook", "handover")
    reader.keys(block, words.WEBHOOK_KEYS, WHERE)
    url, secret = reader.text(block, "url", WHERE), reader.text(block, "secret", WHERE)
    if url and not REFERENCE.fullmatch(url) and not may_be_sent_to(url):
        reader.wrong(block.lines["url"], f"url of {WHERE} is no https:// address", "write one, or env:NAME of one")
    if secret and not REFERENCE.fullmatch(secret):
        message = f"secret of {WHERE} must say where the secret is, and not be the secret itself"
        reader.wrong(block.lines["secret"], message, "write env:NAME or file:PATH")
    days = reader.days(block, "new_within_days", WHERE) if "new_within_days" in block.values else NEW_WITHIN_DAYS
    return Webhook(url, secret, _grades(reader, block), reader.texts(block, "fields", WHERE, needed=False), days)


def _grades(reader: Reader, block: Block) -> tuple[str, ...]:
    given = reader.texts(block, "grades", WHERE) if "grades" in block.values else GRADES[:1]
    for grade in given:
        if grade not in GRADES:
            reader.wrong(block.lines["grades"], f"grades of {WHERE} lists {grade}", nearest(grade, GRADES))
    return tuple(dict.fromkeys(given))
