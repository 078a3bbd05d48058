"""`spotter rehearse`: runs a training script as SageMaker would, takes its machines away, and compares.

Its rooms, from the ground up: `hook` runs in the script's interpreter, `uploads` is SageMaker's uploader,
`observed` what an attempt showed, `stage` what the script finds, `state` the state at a restart, `verdict` the
conclusion, `times` what was measured, `runs` the runs in their order. `state`, `verdict` and `times` are pure
but for `times/measured_file`: they decide from plain values.
"""
