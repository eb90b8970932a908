"""Every setting, with its default. `reading.py` reads them, once.

Unknown names are errors. A secret is never a setting: the setting is the file that holds it.
`docs/venterom.toml` says what each one is for; a test holds it against the defaults here.
"""

import re
from datetime import datetime, time
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from venterom.web.address import Proxies

REACHABLE = re.compile(r"(?:mailto:|https://)[!-~]+")  # one line of what can be printed, no space


class SettingsError(Exception):
    """A setting is unknown or its value cannot be used."""


class Section(BaseModel):
    """A group of settings that cannot change once it is read."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Http(Section):
    """Where browsers reach us."""

    host: str = "127.0.0.1"
    port: int = 8080
    # What people type: links, sign-in and the Origin check are made of it.
    public_url: str = "http://127.0.0.1:8080"
    # Whose X-Forwarded-For is believed: addresses and networks of proxies.
    trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1")

    @field_validator("trusted_proxies")
    @classmethod
    def _are_addresses(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        Proxies.named(names)
        return names


class Security(Section):
    """Where somebody who has found a fault turns to: /.well-known/security.txt (RFC 9116)."""

    contacts: tuple[str, ...] = ()  # mailto: or https:, the best one first; none: no such page
    expires: datetime | None = None  # with a time zone; from then on the page is gone
    policy: str = ""

    @model_validator(mode="after")
    def _is_whole(self) -> "Security":
        if bool(self.contacts) != (self.expires is not None):
            raise ValueError("contacts and expires belong together")
        if self.expires is not None and self.expires.tzinfo is None:
            raise ValueError("expires needs a time zone")
        for said in (*self.contacts, self.policy):
            if said and not REACHABLE.fullmatch(said):
                raise ValueError(f"{said!r} is neither mailto: nor https:")
        return self


class Database(Section):
    """The service's own store."""

    url: str = "sqlite+aiosqlite:///var/venterom.db"
    # A file with the whole address, for one that holds a password. It goes before `url`.
    url_file: Path | None = None


class OutsideEpj(Section):
    """Somebody else's patient record, over HTTP (docs/epj.md)."""

    url: str = ""  # where a FHIR transaction is posted to; empty: the embedded record is used
    token_url: str = ""
    issuer: str = ""  # the audience of our client assertion
    client_id: str = ""
    scope: str = ""
    key_file: Path | None = None  # P-256: shows who we are
    keep_text: bool = False  # whether what it has taken stays here, too, for good
    keep_text_days: int = Field(default=30, ge=1)  # if not: for so long after its receipt


class Epj(Section):
    """The patient record that signed notes are delivered to."""

    url: str = "sqlite+aiosqlite:///var/epj.db"
    url_file: Path | None = None
    outside: OutsideEpj = OutsideEpj()


class Keys(Section):
    """Files that hold the keys. Missing ones are made in the demonstration, and only there."""

    root_file: Path = Path("var/keys/root.key")  # 32 bytes: seals, indexes, links, tickets
    signing_file: Path = Path("var/keys/signing.pem")  # P-256: signs journal entries and receipts
    client_file: Path = Path("var/keys/client.pem")  # P-256: shows identity providers who we are
    # Keys that came later (kek-2.key …) and public halves of those that signed before.
    folder: Path = Path("var/keys/later")
    # Ids of keys (kek-1 …) that are gone for good; what they sealed cannot be read any more.
    lost: tuple[str, ...] = ()


class Record(Section):
    """What proves that the record is as it was written."""

    anchor_folder: Path = Path("var/anchor")  # checkpoints of the log, outside the database


class Media(Section):
    """The processes that carry sound and picture."""

    workers: int = 1
    # Addresses offered to browsers; empty means the host's own. Behind NAT: the public one.
    addresses: tuple[str, ...] = ()
    # UDP port of the first worker, the others have the next ones; 0 means any that is free.
    port: int = 0
    # TURN servers as browsers write them, e.g. turns:turn.example.org:443?transport=tcp
    turn_urls: tuple[str, ...] = ()
    turn_secret_file: Path | None = None


class Hours(Section):
    """When a doctor can be asked for, wall time in Europe/Oslo, every day of the week."""

    opens: time = time(7, 0)
    closes: time = time(22, 0)
    all_day: bool = False


ProviderKind = Literal["plain", "bankid", "signicat", "criipto", "helseid"]


class Provider(Section):
    """One OpenID provider, for one kind of people (docs/identity.md)."""

    kind: ProviderKind = "plain"
    issuer: str = ""
    client_id: str = ""
    # What is left empty is as its kind has it (web/identity/kinds.py).
    scopes: tuple[str, ...] = ()
    # Accepted values of the level's claim. The request only asks: the answer is checked.
    levels: tuple[str, ...] = ()
    asked_levels: tuple[str, ...] = ()  # `acr_values` of the request
    algorithms: tuple[str, ...] = ()
    number_claim: str = ""
    level_claim: str = ""
    hpr_claim: str = ""
    hints: tuple[str, ...] = ()  # name=value, added to the request
    pushed: bool | None = None  # whether a provider that takes no pushed request is refused
    dpop: bool | None = None  # whether access tokens are bound to a key of ours
    userinfo: bool | None = None  # whether the number stands in the signed userinfo


class ByBankId(Provider):
    """Patients, and whoever else has BankID and no HPR number."""

    kind: ProviderKind = "bankid"


class ByHelseId(Provider):
    """Health personnel."""

    kind: ProviderKind = "helseid"


class Identity(Section):
    """Who vouches for whom."""

    patients: ByBankId = ByBankId()
    staff: ByHelseId = ByHelseId()
    insurers: ByBankId = ByBankId()
    directors: ByHelseId = ByHelseId()
    operators: ByHelseId = ByHelseId()


class Enterprise(Section):
    """Who is responsible: what stands on papers, and under which number prescriptions are sent."""

    name: str = "Venterom"
    number: str = ""  # organisation number
    address: str = ""
    phone: str = ""
    her_id: str = ""


class Prescribing(Section):
    """The national prescribing module (docs/prescribing.md). Without an address nothing is sent."""

    url: str = ""
    secret_file: Path | None = None


class Nav(Section):
    """The gateway to NAV, for sick notes (docs/sicknotes.md). Without an address none is sent."""

    url: str = ""
    secret_file: Path | None = None


class KeptOutside(Section):
    """An insurer who keeps the register of policies and is asked (docs/insurers.md)."""

    insurer: str
    prefix: str  # policy numbers that begin with this are asked for there
    url: str
    cert_file: Path  # who we are to them
    key_file: Path
    ca_file: Path | None = None  # who vouches for them; without it, whom the machine trusts


class Register(Section):
    """The gateway to one register. Without an address nobody answers there."""

    url: str = ""
    secret_file: Path | None = None


class Registers(Section):
    """What we ask others about people (docs/hpr.md, docs/population.md)."""

    hpr: Register = Register()
    population: Register = Register()


class Demonstration(Section):
    """The invented world of `venterom demo`."""

    port: int = 8081


class Log(Section):
    """What is written about what happens."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    json_lines: bool = True


class Settings(Section):
    """All of it."""

    mode: Literal["production", "demonstration"] = "production"
    http: Http = Http()
    security: Security = Security()
    database: Database = Database()
    epj: Epj = Epj()
    keys: Keys = Keys()
    record: Record = Record()
    media: Media = Media()
    hours: Hours = Hours()
    identity: Identity = Identity()
    enterprise: Enterprise = Enterprise()
    prescribing: Prescribing = Prescribing()
    nav: Nav = Nav()
    insurers: tuple[KeptOutside, ...] = ()
    registers: Registers = Registers()
    demonstration: Demonstration = Demonstration()
    log: Log = Log()

    @property
    def is_demonstration(self) -> bool:
        """Whether invented people may sign in."""
        return self.mode == "demonstration"


def secret(path: Path) -> str:
    """What a secret's file holds, without the line's end. Raises SettingsError."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}") from None


def database_url(section: Database | Epj) -> str:
    """The address of a database, from its file when there is one."""
    return secret(section.url_file) if section.url_file else section.url
