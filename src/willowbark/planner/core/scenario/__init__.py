"""What a scenario can say, in `data/defaults.yaml`; scenarios read from YAML or JSON and checked."""

from willowbark.planner.core.scenario.fields import Document, Field, Fields, Quote, Source
from willowbark.planner.core.scenario.reading import BadScenario, read_scenario, read_value
from willowbark.planner.core.scenario.scenario import Record, Scenario, Value
from willowbark.planner.core.scenario.shipped import example, examples, fields, usual

__all__ = [
    "BadScenario",
    "Document",
    "Field",
    "Fields",
    "Quote",
    "Record",
    "Scenario",
    "Source",
    "Value",
    "example",
    "examples",
    "fields",
    "read_scenario",
    "read_value",
    "usual",
]
