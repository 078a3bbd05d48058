"""What holds of every listing: side files move nothing, order is nothing, and any key is judged."""

import sys
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spotter.core.checkpoints import Findings, StoredObject, findings
from tests.core.checkpoints.test_kinds import SAVES
from tests.support.jobs import NOON

NOW = NOON + timedelta(hours=1)
FOLDERS = ("", "logs/", "checkpoint-5/", "runs/a/", "7/", "a/epoch=3.ckpt/", ".hydra/", "rank_0/")
SIDE = (
    "log.txt", "metrics.json", "config.yaml", "train.log", "events.out.tfevents.1.h", "results.csv",
    "labels.jpg", "README.md", "args.yaml", "predictions.json", "x.sagemaker-uploading", "notes.html",
)  # fmt: skip
side = st.tuples(st.sampled_from(FOLDERS), st.sampled_from(SIDE)).map("".join)
learnt = st.one_of(
    *(
        st.builds(
            lambda n, k, folder=folder, names=names: (
                f"{folder.format(n)}/{names.format(n).split()[k % len(names.split())]}"
            ),
            st.sampled_from((5, 10)),
            st.integers(0, 9),
        )
        for folder, names in SAVES.values()
    ),
    st.builds("step-{}.pt".format, st.integers(1, 4)),
    st.builds("ckpt-{}.{}".format, st.integers(1, 3), st.sampled_from(("index", "data-0-of-1"))),
)
instants = st.integers(0, 3000).map(lambda second: NOON + timedelta(seconds=second))


def stored(names: st.SearchStrategy[str], **sizes: int) -> st.SearchStrategy[list[StoredObject]]:
    objects = st.builds(
        StoredObject, names.map("run/{}".format), instants, st.integers(**sizes or {"min_value": 1})
    )
    return st.lists(objects, max_size=25, unique_by=lambda o: o.key)


def summary(found: Findings) -> tuple[object, ...]:
    names = [[(c.name, c.written) for c in each] for each in (found.complete, found.unfinished)]
    return (*names, found.settling and found.settling.name, found.newest and found.newest.name)


@given(stored(learnt), stored(side, min_value=0), st.booleans())
def test_files_beside_never_change_what_is_a_checkpoint(objects, beside, whole):
    alone = findings("run/", objects, now=NOW, whole=whole)
    assert summary(findings("run/", [*objects, *beside], now=NOW, whole=whole)) == summary(alone)


@given(stored(learnt | side).flatmap(lambda o: st.tuples(st.just(o), st.permutations(o))))
def test_the_order_of_a_listing_is_nothing(both):
    one, other = (findings("run/", objects, now=NOW) for objects in both)
    assert one == other


@given(stored(learnt | side, min_value=0, max_value=10**6))
def test_every_entry_is_either_complete_or_says_what_it_lacks(objects):
    found = findings("run/", objects, now=NOW)
    assert all(not c.lacks for c in found.complete)
    assert all(c.lacks for c in found.unfinished)
    names = [c.name for c in (*found.complete, *found.unfinished)]
    assert len(names) == len(set(names))
    keys = [o.key for c in (*found.complete, *found.unfinished) for o in c.files]
    assert len(keys) == len(set(keys))


words = st.sampled_from(
    ("checkpoint", "step", "rank", "-", "_", ".", "0", "17", "of", "/", "d", "model", "tmp", ".pt", ".distcp",
     ".ckpt", ".index", ".data", "-unfinished", "latest", ".metadata", "variables", "saved_model.pb", "\n", "é", "٣")
)  # fmt: skip
keys = st.text(max_size=40) | st.lists(words, max_size=30).map("".join)


@given(st.lists(st.builds(StoredObject, keys, instants, st.integers(0, 10**15)), max_size=30), keys)
def test_any_keys_are_judged(objects, own):
    """Whatever S3 may list, whatever the policy may name."""
    found = findings("", objects, now=NOW, own=(own,))
    assert len({o.key for c in found.complete for o in c.files}) <= len(objects)


@pytest.mark.shows("checkpoints", "a save that is cut anywhere, its files in any order")
@pytest.mark.parametrize(("folder", "names"), SAVES.values(), ids=SAVES)
@settings(max_examples=25)
@given(chance=st.randoms(use_true_random=False), cut=st.integers(0, 9))
def test_a_save_cut_anywhere_in_any_order_of_arrival_is_not_complete_beside_a_whole_one(
    folder, names, chance, cut
):
    """Uploads run side by side, so any part of a save may be what arrived."""
    first, second = (
        [f"{folder.format(n)}/{each}" for each in names.format(n).split()] for n in (5, 10)
    )
    chance.shuffle(second)
    arrived, lacking = second[:cut], second[cut:]
    objects = [
        StoredObject(f"run/{name}", NOON + timedelta(seconds=k), 9)
        for k, name in enumerate(first + arrived)
    ]
    complete = [c.name for c in findings("run/", objects, now=NOW).complete]
    if not all(map(_is_done_without, lacking)):
        assert complete == [folder.format(5) + "/"]


def _is_done_without(name: str) -> bool:
    """What a committed checkpoint is loaded without: states of chance, configurations, scripts."""
    ends = (
        "config.json",
        "scheduler.pt",
        "training_args.bin",
        "zero_to_fp32.py",
        "variables.index",
    )
    return name.endswith(ends) or "rng_state" in name


def many(name: str, count: int) -> list[StoredObject]:
    return [StoredObject(f"run/{name.format(n)}", NOON, 9) for n in range(count)]


MANY = (
    "step-{}.pt", "step-{}/model.pt", "step-1/rank{}.pt", "step-{0}/a{0}.pt", "{}/d/ab", "a/" * 400 + "{}.pt",
    "checkpoint-{}/optimizer.pt", "log-{}.txt", "x/step-5.data-{}-of-10000", "step-1/" + "a-" * 400 + "{}.pt",
    "global_step1/" * 60 + "{}.pt", "1-of-" * 190 + "{}.pt", "_rank0" * 150 + "{}.pt", "tmp" * 300 + "{}.pt",
    "step" * 200 + "{}.bin", "-" * 900 + "{}.npz",
)  # fmt: skip


def calls(work: Callable[[], object]) -> int:
    """How many functions are called: a shared machine's clock tells little."""
    seen = 0

    def count(*_: object) -> None:
        nonlocal seen
        seen += 1

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return seen


@pytest.mark.parametrize("name", MANY, ids=lambda name: name[:20])
def test_twice_the_objects_take_twice_the_work(name):
    """No loop over siblings for each sibling, and no more than a thousand calls an object."""
    few, more = (calls(lambda n=n: findings("run/", many(name, n), now=NOON)) for n in (500, 1000))
    assert more < 2.5 * few + 5_000
    assert more < 1000 * 1000
