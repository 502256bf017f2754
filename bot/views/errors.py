"""The words for what went wrong: what happened, and one thing to do next. No ids, no blame."""

from collections.abc import Mapping, Sequence

from adapters.port import Choice, Message
from bot.views.text import joined

WORDS: Mapping[str, str] = {
    # A session and its turns
    "session_ended": "This simulation has ended. See how it went with `/sim show`.",
    "session_paused": "This simulation is paused, so nobody heard that. Go on with `/sim resume`.",
    "no_session": "No simulation is running here. See what there is with `/sim list`.",
    "which_session": "You have several simulations running. "
    "Please write that in the thread of the one you mean.",
    "no_session.unknown": "There is no simulation of yours with that ID. "
    "See them all with `/sim history`.",
    "not_seated": "You have no seat in this simulation. Start your own with `/sim list`.",
    "sequence_taken": "Something else happened at the same moment, so that was not taken. "
    "Please send it once more.",
    "already_stored": "That has arrived already. Please just go on.",
    "message_too_long": "That message is too long: it has {length} characters, and {limit} fit. "
    "Nothing was sent; please send it in shorter parts.",
    "too_fast": "That came faster than anybody can answer, so it was not heard. "
    "Please wait {seconds} seconds and send it again.",
    "empty_message": "There was nothing to read in that message. Please write it again.",
    "unknown_action": "I did not recognise that. You can choose: {known}.",
    "unknown_mode": "There is no such mode. You can choose: {known}.",
    "unknown_language": "This scenario is not available in that language. "
    "Please start it without one.",
    "not_allowed_now": "That is not possible at this point. See where you are with `/sim status`.",
    "not_allowed_now.session is paused": "This simulation is paused. Go on with `/sim resume`.",
    "not_allowed_now.session is completed": "This simulation has ended. "
    "See how it went with `/sim show`.",
    "not_allowed_now.session is over": "This simulation has ended. "
    "See how it went with `/sim show`.",
    "not_allowed_now.session is abandoned": "This simulation was stopped. "
    "Take it up again with `/sim continue`.",
    "not_allowed_now.no hints in this mode": "This mode gives no hints. "
    "Please go on with what you have.",
    "not_allowed_now.it still runs": "That comes at the end. Finish with `/sim end` first.",
    "not_allowed_now.the score was shown": "You have seen the score already, so rating yourself "
    "would not tell much. See it with `/sim debrief`.",
    "not_allowed_now.the score is not there yet": "The score is not there yet. "
    "See where it is with `/sim debrief`.",
    "not_allowed_now.an instructor looks first": "An instructor looks at this one before you see "
    "the score. Please come back a little later.",
    "not_allowed_now.you said nothing": "You were there and did not write, so nothing of yours is "
    "scored. Try it again with `/sim start`, with others or alone.",
    "not_allowed_now.your own session": "You played this one yourself, so somebody else decides. "
    "Please ask another instructor.",
    "not_allowed_now.nothing to drill": "There is nothing left to drill here. "
    "Play something else with `/sim list`.",
    "not_allowed_now.no hints left": "You have had every hint of this scenario. "
    "Please go on with what you have.",
    "not_allowed_now.exhibit": "What you are reading is not here yet. "
    "See what is on its way with `/sim status`.",
    "more_needed": "That says nothing yet. Please write it in your words, with: {known}.",
    "model_unavailable": "Your partner needs a moment. Please send that once more.",
    # Scores and what is said about them
    "no_evaluation": "There is no score for that yet. Finish with `/sim end` first.",
    "unknown_criterion": "The score card has no such line. See its lines with `/sim show`.",
    "bad_rating": "That is not a number of points this line gives. Please choose one it offers.",
    "no_dispute": "I do not know that request for a second look. See yours with `/sim show`.",
    "dispute_closed": "Somebody has decided on that already. See how with `/sim show`.",
    "already_disputed": "You have asked for a second look at that line already. "
    "Please wait for the answer.",
    "no_reason": "A second look needs a reason. Please say in a sentence what you see differently.",
    "no_turn": "There is no such turn. See the numbers with `/sim show`.",
    # The library
    "unknown_scenario": "There is no scenario with that name. {nearest}See all with `/sim list`.",
    "unknown_media": "That file is not there. Please tell an instructor.",
    "pack_refused": "That pack has mistakes, so nothing of it was taken. "
    "Please mend them and send it again.",
    "no_scenario_version": "The scenario of this simulation is not there any more. "
    "Please tell your administrator.",
    # Commands and people
    "bad_command": "I could not read that. It goes like this: `{usage}`.",
    "unknown_command": "There is no such command. {nearest}See all with `/sim help`.",
    "bad_preference": "That setting does not work: {why}. See yours with `/sim settings`.",
    "consent_needed": "Please read the notice and agree first. Starting from `/sim list` shows it.",
    "no_person": "I do not know that person. Please check the name.",
    "not_allowed": "That is not open to you here. Please ask an instructor or administrator.",
    "not_allowed.deactivated": "Your access here is switched off. Please ask your administrator.",
    "not_allowed.needs_consent": "Please read the notice and agree first. "
    "Starting from `/sim list` shows it.",
    "not_allowed.not_seated": "You have no seat in this simulation. "
    "Start your own with `/sim list`.",
    "not_allowed.not_published": "This scenario is not open yet. "
    "See what there is with `/sim list`.",
    "not_allowed.elsewhere": "That belongs to another workspace. Please ask for it there.",
    "not_allowed.shared": "Others took part in that too, so it is not yours alone. "
    "Please ask your administrator.",
    # What runs it
    "store_away": "Nothing can be stored right now, so nothing was sent. "
    "Please try again in a minute.",
    "store_refused": "That could not be stored, so nothing was sent. "
    "Please tell your administrator.",
    "unknown_revision": "The database belongs to another release. Please tell your administrator.",
    "broken_migration": "The database is only half moved to this release. "
    "Please tell your administrator.",
    "bad_model_choice": "The model is not set up rightly. Please tell your administrator.",
    "model_not_built": "That kind of model is not available here. Please tell your administrator.",
    # What carries it out
    "not_shown": "Something of this could not be shown here. It is kept: `/sim export` has it all.",
    "failed": "Something went wrong on our side. Please send that once more.",
}

CHOICES: Mapping[str, Choice] = {
    "session_paused": Choice("resume", "Resume", style="primary"),
    "session_ended": Choice("show", "How did it go?", style="primary"),
}
"""What can be pressed instead of typing the next step."""


def words_for(code: str, details: Mapping[str, object]) -> str:
    """The sentence for a failure's code, with its details filled in.

    Where there are words for the very reason, `CODE.WHY`, those are taken.
    """
    why = WORDS.get(f"{code}.{details.get('why', '')}")
    template = why or WORDS.get(code, WORDS["failed"])
    return template.format_map(_Filled(details))


def error(code: str, details: Mapping[str, object] | None = None) -> Message:
    """The message for a failure's code."""
    offered = (CHOICES[code],) if code in CHOICES else ()
    return Message(text=words_for(code, details or {}), choices=offered)


def choices(known: Sequence[str]) -> str:
    """A list of choices in words."""
    return ", ".join(known) if known else "nothing at this point"


def either(names: Sequence[str]) -> str:
    """Names of which one is probably meant."""
    return joined(list(names), "or")


class _Filled(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return ""
