"""SageMaker, as far as training jobs go: boto3's methods, keyword arguments, answers and refusals."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from botocore import xform_name
from botocore.paginate import Paginator

from laptop.simulated_sagemaker import listing, progress, quotas, request_rules
from laptop.simulated_sagemaker.description import description
from laptop.simulated_sagemaker.errors import VALIDATION, name_taken, not_found, refusal
from laptop.simulated_sagemaker.job import SimulatedJob
from laptop.simulated_sagemaker.jobs import SimulatedJobs
from laptop.simulated_sagemaker.spot_market import STOPPING
from sagemaker_api import model

Answer = dict[str, Any]


class SimulatedSageMaker(SimulatedJobs):
    """The service, to be used in place of boto3's client; thread-safe."""

    tags_per_page = 50

    def create_training_job(self, **request: Any) -> Answer:
        with self._call("CreateTrainingJob", request, request_rules.RULES) as now:
            name = request["TrainingJobName"]
            arn = f"arn:aws:sagemaker:{self.region}:{self.account}:training-job/{name.lower()}"
            if name in self._jobs:
                raise name_taken(arn)
            quotas.check(request, self._running.values(), self.quotas)
            self._take_in(self._new(copy.deepcopy(request), arn, now))
            return {"TrainingJobArn": arn}

    def describe_training_job(self, **request: Any) -> Answer:
        with self._call("DescribeTrainingJob", request) as now:
            return description(self._named("DescribeTrainingJob", request), now)

    def list_training_jobs(self, **request: Any) -> Answer:
        with self._call("ListTrainingJobs", request):
            return listing.page(self._jobs.values(), request)

    def stop_training_job(self, **request: Any) -> Answer:
        with self._call("StopTrainingJob", request) as now:
            job = self._named("StopTrainingJob", request)
            if job.ended or job.now.status == STOPPING:
                job.stops.append(VALIDATION)
                message = (
                    f"The request was rejected because the training job is in status {job.status}."
                )
                raise refusal("StopTrainingJob", VALIDATION, message)
            job.stops.append("accepted")
            progress.stop(job, now)
            self._emit_later(job)
            return {}

    def delete_training_job(self, **request: Any) -> Answer:
        with self._call("DeleteTrainingJob", request) as now:
            job = self._named("DeleteTrainingJob", request)
            if not job.ended:
                message = (
                    f"The training job {job.name} is in status {job.status} and cannot be deleted."
                )
                raise refusal("DeleteTrainingJob", "ResourceInUse", message)
            self._forget(job, now)
            return {}

    def add_tags(self, **request: Any) -> Answer:
        with self._call("AddTags", request, (request_rules.tags_are_ours_and_differ,)):
            job = self._of_arn("AddTags", request)
            tags = job.tags | _by_key(request["Tags"])
            if len(tags) > request_rules.MOST_TAGS:
                raise refusal(
                    "AddTags",
                    VALIDATION,
                    f"A resource can have at most {request_rules.MOST_TAGS} tags",
                )
            job.tags = tags
            return {"Tags": _as_list(job.tags)}

    def list_tags(self, **request: Any) -> Answer:
        with self._call("ListTags", request):
            tags = _as_list(self._of_arn("ListTags", request).tags)
            start = (
                listing.read_token("ListTags", request["NextToken"])
                if "NextToken" in request
                else 0
            )
            end = start + self.tags_per_page
            return {"Tags": tags[start:end]} | (
                {"NextToken": listing.token(end)} if end < len(tags) else {}
            )

    def delete_tags(self, **request: Any) -> Answer:
        with self._call("DeleteTags", request):
            job = self._of_arn("DeleteTags", request)
            job.tags = {
                key: value for key, value in job.tags.items() if key not in request["TagKeys"]
            }
            return {}

    def get_paginator(self, method: str) -> "Paginator[Any]":
        """boto3's own paginator over these methods."""
        operation = next(name for name in model.paginators() if xform_name(name) == method)
        return Paginator(
            getattr(self, method), model.paginators()[operation], model.operation(operation)
        )

    @contextmanager
    def _call(
        self, operation: str, request: Answer, rules: tuple[request_rules.Rule, ...] = ()
    ) -> Iterator[datetime]:
        with self._settled() as now:
            self._refuse_when_throttled(operation)
            request_rules.check(operation, request, rules)
            yield now

    def _new(self, request: Answer, arn: str, now: datetime) -> SimulatedJob:
        return SimulatedJob(
            request=request,
            arn=arn,
            created=now,
            script=self.market.script_for(
                request["TrainingJobName"], spot=request_rules.is_spot(request)
            ),
            run=self.train.run_for(request) if self.train else None,
            tags=_by_key(request.get("Tags", ())),
        )

    def _named(self, operation: str, request: Answer) -> SimulatedJob:
        if (job := self._jobs.get(request["TrainingJobName"])) is None:
            raise not_found(operation)
        return job

    def _of_arn(self, operation: str, request: Answer) -> SimulatedJob:
        """By the ARN as Describe shows it, letter by letter."""
        for job in self._jobs.values():
            if job.arn == request["ResourceArn"]:
                return job
        raise not_found(operation)


def _by_key(tags: Any) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


def _as_list(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
