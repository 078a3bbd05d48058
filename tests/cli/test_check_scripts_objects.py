"""Objects and classes of a script hold what was set last, and are unknown where other code may set it."""

import pytest

from tests.cli.script_jobs import WAIT, job, why


@pytest.mark.parametrize(
    "change",
    [
        "setattr(e, 'max_wait', 7200)",
        "e.__dict__.update(max_wait=7200)",
        "class C:\n    WAIT = 60\nC.WAIT = 7200\ne.max_wait = C.WAIT",
        "class C:\n    WAIT = 60\nsetattr(C, 'WAIT', 7200)\ne.max_wait = C().WAIT",
        "class C:\n    WAIT = 60\nclass D(C):\n    pass\nC.WAIT = 7200\ne.max_wait = D.WAIT",
        (
            "class C:\n    WAIT = 60\n    @classmethod\n    def set(cls, w):\n        cls.WAIT = w\n"
            "C.set(7200)\ne.max_wait = C.WAIT"
        ),
        (
            "class C:\n    WAIT = 60\n    @classmethod\n    def set(cls, w):\n        cls.WAIT = w\n"
            "C().set(7200)\ne.max_wait = C.WAIT"
        ),
        (
            "class C:\n    wait = 60\n    def __init__(self, **given):\n        self.__dict__.update(given)\n"
            "e.max_wait = C(wait=7200).wait"
        ),
        (
            "class C:\n    def __init__(self, w):\n        object.__setattr__(self, 'w', w)\n"
            "e.max_wait = getattr(C(7200), 'w')"
        ),
    ],
)
def test_what_is_set_by_name_or_on_a_class_is_known(change):
    assert job(f"e = P(max_wait=60)\n{change}\ne.fit()").get(WAIT) == 7200


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("lib.add_spot(e)", "line 10 may change it"),
        ("lib.add_spot([e])", "line 10 may change it"),
        ("lib.add_spot(estimator=e)", "line 10 may change it"),
        ("setattr(e, name(), 7200)", "line 10 may change it"),
        ("if lib.x(): setattr(e, 'max_wait', 7200)", "it depends on the condition in line 10"),
        (
            "class C:\n    WAIT = 60\nparser().parse_args(namespace=C)\ne.max_wait = C.WAIT",
            "line 12 may change it",
        ),
        (
            "class C:\n    WAIT = 60\nif lib.x(): C.WAIT = 7200\ne.max_wait = C.WAIT",
            "it depends on the condition in line 12",
        ),
        (
            "class C:\n    GIVEN = {'w': 60}\nif lib.x(): C.GIVEN['w'] = 7200\ne.max_wait = C.GIVEN['w']",
            "it depends on the condition in line 12",
        ),
    ],
)
def test_what_other_code_or_a_branch_may_set_is_unknown(change, reason):
    assert reason in why(job(f"import lib\ne = P(max_wait=60)\n{change}\ne.fit()"), WAIT)


@pytest.mark.parametrize(
    "use",
    [
        "sagemaker.tuner.HyperparameterTuner(e, 'loss', {})",
        "sagemaker.workflow.pipeline_context.Something(e)",
        "import stepfunctions\nstepfunctions.template.pipeline.TrainingPipeline(e, 'r', {}, 'b')",
        "print(e)",
        "found = collections()\nfound.append(e)",
    ],
)
def test_the_sdk_leaves_an_estimator_that_it_is_given_as_it_is(use):
    assert job(f"e = P(max_wait=60)\n{use}\ne.fit()").get(WAIT) == 60


def test_an_enumeration_that_is_handed_on_stays_as_it_is():
    one = job("""
        import lib
        from enum import IntEnum
        class Wait(IntEnum):
            LONG = 7200
        lib.options(Wait)
        P(max_wait=Wait.LONG).fit()
        """)
    assert one.get(WAIT) == 7200
