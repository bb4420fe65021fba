import pytest

from connector.enrichment import mail


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("ann.smith@acme.com", "company"),
        (" Info@Acme.com ", "role"),
        ("sales2@acme.co.uk", "role"),
        ("kim@gmail.com", "free"),
        ("info@gmail.com", "free"),
        ("x@mailinator.com", "disposable"),
        ("x@sub.mailinator.com", "disposable"),
        ("acme.com", "invalid"),
        ("a b@acme.com", "invalid"),
        ("a@b", "invalid"),
        ("", "invalid"),
        (f"{'a' * 242}@example.com", "company"),
        (f"{'a' * 243}@example.com", "invalid"),
        ("a@" + "b." * 60_000 + "com", "invalid"),
    ],
)
def test_an_address_tells_whose_mailbox_it_is(address, kind):
    assert mail.kind(address) == kind
