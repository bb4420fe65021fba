"""All six families of lead data stand ready in both presets, and each of them tells something of who buys."""

import numpy as np
import polars as pl
import pytest

from connector.clock import MovableClock
from mappings.checks.check import against
from mappings.file.load import load_preset, preset_text
from mappings.frames.enriched import with_offline
from mappings.frames.features import feature_frame
from tests.mappings.conftest import frame
from tests.mappings.family_world import NOW, connected, examples, world_of
from tests.mappings.preset_families import FAMILIES, READY, START, whole_preset

BOTH = tuple(FAMILIES)
LEADS = 1_500
LEAST = 0.02  # of the variance of true log-odds, which a family tells and nothing else does
RARE = 15  # leads that have a word
SHRUNK = 3.0
CREATED = "2026-03-01T00:00:00.000Z"


@pytest.fixture(scope="module", params=BOTH)
def known(request, tmp_path_factory):
    """The preset, the examples that a pull and the mapping make of a small world, and each one's true log-odds."""
    mapping = whole_preset(request.param)
    rows = examples(mapping, world_of(request.param, LEADS), tmp_path_factory.mktemp("families"))
    return mapping, rows.with_columns((pl.col("truth") / (1 - pl.col("truth"))).log())


@pytest.mark.parametrize("crm", BOTH)
def test_every_feature_belongs_to_a_family_and_none_is_only_listed(crm):
    listed = [name for names in (START[crm], *FAMILIES[crm].values()) for name in names]

    assert sorted(feature.name for feature in whole_preset(crm).features) == sorted(listed)


def test_a_standard_portal_has_all_families_and_a_standard_org_what_it_shows():
    ready = {crm: {feature.name for feature in load_preset(crm).features} for crm in BOTH}
    has = {crm: [name for name, some in FAMILIES[crm].items() if ready[crm].intersection(some)] for crm in BOTH}

    assert has["hubspot"] == list(FAMILIES["hubspot"])
    assert has["salesforce"] == ["demographic", "company", "e-mail", "junk"]
    assert not READY.search(preset_text("hubspot"))


@pytest.mark.parametrize("crm", BOTH)
def test_what_is_taken_in_fits_a_crm_that_has_it(crm):
    mapping = whole_preset(crm)

    with connected(crm, world_of(crm, 20), MovableClock(NOW)) as (_, made):
        for entity in mapping.entities:
            assert against(mapping, entity, made.describe(entity)) == ()


def test_each_family_matters(known):
    mapping, rows = known
    families = FAMILIES[mapping.crm]
    columns = {feature.name: design(rows[feature.name]) for feature in mapping.features}
    truth, others = rows["truth"].to_numpy(), np.random.default_rng(1).permutation(rows.height)

    whole = told(columns, truth)

    assert whole > 0.5
    for family, names in families.items():
        rest = {name: column for name, column in columns.items() if name not in names}
        of_others = {name: columns[name][others] for name in names}
        assert whole - told(rest, truth) > LEAST, family
        assert told(rest | of_others, truth) - told(rest, truth) < LEAST / 2, f"{family} of other leads"


def told(columns, truth):
    """Give the share of the true log-odds' variance that a line through these columns tells of rows it has not seen."""
    table = np.column_stack([np.ones(len(truth)), *columns.values()])
    learns = np.arange(len(truth)) % 2 == 0
    early, late = table[learns], table[~learns]
    line = np.linalg.solve(early.T @ early + SHRUNK * np.eye(early.shape[1]), early.T @ truth[learns])
    return 1 - np.square(truth[~learns] - late @ line).mean() / truth[~learns].var()


def design(column):
    """Give a feature as numbers: words that are not rare each by itself, and whether there is a value at all."""
    missing = column.is_null().cast(pl.Float64)
    if column.dtype == pl.String:
        counted = column.drop_nulls().value_counts().filter(pl.col("count") >= RARE)
        return np.column_stack(
            [missing, *((column == word).fill_null(value=False).cast(pl.Float64) for word in counted[column.name])]
        )
    numbers = column.cast(pl.Float64).fill_null(0.0)
    return np.column_stack([missing, numbers.clip(0, 20), numbers.clip(0, None).log1p()])


def test_days_on_a_portal_end_with_the_days_that_a_lead_is_looked_at():
    """A customer comes back for years; what is learned from must not see it."""
    visited = [None, "2026-03-03T12:00:00.000Z", "2026-05-01T00:00:00.000Z"]
    leads = frame(
        *(
            {"id": str(number), "createdate": CREATED, "hs_analytics_last_visit_timestamp": at}
            for number, at in enumerate(visited)
        )
    )
    mapping = load_preset("hubspot")

    days = feature_frame(mapping, leads, frame(), frame())["last_visit_days"]

    assert days.to_list() == [None, 2.5, float(mapping.observe_days)]


@pytest.mark.parametrize(
    ("lead", "found"),
    [
        (("Ann", "Lee", "Acme Ltd", "ann@acme.com", "+44 20 7183 8750"), ("company", 0.0, True, True)),
        (("asdf", "asdf", "asdf", "x1@mailinator.com", "0000000"), ("disposable", 4.0, False, False)),
        (("Ann", "Lee", "Acme Ltd", "info@acme.com", None), ("role", 0.0, None, True)),
    ],
)
@pytest.mark.parametrize("crm", BOTH)
def test_junk_is_told_by_what_the_form_holds(crm, lead, found):
    names = {
        "salesforce": ("FirstName", "LastName", "Company", "Email", "Phone"),
        "hubspot": ("firstname", "lastname", "company", "email", "phone"),
    }
    mapping = load_preset(crm)
    leads = with_offline(mapping, frame({"id": "1"} | dict(zip(names[crm], lead, strict=True))))

    made = feature_frame(mapping, leads, frame(), frame())

    assert made.select("mail_kind", "spam_signs", "phone_valid", "name_plausible").row(0) == found
