"""What a scheduler says, and the words it listens for. English."""

import re

LINES = {
    "identity": (
        "Could I have your full name and your date of birth, please?",
        "May I take your full name and date of birth first?",
    ),
    "name": ("Could I have your full name, please?", "And your full name, please?"),
    "born": ("And your date of birth, please?", "Could you tell me your date of birth?"),
    "not_found": (
        "I cannot find a record for that name and date of birth. Could you say both once more?",
        "That does not match a record. What are the full name and the date of birth again?",
    ),
    "reason": ("What would you like to talk to a nurse about?", "What is the call about?"),
    "when": ("Which day and time would suit you?", "When would suit you?"),
    "none": (
        "I am afraid nothing is free then. Is there another day that would suit you?",
        "There is nothing free for that. When else could you take a call?",
    ),
    "refused": (
        "I could not put that in the book. Shall we look for another time?",
        "That did not go through. When else would suit you?",
    ),
    "booked": (
        "That is in the book. Is there anything else I can do for you?",
        "That is done. Can I help you with anything else?",
    ),
    "cancelled": ("That call is cancelled. Is there anything else I can do for you?",),
    "moved": ("That is done.", "I have moved it."),
    "more": ("Is there anything else I can do for you?", "Can I help you with anything else?"),
    "off": ("That one is off.", "I have taken that one off."),
    "no_calls": ("I see no call booked for you.",),
    "change_one": ("Would you like to move or cancel it?", "Shall I change anything about that?"),
    "busy": (
        "You have another call at that time. Shall I take that one off, or find another time?",
        "There is another call of yours then. Shall I take that one off, or find another time?",
    ),
    "which_day": (
        "Which day of that week suits you best?",
        "Which day that week would you like?",
    ),
    "choose_move": ("Shall I move it there?", "Would that suit you?"),
    "which_call": (
        "Which booked call do you mean? Its number would help me.",
        "Could you tell me the number of that booked call?",
    ),
    "instead": ("That time is not free, I am afraid.", "I have nothing at that time."),
    "choose": ("Shall I book it?", "Would that suit you?"),
    "choose_one": ("Which one would you like?", "Which of these suits you best?"),
    "greeting": ("Hello.", "Good day."),
    "goodbye": ("You are welcome. Goodbye.", "Thank you for calling. Goodbye."),
}
YES = re.compile(
    r"^(?:oh |well |great |perfect |ok |okay )*(?:yes|yeah|yep|sure|please|ok|okay|perfect|great|"
    r"fine|good|lovely|that works|works for me|book it|go ahead|that one|i will take|take (?:it|"
    r"that)|sounds good|that (?:is|would be) (?:fine|good|great|perfect))\b"
)
NO = re.compile(r"\b(?:no|none|neither|not|nope|other|another|different|else)\b")
PLACES = (
    (
        0,
        re.compile(
            r"\b(?:the (?:first|1st|earlier|earliest|soonest)|first one|number (?:one|1))\b"
        ),
    ),
    (1, re.compile(r"\b(?:the (?:second|2nd|middle)|second one|number (?:two|2))\b")),
    (2, re.compile(r"\b(?:the (?:third|3rd)|third one|number (?:three|3))\b")),
    (-1, re.compile(r"\b(?:the (?:last|later|latest)|last one|later one)\b")),
)
CANCEL = re.compile(
    r"\b(?:cancel|call off|do not need|take (?:it |that |that one |this one |the other one )?off|"
    r"give (?:it |that |that one |the other one )?up|get rid of|drop (?:it|that|the|my))\b"
)
MOVE = re.compile(
    r"\b(?:mov(?:e|ed|ing)|reschedul\w+|postpon\w+|rebook|swap|bring (?:it |my \w+ )?forward|"
    r"(?:put|push) (?:it |my \w+ )?(?:back|off)|"
    r"change (?:my|the|an?|it|that|this) ?(?:calls?|appointments?|bookings?|time|date|day)?|"
    r"(?:can not|can't|cannot|will not be able to) (?:make|keep|do) (?:it|that|the|my|on|this|mon|"
    r"tue|"
    r"wed|thu|fri)\w*|go to (?:next|another))\b"
)
TO = re.compile(r"\b(?:to|until|instead:?|for)\b(?! (?:wake|go|be|do|move|see)\b)", re.IGNORECASE)
ASKS_CALLS = re.compile(
    r"\b(?:what|which|when|do i have|have i got|any)\b.*\b(?:calls?|appointments?|booked|"
    r"bookings?)\b"
)
ASKS_FREE = re.compile(r"\b(?:free|available|can i|could i|nurses?)\b")
ABOUT = re.compile(
    r"\b(?:(?:about|because of|regarding) (?:my |a |an |the )?|for my )(\w[^.;?!]{2,})"
)
BYE = re.compile(r"^(?:no|nope|nothing|that is (?:all|it|everything)|bye|goodbye|thank|thanks)\b")
CALL_ID = re.compile(r"\b[a-z]\d+\b")
IS_CALL = frozenset({"appointment", "appointment_id", "id", "call"})
IS_PATIENT = frozenset({"patient", "patient_id", "person", "caller", "who"})
IS_NAME = frozenset({"name", "full_name", "patient_name"})
IS_BORN = frozenset({"born", "birth", "birth_date", "birthdate", "date_of_birth", "dob"})
IS_FIELD = frozenset({"specialization", "specialisation", "specialty", "field", "skill", "topic"})
IS_START = frozenset({"start", "time", "when", "slot", "at"})
IS_DAY = frozenset({"date", "day"})
IS_FROM = frozenset({"from", "after", "earliest"})
IS_TO = frozenset({"to", "until", "before", "latest"})
IS_WHEN = IS_DAY | IS_FROM | IS_TO
IS_REASON = frozenset({"reason", "about", "note", "subject"})
