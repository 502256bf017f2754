"""What of the things that somebody wrote can be taken in, before anybody hears them."""

from dataclasses import replace

from engine.errors import EmptyMessage, MessageTooLong
from engine.scenario import Scenario
from engine.signals import is_distress, is_stop
from engine.turns import Said
from engine.words import clean, sentences


def wants_out(scenario: Scenario, text: str) -> bool:
    """Whether somebody steps out of the role-play by these words: nothing else counts then."""
    safety, words = scenario.safety, clean(text)
    return is_stop(words, safety.stop_word) or is_distress(words, safety.distress)


def readable(scenario: Scenario, said: Said) -> tuple[Said, MessageTooLong | None]:
    """What can be read of messages, cleaned, and why a long one of them was left out.

    One blank or too long message costs none of the others. Of a long one by which somebody wants to
    get out, the sentence that says so is read.

    Raises:
        EmptyMessage: nothing readable was said.
        MessageTooLong: only messages that are longer than the scenario takes.
    """
    limit = scenario.limits.message_chars
    too_long: MessageTooLong | None = None
    kept: list[tuple[str, str | None]] = []
    for text, event_id in ((clean(text), event_id) for text, event_id in said.messages):
        if len(text) > limit:
            way_out = _way_out(scenario, text, limit)
            if not way_out:
                too_long = MessageTooLong(len(text), limit)
                continue
            text = way_out
        if text:
            kept.append((text, event_id))
    if not kept:
        raise too_long or EmptyMessage("empty message")
    return replace(said, messages=tuple(kept)), too_long


def _way_out(scenario: Scenario, text: str, limit: int) -> str:
    """The sentence of a long message by which somebody wants out; empty where there is none."""
    if not wants_out(scenario, text):
        return ""
    found = (one for one in sentences(text) if len(one) <= limit and wants_out(scenario, one))
    return next(found, scenario.safety.stop_word)
