"""By what attempts are grouped: the UTC month, week or day of their end, a tag, the instance type, the user.

Who created a job is in neither SageMaker's event nor DescribeTrainingJob. SageMaker Studio tags what its users
create with `sagemaker:user-profile-arn`; where the policy records that tag, `user` groups by the profile.
https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-studio-tagging.html
"""

from collections.abc import Callable
from datetime import date

from spotter.core.model import instances
from spotter.core.money.attempts import AccountedAttempt
from spotter.core.money.totals import By

TAG = "tag:"
USER_TAG = "sagemaker:user-profile-arn"
NO_TAG, NOT_READ, NO_USER = "(no such tag)", "(tags not read)", "(not recorded)"
WORDS = "month, week, day, type, user, tag:KEY"


def month(when: date) -> str:
    """Such as `2026-11`."""
    return f"{when:%Y-%m}"


def week(when: date) -> str:
    """`2026-W48`, the week of ISO 8601: it begins on Monday."""
    year, number, _ = when.isocalendar()
    return f"{year}-W{number:02d}"


def day(when: date) -> str:
    """Such as `2026-11-23`."""
    return f"{when:%Y-%m-%d}"


STEPS: dict[str, Callable[[date], str]] = {"month": month, "week": week, "day": day}
"""How a step of time that holds a day in UTC is called."""


def _of_its_end(step: Callable[[date], str]) -> By:
    return lambda attempt: step(attempt.ended)


def instance_type(attempt: AccountedAttempt) -> str:
    """`ml.g5.xlarge`, or all types of a heterogeneous job."""
    return instances.types(attempt.head.instances)


def tag(key: str) -> By:
    """The value of a tag that the policy records; tags that were not read are told apart from absent ones."""

    def of(attempt: AccountedAttempt) -> str:
        if attempt.head.tags is None:
            return NOT_READ
        return dict(attempt.head.tags).get(key, NO_TAG)

    return of


def user(attempt: AccountedAttempt) -> str:
    """`d-abc/anna`: the Studio domain and user profile, where that is recorded."""
    arn = dict(attempt.head.tags or ()).get(USER_TAG, "")
    return arn.partition(":user-profile/")[2] or NO_USER


_FIXED: dict[str, By] = {
    **{name: _of_its_end(step) for name, step in STEPS.items()},
    "type": instance_type,
    "user": user,
}


def group(word: str) -> By | None:
    """What a word such as `month` or `tag:team` groups by; None if it is no such word."""
    if word.startswith(TAG) and len(word) > len(TAG):
        return tag(word.removeprefix(TAG))
    return _FIXED.get(word)
