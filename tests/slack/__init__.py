"""A fake Slack on loopback: Web API, Events, Socket Mode, OAuth, files, streams, and its habits.

The real library runs against it. It refuses what Slack refuses, so that limits are met in tests.
"""

from tests.slack.server import FakeSlack
from tests.slack.world import Team, World

__all__ = ["FakeSlack", "Team", "World"]
