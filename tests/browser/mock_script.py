# ruff: noqa: E501 -- what people say stands on one line, as in a transcript
"""What the mock server says: a morning in the workspace, and fixed answers."""

import asyncio
from typing import Any

from tests.browser.mock_world import Body, World

PEOPLE: dict[str, Body] = {
    "trainee-1": {"id": "trainee-1", "name": "Sam Okafor", "role": "trainee", "picture": None},
    "trainee-2": {"id": "trainee-2", "name": "Priya Nair", "role": "trainee", "picture": None},
    "instructor-1": {
        "id": "instructor-1",
        "name": "Dr. Helen Brandt",
        "role": "instructor",
        "picture": None,
    },
    "admin": {"id": "admin", "name": "Alex Admin", "role": "admin", "picture": None},
}

MEDIA = {
    "colin": "clinical/chest-pain/media/colin.png",
    "teresa": "clinical/chest-pain/media/teresa.png",
    "ecg": "clinical/chest-pain/media/ecg.png",
    "xray": "clinical/chest-pain/media/chest-xray.png",
}
COLIN = {
    "name": "Colin Marsh",
    "picture": "/local/files/colin/colin.png",
    "role": "character",
    "person": None,
}
TERESA = {
    "name": "Teresa",
    "picture": "/local/files/teresa/teresa.png",
    "role": "character",
    "person": None,
}
REPLY = "It came on while I was carrying the shopping in. _Dead centre_, like somebody sat on me, and it's going down my left arm."

SCENARIOS = (
    (
        "chest-pain",
        "A weight on the chest",
        "Clinical",
        "intermediate",
        20,
        "You are the junior doctor in the emergency department. Find out what is wrong with Colin Marsh, order what you need, and hand him over.",
    ),
    (
        "breaking-bad-news",
        "The result of the needle test",
        "Clinical",
        "advanced",
        20,
        "Ruth is here for her biopsy result. Tell her, at her pace, and agree what comes next.",
    ),
    (
        "feverish-child",
        "Hot since Tuesday",
        "Clinical",
        "intermediate",
        20,
        "A worried father brings in his two-year-old. Take a history from both of them.",
    ),
    (
        "change-talk",
        "Change talk: one more Saturday",
        "Social work",
        "intermediate",
        20,
        "Dean was sent to you and would rather be anywhere else. Hear what he wants.",
    ),
    (
        "coffee-roaster-profit",
        "The coffee roaster that grew and earned less",
        "Case interview",
        "intermediate",
        20,
        "Sales are up and profit is down. Structure the case, ask for data, recommend.",
    ),
    (
        "customer-service-training",
        "Customer Service Training",
        "Service",
        "novice",
        18,
        "A parcel is late and the customer is not amused. Calm things down and find a fix.",
    ),
)


def option(name: str, description: str, **more: Any) -> Body:
    base = {"kind": "text", "optional": False, "choices": [], "completes": False}
    return {"name": name, "description": description, **base, **more}


def spec(name: str, summary: str, *options: Body) -> Body:
    return {"name": name, "summary": summary, "roles": [], "options": list(options)}


MODES = [["practice", "Practice, with hints"], ["exam", "Exam"]]
COMMANDS = [
    spec(
        "start",
        "Start a simulation in a new thread.",
        option("scenario", "Which scenario to play.", completes=True),
        option("mode", "How it is played.", optional=True, choices=MODES),
    ),
    spec("status", "See where you are: phase, time, what was shown."),
    spec(
        "order",
        "Order a test or treatment, or use a tool.",
        option("what", "What to order.", optional=True, completes=True),
    ),
    spec("submit", "Hand something in: a reading, a note, a handover."),
    spec("hint", "Get a nudge, never an answer."),
    spec("pause", "Rest; the clock stands."),
    spec("resume", "Go on after a pause."),
    spec("end", "Finish the simulation."),
    spec("list", "See all scenarios."),
    spec("history", "See what you have played."),
    spec("help", "See all commands, or one.", option("topic", "A command.", optional=True)),
]


def choice(id_: str, label: str, style: str = "", **more: Any) -> Body:
    base = {"link": None, "opens_form": False, "confirm": ""}
    return {"id": id_, "label": label, "style": style, **base, **more}


def begin(w: World) -> None:
    w.place("general", "channel", "general")
    w.place("practice", "channel", "practice room")
    w.place("empty", "channel", "quiet corner")
    w.direct("trainee-1", "instructor-1")
    day = 60 * 24
    w.say(
        "general",
        "instructor-1",
        "Good morning, everybody. Today is for **chest pain**: play it once, then look at your scorecard.",
        minutes_ago=day + 30,
    )
    w.say(
        "general",
        "trainee-2",
        "Does it matter whether I take the exam mode first?",
        minutes_ago=day + 24,
    )
    w.say(
        "general",
        "instructor-1",
        "No. Start with practice, it has hints:\n- take your time\n- order early\n- _listen_",
        minutes_ago=day + 20,
    )
    w.say(
        "general",
        "instructor-1",
        "And say `red light` whenever you want to stop.",
        minutes_ago=day + 19,
    )
    w.say("general", "trainee-1", "Thank you! I will begin now.", minutes_ago=35)
    w.say(
        "general",
        "trainee-2",
        '<img src=x onerror="window.hacked=1"> <script>window.hacked=1</script> is what my patient typed :)',
        minutes_ago=34,
    )
    _rest(w)


def _rest(w: World) -> None:
    for person in PEOPLE:
        w.read[(person, "general")] = 10_000 if person == "trainee-1" else 0
    w.say(
        "dm:instructor-1+trainee-1",
        "instructor-1",
        "How did it go with Colin? Happy to look at the transcript with you.",
        minutes_ago=3,
    )
    session(w)


def session(w: World) -> None:
    members = ["trainee-1", "instructor-1"]
    w.place("s1", "thread", "A weight on the chest", parent="practice", members=members)
    intro = (
        "Colin Marsh, 58, came in by taxi. Find out what is wrong, order what you need, and hand "
        "him over.\n\n**Your goals**\n- A focused history\n- The right tests in the right order\n"
        "- A safe handover\n**Time**: 20 minutes"
    )
    how = "Just write to talk. `!hint` gives a nudge, `!pause` rests, `!end` finishes."
    card: Any = {"blocks": [{"kind": "text", "text": how}], "pinned": True, "minutes_ago": 12}
    w.post("s1", intro, title="A weight on the chest", choices=[choice("hint", "Hint")], **card)
    w.post("s1", "Oh, doctor. Sorry to be a bother, like.", speaker=COLIN, minutes_ago=11)
    w.say("s1", "trainee-1", "No bother at all. Where exactly does it hurt?", minutes_ago=10)
    w.post(
        "s1",
        "Dead centre, behind the breastbone, about as big as my fist. There's a weight on it like a parked van.",
        speaker=COLIN,
        minutes_ago=10,
    )
    w.say("s1", "trainee-1", "!order 12-lead ECG", minutes_ago=9)
    w.post("s1", "The machine's here. Arms by your sides, Colin.", speaker=TERESA, minutes_ago=8)
    exhibit(w, 7)
    w.read[("trainee-1", "s1")] = 10_000


def exhibit(w: World, minutes_ago: float = 0) -> None:
    blocks = [
        {
            "kind": "image",
            "url": "/local/files/ecg/ecg.png",
            "alt": "12-lead ECG: sinus rhythm, ST elevation in II, III and aVF",
            "title": "12-lead ECG",
        },
        {
            "kind": "table",
            "title": "Blood results",
            "columns": ["Analyte", "Result", "Unit", "Reference"],
            "rows": [
                ["Troponin T", "412", "ng/L", "< 14"],
                ["Potassium", "4.1", "mmol/L", "3.5-5.0"],
                ["Haemoglobin", "14.2", "g/dL", "13-17"],
            ],
            "csv": "/local/tables/t/0.csv",
        },
    ]
    w.post(
        "s1",
        "Teresa hands you the tracing.",
        title="Your results are here",
        blocks=blocks,
        minutes_ago=minutes_ago,
    )


def cards(w: World, place: str, person: str) -> None:
    blocks = [
        {
            "kind": "card",
            "title": title,
            "text": task,
            "fields": [["Domain", domain], ["Level", level], ["Time", f"{minutes} minutes"]],
            "picture": "/local/files/colin/colin.png" if id_ == "chest-pain" else None,
            "choices": [
                choice(f"start:{id_}", "Start", "primary")
                if id_ != "feverish-child"
                else choice("continue", "Continue", "primary", link="#/s1"),
                choice(f"brief:{id_}", "Details"),
            ],
        }
        for id_, title, domain, level, minutes, task in SCENARIOS
    ]
    text = "\n".join(f"- `{one[0]}`: {one[1]}" for one in SCENARIOS)
    w.post(place, text, title="Scenarios", blocks=blocks, only_for=person)


FORM: Body = {
    "id": "submit:handover",
    "title": "Hand over",
    "submit": "Hand it over",
    "text": "Who takes over reads only this. Keep it **short**.",
    "fields": [
        {
            "kind": "text",
            "name": "situation",
            "label": "Situation",
            "help": "One sentence: who, what, how urgent.",
            "required": True,
            "multiline": True,
        },
        {
            "kind": "choice",
            "name": "urgency",
            "label": "How urgent is it?",
            "help": "",
            "required": True,
            "choices": [["now", "Now"], ["hour", "Within the hour"], ["today", "Today"]],
        },
        {
            "kind": "number",
            "name": "pain",
            "label": "Pain, 0 to 10",
            "help": "",
            "required": True,
            "min": 0,
            "max": 10,
        },
        {
            "kind": "person",
            "name": "who",
            "label": "To whom",
            "help": "",
            "required": False,
        },
        {
            "kind": "time",
            "name": "when",
            "label": "Seen at",
            "help": "",
            "required": False,
        },
    ],
}


def errors(values: Body) -> dict[str, str]:
    found = {}
    if len(values["situation"]) < 10:
        found["situation"] = "Say a little more: who, and what is wrong."
    if not 0 <= float(values["pain"]) <= 10:
        found["pain"] = "A number from 0 to 10, please."
    return found


def filled(w: World, place: str, person: str, values: Body) -> None:
    items = [["Situation", values["situation"]], ["Pain", values["pain"]]]
    w.post(place, "Your handover was given.", blocks=[{"kind": "fields", "items": items}])


def command(w: World, place: str, person: str, name: str, text: str) -> Body | None:
    match name:
        case "list":
            w.spawn(_later(cards, w, place, person))
        case "submit":
            return FORM
        case "start":
            w.spawn(_begin(w, place, person, text.split(" ")[0] or "chest-pain"))
        case "order":
            exhibit(w)
        case "pause" | "resume":
            w.state(place, "paused" if name == "pause" else "active")
        case "end":
            w.state(place, "closed")
            choices = [choice("show", "How did it go?", "primary"), choice("again", "Play again")]
            w.post(place, "This simulation has ended.", choices=choices)
        case _:
            w.post(place, f"`/{name}` is not played here. Try `/list`.", only_for=person)
    return None


def press(w: World, place: str, person: str, pressed: str) -> Body | None:
    word, _, rest = pressed.partition(":")
    if word == "start":
        w.spawn(_begin(w, place, person, rest))
    elif word == "brief":
        w.post(
            place, f"**{rest}** takes 20 minutes. You talk, order, and hand over.", only_for=person
        )
    else:
        w.post(place, f"You pressed `{pressed}`.", only_for=person)
    return None


def complete(option_name: str, typed: str) -> list[list[str]]:
    if option_name == "scenario":
        pairs = [[one[0], one[1]] for one in SCENARIOS]
    else:
        names = ("12-lead ECG", "Chest X-ray", "Troponin", "Full blood count")
        pairs = [[name, name] for name in names]
    return [pair for pair in pairs if typed.lower() in " ".join(pair).lower()]


async def reply(w: World, place: str, person: str, text: str) -> None:
    """In a thread Colin answers in pieces; elsewhere nobody does."""
    if w.places[place]["kind"] != "thread":
        return
    if text.startswith("!"):
        word, _, rest = text[1:].partition(" ")
        command(w, place, person, word, rest)
        return
    w.stopped.discard(place)
    w.tell({"type": "typing", "place": place, "speaker": COLIN, "seconds": 6})
    await asyncio.sleep(0.5)
    message = w.post(place, "", speaker=COLIN, draft=True)
    words = REPLY.split(" ")
    for at in range(2, len(words), 2):
        if place in w.stopped:
            break
        said = " ".join(words[:at])
        w.messages[message["id"]]["text"] = said
        w.tell({"type": "draft", "message_id": message["id"], "text": said})
        await asyncio.sleep(0.12)
    w.change(message["id"], text=REPLY, draft=False)


async def _later(work: Any, *args: Any) -> None:
    await asyncio.sleep(0.3)
    work(*args)


async def _begin(w: World, place: str, person: str, scenario: str) -> None:
    await asyncio.sleep(0.4)
    title = next((one[1] for one in SCENARIOS if one[0] == scenario), scenario)
    key = f"s{len(w.places)}"
    w.place(key, "thread", title, parent=place, members=[person, "instructor-1"])
    w.post(key, "You are on. Say hello to your patient.", title=title, pinned=True)
    await asyncio.sleep(0.3)
    w.post(key, "Hello, doctor. I'm Colin.", speaker=COLIN)
