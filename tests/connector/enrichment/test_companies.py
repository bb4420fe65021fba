import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.enrichment.companies import base_name, legal_form, match_key, name_of_domain


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("Acme (Germany) GmbH & Co. KG", "Acme"),
        ("Siemens  AG", "Siemens"),
        ("Deutsche Bank Aktiengesellschaft", "Deutsche Bank"),
        ("Widgets Inc., Ltd.", "Widgets"),
        ("株式会社東芝", "東芝"),
        ("OOO Gazprom", "Gazprom"),
        ("Oy Nokia Ab", "Nokia"),
        ("Oyster Bay", "Oyster Bay"),
        ("Ptolemy", "Ptolemy"),
        ("The Limited", "The Limited"),
        ("AG", "AG"),
        ("Banco Santander, S.A.", "Banco Santander"),
    ],
)
def test_a_name_loses_its_legal_form(name, base):
    assert base_name(name) == base


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("ACME, Inc.", "inc"),
        ("Acme (Germany) GmbH & Co. KG", "gmbh co kg"),
        ("Widgets Pty Ltd", "pty ltd"),
        ("Banco Santander, S.A.", "sa"),
        ("Acme", None),
        ("AG", None),
        ("", None),
    ],
)
def test_a_name_tells_its_legal_form(name, form):
    assert legal_form(name) == form


@given(st.text(max_size=300))
def test_any_text_has_a_legal_form_or_none(text):
    form = legal_form(text)

    assert form is None or form == " ".join(form.split()) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ACME, Inc.", "Acme"),
        ("Müller & Söhne GmbH", "mueller und soehne"),
        ("AT&T", "AT and T Inc."),
        ("Ørsted A/S", "Orsted"),
    ],
)
def test_two_spellings_have_one_key(one, other):
    expected = match_key(other.replace("mueller und soehne", "Muller and Sohne"))

    assert match_key(one) == expected


def test_other_companies_have_other_keys():
    assert len({match_key(name) for name in ("Acme", "Acme Tools", "Acne", "東芝", "日立")}) == 5


@given(st.text(max_size=300))
def test_any_text_has_a_key_or_none_and_a_key_is_its_own(text):
    key = match_key(text)

    assert key is None or (key.strip() == key and key)


def test_a_domain_names_a_company():
    assert name_of_domain("acme-widgets.co.uk") == "Acme Widgets"
