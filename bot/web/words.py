"""What the API says when something fails: a code, words, and whether trying again may help."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from bot.access import NotAllowed
from bot.failures import code_of, details_of, is_retryable
from bot.views import errors as views

WORDS: Final[Mapping[str, str]] = {
    "not_found": "There is nothing at this address. See /docs for what there is.",
    "method_not_allowed": "This address does not take that method. See /docs.",
    "bad_request": "The request is not as it should be; `errors` says where.",
    "too_large": "That is too large. Send less at once.",
    "host_refused": "This server does not answer under that name.",
    "origin_refused": "Pages of that origin may not do this. CORS_ORIGINS lists those that may.",
    "login_needed": "Please sign in. In a browser open /; a program sends the header "
    "`Authorization: Bearer …` with what `dressrun user add NAME --program` gives.",
    "forwarded": "This came through a proxy, so a login is needed. Set DRESSRUN_PUBLIC_URL to the "
    "address under which people come here; `dressrun user add NAME` makes a link to sign in there.",
    "csrf": "This page is out of date, or the request did not come from it. Load it again.",
    "not_you": "You are signed in as somebody else. Give your own id as `user_id`.",
    "stopping": "The server is being stopped, so this may not be finished. Look in a moment "
    "whether it is there; if not, send it again.",
    "not_ready": "The server is not ready yet; `checks` says what is missing.",
    "no_exhibit": "There is no such exhibit, or it has not been shown yet.",
    "unknown_media": "There is no such file, or it has not been handed out.",
    "consent_needed": "Please read the session's notice and agree first: writing does.",
    "who_acts": "Several people take part in this session. Say who acts, as `user_id`.",
    "already_stored": "That arrived before and is stored; there is no further answer to it.",
    "bad_frame": "That frame could not be read. Send JSON text: "
    '{"type": …, "content": …, "metadata": {…}}.',
    "unknown_frame": "There is no such frame. Send `session_start`, `user_message` or `command`.",
    "frame_too_large": "That frame is too large, so nothing was sent. Send less at once.",
    "too_many": "Too many messages wait for an answer. Wait for one, then send that again.",
}


class WebError(Exception):
    """A failure that only the web has; `code` names its words."""

    code: ClassVar[str] = "bad_request"
    retryable: ClassVar[bool] = False


class NoExhibit(WebError):
    """The exhibit does not exist or was not shown yet."""

    code = "no_exhibit"


class WhoActs(WebError):
    """Several people take part, and the request does not say which of them acts."""

    code = "who_acts"


class NotYou(WebError):
    """The request names somebody else than who is logged in."""

    code = "not_you"


class BadFrame(WebError):
    """A frame that is not JSON text of our shape."""

    code = "bad_frame"


class UnknownFrame(WebError):
    """A frame of a type that clients do not send."""

    code = "unknown_frame"


class FrameTooLarge(WebError):
    """A frame that is larger than any message may be."""

    code = "frame_too_large"


class AlreadyAnswered(WebError):
    """A message that is stored and has no reply that could be shown again."""

    code = "already_stored"


class TooMany(WebError):
    """More messages wait in this session than are kept."""

    code = "too_many"
    retryable = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A failure as people read it."""

    code: str
    words: str
    retryable: bool


def told(error: Exception) -> Told:
    """What to say about a failure. Nothing in it repeats what was sent."""
    code = code_of(error)
    if isinstance(error, NotAllowed) and error.why == "needs_consent":
        code = "consent_needed"
    words = words_of(code) or views.words_for(code, details_of(error))
    return Told(code=code, words=words, retryable=is_retryable(error))


def words_of(code: str) -> str:
    """The words for one of the web's own codes; empty for all others."""
    return WORDS.get(code, "")


ASIDE: Final = "Noted beside the scene: nobody in it heard that."
"""To whoever wrote an aside, alone."""

AGREEING: Final = "Writing your first message means that you have read this and agree."
"""Added to the notice: the API has no button to agree with."""
