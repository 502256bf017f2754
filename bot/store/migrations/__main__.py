"""`python -m bot.store.migrations "what changes"`: draft the next revision, to be read over.

It compares the tables in the code with those that the revisions make, on an empty SQLite file.
"""

import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command

from bot.store import migrate
from bot.store.database import normalised


def draft(message: str) -> None:
    """Write the file of the next revision."""
    following = f"{int(migrate.head()) + 1:04d}"
    slug = re.sub(r"\W+", "_", message.lower()).strip("_")
    with TemporaryDirectory() as folder:
        url = normalised(f"sqlite:///{Path(folder) / 'empty.db'}")
        migrate.move(url, migrate.head())
        with migrate.connected(url) as connection:
            config = migrate.config_for(connection)
            config.attributes["compares"] = True
            config.set_main_option("file_template", f"r%%(rev)s_{slug}")
            command.revision(config, message=message, autogenerate=True, rev_id=following)


if __name__ == "__main__":
    draft(" ".join(sys.argv[1:]) or "changes")
