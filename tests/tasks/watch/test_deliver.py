import json
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tasks.watch import deliver
from tasks.watch.deliver import DeliveryFailed, Message

SINCE = datetime(2026, 11, 3, 11, tzinfo=UTC)
AT = datetime(2026, 11, 3, 12, tzinfo=UTC)
PAUSED = Message("raised", "paused:acme", "paused", "acme", "acme is paused.", since=SINCE, at=AT)


def test_the_webhook_gets_keys_that_stay_and_a_text_for_a_channel(installed, hook):
    deliver.send(installed(alert_webhook="file:hook").wiring, PAUSED)

    assert json.loads(hook.bodies[0]) == {
        "schema": 1,
        "event": "raised",
        "name": "paused:acme",
        "kind": "paused",
        "connection": "acme",
        "told": "acme is paused.",
        "since": "2026-11-03T11:00:00+00:00",
        "at": "2026-11-03T12:00:00+00:00",
        "text": "Truegrade, acme: acme is paused.",
    }


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_webhook_that_does_not_take_it_is_told_by_its_status(installed, hook, status):
    hook.answers.append(status)

    with pytest.raises(DeliveryFailed, match=f"answered {status}") as failed:
        deliver.send(installed(alert_webhook="file:hook").wiring, PAUSED)

    assert len(hook.bodies) == 1, "a redirect was followed"
    assert "s3cret" not in str(failed.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/s3cret", "ftp://127.0.0.1/s3cret", "s3cret", "http://[/s3cret"])
def test_a_webhook_that_is_not_there_is_told_without_its_address(installed, tmp_path, url):
    (tmp_path / "hook").write_text(url)

    with pytest.raises(DeliveryFailed) as failed:
        deliver.send(installed(alert_webhook="file:hook").wiring, PAUSED)

    assert "s3cret" not in str(failed.value)
    assert failed.value.__cause__ is None


@pytest.mark.parametrize(
    "settings",
    [
        {"alert_email_to": "ops@example.org\nBcc: me@example.org"},
        {"alert_email_to": "ops@example.org", "smtp_host": "h" * 300},
    ],
)
def test_a_mail_that_cannot_be_written_is_told_with_what_to_look_at(installed, mailbox, settings):
    how = {"smtp_host": "127.0.0.1", "smtp_port": mailbox.port} | settings

    with pytest.raises(DeliveryFailed, match="TRUEGRADE_ALERT_EMAIL_TO and _FROM"):
        deliver.send(installed(**how).wiring, PAUSED)


def test_a_mail_says_what_and_since_when(installed, mailbox):
    settings = {"alert_email_to": "ops@example.org, me@example.org", "smtp_host": "127.0.0.1"}
    deliver.send(installed(smtp_port=mailbox.port, **settings).wiring, PAUSED)

    letter = mailbox.letters[0]
    assert "Subject: Truegrade: paused:acme" in letter
    assert "To: ops@example.org, me@example.org" in letter
    assert "acme is paused." in letter
    assert "since 2026-11-03 11:00 UTC" in letter


def test_a_mail_server_that_refuses_is_told_without_addresses(installed, mailbox):
    mailbox.refuses = True
    watched = installed(alert_email_to="someone@example.org", smtp_host="127.0.0.1", smtp_port=mailbox.port)

    with pytest.raises(DeliveryFailed, match="SMTPRecipientsRefused") as failed:
        deliver.send(watched.wiring, PAUSED)

    assert "someone" not in str(failed.value)


@pytest.fixture
def certificate(tmp_path):
    """A certificate that nobody trusts, as a server's side of TLS."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(SINCE).not_valid_after(SINCE + timedelta(days=9_999))
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    text = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    (tmp_path / "pem").write_bytes(text + key.private_bytes(serialization.Encoding.PEM, form, plain))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "pem")
    return context


def test_tls_that_is_offered_is_used(installed, mailbox, certificate):
    mailbox.offers, mailbox.certificate = ["STARTTLS"], certificate
    watched = installed(alert_email_to="ops@example.org", smtp_host="127.0.0.1", smtp_port=mailbox.port)

    deliver.send(watched.wiring, PAUSED)

    assert mailbox.was_private
    assert len(mailbox.letters) == 1


def test_a_certificate_that_nobody_trusts_ends_it_unless_the_server_is_on_this_machine(
    installed, mailbox, certificate, monkeypatch
):
    monkeypatch.setattr(deliver, "_is_here", lambda _host: False)
    mailbox.offers, mailbox.certificate = ["STARTTLS"], certificate
    watched = installed(alert_email_to="ops@example.org", smtp_host="127.0.0.1", smtp_port=mailbox.port)

    with pytest.raises(DeliveryFailed, match="SSLCertVerificationError"):
        deliver.send(watched.wiring, PAUSED)

    assert mailbox.letters == []


def test_a_server_that_takes_its_offer_of_tls_back_gets_nothing_in_the_clear(installed, mailbox):
    mailbox.offers = ["STARTTLS"]
    watched = installed(alert_email_to="ops@example.org", smtp_host="127.0.0.1", smtp_port=mailbox.port)

    with pytest.raises(DeliveryFailed, match="SMTPResponseException"):
        deliver.send(watched.wiring, PAUSED)

    assert mailbox.letters == []


def test_a_password_goes_to_nobody_in_the_clear(installed, mailbox, monkeypatch):
    monkeypatch.setattr(deliver, "_is_here", lambda _host: False)
    signed = {"smtp_username": "me", "smtp_password": "file:hook"}
    watched = installed(alert_email_to="o@example.org", smtp_host="127.0.0.1", smtp_port=mailbox.port, **signed)

    with pytest.raises(DeliveryFailed, match="offers no TLS"):
        deliver.send(watched.wiring, PAUSED)


def test_one_way_that_works_will_do(installed, hook, mailbox):
    hook.answers.append(500)
    mail = {"alert_email_to": "ops@example.org", "smtp_host": "127.0.0.1", "smtp_port": mailbox.port}

    deliver.send(installed(alert_webhook="file:hook", **mail).wiring, PAUSED)

    assert len(mailbox.letters) == 1


def test_with_nobody_to_tell_it_says_what_to_set(watched):
    with pytest.raises(DeliveryFailed, match="TRUEGRADE_ALERT_WEBHOOK or TRUEGRADE_ALERT_EMAIL_TO"):
        deliver.send(watched.wiring, PAUSED)
