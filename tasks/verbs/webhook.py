"""Messages to a webhook of the customer's, signed so that the receiver knows who sent them and when.

As Standard Webhooks has it, for which there are libraries to verify with (standardwebhooks.com, specification 1.0):
webhook-id, webhook-timestamp, and webhook-signature: "v1," and the base64 of HMAC-SHA256 over "id.timestamp.body". The
address and the secret are in no log and no error.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime

import urllib3

from mappings.file.handing import REFERENCE, Webhook, may_be_sent_to
from tasks.settings import SettingsInvalid

WITHIN_S = 5.0
TOO_MANY = 429
PREFIX = "whsec_"  # before a secret in base64

Look = Callable[[str, str], str]  # (reference, where it stands) to what it stands for


class NotTaken(Exception):
    """A receiver did not take a message; the message says why and what to look at, and holds no address."""

    def __init__(self, told: str, *, is_down: bool) -> None:
        super().__init__(told)
        self.is_down = is_down


def post(webhook: Webhook, body: bytes, *, about: str, look: Look, now: datetime) -> None:
    """POST a message, following no redirect: that would carry our words to somebody we do not know. Raises NotTaken.

    What is told `about` makes the message's id, the same at each try. `look` finds what a reference stands for.
    """
    url, secret = _looked_up(webhook, look)
    headers = _headers(secret, f"msg_{hashlib.blake2b(about.encode(), digest_size=12).hexdigest()}", body, now)
    try:
        with urllib3.PoolManager(timeout=urllib3.Timeout(total=WITHIN_S), retries=False) as pool:
            # The answer's words are not read: they may have no end.
            reply = pool.request("POST", url, body=body, headers=headers, redirect=False, preload_content=False)
            reply.close()
    except (urllib3.exceptions.HTTPError, ValueError) as error:
        # Not `from error`: its text has the address in it.
        told = f"The webhook cannot be reached ({type(error).__name__}). Look at its server."
        raise NotTaken(told, is_down=True) from None
    if not 200 <= reply.status < 300:
        told = f"The webhook answered {reply.status}. Look at its log; it must answer 200 to 299."
        raise NotTaken(told, is_down=reply.status >= 500 or reply.status == TOO_MANY)


def signature(secret: str, name: str, timestamp: str, body: bytes) -> str:
    """Sign a message as Standard Webhooks has it. A secret that begins with whsec_ is base64, another is as it is."""
    key = secret.encode()
    if secret.startswith(PREFIX):
        try:
            key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            told = "The secret of the webhook begins with whsec_, but is no base64 after it. Copy it once more."
            raise NotTaken(told, is_down=True) from None
    signed = hmac.new(key, b".".join([name.encode(), timestamp.encode(), body]), hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"


def _headers(secret: str, name: str, body: bytes, now: datetime) -> dict[str, str]:
    timestamp = str(int(now.timestamp()))
    return {
        "Content-Type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": timestamp,
        "webhook-signature": signature(secret, name, timestamp, body),
    }


def _looked_up(webhook: Webhook, look: Look) -> tuple[str, str]:
    try:
        url = look(webhook.url, "url of handover.webhook") if REFERENCE.fullmatch(webhook.url) else webhook.url
        secret = look(webhook.secret, "secret of handover.webhook")
    except SettingsInvalid as error:
        raise NotTaken(str(error), is_down=True) from error
    if not may_be_sent_to(url):
        told = "The webhook's address must begin with https://. Correct what url of handover.webhook names."
        raise NotTaken(told, is_down=True)
    return url, secret
