"""Settings: read once from the environment, wrong ones named, secrets never shown."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bot.settings import Settings, kit_section, shown

PRIVATE = "hunter2-private"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No `.env` of a developer is read."""
    monkeypatch.chdir(tmp_path)


def made(**values: Any) -> Settings:
    return Settings(_env_file=None, **values)  # type: ignore[call-arg]


def test_nothing_has_to_be_set() -> None:
    settings = made()
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.models.persona == ""  # what the profile says
    assert settings.database.startswith("sqlite:////")


@pytest.mark.parametrize(
    ("bind", "host", "port"),
    [
        ("0.0.0.0:80", "0.0.0.0", 80),  # noqa: S104  # a setting, nothing listens
        ("[::1]:0", "::1", 0),
        ("localhost:65535", "localhost", 65535),
    ],
)
def test_an_address_is_read(bind: str, host: str, port: int) -> None:
    assert (made(bind=bind).host, made(bind=bind).port) == (host, port)


@pytest.mark.parametrize("bind", ["localhost", ":80", "localhost:http", "h:99999", "h:-1", ""])
def test_a_wrong_address_says_how_it_is_written(bind: str) -> None:
    with pytest.raises(ValidationError, match="HOST:PORT"):
        made(bind=bind)


def test_several_names_stand_in_one_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRESSRUN_ADMINS", " slack:U1, discord:7 ,")
    assert made().admins == ("slack:U1", "discord:7")


def test_nested_settings_and_their_mistakes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRESSRUN_MODELS__JUDGE", "local:x")
    monkeypatch.setenv("DRESSRUN_BUDGETS__PERSON_DAY_USD", "2.5")
    assert made().models.judge == "local:x"
    assert made().budgets.person_day_usd == 2.5
    monkeypatch.setenv("DRESSRUN_MODELS__JUGDE", "local:x")
    with pytest.raises(ValidationError):
        made()


@pytest.mark.parametrize(
    ("name", "value"),
    [("carrier", "redis"), ("profile", "dev"), ("turn_seconds", 0), ("log_level", "trace")],
)
def test_values_that_mean_nothing_are_refused(name: str, value: object) -> None:
    with pytest.raises(ValidationError) as caught:
        made(**{name: value})
    assert caught.value.errors()[0]["loc"] == (name,)


def test_a_platform_has_a_section_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"DRESSRUN_SLACK__BOT_TOKEN": "x", "DRESSRUN_SLACKER__A": "y", "PATH": "z"}
    assert kit_section("slack", given) == {"bot_token": "x"}
    (tmp_path / ".env").write_text("DRESSRUN_TERMINAL__NAME=Ada\nDRESSRUN_TERMINAL__MORE=file\n")
    monkeypatch.setenv("DRESSRUN_TERMINAL__MORE", "environment")
    assert kit_section("terminal") == {"name": "Ada", "more": "environment"}


def test_what_is_set_can_be_shown_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRESSRUN_SLACK__BOT_TOKEN", PRIVATE)
    settings = made(
        database_url=f"postgresql://u:{PRIVATE}@h/d", admins="a:1,b:2", models={"judge": "local:x"}
    )
    lines = shown(settings, ["slack", "terminal"])
    assert PRIVATE not in "\n".join(lines)
    assert PRIVATE not in repr(settings)
    assert "DRESSRUN_DATABASE_URL=(set)" in lines
    assert "DRESSRUN_ADMINS=a:1,b:2" in lines
    assert "DRESSRUN_MODELS__JUDGE=local:x" in lines
    assert "DRESSRUN_SLACK__BOT_TOKEN=(set)" in lines
    assert "DRESSRUN_SCENARIOS_DIR=" in lines
    assert all("=" in line for line in lines)


def test_what_is_shown_can_be_set_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first = made(admins="a:1", turn_seconds=7, models={"coach": "local:y"})
    for line in shown(first):
        name, _, value = line.partition("=")
        if value:
            monkeypatch.setenv(name, value)
    assert made() == first


@pytest.mark.parametrize(
    ("values", "carrier"),
    [
        ({}, "local"),
        ({"database_url": "sqlite:///x.db"}, "local"),
        ({"database_url": "postgresql://h/d"}, "procrastinate"),
        ({"database_url": "postgres://h/d"}, "procrastinate"),
        ({"database_url": "postgresql+psycopg://h/d"}, "procrastinate"),
        ({"database_url": "postgresql://h/d", "carrier": "local"}, "local"),
    ],
)
def test_the_carrier_follows_the_database(values: dict[str, str], carrier: str) -> None:
    assert made(**values).carried_by == carrier


def test_procrastinate_needs_postgres() -> None:
    with pytest.raises(ValidationError, match="name one in DRESSRUN_DATABASE_URL"):
        made(carrier="procrastinate")
