"""Short neutral lines, for moments that an author left open. English; no figures, no claims."""

LEAD_INS = ("Like I said,", "As I said,", "Well, like I said,")
"""Before a fact that was told before and is asked for again."""

GREETING = ("Hello.", "Hi.")
THANKS = ("Sure.", "That's all right.")
COMFORTED = ("Thank you.", "Thanks.")
LISTENING = ("Mm-hm.", "Okay.", "Right.")
ASSENT = ("Okay.", "Yes, go ahead.", "Sure.")
UNKNOWN = ("I don't know.", "I'm not sure.")
NEGATIVE = ("No, nothing like that.", "No, not that I know of.", "No.")
DEFLECT = ("Sorry, I don't follow.", "I don't know what you mean.", "What are you on about?")
CLARIFY = ("Do you mean {offers}?", "Sorry, are you asking about {offers}?")
CLARIFY_OPEN = ("Sorry, what do you mean?", "Could you ask that another way?")
WELL = ("Getting by, thank you.", "I'm managing, thanks.", "As well as can be expected.")
NOTHING_MORE = ("Not that I can think of.", "No, I think that was it.")
NO_QUESTIONS = ("No, not right now.", "Not yet. Can I ask you later?", "I don't think so.")
MANY = (
    "That was a lot at once. What else did you want to know?",
    "Sorry, I lost the rest of that. One at a time, please.",
    "That's a lot of questions. Ask me the others again?",
)
GOODBYE = ("Goodbye.", "Bye.")
