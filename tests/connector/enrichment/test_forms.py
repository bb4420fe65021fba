import pytest

from connector.enrichment import mail, phones
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
    *names, email, phone = parts

    assert signs(*names, email and mail.kind(email), phone and phones.is_made_up(phone)) == found
