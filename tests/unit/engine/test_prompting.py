"""What a character is told before it speaks."""

from pathlib import Path

import pytest

from engine.casting import ai_seats, mode_names, persona_of
from engine.catalog import Catalog
from engine.prompting import (
    ASKABLE_LIMIT,
    Prompt,
    character_prompt,
    rendered,
    static_part,
    tail_part,
)
from engine.reading import AskedFact
from tests.unit.engine.rules_scene import BODY, FACTS, KIND, RUTH, Play, scenario

ALL_KNOWING = {**RUTH, "knows": "all"}
SHIPPED = Catalog(Path(__file__).parents[3] / "scenarios").published()


def prompt_after(play: Play, text: str) -> Prompt:
    prompt = play.thought(text).prompt
    assert prompt is not None
    return prompt


@pytest.mark.parametrize("shipped", SHIPPED, ids=lambda one: one.id)
def test_the_static_part_is_the_same_bytes_for_every_session(shipped: object) -> None:
    made = next(one for one in SHIPPED if one is shipped)
    for mode in mode_names(made):
        for seat in ai_seats(made, mode):
            if persona_of(made, mode, seat):
                texts = {static_part(made, mode, seat, "en") for _ in range(3)}
                reloaded = type(made).model_validate_json(made.model_dump_json(by_alias=True))
                assert texts == {static_part(reloaded, mode, seat, "en")}


async def test_history_only_grows_and_the_static_part_never_changes() -> None:
    play, before = Play(), ()
    static = prompt_after(play, "Hm.").static
    for text in ("Hello.", "When did it start?", KIND, "Do you have debts?", "And so on."):
        prompt = prompt_after(play, text)
        assert prompt.history[: len(before)] == before
        assert prompt.said == text
        assert prompt.static == static
        before = prompt.history
        await play.say(text)


def test_a_prompt_is_rendered_static_first_and_volatile_last() -> None:
    play = Play()
    prompt = prompt_after(play, "When did it start?")
    whole = rendered(prompt)
    order = [prompt.static, "Ruth Amadi: Good morning to you.", prompt.said, tail_part(prompt)]
    places = [whole.index(part) for part in order]
    assert places == sorted(places)
    assert whole.startswith(prompt.static)
    assert whole.endswith(tail_part(prompt))


async def test_standing_of_facts_and_covers() -> None:
    play = Play()
    assert prompt_after(play, "Well then.").facts == ()
    asked = prompt_after(play, "When did it start? Do you have debts?")
    assert [(one.id, one.standing, one.part) for one in asked.facts] == [("onset", "askable", 0)]
    assert asked.covers == ("That is private.",)
    await play.hear("When did it start?", KIND)
    later = prompt_after(play, "Do you have debts?")
    assert {(one.id, one.standing) for one in later.facts} == {
        ("onset", "said"), ("secret", "open"),
    }  # fmt: skip
    assert later.covers == ()
    assert "[secret] I gamble away our savings at the casino. (asked)" in tail_part(later)
    assert "(told before)" in tail_part(later)


def test_at_most_three_askable_facts_enter_and_they_are_the_best() -> None:
    facts = [{"id": f"f{at}", "say": f"Fact number {at}.", "asks": ["x"]} for at in range(6)]
    ruth = scenario().personas["ruth"].model_copy(update={"knows": "all"})
    made = scenario(facts=facts)
    made = made.model_copy(update={"personas": {**made.personas, "ruth": ruth}})
    asked = [AskedFact(id=f"f{at}", score=0.4 + at / 10, part=0) for at in range(6)]
    prompt = character_prompt(made, Play(made).state, "patient", asked, (), 1, ())
    assert [one.id for one in prompt.facts] == ["f5", "f4", "f3"]
    assert ASKABLE_LIMIT == 3


async def test_a_repeated_cover_gives_way_to_a_tell() -> None:
    facts = [
        one | {"tells": ["Does that stay here?"]} if one["id"] == "secret" else one for one in FACTS
    ]
    play = Play(scenario(facts=facts))
    first = await play.say("Do you have debts?")
    second = await play.say("Do you have debts?")
    assert (first.spoken.text, second.spoken.text) == ("That is private.", "Does that stay here?")


def test_the_state_line_and_the_phase_stand_at_the_end_only() -> None:
    phases = [{"id": "a", "title": "A", "behaviour": "Ruth looks away.", "exit": {}}]
    prompt = prompt_after(Play(scenario(phases=phases)), "Well then.")
    assert tail_part(prompt) == "Now: mood 5, trust 3; Ruth looks away."
    assert "looks away" not in prompt.static


def test_a_mode_gives_the_character_its_part() -> None:
    modes = {
        "turned": {
            "label": "Turned",
            "behaviour": "Keeps it short.",
            "cast": {"trainee": {"played_by": "ai", "persona": "ben"},
                     "patient": {"played_by": "human"}},
        }
    }  # fmt: skip
    made = scenario(modes=modes)
    static = static_part(made, "turned", "trainee", "en")
    assert "You are Ben Hale, doctor." in static
    assert "Keeps it short." in static
    with pytest.raises(ValueError, match="no persona"):
        static_part(made, "turned", "student", "en")


def test_tools_are_offered_only_to_the_seat_that_has_them() -> None:
    desk = {
        "world": {"now": "2026-11-30T09:00", "tickets": [{"id": "t1"}]},
        "tools": [{"id": "find", "op": "lookup", "backend": "tickets",
                   "args": {"customer": "str", "team": "str"}, "optional": ["team"]}],
        "modes": {"desk": {"label": "Desk", "tools_for": "patient"}},
    }  # fmt: skip
    play = Play(scenario(**desk))
    prompt = prompt_after(play, "Well then.")
    assert [(one.id, one.args) for one in prompt.tools] == [
        ("find", (("customer", "str", True), ("team", "str", False)))
    ]
    assert "today is 2026-11-30" in prompt.note
    nurse = prompt_after(play, "Nurse, well then.")
    assert (nurse.tools, "today" in nurse.note) == ((), False)


def test_another_language_uses_its_own_words() -> None:
    facts = [
        FACTS[0] | {"texts": {"de": {"say": "Am Montag nach dem Essen.", "asks": ["seit wann"]}}}
    ]
    play = Play(scenario(facts=facts, languages=["de", "en"]))
    prompt = prompt_after(play, "Seit wann?")
    assert [one.say for one in prompt.facts] == ["Am Montag nach dem Essen."]
    assert "Language: de." in prompt.static


def test_of_many_questions_the_first_are_in_the_prompt_and_it_says_that_there_were_more() -> None:
    wide = [
        {"id": f"q{at}", "say": f"{thing} it is.", "asks": [f"what about the {thing}"]}
        for at, thing in enumerate(("garden", "kitchen", "bicycle", "harbour", "violin"))
    ]
    play = Play(scenario(facts=wide, personas={**BODY["personas"], "ruth": ALL_KNOWING}))
    things = ("violin", "harbour", "bicycle", "kitchen", "garden")
    prompt = prompt_after(play, " ".join(f"What about the {thing}?" for thing in things))
    assert prompt.crowded
    assert {fact.id for fact in prompt.facts} == {"q4", "q3", "q2"}
    assert "it was a lot" in tail_part(prompt)
    few = prompt_after(play, "What about the garden? What about the violin?")
    assert not few.crowded
    assert "it was a lot" not in tail_part(few)
