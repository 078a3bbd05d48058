"""SageMaker's own savings formula for one job: the figure that its console and its guide show.

`(1 - BillableTimeInSeconds / TrainingTimeInSeconds) * 100`
(https://docs.aws.amazon.com/sagemaker/latest/dg/model-managed-spot-training.html). Both numbers can
be absent or 0 (never launched, failed early): then there is no figure, which is not 0 %.

Work that was repeated after interruptions counts as saved in it, since it is part of TrainingTimeInSeconds.
Totals in money deduct it: core/money/totals.py.
"""


def savings(billable_seconds: int | None, training_seconds: int | None) -> float | None:
    """Percent saved against on-demand, or None where SageMaker gives no figure."""
    if not billable_seconds or not training_seconds:
        return None
    return (1 - billable_seconds / training_seconds) * 100
