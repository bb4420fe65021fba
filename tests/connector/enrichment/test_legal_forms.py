from cleanco import basename
from cleanco.clean import prepare_default_terms
from hypothesis import given
from hypothesis import strategies as st

from connector.enrichment.legal_forms import without_form

FORMS = sorted({" ".join(words) for _, words in prepare_default_terms()})
WORDS = st.sampled_from(FORMS) | st.sampled_from(["Acme", "S.A.", "G.m.b.H.", "& Co.", "Söhne", "-", "...", "A/S"])
NAMES = st.lists(WORDS | st.text(max_size=6), max_size=6).map(" ".join) | st.text(max_size=40)


@given(NAMES)
def test_it_comes_to_the_same_as_cleanco(name):
    assert without_form(name) == basename(name)


def test_every_form_of_cleanco_is_taken_away():
    assert [form for form in FORMS if without_form(f"Acme {form}") != basename(f"Acme {form}")] == []
