import pytest

from connector.enrichment.forms import signs


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        (("Ann", "Smith", "Acme", "ann@acme.com", "+49 30 901820"), ()),
        (("Ann", "Smith", "Smith", None, None), ("copied",)),
        (("Smith", "Smith", "Acme", None, None), ("copied",)),
        (("Ann", "Li", "Li", None, None), ()),
        (("asdf", "Smith", None, "x@mailinator.com", "0000000000"), ("phone", "name", "mail")),
        ((None, None, None, None, None), ()),
    ],
)
def test_forms_that_nobody_meant_show_signs(parts, found):
    assert signs(*parts) == found
