"""The words for what went wrong: what happened, and one thing to do next. No ids, no blame."""

from collections.abc import Mapping, Sequence

from adapters.port import Message

WORDS: Mapping[str, str] = {
    "session_ended": "This simulation has ended. See how it went with `/sim show`, "
    "or start anew with `/sim list`.",
    "session_paused": "This simulation is paused. Go on with `/sim resume`.",
    "no_session": "No simulation is running here. See what there is with `/sim list`.",
    "not_seated": "You have no seat in this simulation. Start your own with `/sim list`.",
    "sequence_taken": "Somebody was faster. Please send that once more.",
    "message_too_long": "That message is too long: {length} characters, and {limit} fit. "
    "Nothing was sent; please send it in shorter parts.",
    "empty_message": "That message was empty. Write something, or see `/sim help`.",
    "unknown_action": "I did not recognise that. You can choose: {known}.",
    "unknown_mode": "There is no such mode. You can choose: {known}.",
    "unknown_language": "This scenario is not available in that language. "
    "Leave the language out to start.",
    "not_allowed_now": "That is not possible at this point. See where you are with `/sim status`.",
    "unknown_scenario": "There is no scenario with that name. {nearest}See all with `/sim list`.",
    "model_unavailable": "Your partner needs a moment. Your words are kept; "
    "the answer will come here.",
    "bad_command": "I could not read that. It goes like this: `{usage}`. "
    "All commands: `/sim help`.",
    "not_allowed": "You may not do that here. Ask an instructor if you need it.",
    "store_away": "We cannot store anything right now, so nothing was sent. "
    "Please try again in a minute.",
    "store_refused": "That could not be stored, so nothing was sent. "
    "Please tell your administrator.",
    "bad_preference": "That setting does not work: {why}. "
    "An example: `/sim settings time_zone=Europe/Berlin`.",
    "consent_needed": "Please read the notice and agree before you start.",
    "failed": "Something went wrong on our side. Nothing you wrote is lost; please try again.",
}


def words_for(code: str, details: Mapping[str, object]) -> str:
    """The sentence for a failure's code, with its details filled in."""
    template = WORDS.get(code, WORDS["failed"])
    return template.format_map(_Filled(details))


def error(code: str, details: Mapping[str, object] | None = None) -> Message:
    """The message for a failure's code."""
    return Message(text=words_for(code, details or {}))


def choices(known: Sequence[str]) -> str:
    """A list of choices in words."""
    return ", ".join(known) if known else "nothing at this point"


class _Filled(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return ""
