"""Orders in plain talk, as "Teresa, an ECG please, right now". Pure.

An order is unmistakable or none: it begins as one and names, in the scenario's own words, what is
ordered. Asking about one ("did they take an ECG?") is no order.
"""

import re

from engine.actions import begins_with_order, matched_orders, orders_for_now
from engine.scenario import Scenario
from engine.words import asks, normal

_FIRST = (
    r"(?:(?!(?:do|does|did|never|not|why|when|how|who|what|where|which|if|is|are|was|were|have|has|"
    r"had|before|after|without)\b)\w+ )?(?:ok |okay |right |and |then |now |also )*"
)
_ASKED_FOR = (
    r"(?:please |(?:can|could|would|will) (?:you|we|somebody|someone) |would you mind |"
    r"(?:also|just|now|quickly|first|right now|immediately|straight away) |let us |"
    r"(?:i|we) (?:would like|want|need)(?: you)? to |(?:i am|i will|we will) (?:going to )?)*"
)
_ORDERS = re.compile(
    rf"^{_FIRST}(?:(?:i|we) (?:would like|want|need) (?:an?|some|the)|"
    rf"{_ASKED_FOR}"
    r"(?:order|ordering|get|getting|do(?! (?:i|we|they|he|she|not|people)\b)|(?<=mind )doing|run|"
    r"send|request|requesting|arrange|start|give|giving|call|set up|organi[sz]e|repeat)"
    r")\b(?! you\b)"
)
_TOLD = _ASKED_FOR.replace("you|we|", "you|")
"""Without "can we", which asks what may be: "can we put a bed downstairs?"."""
_THEM = r"(?: (?:him|her|them|the patient|(?:mr|mrs|ms|miss) \w+))?"
_DIRECTLY = re.compile(
    r"^(?!(?:you|he|she|it|they|people|patients|to|should)\b|(?:i|we|would|could|can|will) "
    r"(?:take|check|draw|put|measure|record|perform|obtain|prescribe|administer|fetch|page|book)\b)"
    rf"{_FIRST}(?:(?:can|could|may) (?:i|we) (?:please )?(?:have|get)(?= (?:an?|some|another)\b)|"
    r"(?:i|we) (?:would like|want|need)|"
    rf"{_TOLD}(?:draw(?:ing)? up|"
    r"(?P<sample>tak(?:e|ing)|check(?:ing)?|draw(?:ing)?|measur(?:e|ing)|record(?:ing)?|"
    r"perform(?:ing)?|obtain(?:ing)?)|"
    rf"put(?:ting)?{_THEM}(?: in| on| up)?|administer(?:ing)?|prescribe|"
    rf"(?:hook|connect|attach){_THEM}(?: up)?(?: to)?|fetch|page|bleep|book|commence"
    r"))\b"
)
"""Other verbs order only what stands directly after them: "check" and "take" are said of much."""
_SMALL = re.compile(
    r"^(?: ?(?:an?|some|the|another|his|her|your|their|him|them|off|for|from|of|in|to|urgent|quick|"
    r"bloods?|samples?|tubes?|pressures?|please|now|first)\b)+ ?"
)
_SAMPLES = re.compile(
    r"\b(?:bloods?|samples?|swabs?|urine|cultures?|tests?|ecg|ekg|electrocardiogram|tracing|"
    r"12 lead|twelve lead|x ray|xray|cxr|film|radiograph|trop|troponins?|enzymes|d dimer|ddimer|"
    r"fbc|cbc|count|crp|h(?:a?e)moglobin|urea|electrolytes|u and e|ue|function|potassium|"
    r"creatinine|glucose|sugar|arms?|stock)\b"
)
"""What is taken or checked of somebody: "can you take aspirin" asks whether they bear it."""
_AWAITED = 6
"""So many words after "take" or "check" tell what."""

_HASTE = (
    r"(?:right now|right away|now|straight away|straightaway|at once|immediately|asap|stat|"
    r"urgently|as soon as (?:you can|possible)|as quickly as (?:you can|possible)|quickly|first)"
)
_BEGINS = re.compile(rf"^(?:(?:{_HASTE}|ok|okay|right|so|then|and|also|next) )+(?=\w)")
_HASTE_LAST = re.compile(rf"(?: {_HASTE}| thanks| thank you)+$")
_SHORT = re.compile(
    r"^(?:(?:please|(?:i am going to|i will|we will|let me|let us)(?: now)?) (.+)|(.+) please)$"
)
_SOME = re.compile(r"^(?:an?|some|another|one) (?:urgent |quick )?|^urgent ")
_BARE = re.compile(
    r"(?:please|and|an?|some|the|for|him|her|plus|urgent|mg|milligrams?|grams?|of|\d+)"
)
_CALLED = re.compile(
    r"^(?:(?:ok|okay|right|so|and|well|now|thanks|thank you|hi|hello|sorry|yes)\b,?\s+)*"
    r"(?:(?:mr|mrs|ms|miss|dr|nurse|sister)\.?\s+)?\w+\s*,\s*",
    re.IGNORECASE,
)
_CALLED_LAST = re.compile(r"\s*,\s*(?:nurse|[A-Z]\w+)\s*[.!]*$")


def spoken_orders(scenario: Scenario, piece: str) -> tuple[str, ...]:
    """The orders that one part of a message gives, to be carried out at once; none for talk."""
    rest = _uncalled(scenario, piece)
    for words in dict.fromkeys((normal(piece), normal(rest))):
        plain = _BEGINS.sub("", words)
        if _ORDERS.match(plain) or _directly(scenario, plain):
            return orders_for_now(scenario, piece)
    return () if asks(piece) else _short(scenario, _BEGINS.sub("", normal(rest)))


def _uncalled(scenario: Scenario, piece: str) -> str:
    """The part without a name before or after it; what is ordered first in a list is no name."""
    for pattern in (_CALLED, _CALLED_LAST):
        name = pattern.search(piece)
        if name and not matched_orders(scenario, name[0]):
            piece = pattern.sub("", piece)
    return piece


def _directly(scenario: Scenario, plain: str) -> bool:
    """Whether a verb said of much else too has an order's own words right after it."""
    verb = _DIRECTLY.match(plain)
    if verb is None:
        return False
    after = plain[verb.end() :].strip()
    if verb["sample"] and not _SAMPLES.search(" ".join(after.split()[:_AWAITED])):
        return False
    return begins_with_order(scenario, after) or begins_with_order(scenario, _SMALL.sub("", after))


def _short(scenario: Scenario, plain: str) -> tuple[str, ...]:
    """Orders without a verb, as "ECG please" and "aspirin, right now"."""
    hurried = _HASTE_LAST.sub("", plain)
    if short := _SHORT.match(hurried):
        words = short[1] or short[2]
        whole = begins_with_order(scenario, words)
        return orders_for_now(scenario, words) if whole or _some(scenario, words) else ()
    if hurried == plain or not (begins_with_order(scenario, hurried) or _some(scenario, hurried)):
        return ()
    return orders_for_now(scenario, hurried) if _nothing_else(scenario, hurried) else ()


def _some(scenario: Scenario, words: str) -> bool:
    return begins_with_order(scenario, _SOME.sub("", words))


def _nothing_else(scenario: Scenario, words: str) -> bool:
    """Whether words are an order's own and small ones: "the ECG looks fine now" is talk."""
    left = f" {words} "
    for action in scenario.actions:
        if action.command == "order":
            for own in sorted(map(normal, action.match), key=len, reverse=True):
                left = left.replace(f" {own} ", "  ")
    return all(_BARE.fullmatch(word) for word in left.split())
