"""A file that names others is held against them."""

import json

import pytest

from spotter.core.checkpoints.formats.verdicts import WHOLE, FileState, FileVerdict
from tests.support.checkpoint_files import FILES, verdict

METADATA = (FILES / "torch-distributed.metadata").read_bytes()
WHOLE_SIZE = 4415
"""What `__0_0.distcp` had when that metadata was written beside it."""
INDEX = json.dumps({"metadata": {}, "weight_map": {"a": "m-1.safetensors", "b": "m-2.safetensors"}})


def test_metadata_whose_file_is_long_enough_is_whole():
    assert verdict("s/.metadata", METADATA, {"s/__0_0.distcp": WHOLE_SIZE}) == WHOLE


def test_metadata_whose_file_is_shorter_is_torn():
    answer = verdict("s/.metadata", METADATA, {"s/__0_0.distcp": WHOLE_SIZE - 7})
    assert answer == FileVerdict(FileState.TORN, "__0_0.distcp lacks 7 of the bytes that it counts")


def test_metadata_whose_file_is_missing_is_torn():
    answer = verdict("s/.metadata", METADATA, {"t/__0_0.distcp": WHOLE_SIZE})
    assert answer == FileVerdict(FileState.TORN, "a file that it names is missing")


def test_of_a_listing_that_was_cut_nothing_is_missing():
    answer = verdict("s/.metadata", METADATA, all_seen=False)
    assert answer.state is FileState.NOT_VERIFIED
    answer = verdict("m.safetensors.index.json", INDEX.encode(), all_seen=False)
    assert answer.state is FileState.NOT_VERIFIED


def test_a_pickle_that_is_no_metadata_is_not_verified():
    assert verdict(".metadata", b"\x80\x04}.").state is FileState.NOT_VERIFIED


def test_an_index_names_shards_that_are_there():
    shards = {"m-1.safetensors": 1, "m-2.safetensors": 1}
    assert verdict("m.safetensors.index.json", INDEX.encode(), shards) == WHOLE


@pytest.mark.parametrize("present", ["m-1.safetensors", "x/m-2.safetensors"])
def test_an_index_whose_shard_is_missing_is_torn(present):
    answer = verdict("m.safetensors.index.json", INDEX.encode(), {present: 1})
    assert answer.state is FileState.TORN
    assert answer.why.endswith("of the shards that it names are missing")


def test_an_index_that_was_cut_is_torn():
    answer = verdict("m.safetensors.index.json", INDEX.encode()[:-1], {})
    assert answer == FileVerdict(FileState.TORN, "it is no whole JSON")
