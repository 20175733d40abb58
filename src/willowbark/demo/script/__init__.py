"""
The demo's event script: who does what to whom and when, as values, from a seed and a day.

Pure: no Django, no database, no clock. `write_script` is the way in.
"""

from .histories import PatientHistory
from .long_chart import long_chart
from .writer import Script, write_script

__all__ = ["PatientHistory", "Script", "long_chart", "write_script"]
