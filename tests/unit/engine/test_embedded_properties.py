"""What holds of the embedded persona's answer, whatever the prompt."""

import asyncio
import re
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.llm.embedded import EmbeddedModel, defaults
from engine.llm.embedded.wording import folded
from engine.llm.port import Deadline, Done, Text, ToolCall
from engine.prompting import Heard, Prompt, PromptFact, PromptTool
from engine.scenario.people import Persona, PersonaLines, Style

MARK = re.compile(r"\s*\[\[(\??)([^\]]*)\]\]")
ACTS = ["greeting", "thanks", "farewell", "comfort", "attack", "statement", "question", "none"]
WORDS = st.text(max_size=40).filter(lambda text: "[[" not in text and "]]" not in text)
SENTENCES = st.sampled_from(
    ["Do you smoke?", "Where is it, and since when?", "Hello.", "Tell me more.", "Any fever?",
     "May I ask you something?", "I see.", "It's on Tuesday at half past three."]
)  # fmt: skip
LINE = st.one_of(
    WORDS.map(str.strip).filter(bool),
    st.sampled_from(["I don't know.", "No. Not me.", "It hurts", "Yes.", "Yes. Often.", "..."]),
)
LINES = st.lists(LINE, max_size=3).map(tuple)
DEFAULTS = [
    line for name in vars(defaults) if name.isupper() for line in getattr(defaults, name)
]  # fmt: skip


@st.composite
def facts(draw: st.DrawFn) -> tuple[PromptFact, ...]:
    count = draw(st.integers(0, 4))
    return tuple(
        PromptFact(
            id=f"fact-{number}",
            say=draw(LINE),
            variants=draw(LINES),
            standing=draw(st.sampled_from(["open", "askable", "said"])),
            score=draw(st.sampled_from([0.0, 0.4, 0.9])),
            part=draw(st.integers(-1, 3)),
            sure=draw(st.booleans()),
            topic=draw(st.sampled_from(["", "the pain", "the start"])),
            negative=draw(st.booleans()),
        )
        for number in range(count)
    )


@st.composite
def prompts(draw: st.DrawFn) -> Prompt:
    lines = PersonaLines(
        unknown=draw(st.lists(LINE, min_size=2, max_size=4).map(tuple)),
        **{
            name: draw(LINES)
            for name in ("greeting", "thanks", "comforted", "listening", "deflect", "goodbye")
        },
        clarify=draw(st.sampled_from([(), ("You mean {offers}?",), ("What?", "Or {offers}?")])),
    )
    style = Style(talkativeness=draw(st.integers(1, 5)))
    history = draw(st.lists(st.tuples(st.booleans(), LINE), max_size=5))
    return Prompt(
        static=draw(WORDS),
        history=tuple(
            Heard(seq=number, name="Ann", mine=mine, text=text)
            for number, (mine, text) in enumerate(history)
        ),
        said=draw(st.one_of(WORDS, st.lists(SENTENCES, max_size=4).map(" ".join))),
        facts=draw(facts()),
        covers=draw(LINES),
        acts=tuple(draw(st.lists(st.sampled_from(ACTS), max_size=3))),
        parts=draw(st.integers(0, 4)),
        name="Ann",
        persona=Persona(name="Ann", lines=lines, style=style),
        unknown_policy=draw(st.sampled_from(["say_dont_know", "normal_negative"])),
        language=draw(st.sampled_from(["en", "de"])),
        seed=draw(st.integers(0, 2**63)),
        turn=draw(st.integers(0, 60)),
        max_chars=draw(st.sampled_from([1, 40, 1200])),
    )


def pieces_of(prompt: Prompt) -> list[Text | ToolCall | Done]:
    async def run() -> list[Text | ToolCall | Done]:
        return [piece async for piece in EmbeddedModel().stream(prompt, Deadline())]

    return asyncio.run(run())


def spoken(prompt: Prompt) -> str:
    return "".join(piece.text for piece in pieces_of(prompt) if isinstance(piece, Text))


def authored(prompt: Prompt) -> list[str]:
    lines = prompt.persona.lines
    said = [text for name in type(lines).model_fields for text in getattr(lines, name)]
    topics = [fact.topic for fact in prompt.facts if fact.topic]
    joined = [*topics, *(f"{one} or {two}" for one in topics for two in topics)]
    offers = [text.replace("{offers}", one) for text in (*said, *DEFAULTS) for one in joined]
    told = [way for fact in prompt.facts for way in (fact.say, *fact.variants)]
    return [folded(text) for text in (*said, *DEFAULTS, *offers, *told, *prompt.covers)]


def without_lead_in(text: str) -> str:
    leads = [folded(lead) for lead in (*defaults.LEAD_INS, "Yes,", "No,")]
    found = next((lead for lead in leads if text.startswith(f"{lead} ")), "")
    return text.removeprefix(found).strip()


@given(prompts())
@settings(max_examples=300, deadline=None)
def test_says_only_what_was_authored(prompt: Prompt) -> None:
    allowed = authored(prompt)
    texts = [piece.text for piece in pieces_of(prompt) if isinstance(piece, Text)]
    for text in texts:
        sentence = folded(MARK.sub("", text))
        ways = {way.removesuffix(".") for way in (sentence, without_lead_in(sentence))}
        assert any(way in one for one in allowed for way in ways), sentence


@given(prompts())
@settings(max_examples=300, deadline=None)
def test_cites_only_facts_of_the_prompt_and_is_never_empty(prompt: Prompt) -> None:
    text = spoken(prompt)
    assert MARK.sub("", text).strip()
    told = {id_ for offer, id_ in MARK.findall(text) if not offer}
    offered = {id_ for offer, id_ in MARK.findall(text) if offer}
    sure = {fact.id for fact in prompt.facts if fact.sure and fact.score > 0}
    free = {fact.id for fact in prompt.facts if fact.standing == "open" and fact.score <= 0}
    assert told <= sure | free
    assert offered <= {fact.id for fact in prompt.facts if not fact.sure and fact.score > 0}
    assert len(offered) <= 3


@given(prompts())
@settings(max_examples=200, deadline=None)
def test_the_same_prompt_gets_the_same_pieces(prompt: Prompt) -> None:
    assert pieces_of(prompt) == pieces_of(prompt)


@given(st.lists(LINE, min_size=2, max_size=4), st.integers(0, 1000))
@settings(max_examples=200, deadline=None)
def test_never_the_same_unknown_line_twice_in_a_row(lines: list[str], seed: int) -> None:
    persona = Persona(name="Ann", lines=PersonaLines(unknown=tuple(lines)))
    prompt = Prompt(
        static="", history=(), said="Do you like jazz?", acts=("question",), name="Ann",
        persona=persona, seed=seed,
    )  # fmt: skip
    several = len({folded(line) for line in lines}) > 1
    before = ""
    for turn in range(1, 7):
        said = spoken(replace(prompt, turn=turn))
        assert not several or folded(said) != folded(before)
        before = said
        heard = Heard(seq=turn, name="Ann", mine=True, text=said)
        prompt = replace(prompt, history=(*prompt.history, heard))


TOOLS = (
    PromptTool(id="lookup", summary="", args=(("name", "str", True), ("born", "date", True))),
    PromptTool(id="find_nurse", summary="", args=(("specialization", "str", False),)),
    PromptTool(
        id="find_slots", summary="", args=(("nurse", "str", False), ("date", "date", False))
    ),
    PromptTool(
        id="book",
        summary="",
        args=(("nurse", "str", True), ("patient", "str", True), ("start", "start", True)),
    ),
    PromptTool(id="cancel", summary="", args=(("appointment", "str", True),)),
)
TOOL_LINES = st.sampled_from(
    [
        "p1: name Ann Lee, born 1980-01-02.",
        "No patient fits. Try fewer or other words.",
        "ivy: name Ivy Bello, specialization wound care, licence expires 2027-03-31.",
        "Free: Tue 1 Dec at 15:00 with Ivy Bello (ivy); Tue 1 Dec at 16:00 with Ivy Bello (ivy).",
        "find_slots(date=2026-12-01): No slot is free then.",
        "Booked Ann Lee with Ivy Bello on Tue 1 Dec at 15:00, number a1.",
        "That time is taken.",
        "Free: 2026-13-45T99:99 (ivy); 31 Feb at 10:00.",
    ]
)
CALLER_LINES = st.sampled_from(
    [
        "I'm Ann Lee, born 2 January 1980.", "My foot is sore.", "Tuesday after two, please.",
        "31 February at 25:61", "the first one", "yes", "no", "none of these", "cancel a31",
        "any time", "the 32nd of May 2026", "Ivy", "goodbye",
    ]
)  # fmt: skip


@given(
    st.lists(
        st.tuples(st.sampled_from(["me", "caller", "tool"]), WORDS | CALLER_LINES | TOOL_LINES)
    ),
    CALLER_LINES | WORDS,
    st.integers(0, 9),
)
@settings(max_examples=400, deadline=None)
def test_a_scheduler_calls_one_known_tool_or_speaks(
    history: list[tuple[str, str]], said: str, seed: int
) -> None:
    prompt = Prompt(
        static="",
        history=tuple(
            Heard(seq=number, name=who, mine=who == "me", text=text)
            for number, (who, text) in enumerate(history)
        ),
        said=said,
        acts=("statement",),
        note="today is 2026-11-30",
        tools=TOOLS,
        name="Noor",
        persona=Persona(name="Noor", lines=PersonaLines(unknown=("A.", "B."))),
        seed=seed,
    )
    *pieces, done = pieces_of(prompt)
    assert isinstance(done, Done)
    calls = [piece for piece in pieces if isinstance(piece, ToolCall)]
    assert pieces
    assert not calls or (len(pieces) == 1 and done.stop == "tool")
    trailing = 0
    for who, _ in reversed(history):
        if who != "tool":
            break
        trailing += 1
    assert not calls or trailing < 4
    for call in calls:
        tool = next(one for one in TOOLS if one.id == call.tool)
        assert set(call.args) <= {name for name, _, _ in tool.args}
        assert all(call.args.get(name) for name, _, required in tool.args if required)
