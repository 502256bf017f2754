"""Asking the application inside a request, with an end to the waiting."""

import asyncio
from typing import TypeVar

from adapters.events import Answer, Answered, Query

Expected = TypeVar("Expected", bound=Answered)


async def ask(
    answer: Answer, query: Query, expected: type[Expected], *, within: float
) -> Expected | None:
    """The answer, or None when it is the neutral one, another kind, or not there in time.

    Args:
        answer: the application.
        query: what is asked.
        expected: the kind of answer this query has.
        within: seconds; what is not answered by then is given up.
    """
    try:
        async with asyncio.timeout(within):
            given = await answer(query)
    except TimeoutError:
        return None
    return given if isinstance(given, expected) else None
