"""Whether CreateTrainingJob accepts the next attempt's request, by the API's model."""

from spotter.core.resubmit.case import Case, Decision, refuse
from spotter.core.resubmit.refusals import Cause, Refusal

SOME = 3
"""The most faults that are named in one reason."""


def the_request_must_fit_createtrainingjob(case: Case) -> Decision | None:
    """The request must fit CreateTrainingJob. The next attempt's request is validated against the API's model before anything is claimed, in mode `advise` too."""
    if not case.faults:
        return None
    first, more = case.faults[0], len(case.faults) - SOME
    faults = "; ".join(fault.without_values for fault in case.faults[:SOME])
    faults += f"; and {more} more" if more > 0 else ""
    refusal = Refusal("ParamValidation", Cause.MODEL, parameter=first.place)
    return refuse(f"CreateTrainingJob would reject its request: {faults}", refusal)
