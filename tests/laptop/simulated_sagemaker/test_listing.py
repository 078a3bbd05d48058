"""Listings of jobs and of tags come in pages, with SageMaker's own oddities."""

from datetime import timedelta


def names(page):
    return [row["TrainingJobName"] for row in page["TrainingJobSummaries"]]


def test_a_listing_filters_by_status_after_the_page_is_cut(sagemaker, spot, clock):
    for number in range(5):
        sagemaker.create_training_job(**spot(TrainingJobName=f"early-{number}"))
    clock.forward(1000)
    sagemaker.create_training_job(**spot(TrainingJobName="late"))
    request = {"MaxResults": 2, "StatusEquals": "InProgress"}
    pages = [sagemaker.list_training_jobs(**request)]
    while "NextToken" in pages[-1]:
        pages.append(sagemaker.list_training_jobs(**request, NextToken=pages[-1]["NextToken"]))
    assert [names(page) for page in pages] == [[], [], ["late"]]


def test_a_token_is_not_disturbed_by_what_is_created_meanwhile(sagemaker, spot, clock, refused):
    for name in "abc":
        clock.forward(1)
        sagemaker.create_training_job(**spot(TrainingJobName=name))
    newest_first = {"SortOrder": "Descending", "MaxResults": 2}
    first = sagemaker.list_training_jobs(**newest_first)
    clock.forward(1)
    sagemaker.create_training_job(**spot(TrainingJobName="d"))
    rest = sagemaker.list_training_jobs(**newest_first, NextToken=first["NextToken"])
    assert (names(first), names(rest)) == (["c", "b"], ["a"])
    assert refused(sagemaker.list_training_jobs, NextToken="nonsense")[0] == "ValidationException"


def test_a_listing_looks_at_names_and_instants(sagemaker, spot, clock):
    for name in ("one", "two", "Tone"):
        clock.forward(10)
        sagemaker.create_training_job(**spot(TrainingJobName=name))
    at = sagemaker.describe_training_job(TrainingJobName="two")["CreationTime"]
    assert names(sagemaker.list_training_jobs(NameContains="one")) == ["one", "Tone"]
    assert names(sagemaker.list_training_jobs(CreationTimeAfter=at)) == ["Tone"]
    assert names(sagemaker.list_training_jobs(CreationTimeBefore=at)) == ["one"]
    clock.forward(5)
    stopped = sagemaker.stop_training_job(TrainingJobName="one")
    assert stopped == {}
    moment = clock() - timedelta(seconds=1)
    assert names(sagemaker.list_training_jobs(LastModifiedTimeAfter=moment)) == ["one"]
    assert names(sagemaker.list_training_jobs(LastModifiedTimeBefore=moment)) == ["two", "Tone"]
    assert names(sagemaker.list_training_jobs(SortBy="Name")) == ["Tone", "one", "two"]


def test_a_summary_has_no_spot_flag(sagemaker, spot):
    sagemaker.create_training_job(**spot())
    [row] = sagemaker.list_training_jobs()["TrainingJobSummaries"]
    assert (row["TrainingJobStatus"], row["SecondaryStatus"]) == ("InProgress", "Starting")
    assert "EnableManagedSpotTraining" not in row


def test_tags_are_read_in_pages_and_changed_by_key(sagemaker, spot):
    arn = sagemaker.create_training_job(**spot(Tags=[{"Key": "a", "Value": "1"}]))["TrainingJobArn"]
    sagemaker.tags_per_page = 1
    sagemaker.add_tags(
        ResourceArn=arn, Tags=[{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "3"}]
    )
    pages = sagemaker.get_paginator("list_tags").paginate(ResourceArn=arn)
    assert [page["Tags"] for page in pages] == [
        [{"Key": "a", "Value": "3"}],
        [{"Key": "b", "Value": "2"}],
    ]
    sagemaker.delete_tags(ResourceArn=arn, TagKeys=["a"])
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]


def test_tags_know_the_arn_letter_by_letter(sagemaker, spot, refused):
    arn = sagemaker.create_training_job(**spot(TrainingJobName="Job"))["TrainingJobArn"]
    otherwise = arn.replace("/job", "/Job")
    assert refused(sagemaker.list_tags, ResourceArn=otherwise)[0] == "ValidationException"
    assert refused(sagemaker.add_tags, ResourceArn=arn, Tags=[{"Key": "aws:x", "Value": ""}])
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == []
