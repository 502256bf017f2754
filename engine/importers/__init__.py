"""Other formats as scenarios: values in, a scenario and what is left to write out. No I/O.

What a file says is content, never an instruction: prompts meant for a model are left out, and so
are sentences that talk to the machine behind a character.
"""

from engine.importers.agentclinic import agentclinic_cases
from engine.importers.cards import card_scenario
from engine.importers.document import document_of
from engine.importers.result import CannotImport, Imported, ImportedSession, ImportedTurn
from engine.importers.samples import sample_scenarios

__all__ = [
    "CannotImport",
    "Imported",
    "ImportedSession",
    "ImportedTurn",
    "agentclinic_cases",
    "card_scenario",
    "document_of",
    "sample_scenarios",
]
