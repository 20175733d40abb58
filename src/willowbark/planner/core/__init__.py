"""
The planner's arithmetic: a scenario in, figures with their ranges out.

Usable by itself as a library: no Django, no database, no clock and no chance that is not an argument.
"""
