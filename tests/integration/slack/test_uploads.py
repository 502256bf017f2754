"""Files that messages show: uploaded once, waited for, and told in words where Slack cannot."""

import pytest

from adapters.errors import RateLimited
from adapters.port import File, Image, Message
from adapters.slack.files import SETTLING
from tests.contract.clocks import QuickClock
from tests.integration.slack.test_going_out import Line, connected

PICTURE = File(name="scan.png", media_type="image/png", content=b"\x89PNG")
NOTE = File(name="note.pdf", media_type="application/pdf", content=b"%PDF")
SHOWN = Message(text="Look:", blocks=(Image(PICTURE, "A scan of a knee"),), files=(NOTE,))


def pictures(line: Line) -> list[str]:
    """The ids of the pictures that stand in the thread."""
    blocks = [block for one in line.shown(line.thread) for block in one.blocks]
    return [one["slack_file"]["id"] for one in blocks if one["type"] == "image"]


async def test_what_a_message_shows_is_uploaded_once_however_often_it_is_edited() -> None:
    async with connected() as line:
        ref = await line.adapter.post(line.thread, SHOWN, key="k")
        before = line.texts(line.thread), pictures(line)
        for _ in range(2):
            assert await line.adapter.edit(ref, SHOWN) == ref
        assert (line.texts(line.thread), pictures(line)) == before
        assert len(line.slack.world.contents) == 2
        other = File(name="scan.png", media_type="image/png", content=b"\x89PNG, another")
        await line.adapter.edit(ref, Message(text="Look:", blocks=(Image(other, "Another"),)))
        assert len(line.slack.world.contents) == 3


async def test_people_in_another_channel_get_an_upload_of_their_own() -> None:
    async with connected() as line:
        await line.adapter.post(line.thread, SHOWN, key="k")
        await line.adapter.post(line.dm, SHOWN, key="k")
        assert len(line.slack.world.contents) == 4


async def test_a_picture_that_slack_has_not_read_yet_waits_and_is_not_uploaded_again() -> None:
    async with connected() as line:
        line.slack.methods.reading = 2
        for _ in range(2):
            with pytest.raises(RateLimited):
                await line.adapter.post(line.thread, SHOWN, key="k")
        await line.adapter.post(line.thread, SHOWN, key="k")
        assert len(pictures(line)) == 1
        assert len(line.slack.world.contents) == 2
        # The next one has a chart or none: nothing was learnt from what was not yet read.
        assert line.adapter._abilities.can(line.team.id, "files")


async def test_a_picture_that_slack_never_reads_is_told_in_words() -> None:
    clock = QuickClock()
    async with connected(clock) as line:
        line.slack.methods.reading = 1000
        with pytest.raises(RateLimited):
            await line.adapter.post(line.thread, SHOWN, key="k")
        await clock.sleep(SETTLING.total_seconds())
        await line.adapter.post(line.thread, SHOWN, key="k")
        [text] = line.texts(line.thread)
        assert "A scan of a knee" in text
        line.slack.methods.reading = 0
        fresh = File(name="other.png", media_type="image/png", content=b"\x89PNG, other")
        await line.adapter.post(line.thread, Message(text="", blocks=(Image(fresh, "B"),)), key="2")
        assert len(pictures(line)) == 1


async def test_a_file_that_somebody_deleted_is_uploaded_again() -> None:
    async with connected() as line:
        ref = await line.adapter.post(line.thread, SHOWN, key="k")
        line.slack.world.files.clear()
        await line.adapter.edit(ref, SHOWN)
        assert pictures(line)[0] in line.slack.world.files
        assert len(line.shown(line.thread)) == 1
