"""What a call needs of IAM: a stop is judged by the tags of the job."""

from laptop.simulated_sagemaker.iam import needed

ARN = "arn:aws:sagemaker:us-east-1:111122223333:training-job/nightly-7"


def test_a_stop_is_judged_by_the_tags_of_its_job():
    [one] = needed(
        "StopTrainingJob",
        {"TrainingJobName": "nightly-7"},
        "111122223333",
        "us-east-1",
        {"team": "vision"},
    )
    assert (one.action, one.resource) == ("sagemaker:StopTrainingJob", ARN)
    assert one.keys == {"aws:ResourceTag/team": "vision"}


def test_a_job_without_tags_gives_no_key():
    [one] = needed("StopTrainingJob", {"TrainingJobName": "nightly-7"}, "111122223333", "us-east-1")
    assert one.keys == {}
