"""An exhibit as a message: words and tables; pictures are attached on the way out."""

from adapters.port import Block, Chart, Message, Table
from bot.exhibits.tables import alt_text, table_of
from engine.scenario.exhibits import BarChart, Exhibit, Media, PieChart, Radiology


def shown(exhibit: Exhibit, *, report: bool) -> Message:
    """The exhibit; with its report where that has been earned or was never withheld."""
    lines = [f"**{exhibit.title}**", exhibit.caption]
    if not _is_picture(exhibit):  # a picture carries its description itself
        lines.append(alt_text(exhibit))
    if isinstance(exhibit, Radiology):
        if report or not exhibit.withhold_report:
            lines.append(f"Report: {exhibit.report}")
        else:
            lines.append("The report follows once you have committed to a reading: `!submit`.")
    text = "\n".join(line for line in dict.fromkeys(lines) if line)
    return Message(text=text, blocks=_blocks(exhibit))


def report(exhibit: Exhibit) -> Message:
    """The report that a committed reading earned."""
    words = exhibit.report if isinstance(exhibit, Radiology) else ""
    return Message(text=f"**{exhibit.title}: the report**\n{words}")


def _is_picture(exhibit: Exhibit) -> bool:
    return isinstance(exhibit, Radiology) or exhibit.kind == "image"


def _blocks(exhibit: Exhibit) -> tuple[Block, ...]:
    if isinstance(exhibit, Media | Radiology):
        return ()
    table: Table = table_of(exhibit)
    if isinstance(exhibit, BarChart | PieChart):
        alt = alt_text(exhibit)
        return (
            Chart(
                title=exhibit.title, shape=exhibit.chart, table=table, unit=exhibit.unit, alt=alt
            ),
        )
    return (table,)
