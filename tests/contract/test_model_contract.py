"""What every model must do. Rigs are found by name."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace

import pytest
from pydantic import BaseModel

from bot.bench.vendors.server import STAND_IN
from engine.errors import ModelUnavailable
from engine.llm.port import (
    Deadline,
    Decided,
    Done,
    Model,
    Question,
    Text,
    ToolCall,
)
from engine.prompting import Heard, Prompt, PromptFact
from engine.scenario.people import Persona, PersonaLines
from tests.contract.models import ModelRig, found
from tests.contract.models.echo import EchoModel

RIGS = found()
PRIVATE_WORDS = "my zebra hurts since Tuesday"

PROMPT = Prompt(
    static="You play one person.",
    history=(Heard(seq=1, name="You", mine=False, text="Good morning."),),
    said=f"Where is the pain? {PRIVATE_WORDS}",
    facts=(
        PromptFact(id="site", say="It is in my chest.", standing="askable", score=0.9, part=0),
        PromptFact(id="onset", say="It began at six.", standing="open"),
    ),
    acts=("question",),
    parts=2,
    name="Colin Marsh",
    persona=Persona(
        name="Colin Marsh", lines=PersonaLines(unknown=("I don't know.", "No idea, doc."))
    ),
    seed=7,
    turn=3,
)


class Verdict(BaseModel):
    """The shape of a closed question's answer."""

    id: str


@pytest.fixture(params=list(RIGS.values()), ids=list(RIGS))
def rig(request: pytest.FixtureRequest) -> ModelRig:
    made: ModelRig = request.param()
    return made


@pytest.fixture
async def model(rig: ModelRig) -> AsyncIterator[Model]:
    async with rig.running() as running:
        yield running


async def answer(model: Model, prompt: Prompt) -> list[Text | ToolCall | Done]:
    return [piece async for piece in model.stream(prompt, Deadline())]


def done(pieces: list[Text | ToolCall | Done]) -> Done:
    last = pieces[-1]
    assert isinstance(last, Done)
    return last


def text(pieces: list[Text | ToolCall | Done]) -> str:
    return "".join(piece.text for piece in pieces if isinstance(piece, Text))


def own_tasks() -> set[asyncio.Task[object]]:
    """All tasks but those of a stand-in for a provider, which runs in the same loop."""
    return {task for task in asyncio.all_tasks() if task.get_name() != STAND_IN}


async def test_says_something_and_ends_with_one_done(model: Model) -> None:
    pieces = await answer(model, PROMPT)
    assert [isinstance(piece, Done) for piece in pieces] == [False] * (len(pieces) - 1) + [True]
    assert all(isinstance(piece, Text) for piece in pieces[:-1])
    assert text(pieces).strip()
    assert done(pieces).stop == "end"
    assert done(pieces).model


async def test_counts_what_it_used(model: Model) -> None:
    usage = done(await answer(model, PROMPT)).usage
    counts = (usage.input, usage.output, usage.reasoning, usage.cache_read, usage.cache_write)
    assert min(counts) >= 0
    assert usage.input > 0
    assert usage.output > 0
    assert usage.cache_read + usage.cache_write <= usage.input


async def test_the_same_prompt_gets_the_same_answer(rig: ModelRig) -> None:
    if not rig.exact:
        pytest.skip("this model samples")
    answers = []
    for _ in range(3):
        async with rig.running() as model:
            answers.append(await answer(model, PROMPT))
    assert answers[0] == answers[1] == answers[2]


async def test_every_answer_has_an_id_of_its_own(model: Model) -> None:
    prompts = [
        replace(PROMPT, seed=seed, turn=turn, name=name)
        for seed in range(4)
        for turn in range(4)
        for name in ("Colin Marsh", "Teresa Lobo")
    ]
    ids = {done(await answer(model, prompt)).response_id for prompt in prompts}
    assert len(ids) == len(prompts)


async def test_a_past_deadline_is_a_model_that_is_away(model: Model) -> None:
    with pytest.raises(ModelUnavailable) as caught:
        async for _ in model.stream(PROMPT, Deadline(asyncio.get_running_loop().time() - 1)):
            pass
    assert caught.value.model == model.name


async def test_failures_repeat_nothing_that_was_said(model: Model) -> None:
    failures = []
    late = Deadline(asyncio.get_running_loop().time() - 1)
    with pytest.raises(ModelUnavailable) as caught:
        async for _ in model.stream(PROMPT, late):
            pass
    failures.append(caught)
    question = Question(instructions="Which one?", material=PRIVATE_WORDS)
    with pytest.raises(ModelUnavailable) as caught:
        await model.decide(question, Verdict, late)
    failures.append(caught)
    for failure in failures:
        words = set(f"{failure.value} {failure.value.args}".lower().split())
        assert not words & {"zebra", "chest.", "colin", "hurts"}
        assert failure.value.__cause__ is None
        assert failure.value.__context__ is None


async def test_decides_in_the_shape_asked_for_or_says_that_it_cannot(model: Model) -> None:
    question = Question(instructions="Pick an id.", material="a, b")
    if not model.limits.decides:
        with pytest.raises(ModelUnavailable):
            await model.decide(question, Verdict, Deadline())
        return
    decided: Decided[Verdict] = await model.decide(question, Verdict, Deadline())
    assert isinstance(decided.answer, Verdict)
    assert decided.response_id


async def test_can_be_cancelled_at_any_piece_and_then_answers_as_before(
    rig: ModelRig, model: Model
) -> None:
    before = own_tasks()
    whole = await answer(model, PROMPT)
    for wanted in range(len(whole)):
        reached = asyncio.Event()

        async def listen(wanted: int = wanted, reached: asyncio.Event = reached) -> None:
            number = 0
            async with aclosing(model.stream(PROMPT, Deadline())) as stream:
                async for _ in stream:
                    if number == wanted:
                        reached.set()
                        await asyncio.sleep(3600)
                    number += 1

        task = asyncio.create_task(listen())
        await asyncio.wait_for(reached.wait(), timeout=10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    for _ in range(10):
        await asyncio.sleep(0)  # what a library left to the loop to close is closed by now
    assert own_tasks() == before
    again = await answer(model, PROMPT)
    assert text(again)
    assert again == whole or not rig.exact


async def test_a_stream_may_be_closed_early(model: Model) -> None:
    stream = model.stream(PROMPT, Deadline())
    await anext(stream)
    await stream.aclose()
    with pytest.raises(StopAsyncIteration):
        await anext(stream)


async def test_fifty_streams_do_not_mix(rig: ModelRig, model: Model) -> None:
    prompts = [replace(PROMPT, seed=number, turn=number) for number in range(50)]
    together = await asyncio.gather(*(answer(model, prompt) for prompt in prompts))
    assert len({done(pieces).response_id for pieces in together}) == len(prompts)
    if rig.exact:
        assert together == [await answer(model, prompt) for prompt in prompts]


async def test_limits_are_usable(model: Model) -> None:
    assert model.name
    assert model.limits.prompt_tokens > 0
    assert model.limits.answer_tokens > 0


async def test_the_echo_hides_nothing() -> None:
    said = text(await answer(EchoModel(), PROMPT))
    for words in ("You play one person.", PRIVATE_WORDS, "It began at six.", "No idea, doc."):
        assert words in said
