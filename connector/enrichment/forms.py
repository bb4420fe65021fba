"""Signs that nobody meant the form: fields copied from each other, names and numbers that are none."""

from connector.enrichment import names

SIGNS = ("copied", "phone", "name", "mail")  # strongest first
LEAST_COPIED = 3  # signs; shorter values are alike by chance


def signs(
    first_name: str | None,
    last_name: str | None,
    company: str | None,
    mail_kind: str | None,
    is_phone_made_up: bool | None,
) -> tuple[str, ...]:
    """List the signs that a form was filled in to get past it, strongest first.

    "copied": the last name stands in another field, too; "phone": a number that nobody has; "name": a
    name that nobody has; "mail": a throw-away address. The last two parts are as `mail.kind` and `phones.is_made_up`
    tell them; None for what was left empty.
    """
    found = (
        _is_copied(first_name, last_name, company),
        is_phone_made_up,
        _is_nonsense(first_name) or _is_nonsense(last_name),
        mail_kind == "disposable",
    )
    return tuple([sign for sign, is_there in zip(SIGNS, found, strict=True) if is_there]) if any(found) else ()


def _is_nonsense(name: str | None) -> bool:
    return bool(name and names.is_gibberish(name))


def _is_copied(first_name: str | None, last_name: str | None, company: str | None) -> bool:
    last = names.plain((last_name or "").strip())
    return len(last) >= LEAST_COPIED and (_is_same(first_name, last) or _is_same(company, last))


def _is_same(text: str | None, last: str) -> bool:
    return text is not None and names.plain(text.strip()) == last
