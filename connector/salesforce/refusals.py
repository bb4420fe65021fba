"""What Salesforce says when it refuses a sign-in, and what a person can do about it.

Pairs of `error` and `error_description`: "Salesforce help, OAuth Authorization Flow Errors".
"""

from typing import Any

import orjson

from connector.errors import ConnectorError, Misconfigured, Retryable

# (error, a part of its description) -> (what happened, what to do); the first that fits.
REFUSALS = (
    (
        "invalid_grant",
        "approved",
        "The user has not approved the app.",
        "Let an admin pre-authorise the app for the integration user's permission set.",
    ),
    (
        "invalid_app_access",
        "",
        "The user is not admitted to the app.",
        "Let an admin pre-authorise the app for the integration user's permission set.",
    ),
    (
        "invalid_grant",
        "audience",
        "Salesforce refuses the audience of the sign-in.",
        "Use https://login.salesforce.com for production, https://test.salesforce.com for a sandbox.",
    ),
    (
        "invalid_grant",
        "expired",
        "The access that was granted has expired or was revoked.",
        "Reconnect: log in to Salesforce again from the connection's page.",
    ),
    (
        "invalid_grant",
        "locked",
        "The integration user is locked.",
        "Unlock the user in Salesforce Setup, Users.",
    ),
    (
        "invalid_grant",
        "inactive",
        "The integration user is inactive.",
        "Activate the user in Salesforce Setup, Users, or use another one.",
    ),
    (
        "invalid_grant",
        "ip restricted",
        "Salesforce does not accept the integration user from this machine's address.",
        "Add the address to the profile's login IP ranges, or relax IP restrictions for the app.",
    ),
    (
        "invalid_grant",
        "",
        "Salesforce refused the sign-in.",
        "Check the user, and for a JWT that its certificate is the app's; then reconnect.",
    ),
    (
        "invalid_client_id",
        "",
        "Salesforce does not know the app's client id.",
        "Copy the consumer key of the external client app again.",
    ),
    (
        "invalid_client",
        "",
        "Salesforce refused the app's client id or secret.",
        "Copy the consumer key and secret of the external client app again.",
    ),
    (
        "unsupported_grant_type",
        "",
        "The app does not allow this way to sign in.",
        "Switch the flow on in the external client app's OAuth settings.",
    ),
    (
        "no client credentials user enabled",
        "",
        "The app has no run-as user.",
        "Choose the integration user as the run-as user of the client credentials flow.",
    ),
)


def refusal(status: int, body: bytes) -> ConnectorError:
    """Turn a failed sign-in into an error: Retryable for what passes, else Misconfigured with one clear fix."""
    try:
        reply: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        reply = None
    if not isinstance(reply, dict) or status >= 500 or status == 429:
        return Retryable(f"Salesforce could not sign us in (HTTP {status}).")
    error, description = str(reply.get("error", "")), str(reply.get("error_description", "")).lower()
    if error == "rate_limit_exceeded" or "login rate exceeded" in description:
        return Retryable("Salesforce says that this user signs in too often.", after_s=60.0)
    for code, words, what, fix in REFUSALS:
        if error == code and words in description:
            return Misconfigured(what, fix=fix)
    return Misconfigured(f"Salesforce refused the sign-in ({error or status}).", fix="Check the app, then reconnect.")
