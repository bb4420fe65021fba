"""The first connections.yaml of an installation: whole for what is told of it, else with places to be filled in."""

from urllib.parse import urlsplit

from tasks.connections import PLACEHOLDER
from tasks.settings import SettingsInvalid

HEAD = """\
# One entry for each Salesforce org or HubSpot portal. Secrets are named here, never written here:
# env:NAME reads an environment variable, file:PATH a file (relative: beside this one). Remove what you do not have.
connections:
"""
SALESFORCE = """\
  salesforce:
    crm: salesforce
    url: {url}
    sign_in:{others}
{sign_in}
    admin_sign_in:                        # only `truegrade provision` uses it; remove it afterwards
      kind: client_credentials
      client_id: env:SALESFORCE_ADMIN_CLIENT_ID
      client_secret: env:SALESFORCE_ADMIN_CLIENT_SECRET
    integration_username: {user}
    mapping: mappings/salesforce.yaml
"""
HUBSPOT = """\
  hubspot:
    crm: hubspot
    sign_in:                              # a service key, or the token of a private app; or kind: refresh_token
      kind: token
      token: env:HUBSPOT_TOKEN
    admin_sign_in:
      kind: token
      token: env:HUBSPOT_ADMIN_TOKEN
    mapping: mappings/hubspot.yaml
"""
DEALS = (
    "# Deals, too: take out the # of those you want. They share the sign-in and the daily calls of the one they name.\n"
)
SCORED_TOO = {"salesforce": ("deal", "contact"), "hubspot": ("deal",)}  # beside leads
DEALS_OF = """\
#  {crm}-{scored}s:
#    same_as: {crm}
#    scored: {scored}
#    mapping: mappings/{crm}-{scored}s.yaml
"""
OTHERS = "                              # or kind: jwt, kind: refresh_token"
USER = "integration@example.com"
SIGN_INS = {
    "client_credentials": {
        "client_id": "env:SALESFORCE_CLIENT_ID",
        "client_secret": "env:SALESFORCE_CLIENT_SECRET",
    },
    "jwt": {
        "client_id": "env:SALESFORCE_CLIENT_ID",
        "username": "{user}",
        "private_key": "file:secrets/salesforce.pem",
    },
    "refresh_token": {
        "client_id": "env:SALESFORCE_CLIENT_ID",
        "client_secret": "env:SALESFORCE_CLIENT_SECRET",
        "refresh_token": "env:SALESFORCE_REFRESH_TOKEN",
    },
}
LIGHTNING = ".lightning.force.com"


def connections_text(
    *, salesforce: str = "", user: str = "", sign_in: str = "client_credentials", hubspot: bool
) -> str:
    """Write connections.yaml for the org at the address `salesforce`, a HubSpot portal, or both.

    Of neither: for both, with places to fill in. `sign_in` is the org's, `user` the integration user's name. Raises
    SettingsInvalid for an address that is none.
    """
    if not salesforce and not hubspot:
        org = _salesforce(f"https://{PLACEHOLDER}.my.salesforce.com", USER, sign_in, OTHERS)
        return HEAD + org + HUBSPOT + _deals("salesforce", "hubspot")
    org = _salesforce(_address(salesforce), user or USER, sign_in, "") if salesforce else ""
    chosen = [crm for crm, wanted in (("salesforce", bool(salesforce)), ("hubspot", hubspot)) if wanted]
    return HEAD + org + (HUBSPOT if hubspot else "") + _deals(*chosen)


def _deals(*crms: str) -> str:
    return DEALS + "".join(DEALS_OF.format(crm=crm, scored=scored) for crm in crms for scored in SCORED_TOO[crm])


def secrets_of(text: str) -> list[str]:
    """Name what the text reads from the environment and from files, as it names them, in its order."""
    words = (line.rpartition(" ")[2] for line in text.splitlines() if not line.startswith("#"))
    return list(dict.fromkeys(word for word in words if word.startswith(("env:", "file:"))))


def _salesforce(url: str, user: str, sign_in: str, others: str) -> str:
    keys = {"kind": sign_in} | SIGN_INS[sign_in]
    lines = "\n".join(f"      {key}: {value.format(user=user)}" for key, value in keys.items())
    return SALESFORCE.format(url=url, user=user, sign_in=lines, others=others)


def _address(typed: str) -> str:
    """Make the org's My Domain address of what was typed."""
    address = typed if "://" in typed else f"https://{typed}"
    host = urlsplit(address).hostname or ""
    if host.endswith(LIGHTNING):
        own = host.removesuffix(LIGHTNING)
        raise SettingsInvalid(f"{host} shows pages to people. Write --salesforce https://{own}.my.salesforce.com.")
    if ("." not in host and host != "localhost") or address != address.strip() or " " in address:
        raise SettingsInvalid(
            f"--salesforce {typed} is no address. Write your org's My Domain address, "
            "as https://acme.my.salesforce.com."
        )
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
