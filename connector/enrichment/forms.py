"""Signs that nobody meant the form: fields copied from each other, names and numbers that are none."""

from connector.enrichment import mail, names, phones

LEAST_COPIED = 3  # signs; shorter values are alike by chance


def signs(
    first_name: str | None, last_name: str | None, company: str | None, email: str | None, phone: str | None
) -> tuple[str, ...]:
    """List the signs that a form was filled in to get past it, strongest first.

    "copied": the last name stands in another field, too; "phone": a number that nobody has; "name": a
    name that nobody has; "mail": a throw-away address.
    """
    found = {
        "copied": _is_copied(first_name, last_name, company),
        "phone": bool(phone) and phones.is_made_up(phone or ""),
        "name": any(name and names.is_gibberish(name) for name in (first_name, last_name)),
        "mail": bool(email) and mail.kind(email or "") == "disposable",
    }
    return tuple(sign for sign, is_there in found.items() if is_there)


def _is_copied(first_name: str | None, last_name: str | None, company: str | None) -> bool:
    first, last, firm = (names.plain((text or "").strip()) for text in (first_name, last_name, company))
    return len(last) >= LEAST_COPIED and last in (first, firm)
