"""Puts the parts together: the one place that picks an adapter and hands out store, clock, limits and secrets."""

import random
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Dict
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from connector.clock import Clock, ShiftedClock, SystemClock
from connector.crm import CRM, Entity, NewField
from connector.errors import Misconfigured
from connector.limiter import MemoryLimiter, RateLimiter
from connector.retry import ATTEMPTS
from connector.salesforce.objects import long_id, sobject
from connector.scored import RECORDS, scoring
from mappings.file.load import PRESETS, Mapping, MappingInvalid, load, load_preset, parse
from tasks.allowance import LIVE
from tasks.budget import Metered, Turns, grant_of
from tasks.connections import (
    PLACEHOLDER,
    ClientCredentialsSignIn,
    Connection,
    JwtSignIn,
    OAuthRefreshSignIn,
    SignIn,
    TokenSignIn,
    load_connections,
)
from tasks.settings import Secrets, Settings, SettingsInvalid, load_secrets
from tasks.store import dictionaries, labels
from tasks.store.engine import Store, open_store
from tasks.vault import FileVault

# What the vendors allow one private app, kept at four fifths because other apps share the account's limits:
# HubSpot 100 calls in 10 s on its smallest plans, searches 5 a second for the whole account.
HUBSPOT_BURST_PER_10S = 100.0
HUBSPOT_SEARCHES_PER_S = 5.0
SHARE_OF_A_BURST = 0.8

# Salesforce allows 25 calls at one time that last longer than 20 s, for all integrations, and writes that run the
# customer's automation may; see `tasks.limiter.PLACE_S` for why this many.
SALESFORCE_WRITES_AT_ONCE = 8


Fields = Dict[Entity, Sequence[NewField]]


@dataclass(frozen=True, slots=True)
class Wiring:
    """One installation, ready to run verbs."""

    settings: Settings
    connections: dict[str, Connection]
    secrets: Secrets
    store: Store
    clock: Clock = field(default_factory=SystemClock)

    def connection(self, name: str) -> Connection:
        """Return the connection of that name. Raises SettingsInvalid listing the names there are."""
        if name not in self.connections:
            known = ", ".join(sorted(self.connections)) or "none"
            raise SettingsInvalid(f"There is no connection {name!r}; connections.yaml has: {known}.")
        return self.connections[name]

    def mapping(self, name: str) -> Mapping:
        """Give the connection's mapping: the one promoted last, else its file, else the preset of its CRM.

        Once one was promoted the store's text is in force for all workers at once, and the file is not read any more
        (see `tasks.promotion`). Features without a label are called what the CRM called their fields when it was last
        read.
        """
        connection = self.connection(name)
        promoted = dictionaries.in_force(self.store, name)
        if promoted is not None:
            return self.spoken(name, parse(promoted.text, f"promotion {promoted.number} of {name}"))
        return self.spoken(name, self._of_file(connection))

    def spoken(self, name: str, mapping: Mapping) -> Mapping:
        """Let a mapping speak as the connection's CRM does. Raises SettingsInvalid for one of another CRM."""
        connection = self.connection(name)
        if mapping.crm != connection.crm:
            raise SettingsInvalid(
                f"Connection {name} is a {connection.crm}, but its mapping {mapping.file} is for {mapping.crm}."
            )
        if mapping.scored != connection.scored:
            raise SettingsInvalid(
                f"Connection {name} scores {connection.scored}s, but its mapping {mapping.file} is for "
                f"{mapping.scored}s. Write scored: {connection.scored} into the mapping, or make a connection of its "
                f"own with same_as: {connection.account} and scored: {mapping.scored}."
            )
        # A promoted mapping has no file of its own: its tables stay where those of the file are.
        folder = (self.settings.home / connection.mapping).parent if connection.mapping else self.settings.home
        found = replace(mapping, enrich=replace(mapping.enrich, folder=str(folder)))
        return labels.spoken(self.store, name, found)

    def mapping_if_valid(self, name: str) -> Mapping | None:
        """Give the connection's mapping; None for one that this version cannot read, which another may replace."""
        try:
            return self.mapping(name)
        except (MappingInvalid, SettingsInvalid):
            return None

    def _of_file(self, connection: Connection) -> Mapping:
        if not connection.mapping or connection.mapping in PRESETS:
            return load_preset(connection.mapping or connection.preset)
        return load(self.settings.home / connection.mapping)

    def record_id(self, name: str, typed: str) -> str:
        """Give a record's id as the store has it: Salesforce's pages and reports show 15 of its 18 characters."""
        if self.connection(name).crm != "salesforce":
            return typed
        return long_id(typed)

    def project(self, name: str, prefix: str, fields: Fields) -> dict[str, bytes]:
        """Write what we install in the connection's CRM as files by path, for admins who deploy by themselves."""
        connection = self.connection(name)
        record = RECORDS[connection.crm][connection.scored]
        meant = [(record if entity is Entity.LEAD else entity, own) for entity, own in fields.items()]
        match connection.crm:
            case "salesforce":
                from connector.salesforce import project as metadata  # noqa: PLC0415  as for a connection

                return metadata.files(prefix, {sobject(entity): own for entity, own in meant})
            case "hubspot":
                from connector.hubspot import objects, project  # noqa: PLC0415  as for a connection

                return project.files(prefix, {objects.typed(entity).name: own for entity, own in meant})

    @contextmanager
    def crm(self, name: str, *, as_admin: bool = False, purpose: str = LIVE, attempts: int = ATTEMPTS) -> Iterator[CRM]:
        """Open the connection's CRM, as the integration user or as the admin who installs.

        `purpose` is what its calls are for (`tasks.allowance`): live ones may use all of the admin's grant. What a
        person has to mend is told with the connection's name. `attempts`: of a call that may go well the next time.
        """
        connection = self.connection(name)
        sign_in = connection.admin_sign_in if as_admin else connection.sign_in
        if sign_in is None:
            raise SettingsInvalid(
                f"Connection {name} has no admin_sign_in, which creating fields needs. Add it to connections.yaml; "
                f"or let an admin deploy what `truegrade provision {name} --package FILE.zip` writes; it needs none."
            )
        with self._limiter(connection, purpose) as limiter:
            vault = self._vault(connection.account, as_admin=as_admin)
            crm = self._open(connection, sign_in, limiter, vault=vault, attempts=attempts)
            crm = scoring(crm, RECORDS[connection.crm][connection.scored])
            try:
                if connection.crm == "hubspot" and limiter.day_is_unknown():
                    crm.budget()
                yield crm
            except Misconfigured as error:
                who = f"{name}, as its admin_sign_in" if as_admin else name
                raise Misconfigured(f"{who}: {error.message}", fix=error.fix) from error
            finally:
                crm.close()

    def _vault(self, name: str, *, as_admin: bool) -> FileVault:
        return FileVault(self.settings.home / "tokens" / (f"{name}.admin" if as_admin else name))

    def _open(
        self, connection: Connection, sign_in: SignIn, limiter: RateLimiter, *, vault: FileVault, attempts: int
    ) -> CRM:
        match connection.crm:
            case "salesforce":
                return self._salesforce(connection, sign_in, limiter, vault=vault, attempts=attempts)
            case "hubspot":
                return self._hubspot(connection, sign_in, limiter, vault=vault, attempts=attempts)

    def _salesforce(
        self, connection: Connection, sign_in: SignIn, limiter: RateLimiter, *, vault: FileVault, attempts: int
    ) -> CRM:
        from connector.salesforce import adapter, signin  # noqa: PLC0415  a HubSpot run need not load it

        if not connection.url:
            raise SettingsInvalid(f"Connection {connection.name} needs a url: the org's My Domain address.")
        if PLACEHOLDER in connection.url:
            raise SettingsInvalid(
                f"The url of connection {connection.name} is still the one that `truegrade init` wrote. Put your org's "
                "My Domain address into connections.yaml, or remove the connection if you have no Salesforce."
            )
        secret = self._secret_of(connection)
        credentials: signin.SignIn
        match sign_in:
            case ClientCredentialsSignIn():
                credentials = signin.ClientCredentials(
                    client_id=secret(sign_in.client_id, "client_id"),
                    client_secret=secret(sign_in.client_secret, "client_secret"),
                    url=connection.url,
                )
            case JwtSignIn():
                credentials = signin.JwtBearer(
                    client_id=secret(sign_in.client_id, "client_id"),
                    username=sign_in.username,
                    private_key_pem=secret(sign_in.private_key, "private_key"),
                    audience=sign_in.audience,
                    url=connection.url,
                )
            case OAuthRefreshSignIn():
                credentials = signin.RefreshToken(
                    client_id=secret(sign_in.client_id, "client_id"),
                    client_secret=secret(sign_in.client_secret, "client_secret"),
                    refresh_token=secret(sign_in.refresh_token, "refresh_token"),
                    url=connection.url,
                )
            case TokenSignIn():
                raise SettingsInvalid(f"Connection {connection.name}: salesforce has no sign-in token.")
        return adapter.connect(
            credentials,
            base_url=connection.url,
            clock=self.clock,
            limiter=limiter,
            jitter=random.random,
            vault=vault,
            options=adapter.SalesforceOptions(
                integration_username=connection.integration_user or None, attempts=attempts
            ),
        )

    def _hubspot(
        self, connection: Connection, sign_in: SignIn, limiter: RateLimiter, *, vault: FileVault, attempts: int
    ) -> CRM:
        from connector.hubspot import adapter, options, signin  # noqa: PLC0415  a Salesforce run need not load it

        secret = self._secret_of(connection)
        credentials: signin.SignIn
        match sign_in:
            case TokenSignIn():
                credentials = signin.StaticToken(token=secret(sign_in.token, "token"))
            case OAuthRefreshSignIn():
                credentials = signin.OAuthRefresh(
                    client_id=secret(sign_in.client_id, "client_id"),
                    client_secret=secret(sign_in.client_secret, "client_secret"),
                    refresh_token=secret(sign_in.refresh_token, "refresh_token"),
                )
            case _:
                raise SettingsInvalid(f"Connection {connection.name}: hubspot has no sign-in {sign_in.kind}.")
        return adapter.connect(
            credentials,
            base_url=connection.url or adapter.BASE_URL,
            clock=self.clock,
            limiter=limiter,
            jitter=random.random,
            vault=vault,
            options=options.HubSpotOptions(attempts=attempts),
        )

    @contextmanager
    def _limiter(self, connection: Connection, purpose: str) -> Iterator[Metered]:
        """Give the connection's limits of the day and of bursts; what was taken and not used is given back."""
        burst = self._burst(connection)
        metered = Metered(
            burst,
            store=self.store,
            clock=self.clock,
            connection=connection.account,
            grant=grant_of(connection),
            purpose=purpose,
        )
        try:
            yield metered
        finally:
            metered.close()
            burst.close()

    def _burst(self, connection: Connection) -> Turns:
        rates = _rates(connection)
        if not self.settings.redis_url:
            return MemoryLimiter(self.clock, rates)
        from tasks.limiter import RedisLimiter, open_redis  # noqa: PLC0415  a small installation need not load Redis

        client = open_redis(self.settings.redis_url)
        places = {"writes": SALESFORCE_WRITES_AT_ONCE} if connection.crm == "salesforce" else {}
        return RedisLimiter(client, self.clock, connection=connection.account, per_second=rates, places=places)

    def _secret_of(self, connection: Connection) -> "_Lookup":
        return _Lookup(self.secrets, connection.name)


@dataclass(frozen=True, slots=True)
class _Lookup:
    secrets: Secrets
    connection: str

    def __call__(self, reference: str, key: str) -> str:
        return self.secrets.value(reference, where=f"{key} of connection {self.connection}")


def _rates(connection: Connection) -> dict[str, float]:
    """Tell how many calls a second each bucket takes; a bucket that is not named takes any."""
    if connection.crm != "hubspot":
        return {}
    per_s = (connection.burst_per_10s or HUBSPOT_BURST_PER_10S * SHARE_OF_A_BURST) / 10
    searches = connection.search_per_s or HUBSPOT_SEARCHES_PER_S * SHARE_OF_A_BURST
    return {"burst": per_s, "associations": per_s, "search": searches}


def open_wiring(settings: Settings, *, clock: Clock | None = None, migrate: bool = True) -> Wiring:
    """Open an installation: its connections, and its store, brought to today's schema unless told not to."""
    home = settings.home
    connections = load_connections(home)
    store = open_store(settings.store_url)
    if migrate:
        store.migrate()
    return Wiring(
        settings=settings,
        connections=connections,
        secrets=load_secrets(home),
        store=store,
        clock=clock or (ShiftedClock(Path(settings.clock_file)) if settings.clock_file else SystemClock()),
    )
