"""The product's own voice, read as plain text: what each message must hold, and must not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from adapters.plain import plain
from adapters.port import Choice, Message, Platform, ThreadRef, ThreadState
from bot.commands import REGISTRY
from bot.effects import MarkThread, Post, Whisper
from bot.people import Person, Preferences
from bot.views import exhibits, help, library, people, scene, score, session, text
from bot.wiring import shipped_scenarios
from engine import events as ev
from engine.assessment import Evaluation
from engine.assessment.evaluation import Evidence, Score
from engine.casting import human_seats, mode_names
from engine.catalog import Catalog
from engine.scenario import Scenario
from engine.session import State, fold
from engine.store.ledger import Totals
from engine.store.sessions import SessionRecord
from engine.turns import Outcome

T0 = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
THREAD = ThreadRef(Platform("fake"), "W1", "C1:1")
SPENT = Totals(calls=3, tokens_in=900, tokens_out=334, reasoning=0, cost_micro_usd=12_300)


@cache
def catalog() -> Catalog:
    return Catalog(shipped_scenarios())


def chest() -> Scenario:
    return catalog().get("chest-pain")


def begun(*events: ev.Event) -> State:
    opening = (
        ev.Started(at=T0, scenario_hash="h", mode="standard"),
        ev.Seated(at=T0, seat="trainee", person="p1"),
        ev.PhaseEntered(at=T0, phase=chest().phases[0].id, because="start"),
    )
    return fold(chest(), (*opening, *events))


def told(event: ev.Event, state: State | None = None) -> str:
    """The posts that an event leads to, as plain text."""
    return "\n".join(plain(one.message) for one in effects(event, state) if isinstance(one, Post))


def effects(event: ev.Event, state: State | None = None) -> tuple[object, ...]:
    state = state or begun(event)
    outcome = Outcome(session=record(), scenario=chest(), events=(event,), state=state)
    return scene.effects_of(outcome, lambda _scenario, _file: None)


def record(status: str = "completed") -> SessionRecord:
    return SessionRecord(
        id="0123456789abcdef" * 2,
        scenario_id="chest-pain",
        scenario_hash="h",
        mode="standard",
        language="en",
        seed=1,
        status=status,  # type: ignore[arg-type]
        phase="history",
        seq=3,
        owner="w",
        started_at=T0,
        completed_at=None,
        created_at=T0,
        updated_at=T0,
        due=None,
    )


def every_message() -> list[Message]:
    """One of each view."""
    scenario, state = chest(), begun()
    now = T0 + timedelta(minutes=3)
    person = Person(id="p1", name="", workspace="w", roles=frozenset(), consented=True)
    evaluated = Evaluation(
        overall=50,
        coverage=0.5,
        passed=False,
        rubric_hash="r",
        scenario_hash="h",
        criteria=(line("introduces", 1, "I am Dr Rivers"), line("medicines", None)),
    )
    return [
        library.listing(catalog().published(), {"chest-pain"}),
        library.listing((), ()),
        *(library.brief(one, next(iter(one.modes), "standard")) for one in catalog().published()),
        library.opening(scenario, "exam", "trainee"),
        people.notice((), 30, then="agree:chest-pain"),
        people.notice(("anthropic:some-model",), 365, then="agree:chest-pain"),
        people.settings(person),
        people.role_set("Ada", "instructor"),
        people.forget_asked(),
        people.forgotten(),
        help.overview(REGISTRY.specs, {"admin"}),
        *(help.topic(spec) for spec in REGISTRY.specs),
        session.status(scenario, state, SPENT, now, with_cost=True),
        session.recap(scenario, state, now),
        session.paused(),
        session.continue_here(scenario),
        session.moved(THREAD),
        session.elsewhere(scenario, THREAD),
        session.stepped_out(scenario),
        session.stopped(),
        *(session.ended(scenario, replace(state, ended_because=why)) for why in ENDS),
        *lists(),
        score.not_yet(scenario),
        score.card(scenario, evaluated),
    ]


def lists() -> list[Message]:
    return [
        session.history(()),
        session.history([(record(), "A weight on the chest")]),
        session.hint("What have you not asked yet?"),
        session.offered("order", ("ECG",)),
        session.offered("submit", ()),
    ]


ENDS = ("command", "idle", "stop word", "distress", "time")


def line(id_: str, points: int | None, quote: str = "") -> Score:
    return Score(
        id=id_,
        label=f"Criterion {id_}",
        kind="checklist",
        status="unscored" if points is None else "scored",
        points=points,
        max=2,
        weight=5,
        evidence=(Evidence(seq=4, quote=quote),) if quote else (),
    )


@pytest.mark.parametrize("message", every_message(), ids=lambda one: one.text[:30])
def test_every_message_makes_sense_alone_and_gives_nothing_away(message: Message) -> None:
    assert message.text.strip()
    words = plain(message)
    assert "None" not in words
    assert "{" not in words
    assert "[[" not in words
    for choice in message.choices:
        assert len(choice.id) <= 80
        assert 0 < len(choice.label) <= 75
    hidden = {fact.say for fact in chest().facts if fact.disclose in {"never", "on_trust"}}
    assert not [say for say in hidden if say in words]
    assert chest().instructor_notes[:40] not in words
    assert record().id not in words


def test_the_brief_is_all_a_trainee_sees_before() -> None:
    words = plain(library.brief(chest(), "standard"))
    assert "Colin Marsh, 47, kitchen fitter" in words
    assert "Please note: A frightened man" in words
    assert "standard (Practice), exam (Exam)" in words
    assert "cocaine" not in words.lower()


def test_the_opening_names_the_way_out_and_only_the_mode_that_is_played() -> None:
    message = library.opening(chest(), "exam", "trainee")
    words = plain(message)
    assert message.pinned
    assert "Mode: Exam" in words
    assert "Practice" not in words
    assert "!hint" not in words, "this mode has none"
    assert "!hint gives a nudge" in plain(library.opening(chest(), "standard", "trainee"))
    assert "“red light” stops everything at once" in words
    assert "!order and !submit" in words
    coffee = catalog().get("coffee-roaster-profit")
    mode = mode_names(coffee)[0]
    talk_only = library.opening(coffee, mode, human_seats(coffee, mode)[0])
    assert "!order" not in plain(talk_only)


def test_the_notice_says_who_hears_it() -> None:
    here = people.notice((), 30, then="agree:x")
    assert "go to no outside service" in here.text
    assert "30 days" in here.text
    assert "in a channel everybody who can read it reads along" in here.text
    assert "To be alone, start in a direct message." in here.text
    assert here.choices == (Choice("agree:x", "I agree, start", style="primary"),)
    there = people.notice(("anthropic:some-model",), 30, then="agree:x")
    assert "Your words go to the model `anthropic:some-model`" in there.text
    both = people.notice(("anthropic:some-model", "openai:other"), 30, then="agree:x")
    assert "each of these: `anthropic:some-model` and `openai:other`." in both.text


def test_settings_are_shown_as_they_stand() -> None:
    wanted = Preferences(time_zone="Europe/Vienna", quiet_from="22:00", quiet_to="07:00")
    roles = frozenset({"trainee", "admin"})
    person = Person(id="p", name="", workspace="w", roles=roles, consented=True, preferences=wanted)
    words = plain(people.settings(person))
    assert "Europe/Vienna" in words
    assert "22:00-07:00" in words
    assert "admin, trainee" in words


def test_cost_is_for_those_who_may_see_it() -> None:
    now = T0 + timedelta(minutes=3)
    without = plain(session.status(chest(), begun(), SPENT, now, with_cost=False))
    assert "Time: 3 minutes of about 20" in without
    assert "Phase: History (1 of 3)" in without
    assert "Cost" not in without
    with_ = plain(session.status(chest(), begun(), SPENT, now, with_cost=True))
    assert "Tokens: 1.2k" in with_
    assert "Cost: $0.0123" in with_


def test_a_recap_quotes_the_last_words_shortly() -> None:
    said = ev.CharacterSaid(at=T0, seat="patient", text="It hurts @everyone. " + "Very much. " * 40)
    words = plain(session.recap(chest(), begun(said), T0))
    assert "Last, Colin Marsh said: “It hurts" in words
    assert words.endswith("Just write to go on.")
    assert "@everyone" not in words
    assert len(words) < 300


@pytest.mark.parametrize(
    ("because", "held", "choice"),
    [
        ("command", "is complete: 0 turns in 5 minutes", "debrief"),
        ("idle", "Nothing is lost", "continue"),
        ("stop word", "nobody in it will answer now", "continue"),
        ("distress", "nobody in it will answer now", "continue"),
    ],
)
def test_each_end_has_words_of_its_own(because: str, held: str, choice: str) -> None:
    ended = ev.Ended(at=T0 + timedelta(minutes=5), status="completed", because=because)
    shown = effects(ended)
    assert held in told(ended)
    assert shown[-1] == MarkThread(state=ThreadState.CLOSED, to="rooms", ended="completed")
    [post] = [one for one in shown if isinstance(one, Post)]
    assert post.message.choices[0].id == choice
    assert "scored" not in told(ended)


def test_words_of_people_stay_words() -> None:
    evil = "@everyone <@U1> **bold** _it_ [x](https://evil.example)\n# head"
    for event in (
        ev.CharacterSaid(at=T0, seat="patient", text=evil),
        ev.Injected(at=T0, seat="patient", person="p2", text=evil),
        ev.Narrated(at=T0, text=evil, because="cue"),
    ):
        [post] = [one for one in effects(event) if isinstance(one, Post)]
        shown = told(event)
        assert "@everyone" not in shown
        assert "<@U1>" not in shown
        assert "**bold**" in shown, "the marks are shown as they were typed"
        assert post.message.mentions == ()


def test_a_character_speaks_under_its_name_and_the_narrator_under_ours() -> None:
    [post] = effects(ev.CharacterSaid(at=T0, seat="nurse", text="Yes, doctor.", outage=True))
    assert isinstance(post, Post)
    assert post.message.speaker.name == "Teresa Lobo"
    assert "connection problem" in post.message.text
    [post] = effects(ev.Narrated(at=T0, text="A door.\n\nIt shuts.", because="cue"))
    assert isinstance(post, Post)
    assert post.message.speaker.name == ""
    assert post.message.text == "_A door._\n\n_It shuts._"


def test_what_is_on_its_way_says_when() -> None:
    for seconds, words in ((30, "about a minute"), (90, "about 2 minutes"), (600, "10 minutes")):
        due = T0 + timedelta(seconds=seconds)
        event = ev.ExhibitScheduled(at=T0, exhibit="cxr", due=due, because="action order_cxr")
        assert words in told(event)
        assert "cxr" not in told(event)


def test_the_report_waits_for_the_reading() -> None:
    film = next(one for one in chest().exhibits if one.id == "cxr")
    before, after = exhibits.shown(film, report=False), exhibits.shown(film, report=True)
    assert "cardiothoracic" not in plain(before)
    assert "`!submit`" in before.text
    assert "cardiothoracic" in plain(after)
    assert "cardiothoracic" in plain(exhibits.report(film))


def test_a_chart_is_a_table_as_well() -> None:
    bars = next(
        one for one in catalog().get("coffee-roaster-profit").exhibits
        if one.id == "contribution_chart"
    )  # fmt: skip
    words = plain(exhibits.shown(bars, report=False))
    assert "Contribution by channel, 2025" in words
    assert all(label in words for label in bars.labels)  # type: ignore[union-attr]


def test_the_rest_of_the_scene_is_told_without_ids() -> None:
    refused = ev.ExhibitRefused(at=T0, exhibit="obs")
    assert f"all {chest().limits.exhibits} exhibits" in told(refused)
    assert told(ev.PhaseEntered(at=T0, phase="handover", because="command")) == "Handover"
    assert told(ev.PhaseEntered(at=T0, phase="handover", because="start")) == ""
    [whisper] = effects(ev.HintGiven(at=T0, text="What next?", criterion=""))
    assert isinstance(whisper, Whisper)
    assert effects(ev.FactOpened(at=T0, fact="cocaine", because="trust")) == ()
    assert told(ev.ActionTaken(at=T0, action="order_ecg", seat="trainee", person="p1")) == ""


def test_an_action_without_words_is_acknowledged() -> None:
    silent = chest().actions[0].model_copy(update={"text": ""})
    scenario = chest().model_copy(update={"actions": (silent, *chest().actions[1:])})
    event = ev.ActionTaken(at=T0, action=silent.id, seat="trainee", person="p1")
    outcome = Outcome(session=record(), scenario=scenario, events=(event,), state=begun())
    [post] = scene.effects_of(outcome, lambda _scenario, _file: None)
    assert isinstance(post, Post)
    assert plain(post.message) == f"{silent.label}: done."


def test_a_tool_asks_in_harmless_words() -> None:
    event = ev.ToolProposed(
        at=T0, tool="book", args=(), seat="trainee", summary="Book @everyone with *Ann*"
    )
    shown = told(event)
    assert "Is that right? Write yes, or no." in shown
    assert "@everyone" not in shown
    assert "[1] Yes" in shown


def test_the_card_counts_in_whole_points_and_quotes_the_trainee() -> None:
    evaluated = Evaluation(
        overall=72,
        coverage=0.8,
        passed=True,
        rubric_hash="r",
        scenario_hash="h",
        criteria=(
            line("introduces", 2, "I am Dr @everyone"),
            line("pain_story", 1),
            line("empathy", None),
        ),
    )
    words = plain(score.card(chest(), evaluated))
    assert "72 of 100, passed. This covers 80 % of the criteria by weight." in words
    assert "Criterion introduces: 2 of 2" in words
    assert "Criterion empathy: not scored" in words
    assert "Criterion pain_story: Ask when it began" in words
    assert "> I am Dr @\u200beveryone" in words


def test_nobody_reads_a_list_of_failures_after_a_stop() -> None:
    nothing = Evaluation(
        overall=None,
        coverage=0,
        passed=False,
        rubric_hash="r",
        scenario_hash="h",
        criteria=(line("introduces", None), line("pain_story", None)),
    )
    words = plain(score.card(chest(), nothing))
    assert "does not count against you" in words
    assert "Criterion" not in words
    assert "passed" not in words


@pytest.mark.parametrize(
    ("made", "wanted"),
    [
        (text.minutes(0.2), "less than a minute"),
        (text.minutes(1), "1 minute"),
        (text.minutes(12.4), "12 minutes"),
        (text.counted(1, "turn"), "1 turn"),
        (text.counted(0, "turn"), "0 turns"),
        (text.counted(2, "entry", "entries"), "2 entries"),
        (text.format_tokens(950), "950"),
        (text.format_tokens(1234), "1.2k"),
        (text.format_tokens(3_400_000), "3.4M"),
        (text.format_cost(0), "$0.00"),
        (text.format_cost(12_300), "$0.0123"),
        (text.format_cost(1_200_000), "$1.20"),
        (text.joined([]), ""),
        (text.joined(["a"]), "a"),
        (text.joined(["a", "b", "c"]), "a, b and c"),
        (text.joined(("a", "b"), "or"), "a or b"),
    ],
)
def test_small_wordings(made: str, wanted: str) -> None:
    assert made == wanted
