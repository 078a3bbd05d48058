"""Links lead to the console of the job's own partition, and hold nothing but what they are for."""

from urllib.parse import unquote, urlsplit

import botocore.session
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotter.core.model import console_links
from spotter.core.model.identity import JobId
from spotter.core.model.partitions import partition_of
from tests.support.jobs import NOON


def job(region: str = "eu-west-1", name: str = "nightly-7") -> JobId:
    return JobId("111122223333", region, name, NOON)


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-west-1", "eu-west-1.console.aws.amazon.com"),
        ("cn-north-1", "cn-north-1.console.amazonaws.cn"),
        ("us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"),
        ("eusc-de-east-1", "eusc-de-east-1.console.amazonaws-eusc.eu"),
        ("ap-southeast-7", "ap-southeast-7.console.aws.amazon.com"),
    ],
)
def test_each_partition_has_a_console_of_its_own(region, host):
    made = [
        console_links.job(job(region)),
        console_links.logs(job(region)),
        console_links.checkpoints(region, "s3://b/x/"),
        console_links.dashboard(region, "Spotter"),
    ]
    assert {urlsplit(link or "").netloc for link in made} == {host}
    assert all(console_links.is_console_link(link or "") for link in made)
    assert all(f"region={region}" in (link or "") for link in made)


@pytest.mark.parametrize(
    "region",
    [
        "us-iso-east-1",
        "us-isob-east-1",
        "eu-isoe-west-1",
        "us-isof-south-1",
        "moon-1",
        "",
        "evil.example/",
    ],
)
def test_where_no_console_is_known_there_is_no_link(region):
    """A link that leads nowhere, or to a console of other accounts, is worse than none."""
    one = job(region)
    assert console_links.job(one) is console_links.logs(one) is None
    assert (
        console_links.checkpoints(region, "s3://b/x/")
        is console_links.dashboard(region, "Spotter")
        is None
    )


def test_every_region_that_botocore_knows_leads_to_the_console_of_its_own_partition():
    hosts = {
        "aws": "console.aws.amazon.com",
        "aws-cn": "console.amazonaws.cn",
        "aws-us-gov": "console.amazonaws-us-gov.com",
        "aws-eusc": "console.amazonaws-eusc.eu",
    }
    known = botocore.session.get_session()
    for partition in known.get_available_partitions():
        for region in known.get_available_regions("sqs", partition):
            assert getattr(partition_of(region), "name", None) == partition
            found = urlsplit(console_links.job(job(region)) or "").netloc
            expected = f"{region}.{hosts[partition]}" if partition in hosts else ""
            assert found == expected, region


def test_the_logs_are_the_streams_that_begin_with_the_jobs_name():
    assert console_links.logs(job()).partition("#")[2] == (
        "logsV2:log-groups/log-group/$252Faws$252Fsagemaker$252FTrainingJobs"
        "$3FlogStreamNameFilter$3Dnightly-7$252F"
    )


def test_a_job_and_a_dashboard_are_found_by_their_names():
    assert console_links.job(job()).endswith("/sagemaker/home?region=eu-west-1#/jobs/nightly-7")
    named = "#dashboards/dashboard/Spotter-2-eu-west-1"
    assert console_links.dashboard("eu-west-1", "Spotter-2").endswith(named)


def test_checkpoints_are_shown_by_bucket_and_prefix():
    link = console_links.checkpoints("eu-west-1", "s3://ml-checkpoints/a b/run&1/")
    assert link == (
        "https://eu-west-1.console.aws.amazon.com/s3/buckets/ml-checkpoints"
        "?region=eu-west-1&prefix=a%20b%2Frun%261%2F"
    )


@pytest.mark.parametrize("uri", [None, "", "s3://", "https://bucket/x", "file:///x"])
def test_where_there_is_no_place_in_s3_there_is_no_link(uri):
    assert console_links.checkpoints("eu-west-1", uri) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "https://console.aws.amazon.com.evil.example/",
        "https://evil.example/.console.aws.amazon.com/",
        "https://console.aws.amazon.com@evil.example/",
        "http://eu-west-1.console.aws.amazon.com/",
        "https://eu-west-1.console.aws.amazon.com/|x>",
        "https://eu-west-1.console.aws.amazon.com/\n",
    ],
)
def test_a_link_that_leads_elsewhere_is_no_console_link(url):
    assert not console_links.is_console_link(url)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1))
def test_no_name_leads_anywhere_else(text):
    for link in (
        console_links.job(job(name=text)),
        console_links.checkpoints("eu-west-1", f"s3://b/{text}"),
    ):
        assert link is not None
        assert urlsplit(link).netloc == "eu-west-1.console.aws.amazon.com"
        assert console_links.is_console_link(link)
        assert not set(link) & set("<>()[]|`*~\"' \n")
    assert unquote(console_links.job(job(name=text)).partition("#/jobs/")[2]) == text
