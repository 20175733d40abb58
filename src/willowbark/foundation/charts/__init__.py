"""
Pictures of numbers as inline SVG: values in, attribute texts out.

Pure Python, no Django, no script and no `style=`: the templates under `cotton/chart/` write what is computed
here, the stylesheet gives it colour. Every coordinate is a text with a full stop, whatever the locale. Words
must not shrink with their picture: bars and strips are laid out in per cent, trends come wide and narrow.
"""

from willowbark.foundation.charts.bars import Bar, BarChart, Part, StackedBar, bar_chart, stacked_bar
from willowbark.foundation.charts.columns import Amount, ColumnChart, column_chart
from willowbark.foundation.charts.fan import Event, Fan, FanChart, Goal, fan_chart
from willowbark.foundation.charts.line import Band, LineChart, Point, Series, line_chart
from willowbark.foundation.charts.scale import LARGEST, is_drawable
from willowbark.foundation.charts.spans import Limit, Span, SpanChart, SpanRow, span_chart
from willowbark.foundation.charts.sparkline import Sparkline, sparkline
from willowbark.foundation.charts.strip import TimelineStrip, YearCount, timeline_strip

__all__ = [
    "LARGEST",
    "Amount",
    "Band",
    "Bar",
    "BarChart",
    "ColumnChart",
    "Event",
    "Fan",
    "FanChart",
    "Goal",
    "Limit",
    "LineChart",
    "Part",
    "Point",
    "Series",
    "Span",
    "SpanChart",
    "SpanRow",
    "Sparkline",
    "StackedBar",
    "TimelineStrip",
    "YearCount",
    "bar_chart",
    "column_chart",
    "fan_chart",
    "is_drawable",
    "line_chart",
    "span_chart",
    "sparkline",
    "stacked_bar",
    "timeline_strip",
]
