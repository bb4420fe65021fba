"""Made-up leads as people typed them in: holes, spelling variants, import bursts, companies that nobody knows."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from connector.simulator import people
from connector.simulator.companies import places, slug
from connector.simulator.draw import Bools, Floats, Ints, holed, indexes, masked, picked
from connector.simulator.words import COUNTRIES, FREE_EMAIL, INDUSTRIES, NO_COMPANY

_SOURCES = ("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other")
_SOURCE_WEIGHTS = (44, 12, 12, 20, 12)
_SOURCE_PULL = np.array([0.0, 0.25, 0.3, -0.15, -0.1])  # partners name the decision makers
_RATINGS = ("Hot", "Warm", "Cold")
_KNOWN_COMPANY_SHARE = 0.7
_FREE_EMAIL_SHARE = 0.07
_BURSTS_PER_LEAD = 1 / 400


@dataclass(frozen=True, slots=True)
class Drawn:
    """Leads in order of creation, and what the truth needs to know of them."""

    frame: pl.DataFrame  # the columns of World.leads that do not change after creation
    created_ms: Ints
    canonical: pl.DataFrame  # seniority, department, country: what the typed texts mean; null where they are missing
    free_email: Bools
    interest: Floats


def created(rng: np.random.Generator, source: Ints, *, start_ms: int, now_ms: int) -> Ints:
    """Draw creation stamps in whole milliseconds: slowly more, and most bought leads in imports of one stamp each."""
    count = len(source)
    span = now_ms - start_ms
    alone = start_ms + (rng.random(count) ** 0.85 * span).astype(np.int64)
    bursts = max(1, round(count * _BURSTS_PER_LEAD))
    # Lists differ in size: the largest fill several of a CRM's pages with equal stamps.
    burst = indexes(rng, count, rng.pareto(1.5, bursts) + 0.2)
    imported = (start_ms + (rng.random(bursts) * span).astype(np.int64)) // 1000 * 1000
    bought = (source == _SOURCES.index("Purchased List")) & (rng.random(count) < 0.8)
    return np.minimum(np.where(bought, np.maximum(imported[burst], start_ms), alone), now_ms - 1)


def draw(
    rng: np.random.Generator, count: int, companies: pl.DataFrame, *, start_ms: int, now_ms: int, own_figures: bool
) -> Drawn:
    """Make up `count` leads. `own_figures`: leads of unknown companies tell size and industry themselves."""
    source = indexes(rng, count, _SOURCE_WEIGHTS)
    at = created(rng, source, start_ms=start_ms, now_ms=now_ms)
    order = np.argsort(at, kind="stable")
    source, at = source[order], at[order]
    known = rng.random(count) < _KNOWN_COMPANY_SHARE
    company = indexes(rng, count, rng.lognormal(0.0, 1.0, companies.height))
    titles = people.titles(rng, _SOURCE_PULL[source])
    titles = titles.with_columns(masked(titles["title"], rng.random(count) < 0.08))
    who = people.names(rng, count)
    firm, country, free = _firm(rng, companies, company, who, known=known, own_figures=own_figures)
    frame = pl.concat(
        [
            pl.DataFrame(
                {
                    "first_name": holed(rng, who.first, 0.02),
                    "last_name": who.last,
                    "email": holed(rng, people.emails(rng, who, firm["domain"]), 0.02),
                    "title": titles["title"],
                    "phone": holed(rng, people.phones(rng, picked([of[2] for of in COUNTRIES.values()], country)), 0.4),
                }
            ),
            firm.drop("domain"),
            pl.DataFrame({"source": holed(rng, picked(_SOURCES, source), 0.05)}),
            pl.DataFrame({"rating": _rating(rng, source)}),
        ],
        how="horizontal",
    )
    missing = titles["title"].is_null().to_numpy()
    canonical = pl.DataFrame(
        {
            "seniority": masked(titles["seniority"], missing),
            "department": masked(titles["department"], missing),
            "country": masked(picked(tuple(COUNTRIES), country), frame["country"].is_null().to_numpy()),
        }
    )
    free = free & frame["email"].is_not_null().to_numpy()
    return Drawn(frame, at, canonical, free, rng.normal(0.0, 1.0, count))


def _firm(
    rng: np.random.Generator,
    companies: pl.DataFrame,
    company: Ints,
    who: people.Names,
    *,
    known: Bools,
    own_figures: bool,
) -> tuple[pl.DataFrame, Ints, Bools]:
    """Give what each lead says about its company, the country's position, and who writes from a free address."""
    count = len(company)
    of = companies[company]
    home = {name: position for position, name in enumerate(COUNTRIES)}
    theirs = of["country"].replace_strict(home, return_dtype=pl.Int64).to_numpy()
    country = np.where(known, theirs, rng.integers(0, len(COUNTRIES), count))
    trader = ~known & (rng.random(count) < 0.4)  # a small firm of the lead's own, that no company record knows
    free = ~known & ~trader | (rng.random(count) < _FREE_EMAIL_SHARE)
    industry = of["industry"].zip_with(
        pl.Series(known), picked(tuple(INDUSTRIES), rng.integers(0, len(INDUSTRIES), count))
    )
    own_name = who.last + " " + industry.replace_strict({name: words[0] for name, words in INDUSTRIES.items()})
    name = of["name"].zip_with(
        pl.Series(known), own_name.zip_with(pl.Series(trader), picked(NO_COMPANY, _below(rng, NO_COMPANY, count)))
    )
    own_domain = slug(own_name) + "." + picked([place[1] for place in COUNTRIES.values()], country)
    site = of["domain"].zip_with(pl.Series(known), own_domain)
    domain = picked(FREE_EMAIL, (rng.random(count) ** 2 * len(FREE_EMAIL)).astype(np.int64)).zip_with(
        pl.Series(free), site
    )
    says = known | (trader & own_figures)
    employees = _estimate(rng, of["employees"].zip_with(pl.Series(known), pl.Series(rng.integers(1, 15, count))))
    revenue = of["annual_revenue"].zip_with(pl.Series(known), employees.fill_null(5) * 90_000)
    frame = pl.DataFrame(
        {
            "domain": domain,
            "company_key": masked(of["key"], ~known),
            "company_name": name,
            "website": masked(site, (~known & ~trader) | (rng.random(count) < 0.3)),
            "country": holed(rng, _spelled(rng, country), 0.08),
            **_towns(rng, of, country, known),
            "industry": masked(industry, ~says | (rng.random(count) < 0.15)),
            "employees": masked(employees, ~says | (rng.random(count) < 0.25)),
            "annual_revenue": masked(revenue, ~says | (rng.random(count) < 0.45)),
        }
    )
    return frame, country, free


def _towns(rng: np.random.Generator, of: pl.DataFrame, country: Ints, known: Bools) -> dict[str, pl.Series]:
    own = places(rng, country)
    unsaid = rng.random(len(known)) < 0.25
    return {name: masked(of[name].zip_with(pl.Series(known), own[name]), unsaid) for name in ("state", "city")}


def _estimate(rng: np.random.Generator, employees: pl.Series) -> pl.Series:
    """Round every sixth number as people do: one leading digit."""
    exact = employees.to_numpy()
    unit = 10 ** np.floor(np.log10(np.maximum(exact, 1))).astype(np.int64)
    rounded = np.maximum(exact // unit * unit, 1)
    return pl.Series(np.where(rng.random(len(exact)) < 1 / 6, rounded, exact), dtype=pl.Int64)


def _spelled(rng: np.random.Generator, country: Ints) -> pl.Series:
    """Write the country's name, every sixth time in one of its other spellings."""
    others = [place[3] for place in COUNTRIES.values()]
    starts = np.cumsum([0, *(len(of) for of in others)])[:-1]
    sizes = np.array([len(of) for of in others])
    variant = starts[country] + (rng.random(len(country)) * sizes[country]).astype(np.int64)
    flat = [name for of in others for name in of]
    return picked(flat, variant).zip_with(
        pl.Series(rng.random(len(country)) < 1 / 6), picked(tuple(COUNTRIES), country)
    )


def _rating(rng: np.random.Generator, source: Ints) -> pl.Series:
    """Rate a third of the leads by where they came from, as marketing does; it says no more than the source."""
    warmth = _SOURCE_PULL[source] * 2 + rng.normal(0.0, 0.6, len(source))
    rating = picked(_RATINGS, np.searchsorted(np.array([-0.4, 0.4]), -warmth))
    return holed(rng, rating, 0.67)


def _below(rng: np.random.Generator, words: tuple[str, ...], count: int) -> Ints:
    return rng.integers(0, len(words), count)
