"""What records that may be the same person or company have in common, and which of those that have it are the same.

A likeness is one thing that a record may share with others: its kind, a block (a hash of what is shared), and `told`,
what two records of one block are held against each other by. Only records of one block are ever compared, so the work
grows with the records and not with their square. Everything is columns; no record is looked at by itself.

A value that many share says nothing of one of them: a block of more than MOST_SHARING records (info@ of a reseller, the
number of a switchboard, a test address) is not used at all, nor is what people write who have no company or no name
(lexicon/nobody.yaml). A company's name says nothing of two who write from domains of different names, and one that goes
with MANY_SITES of them in a block is taken for another such word. Names are compared as they are typed: the same
letters, one keystroke apart, or one with its first name shortened to its first letter.
"""

import re
from collections.abc import Callable
from functools import cache
from hashlib import blake2b

import polars as pl

from connector.crm import Entity
from connector.enrichment.companies import LETTERS, legal_form, match_key
from mappings import lexicon
from mappings.duplicates import Telling
from mappings.frames.columns import completed
from mappings.links import domain_key
from mappings.matching.keystrokes import one_apart

MOST_SHARING = 40  # records of one block; of 40, 780 pairs are compared
LEAST_DIGITS, DIGITS = 7, 9  # the last nine digits are the same with and without country and trunk prefix
LONG_NAME = 8  # letters from which on a name may be mistyped by one keystroke, and still be the same
LONG_START = 4  # letters from which on one company's name may be the beginning of the other's
LONGEST_NAME = 60
MANY_SITES = 3  # of one company's name, from which on it is nobody's: "Consulting"
AT = " @"  # between a person's name and the name of the domain beside it; neither has such a sign

EMAIL, PHONE = "e-mail", "phone and name"
NAME_AT_SITE, NAME_AT_COMPANY = "name and web domain", "name and company"
SITE, COMPANY_NAME, COMPANY_PHONE = "web domain", "company name", "phone and company name"
STRONG = frozenset({EMAIL, SITE})  # what says by itself who somebody is
LIKENESS = {"id": pl.String, "kind": pl.String, "block": pl.String, "told": pl.String}

# Addresses that belong to nobody in particular: RFC 2142, and what web sites of small firms use.
ROLES = frozenset(
    {
        "info", "sales", "contact", "hello", "office", "mail", "support", "admin", "marketing", "service", "team",
        "kontakt", "buero", "vertrieb", "contacto", "ventas", "noreply", "no-reply", "webmaster", "postmaster", "abuse",
        "billing", "accounts", "accounting", "hr", "jobs", "enquiries", "inquiries", "purchasing", "einkauf", "test",
    }
)  # fmt: skip
GOOGLE = ("gmail.com", "googlemail.com")  # one mailbox, with and without dots: support.google.com/mail/answer/7436150
NO_PHONE = tuple(str(digit) * length for digit in range(10) for length in range(LEAST_DIGITS, DIGITS + 1))
NUMBERED_TEST = re.compile(r"test\d+")
TITLES = r"^(?:(?:dr|prof|mr|mrs|ms|herr|frau|sir|ing|dipl)\b\s*)+"


def likenesses(telling: Telling, entity: Entity, records: pl.DataFrame) -> pl.DataFrame:
    """Make the likenesses of records: columns id, kind, block, told, each (id, kind, block) once, in order."""
    frame = completed(records, telling.fields)
    found = _of_leads(telling, frame) if entity is Entity.LEAD else _of_companies(telling, frame)
    rows = pl.concat([pl.DataFrame(schema=LIKENESS), *found]).drop_nulls(["block"])
    hashed = [_hash(kind, block) for kind, block in rows.select("kind", "block").iter_rows()]
    return rows.with_columns(pl.Series("block", hashed, dtype=pl.String)).unique(
        ["id", "kind", "block"], keep="first", maintain_order=True
    )


def pairs(found: pl.DataFrame) -> pl.DataFrame:
    """Tell which are the same: columns one, other (one < other) and kind.

    `found` has the columns member, kind, block and told, and all the members of each block.
    """
    shared = found.filter(pl.len().over("kind", "block").is_between(2, MOST_SHARING))
    shared = shared.filter((pl.col("kind") != NAME_AT_COMPANY) | (_sites().over("kind", "block") < MANY_SITES))
    both = shared.join(shared, on=["kind", "block"], suffix="_other").filter(pl.col("member") < pl.col("member_other"))
    return (
        both.filter(_alike(both))
        .select(one="member", other="member_other", kind="kind")
        .unique()
        .sort("one", "other", "kind")
    )


def _of_leads(telling: Telling, frame: pl.DataFrame) -> list[pl.DataFrame]:
    frame = frame.select(
        "id",
        *(pl.col(name).alias(name) for name in telling.fields if name != "id"),
        folded(telling.name).alias("__name"),
    ).with_columns(_initials().alias("__initials"))
    hosts = [
        frame.select("id", "__name", "__initials", __key=_keyed(frame[name], domain_key))
        for name in (*telling.email, *telling.website)
    ]
    own = _site_name(frame, tuple(dict.fromkeys((*telling.email, *telling.website))))
    beside = pl.concat_str(["__name", pl.lit(AT), own.fill_null("")])
    firms = [
        frame.select("id", "__initials", __key=_keyed(frame[name], firm_key), __name=beside) for name in telling.company
    ]
    at = pl.col("__key") + " " + pl.col("__initials")
    return [
        *(_rows(frame, EMAIL, mailbox(name)) for name in telling.email),
        *(_rows(frame, PHONE, number(name), "__name") for name in telling.phone),
        *(_rows(one, NAME_AT_SITE, at, "__name") for one in hosts),
        *(_rows(one, NAME_AT_COMPANY, at, "__name") for one in firms),
    ]


def _site_name(frame: pl.DataFrame, fields: tuple[str, ...]) -> pl.Series:
    """Name the domain of the first address that has one of its own: acme of acme.co.uk; null for free mail."""
    if not fields:
        return pl.Series([None] * frame.height, dtype=pl.String)
    keys = frame.select(_keyed(frame[name], domain_key).alias(name) for name in fields)
    return keys.select(pl.coalesce(*fields).str.split(".").list.first().alias("own"))["own"]


def _of_companies(telling: Telling, frame: pl.DataFrame) -> list[pl.DataFrame]:
    names = [_keyed(frame[name], firm_key) for name in telling.name]
    sites = [_keyed(frame[name], domain_key) for name in telling.website]
    nothing = pl.Series([None] * frame.height, dtype=pl.String)
    keys = pl.DataFrame({"id": frame["id"], "__firm": (names or [nothing])[0], "__site": (sites or [nothing])[0]})
    keys = keys.with_columns(pl.col("__site").str.split(".").list.first().fill_null("").alias("__label"))
    frame = frame.hstack(keys.drop("id"))
    return [
        _rows(frame, SITE, pl.col("__site")),
        _rows(frame, COMPANY_NAME, pl.col("__firm"), "__label"),
        *(
            _rows(frame.filter(pl.col("__firm").is_not_null()), COMPANY_PHONE, number(name), "__firm")
            for name in telling.phone
        ),
    ]


def _rows(frame: pl.DataFrame, kind: str, block: pl.Expr, told: str | None = None) -> pl.DataFrame:
    beside = pl.col(told) if told else pl.lit("")
    return frame.select("id", kind=pl.lit(kind), block=block, told=beside.fill_null(""))


def mailbox(name: str) -> pl.Expr:
    """Write an e-mail address as its mailbox is known: without tag, and for Google without dots; null for none.

    An address of a role is nobody's.
    """
    text = pl.col(name).str.strip_chars().str.to_lowercase()
    is_one = text.str.contains(r"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$")
    local = text.str.extract(r"^([^@+]+)", 1)
    host = text.str.extract(r"@([^@]+)$", 1)
    google = host.is_in(list(GOOGLE))
    box = pl.when(google).then(local.str.replace_all(".", "", literal=True)).otherwise(local)
    at = pl.when(google).then(pl.lit(GOOGLE[0])).otherwise(host)
    return pl.when(is_one & ~local.is_in(list(ROLES)) & (box != "")).then(box + "@" + at)


def number(name: str) -> pl.Expr:
    """Write a phone number by its last digits, without an extension; null for one that is too short or made up."""
    plain = pl.col(name).str.to_lowercase().str.replace(r"(?:ext|x|#|;).*$", "").str.replace(r"\(0\)", "")
    digits = plain.str.replace_all(r"\D", "").str.tail(DIGITS)
    return pl.when((digits.str.len_chars() >= LEAST_DIGITS) & ~digits.is_in(list(NO_PHONE))).then(digits)


def folded(names: tuple[str, ...]) -> pl.Expr:
    """Write a person's name in lower case, without accents, titles and signs; null where nothing is left."""
    if not names:
        return pl.lit(None, dtype=pl.String)
    text = pl.concat_str([pl.col(name) for name in names], separator=" ", ignore_nulls=True).str.to_lowercase()
    letters = {chr(letter): plain for letter, plain in LETTERS.items()}
    plain = text.str.replace_many(list(letters), list(map(str, letters.values()))).str.normalize("NFKD")
    spaced = plain.str.replace_all(r"[-_/,.]", " ").str.replace_all(r"[^\p{L} ]", "")
    name = spaced.str.replace_all(r"\s+", " ").str.strip_chars().str.replace(TITLES, "").str.head(LONGEST_NAME)
    is_nobody = name.str.split(" ").list.eval(pl.element().is_in(_nobody())).list.all()
    return pl.when((name != "") & ~is_nobody).then(name)


def firm_key(name: str) -> str | None:
    """Give the match key of a company's name; None for what people write who have no company."""
    key = match_key(name)
    return None if key is None or _is_no_company(name, key) else key


def _is_no_company(name: str, key: str) -> bool:
    words = name.lower().split()
    once = match_key(words[0]) if len(words) > 1 and len(set(words)) == 1 else key
    if once in _no_companies("companies") or NUMBERED_TEST.fullmatch(key):
        return True
    return once in _no_companies("alone") and legal_form(name) is None and words[0] != "the"


@cache
def _no_companies(how: str) -> frozenset[str]:
    return frozenset(key for text in lexicon.nobody(how) if (key := match_key(text)) is not None)


@cache
def _nobody() -> list[str]:
    return [key for text in lexicon.nobody("names") if (key := match_key(text)) is not None]


def _initials() -> pl.Expr:
    """Take the first letters of the first and the last name: nobody with one name alone is found by it."""
    words = pl.col("__name").str.split(" ")
    return pl.when(words.list.len() > 1).then(words.list.first().str.head(1) + words.list.last().str.head(1))


def _keyed(column: pl.Series, key: Callable[[str], str | None]) -> pl.Series:
    """Make the key of each value, each different value once."""
    values = column.drop_nulls().unique()
    keys = pl.DataFrame({"value": values, "key": pl.Series([key(value) for value in values], dtype=pl.String)})
    return column.to_frame("value").join(keys, on="value", how="left", maintain_order="left")["key"]


def _sites() -> pl.Expr:
    """Count the different names of domains that stand beside the names of people."""
    site = pl.col("told").str.split(AT).list.get(1, null_on_oob=True)
    return site.filter(site != "").n_unique()


def _alike(both: pl.DataFrame) -> pl.Series:
    """Tell which pairs of a block are the same."""
    sites = [pl.col(name).str.split(AT).list.get(1, null_on_oob=True).fill_null("") for name in ("told", "told_other")]
    apart = both.select((sites[0] != "") & (sites[1] != "") & (sites[0] != sites[1]) & ~_begins(*sites)).to_series()
    both = both.with_columns(pl.col("told", "told_other").str.split(AT).list.first())
    kind, one, other = pl.col("kind"), pl.col("told"), pl.col("told_other")
    told = both.select(
        always=kind.is_in(list(STRONG)),
        by_site=(kind == COMPANY_NAME) & ((one == "") | (other == "") | (one == other)),
        by_name=~kind.is_in([*STRONG, COMPANY_NAME]) & (one != "") & (other != ""),
        equal=one == other,
        shortened=(kind != COMPANY_PHONE) & _is_shortened(one, other),
        begun=(kind == COMPANY_PHONE) & _begins(one, other),
        near=(one.str.len_chars() >= LONG_NAME) & (other.str.len_chars() >= LONG_NAME) & (one != other),
    )
    near = told["by_name"] & told["near"]
    near = near & one_apart(both["told"], both["told_other"], where=near)
    named = told["by_name"] & (told["equal"] | told["shortened"] | told["begun"] | near)
    return (told["always"] | told["by_site"] | named) & ~apart


def _is_shortened(one: pl.Expr, other: pl.Expr) -> pl.Expr:
    """Tell "j smith" and "john smith"."""
    first = [name.str.extract(r"^(\S+) ", 1) for name in (one, other)]
    last = [name.str.extract(r" (\S+)$", 1) for name in (one, other)]
    is_short = pl.min_horizontal(first[0].str.len_chars(), first[1].str.len_chars()) == 1
    same = (first[0].str.head(1) == first[1].str.head(1)) & (last[0] == last[1])
    return (is_short & same).fill_null(value=False)


def _begins(one: pl.Expr, other: pl.Expr) -> pl.Expr:
    long_enough = pl.min_horizontal(one.str.len_chars(), other.str.len_chars()) >= LONG_START
    return long_enough & (one.str.starts_with(other) | other.str.starts_with(one))


def _hash(kind: str, block: str) -> str:
    return blake2b(f"{kind}\0{block}".encode(), digest_size=8).hexdigest()
