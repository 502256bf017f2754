"""Words out of text: normal form, stems, sentences and questions. Pure, English first.

Unknown languages pass through unstemmed, so that matching on whole words still works.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby

_SHORT_FORMS = {
    "what's": "what is", "where's": "where is", "how's": "how is", "who's": "who is",
    "when's": "when is", "that's": "that is", "it's": "it is", "there's": "there is",
    "i'm": "i am", "you're": "you are", "we're": "we are", "they're": "they are",
    "he's": "he is", "she's": "she is", "let's": "let us", "can't": "can not",
    "won't": "will not", "shan't": "shall not", "cannot": "can not",
    "dont": "do not", "doesnt": "does not", "didnt": "did not", "cant": "can not",
    "wont": "will not", "isnt": "is not", "arent": "are not", "wasnt": "was not",
    "havent": "have not", "hasnt": "has not", "couldnt": "could not", "wouldnt": "would not",
    "im": "i am", "ive": "i have", "youre": "you are", "whats": "what is", "hows": "how is",
    "wheres": "where is", "thats": "that is",
    "gonna": "going to", "wanna": "want to", "gotta": "got to", "dunno": "do not know",
    "u": "you", "ur": "your", "r": "are", "pls": "please", "plz": "please", "thx": "thanks",
}  # fmt: skip
_ENDINGS = (("n't", " not"), ("'ll", " will"), ("'ve", " have"), ("'re", " are"), ("'d", " would"))
_IRREGULAR = {
    "went": "go", "gone": "go", "goes": "go", "felt": "feel", "took": "take", "taken": "take",
    "began": "begin", "begun": "begin", "got": "get", "gotten": "get", "had": "have", "has": "have",
    "did": "do", "does": "do", "done": "do", "was": "be", "were": "be", "is": "be", "are": "be",
    "am": "be", "been": "be", "being": "be", "ate": "eat", "eaten": "eat", "drank": "drink",
    "drunk": "drink", "slept": "sleep", "woke": "wake", "said": "say", "told": "tell",
    "thought": "think", "thoughts": "think", "came": "come", "saw": "see", "seen": "see",
    "knew": "know", "known": "know", "made": "make", "gave": "give", "given": "give",
    "kept": "keep", "left": "leave", "lost": "lose", "met": "meet", "ran": "run", "spoke": "speak",
    "spoken": "speak", "tried": "try", "worse": "bad", "worst": "bad", "better": "good",
    "best": "good",
    "children": "child", "kids": "child", "kid": "child", "men": "man", "women": "woman",
    "mum": "mother", "mom": "mother", "dad": "father", "meds": "medicine", "medication": "medicine",
    "medications": "medicine", "medicines": "medicine", "dying": "die", "died": "die",
    "lying": "lie",
}  # fmt: skip
_SUFFIXES = (
    ("ational", "ate"), ("fulness", "ful"), ("iveness", "ive"), ("ization", "ize"),
    ("ingly", ""), ("edly", ""), ("ments", ""), ("ment", ""), ("ness", ""), ("ings", ""),
    ("ing", ""), ("ied", "y"), ("ies", "y"), ("ions", "ion"), ("sses", "ss"), ("xes", "x"),
    ("ches", "ch"), ("shes", "sh"), ("ed", ""), ("ly", ""), ("es", "e"), ("s", ""),
)  # fmt: skip

_STOP_WORDS = """
a an the and or but so if of to in on at by for with about from as into up out off over be do have
will would can could should may might must shall i you he she it we they me him her us them my your
his its our their this that these those there here what which who whom whose when where why how not
no any some all just also very too please tell let get go say ask know think like want need well ok
okay right really quite bit much many more most now then one thing something anything everything way
kind sort lot mr mrs ms dr sir madam hi hello
"""
STOP = frozenset(_STOP_WORDS.split())
"""Words that carry little by themselves; they still count, a little."""

_WORD = re.compile(r"[^\W_]+(?:'[^\W\d_]+)?")
_AMPERSAND = re.compile(r"(?<=\w)&(?=\w)")  # P&L is one word
_ENDS = re.compile(r"(?<=[.!?…])\s+|\n+")
_INVISIBLE = re.compile(
    "[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad\U000e0000-\U000e007f]"
)
_DOUBLED = re.compile(r"([bdfgklmnprt])\1$")


def clean(text: str) -> str:
    """The text as a person sees it: one Unicode form, nothing invisible, no stray control marks."""
    visible = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    if visible.isprintable():
        return visible.strip()
    kept = (mark for mark in visible if mark in "\n\t" or unicodedata.category(mark)[0] != "C")
    return "".join(kept).strip()


@lru_cache(maxsize=2000)
def normal(text: str) -> str:
    """Lower case words with short forms written out, one space between, no punctuation."""
    lowered = _AMPERSAND.sub("", clean(text).lower().replace("\u2019", "'"))
    return " ".join(part for word in _WORD.findall(lowered) for part in _written_out(word).split())


def _written_out(word: str) -> str:
    if word in _SHORT_FORMS:
        return _SHORT_FORMS[word]
    for ending, full in _ENDINGS:
        if word.endswith(ending):
            return word[: -len(ending)] + full
    return word.removesuffix("'s").replace("'", "")


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The stem of a normal word, after the idea of Porter (1980) in fewer steps."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    for suffix, instead in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3 and not word.endswith("ss"):
            word = word[: -len(suffix)] + instead
            break
    word = _DOUBLED.sub(r"\1", word)
    return word[:-1] if word.endswith("e") and len(word) > 4 else word


def stems(text: str) -> tuple[str, ...]:
    """The stems of a text's words, in order."""
    return tuple(stem(word) for word in normal(text).split())


STOP_STEMS = frozenset(stem(word) for word in STOP)


def content_stems(text: str) -> tuple[str, ...]:
    """The stems that carry meaning, in order."""
    return tuple(one for one in stems(text) if one not in STOP_STEMS)


def says(text: str, phrase: str) -> bool:
    """Whether whole words of `phrase` stand in `text`, in order; punctuation and case aside."""
    return f" {normal(phrase)} " in f" {normal(text)} "


MOST_SENTENCES = 300
"""So many sentences are told apart."""


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text, white space trimmed; what follows the first many is one more."""
    pieces = _ENDS.split(text, maxsplit=MOST_SENTENCES)
    return tuple(piece.strip() for piece in pieces if piece.strip())


_ASKING = (
    "who|what|when|where|why|how|which|whose|do|does|did|is|are|was|were|am|have|has|had|can|could|"
    "will|would|should|shall|may|any|anything|anyone"
)
_REQUEST = re.compile(
    r"^(?:so |and |but |ok |okay |right |well |now |please |thanks |thank you |sorry |also |um )*"
    r"(?:tell|describe|explain|show|walk|talk|give|let me know|"
    r"i (?:would like|want|need) (?:you )?to "
    r"(?:know|ask|hear|see|understand|talk|check|learn|find out)|"
    r"i wonder|i am wondering|i was wondering|may i|help me|say more|go on|list|remind|point)\b"
)
_QUESTION_START = re.compile(
    r"^(?:so |and |but |ok |okay |right |well |now |then |also |um |er |sorry |please |dr \w+ )*"
    rf"(?:on a scale (?:\w+ ){{1,5}})?(?:{_ASKING})\b"
)
_NO_QUESTION = re.compile(
    r"^(?:so |and |but |ok |okay |well |now |please )*(?:do not (?!you\b|we\b|they\b)|any time\b|"
    r"have an? (?:seat|good|nice|great|lovely|rest|think)\b|will do$|"
    r"(?:what|when|where|how) (?:i|we)\b)"
)
"""Begins like a question and is none: "don't worry", "what we say stays here"."""
_FRAME = re.compile(
    r"^(?:\w+ )?(?:(?:can|could|would|will) you )?(?:please )?"
    r"(?:(?:tell|show|explain to) me|let me (?:know|ask)(?: you)?|may i ask(?: you)?|"
    r"i (?:would like|want|need) to (?:know|ask)(?: you)?)(?: please)?$"
)
"""Only leads to the question that follows: "tell me, where is it?"."""
_JOINED = re.compile(
    rf"(?:,?\s+and|,|;)\s+(?=(?:also\s+)?(?:(?:{_ASKING})|(?:tell|show|give) me)\b)", re.IGNORECASE
)


def asks(sentence: str) -> bool:
    """Whether a sentence asks or requests something, question mark or not."""
    plain = normal(sentence)
    if sentence.rstrip().endswith("?"):
        return True
    begins = _QUESTION_START.match(plain) or _REQUEST.match(plain)
    return bool(begins) and not _NO_QUESTION.match(plain)


_IN_ORDER = re.compile(
    r"^(?:and |so )?(?:(?:who|what|when|where|why|how)(?: \w+)? (?=(?:do|does|did|is|are|was|were|"
    r"have|"
    r"has|can|could|will|would|should|shall|may) (?:you|i|we|he|she|it|they|this|that|the|your)\b)|"
    r"(?:do|does|did|are|were|have|can|could|would|may) (?:you|i|we)\b)"
)
"""Is put as a question, so that it is one after "hi, I'm Sam, " too."""
_SUBJECT = (
    r"(?:i|you|he|she|it|we|they|this|that|these|those|the|a|an|your|my|his|her|their|our|there|"
    r"somebody|someone|people|things)"
)
_LEADS_IN = re.compile(
    r"^(?:so |and |but |ok |okay |right |well |now |then )*(?:"
    rf"(?:when|whenever|where|wherever) {_SUBJECT}\b|"
    rf"(?:if|while|as|since|because|after|before|once|until|unless|although|though) \w+)"
)
"""A clause that waits for its question: "when you think about that, …"."""
_FOLLOWS = re.compile(rf"^(?:when|whenever|where) {_SUBJECT} \w+")
_ASKS_INDIRECTLY = re.compile(
    r"\b(?:tell|know|show|ask|explain|describe|remember|wonder|wondering|say|see)\b"
)
MOST_PARTS = 40
"""So many parts a message has at most; what comes after them is one part more."""
LONGEST_PART = 150
"""Words; a longer part is cut, so that reading it stays quick."""


def parts(text: str) -> tuple[str, ...]:
    """What a message holds, one question or statement each, in order."""
    found: list[str] = []
    for sentence in sentences(text):
        pieces = [piece.strip() for piece in _JOINED.split(sentence) if piece.strip()]
        if len(pieces) > 1:
            pieces = _whole_clauses(pieces)
        long_enough = all(len(normal(piece).split()) >= 2 for piece in pieces)
        asking = asks(sentence) or any(_IN_ORDER.match(normal(one)) for one in pieces[1:])
        found.extend(pieces if asking and long_enough else [sentence])
    return tuple(piece for part in _bounded(found) for piece in stretches(part))


def _whole_clauses(pieces: Sequence[str]) -> list[str]:
    """The pieces of a sentence, with what only leads to a question or hangs on one beside it."""
    whole: list[str] = []
    led = False
    for piece in pieces:
        before = normal(whole[-1]) if whole else ""
        leads = not led and bool(_FRAME.match(before) or _LEADS_IN.match(before))
        hangs = bool(before and _FOLLOWS.match(normal(piece)))
        if leads or (hangs and not _ASKS_INDIRECTLY.search(before)):
            whole[-1] = f"{whole[-1]}, {piece}"
            led = True
        else:
            whole.append(piece)
            led = len(whole) > 1
    return whole


def _bounded(found: Sequence[str]) -> list[str]:
    """The parts, where they are too many with statements in a row as one, and no more than that."""
    if len(found) <= MOST_PARTS:
        return list(found)
    rows: list[str] = []
    for asking, row in groupby(found, key=asks):
        together = list(row)
        rows += together if asking else [" ".join(together)]
    rest = rows[MOST_PARTS:]
    return [*rows[:MOST_PARTS], " ".join(rest)] if rest else rows


def stretches(part: str) -> Iterator[str]:
    """A sentence in pieces that are quick to look at; nearly always one."""
    words = part.split()
    if len(words) <= LONGEST_PART:
        yield part
        return
    for at in range(0, len(words), LONGEST_PART):
        yield " ".join(words[at : at + LONGEST_PART])
