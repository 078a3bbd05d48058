"""Objects and classes of a script hold what was set last, and are unknown where other code may set it."""

import pytest

from tests.cli.script_jobs import RUN, V2, WAIT, job, jobs, values_of, why


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


CLASSES = """
    import lib
    from abc import ABC
    from dataclasses import KW_ONLY, InitVar, dataclass, field, replace
    from typing import ClassVar, NamedTuple
    from pydantic import BaseModel, field_validator, model_validator
    from pydantic_settings import BaseSettings
    import attr
    @dataclass
    class Post:
        run: int = 3600
        wait: int = 0
        def __post_init__(self):
            if not self.wait:
                self.wait = self.run * 3
    @dataclass
    class Scaled:
        run: int = 3600
        scale: InitVar[int] = 2
        wait: int = field(init=False)
        def __post_init__(self, scale):
            self.wait = self.run * scale
    @dataclass
    class A:
        run: int = 3600
        wait: int = 60
    @dataclass
    class D(A):
        wait: int = 7200
        name: str = "x"
    class Plain(A):
        other: int = 5
    class Own(A):
        def __init__(self, hours):
            super().__init__(hours * 3600, hours * 7200)
    @dataclass
    class Kind:
        KIND: ClassVar[str] = "x"
        run: int = 100
        wait: int = 200
    @dataclass
    class Named:
        _: KW_ONLY
        run: int = 100
        wait: int = 200
    @dataclass(kw_only=True)
    class Base:
        name: str = "x"
    @dataclass
    class Over(Base):
        run: int = 100
        wait: int = 200
    class Pair(NamedTuple):
        run: int
        wait: int = 7200
    class Model(BaseModel):
        run: int = 3600
        wait: int = 60
        def limits(self):
            return {"max_run": 3600, "max_wait": self.wait}
    class Checked(Model):
        @model_validator(mode="after")
        def check(self):
            self.wait = max(self.wait, self.run)
            return self
    class Settings(BaseSettings):
        run: int = 3600
        wait: int = 60
    class OwnModel(BaseModel):
        run: int = 3600
        wait: int = 60
        def __init__(self, **given):
            super().__init__(**given)
    @attr.define
    class Attrs:
        run: int = 3600
        wait: int = 60
    @dataclass
    class Theirs(lib.Limits):
        run: int = 3600
        wait: int = 60
    """


@pytest.mark.parametrize(
    ("made", "limits"),
    [
        ("Post()", (3600, 10800)),
        ("Post(wait=7200)", (3600, 7200)),
        ("replace(Post(), run=3600, wait=0)", (3600, 10800)),
        ("Scaled(3600)", (3600, 7200)),
        ("Scaled(3600, 3)", (3600, 10800)),
        ("D(3600, 9000)", (3600, 9000)),
        ("D()", (3600, 7200)),
        ("Plain(3600, 9000)", (3600, 9000)),
        ("Own(1)", (3600, 7200)),
        ("Kind(3600, 9000)", (3600, 9000)),
        ("Named(run=3600, wait=9000)", (3600, 9000)),
        ("Over(3600, 9000)", (3600, 9000)),
        ("Pair(3600)", (3600, 7200)),
        ("Attrs(3600, 9000)", (3600, 9000)),
        ("Model(wait=9000)", (3600, 9000)),
        ("Settings(run=3600, wait=9000)", (3600, 9000)),
        ("OwnModel(wait=9000)", (3600, 9000)),
        ("Theirs(run=3600, wait=9000)", (3600, 9000)),
    ],
)
def test_the_fields_of_a_configuration_are_read_as_its_class_sets_them(made, limits):
    one = job(f"{CLASSES}\n    c = {made}\n    P(max_run=c.run, max_wait=c.wait).fit()", V2)
    assert values_of(one, RUN, WAIT) == limits


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        ("Checked()", "the class Checked may set it"),
        ("Checked(wait=60)", "the class Checked may set it"),
        ("Settings()", "the environment may set the fields of Settings"),
        ("OwnModel(**lib.read())", "puts in what is computed"),
        ("Theirs(3600, 9000)", "the class Theirs may set it"),
    ],
)
def test_a_field_that_code_elsewhere_may_set_is_unknown(made, reason):
    one = job(f"{CLASSES}\n    c = {made}\n    P(max_run=c.run, max_wait=c.wait).fit()", V2)
    assert reason in why(one, WAIT)


def test_a_method_of_a_configuration_that_is_not_known_is_followed():
    one = job(f"{CLASSES}\n    P(**Checked().limits()).fit()", V2)
    assert one.get(RUN) == 3600
    assert "the class Checked may set it" in why(one, WAIT)


HOURS = """
    import lib
    class Hours:
        def __init__(self):
            self._h = 1
        @property
        def hours(self):
            return self._h
        @hours.setter
        def hours(self, value):
            self._h = value * 2
    class Long(Hours):
        pass
    class Mine(P):
        @property
        def hours(self):
            return self.max_wait // 3600
        @hours.setter
        def hours(self, value):
            self.max_wait = value * 3600
    """


@pytest.mark.parametrize(
    "change",
    [
        "s = Hours()\n    s.hours = 4\n    P(max_wait=s.hours * 3600)",
        "s = Long()\n    setattr(s, 'hours', 4)\n    P(max_wait=s.hours * 3600)",
        "s = Hours()\n    s.hours = 2\n    s.hours += 0\n    P(max_wait=s.hours * 3600)",
        "e = Mine()\n    e.hours = 8\n    e.fit()",
    ],
)
def test_a_property_that_is_set_calls_its_setter(change):
    assert job(f"{HOURS}\n    {change}", V2).get(WAIT) == 28800


def test_a_property_that_a_branch_sets_is_unknown():
    one = job(
        f"{HOURS}\n    s = Hours()\n    if lib.x():\n        s.hours = 4\n    P(max_wait=s.hours)"
    )
    assert "it depends on the condition in line 30" in why(one, WAIT)


@pytest.mark.parametrize("made", ["copy", "deepcopy"])
def test_a_copy_of_an_estimator_is_a_job_of_its_own(made):
    one, other = jobs(f"""
        import copy
        e = P(max_wait=60, max_run=30)
        b = copy.{made}(e)
        b.max_wait = 7200
        e.fit()
        b.fit()
        """)
    assert [values_of(each, RUN, WAIT) for each in (one, other)] == [(30, 60), (30, 7200)]
    assert (one.position.line, other.position.line) == (10, 11)


@pytest.mark.parametrize(("made", "wait"), [("copy", 7200), ("deepcopy", 60)])
def test_a_shallow_copy_shares_what_it_holds(made, wait):
    one = job(f"""
        import copy
        config = {{"limits": {{"max_wait": 60}}}}
        other = copy.{made}(config)
        other["limits"]["max_wait"] = 7200
        other["limits"] = {{}}
        P(**config["limits"]).fit()
        """)
    assert one.get(WAIT) == wait


@pytest.mark.parametrize(
    "call", ["setattr(e)", "setattr(e, 'max_wait')", "getattr(e)", "getattr()"]
)
def test_an_attribute_that_is_named_by_too_few_arguments_is_no_fault_of_the_reader(call):
    assert len(jobs(f"e = P(max_wait=60)\nif lib.x():\n    {call}\ne.fit()")) == 1


@pytest.mark.parametrize(
    "given", ["hours=float('nan')", "days=1e300", "hours='2'", "hours=2, **lib.more()"]
)
def test_a_duration_that_cannot_be_reckoned_is_unknown(given):
    one = job(f"""
        from datetime import timedelta
        import lib
        P(max_wait=timedelta({given}).seconds).fit()
        """)
    assert why(one, WAIT)
