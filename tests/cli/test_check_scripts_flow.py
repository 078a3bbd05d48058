"""Branches, loops and tries of a script: what may have happened on the way counts, and nothing else does."""

import pytest

from tests.cli.script_jobs import WAIT, job, jobs, values_of, why

LEFT_EARLY = {
    "return": """
        def configure(given):
            if lib.long():
                given["max_wait"] = 7200
                return
            print("short")
        configure(cfg)
        """,
    "guard": """
        def configure(given):
            if not lib.spot():
                return
            given["max_wait"] = 7200
        configure(cfg)
        """,
    "break": """
        for hours in lib.hours():
            if hours > 3:
                cfg["max_wait"] = 7200
                break
        """,
    "continue": """
        for hours in lib.hours():
            if hours > 3:
                cfg["max_wait"] = 7200
                continue
            print(hours)
        """,
    "endless": """
        while True:
            if lib.ok():
                cfg["max_wait"] = 7200
                break
            lib.sleep()
        """,
    "known": """
        for hours in (1, 2):
            if lib.fits(hours):
                cfg["max_wait"] = 7200
                break
        """,
    "raise": """
        def configure(given):
            if lib.long():
                given["max_wait"] = 7200
                raise ValueError
        try:
            configure(cfg)
        except ValueError:
            pass
        """,
    "try": """
        def configure(given):
            try:
                given["max_wait"] = 7200
                return lib.sure()
            except KeyError:
                given["max_run"] = 3600
            given["max_wait"] = 60
        configure(cfg)
        """,
    "suppress": """
        import contextlib
        with contextlib.suppress(OSError):
            lib.start()
            cfg["max_wait"] = 7200
        """,
    "suppress among others": """
        from contextlib import suppress
        with lib.lock(), suppress(ValueError):
            cfg["max_wait"] = 7200
            raise ValueError
        """,
    "suppress by a name": """
        import contextlib
        passing_over = contextlib.suppress(OSError)
        with passing_over:
            lib.start()
            cfg["max_wait"] = 7200
        """,
    "finally": """
        def configure(given):
            try:
                if lib.long():
                    return
            finally:
                given["max_wait"] = 7200
            given["max_wait"] = 60
        configure(cfg)
        """,
    "handler": """
        try:
            cfg["max_wait"] = 7200
            lib.start()
        except OSError:
            P(**cfg).fit()
            raise
        cfg = {}
        """,
}


@pytest.mark.parametrize("script", LEFT_EARLY.values(), ids=LEFT_EARLY)
def test_what_is_changed_before_a_block_is_left_may_be_so(script):
    one = jobs("""
        import lib
        cfg = {"max_wait": 60}""" + script + """
        P(**cfg).fit()
        """)[0]  # fmt: skip
    assert "it depends on" in why(one, WAIT)


def test_an_attribute_that_is_set_before_a_return_may_be_so():
    one = job("""
        import lib
        class Limits:
            wait = 60
        def read(limits):
            try:
                limits.wait = 7200
                return
            finally:
                print(limits.wait)
        limits = Limits()
        if lib.read():
            read(limits)
        P(max_wait=limits.wait).fit()
        """)
    assert "it depends on the condition" in why(one, WAIT)


def test_what_two_returns_give_is_the_same_object_still():
    one = job("""
        import lib
        cfg = {"max_wait": 60}
        def given():
            if lib.is_cached():
                return cfg
            lib.cache()
            return cfg
        given()["max_wait"] = 7200
        P(**cfg).fit()
        """)
    assert one.get(WAIT) == 7200


@pytest.mark.parametrize(
    ("script", "wait"),
    [
        ("for h in (1, 2, 4):\n    if h < 2: continue\n    W = h * 60\n    break\nelse:\n    W = 1", 120),
        ("for h in (1, 2):\n    W = h\n    if h > 5: break\nelse:\n    W = 3", 3),
        ("def f():\n    for h in (1, 2, 3):\n        if h > 1: return h\nW = f()", 2),
        ("def f():\n    while True:\n        try: return 5\n        except OSError: pass\nW = f()", 5),
        ("for h in lib.hours():\n    W = h\n    break\nelse:\n    raise ValueError\nW = 5", 5),
        ("def f():\n    if lib.x(): raise ValueError\n    return 5\nW = f()", 5),
        ("kw = {}\ndef f():\n    if lib.x(): return 1\n    return 2\nf()\nkw['w'] = 5\nW = kw['w']", 5),
        ("def f():\n    try: return 5\n    finally: print()\nW = f()", 5),
        ("from contextlib import suppress\nW = 5\nwith suppress(OSError):\n    lib.x()\n    Z = 1", 5),
        ("from contextlib import suppress\nwith lib.x(), suppress(OSError): raise OSError\nW = 5", 5),
    ],
)  # fmt: skip
def test_a_loop_or_function_that_is_left_early_is_known_where_all_ways_agree(script, wait):
    assert job(f"import lib\n{script}\nP(max_wait=W)").get(WAIT) == wait


def test_the_else_of_a_loop_that_may_break_is_not_certain():
    one = job("""
        import lib
        for line in lib.lines():
            if line.startswith("w"):
                wait = int(line)
                break
        else:
            wait = 1
        P(max_wait=wait)
        """)
    assert "it depends on the loop" in why(one, WAIT)


def test_a_retry_over_known_instance_types_is_a_job_of_each():
    found = jobs("""
        for kind in ["ml.g5.xlarge", "ml.p3.2xlarge"]:
            try:
                P(instance_type=kind, instance_count=1).fit()
                break
            except ClientError:
                continue
        """)
    assert [values_of(one, "ResourceConfig.InstanceType") for one in found] == [
        ("ml.g5.xlarge",), ("ml.p3.2xlarge",)
    ]  # fmt: skip


def test_what_a_with_calls_is_called_once():
    one = job("""
        import lib
        limits = {"max_wait": 3600}
        def longer():
            limits["max_wait"] += 3600
            return lib
        with longer().lock():
            P(**limits).fit()
        """)
    assert one.get(WAIT) == 7200


def test_a_function_within_a_function_that_ends_the_script_is_followed_too():
    one = job("""
        import lib
        def outer():
            wait = 5
            def inner():
                P(max_wait=wait)
        if lib.x():
            outer()
            raise SystemExit
        """)
    assert one.get(WAIT) == 5
