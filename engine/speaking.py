"""How a character answers: the model, its tools, the checks, and what stands in when they fail."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial

from engine import events as ev
from engine import world
from engine.acting import propose_or_run
from engine.calls import Journal
from engine.casting import persona_of
from engine.draft import Draft
from engine.errors import ModelUnavailable
from engine.gate import held_by, sealed
from engine.llm.chain import Anew, chain_of
from engine.llm.port import Deadline, Done, Model, Text, ToolCall
from engine.llm.tab import Tab
from engine.prompting import Heard, Prompt, ToolUsed
from engine.scenario.sandbox import Tool
from engine.turns import SILENCE, Spoken, ThoughtTurn
from engine.verify import Marked, facts_told, problem_of, whole_sentences, without_marks

Show = Callable[[str], Awaitable[None]]
"""Shows the text so far; each call holds the whole text from its beginning."""

TOOL_ROUNDS = 4
"""A character uses at most so many tools for one answer."""


class Speaker:
    """Speaks for characters with a model, or a chain of them. Keeps nothing between turns."""

    def __init__(self, model: Model, journal: Journal | None = None) -> None:
        self._models = chain_of(model)
        self._journal = journal

    async def prepare(self) -> None:
        """Load what the model needs, before anybody waits for it."""
        await self._models.prepare()

    async def speak(
        self,
        thought: ThoughtTurn,
        deadline: Deadline,
        show: Show | None = None,
        tab: Tab | None = None,
    ) -> Spoken:
        """Let the character answer, tools and checks included; `show` gets whole checked sentences.

        A reply that fails a check is asked for once more, then an authored line stands in. Where
        another model stood in, the reply is marked as degraded; where all are away, an outage line
        is left, marked so that it is never scored. Never raises `ModelUnavailable`. `tab` is for
        whoever may cancel it: what was asked by then is paid.
        """
        if thought.canned:
            return Spoken(text=thought.canned, model="authored")
        if thought.prompt is None:
            return SILENCE
        tab = tab if tab is not None else self.tab_of(thought)
        ran: list[ev.Event] = []
        for attempt in range(2):
            try:
                text, ran, prompt = await self._answer(thought, deadline, tab, show)
            except ModelUnavailable:
                return _outage(thought, tab)
            marked = without_marks(text)
            if (
                problem_of(marked.text, prompt, sealed(thought.turn.scenario, thought.state))
                is None
            ):
                return _spoken(thought, prompt, marked, ran, tab)
            tab.supersede()
            tab.answered = ""  # nothing of it stands, so anybody may begin
            if attempt == 0 and ran:
                break  # a tool already wrote; asking again could write twice
        # What was asked in words nobody sees must not be answered by the next yes.
        done = tuple(one for one in ran if not isinstance(one, ev.ToolProposed))
        return Spoken(text=_fallback(thought), model="authored", ran=done, calls=tuple(tab.calls))

    def tab_of(self, thought: ThoughtTurn) -> Tab:
        """What asking models for this turn goes on."""
        own = self._journal
        announce = partial(own.begin, thought.turn.session.id) if own is not None else None
        return Tab(at=thought.at, pinned=_pinned(thought), left=thought.left, announce=announce)

    async def _answer(
        self, thought: ThoughtTurn, deadline: Deadline, tab: Tab, show: Show | None
    ) -> tuple[str, list[ev.Event], Prompt]:
        """One answer of the model, running the tools it calls on a copy of the world."""
        if thought.prompt is None:
            raise ValueError("nobody answers this turn")
        prompt = thought.prompt
        draft = Draft(thought.turn.scenario, thought.state, thought.at)
        said = ""
        for _ in range(TOOL_ROUNDS + 1):
            before = len(said)
            said, wanted = await self._listen(said, thought, prompt, deadline, tab, show)
            if wanted is None:
                break
            prompt = _after_tool(draft, thought.speaker, wanted, prompt, said[before:].strip())
            if draft.state.proposed:
                said = f"{said} {draft.state.proposed.summary}. Shall I?".strip()
                break
        return said, draft.events, prompt

    async def _listen(
        self,
        said: str,
        thought: ThoughtTurn,
        prompt: Prompt,
        deadline: Deadline,
        tab: Tab,
        show: Show | None,
    ) -> tuple[str, ToolCall | None]:
        """One answer of a model: what is said by now, and the tool it wants, if any.

        An answer that the limit of tokens cut is cut back to its last whole sentence. Where another
        model takes over, all that was said before is gone: two never speak in one reply.

        Raises:
            ModelUnavailable: no model answered.
        """
        wanted: ToolCall | None = None
        done: Done | None = None
        heard = False
        showing = _Showing(thought, prompt, show)
        async with aclosing(self._models.play(prompt, deadline, tab)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Anew):
                    said, wanted, heard = "", None, False
                    showing = _Showing(thought, prompt, show)
                elif isinstance(piece, Text):
                    said = _joined(said, piece.text, begins=not heard)
                    heard = True
                    await showing.take(said)
                elif isinstance(piece, ToolCall):
                    wanted = piece
                else:
                    done = piece
        cut = done is not None and done.stop == "length"
        return whole_sentences(said) if cut else said, wanted


def _spoken(
    thought: ThoughtTurn, prompt: Prompt, marked: Marked, ran: Sequence[ev.Event], tab: Tab
) -> Spoken:
    held = held_by(thought.turn.scenario, thought.state, thought.speaker)
    return Spoken(
        text=marked.text,
        facts=facts_told(marked.text, marked.cited, prompt.facts, held),
        offered=marked.offered,
        degraded=tab.degraded,
        model=tab.answered,
        ran=tuple(ran),
        calls=tuple(tab.calls),
    )


def _pinned(thought: ThoughtTurn) -> str:
    """The model that this character was last played by: its voice stays while it can."""
    played = (one for one in reversed(thought.state.utterances) if one.seat == thought.speaker)
    return next((one.model for one in played if one.model not in ("", "authored")), "")


def _joined(said: str, piece: str, *, begins: bool) -> str:
    """Text grown by a piece; what follows a tool begins with a blank of its own."""
    apart = begins and said and not said[-1].isspace() and not piece[:1].isspace()
    return f"{said} {piece}" if apart else said + piece


class _Showing:
    """Shows a growing answer sentence by sentence. Each new sentence is checked once."""

    def __init__(self, thought: ThoughtTurn, prompt: Prompt, show: Show | None) -> None:
        self._prompt = prompt
        self._show = show
        self._sealed = sealed(thought.turn.scenario, thought.state)
        self._seen = ""

    async def take(self, said: str) -> None:
        """Show what of `said` is whole, if that is more than before and passes the checks."""
        if self._show is None:
            return
        whole = without_marks(whole_sentences(said)).text
        if not whole or whole == self._seen:
            return
        self._seen = whole
        if problem_of(whole, self._prompt, self._sealed) is None:
            await self._show(whole)
        else:
            self._show = None  # what follows holds it too


def _after_tool(draft: Draft, seat: str, wanted: ToolCall, prompt: Prompt, said: str) -> Prompt:
    """Run a tool call on the copy of the world; the prompt grows by its result.

    `said` is what the character said right before the call.
    """
    offered = {one.id for one in prompt.tools}
    tool = next((one for one in draft.scenario.tools if one.id == wanted.tool), None)
    if tool is None or tool.id not in offered:
        result = "There is no such tool."
    else:
        last = _used(draft, seat, tool, wanted)
        waits = draft.state.proposed.summary if draft.state.proposed else ""
        result = last.text if isinstance(last, ev.ToolDone) else f"Waiting for a yes: {waits}."
    asked = ", ".join(f"{name}={value}" for name, value in wanted.args.items())
    heard = Heard(
        seq=draft.state.seq, name="tool", mine=False, text=f"{wanted.tool}({asked}): {result}"
    )
    used = ToolUsed(
        id=wanted.id,
        tool=wanted.tool,
        args=tuple(wanted.args.items()),
        result=result,
        said=said,
        trail=wanted.trail,
    )
    return replace(prompt, history=(*prompt.history, heard), used=(*prompt.used, used))


def _used(draft: Draft, seat: str, tool: Tool, wanted: ToolCall) -> ev.Event:
    """What using a tool led to. Of records only what the character needs is kept and read."""
    before = draft.state.world
    propose_or_run(draft, seat, tool, wanted.args)
    last = draft.events[-1]
    if isinstance(last, ev.ToolDone) and before is not None:
        short = world.in_short(tool, before, wanted.args)
        draft.events[-1] = last = replace(last, text=short or last.text)
    return last


def _outage(thought: ThoughtTurn, tab: Tab) -> Spoken:
    persona = persona_of(thought.turn.scenario, thought.state.mode, thought.speaker)
    lines = persona.lines.outage if persona else ()
    line = lines[thought.state.turns % len(lines)] if lines else "Sorry, I lost you for a moment."
    return Spoken(text=line, outage=True, degraded=True, model="authored", calls=tuple(tab.calls))


def _fallback(thought: ThoughtTurn) -> str:
    persona = persona_of(thought.turn.scenario, thought.state.mode, thought.speaker)
    lines = persona.lines.unknown if persona else ("I am not sure what to say to that.",)
    last = thought.state.last_of("character")
    fresh = [line for line in lines if last is None or line != last.text] or list(lines)
    return fresh[thought.state.turns % len(fresh)]
