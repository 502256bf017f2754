"""Notes about somebody as that person would say them, as far as patterns can. Pure.

A draft: an author has to read it over.
"""

import re

_WHO = r"(?:the patient|patient|the client|client|she|he|they|pt\.?)"
_SPEAKING = re.compile(
    rf"^(?:{_WHO} )?(?:also |further )?(?:reports?|states?|says|notes?|mentions?|describes?|"
    r"complains of|endorses?)(?: that| having)? (?P<rest>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_DENYING = re.compile(
    rf"^(?:{_WHO} )?(?:also )?(?:denies|denied|denying|no history of|no|without|negative for) "
    r"(?:any |having )?(?P<rest>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_DOING = re.compile(rf"^{_WHO} (?P<verb>\w+)(?P<rest>.*)$", re.IGNORECASE | re.DOTALL)
_WITHOUT_WHO = re.compile(
    r"^(?P<verb>has|is|was|takes|works|drinks|smokes|lives|uses|exercises|eats|sleeps|feels)\b"
    r"(?P<rest> .+)$",
    re.IGNORECASE | re.DOTALL,
)
_VERBS = {"has": "have", "is": "am", "was": "was", "does": "do", "goes": "go", "were": "was"}
_AGAIN = re.compile(r"\b(?:she|he|the patient) (?P<verb>\w+)\b", re.IGNORECASE)
_OWN = re.compile(r"\b(?:his|her|their)\b(?= \w)", re.IGNORECASE)


def without_denial(text: str) -> str:
    """What a denial is about: `no pain` is `pain`; other text as it is."""
    denied = _DENYING.match(text.strip())
    return denied["rest"] if denied else text


def is_denial(sentence: str) -> bool:
    """Whether a note says that something is not there."""
    return bool(_DENYING.match(sentence.strip()))


def in_own_words(sentence: str) -> str:
    """A sentence of notes in the first person, with a full stop.

    `The patient reports a cough` becomes `A cough.`, `She has a brother` `I have a brother.`
    """
    plain = sentence.strip().rstrip(".;, ")
    if denied := _DENYING.match(plain):
        return f"No, no {_small(denied['rest'])}."
    if spoken := _SPEAKING.match(plain):
        return _finished(_mine(spoken["rest"]))
    if done := _DOING.match(plain) or _WITHOUT_WHO.match(plain):
        return _finished(f"I {_first_person(done['verb'])}{_mine(done['rest'])}")
    return _finished(plain)


def symptom_in_own_words(symptom: str) -> str:
    """A symptom's name as an answer: `Double vision` becomes `I've had double vision.`."""
    plain = symptom.strip().rstrip(".;, ")
    if is_denial(plain) or _DOING.match(plain):
        return in_own_words(plain)
    return f"I've had {_small(plain)}."


def _first_person(verb: str) -> str:
    small = verb.lower()
    if small in _VERBS:
        return _VERBS[small]
    if small.endswith("ies") and len(small) > 4:
        return f"{small[:-3]}y"
    if small.endswith(("shes", "ches", "xes", "sses")):
        return small[:-2]
    return small[:-1] if small.endswith("s") and not small.endswith("ss") else small


def _mine(text: str) -> str:
    again = _AGAIN.sub(lambda found: f"I {_first_person(found['verb'])}", text)
    return _OWN.sub("my", again)


def _small(text: str) -> str:
    second = text[1:2]
    return text if second.isupper() or second.isdigit() else f"{text[:1].lower()}{text[1:]}"


def _finished(text: str) -> str:
    whole = " ".join(text.split())
    whole = f"{whole[:1].upper()}{whole[1:]}"
    return whole if whole.endswith((".", "!", "?", "…")) else f"{whole}."
