"""The form in which an enriched value goes out to a field of the CRM's own: the very text that the CRM shows again.

Our own value has to be known when it comes back, so that nothing is left to the CRM to round, trim or rewrite.
"""

import math
from decimal import ROUND_HALF_UP, Context, Decimal

from connector.crm import Field, Kind
from mappings.file.writing_back import plain
from tasks.verbs.predicted import MISSING, NO_NUMBER, NUMBER, TOO_LARGE, Foreseen, Judge

LARGEST = 10**18  # both CRMs count in doubles, and Salesforce gives a field 18 digits at most
MOST_DECIMALS = 18
LONGEST = 40  # characters of a number that somebody can mean
ROUNDED = Context(prec=LONGEST, rounding=ROUND_HALF_UP)  # as Salesforce rounds


def outgoing(judge: Judge, name: str, value: str) -> str | Foreseen:
    """Write a value as the field shows it once it is written, or tell why it cannot go there.

    `name` is the field as the mapping spells it: one that the describe spells otherwise cannot be read by it, and what
    cannot be read before it is written is not written.
    """
    field, text = judge.field(name), plain(value)
    if field is None or not text:
        return judge({name: text}) or text
    if field.name != name:
        told = f"the CRM spells {name} as {field.name}: write it so in write_back of the mapping"
        return Foreseen(MISSING[judge.crm], name, told)
    if field.kind is Kind.NUMBER:
        number = _number(text, field)
        if isinstance(number, str):
            return judge({name: number}) or number
        return Foreseen(number[judge.crm], name, f"{name} holds numbers of up to 18 digits, and the value is none")
    return judge({name: text}) or text


def sendable(judge: Judge, name: str, text: str) -> str | int | float:
    """Give such a text as it is sent: a number where the field holds numbers."""
    field = judge.field(name)
    if field is None or field.kind is not Kind.NUMBER:
        return text
    return float(text) if "." in text else int(text)


def _number(text: str, field: Field) -> str | dict[str, str]:
    """Write a number as the connector writes those of the CRM, or give the codes with which CRMs refuse it."""
    if len(text) > LONGEST or not NUMBER.fullmatch(text):
        return NO_NUMBER
    number = float(text)
    if not math.isfinite(number) or abs(number) >= LARGEST:
        return TOO_LARGE
    decimals = MOST_DECIMALS if field.decimals is None else field.decimals
    exact = Decimal(repr(number)).quantize(Decimal(1).scaleb(-decimals), context=ROUNDED)
    return format(exact.normalize(ROUNDED), "f") if exact else "0"
