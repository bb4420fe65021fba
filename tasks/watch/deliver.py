"""Tells people: a JSON POST to a webhook, and a mail. Either, both, or none is set up.

The JSON's keys are stable; `text` is there so that Slack, Mattermost, Teams workflows and the like show it as it is. A
webhook's address is a secret (who has it may post): it is in no log and no error.
"""

import smtplib
import ssl
from dataclasses import asdict, dataclass
from datetime import datetime
from email.message import EmailMessage
from ipaddress import ip_address

import orjson
import urllib3

from tasks.settings import Settings, SettingsInvalid
from tasks.wiring import Wiring

SCHEMA = 1
WITHIN_S = 10.0
JSON = {"Content-Type": "application/json"}
TLS_PORT = 465  # RFC 8314: TLS from the first byte
WORDS = {"raised": "", "repeated": "still: ", "resolved": "over: ", "test": ""}


class DeliveryFailed(Exception):
    """No way to tell people worked; the message says which, why, and what to look at. It holds no address."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is told. `event` is raised, repeated, resolved or test; `since` is when it began, or ended if resolved."""

    event: str
    name: str
    kind: str
    connection: str | None
    told: str
    since: datetime
    at: datetime

    @property
    def text(self) -> str:
        """Say it in a line: "Truegrade, acme: still: paused: ..."."""
        where = f", {self.connection}" if self.connection else ""
        return f"Truegrade{where}: {WORDS[self.event]}{self.told}"

    def as_dict(self) -> dict[str, object]:
        """Give the webhook's JSON."""
        moments = {"since": self.since.isoformat(timespec="seconds"), "at": self.at.isoformat(timespec="seconds")}
        return {"schema": SCHEMA, **asdict(self), **moments, "text": self.text}


def is_set_up(settings: Settings) -> bool:
    """Tell whether there is anybody to tell."""
    return bool(settings.alert_webhook or settings.alert_email_to)


def send(wiring: Wiring, message: Message) -> None:
    """Send it by all ways that are set up; one that works will do. Raises DeliveryFailed when none does."""
    ways = []
    if wiring.settings.alert_webhook:
        ways.append(post)
    if wiring.settings.alert_email_to:
        ways.append(mail)
    if not ways:
        raise DeliveryFailed("Nobody is to be told. Set TRUEGRADE_ALERT_WEBHOOK or TRUEGRADE_ALERT_EMAIL_TO.")
    failed = []
    for way in ways:
        try:
            way(wiring, message)
        except (DeliveryFailed, SettingsInvalid) as error:
            failed.append(str(error))
    if len(failed) == len(ways):
        raise DeliveryFailed(" ".join(failed))


def post(wiring: Wiring, message: Message) -> None:
    """POST it to the webhook. Follows no redirect: it would carry our words to somebody we do not know."""
    url = wiring.secrets.value(wiring.settings.alert_webhook, where="TRUEGRADE_ALERT_WEBHOOK")
    if not url.startswith(("http://", "https://")):
        raise DeliveryFailed(
            "The webhook's address must begin with https://. Correct what TRUEGRADE_ALERT_WEBHOOK names."
        )
    body = orjson.dumps(message.as_dict())
    try:
        with urllib3.PoolManager(timeout=WITHIN_S, retries=False) as pool:
            # The answer's words are not read: they may have no end.
            reply = pool.request("POST", url, body=body, headers=JSON, redirect=False, preload_content=False)
            reply.close()
    except (urllib3.exceptions.HTTPError, ValueError) as error:
        # Not `from error`: its text has the address in it.
        raise DeliveryFailed(f"The webhook cannot be reached ({type(error).__name__}). Look at its server.") from None
    if not 200 <= reply.status < 300:
        raise DeliveryFailed(f"The webhook answered {reply.status}. Make a new address there, or correct this one.")


def mail(wiring: Wiring, message: Message) -> None:
    """Mail it to all who are to know."""
    settings = wiring.settings
    try:
        letter = _letter(settings, message)
        with _server(settings) as server:
            if settings.smtp_username:
                password = wiring.secrets.value(settings.smtp_password, where="TRUEGRADE_SMTP_PASSWORD")
                server.login(settings.smtp_username, password)
            server.send_message(letter)
    except (ValueError, IndexError) as error:  # what the library makes of addresses, host names and passwords
        raise DeliveryFailed(
            f"The mail cannot be written ({type(error).__name__}). Look at TRUEGRADE_ALERT_EMAIL_TO and _FROM, "
            "TRUEGRADE_SMTP_HOST, and that the password of TRUEGRADE_SMTP_PASSWORD is of plain letters and signs."
        ) from None
    except (OSError, smtplib.SMTPException) as error:
        # Not `from error`: a server's words may repeat the sign-in.
        raise DeliveryFailed(
            f"The mail server did not take the mail ({type(error).__name__}). Look at TRUEGRADE_SMTP_HOST and its log."
        ) from None


def _letter(settings: Settings, message: Message) -> EmailMessage:
    letter = EmailMessage()
    letter["Subject"] = f"Truegrade: {WORDS[message.event]}{message.name}"
    letter["From"], letter["To"] = settings.alert_email_from, settings.alert_email_to
    since = f"{message.since:%Y-%m-%d %H:%M} UTC"
    letter.set_content(f"{message.told}\n\n{message.event} {message.kind}, since {since}\n")
    return letter


def _server(settings: Settings) -> smtplib.SMTP:
    """Connect, with TLS if it is offered; a password travels by TLS only, or within this machine."""
    host, port = settings.smtp_host, settings.smtp_port
    if port == TLS_PORT:
        return smtplib.SMTP_SSL(host, port, timeout=WITHIN_S, context=_trust(host))
    server = smtplib.SMTP(host, port, timeout=WITHIN_S)
    try:
        _secure(server, settings)
    except BaseException:
        server.close()
        raise
    return server


def _secure(server: smtplib.SMTP, settings: Settings) -> None:
    server.ehlo()
    if server.has_extn("starttls"):
        server.starttls(context=_trust(settings.smtp_host))
    elif settings.smtp_username and not _is_here(settings.smtp_host):
        raise DeliveryFailed(
            "The mail server offers no TLS, and a password goes to nobody in the clear. Use port 465, or no sign-in."
        )


def _trust(host: str) -> ssl.SSLContext:
    """Ask a server for a certificate that this machine trusts; one on this machine may have made its own."""
    context = ssl.create_default_context()
    if _is_here(host):
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
