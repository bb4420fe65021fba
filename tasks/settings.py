"""What an installation is set to, by its environment; its CRMs stand in `connections.yaml`, see `tasks.connections`.

The one module that reads the environment. Secrets are never written in a file of settings; they are named there, as
`env:NAME` or `file:PATH`, and looked up when a connection is opened.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

LONGEST_S = 366 * 86_400
LONGEST_DAYS = 36_500
ADDRESSES = ("database_url", "redis_url")  # may be given in a file
SECRET = {f"TRUEGRADE_{name.upper()}" for name in (*ADDRESSES, "alert_webhook", "smtp_password")}
VARIABLE = r"[A-Za-z_][A-Za-z0-9_]{0,62}"  # a Salesforce secret has 64 such characters


class SettingsInvalid(Exception):
    """A setting has to be changed by a person; the message says which, where, and to what."""


class Settings(BaseSettings):
    """One installation. Each setting is the environment variable of its name with `TRUEGRADE_` in front."""

    model_config = SettingsConfigDict(env_prefix="TRUEGRADE_", extra="ignore")

    home: Path = Field(Path("truegrade-data"), description="Folder of connections.yaml, mappings, models and SQLite.")
    database_url: str = Field("", description="PostgreSQL by URL; empty: SQLite in the home folder.")
    database_url_file: str = Field("", description="A file that holds it, so that a password is in no environment.")
    redis_url: str = Field(
        "", description="Broker, locks and shared rate limits; empty: `truegrade up` starts its own."
    )
    redis_url_file: str = Field("", description="A file that holds it, so that a password is in no environment.")
    sync_every_s: int = Field(300, ge=1, le=LONGEST_S, description="How often each connection is synced.")
    sweep_every_s: int = Field(
        86_400, ge=1, le=LONGEST_S, description="How often deletions are swept for that polling cannot see."
    )
    history: bool = Field(
        default=False, description="Whether a sync reads the CRM's field history before it learns the first model."
    )
    train_every_s: int = Field(604_800, ge=1, le=LONGEST_S, description="How often a new model is learned.")
    tick_every_s: float = Field(15.0, ge=0.1, le=3_600, description="How often beat looks for schedules that are due.")
    chunk_leads: int = Field(
        10_000, ge=100, le=1_000_000, description="Leads scored at a time; more is faster, fewer needs less memory."
    )
    check_rows: int = Field(
        100_000, ge=100, le=100_000_000, description="Records of each kind that a reconciliation looks at closely."
    )
    threads: int = Field(2, ge=1, le=256, description="Threads of the learner.")
    seed: int = Field(
        20_240_601, ge=0, le=2**31 - 1, description="Seed of the learner; the same data and seed give the same model."
    )
    recipe: Literal["full", "quick"] = Field(
        "full", description="How a model is learned; quick is for trials: it takes half the time, and ranks worse."
    )
    job_limit_s: int = Field(3_000, ge=60, le=LONGEST_S, description="Longest time of one job.")
    lease_s: float = Field(
        60.0, ge=1, le=3_600, description="How long work stays with a worker that is not heard of any more."
    )
    live_leads: int = Field(
        20_000, ge=100, le=10**9, description="Most leads that a sync loads or scores itself; more become a backfill."
    )
    backfill_units: int = Field(
        4, ge=1, le=100, description="Most parts of backfills that are worked on at once for one connection."
    )
    clock_file: str = Field(
        "", description="For rehearsals: a file that says by how many seconds our time is ahead of the machine's."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much the log says.")
    stale_after_s: int = Field(
        3_600, ge=60, le=LONGEST_S, description="How old a change of a lead may get without a new score on the lead."
    )
    stalled_after_s: int = Field(
        900, ge=60, le=LONGEST_S, description="How long work may be due while none is ended, before that is an alert."
    )
    refusal_rate: float = Field(
        0.1, gt=0, le=1, description="Share of a day's rows that the CRM may refuse before that is an alert."
    )
    alert_failures: int = Field(3, ge=1, le=1_000, description="Runs that may fail in a row before that is an alert.")
    alert_webhook: str = Field(
        "", description="Where alerts are posted as JSON: `env:NAME` or `file:PATH` of the address; empty: nowhere."
    )
    alert_email_to: str = Field("", description="Addresses that alerts are mailed to, with commas; empty: nobody.")
    alert_email_from: str = Field("truegrade@localhost", description="Sender of these mails.")
    smtp_host: str = Field("localhost", description="Mail server; STARTTLS is used if it is offered.")
    smtp_port: int = Field(25, ge=1, le=65_535, description="Its port; 465 means TLS from the first byte.")
    smtp_username: str = Field("", description="User at the mail server; empty: no sign-in.")
    smtp_password: str = Field("", description="Its password, as `env:NAME` or `file:PATH`.")
    metrics_host: str = Field("127.0.0.1", description="Address that `truegrade metrics --serve` listens on.")
    metrics_port: int = Field(9_464, ge=0, le=65_535, description="Its port; 0 chooses a free one.")

    keep_runs_days: int = Field(
        180, ge=0, le=LONGEST_DAYS, description="How long runs are kept, but for each verb's last success; 0: for ever."
    )
    keep_audit_days: int = Field(1_095, ge=0, le=LONGEST_DAYS, description="How long audit lines are kept.")
    keep_history_days: int = Field(
        1_825, ge=0, le=LONGEST_DAYS, description="How long it is kept what fields held before they changed."
    )
    keep_refusals_days: int = Field(
        90, ge=0, le=LONGEST_DAYS, description="How long a refusal is kept that does not stand any more."
    )
    keep_answers_days: int = Field(
        365, ge=0, le=LONGEST_DAYS, description="How long answers of enrichment services are kept at most."
    )
    keep_handovers_days: int = Field(365, ge=0, le=LONGEST_DAYS, description="How long done hand-overs are kept.")
    keep_alerts_days: int = Field(30, ge=0, le=LONGEST_DAYS, description="How long an alert is kept that is over.")
    keep_erasures_days: int = Field(
        1_825,
        ge=0,
        le=LONGEST_DAYS,
        description="How long it is kept who was erased, once the CRM has erased them too.",
    )
    keep_gone_days: int = Field(
        100,
        ge=0,
        le=LONGEST_DAYS,
        description="How long the id of a record is kept that the CRM deleted; HubSpot can restore one for 90 days.",
    )

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, url: str) -> str:
        if not url:
            return url
        if not url.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("it must begin with redis://, rediss:// or unix://")
        from redis import Redis  # noqa: PLC0415  many have none: every command would load its client

        try:
            Redis.from_url(url).close()  # it connects with the first command only
        except ValueError:  # not `from error`: its words may hold a part of the password
            raise ValueError(
                "it must be redis://:PASSWORD@HOST:PORT/NUMBER; in a password, signs like / @ : # are written as %2F "
                "%40 %3A %23"
            ) from None
        return url

    @field_validator("alert_webhook", "smtp_password")
    @classmethod
    def _names_a_secret(cls, reference: str) -> str:
        if reference and not re.fullmatch(r"(env|file):.+", reference):
            raise ValueError("it must say where the secret is, as env:NAME or file:PATH, and not be the secret itself")
        return reference

    @property
    def store_url(self) -> str:
        """Where the store is: as set, else SQLite in the home folder."""
        return self.database_url or f"sqlite:///{(self.home / 'truegrade.db').resolve()}"

    @property
    def models_folder(self) -> Path:
        return self.home / "models"

    @property
    def kept_days(self) -> dict[str, int]:
        """How many days each kind of row is kept, by the names of `tasks.store.aging`; 0: for ever."""
        return {name[5:-5]: days for name, days in self if name.startswith("keep_")}


@dataclass(frozen=True, slots=True)
class Secrets:
    """Looks up what `env:NAME` and `file:PATH` stand for. Prints as nothing."""

    environment: Mapping[str, str]
    folder: Path

    def __repr__(self) -> str:
        return "Secrets()"

    def value(self, reference: str, *, where: str) -> str:
        """Return the secret. Raises SettingsInvalid naming the reference, never the value."""
        kind, _, name = reference.partition(":")
        if kind == "env" and name:
            if not re.fullmatch(VARIABLE, name):
                message = f"{where} is env: and no name of an environment variable, but perhaps the secret itself."
                raise SettingsInvalid(f"{message} Write env:NAME, and set the variable NAME to the secret.")
            if secret := self.environment.get(name, ""):
                return secret
            raise SettingsInvalid(f"{where} is read from the environment variable {name}, which is not set. Set it.")
        if kind == "file" and name:
            return self._from_file(Path(name), where=where)
        raise SettingsInvalid(
            f"{where} must say where the secret is, as env:NAME or file:PATH, and not be the secret itself."
        )

    def _from_file(self, path: Path, *, where: str) -> str:
        full = path if path.is_absolute() else self.folder / path
        try:
            secret = full.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise SettingsInvalid(
                f"{where} is read from {full}, but: {error.strerror}. Put the secret there."
            ) from error
        except UnicodeDecodeError as error:
            raise SettingsInvalid(f"{where} is read from {full}, which is no text. Put the secret there.") from error
        if not secret:
            raise SettingsInvalid(f"{where} is read from {full}, which is empty. Put the secret there.")
        return secret


def load_settings(home: Path | None = None) -> Settings:
    """Read the installation's settings. Raises SettingsInvalid naming the variable, its value and the fix."""
    given: dict[str, Any] = {} if home is None else {"home": home}
    settings = _settings(given)
    addresses = {name: address for name in ADDRESSES if (address := _from_file(settings, name))}
    return _settings(given | addresses) if addresses else settings


def _from_file(settings: Settings, name: str) -> str:
    """Return the address that a file holds, if one is named; relative files are in the home folder."""
    variable, path = f"TRUEGRADE_{name.upper()}", getattr(settings, f"{name}_file")
    if not path:
        return ""
    if getattr(settings, name):
        raise SettingsInvalid(f"{variable} and {variable}_FILE are both set. Unset one of them.")
    return Secrets(environment={}, folder=settings.home).value(f"file:{path}", where=variable)


def _settings(given: dict[str, Any]) -> Settings:
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = "TRUEGRADE_" + str(first["loc"][0]).upper()
        given_to = "" if name in SECRET else f" to {first['input']!r}"  # an address may hold a password
        raise SettingsInvalid(f"{name} is set{given_to}: {first['msg']}. Correct or unset it.") from error


def load_secrets(home: Path) -> Secrets:
    """Give the look-up of secrets; relative files are beside connections.yaml."""
    return Secrets(environment=os.environ, folder=home)  # noqa: TID251  the one place that reads it


def child_environment(**extra: str) -> dict[str, str]:
    """Return our environment with additions, for a process that we start."""
    return {**os.environ, **extra}  # noqa: TID251  the one place that reads it
