"""Prompts for models, and what came back from them."""

from contextlib import aclosing
from dataclasses import dataclass, field

from engine.errors import ModelUnavailable
from engine.llm.access import Patience
from engine.llm.port import Deadline, Done, Model, Text, ToolCall
from engine.prompting import Heard, Prompt, PromptFact, PromptTool
from engine.scenario.people import Persona, PersonaLines

QUICK = Patience(connect=5.0, first=1.0, idle=1.0)
PRIVATE = "my zebra hurts since Tuesday"
FIND = PromptTool(
    id="find", summary="Finds a customer.", args=(("name", "str", True), ("limit", "int", False))
)


def prompt(turns: int = 1, *, static: int = 200, tools: tuple[PromptTool, ...] = ()) -> Prompt:
    """The prompt of one turn of a talk; turns before it are its history. `static` is in words."""
    seq = 0
    history = []
    for turn in range(1, turns):
        seq += 2
        history.append(
            Heard(seq=seq - 1, name="You", mine=False, text=f"Question {turn}? {PRIVATE}")
        )
        history.append(Heard(seq=seq, name="Colin", mine=True, text=f"Answer {turn}."))
    text = f"Question {turns}? {PRIVATE}"
    return Prompt(
        static=" ".join(f"rule{number}" for number in range(static)),
        history=tuple(history),
        said=text,
        answered=(Heard(seq=seq + 1, name="You", mine=False, text=text),),
        facts=(PromptFact(id="site", say=f"It is here, {turns}.", standing="askable", part=0),),
        note=f"trust {turns}",
        tools=tools,
        name="Colin",
        persona=Persona(name="Colin", lines=PersonaLines(unknown=("I don't know.", "No idea."))),
        turn=turns,
    )


@dataclass
class Answered:
    """All that came of one call."""

    text: str = ""
    tool: ToolCall | None = None
    done: Done | None = None
    failed: ModelUnavailable | None = None
    pieces: list[str] = field(default_factory=list)


async def hear(
    model: Model, asked: Prompt | None = None, deadline: Deadline | None = None
) -> Answered:
    heard = Answered()
    try:
        async with aclosing(model.stream(asked or prompt(), deadline or Deadline())) as stream:
            async for piece in stream:
                if isinstance(piece, Text):
                    heard.text += piece.text
                    heard.pieces.append(piece.text)
                elif isinstance(piece, ToolCall):
                    heard.tool = piece
                else:
                    heard.done = piece
    except ModelUnavailable as error:
        heard.failed = error
    return heard
