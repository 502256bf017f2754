"""The card of a session in its thread: one message, changed in place as the session goes on."""

from pathlib import Path

from tests.integration.slack.stage import ADA, CHANNEL, Stage
from tests.integration.slack.story import Story, told, values
from tests.slack.checks import visible
from tests.slack.world import Message


def card_of(story: Story) -> Message:
    """The one message in the thread that stays in sight and says how the session stands."""
    [found] = [one for one in story.by_bot() if (CHANNEL, one.ts) in story.slack.world.pins]
    return found


async def becomes(story: Story, words: str) -> Message:
    """Wait until the card says so."""
    await story.slack.until(lambda: story.slack.world.pins and words in _words(card_of(story)), 60)
    return card_of(story)


def _words(said: Message) -> str:
    return visible(said.text, said.blocks)


async def test_its_buttons_rest_go_on_and_end_and_it_is_the_same_message_after_deaths(
    tmp_path: Path,
) -> None:
    async with told(tmp_path) as story:
        await story.starts()
        card = await becomes(story, "Running")
        assert {"hint", "pause", "status", "end:chest-pain"} == set(values(card))
        await story.says("What brings you in?")

        await story.presses(card, "pause")
        assert (await becomes(story, "Paused")).ts == card.ts
        assert "pause" not in values(card)
        await story.dies()
        await story.presses(card, "continue:chest-pain")
        assert (await becomes(story, "Running")).ts == card.ts
        await story.presses(card, "pause")
        await story.dies()  # somewhere between the press and the change
        assert (await becomes(story, "Paused")).ts == card.ts
        await story.presses(card, "continue:chest-pain")
        await becomes(story, "Running")
        await story.presses(card, "end:chest-pain")
        assert (await becomes(story, "Completed")).ts == card.ts
        assert values(card)[0].startswith("debrief:")

        changed = [one["ts"] for one in story.slack.calls("chat.update")]
        assert set(changed) == {card.ts}
        assert len(changed) >= 5
        assert card == story.by_bot()[0]


async def test_its_documents_are_uploaded_once(stage: Stage) -> None:
    root = await stage.starts()
    card = stage.standing(root)[0]
    uploads = len(stage.slack.world.contents)
    assert uploads
    links = [text for text in visible(card.text, card.blocks).split() if text.endswith(".md")]
    await stage.hands.presses(stage.team, CHANNEL, ADA, card.ts, "pause")
    await stage.slack.until(lambda: "Paused" in visible(card.text, card.blocks))
    assert len(stage.slack.world.contents) == uploads
    assert all(one in visible(card.text, card.blocks) for one in links)
