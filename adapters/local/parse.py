"""What browsers send as our events and queries: pure functions."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from adapters.commands import typed
from adapters.local.limits import BOT_ID, LIMITS, PLATFORM, WORKSPACE
from adapters.local.rows import Place, Upload
from adapters.port import (
    CommandCalled,
    Completing,
    Event,
    FileRef,
    Form,
    FormChecked,
    FormSent,
    FormValue,
    FormValues,
    FormWanted,
    HomeOpened,
    Joined,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    MessageRef,
    Pressed,
    Stopped,
    ThreadRef,
    UserRef,
)
from adapters.text import cleaned

_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,80}")
_WORD: Final = re.compile(r"[a-z0-9_-]{0,40}")
_BOT: Final = re.compile(rf"\s*(?:<@{BOT_ID}>|@{BOT_ID}\b)[ ,:]*", re.IGNORECASE)
_UPLOAD: Final = re.compile(r"[0-9a-f]{32}")
_PAIRS: Final = 50


class BadRequest(ValueError):
    """What was sent cannot be read. `what` names the field."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Who did something where and when. `event_id` is unique over all people.

    `direct`: only they and the bot are there.
    """

    event_id: str
    seq: int
    at: datetime
    person: str
    place: str
    direct: bool = False

    @property
    def base(self) -> dict[str, Any]:
        """What all events in a thread begin with."""
        return {
            "event_id": self.event_id,
            "order": order_of(self.seq),
            "user": user_ref(self.person),
            "at": self.at,
            "thread": thread_ref(self.place),
        }


# --- addresses ----------------------------------------------------------------------------------


def thread_ref(place: str) -> ThreadRef:
    """A place here."""
    return ThreadRef(PLATFORM, WORKSPACE, place)


def user_ref(person: str) -> UserRef:
    """Somebody here."""
    return UserRef(PLATFORM, WORKSPACE, person)


def message_ref(place: str, message: str) -> MessageRef:
    """A message here."""
    return MessageRef(thread_ref(place), message)


def file_ref(file: Upload) -> FileRef:
    """A file here."""
    return FileRef(
        platform=PLATFORM,
        workspace=WORKSPACE,
        id=file.id,
        name=file.name,
        media_type=file.media_type,
        size=file.size,
        locator=file.id,
    )


def upload_id(locator: str) -> str | None:
    """The file that a locator leads to, or None for one that leads elsewhere."""
    return locator if _UPLOAD.fullmatch(locator) else None


def order_of(seq: int) -> str:
    """A number as a key that sorts as a string."""
    return f"{seq:020d}"


def seq_of(order: str) -> int:
    """Undo `order_of`; 0 for what is none."""
    return int(order) if order.isascii() and order.isdigit() else 0


# --- fields -------------------------------------------------------------------------------------


def text_of(body: Mapping[str, Any], name: str, most: int = LIMITS.text) -> str:
    """A text in what was sent; empty where it is left out.

    Raises:
        BadRequest: it is no text, or too long.
    """
    found = body.get(name, "")
    if not isinstance(found, str) or len(found) > most:
        raise BadRequest(name)
    return found


def id_of(body: Mapping[str, Any], name: str) -> str:
    """An id in what was sent.

    Raises:
        BadRequest: there is none.
    """
    found = body.get(name)
    if not isinstance(found, str) or not _ID.fullmatch(found):
        raise BadRequest(name)
    return found


def number(given: str | None, name: str) -> int | None:
    """A whole number in an address; None where it is left out.

    Raises:
        BadRequest: it is none.
    """
    if not given:
        return None
    if not given.isascii() or not given.isdigit() or len(given) > 18:
        raise BadRequest(name)
    return int(given)


def event_id(body: Mapping[str, Any], person: str, *, made: str) -> str:
    """The id that the client chose, within what this person does; else `made`.

    Raises:
        BadRequest: it chose something that is no id.
    """
    chosen = id_of(body, "event_id") if body.get("event_id") else made
    return f"{person}:{chosen}"


def ids_of(body: Mapping[str, Any], name: str) -> list[str]:
    """A few ids of files.

    Raises:
        BadRequest: they are none.
    """
    found = body.get(name, [])
    if not isinstance(found, list) or len(found) > 10:
        raise BadRequest(name)
    if not all(isinstance(one, str) and _UPLOAD.fullmatch(one) for one in found):
        raise BadRequest(name)
    return list(dict.fromkeys(found))


def pairs_of(body: Mapping[str, Any], name: str) -> tuple[tuple[str, str], ...]:
    """Texts by name.

    Raises:
        BadRequest: they are none.
    """
    found = body.get(name) or {}
    if not isinstance(found, dict) or len(found) > _PAIRS:
        raise BadRequest(name)
    if not all(isinstance(one, str) and len(one) <= LIMITS.text for one in found.values()):
        raise BadRequest(name)
    return tuple((str(key)[:80], value) for key, value in found.items())


# --- events -------------------------------------------------------------------------------------


def written(text: str, stamp: Stamp, place: Place, files: Sequence[Upload], message: str) -> Event:
    """What somebody wrote: a command, or something said in the message with this id."""
    refs = tuple(file_ref(one) for one in files)
    if (command := typed(text)) is not None:
        return CommandCalled(
            **stamp.base,
            name=command.word,
            text=command.rest,
            files=refs,
            seen=place.kind != "dm" and is_shown(text),
            direct=stamp.direct,
        )
    clean = cleaned(text)
    to_bot = _BOT.search(clean) is not None
    return MessagePosted(
        **stamp.base,
        text=_BOT.sub(" ", clean).strip() if to_bot else clean,
        files=refs,
        addressed=to_bot or place.kind == "dm",
        ref=message_ref(place.key, message),
    )


def is_shown(text: str) -> bool:
    """Whether a typed line stands in the thread; `/sim …` is only for the bot."""
    return typed(text) is None or not cleaned(text).lstrip().startswith("/")


def called(body: Mapping[str, Any], stamp: Stamp, files: Sequence[Upload] = ()) -> CommandCalled:
    """A command from the palette.

    Raises:
        BadRequest: it is none.
    """
    return CommandCalled(
        **stamp.base,
        name=command_name(body),
        text=cleaned(text_of(body, "text")).strip(),
        options=pairs_of(body, "options"),
        files=tuple(file_ref(one) for one in files),
        direct=stamp.direct,
    )


def command_name(body: Mapping[str, Any]) -> str:
    """The word of a command.

    Raises:
        BadRequest: it is none.
    """
    name = text_of(body, "name", 40).lower()
    if not _WORD.fullmatch(name):
        raise BadRequest("name")
    return name


def edited(text: str, stamp: Stamp, message: str) -> MessageEdited:
    """A message that its author changed."""
    ref = message_ref(stamp.place, message)
    return MessageEdited(**stamp.base, ref=ref, text=cleaned(text))


def deleted(stamp: Stamp, message: str) -> MessageDeleted:
    """A message that its author took back."""
    return MessageDeleted(**stamp.base, ref=message_ref(stamp.place, message))


def pressed(stamp: Stamp, message: str, choice: str) -> Pressed:
    """A choice that was pressed."""
    ref = message_ref(stamp.place, message)
    return Pressed(**stamp.base, choice=choice, ref=ref, direct=stamp.direct)


def form_sent(stamp: Stamp, form: str, values: FormValues) -> FormSent:
    """A form that was sent."""
    return FormSent(**stamp.base, form=form, values=values)


def stopped(stamp: Stamp) -> Stopped:
    """The stop button."""
    return Stopped(**stamp.base)


def joined(stamp: Stamp) -> Joined:
    """Somebody who is in a place for the first time."""
    return Joined(**stamp.base)


def home_opened(stamp: Stamp) -> HomeOpened:
    """Somebody who opened the page."""
    base = stamp.base
    del base["thread"]
    return HomeOpened(**base)


# --- queries ------------------------------------------------------------------------------------


def completing(body: Mapping[str, Any], person: str) -> Completing:
    """What could stand in an option?

    Raises:
        BadRequest: this is no such question.
    """
    return Completing(
        user=user_ref(person),
        thread=thread_ref(id_of(body, "place")),
        command=text_of(body, "command", 40),
        option=text_of(body, "option", 40),
        typed=cleaned(text_of(body, "typed", 200)),
        given=pairs_of(body, "given"),
    )


def form_of_command(body: Mapping[str, Any], person: str, place: str) -> FormWanted:
    """Which form does a command open?"""
    return FormWanted(
        user=user_ref(person),
        thread=thread_ref(place),
        source="command",
        by=command_name(body),
        text=text_of(body, "text"),
        options=pairs_of(body, "options"),
    )


def form_of_choice(person: str, place: str, message: str, choice: str) -> FormWanted:
    """Which form does a choice open?"""
    return FormWanted(
        user=user_ref(person),
        thread=thread_ref(place),
        source="choice",
        by=choice,
        ref=message_ref(place, message),
    )


def form_checked(person: str, place: str, form: str, values: FormValues) -> FormChecked:
    """Is this form right?"""
    return FormChecked(user=user_ref(person), thread=thread_ref(place), form=form, values=values)


def files_in(form: Form | None, body: Mapping[str, Any]) -> list[str]:
    """The ids of the files that a form was sent with.

    Raises:
        BadRequest: they are none.
    """
    names = {field.name for field in form.fields if field.kind == "file"} if form else set()
    given = _given(body)
    return ids_of({"values": [one for name in names for one in given.get(name, ())]}, "values")


def values(form: Form | None, body: Mapping[str, Any], files: Mapping[str, Upload]) -> FormValues:
    """What was filled in, in the form's order; without the form all is text.

    Raises:
        BadRequest: it is nothing that can be filled in.
    """
    given = _given(body)
    kinds = {field.name: field.kind for field in form.fields} if form else dict.fromkeys(given, "")
    return tuple(
        (name, _value(kind, one, files))
        for name, kind in kinds.items()
        for one in given.get(name, ())
        if one
    )


def _value(kind: str, given: str, files: Mapping[str, Upload]) -> FormValue:
    if kind == "person":
        return user_ref(given)
    if kind == "file":
        if given not in files:
            raise BadRequest("values")
        return file_ref(files[given])
    return cleaned(given)


def _given(body: Mapping[str, Any]) -> dict[str, list[str]]:
    found = body.get("values") or {}
    if not isinstance(found, dict) or len(found) > _PAIRS:
        raise BadRequest("values")
    given: dict[str, list[str]] = {}
    for name, value in found.items():
        several = value if isinstance(value, list) else [value]
        if not all(isinstance(one, str) and len(one) <= LIMITS.text for one in several):
            raise BadRequest("values")
        given[str(name)] = several
    return given
