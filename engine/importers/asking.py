"""Example questions out of the names of things, and the intents that clinical notes belong to."""

import re

from engine.words import content_stems, normal

_CLINICAL: tuple[tuple[str, str], ...] = (
    (r"allerg", "allergy"),
    (r"smok|cigarette|tobacco|pack[- ]year|vap(?:e|ing)", "social.smoking"),
    (r"alcohol|drinks? (?:\w+ )*(?:beer|wine|glass|socially)|beers?\b|wine\b", "social.alcohol"),
    (r"cocaine|marijuana|cannabis|heroin|recreational|illicit|intravenous drug", "social.drugs"),
    (
        r"medications?|medicines?|tablets?|takes? (?:\w+ ){1,3}(?:daily|regularly)|\d+ ?mg\b",
        "drugs.regular",
    ),
    (r"family history|mother|father|brother|sister|siblings?", "family.history"),
    (r"surger|surgical|appendectomy|operation", "history.surgery"),
    (r"hospitali[sz]", "history.hospital"),
    (r"diabet", "history.diabetes"),
    (r"sexual", "social.sex"),
    (r"travel|trip to|returned from", "social.travel"),
    (r"works? as|occupation|employed|retired|student|job\b", "social.work"),
    (r"lives? (?:with|alone|in)|married|single\b|divorced|widow", "social.home"),
    (r"exercis|jogs?\b|runs? (?:daily|every)|sedentary", "social.exercise"),
    (r"diet\b|vegetarian|vegan|eats?\b", "social.diet"),
    (r"stress", "social.stress"),
    (r"pregnan|menstrua|period\b|gravida", "history.pregnancy"),
    (r"immuni[sz]|vaccin", "child.immunisations"),
    (r"fever|chills|temperature", "symptom.fever"),
    (r"short(?:ness)? of breath|breathless|dyspn", "symptom.breathless"),
    (r"cough|sputum", "symptom.cough"),
    (r"vomit", "symptom.vomiting"),
    (r"nausea|nauseous", "symptom.nausea"),
    (r"headache", "symptom.headache"),
    (r"palpitation|heart racing", "symptom.palpitations"),
    (r"dizz|vertigo|lighthead", "symptom.dizziness"),
    (r"faint|syncop|passed out|loss of consciousness", "symptom.faint"),
    (r"sweat|diaphore", "symptom.sweating"),
    (r"rash|skin lesion", "symptom.rash"),
    (r"seizure|convuls", "symptom.fit"),
    (r"diarrh", "symptom.diarrhoea"),
    (r"bowel|constipat|stool", "symptom.bowels"),
    (r"urin|dysuria", "symptom.urine"),
    (r"bleed|blood in", "symptom.bleeding"),
    (r"weight loss|lost \w+ (?:kg|pounds|lbs)|weight gain", "symptom.weight_loss"),
    (r"appetite", "symptom.appetite"),
    (r"sleep|insomnia", "symptom.sleep"),
    (r"fatigue|tired|exhaust", "symptom.fatigue"),
    (r"vision|blurr|diplopia|eyesight", "symptom.vision"),
    (r"weakness|weak\b|numb", "symptom.weakness"),
    (r"sore throat|throat", "symptom.throat"),
    (r"swelling|swollen|oedema|edema", "symptom.leg_swelling"),
    (r"depress|mood|sad\b", "symptom.mood"),
    (r"radiat", "pain.radiation"),
    (r"worse(?:n|ns|ned)? (?:with|by|when|after|on)|worsens?|aggravat|exacerbat", "pain.worse"),
    (r"improves?|relie(?:f|ve)|better (?:with|when|after)|alleviat", "pain.relief"),
    (r"\bago\b|since|began|started|for the (?:past|last)|history of", "pain.onset"),
    (r"\d+/10|out of 10|severity", "pain.severity"),
)
_PATTERNS = tuple((re.compile(sign, re.IGNORECASE), f"clinical/{id_}") for sign, id_ in _CLINICAL)


def clinical_intents(sentence: str) -> tuple[str, ...]:
    """The shared intents that a clinical note may answer, likeliest first."""
    return tuple(intent for sign, intent in _PATTERNS if sign.search(sentence))


def asks_about(thing: str) -> tuple[str, ...]:
    """Six questions about a thing by its name; none where the name says nothing."""
    name = normal(thing)
    if not content_stems(name) or len(name) > 80:
        return ()
    return (
        f"what about {name}",
        f"tell me about {name}",
        f"can you say more about {name}",
        f"is there anything about {name}",
        f"{name}",
        f"what can you tell me about {name}",
    )


def asks_about_own(field: str) -> tuple[str, ...]:
    """Six questions about something of one's own, as `family history`."""
    name = normal(field)
    if not content_stems(name) or len(name) > 80:
        return ()
    return (
        f"tell me about your {name}",
        f"what is your {name}",
        f"what about your {name}",
        f"can you tell me your {name}",
        f"do you know your {name}",
        f"your {name} please",
    )


def asks_for_symptom(symptom: str) -> tuple[str, ...]:
    """Six questions whether somebody has a symptom."""
    name = normal(symptom)
    if not content_stems(name) or len(name) > 80:
        return ()
    return (
        f"do you have {name}",
        f"have you noticed any {name}",
        f"any {name}",
        f"tell me about the {name}",
        f"are you bothered by {name}",
        f"did you have {name} before",
    )


def plain_phrase(text: str) -> str:
    """Words that may be looked for in what somebody says; empty where there are none."""
    words = normal(text).split()
    return " ".join(words[:8])
