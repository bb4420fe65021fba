"""Leads of made-up people of whom some are there twice: as people and forms write the same person in different ways.

Names are as unevenly spread as in life, companies have switchboards, and forms are filled with role addresses, so that
strangers share names, numbers and addresses as well.
"""

import numpy as np
import polars as pl

FIELDS = ("email", "phone", "firstname", "lastname", "company", "website")
FIRST, LAST = 3_000, 60_000  # different names
TWICE = 0.05  # of the people
# How a second record differs from the first, and how often.
NOTHING = "nothing in common but the name"
WAYS = {
    "address written otherwise": 0.30,
    "other address, same phone": 0.25,
    "other address, same company": 0.20,
    "name mistyped, same phone": 0.10,
    "first name shortened, same company": 0.10,
    NOTHING: 0.05,  # nobody can find these, nor those who lack what would be shared
}
SYLLABLES = [start + vowel + end for start in "bdfgklmnprstv" for vowel in "aeiou" for end in ("", "l", "n", "r", "s")]


def people(number, seed):
    """Make so many people: a frame of their first records, with `person`."""
    rng = np.random.default_rng(seed)
    firm = (number // 3 * rng.random(number) ** 2).astype(int)  # a few large companies, many small ones
    first, last = (_names(rng, number, different) for different in (FIRST, LAST))
    rows = pl.DataFrame({"person": np.arange(number), "firm": firm, "firstname": first, "lastname": last})
    rows = rows.with_columns(
        pl.Series("digits", rng.integers(20_000_000, 999_999_999, number)),
        pl.Series("is_free", rng.random(number) < 0.2),
        pl.Series("is_role", rng.random(number) < 0.01),
        pl.Series("has_phone", rng.random(number) < 0.7),
        pl.Series("is_switchboard", rng.random(number) < 0.25),
        pl.Series("has_company", rng.random(number) < 0.9),
    )
    domain = pl.format("{}.com", _slug("firm"))
    local = pl.concat_str(pl.col("firstname"), pl.lit("."), pl.col("lastname"), pl.col("person")).str.to_lowercase()
    phone = pl.when("is_switchboard").then(pl.col("firm") * 31 + 300_000_000).otherwise("digits")
    user = pl.when("is_role").then(pl.lit("info")).otherwise(local)
    host = pl.when("is_free").then(pl.lit("gmail.com")).otherwise(domain)
    return rows.select(
        "person",
        pl.concat_str(user, pl.lit("@"), host).alias("email"),
        pl.when("has_phone").then(pl.format("+1 {}", phone)).alias("phone"),
        "firstname",
        "lastname",
        pl.when("has_company").then(pl.format("{} Inc.", _slug("firm"))).alias("company"),
        pl.when("has_company").then(pl.format("https://www.{}", domain)).alias("website"),
    )


def with_twins(first, seed):
    """Add second records of some people: columns id, person, way ("" for a first record) and the fields, shuffled."""
    rng = np.random.default_rng(seed)
    chosen = rng.choice(first.height, int(first.height * TWICE), replace=False)
    ways = rng.choice(list(WAYS), len(chosen), p=list(WAYS.values()))
    second = first[chosen].with_columns(pl.Series("way", ways, dtype=pl.String))
    second = _changed(second.with_columns(way=pl.when(_lacks()).then(pl.lit(NOTHING)).otherwise("way")))
    rows = pl.concat([first.with_columns(way=pl.lit("")), second.select([*first.columns, "way"])])
    rows = rows[rng.permutation(rows.height)]
    return rows.select(pl.format("L{}", pl.int_range(pl.len()).cast(pl.String).str.zfill(9)).alias("id"), *rows.columns)


def _lacks():
    """Tell the people who lack what their second record would share with the first."""
    way = pl.col("way")
    return (
        (way.str.contains("same phone") & pl.col("phone").is_null())
        | (way.str.contains("same company") & pl.col("company").is_null())
        | (way.str.starts_with("address") & pl.col("email").str.starts_with("info@"))
    )


def _changed(rows):
    way, name = pl.col("way"), pl.col("lastname")
    private = pl.concat_str(pl.lit("x"), pl.col("person"), pl.lit("@gmail.com"))
    colleague = pl.concat_str(
        pl.lit("y"), pl.col("person"), pl.lit("@"), pl.col("website").str.strip_prefix("https://www.")
    )
    is_otherwise, has_site = way == "address written otherwise", pl.col("website").is_not_null()
    at_company = way.is_in(["other address, same company", "first name shortened, same company"])
    alone = way == NOTHING
    by_phone = way.is_in(["other address, same phone", "name mistyped, same phone"])
    digits = pl.col("phone").str.strip_prefix("+1 ")
    return rows.with_columns(
        email=pl.when(is_otherwise)
        .then(pl.col("email").str.to_uppercase().str.replace("@", "+news@"))
        .when(at_company & has_site)
        .then(colleague)
        .otherwise(private),
        phone=pl.when(by_phone).then(pl.format("({}) {}", digits.str.head(3), digits.str.slice(3))),
        firstname=pl.when(way.str.starts_with("first name"))
        .then(pl.col("firstname").str.head(1))
        .otherwise("firstname"),
        lastname=pl.when(way.str.starts_with("name mistyped"))
        .then(name.str.head(2) + name.str.slice(3))
        .otherwise(name),
        company=pl.when(alone | by_phone).then(None).otherwise("company"),
        website=pl.when(alone | by_phone | is_otherwise).then(None).otherwise("website"),
    )


def _names(rng, number, different):
    """Draw names, the most frequent of which about one in a hundred has."""
    shares = 1 / (np.arange(different) + 20.0)
    places = rng.choice(different, number, p=shares / shares.sum())
    made = [
        SYLLABLES[place % 325] + SYLLABLES[place // 325 % 325] + SYLLABLES[place * 7 % 325]
        for place in range(different)
    ]
    return pl.Series([name.capitalize() for name in made])[places]


def _slug(column):
    """Write a number as a company's name."""
    at = pl.col(column).cast(pl.Int64)
    syllables = pl.Series(SYLLABLES)
    parts = [pl.lit(syllables).gather(at // 325**power % 325) for power in (0, 1, 2)]
    return pl.concat_str(*parts, pl.lit("works"))
