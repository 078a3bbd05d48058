"""Python as far as its text alone tells: a script is followed statement by statement, and not executed.

Theory. A script that creates training jobs is mostly a straight line: constants, a few conditions on
flags of its own, mappings that are filled, a call. So it is followed in its order, with an abstract value
for each name: a plain value, a mapping or list whose entries are such values, a text of which some parts
are known, or Unknown with the reason. A condition on a known value takes its branch; on an unknown one
both branches are followed, and what differs after them is unknown. A branch that is left early (`return`,
`break`, `raise`) goes on after the function or loop, or in the handler, and counts there. A call of a
function of the file is followed with its arguments; a call of anything else returns an unknown value and may
change the mappings, objects and job objects that it is given. An unknown value never counts as absent.

`values` are the abstract values, `partial_texts` the partly known texts, `state` what branches fork and join,
`leaving` what leaves a block early. `flow` follows statements: `assignments` those that bind names, `branches` and
`loops` those with blocks. `expressions` and `calls` compute values, `dataclass_fields` reads classes that are
configurations, `cells` reads notebooks.
"""
