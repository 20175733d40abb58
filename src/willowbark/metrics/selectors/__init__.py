"""Read figures, as an actor."""

from willowbark.metrics.selectors.defined import definitions
from willowbark.metrics.selectors.figures import Figure, PersonFigure, figures

__all__ = ["Figure", "PersonFigure", "definitions", "figures"]
