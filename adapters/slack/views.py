"""Forms and the app's own page as Slack's views. Pure."""

import json
from collections.abc import Iterator
from typing import Any, Final

from adapters.forms import (
    ChoiceField,
    Field,
    FileField,
    Form,
    NumberField,
    PersonField,
    TextField,
    TimeField,
)
from adapters.messages import Message
from adapters.slack import render
from adapters.slack.actions import COMMAND_VIEW, FORM_VIEW, Kept, dump_kept
from adapters.slack.limits import (
    FIELD_LABEL,
    FIELD_TEXT,
    LABEL,
    OPTIONS,
    VALUE,
    VIEW_BLOCKS,
    VIEW_LABEL,
    VIEW_TITLE,
)
from adapters.slack.richtext import rich
from adapters.specs import CommandSpec, OptionSpec
from adapters.text import harmless

Json = dict[str, Any]

COMPLETE: Final = "complete"
FILL: Final = "fill"
_ENDINGS: Final = {"image/jpeg": ["jpg", "jpeg"], "audio/mpeg": ["mp3"], "text/plain": ["txt"]}


def of_form(form: Form, kept: Kept) -> Json:
    """A form of the application as a modal."""
    blocks = _heading(form.title, form.text) + [_field(one) for one in form.fields]
    return _modal(form.title, form.send, f"{FORM_VIEW}{form.id}", blocks, kept)


def of_command(spec: CommandSpec, kept: Kept) -> Json:
    """A command's options as a modal, completed as they are typed."""
    blocks = _heading(spec.summary, "") + [_option(one) for one in spec.options]
    return _modal(
        f"/sim {spec.name}", f"/sim {spec.name}", f"{COMMAND_VIEW}{spec.name}", blocks, kept
    )


def of_home(message: Message, look: render.Look, to: render.Link) -> Json:
    """The app's own page. Slack shows it from the top, so what is too much is at the end."""
    bare = render.Look(names=False, files=False, charts=look.charts, tables=False)
    found = [one for part in render.parts(message, bare, to) for one in part.blocks]
    return {"type": "home", "blocks": found[:VIEW_BLOCKS]}


def options(items: tuple[tuple[str, str], ...]) -> str:
    """Completions as Slack wants them."""
    return json.dumps({"options": [_choice(*one) for one in items[:OPTIONS]]})


def complaints(errors: tuple[tuple[str, str], ...], view: Json) -> str:
    """What is wrong with a form, beside its fields; about anything else, beside the first."""
    known = [str(one["block_id"]) for one in view.get("blocks", ()) if one.get("type") == "input"]
    told: dict[str, str] = {}
    for name, text in errors:
        where = name if name in known else known[0] if known else name
        told[where] = f"{told[where]} {text}" if where in told else text
    return json.dumps({"response_action": "errors", "errors": told})


def _modal(title: str, send: str, callback: str, blocks: list[Json], kept: Kept) -> Json:
    return {
        "type": "modal",
        "callback_id": callback,
        "title": _plain(title, VIEW_TITLE),
        "submit": _plain(send, VIEW_LABEL),
        "private_metadata": dump_kept(kept),
        "blocks": blocks[:VIEW_BLOCKS],
    }


def _heading(title: str, text: str) -> list[Json]:
    """What a modal's title has no room for, and the text above the fields."""
    bold = f"**{title}**" if len(title) > VIEW_TITLE else ""
    whole = "\n".join(one for one in (bold, text) if one)
    return [rich(whole)] if whole else []


def _field(one: Field) -> Json:
    made: Json = {
        "type": "input",
        "block_id": one.name,
        "optional": one.optional,
        "label": _plain(one.label, FIELD_LABEL),
        "element": {"action_id": FILL, **_element(one)},
    }
    if one.hint:
        made["hint"] = _plain(one.hint, FIELD_LABEL)
    return made


def _element(one: Field) -> Json:
    match one:
        case TextField():
            return _text(one)
        case ChoiceField():
            return _choices(one)
        case NumberField():
            return _number(one)
        case TimeField():
            at = {"initial_date_time": int(one.value.timestamp())} if one.value else {}
            return {"type": "datetimepicker", **at}
        case PersonField():
            return {"type": "multi_users_select" if one.many else "users_select"}
        case FileField():
            endings = [end for kind in one.media_types for end in _endings(kind)]
            return {
                "type": "file_input",
                "max_files": 1,
                **({"filetypes": endings} if endings else {}),
            }


def _text(one: TextField) -> Json:
    made: Json = {
        "type": "plain_text_input",
        "multiline": one.lines,
        "max_length": min(one.longest, FIELD_TEXT),
    }
    if one.value:
        made["initial_value"] = one.value
    return made


def _choices(one: ChoiceField) -> Json:
    made: Json = {"type": "multi_static_select" if one.many else "static_select"}
    shown = [_choice(*pair) for pair in one.options]
    if len(shown) <= OPTIONS:
        made["options"] = shown
    else:
        starts = range(0, len(shown), OPTIONS)
        made["option_groups"] = [
            {"label": _plain(f"{at + 1}…", LABEL), "options": shown[at : at + OPTIONS]}
            for at in starts
        ]
    first = next((each for each in shown if one.value and each["value"] == one.value), None)
    if first is not None:
        made |= {"initial_options": [first]} if one.many else {"initial_option": first}
    return made


def _number(one: NumberField) -> Json:
    made: Json = {"type": "number_input", "is_decimal_allowed": not one.whole}
    named = (("min_value", one.least), ("max_value", one.most), ("initial_value", one.value))
    return made | {name: f"{value:g}" for name, value in named if value is not None}


def _endings(media_type: str) -> Iterator[str]:
    yield from _ENDINGS.get(media_type, [media_type.rpartition("/")[2]])


def _option(one: OptionSpec) -> Json:
    return {
        "type": "input",
        "block_id": one.name,
        "optional": one.optional,
        "label": _plain(one.description, FIELD_LABEL),
        "element": _for_option(one),
    }


def _for_option(one: OptionSpec) -> Json:
    if one.choices:
        shown = [_choice(*pair) for pair in one.choices]
        return {"type": "static_select", "action_id": FILL, "options": shown}
    if one.completes:
        return {"type": "external_select", "action_id": COMPLETE, "min_query_length": 0}
    kinds: dict[str, Json] = {
        "number": {"type": "number_input", "is_decimal_allowed": True},
        "person": {"type": "users_select"},
        "time": {"type": "datetimepicker"},
        "file": {"type": "file_input", "max_files": 1},
        "yes_no": {"type": "static_select", "options": [_choice("yes", "✓"), _choice("no", "✗")]},
    }
    return {"action_id": FILL, **kinds.get(one.kind, {"type": "plain_text_input"})}


def _choice(value: str, label: str) -> Json:
    return {"text": _plain(label or value, LABEL), "value": value[:VALUE]}


def _plain(text: str, most: int) -> Json:
    shown = harmless(text)
    return {"type": "plain_text", "text": shown if len(shown) <= most else f"{shown[: most - 1]}…"}
