"""What Slack carries, in its own numbers. Where none is published, what others measured."""

from typing import Final

from adapters.port import Limits, Platform

PLATFORM: Final = Platform("slack")

TEXT: Final = 3000
"""Characters of one piece of text in a message; longer text becomes several messages."""

MESSAGE: Final = 12_000
"""Characters of all blocks of a message together. Slack refuses from about 13,200 on."""

SMALL: Final = 3500
"""Characters of a message that Slack found too long, after it was cut."""

FALLBACK: Final = 3000
"""Characters of `text`, which stands in notifications and is read out."""

BLOCKS: Final = 50
"""Blocks of a message."""

VIEW_BLOCKS: Final = 100
"""Blocks of a form, or of the app's own page."""

TABLES: Final = 1
"""Tables of a message."""

TABLE_ROWS: Final = 100
TABLE_COLUMNS: Final = 20
TABLE_CHARS: Final = 10_000

CHARTS: Final = 2
"""Charts of a message."""

CHART_TITLE: Final = 50
CHART_SERIES: Final = 6
CHART_POINTS: Final = 20

HEADER: Final = 150
BUTTONS: Final = 5
"""Buttons side by side; Slack takes 25, but nobody can read those."""

LABEL: Final = 75
"""Characters of a button's label, or of one thing to choose."""

CONFIRM: Final = 300
"""Characters of the question that a button asks first."""

CONFIRM_LABEL: Final = 30
"""Characters of its yes and no."""

VALUE: Final = 150
OPTIONS: Final = 100
ALT: Final = 2000
VIEW_TITLE: Final = 24
VIEW_LABEL: Final = 24
FIELD_LABEL: Final = 2000
FIELD_TEXT: Final = 3000
STATUS_TITLE: Final = 200
PROMPTS: Final = 4
PROMPT_TITLE: Final = 75
SHORTCUTS: Final = 10

UPLOAD: Final = 50 * 1024 * 1024

PER_SECOND: Final = 1.0
"""Messages a second in one channel, for long."""

BURST: Final = 4
"""Messages that one channel takes at once."""

EDITS_PER_MINUTE: Final = 45
"""`chat.update` takes 50."""

APPENDS_PER_MINUTE: Final = 90
"""`chat.appendStream` takes 100."""

ACK_SECONDS: Final = 3.0
"""So long Slack waits for an answer, and so long a form can be opened."""

WHISPER_MINUTES: Final = 30
"""So long a command can be answered through its own address."""

WHISPER_ANSWERS: Final = 5
"""So often it can be."""

PAGE: Final = 200
"""Messages or people that Slack gives at a time."""

LIMITS: Final = Limits(
    text=TEXT,
    blocks=BLOCKS,
    choices=25,
    upload_bytes=UPLOAD,
    edits_per_minute=EDITS_PER_MINUTE,
    threads=True,
    whispers=True,
    draft="native",
    lookup=True,
)
