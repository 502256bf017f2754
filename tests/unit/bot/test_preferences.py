"""Preferences: what is valid, and when it is quiet."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.preferences import BadPreference, Preferences


@pytest.mark.parametrize("zone", ["Europe/Berlin", "UTC", "America/Argentina/Ushuaia", "Etc/GMT+5"])
def test_real_zones(zone: str) -> None:
    assert Preferences(time_zone=zone).time_zone == zone


@pytest.mark.parametrize(
    "zone", ["Europe/Atlantis", "Europe", "", "../../etc/passwd", "/etc/localtime", "CEST+2\0", "+"]
)
def test_no_zones(zone: str) -> None:
    with pytest.raises(BadPreference) as caught:
        Preferences(time_zone=zone)
    assert caught.value.fields == ("time_zone",)


@pytest.mark.parametrize(
    ("start", "end"),
    [("22:00", None), (None, "07:00"), ("07:00", "07:00"), ("7:00", "9:00"), ("24:00", "07:00"),
     ("22:00", "07:60"), ("٢٢:00", "07:00"), ("", "")],
)  # fmt: skip
def test_no_hours(start: str | None, end: str | None) -> None:
    with pytest.raises(BadPreference) as caught:
        Preferences(quiet_from=start, quiet_to=end)
    assert caught.value.fields == ("quiet_from", "quiet_to")


@pytest.mark.parametrize(
    ("given", "kept"),
    [("de", "de"), ("PT-br", "pt-BR"), ("zh_hant_TW", "zh-Hant-TW"), ("es-419", "es-419")],
)
def test_languages_get_their_usual_form(given: str, kept: str) -> None:
    assert Preferences(language=given).language == kept


@pytest.mark.parametrize("given", ["", "german", "d", "de-", "de-DE-DE", "日本"])
def test_no_languages(given: str) -> None:
    with pytest.raises(BadPreference):
        Preferences(language=given)


@pytest.mark.parametrize(
    ("start", "end", "hour", "quiet"),
    [
        ("22:00", "07:00", 21, False),
        ("22:00", "07:00", 22, True),
        ("22:00", "07:00", 3, True),
        ("22:00", "07:00", 7, False),
        ("12:00", "13:00", 12, True),
        ("12:00", "13:00", 13, False),
    ],
)
def test_quiet_hours_are_local_and_may_cross_midnight(
    start: str, end: str, hour: int, quiet: bool
) -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    moment = datetime(2026, 3, 1, hour, tzinfo=tokyo).astimezone(UTC)
    set_ = Preferences(time_zone="Asia/Tokyo", quiet_from=start, quiet_to=end)
    unset = Preferences(quiet_from=start, quiet_to=end)
    assert set_.quiet_at(moment, UTC) is quiet
    assert unset.quiet_at(moment, tokyo) is quiet
    assert not Preferences().quiet_at(moment, UTC)
