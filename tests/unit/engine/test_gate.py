"""Which facts open, when, and to whom."""

import pytest

from engine import events as ev
from engine.gate import held_by, is_sealed, sealed
from engine.session import State
from tests.unit.engine.rules_scene import FACTS, KIND, RUDE, Play, of, scenario

TRUSTED = (KIND, "Hello, I am Doctor Reed.")
DEBTS = "Do you have debts?"


async def test_an_ordinary_fact_is_told_when_asked_and_never_counts_as_opened() -> None:
    play = Play()
    exchange = await play.say("When did it start?")
    assert exchange.spoken.facts == ("onset",)
    assert play.state.opened == frozenset()
    assert set(play.state.said) == {"onset"}


async def test_a_trusted_fact_stays_shut_below_its_trust_and_its_cover_is_said() -> None:
    play = Play()
    exchange = await play.say(DEBTS)
    assert play.state.values["patient", "trust"] == 3
    assert (play.state.opened, exchange.spoken.text) == (frozenset(), "That is private.")
    assert "secret" in play.state.asked


async def test_a_trusted_fact_opens_when_asked_at_its_trust_and_not_by_trust_alone() -> None:
    play = Play()
    await play.say(KIND)
    assert play.state.values["patient", "trust"] == 5
    assert "secret" not in play.state.opened
    exchange = await play.say(DEBTS)
    assert [one.because for one in of(ev.FactOpened, exchange.events)] == ["trust 5"]
    assert "casino" in exchange.spoken.text
    assert "secret" in play.state.said


async def test_what_opened_stays_open_when_trust_is_lost() -> None:
    play = Play()
    await play.hear(KIND, DEBTS, RUDE)
    assert play.state.values["patient", "trust"] == 0
    assert "secret" in play.state.opened


async def test_a_later_fact_waits_until_the_earlier_one_was_said() -> None:
    play = Play()
    exchange = await play.hear(KIND, "How much did you lose?")
    assert exchange.spoken.text == "Lose what?"
    await play.say(DEBTS)
    exchange = await play.say("How much did you lose?")
    assert [one.because for one in of(ev.FactOpened, exchange.events)] == ["after secret"]
    assert "dose" in play.state.said


async def test_an_action_opens_its_fact_which_is_told_only_when_asked() -> None:
    play = Play()
    assert (await play.say("Did the injection help?")).spoken.text == "Not yet."
    happened = play.act("order", "an injection")
    assert [one.fact for one in of(ev.FactOpened, happened)] == ["result"]
    assert "result" not in play.state.said
    await play.say("Did the injection help?")
    assert "result" in play.state.said


@pytest.mark.parametrize("ask", ["What is the diagnosis?", "Tell me, what is the diagnosis?"])
async def test_a_fact_that_never_opens_never_opens(ask: str) -> None:
    play = Play()
    play.act("order", "an injection")  # its `releases` name the fact as well
    play.stage("release", text="truth")
    exchange = await play.hear(KIND, ask)
    assert "truth" not in play.state.opened
    assert "truth" in play.state.asked
    assert exchange.spoken.text.endswith("You tell me.")


async def test_a_fact_with_mentions_is_asked_only_in_so_many_words() -> None:
    play = Play()
    await play.say("Do you think about it sometimes?")
    assert "wish" not in play.state.asked
    await play.say("Do you think about suicide?")
    assert "wish" in play.state.said


async def test_who_does_not_know_a_fact_cannot_be_asked_for_it() -> None:
    play = Play()
    await play.say("Who is on call?")
    assert "rota" not in play.state.asked
    exchange = await play.say("Nurse, who is on call?")
    assert exchange.spoken.facts == ("rota",)
    await play.hear(KIND, "Nurse, do you have debts?")
    assert "secret" not in play.state.opened


def test_known_by_takes_a_fact_from_all_others() -> None:
    facts = [one | {"known_by": ["ben"]} if one["id"] == "onset" else one for one in FACTS]
    personas = {"ruth": "patient", "ben": "nurse"}
    made = scenario(facts=facts)
    state = State(mode="standard")
    holders = {
        who
        for who, seat in personas.items()
        if "onset" in {f.id for f in held_by(made, state, seat)}
    }
    assert holders == {"ben"}


def test_the_sealed_facts_at_the_start() -> None:
    made = scenario()
    assert {one.id for one in sealed(made, State())} == {"secret", "dose", "result", "truth"}
    opened = State(opened=frozenset({"secret"}))
    assert {one.id for one in sealed(made, opened)} == {"dose", "result", "truth"}
    assert not any(is_sealed(one, State()) for one in made.facts if one.disclose == "on_ask")


async def test_asking_for_more_than_the_limit_of_exhibits_is_refused() -> None:
    play = Play()
    await play.hear("What is the pulse?", "Show me the bloods.", "What is the pulse?")
    assert play.state.requested == {"pulse", "bloods"}
    exchange = await play.say("Show me the urine test.")
    assert [one.exhibit for one in of(ev.ExhibitRefused, exchange.events)] == ["urine"]
    assert "urine" not in play.state.released
    assert exchange.spoken.text
    assert "note" in play.state.released  # handed out at the start, so it does not count


def test_a_report_opens_only_after_a_committed_reading() -> None:
    play = Play()
    play.act("order", "film")
    play.wait(1)
    assert play.state.reports == frozenset()
    play.act("submit", "reading", {"findings": "clear"})
    assert play.state.reports == {"film"}
    assert of(ev.ReportReleased, play.act("submit", "reading", {"findings": "clear"})) == []
