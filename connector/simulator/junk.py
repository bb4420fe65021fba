"""Made-up junk: leads that were typed in to get past a form, and machines that open and click whatever they are sent.

Five signs. Some leads of real people have one of them too: an office's address, a number that was not meant to be rung.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from connector.simulator.draw import Bools, Ints, indexes, picked

SIGNS = ("name", "address", "phone", "copied", "bot")
NAMES = (
    "asdf", "qwer", "qwerty", "asdfgh", "sdfg", "hjkl", "zxcv", "zxcvbn", "xxx", "test", "tester", "dfgdfg", "sdfsdf",
    "xcvb", "lkjh", "hgfd", "bnmv", "fake",
)  # fmt: skip
DISPOSABLE = (
    "mailinator.com", "guerrillamail.com", "10minutemail.com", "trashmail.com", "yopmail.com", "sharklasers.com",
    "maildrop.cc", "getnada.com",
)  # fmt: skip
ROLES = ("info", "office", "sales", "contact", "admin", "support")
PHONES = ("0000000", "1111111", "1234567890", "555-0123", "+1 212 555 0123", "(555) 555-0147", "999999999")
_FILLED_BY = ("Web", "Other")  # sources with a form; a lead without a source has one, too
_JUNK_SHARE = 0.14  # of those: some 8 % of all leads
_ODD_SHARE = 0.03  # of all leads: real people with one sign
_HOW_MANY = (15, 45, 40)  # one sign, two, three
_DISPOSABLE_SHARE = 0.75


@dataclass(frozen=True, slots=True)
class Junk:
    """Which signs each lead has, in the order of SIGNS: a matrix of one row per lead."""

    signs: Bools

    @property
    def bots(self) -> Bools:
        """Tell whose e-mails a machine opens."""
        return self.signs[:, SIGNS.index("bot")]

    @property
    def how_many(self) -> Ints:
        """Count each lead's signs."""
        return np.asarray(self.signs.sum(axis=1), dtype=np.int64)


def draw(rng: np.random.Generator, leads: pl.DataFrame) -> Junk:
    """Choose the junk among leads that came by a form. A bounced address belongs to no machine."""
    count = leads.height
    by_form = (leads["source"].is_in(_FILLED_BY) | leads["source"].is_null()).to_numpy()
    is_junk = by_form & (rng.random(count) < _JUNK_SHARE)
    is_odd = rng.random(count) < _ODD_SHARE
    many = np.where(is_junk, 1 + indexes(rng, count, _HOW_MANY), is_odd)
    order = rng.random((count, len(SIGNS))).argsort(axis=1).argsort(axis=1)
    signs = order < many[:, None]
    signs[:, SIGNS.index("bot")] &= ~leads["email_bounced"].to_numpy()
    return Junk(signs)


def typed(rng: np.random.Generator, leads: pl.DataFrame, junk: Junk) -> pl.DataFrame:
    """Give the leads with what was typed into the form: names, addresses, phones and companies that are none."""
    has = {sign: pl.Series(junk.signs[:, place]) for place, sign in enumerate(SIGNS)}
    count = leads.height
    first, last = (
        picked(NAMES, rng.integers(0, len(NAMES), count)).zip_with(has["name"], leads[column])
        for column in ("first_name", "last_name")
    )
    phone = picked(PHONES, rng.integers(0, len(PHONES), count)).zip_with(has["phone"], leads["phone"])
    return leads.with_columns(
        last.zip_with(has["copied"], first).alias("first_name"),
        last.alias("last_name"),
        last.zip_with(has["copied"], leads["company_name"]).alias("company_name"),
        phone.alias("phone"),
        _addresses(rng, leads).zip_with(has["address"], leads["email"]).alias("email"),
    )


def clicked(rng: np.random.Generator, leads: pl.DataFrame, junk: Junk) -> pl.DataFrame:
    """Give the leads with what machines did: they follow both links of every e-mail, and visit nothing."""
    bots, sent = pl.Series(junk.bots), pl.Series(rng.integers(2, 6, leads.height))
    counted = {"emails_delivered": sent, "emails_opened": sent, "emails_clicked": 2 * sent, "emails_replied": 0 * sent}
    counted |= dict.fromkeys(("page_views", "visits", "form_submissions"), 0 * sent)
    return leads.with_columns(made.zip_with(bots, leads[name]).alias(name) for name, made in counted.items())


def _addresses(rng: np.random.Generator, leads: pl.DataFrame) -> pl.Series:
    """Make a throw-away address, or an office's where the lead has one of its company; numbered, so all differ."""
    count = leads.height
    number = pl.Series(np.arange(count)).cast(pl.String)
    thrown = picked(NAMES, rng.integers(0, len(NAMES), count)) + number + "@"
    thrown += picked(DISPOSABLE, rng.integers(0, len(DISPOSABLE), count))
    site = leads["website"]
    office = picked(ROLES, rng.integers(0, len(ROLES), count)) + number + "@" + site.fill_null("")
    is_thrown = pl.Series(rng.random(count) < _DISPOSABLE_SHARE) | site.is_null()
    return thrown.zip_with(is_thrown, office)
