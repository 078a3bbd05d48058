"""A quota bounds the instances of one type that running jobs use at once, spot and on demand apart."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from laptop.simulated_sagemaker import request_rules
from laptop.simulated_sagemaker.errors import over_quota
from laptop.simulated_sagemaker.job import SimulatedJob

Quotas = Mapping[str, int]


def instances(request: Mapping[str, Any]) -> Counter[str]:
    """How many instances this request takes of which quota, by the name that Service Quotas gives it."""
    resources = request.get("ResourceConfig", {})
    kind = "spot training job" if request_rules.is_spot(request) else "training job"
    taken: Counter[str] = Counter()
    for part in [resources, *resources.get("InstanceGroups", ())]:
        if "InstanceType" in part:
            taken[f"{part['InstanceType']} for {kind} usage"] += part.get("InstanceCount", 0)
    return taken


def check(request: Mapping[str, Any], running: Iterable[SimulatedJob], quotas: Quotas) -> None:
    """Raise ResourceLimitExceeded where the request asks for more than is left; no entry is no limit."""
    used = sum((instances(job.request) for job in running), Counter())
    for quota, wanted in instances(request).items():
        if quota in quotas and used[quota] + wanted > quotas[quota]:
            raise over_quota(quota, quotas[quota], used[quota], wanted)
