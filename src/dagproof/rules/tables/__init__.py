"""The entry points of libraries by what a call of them does, one module for each rule.

A table maps a dotted prefix to patterns relative to it: `requests` to `get post Session().*`. `*`
is one component with any marks, a leading `*` inside a component any beginning of it, and `**` any
number of components; `()` marks the result of a call, `[]` an item, a leading `!` an exception,
which wins.
"""
