"""A vendor's model behind the port: time limits, failures and second tries, alike for all vendors.

What is particular to one of them is its `Wire`.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace

from engine.errors import ModelUnavailable
from engine.llm.caching import cache_missed
from engine.llm.families import Family
from engine.llm.port import (
    FAIR,
    Answer,
    Deadline,
    Decided,
    Done,
    Failure,
    ModelLimits,
    Question,
    Spent,
    Stop,
    Text,
    ToolCall,
    Usage,
    estimated_tokens,
)
from engine.llm.render import Layout, layout_of, mended, question_layout, shortened
from engine.llm.schema import BadAnswer, answer_in, schema_of
from engine.llm.wire import Fault, Reply, Wire
from engine.prompting import Prompt

ROOM = 2_000
"""Tokens of an answer, thinking included, at first; and so many times more the second time."""
MORE_ROOM = 4
AFTER_END = 2.0
"""Seconds that a stream may take to close when the answer is complete."""


class VendorModel:
    """A model of a vendor. Holds nothing of a call, so it serves any number of them at once."""

    def __init__(self, wire: Wire, family: Family, room: int = ROOM) -> None:
        """Take a wire; `room` is for the tokens of an answer, in the first try."""
        self.name = wire.name
        self.limits = ModelLimits(
            prompt_tokens=family.prompt_cap,
            answer_tokens=room,
            streams=True,
            tools=True,
            decides=True,
        )
        self._wire = wire
        self._family = family
        self._patience = wire.patience

    async def prepare(self) -> None:
        """Load the vendor's library, which takes seconds, before anybody waits for an answer.

        What is wrong with its settings, the first call tells.
        """
        with suppress(ValueError):
            await self._wire.prepare()

    async def stream(
        self, prompt: Prompt, deadline: Deadline
    ) -> AsyncGenerator[Text | ToolCall | Done]:
        """As the port says, with two second tries.

        An answer without a word is asked for once more with more room, and a prompt that is too
        long is sent once more with half of its history.
        """
        task = _Task(layout_of(prompt, self.limits.prompt_tokens), self.limits.answer_tokens)
        while True:
            reply = Reply()
            async with aclosing(self._call(task, reply, deadline)) as pieces:
                async for piece in pieces:
                    yield Text(piece)
            lacking = _lacking(reply)
            if lacking is None:
                break
            task.again(self.name, reply, lacking)
        if reply.tool is not None:
            yield reply.tool
        usage = _counted(reply, task.layout)
        missed = cache_missed(self.name, self._family, prompt.turn, usage)
        if missed is not None and not task.earlier:
            self._wire.missed(missed)
        yield Done(
            usage=usage,
            response_id=reply.response_id,
            stop=_stop(reply),
            model=reply.model or self.name,
            request_id=reply.request_id,
            raw=reply.raw,
            earlier=tuple(task.earlier),
        )

    async def decide(
        self, question: Question, schema: type[Answer], deadline: Deadline
    ) -> Decided[Answer]:
        """As the port says; one in a wrong shape is asked for once more, with what is wrong."""
        layout = question_layout(question, schema_of(schema))
        task = _Task(layout, self.limits.answer_tokens)
        while True:
            reply = Reply()
            async with aclosing(self._call(task, reply, deadline)) as pieces:
                async for _ in pieces:
                    pass
            lacking = _lacking(reply)
            if lacking is not None:
                task.again(self.name, reply, lacking)
                continue
            try:
                answer = answer_in(reply.text, schema)
            except BadAnswer as bad:
                complaint = bad.complaint
            else:
                break
            task.again(self.name, reply, "bad_answer", complaint)
        return Decided(
            answer=answer,
            usage=_counted(reply, task.layout),
            response_id=reply.response_id,
            model=reply.model or self.name,
            request_id=reply.request_id,
            raw=reply.raw,
            earlier=tuple(task.earlier),
        )

    async def _call(self, task: "_Task", reply: Reply, deadline: Deadline) -> AsyncGenerator[str]:
        """One call, each piece in its time.

        Raises:
            ModelUnavailable: it failed before the answer was complete. What was too long is no
                failure yet: then `reply.ending` is "overflow".
        """
        if asyncio.get_running_loop().time() >= min(deadline.at, deadline.first):
            raise ModelUnavailable(self.name, "no_time", earlier=tuple(task.earlier))
        fault: Fault | None = None
        async with self._wire.place(deadline):
            pieces = self._timed(task, reply, deadline)
            try:
                await self._wire.prepare()
                async with aclosing(pieces):
                    async for piece in pieces:
                        yield piece
            except _Late as late:
                fault = Fault(reason=late.reason, request_id=reply.request_id, hurried=late.hurried)
            except self._wire.errors() as error:
                fault = self._wire.fault(error)
        # Raised here and not above: an exception remembers the one in whose handling it was born,
        # and the vendor's quotes the prompt.
        if reply.ending is None:
            self._settle(task, reply, fault)
        if reply.ending == "refusal":
            raise self._failed(task, reply, Fault(reason="refusal", status=200))

    async def _timed(self, task: "_Task", reply: Reply, deadline: Deadline) -> AsyncGenerator[str]:
        """The pieces of a wire, with a limit for each wait.

        Raises:
            _Late: one was passed.
        """
        loop = asyncio.get_running_loop()
        first, idle = self._patience.first, self._patience.idle
        if task.layout.schema is not None:
            first = idle = self._patience.thinking
        began = loop.time()
        until, limit = began + first, min(deadline.first, deadline.at)
        reason: Failure = "first_token"
        async with aclosing(self._wire.pieces(task.layout, task.room, reply)) as pieces:
            while True:
                if reply.ending is not None:
                    until = loop.time() + AFTER_END
                ours = limit <= until
                if ours:
                    until = limit
                    reason = "first_token" if limit < deadline.at else "deadline"
                hurried = ours and until - began < FAIR
                piece = await _within(pieces, until, _Late(reason, hurried=hurried))
                if piece is None:
                    return
                until, reason = loop.time() + idle, "idle"
                if piece:
                    limit = deadline.at
                    yield piece

    def _settle(self, task: "_Task", reply: Reply, fault: Fault | None) -> None:
        """Say what an answer that was not complete is."""
        if fault is None and self._wire.silent_end and (reply.text or reply.tool):
            reply.ending = "tool" if reply.tool else "end"
        elif fault is not None and fault.reason == "overflow" and not reply.text:
            reply.ending, reply.request_id = "overflow", fault.request_id
        else:
            raise self._failed(task, reply, fault or Fault(reason="cut", status=200))

    def _failed(self, task: "_Task", reply: Reply, fault: Fault) -> ModelUnavailable:
        began = bool(reply.text) or reply.usage is not None
        # An error instead of an answer says that nothing ran; silence says nothing of the sort.
        told = fault.reason in ("connect", "overloaded", "rate_limited", "auth", "misconfigured")
        ran = began or (not told and fault.status in (None, 200))
        return ModelUnavailable(
            self.name,
            fault.reason,
            status=fault.status,
            request_id=fault.request_id or reply.request_id,
            response_id=reply.response_id,
            retry_after=fault.retry_after,
            billed=_counted(reply, task.layout) if ran else None,
            earlier=tuple(task.earlier),
            hurried=fault.hurried,
            raw=reply.raw,
        )


@dataclass(slots=True)
class _Task:
    """What is asked for, over all tries."""

    layout: Layout
    room: int
    earlier: list[Spent] = field(default_factory=list)

    def again(self, model: str, reply: Reply, why: Failure, complaint: str = "") -> None:
        """Change the request for its second try.

        Raises:
            ModelUnavailable: there was a second try for the same reason.
        """
        if any(one.reason == why for one in self.earlier):
            raise ModelUnavailable(
                model,
                why,
                status=200,
                request_id=reply.request_id,
                response_id=reply.response_id,
                billed=_counted(reply, self.layout),
                earlier=tuple(self.earlier),
                raw=reply.raw,
            )
        self.earlier.append(
            Spent(
                reason=why,
                usage=_counted(reply, self.layout) if reply.response_id else Usage(),
                response_id=reply.response_id,
                request_id=reply.request_id,
                model=reply.model,
                raw=reply.raw,
            )
        )
        if why == "overflow":
            self.layout = shortened(self.layout)
        elif why == "empty" or reply.ending == "length":
            self.room *= MORE_ROOM
        if why == "bad_answer":
            self.layout = mended(self.layout, reply.text, complaint)


class _Late(Exception):
    """`hurried`: whoever asked set that limit, and a short one."""

    def __init__(self, reason: Failure, *, hurried: bool) -> None:
        super().__init__(reason)
        self.reason: Failure = reason
        self.hurried = hurried


async def _within(pieces: AsyncGenerator[str], until: float, late: _Late) -> str | None:
    """The next piece, None at the end.

    The limit stands around the waiting alone: whoever reads may take as long as it likes.
    """
    try:
        async with asyncio.timeout_at(until):
            return await anext(pieces, None)
    except TimeoutError:
        pass
    raise late


def _stop(reply: Reply) -> Stop:
    if reply.tool is not None:
        return "tool"
    return "length" if reply.ending in ("length", "overflow") else "end"


def _lacking(reply: Reply) -> Failure | None:
    """Why an answer that came whole is none."""
    if reply.ending == "overflow" and not reply.text.strip():
        return "overflow"
    return None if reply.text.strip() or reply.tool else "empty"


def _counted(reply: Reply, layout: Layout) -> Usage:
    """What the vendor counted, or an estimate. What broke off was written all the same."""
    written = estimated_tokens(reply.text)
    if reply.usage is None:
        return Usage(input=layout.tokens, output=written, estimated=True)
    if reply.ending is None and reply.usage.output < written:
        return replace(reply.usage, output=written, estimated=True)
    return reply.usage
