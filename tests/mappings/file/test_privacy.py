import pytest

from mappings.file.load import MappingInvalid, parse, preset_text
from mappings.parts import UNDECLARED


def loaded(privacy, change=lambda text: text):
    return parse(change(preset_text("hubspot")) + f"\nprivacy: {privacy}\n", "hubspot.yaml")


def refused(privacy, change=lambda text: text):
    with pytest.raises(MappingInvalid) as told:
        loaded(privacy, change)
    return str(told.value)


def test_what_is_declared_is_kept_and_moves_no_score():
    without = parse(preset_text("hubspot"), "hubspot.yaml")

    mapping = loaded("{purpose: Whom to call first, lawful_basis: legitimate interest, never_read: [date_of_birth]}")

    assert without.privacy == UNDECLARED
    assert mapping.privacy.purpose == "Whom to call first"
    assert mapping.privacy.lawful_basis == "legitimate interest"
    assert mapping.version == without.version


def test_a_field_that_must_never_be_read_is_refused_with_its_line():
    told = refused("{never_read: [PHONE, company.industry]}")

    assert "the mapping reads phone, which privacy.never_read names" in told
    assert "the mapping reads industry, which privacy.never_read names" in told
    assert all(line.split(":")[1].isdigit() for line in told.splitlines())


def test_fields_beside_the_features_count_as_read_too():
    assert "reads createdate" in refused("{never_read: [createdate]}")
    assert "reads amount" in refused("{never_read: [deal.amount]}")


def test_a_field_of_another_entity_with_the_same_name_is_not_meant():
    assert loaded("{never_read: [deal.industry, activity.phone]}").privacy.never_read


def test_a_sensitive_field_is_refused_as_a_feature_unless_somebody_vouches_for_it():
    def vouched(text):
        return text.replace("name: country, kind", "name: country, trusted: true, kind")

    assert "feature country is made of country, declared sensitive" in refused("{sensitive: [country]}")
    assert loaded("{sensitive: [country, company.country]}", vouched).privacy.sensitive


def test_what_is_misspelt_is_told():
    assert "there is no key purpos in privacy" in refused("{purpos: none}")
    assert "nothing is called" in refused('{never_read: ["a b.c"]}')
    assert "privacy" in refused("yes")
