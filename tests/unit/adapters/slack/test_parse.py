"""Slack's payloads as events: what is heard, as what, and what is left alone."""

from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.port import (
    CommandCalled,
    CommandSpec,
    Joined,
    Left,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    OptionSpec,
    Stopped,
)
from adapters.slack import actions
from adapters.slack.parse import Ours, Owner, event, owner, shared_channel
from adapters.slack.places import spot, thread_ref
from adapters.slack.words import plain_words

SPECS = (
    CommandSpec(name="hint", summary="A hint."),
    CommandSpec(
        name="start",
        summary="Start.",
        options=(OptionSpec(name="scenario", description="Which?"),),
    ),
)
OURS = Ours(tenant="T1", bot_user="UBOT", specs=SPECS)
ROOT = "1700000000.000001"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def said(words: str, **more: Any) -> dict[str, Any]:
    inner = {
        "type": "message",
        "channel": "C1",
        "user": "U1",
        "text": words,
        "ts": "1700000005.000001",
        "thread_ts": ROOT,
        "parent_user_id": "UBOT",
        **more,
    }
    return {"type": "event_callback", "event": inner}


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("plain", "plain"),
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"),
        ("ask <@U2> or <@U3|ben>", "ask <@U2> or <@U3>"),
        ("in <#C2|general> or <#C3>", "in #general or #C3"),
        ("see <https://x.org/a?b=1&amp;c=2|here>", "see here"),
        ("see <https://x.org/a>", "see https://x.org/a"),
        ("<mailto:a@x.org|a@x.org>", "a@x.org"),
        ("<!here> <!subteam^S1|@team>", "@here @team"),
        ("<@UBOT> hello there", "hello there"),
        ("hello <@UBOT> there", "hello there"),
        ("zero\u200bwidth", "zerowidth"),
    ],
)
def test_words(given: str, text: str) -> None:
    assert plain_words(given, without="UBOT") == text


def test_a_message_in_our_thread() -> None:
    found = event(said("I hear you."), OURS)
    assert isinstance(found, MessagePosted)
    assert found.event_id == "C1:1700000005.000001"
    assert found.thread == thread_ref("T1", "C1", ROOT)
    assert found.order == "1700000005.000001"
    assert not found.addressed


@pytest.mark.parametrize(
    "more",
    [
        {"bot_id": "B2"},
        {"user": "UBOT"},
        {"user": "USLACKBOT"},
        {"user": None},
        {"subtype": "channel_join"},
        {"subtype": "bot_message"},
        {"thread_ts": None},
        {"parent_user_id": "U2"},
        {"text": ""},
        {"type": "reaction_added"},
    ],
)
def test_what_is_not_for_us(more: dict[str, Any]) -> None:
    assert event(said("hello", **more), OURS) is None


@pytest.mark.parametrize(
    ("text", "name", "rest"),
    [
        ("!hint", "hint", ""),
        ("/sim hint", "hint", ""),
        ("<@UBOT> hint", "hint", ""),
        ("<@UBOT> /sim start chest-pain", "start", "chest-pain"),
        ("<@UBOT> start chest-pain", "start", "chest-pain"),
        ("<@UBOT> Hint", "hint", ""),
    ],
)
def test_commands_in_threads(text: str, name: str, rest: str) -> None:
    found = event(said(text), OURS)
    assert isinstance(found, CommandCalled)
    assert (found.name, found.text) == (name, rest)


@pytest.mark.parametrize(
    "text", ["<@UBOT> hint at what hurts, please", "hint <@UBOT>", "<@UBOT> good morning"]
)
def test_speaking_to_the_bot_is_no_command(text: str) -> None:
    found = event(said(text), OURS)
    assert isinstance(found, MessagePosted)
    assert found.addressed


def test_a_direct_message_begins_its_own_thread() -> None:
    top = said("hi", channel="D1", thread_ts=None, parent_user_id=None, channel_type="im")
    found = event(top, OURS)
    assert isinstance(found, MessagePosted)
    assert found.thread == thread_ref("T1", "D1", "1700000005.000001")
    assert found.addressed


def test_changes_name_what_they_change() -> None:
    now = {
        "user": "U1",
        "ts": "5.000001",
        "thread_ts": ROOT,
        "text": "new",
        "edited": {"ts": "9.1"},
    }
    body = {
        "event": {
            "type": "message",
            "subtype": "message_changed",
            "channel": "C1",
            "ts": "9.000001",
            "event_ts": "9.000001",
            "message": now,
            "previous_message": {**now, "text": "old"},
        }
    }
    edited = event(body, OURS)
    assert isinstance(edited, MessageEdited)
    assert (edited.text, edited.ref.id) == ("new", "5.000001")
    body["event"]["previous_message"] = now
    assert event(body, OURS) is None  # a preview was added
    body["event"]["message"] = {**now, "subtype": "tombstone"}
    assert isinstance(event(body, OURS), MessageDeleted)


def test_coming_going_and_stopping() -> None:
    base = {"channel": "C1", "user": "U1", "event_ts": "7.000001"}
    assert isinstance(event({"event": {"type": "member_joined_channel", **base}}, OURS), Joined)
    assert isinstance(event({"event": {"type": "member_left_channel", **base}}, OURS), Left)
    ours = {"event": {"type": "member_joined_channel", **base, "user": "UBOT"}}
    assert event(ours, OURS) is None
    stopped = event({"event": {"type": "agent_session_stopped", **base, "thread_ts": ROOT}}, OURS)
    assert isinstance(stopped, Stopped)
    assert spot(stopped.thread).root == ROOT


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"team_id": "T1"}, Owner(team="T1")),
        ({"team_id": "T9", "authorizations": [{"team_id": "T1"}]}, Owner(team="T1")),
        ({"team": {"id": "T1"}, "enterprise": None}, Owner(team="T1")),
        (
            {"team": None, "enterprise": {"id": "E1"}, "is_enterprise_install": True},
            Owner(team="", enterprise="E1", whole=True),
        ),
        (
            {"team_id": "T1", "enterprise_id": "E1", "is_enterprise_install": "false"},
            Owner(team="T1", enterprise="E1"),
        ),
    ],
)
def test_whose_it_is(body: dict[str, Any], found: Owner) -> None:
    assert owner(body) == found
    assert found.tenant == ("E1" if found.whole else "T1")


def test_a_channel_is_shared_only_where_that_is_said() -> None:
    body = {"event": {"channel": "C1"}, "is_ext_shared_channel": True}
    assert shared_channel(body) == "C1"
    assert shared_channel({**body, "is_ext_shared_channel": False}) == ""


@pytest.mark.parametrize(("channel", "direct"), [("D1", True), ("C1", False)])
def test_a_command_and_a_press_say_whether_others_could_come_in(channel: str, direct: bool) -> None:
    typed = event(said("!hint", channel=channel), OURS)
    slash = {"trigger_id": "t", "user_id": "U1", "channel_id": channel, "text": "start x"}
    action = {"value": "hint", "action_ts": "1700000006.000001", "type": "button"}
    press = {
        "type": "block_actions",
        "user": {"id": "U1"},
        "channel": {"id": channel},
        "container": {"type": "message", "channel_id": channel, "message_ts": ROOT},
        "message": {"ts": ROOT},
        "actions": [action],
    }
    found = [typed, actions.called(slash, OURS, NOW), actions.pressed(press, OURS, NOW)]
    assert [getattr(one, "direct", None) for one in found] == [direct] * 3
