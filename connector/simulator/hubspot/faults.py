"""What HubSpot and the edge in front of it say when something goes wrong.

Source: HubSpot developer docs, "Error handling" (423, 477, 5xx); the 503 and gateway bodies are assumptions: they only
have to be no JSON of the usual shape.
"""

from datetime import datetime, timedelta

from connector.simulator.hubspot import auth, limits, objects
from connector.simulator.hubspot.options import HubSpotOptions
from connector.simulator.hubspot.replies import ApiError, error

_HTML = b"<html><head><title>502 Bad Gateway</title></head><body><center>cloudflare</center></body></html>"
_POLICIES = {
    "429": ("TEN_SECONDLY_ROLLING", "ten_secondly_rolling", 10.0),
    "429-search": ("SECONDLY", "secondly", 1.0),
    "429-daily": ("DAILY", "daily", 3600.0),
}
_MOVING_S = 30


def reply(options: HubSpotOptions, fault: str, at: datetime) -> ApiError | tuple[int, dict[str, str], bytes]:
    """Give the reply of a fault. Raises KeyError for one that HubSpot has no words for."""
    match fault:
        case "html":
            return 502, {"Content-Type": "text/html; charset=UTF-8", "Server": "cloudflare"}, _HTML
        case "expired":
            return auth.expired(at - timedelta(seconds=75), at)
        case "423":
            return objects.locked()
        case "477":
            headers = {"Retry-After": str(_MOVING_S)}
            return error(477, "The account is moving to another data center.", category="MIGRATION", headers=headers)
        case "429" | "429-search" | "429-daily":
            policy, words, wait_s = _POLICIES[fault]
            return limits.refusal(options, policy, words, wait_s)
        case "500" | "502" | "503" | "504" | "521" | "522" | "523" | "524" | "525" | "526":
            return error(int(fault), "internal error")
        case _:
            message = f"HubSpot has no words for the fault {fault}"
            raise KeyError(message)
