"""What a new mapping changes, and what each change needs."""

from dataclasses import fields

import pytest
from hypothesis import given, settings

from mappings.checks import diff
from mappings.checks.diff import Change, Need, changes, needs
from mappings.file.load import MappingInvalid, load_preset, parse, preset_text
from mappings.mapping import Mapping
from tests.mappings import mutants

OLD = preset_text("salesforce")
SCORE, LEARN = (Need.RESCORE,), (Need.RETRAIN, Need.RESCORE)
WRITE = (Need.FIELDS, Need.RESCORE, Need.BACKFILL)

CAPACITY = "{by: capacity, A: 40, B: 100, C: 200}"
GRADES_TOLD = "by capacity: A 40, B 100, C 200 new leads a week; before, by share: A 10 %, B 20 %, C 30 % of the leads"
RULE = (
    "rules: {list: [{name: rivals, when: {all: [{feature: industry, is: rival}, "
    "{not: {feature: employees, below: 5}}]}, score: lowest, route: disqualify, because: a rival}]}"
)
RULE_TOLD = (
    "new rule rivals: where industry is rival and (not employees below 5), lowest score and route disqualify, "
    "because a rival"
)
TABLE = "enrich: [{name: firms, table: firms.csv, key: domain, of: [Email], fields: {sector: Sector}}]"
TABLE_TOLD = "new source firms: table firms.csv, column domain, by domain of Email, gives sector from Sector"

# what is changed -> (old text, new text, the section, words of what is told, what it needs)
CHANGED = {
    "the name": ("name: Salesforce, standard fields", "name: Ours", "name", "Ours instead of Salesforce", ()),
    "the horizon": ("horizon_days: 90", "horizon_days: 120", "outcome", "horizon_days 120 instead of 90", LEARN),
    "a deal's field": ("won: IsWon", "won: IsWonReally", "outcome", "won IsWonReally", LEARN),
    "a link": ("lead: [Website, Email]", "lead: [Email]", "links", "lead Email instead of Website, Email", LEARN),
    "a source": ("from: LeadSource", "from: Own__c", "features", "source: from Own__c instead of LeadSource", LEARN),
    "steps": ("transforms: [free_mail]", "transforms: [trim, free_mail]", "features", "trim, free_mail instead", LEARN),
    "a label": ("label: Website given", "label: Site", "features", "has_website: label Site instead of Website", SCORE),
    "a label of its own": ("name: source,", "name: source, label: Came by,", "features", "label, Came by", SCORE),
    "who is told": ("name: source,", "name: source, told: false,", "features", "told false instead of true", SCORE),
    "a window": ("window_days: 14}}", "window_days: 7}}", "features", "in 7 days", LEARN),
    "points": ("is: director, points: 15", "is: director, points: 18", "points", "director: 18 points", SCORE),
    "a cap": ("caps: {fit: 60", "caps: {fit: 70", "points", "caps fit: 70, engagement: 40 instead", SCORE),
    "a route": ("C: nurture", "C: later", "routes", "grade C go later instead of nurture", SCORE),
    "grades": ("routes:", f"grades: {CAPACITY}\nroutes:", "grades", GRADES_TOLD, (Need.RETRAIN,)),
    "a hard rule": ("\nroutes:", f"\n{RULE}\nroutes:", "rules", RULE_TOLD, SCORE),
    "a table": ("\nroutes:", f"\n{TABLE}\nroutes:", "enrich", TABLE_TOLD, LEARN),
    "a language": ("name: Sales", "language: fr\nname: Sales", "language", "told in French instead of English", SCORE),
    "a prefix": ("routes:", "outputs: {prefix: X_}\nroutes:", "outputs", "score is written to X_Score__c", WRITE),
    "an output off": ("routes:", "outputs: {fit: false}\nroutes:", "outputs", "fit is written no more", SCORE),
}


@pytest.mark.parametrize(("old", "new", "section", "what", "need"), CHANGED.values(), ids=CHANGED)
def test_a_change_is_told_with_its_section_and_what_it_needs(old, new, section, what, need):
    assert old in OLD
    found = changes(load_preset("salesforce"), parse(OLD.replace(old, new, 1), "new.yaml"))

    told = [change for change in found if change.section == section and what in change.what]
    assert [change.needs for change in told] == [need], found


def test_a_field_that_is_read_for_the_first_time_has_to_be_pulled():
    found = changes(load_preset("salesforce"), parse(OLD.replace("from: LeadSource", "from: Own__c"), "new.yaml"))

    assert Change("fields", "of each lead, Own__c is read for the first time", (Need.PULL,)) in found
    assert Change("fields", "of each lead, LeadSource is read no more") in found
    assert needs(found) == (Need.PULL, Need.RETRAIN, Need.RESCORE)


def test_a_feature_comes_and_goes():
    line = next(line for line in OLD.splitlines() if "name: source" in line) + "\n"
    with_it, without = load_preset("salesforce"), parse(OLD.replace(line, ""), "new.yaml")

    assert Change("features", "source is gone", LEARN) in changes(with_it, without)
    what = "source is new: a category of fit, made of LeadSource through trim"
    assert Change("features", what, LEARN) in changes(without, with_it)


def test_a_feature_that_is_not_learned_from_needs_no_training():
    line = next(line for line in OLD.splitlines() if "name: source" in line) + "\n"
    idle = parse(OLD.replace("name: source,", "name: source, learned: false,"), "new.yaml")

    assert Need.RETRAIN not in needs(changes(idle, parse(OLD.replace(line, ""), "old.yaml")))


def test_who_is_the_same_needs_something_only_where_a_feature_is_made_of_earlier_leads():
    plain = OLD.replace("duplicates:\n  lead: {email: Email", "duplicates:\n  lead: {email: [Email, Other__c]")
    earlier = "features:\n  - {name: before, kind: number, family: fit, from: earlier.leads}"
    using = (text.replace("features:", earlier, 1) for text in (OLD, plain))

    assert plain != OLD
    for texts, need in (((OLD, plain), ()), (using, LEARN)):
        found = changes(*(parse(text, "a.yaml") for text in texts))
        assert [change.needs for change in found if change.section == "duplicates"] == [need]


def test_entries_are_told_by_their_names_with_what_was_and_is():
    one, other = (
        f"{RULE}\n{TABLE}\n",
        f"{RULE}\n{TABLE}\n".replace("a rival", "a competitor").replace("firms.csv", "new.csv"),
    )
    before, after = (parse(OLD.replace("\nroutes:", f"\n{text}routes:"), "a.yaml") for text in (one, other))

    told = [change.what for change in changes(before, after)]

    assert "rule rivals is now: because a competitor; before: because a rival" in told
    assert "source firms is now: table new.csv; before: table firms.csv" in told
    gone = [change.what for change in changes(after, parse(OLD, "b.yaml"))]
    assert f"{RULE_TOLD.replace('new rule rivals:', 'rule rivals is gone; it was:')[:-5]}competitor" in gone


def test_what_moves_no_value_of_a_service_needs_nothing():
    service = (
        "enrich: [{name: know, url: 'https://know.example/{key}', key: domain, of: [Email], "
        "fields: {size: a}, most_cost_a_day: 9, %s}]"
    )
    before, after = (
        parse(OLD.replace("\nroutes:", f"\n{service % cost}\nroutes:"), "a.yaml") for cost in ("cost: 1", "cost: 2")
    )

    assert {change.needs for change in changes(before, after)} == {()}


def test_roles_of_a_buying_group_are_told_in_words():
    roles = "companies: {roles: {decider: {seniority: [c_level, vp]}, finance: {department: [finance]}}}\n"

    told = [one.what for one in changes(load_preset("salesforce"), parse(OLD + roles, "new.yaml"))]

    assert "roles decider (seniority is c_level or vp), finance (department is finance) instead of nothing" in told


def test_comments_and_layout_change_nothing():
    new = "# ours\n" + OLD.replace("horizon_days: 90", "horizon_days:   90  # three months")

    assert changes(load_preset("salesforce"), parse(new, "new.yaml")) == ()


def test_another_crm_needs_everything():
    found = changes(load_preset("salesforce"), load_preset("hubspot"))

    assert set(needs(found)) == set(Need)


def test_every_part_of_a_mapping_is_compared_in_words_of_its_own():
    compared = {field.name for field in fields(Mapping) if field.compare}

    assert compared == {*diff._APART, *diff._WHOLE}


@settings(max_examples=60)
@given(mutants.SEEDS)
def test_what_moves_a_score_is_told_as_a_rescore_and_nothing_else_is(seed):
    try:
        new = parse(mutants.mutant(seed), "new.yaml")
    except MappingInvalid:
        return
    old = parse(next(text for text in mutants.bases() if _crm(text) == new.crm), "old.yaml")
    found = changes(old, new)

    assert (Need.RESCORE in needs(found)) == (old.version != new.version), found
    assert all(change.what.isprintable() and change.what for change in found)


def _crm(text):
    return "hubspot" if "crm: hubspot" in text else "salesforce"


def test_a_route_that_our_field_always_has_needs_no_new_field():
    text = preset_text("hubspot")
    rule = "rules: {{list: [{{name: x, when: {{feature: department, is: it}}, grade: D, route: {}, because: y}}]}}\n"

    always, new = (
        changes(load_preset("hubspot"), parse(text + rule.format(route), "new.yaml"))
        for route in ("disqualify", "later")
    )

    assert Need.FIELDS not in needs(always)
    assert Need.FIELDS in needs(new)
