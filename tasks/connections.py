"""The CRMs of an installation, as `connections.yaml` says: addresses, ways to sign in, what is scored, shares of calls.

Secrets are named there, as `env:NAME` or `file:PATH`, and never written; see `tasks.settings.Secrets`.
"""

import re
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from mappings.file import yamlfile
from mappings.file.problems import MappingInvalid
from tasks.settings import SettingsInvalid

CONNECTIONS_FILE = "connections.yaml"
PLACEHOLDER = "YOUR-DOMAIN"  # in the connections.yaml that `truegrade init` writes
NAME = r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TokenSignIn(_Strict):
    """HubSpot: a service key or the static token of a private app."""

    kind: Literal["token"]
    token: str


class OAuthRefreshSignIn(_Strict):
    """OAuth on either CRM: a refresh token that a person granted once."""

    kind: Literal["refresh_token"]
    client_id: str
    client_secret: str
    refresh_token: str


class ClientCredentialsSignIn(_Strict):
    """Salesforce: an external client app with a run-as user."""

    kind: Literal["client_credentials"]
    client_id: str
    client_secret: str


class JwtSignIn(_Strict):
    """Salesforce: an external client app with a certificate."""

    kind: Literal["jwt"]
    client_id: str
    username: str
    private_key: str
    audience: str = "https://login.salesforce.com"


SignIn = Annotated[TokenSignIn | OAuthRefreshSignIn | ClientCredentialsSignIn | JwtSignIn, Field(discriminator="kind")]
SIGN_INS_OF = {
    "salesforce": {"client_credentials", "jwt", "refresh_token"},
    "hubspot": {"token", "refresh_token"},
}
KINDS = ", ".join(sorted(set().union(*SIGN_INS_OF.values())))


class Connection(_Strict):
    """One Salesforce org or HubSpot portal; or, with `same_as`, one more of its objects that is scored.

    `account` names the connection whose sign-in, tokens and daily calls these are.
    """

    name: str = ""
    same_as: str = ""
    scored: Literal["lead", "deal", "contact"] = "lead"
    crm: Literal["salesforce", "hubspot"]
    url: str = ""
    sign_in: SignIn
    admin_sign_in: SignIn | None = None
    integration_username: str = ""
    mapping: str = ""
    burst_per_10s: float | None = Field(None, gt=0)
    search_per_s: float | None = Field(None, gt=0)
    daily_share: float | None = Field(None, gt=0, le=1)  # of the CRM's daily calls; the lower one of both counts
    daily_calls: int | None = Field(None, ge=1)

    @property
    def account(self) -> str:
        return self.same_as or self.name

    @property
    def integration_user(self) -> str:
        """The user whom provisioning gives access, by name; "" where none is named and the sign-in tells none."""
        return self.integration_username or (self.sign_in.username if isinstance(self.sign_in, JwtSignIn) else "")

    @property
    def preset(self) -> str:
        """The preset of what is scored here."""
        return self.crm if self.scored == "lead" else f"{self.crm}-{self.scored}s"


def load_connections(home: Path) -> dict[str, Connection]:
    """Read `connections.yaml`. Raises SettingsInvalid with the file, the connection, the key and the fix."""
    path = home / CONNECTIONS_FILE
    try:
        block = yamlfile.read(path.read_text(encoding="utf-8"), str(path))
    except FileNotFoundError as error:
        raise SettingsInvalid(f"There is no {path}. Run `truegrade init {home}` to make one.") from error
    except OSError as error:
        raise SettingsInvalid(f"{path} cannot be read: {error.strerror}. Let this user read it.") from error
    except UnicodeDecodeError as error:
        raise SettingsInvalid(f"{path} is not YAML: it is no UTF-8 text. Save it as UTF-8.") from error
    except MappingInvalid as error:
        raise SettingsInvalid(str(error)) from error
    found = _plain(block).get("connections")
    if not isinstance(found, dict) or not found:
        raise SettingsInvalid(f"{path} must have a key `connections` with one entry for each connection.")
    bodies = {str(name): body for name, body in found.items()}
    return {name: _connection(path, name, _shared(path, name, bodies)) for name in bodies}


OWN_KEYS = ("same_as", "scored", "mapping")


def _shared(path: Path, name: str, bodies: dict[str, Any]) -> Any:
    """Complete a connection that is the `same_as` another with what that one says."""
    body = bodies[name]
    if not isinstance(body, dict) or "same_as" not in body:
        return body
    where, named = f"{path}: connection {name}", str(body["same_as"])
    other = bodies.get(named)
    if not isinstance(other, dict) or "same_as" in other:
        known = ", ".join(one for one, of in bodies.items() if isinstance(of, dict) and "same_as" not in of) or "none"
        raise SettingsInvalid(
            f"{where}: same_as names {named!r}. Write a connection with a sign_in of its own: {known}."
        )
    if beyond := [key for key in body if key not in OWN_KEYS]:
        raise SettingsInvalid(f"{where}: {beyond[0]} is said by {named}. Remove it: same_as shares it.")
    for twin in (one for one, of in bodies.items() if one == named or (one != name and _is_beside(of, named))):
        if body.get("scored", "lead") == bodies[twin].get("scored", "lead"):  # each would write over the other's values
            raise SettingsInvalid(f"{where} scores what {twin} scores. Write another scored, or remove one of both.")
    return {key: value for key, value in other.items() if key not in OWN_KEYS} | body


def _is_beside(body: Any, named: str) -> bool:
    return isinstance(body, dict) and str(body.get("same_as")) == named


def _plain(node: yamlfile.Node) -> Any:
    match node:
        case yamlfile.Block():
            return {name: _plain(value) for name, value in node.values.items()}
        case yamlfile.Items():
            return [_plain(item) for item in node.items]
        case yamlfile.Word():
            return node.value


def _connection(path: Path, name: str, body: Any) -> Connection:
    if not re.fullmatch(NAME, name):
        raise SettingsInvalid(
            f"{path}: a connection is called {name!r}. Use letters, digits, - and _ only: files are named after it."
        )
    if not isinstance(body, dict):
        raise SettingsInvalid(f"{path}: connection {name} must be a block of keys (crm, url, sign_in ...).")
    try:
        connection = Connection.model_validate({**body, "name": name})
    except ValidationError as error:
        raise SettingsInvalid(f"{path}: connection {name}: {_told(error)}") from error
    if connection.scored == "contact" and connection.crm == "hubspot":
        raise SettingsInvalid(f"{path}: connection {name}: HubSpot's contacts are its leads. Write scored: lead.")
    if connection.url and not _is_address(connection.url):
        raise SettingsInvalid(f"{path}: connection {name}: url is no web address. Write it as https://HOST.")
    kind = connection.sign_in.kind
    if kind not in SIGN_INS_OF[connection.crm]:
        known = ", ".join(sorted(SIGN_INS_OF[connection.crm]))
        raise SettingsInvalid(f"{path}: connection {name}: {connection.crm} has no sign-in {kind}; it has {known}.")
    return connection


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, known = parts.hostname or "", parts.scheme in {"http", "https"} and parts.port != 0
    except ValueError:  # of brackets that do not match, or a port that is none
        return False
    return known and parts.username is None and bool(re.fullmatch(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+", host))


def _told(error: ValidationError) -> str:
    """Say the first thing that is wrong, with the nearest right name for an unknown key."""
    # A misspelt key is also a missing one: tell the spelling.
    first = min(error.errors(), key=lambda item: item["type"] != "extra_forbidden")
    key = ".".join(str(part) for part in _of_the_file(first["loc"]))
    if first["type"] == "extra_forbidden":
        names = {name for model in _models() for name in model.model_fields}
        near = get_close_matches(str(first["loc"][-1]), sorted(names), n=1)
        return f"there is no key {key}." + (f" Did you mean {near[0]}?" if near else " Remove it.")
    if first["type"] == "missing":
        return f"the key {key} is missing. Add it."
    return _mistyped(first, key)


def _mistyped(problem: ErrorDetails, key: str) -> str:
    match problem["type"]:
        case "union_tag_not_found":
            return f"the key {key}.kind is missing. Add it: {KINDS}."
        case "union_tag_invalid":  # a secret may stand in its place
            return f"{key}.kind is none of ours; it can be {KINDS}."
        case "literal_error":
            return f"{key} cannot be {problem['input']!r}; it can be {problem['ctx']['expected']}."
        case "string_type":
            return f"{key} is no text. Write {'env:NAME or file:PATH' if 'sign_in' in key else 'a word, in quotes'}."
        case "model_attributes_type" | "model_type" | "dict_type":
            return f"{key} is no block of keys. Write it as {{kind: ..., ...}}; kind can be {KINDS}."
    return f"{key}: {problem['msg']}. Correct it."


def _of_the_file(place: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """Leave out the kind that pydantic puts behind a sign-in."""
    return (place[0], *place[2:]) if str(place[0]).endswith("sign_in") else place


def _models() -> tuple[type[BaseModel], ...]:
    return Connection, TokenSignIn, OAuthRefreshSignIn, ClientCredentialsSignIn, JwtSignIn
