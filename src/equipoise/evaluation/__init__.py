"""Who gets which variation, and why: a pure machine over a ruleset. It touches no disk and never raises.

`compile` makes a ruleset of what an environment serves; `evaluate` walks it, slowly and plainly, and is the
reference; `Machine` answers the same from one generated function for each flag.
"""
