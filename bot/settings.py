"""Settings of the application: `DRESSRUN_*`, from the environment or a `.env` file, read once.

Each platform's section belongs to its kit, which parses it with its own model.
"""

import os
from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from engine.llm.families import Effort

PREFIX = "DRESSRUN_"
Names = Annotated[tuple[str, ...], NoDecode]
"""Several names in one variable, separated by commas."""


class Models(BaseModel):
    """Which model plays which role: `embedded`, or as `anthropic:<model>`.

    Empty: what the profile says for the keys that are set, see `bot.models`. `fallbacks` are asked
    in order when a model fails, several separated by commas.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    persona: str = ""
    classify: str = ""
    judge: str = ""
    coach: str = ""
    author: str = ""
    fallbacks: str = ""


class Efforts(BaseModel):
    """How much models think in each role: low, medium or high; empty is the vendor's own way.

    Whoever speaks or hears is waited for, so they think little.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    persona: Effort = "low"
    classify: Effort = "low"
    judge: Effort = ""
    coach: Effort = ""
    author: Effort = ""


class Provider(BaseModel):
    """How a provider of models is reached. An empty address is the vendor's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    api_key: SecretStr | None = None
    base_url: str = ""

    @field_validator("base_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        return _address(value, ("https", "http"), plain="http")

    @property
    def key(self) -> str:
        """The key, or nothing."""
        return self.api_key.get_secret_value().strip() if self.api_key else ""


class OpenAI(Provider):
    """How OpenAI is reached, by voice as well."""

    realtime_url: str = ""

    @field_validator("realtime_url")
    @classmethod
    def _is_a_socket(cls, value: str) -> str:
        return _address(value, ("wss", "ws"), plain="ws")


class LocalModel(BaseModel):
    """A server of one's own that speaks OpenAI's Chat Completions; its address ends with `/v1`.

    `context_tokens` is the window that it was started with; 0: 10,000 are reckoned with.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str = ""
    api_key: SecretStr | None = None
    context_tokens: int = Field(default=0, ge=0)

    @field_validator("base_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        return _address(value, ("https", "http"))

    @property
    def key(self) -> str:
        """The key, or nothing."""
        return self.api_key.get_secret_value().strip() if self.api_key else ""


class BudgetLimits(BaseModel):
    """Where spending warns, alerts and stops: US dollars, and shares of them; a share of 0 never.

    A day is one in UTC.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    conversation_usd: float = Field(default=0.10, ge=0)
    person_day_usd: float = Field(default=0.50, ge=0)
    workspace_day_usd: float = Field(default=10.0, ge=0)
    warn_at: float = Field(default=0.8, ge=0)
    alert_at: float = Field(default=1.0, ge=0)
    stop_at: float = Field(default=1.0, ge=0)
    shown_to_trainees: bool = False


class RateLimits(BaseModel):
    """How many messages a minute are answered; 0 is no limit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    person_a_minute: int = Field(default=300, ge=0)
    thread_a_minute: int = Field(default=600, ge=0)
    workspace_a_minute: int = Field(default=30_000, ge=0)


class Settings(BaseSettings):
    """Everything that can be set. Every field has a default, so that nothing has to be."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        env_file=".env",
        extra="ignore",  # the sections of kits stand beside ours
        frozen=True,
    )

    database_url: SecretStr | None = None
    data_dir: Path = Path(".dressrun")
    learned_dir: Path | None = None
    bind: str = "127.0.0.1:8000"
    public_url: str = ""
    scenarios_dir: Path | None = None
    carrier: Literal["", "local", "procrastinate"] = ""
    admins: Names = ()
    cors_origins: Names = ()
    profile: Literal["test", "prod"] = "test"
    release: Literal["", "at_once", "after_review"] = ""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    turn_seconds: float = Field(default=25.0, gt=0, le=300)
    models: Models = Models()
    effort: Efforts = Efforts()
    anthropic: Provider = Provider()
    openai: OpenAI = OpenAI()
    local_model: LocalModel = LocalModel()
    budgets: BudgetLimits = BudgetLimits()
    limits: RateLimits = RateLimits()

    @field_validator("admins", "cors_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("carrier")
    @classmethod
    def _has_its_database(cls, value: str, info: ValidationInfo) -> str:
        if value == "procrastinate" and not _is_postgres(info.data.get("database_url")):
            raise ValueError("procrastinate needs PostgreSQL; name one in DRESSRUN_DATABASE_URL")
        return value

    @field_validator("bind")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if not host or not port.isdigit() or int(port) > 65535:
            raise ValueError("write it as HOST:PORT, for example 127.0.0.1:8000")
        return value

    @property
    def host(self) -> str:
        """The address to listen on."""
        return self.bind.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port to listen on; 0 lets the system choose."""
        return int(self.bind.rpartition(":")[2])

    @property
    def on_loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        return is_loopback(self.host)

    @property
    def on_every_address(self) -> bool:
        """Whether it listens on all addresses of the machine."""
        return self.host in ("0.0.0.0", "::")  # noqa: S104 - compared, not bound

    @property
    def reached_at(self) -> str:
        """The address under which people reach the server, without an end; empty if unknown."""
        here = f"http://{self.bind}" if self.on_loopback else ""
        return self.public_url.rstrip("/") or here

    @property
    def carried_by(self) -> Literal["local", "procrastinate"]:
        """What brings work to workers: the one set, else what suits the database."""
        return self.carrier or ("procrastinate" if self.on_postgres else "local")

    @property
    def on_postgres(self) -> bool:
        """Whether the database is a PostgreSQL, which several processes may share."""
        return _is_postgres(self.database_url)

    @property
    def learned(self) -> Path:
        """The folder of what was learned of scenarios: the one given, else in the data folder."""
        return self.learned_dir or self.data_dir / "learned"

    @property
    def database(self) -> str:
        """The database's address: the one given, else a SQLite file in the data folder."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{(self.data_dir / 'dressrun.db').resolve().as_posix()}"


def is_loopback(name: str) -> bool:
    """Whether a host name or address means this machine only."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _address(value: str, schemes: tuple[str, ...], plain: str = "") -> str:
    """An address without a slash at its end; `plain` is the scheme for this machine alone."""
    if not value:
        return ""
    parts = urlsplit(value)
    if parts.scheme not in schemes or not parts.hostname:
        raise ValueError(f"write it as {schemes[0]}://HOST, or {schemes[1]}://127.0.0.1:PORT")
    if parts.scheme == plain and not is_loopback(parts.hostname):
        raise ValueError(f"{plain}:// is for this machine only; write {schemes[0]}://HOST")
    return value.rstrip("/")


def kit_section(name: str, environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables of one platform, `DRESSRUN_<NAME>__KEY`, as `{key: value}` in lower case.

    From the environment and the `.env` file, as our own settings are, unless one is given.
    """
    start = f"{PREFIX}{name.upper()}__"
    source = _environment() if environment is None else environment
    return {
        key[len(start) :].lower(): value
        for key, value in source.items()
        if key.upper().startswith(start)
    }


def shown(settings: Settings, platforms: Iterable[str] = ()) -> list[str]:
    """Every setting as it would be written in the environment, secrets left out."""
    lines: list[str] = []
    for name, value in settings.model_dump(mode="json").items():
        variable = f"{PREFIX}{name.upper()}"
        if isinstance(value, dict):
            lines += [_line(f"{variable}__{key.upper()}", one) for key, one in value.items()]
        elif isinstance(getattr(settings, name), SecretStr):
            lines.append(f"{variable}=(set)")
        else:
            words = ",".join(value) if isinstance(value, list) else value
            lines.append(f"{variable}={'' if words is None else words}")
    for platform in sorted(platforms):
        start = f"{PREFIX}{platform.upper()}__"
        lines += [f"{start}{key.upper()}=(set)" for key in sorted(kit_section(platform))]
    return lines


def _line(variable: str, value: object) -> str:
    if variable.endswith("_KEY"):
        return f"{variable}={'(set)' if value else ''}"
    return f"{variable}={value}"


def setting_problem(where: tuple[int | str, ...], what: str) -> str:
    """A wrong setting in a line, named as its variable is."""
    name = "__".join(str(part).upper() for part in where)
    return f"{PREFIX}{name}: {what.removeprefix('Value error, ')}"


def _is_postgres(url: SecretStr | None) -> bool:
    # Without SQLAlchemy, which loads slowly: most commands need no database.
    backend = url.get_secret_value().partition(":")[0].partition("+")[0] if url else ""
    return backend in ("postgres", "postgresql")


def _environment() -> dict[str, str]:
    written = {key: value for key, value in dotenv_values(".env").items() if value is not None}
    return {**written, **os.environ}
