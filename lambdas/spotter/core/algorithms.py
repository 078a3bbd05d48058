"""Which of SageMaker's own algorithms save checkpoints, told from the image's repository.

Those that do: image classification, object detection, semantic segmentation, XGBoost from 0.90-1 on,
linear learner (https://docs.aws.amazon.com/sagemaker/latest/dg/model-managed-spot-training.html).
The others are limited to a MaxWaitTimeInSeconds of an hour on spot, and whatever lies at their
CheckpointConfig is nothing that they could continue from. Of every other image, also one of the
marketplace, nobody knows beforehand; what it leaves at its checkpoints tells.
"""

import re

CHECKPOINT = frozenset(
    {
        "image-classification",
        "object-detection",
        "semantic-segmentation",
        "sagemaker-xgboost",  # the repository of 0.90-1 and later; `xgboost` is that of 0.72
        "linear-learner",
    }
)
DO_NOT_CHECKPOINT = frozenset(
    {
        "blazingtext", "factorization-machines", "forecasting-deepar", "ipinsights", "kmeans", "knn",
        "lda", "ntm", "object2vec", "pca", "randomcutforest", "seq2seq", "xgboost",
    }
)  # fmt: skip
_IMAGE = re.compile(r"(?P<account>\d{12})\.dkr\.ecr\.[^/]+/(?P<repository>[^:@]+)(?:[:@].*)?")


def built_in(image: str | None, account: str) -> str | None:
    """The built-in algorithm of an image; None for any image that is not AWS's, or not in the lists.

    An account's own repository may have any name, so one of the job's own account is no built-in.
    """
    found = _IMAGE.fullmatch(image or "")
    if found is None or found["account"] == account:
        return None
    return found["repository"] if found["repository"] in CHECKPOINT | DO_NOT_CHECKPOINT else None
