import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.crm import Entity, Kind
from mappings.file.load import MappingInvalid, load, load_preset, parse, preset_text
from mappings.file.problems import Problem
from mappings.outputs import LONGEST_PREFIX, OUTPUTS
from tests.mappings.conftest import MINIMAL

GOOD = "  - {name: industry, label: Industry, kind: category, family: fit, from: Industry}\n"


def feature(text):
    return MINIMAL.replace(GOOD, f"  - {{name: x, label: X, family: fit, {text}}}\n")


ALL_OFF = "outputs: {" + ", ".join(f"{role}: false" for role in OUTPUTS) + "}\n"

# what is wrong -> (the file, its line, words of the message, the fix)
BROKEN = {
    "unknown key at the top": (
        MINIMAL + "outputz: {}\n",
        13,
        "there is no key outputz in the mapping",
        "did you mean outputs?",
    ),
    "unknown key in a feature": (
        feature("kind: number, form: A"),
        12,
        "there is no key form in feature x",
        "did you mean from?",
    ),
    "unknown key in the outcome": (
        MINIMAL.replace("horizon_days", "horizon"),
        8,
        "there is no key horizon in outcome",
        "did you mean horizon_days?",
    ),
    "unknown crm": (
        MINIMAL.replace("crm: salesforce", "crm: salesfroce"),
        2,
        "crm of the mapping cannot be salesfroce",
        "did you mean salesforce?",
    ),
    "unknown kind": (
        feature("kind: categry, from: A"),
        12,
        "kind of feature x cannot be categry",
        "did you mean category?",
    ),
    "unknown family": (
        feature("kind: number, from: A").replace("fit", "fitt"),
        12,
        "family of feature x cannot be fitt",
        "did you mean fit?",
    ),
    "unknown milestone": (
        MINIMAL.replace("milestone: won", "milestone: wun"),
        7,
        "milestone of outcome cannot be wun",
        "did you mean won?",
    ),
    "unknown transform": (
        feature("kind: category, from: A, transforms: [trimm]"),
        12,
        "there is no transform trimm",
        "did you mean trim?",
    ),
    "unknown output": (
        MINIMAL + "outputs: {scor: true}\n",
        13,
        "there is no key scor in outputs",
        "did you mean score?",
    ),
    "unknown grade": (MINIMAL + "routes: {E: sales}\n", 13, "there is no key E in routes", "there is: A, B, C, D"),
    "unknown prefix of a field": (
        feature("kind: category, from: compny.Industry"),
        12,
        "nothing is called compny",
        "did you mean company?",
    ),
    "activity without a count": (
        feature("kind: category, from: activity.Status"),
        12,
        "nothing is called activity",
        "use count",
    ),
    "no field's name": (
        feature("kind: category, from: 'Lead Source'"),
        12,
        "names the field 'Lead Source'",
        "write its API name",
    ),
    "duplicate feature": (MINIMAL + GOOD, 13, "there are two features named industry", "give one another name"),
    "duplicate key": (MINIMAL + "crm: hubspot\n", 13, "the key crm is there twice", "remove one of them"),
    "wrong type": (
        MINIMAL.replace("days: 90", "days: soon"),
        8,
        "horizon_days of outcome is soon",
        "write a whole number from 1 to 3,650",
    ),
    "boolean for a number": (
        MINIMAL.replace("days: 90", "days: true"),
        8,
        "horizon_days of outcome is true",
        "write a whole number from 1 to 3,650",
    ),
    "a list for a block": (
        MINIMAL + "outputs: [score]\n",
        13,
        "outputs of the mapping is a list",
        "write a block of keys",
    ),
    "a word for a feature": (
        MINIMAL.replace(GOOD, "  - industry\n"),
        12,
        "a feature is industry",
        "write a block of name",
    ),
    "a name that is reserved": (
        MINIMAL.replace("name: industry", "name: label"),
        12,
        "no feature can be named label",
        "write lower-case letters",
    ),
    "a name that YAML takes for no": (
        MINIMAL.replace("name: industry", "name: no"),
        12,
        "name of a feature is no",
        "in quotes",
    ),
    "missing key": (feature("from: A"), 12, "feature x has no kind", "add kind"),
    "missing outcome": (MINIMAL.replace("outcome:", "outcomes:"), 1, "the mapping has no outcome", "add outcome"),
    "missing version": (MINIMAL.replace("version: 1\n", ""), 1, "the mapping has no version", "add version: 1"),
    "another version": (
        MINIMAL.replace("version: 1", "version: 2"),
        1,
        "version 2 of mapping files is not known",
        "write version: 1",
    ),
    "no features": (
        MINIMAL.replace(GOOD, "").replace("features:", "features: []"),
        11,
        "there are no features",
        "list at least one",
    ),
    "features missing": (MINIMAL.partition("features:")[0], 1, "the mapping has no features", "add features: a list"),
    "made of nothing": (
        feature("kind: number"),
        12,
        "feature x has nothing to be made of",
        "write one of from, count, days_between and ratio",
    ),
    "made twice": (
        feature("kind: number, from: A, days_between: [A, B]"),
        12,
        "both from and days_between",
        "write one of",
    ),
    "one field between": (
        feature("kind: number, days_between: [A]"),
        12,
        "days_between of feature x needs two fields",
        "write [EARLIER, LATER]",
    ),
    "knows the outcome": (
        feature("kind: category, from: Status"),
        12,
        "feature x is made of Status, which knows the outcome",
        "leave it out",
    ),
    "our own output": (
        feature("kind: number, from: TG_Score__c"),
        12,
        "TG_Score__c, which knows the outcome",
        "leave it out",
    ),
    "company's outcome": (
        feature("kind: category, from: company.Type"),
        12,
        "Type, which knows the outcome",
        "leave it out",
    ),
    "text for a number": (
        feature("kind: number, from: A, transforms: [seniority]"),
        12,
        "of kind number, but comes out as text",
        "write kind: category, or use one of number, first_number",
    ),
    "number for a category": (
        feature("kind: category, from: A, transforms: [log1p]"),
        12,
        "of kind category, but comes out as a number",
        "add bands",
    ),
    "wrong order": (
        feature("kind: number, from: A, transforms: [seniority, log1p]"),
        12,
        "log1p in feature x takes a number, but gets text",
        "change the order",
    ),
    "argument missing": (
        feature("kind: number, from: A, transforms: [cap]"),
        12,
        "cap in feature x has to be told a number",
        "write cap: 100",
    ),
    "argument too many": (
        feature("kind: category, from: A, transforms: [{trim: 3}]"),
        12,
        "trim in feature x has to be told nothing",
        "write trim",
    ),
    "bands that fall": (
        feature("kind: category, from: A, transforms: [{bands: [3, 1]}]"),
        12,
        "a list of rising numbers",
        "write bands: [20, 100]",
    ),
    "company without link": (
        feature("kind: category, from: company.Industry").replace("  company: {by", "  # company: {by"),
        12,
        "needs Industry of the company, which leads are not linked to",
        "add links.company",
    ),
    "count without link": (
        feature("kind: number, count: {at: CreatedDate, window_days: 3}").replace("  activity:", "  # activity:"),
        12,
        "needs CreatedDate of the activity",
        "add links.activity",
    ),
    "count without window": (
        feature("kind: number, count: {at: CreatedDate}"),
        12,
        "count of feature x has no window_days",
        "add window_days",
    ),
    "deal without way": (
        MINIMAL.replace("lead_field: ConvertedOpportunityId, ", ""),
        10,
        "outcome.deal needs one way from a lead to its deals",
        "write lead_field",
    ),
    "deal without date": (
        MINIMAL.replace(", closed_at: CloseDate", ""),
        10,
        "outcome.deal has no closed_at",
        "add closed_at",
    ),
    "deal without won": (MINIMAL.replace("won: IsWon, ", ""), 10, "outcome.deal cannot tell a won deal", "add won"),
    "conversion without date": (
        MINIMAL.replace("milestone: won", "milestone: converted"),
        7,
        "milestone converted needs a date of conversion",
        "add converted_at",
    ),
    "disqualified by nothing": (
        MINIMAL.replace("created: CreatedDate\n  deal", "created: CreatedDate\n  disqualified: Status\n  deal"),
        7,
        "outcome has no disqualified_values",
        "add disqualified_values",
    ),
    "a prefix that no field has": (
        MINIMAL + "outputs: {prefix: 9-}\n",
        13,
        "no field of salesforce can begin with 9-",
        "such as TG_",
    ),
    "a prefix of HubSpot's own": (
        MINIMAL.replace("crm: salesforce", "crm: hubspot") + "outputs: {prefix: hs_}\n",
        13,
        "no field of hubspot can begin with hs_",
        "which is HubSpot's own",
    ),
    "an output that is read": (
        MINIMAL.replace("Industry", "Acme_score__c") + "outputs: {prefix: Acme_}\n",
        12,
        "the mapping reads Acme_score__c, where outputs writes the score",
        "another prefix",
    ),
    "all outputs off": (MINIMAL + ALL_OFF, 13, "every output is switched off", "leave at least score: true"),
    "monotone words": (
        feature("kind: category, from: A, monotone: 1"),
        12,
        "monotone of feature x cannot be 1",
        "for numbers only",
    ),
    "an odd tag": (
        MINIMAL + "name: !!python/name:os.system x\n",
        13,
        "YAML cannot read the value x",
        "put it in quotes",
    ),
    "an alias in itself": (
        MINIMAL + "outputs: &loop {score: *loop}\n",
        13,
        "an alias stands inside what it names",
        "write the values out",
    ),
    "not YAML": ("version: 1\ncrm: [\n", 3, "this is not YAML", "correct the line"),
    "a list at the top": ("- version: 1\n", 1, "the file is no block of keys", "start from a preset"),
    "a word at the top": ("hello\n", 1, "the file is no block of keys", "start from a preset"),
    "nothing at all": ("", 0, "the file is empty", "start from a preset"),
    "a comment alone": ("# soon\n", 0, "the file is empty", "start from a preset"),
}


@pytest.mark.parametrize(("text", "line", "message", "fix"), BROKEN.values(), ids=BROKEN)
def test_a_mistake_is_told_in_one_sentence_with_its_line_and_mend(text, line, message, fix):
    with pytest.raises(MappingInvalid) as caught:
        parse(text, "acme.yaml")

    (problem,) = [problem for problem in caught.value.problems if message in problem.message]
    assert problem.line == line
    assert fix in problem.fix
    place = f"acme.yaml:{line}: " if line else "acme.yaml: "
    assert str(problem).startswith(place)
    assert "\n" not in str(problem)
    assert str(problem) in str(caught.value).splitlines()


def test_a_single_mistake_is_told_once():
    alone = [
        name
        for name in BROKEN
        if name not in ("unknown key in the outcome", "missing outcome", "unknown key in a feature")
    ]

    for name in alone:
        with pytest.raises(MappingInvalid) as caught:
            parse(BROKEN[name][0], "acme.yaml")
        assert len(caught.value.problems) == 1, (name, str(caught.value))


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file():
    text = MINIMAL.replace("crm: salesforce", "crm: sap").replace("kind: category", "kind: word") + "extra: 1\n"

    with pytest.raises(MappingInvalid) as caught:
        parse(text, "acme.yaml")

    assert [problem.line for problem in caught.value.problems] == [2, 12, 13]


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    not_text = tmp_path / "latin.yaml"
    not_text.write_bytes("name: Müller".encode("latin-1"))

    for path, words in (
        (tmp_path / "none.yaml", "No such file"),
        (not_text, "not text in UTF-8"),
        (tmp_path, "cannot be read"),
    ):
        with pytest.raises(MappingInvalid, match=words):
            load(path)


def test_a_file_loads_with_a_byte_order_mark_and_any_line_ends(tmp_path):
    path = tmp_path / "acme.yaml"
    path.write_bytes(("\ufeff" + MINIMAL.replace("\n", "\r\n")).encode())

    assert load(path).features == parse(MINIMAL, "x").features


def test_a_field_that_knows_the_outcome_is_taken_when_the_file_insists():
    mapping = parse(feature("kind: category, from: Rating, allow_after_outcome: true"), "x")

    assert mapping.inputs(Entity.LEAD) == ("Rating",)


def test_problems_survive_a_process_boundary():
    problem = Problem("a.yaml", 3, "it is wrong", "mend it")
    rebuild, arguments = MappingInvalid([problem]).__reduce__()

    assert rebuild(*arguments).problems == (problem,)


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_only_what_is_mapped_is_pulled(crm):
    mapping = load_preset(crm)

    named = set(re.findall(r"\w+", preset_text(crm)))
    for entity in mapping.entities:
        assert {part for name in mapping.source_fields(entity) for part in name.split(".")} <= named
    assert "Description" not in mapping.source_fields(Entity.LEAD)
    reported = {"salesforce": ({"Rating"}, {"Amount"}), "hubspot": (set(), {"amount"})}[crm]
    told = {source.field for rule in mapping.rules if rule.optional for source in rule.reads}
    found = mapping.optional_fields(Entity.LEAD) - set(mapping.duplicates.lead.fields) - told
    assert (found, mapping.optional_fields(Entity.DEAL)) == reported


def test_optional_fields_are_those_that_only_optional_features_use():
    text = (
        MINIMAL
        + """\
  - {name: a, label: A, kind: number, family: fit, from: Score__c, optional: true}
  - {name: b, label: B, kind: category, family: fit, from: Industry, optional: true}
  - {name: c, label: C, kind: boolean, family: fit, from: Email, transforms: [present], optional: true}
"""
    )

    mapping = parse(text, "x")

    assert mapping.optional_fields(Entity.LEAD) == {"Score__c"}  # Industry is a feature's, Email links
    assert mapping.optional_fields(Entity.COMPANY) == frozenset()


def test_leads_are_observed_as_long_as_the_longest_count_unless_the_file_says():
    assert load_preset("salesforce").observe_days == 14
    assert parse(MINIMAL, "x").observe_days == 0
    assert parse(MINIMAL.replace("days: 90", "days: 90\n  observe_days: 7"), "x").observe_days == 7


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("days: 90", "days: 90\n  observe_days: 90", "x:9: leads are looked at 90 days .* below 90"),
        ("days: 90", "days: 90\n  observe_days: -1", "a whole number from 0"),
        ("days: 90", "days: 90\n  min_amount: many", "a number above 0"),
        ("days: 90", "days: 90\n  min_amount: 0", "a number above 0"),
        ("days: 90", "days: 90\n  min_amount: 5", "min_amount needs the amount of a deal"),
        ("milestone: won", "milestone: converted\n  converted_at: D\n  min_amount: 5", "says nothing of converted"),
        ("milestone: won", "milestone: opportunity", "needs the time of a deal"),
        ("name: industry", "name: amount", "no feature can be named amount"),
        ("name: industry", "name: likelihood", "no feature can be named likelihood"),
    ],
)
def test_what_cannot_be_asked_of_examples_is_told(old, new, words):
    with pytest.raises(MappingInvalid, match=words):
        parse(MINIMAL.replace(old, new, 1), "x")


def test_what_is_remembered_is_what_tells_of_a_lead_at_a_time():
    mapping = load_preset("salesforce")

    assert {"Title", "Website", "Email", "Status", "Rating"} <= set(mapping.remembered_fields(Entity.LEAD))
    assert {"Industry", "Website"} <= set(mapping.remembered_fields(Entity.COMPANY))
    assert mapping.remembered_fields(Entity.ACTIVITY) == ("CreatedDate", "HasResponded")
    assert mapping.remembered_fields(Entity.DEAL) == ()
    assert "IsConverted" not in mapping.remembered_fields(Entity.LEAD)


def test_the_version_moves_with_the_meaning_alone():
    first = parse(MINIMAL, "a.yaml").version

    assert parse("# a comment\n" + MINIMAL, "b.yaml").version == first
    assert parse(MINIMAL.replace("days: 90", "days: 91"), "a.yaml").version != first


def test_the_conversion_of_a_hubspot_contact_may_be_told_by_its_first_deal():
    mapping = parse(preset_text("hubspot").replace("milestone: won", "milestone: converted"), "x")

    assert "createdate" in mapping.source_fields(Entity.DEAL)
    assert "createdate" not in load_preset("hubspot").source_fields(Entity.DEAL)


def test_a_preset_names_our_fields_as_each_crm_does(salesforce, hubspot):
    ours = {field.name: field for field in salesforce.output_fields()}

    assert list(ours) == [
        "TG_Score__c", "TG_Grade__c", "TG_Likelihood__c", "TG_Fit__c", "TG_Engagement__c", "TG_Top_Reason__c",
        "TG_Reasons__c", "TG_Reason_Codes__c", "TG_Change__c", "TG_Route__c", "TG_Model__c", "TG_Scored_At__c",
    ]  # fmt: skip
    assert ours["TG_Likelihood__c"].percent
    assert (ours["TG_Score__c"].digits, ours["TG_Score__c"].decimals) == (3, 0)
    assert ours["TG_Reasons__c"].length == 4000
    assert ours["TG_Scored_At__c"].kind is Kind.INSTANT
    assert [value for value, _ in ours["TG_Route__c"].options] == ["sales", "nurture", "disqualify"]
    assert [field.name for field in hubspot.output_fields()][:3] == ["tg_score", "tg_grade", "tg_likelihood"]


def test_outputs_are_switched_off_and_named_anew():
    mapping = parse(MINIMAL + "outputs: {prefix: Acme_, likelihood: false}\n", "x")

    names = [field.name for field in mapping.output_fields()]
    assert "Acme_Score__c" in names
    assert "Acme_Likelihood__c" not in names


# Salesforce: up to 40 characters before "__c", which begin with a letter and have no two underscores in a row, nor one
# at the end ("Object reference, custom fields"). HubSpot: up to 100, and hs_ is its own ("Properties").
ALLOWED = {
    "salesforce": re.compile(r"(?=.{1,40}__c$)(?!.*__.*__c$)[A-Za-z][A-Za-z0-9_]*[A-Za-z0-9]__c"),
    "hubspot": re.compile(r"(?!hs_)(?=.{1,100}$)[a-z][a-z0-9_]*"),
}


@given(crm=st.sampled_from([*ALLOWED]), prefix=st.from_regex(r"[A-Za-z0-9_]{1,24}", fullmatch=True))
def test_whatever_the_prefix_our_fields_have_names_that_the_crm_allows_or_it_is_refused(crm, prefix):
    text = MINIMAL.replace("crm: salesforce", f"crm: {crm}") + f'outputs: {{prefix: "{prefix}"}}\n'
    is_allowed = ALLOWED[crm].fullmatch(f"{prefix}score" + "__c" * (crm == "salesforce"))
    if not is_allowed or len(prefix) > LONGEST_PREFIX:
        with pytest.raises(MappingInvalid, match="can begin with"):
            parse(text, "x")
        return
    names = [field.name for field in parse(text, "x").output_fields()]
    assert all(ALLOWED[crm].fullmatch(name) for name in names), names


def test_loading_and_linking_need_no_polars():
    code = (
        "import sys; from connector.crm import Entity; from mappings.file.load import load_preset\n"
        "link = load_preset('salesforce').linker(Entity.LEAD, ('Website', 'Email'))\n"
        "assert link((None, 'kim@acme.com')) == (None, 'acme.com')\n"
        "assert 'polars' not in sys.modules, 'polars'"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
