"""The list of scenarios: short, in groups, with what runs first."""

from adapters.plain import plain
from adapters.port import Card, Text
from bot.views import library
from bot.wiring import shipped_scenarios
from engine.catalog import Catalog


def test_the_list_says_what_runs() -> None:
    published = Catalog(shipped_scenarios()).published()
    words = plain(library.listing(published, {"first-visit"}))
    assert "(Social work, intermediate, 20 minutes) · running" in words
    assert words.count("· running") == 1
    assert "[1] Continue" in words
    assert "/sim start first-visit" in words
    assert all(f"- {one.id}: {one.title} (" in words for one in published)


def test_the_list_has_what_runs_first_and_each_domain_from_the_easiest_on() -> None:
    published = Catalog(shipped_scenarios()).published()
    shown = library.listing(published, {"first-visit"})
    heads = [one.text for one in shown.blocks if isinstance(one, Text)]
    assert heads == ["**Running**", *(f"**{one}**" for one in library.DOMAINS.values())]
    cards = [one for one in shown.blocks if isinstance(one, Card)]
    assert sorted(one.title for one in cards) == sorted(one.title for one in published)
    assert [one.choices[0].label for one in cards] == ["Continue", *["Start"] * len(cards[1:])]
    phone = shown.blocks.index(Text("**Phone**"))
    easiest, harder = (one for one in shown.blocks[phone + 1 :] if isinstance(one, Card))
    assert ("_Novice, " in easiest.text, "_Intermediate, " in harder.text) == (True, True)
    # Each says in two lines who one meets; a message carries only so much.
    assert all(len(one.text.splitlines()) == 2 for one in cards)
