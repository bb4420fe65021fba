import polars as pl
import pytest

from connector.crm import Entity
from mappings.duplicates import Telling
from mappings.matching import sameness
from mappings.matching.sameness import MOST_SHARING, firm_key, likenesses, pairs

LEAD = Telling(("Email",), ("Phone", "Mobile"), ("First", "Last"), ("Company",), ("Website",))
COMPANY = Telling(name=("Name",), website=("Website",), phone=("Phone",))


def found(records, entity=Entity.LEAD):
    """Tell by what some records, numbered from 0, are the same: {(one, other): {kinds}}."""
    telling = LEAD if entity is Entity.LEAD else COMPANY
    columns = {name: pl.Series([of.get(name) for of in records], dtype=pl.String) for name in telling.fields}
    frame = pl.DataFrame({"id": [f"{number:03}" for number in range(len(records))], **columns})
    made = likenesses(telling, entity, frame).rename({"id": "member"})
    same = {}
    for one, other, kind in pairs(made).iter_rows():
        same.setdefault((int(one), int(other)), set()).add(kind)
    return same


def same(one, other, entity=Entity.LEAD):
    return found([one, other], entity).get((0, 1), set())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("kim@acme.com", "KIM@Acme.com "),
        ("kim@acme.com", "kim+news@acme.com"),
        ("kim.lee@gmail.com", "kimlee+x@googlemail.com"),
    ],
)
def test_one_mailbox_is_one_person(one, other):
    assert same({"Email": one}, {"Email": other}) == {sameness.EMAIL}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("kim.lee@acme.com", "kimlee@acme.com"),  # dots are nothing at Google alone
        ("info@acme.com", "info@acme.com"),
        ("no address", "no address"),
        ("@acme.com", "@acme.com"),
        ("+x@acme.com", "+y@acme.com"),
        ("", ""),
    ],
)
def test_other_mailboxes_and_those_of_nobody_are_not(one, other):
    assert same({"Email": one}, {"Email": other}) == set()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+49 30 1234567", "030/1234567"),
        ("(212) 555-0147", "+1 212 555 0147"),
        ("2125550147 x12", "212-555-0147 ext. 99"),
        ("+44 (0)20 7946 0958", "020 7946 0958"),
    ],
)
def test_one_number_and_one_name_are_one_person(one, other):
    kim = {"First": "Kim", "Last": "Lee"}

    assert same(kim | {"Phone": one}, kim | {"Mobile": other}) == {sameness.PHONE}


@pytest.mark.parametrize("phone", ["0000000000", "12345", "n/a", "5555555"])
def test_a_number_that_is_none_says_nothing(phone):
    kim = {"First": "Kim", "Last": "Lee", "Phone": phone}

    assert same(kim, kim) == set()


def test_a_switchboard_makes_no_colleagues_one():
    phone = {"Phone": "+1 212 555 0147"}

    assert same(phone | {"First": "Kim", "Last": "Lee"}, phone | {"First": "Sam", "Last": "Roy"}) == set()
    assert same(phone, phone) == set()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Kim", "Lindqvist"), ("KIM", "Lindqvist")),
        (("Zoë", "Müller-Weiß"), ("Zoe", "Muller Weiss")),
        (("Jon", "Lindqvist"), ("John", "Lindqvist")),
        (("Kim", "Lindqvist"), ("Kim", "Lindqivst")),
        (("K.", "Lindqvist"), ("Kim", "Lindqvist")),
        (("Dr. Kim", "Lindqvist"), ("Kim", "Lindqvist")),
    ],
)
def test_names_are_compared_as_people_type_them(one, other):
    first, second = (dict(zip(("First", "Last"), name, strict=True)) for name in (one, other))
    at_work = {"Email": "k.l@acme.com"}, {"Website": "https://www.acme.com/"}

    assert same(first | at_work[0], second | at_work[1]) == {sameness.NAME_AT_SITE}
    assert same(first | {"Company": "Acme, Inc."}, second | {"Company": "ACME"}) == {sameness.NAME_AT_COMPANY}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Kim", "Lee"), ("Tim", "Lee")),
        (("Kim", "Lee"), ("Kim", "Lea")),  # too short for a slip
        (("Kim", "Lindqvist"), ("Pat", "Lindqvist")),
        (("", "Lindqvist"), ("", "Lindqvist")),  # half a name at one company is anybody of a family
    ],
)
def test_other_names_are_other_people(one, other):
    first, second = (dict(zip(("First", "Last"), name, strict=True)) for name in (one, other))

    assert same(first | {"Company": "Acme"}, second | {"Company": "Acme"}) == set()


@pytest.mark.parametrize(
    "at", [{"Email": "a@gmail.com"}, {"Website": "linkedin.com/in/x"}, {"Company": "Self-Employed"}]
)
def test_what_is_no_company_brings_nobody_together(at):
    kim = {"First": "Kim", "Last": "Lindqvist"}
    other = at | ({"Email": "b@gmail.com"} if "Email" in at else {})

    assert same(kim | at, kim | other) == set()


@pytest.mark.parametrize(
    "company",
    ["n/a", "-", "...", "Consultant", "self-employed", "Freelance", "Private", "privat", "Keine Angabe", "k. A.",
     "SELBSTÄNDIG", "Selbstständig", "Indépendant", "Auto-entrepreneur", "Autónomo", "Por cuenta propia", "Autônomo",
     "Não informado", "Estudiante", "Unbekannt", "Freelance Ltd.", "XXX", "Keine Firma", "entfaellt", "test1",
     "TEST 123", "Test Test", "asdf asdf", "asdfasdf", "xxxx", "none none", "n/a n/a", "нет", "なし", "geen", "brak",
     "Test GmbH", "ABC"],
)  # fmt: skip
def test_two_who_have_no_company_have_none_in_common(company):
    kim = {"First": "Kim", "Last": "Lindqvist", "Company": company}

    assert same(kim | {"Email": "a@gmail.com"}, kim | {"Email": "b@outlook.com"}) == set()
    assert same({"Name": company}, {"Name": company}, Entity.COMPANY) == set()


@pytest.mark.parametrize(
    "company",
    ["Abc GmbH", "X Corp", "Startup GmbH", "Conseil SAS", "The Independent", "Me Ltd", "Test Equity", "Sample6",
     "Home Depot", "Duran Duran", "Nana", "Privat Bank"],
)  # fmt: skip
def test_a_company_that_is_called_after_such_a_word_is_one(company):
    assert firm_key(company) is not None


@pytest.mark.parametrize(
    "name", [("", "n/a"), ("Test", "Test"), ("Unknown", "Unknown"), ("Keine", "Angabe"), ("-", "-")]
)
def test_two_without_a_name_are_not_one(name):
    nobody = dict(zip(("First", "Last"), name, strict=True)) | {"Phone": "2125550147", "Company": "Acme"}

    assert same(nobody, nobody) == set()


def test_a_real_name_of_such_a_word_is_a_name():
    kim = {"First": "Lena", "Last": "Test", "Company": "Acme"}

    assert same(kim, kim) == {sameness.NAME_AT_COMPANY}


@pytest.mark.parametrize(
    ("one", "other", "by"),
    [
        ("k.l@acme.com", "kim@acme.de", {sameness.NAME_AT_COMPANY}),
        ("k.l@acme.com", "kim@acmegroup.com", {sameness.NAME_AT_COMPANY}),
        ("k.l@acme.com", "kim@gmail.com", {sameness.NAME_AT_COMPANY}),
        ("k.l@lindqvist-it.com", "kim@northwind.com", set()),
    ],
)
def test_a_company_s_name_says_nothing_of_two_who_write_from_others(one, other, by):
    kim = {"First": "Kim", "Last": "Lindqvist", "Company": "Acme"}

    assert same(kim | {"Email": one}, kim | {"Email": other}) == by


def test_a_company_s_name_that_goes_with_many_domains_is_none():
    kim = {"First": "Kim", "Last": "Lindqvist", "Company": "Fractional CFO"}
    hosts = ["alpha.com", "bravo.com", "charlie.com"]
    twice = [kim | {"Email": "a@gmail.com"}, kim | {"Email": "b@outlook.com"}]

    assert found(twice) == {(0, 1): {sameness.NAME_AT_COMPANY}}
    assert found([*twice, *({**kim, "First": "Kay", "Email": f"x@{host}"} for host in hosts)]) == {}


def test_a_value_that_too_many_share_is_not_used():
    kim = {"Email": "kim@acme.com"}

    assert len(found([kim] * MOST_SHARING)) == MOST_SHARING * (MOST_SHARING - 1) / 2
    assert found([kim] * (MOST_SHARING + 1)) == {}


@pytest.mark.parametrize(
    ("one", "other", "by"),
    [
        ({"Website": "https://www.acme.co.uk"}, {"Website": "shop.acme.co.uk"}, {sameness.SITE}),
        ({"Name": "Acme GmbH"}, {"Name": "ACME, Inc."}, {sameness.COMPANY_NAME}),
        ({"Name": "Acme", "Website": "acme.de"}, {"Name": "Acme"}, {sameness.COMPANY_NAME}),
        ({"Name": "Acme", "Website": "acme.de"}, {"Name": "Acme", "Website": "acme.com"}, {sameness.COMPANY_NAME}),
        ({"Name": "Acme", "Website": "acme.de"}, {"Name": "Acme", "Website": "acme-tools.com"}, set()),
        (
            {"Name": "Acme", "Phone": "+1 212 555 0147"},
            {"Name": "Acme Widgets", "Phone": "(212) 555-0147"},
            {sameness.COMPANY_PHONE},
        ),
        ({"Name": "Acme", "Phone": "2125550147"}, {"Name": "Roy Brothers", "Phone": "2125550147"}, set()),
        ({"Name": "GmbH"}, {"Name": None}, set()),
    ],
)
def test_companies_are_told_by_domain_name_and_number(one, other, by):
    assert same(one, other, Entity.COMPANY) == by


def test_a_record_without_anything_has_no_likeness():
    frame = pl.DataFrame({"id": ["1"], "Email": pl.Series([None], dtype=pl.String)})

    assert likenesses(LEAD, Entity.LEAD, frame).is_empty()
    assert likenesses(COMPANY, Entity.COMPANY, frame).is_empty()


def test_likenesses_hold_no_address_and_no_number():
    lead = {"Email": "kim.lindqvist@acme.com", "Phone": "2125550147", "First": "Kim", "Last": "Lindqvist"}
    frame = pl.DataFrame({"id": ["1"], **{name: [value] for name, value in lead.items()}})

    told = likenesses(LEAD, Entity.LEAD, frame)

    assert told["kind"].to_list() == [sameness.EMAIL, sameness.PHONE, sameness.NAME_AT_SITE]
    assert not any("acme" in block or "0147" in block for block in told["block"])
    assert set(told["told"]) == {"", "kim lindqvist"}
