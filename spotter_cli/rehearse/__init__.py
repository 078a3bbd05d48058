"""`spotter rehearse`: runs a training script as SageMaker would, takes its machines away, and compares.

`container` and `stage` lay out what the script finds, `folder_events` and `bucket` are SageMaker's uploader,
`attempt` runs and kills, `rehearsal` puts them in their order. `printed`, `positions`, `judgement`, `verdict`,
`remedies` and `intervals` are pure: they decide from plain values.
"""
