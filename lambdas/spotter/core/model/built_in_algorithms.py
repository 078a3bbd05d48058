"""Which of SageMaker's built-in algorithms save checkpoints, by the repository of the image.

Those that do: image classification, object detection, semantic segmentation, XGBoost from 0.90-1 on,
linear learner (https://docs.aws.amazon.com/sagemaker/latest/dg/model-managed-spot-training.html).
The others are limited to a MaxWaitTimeInSeconds of an hour on spot, and they cannot
resume from anything at their CheckpointConfig. For every other image, also one of the marketplace,
this is not known beforehand; the files at its checkpoints show it.
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
REGISTRIES = frozenset(
    {
        "104374241257", "106583098589", "108575199400", "121021644041", "124985052026", "141502667606",
        "156387875391", "174872318107", "190319476487", "204372634319", "224300973850", "226302683700",
        "237065988967", "246618743249", "249704162688", "257386234256", "257758044811", "258307448986",
        "266724342769", "272398656194", "281123927165", "286214385809", "293181348795", "297031611018",
        "306986355934", "341280168497", "351501993468", "353608530281", "354813040037", "366743142698",
        "382416733822", "387376663083", "390948362332", "404615174143", "414596584902", "433757028032",
        "438346466558", "450853457545", "451049120500", "455444449433", "469771592824", "475088953585",
        "490574956308", "492215442770", "495149712605", "501404015308", "510948584623", "514117268639",
        "522234722520", "544295431143", "566113047672", "628508329040", "632365934929", "633353088612",
        "644912444149", "651117190479", "659782779980", "662702820516", "664544806723", "669576153137",
        "680994064768", "683313688378", "685385470294", "712309505854", "720646828776", "737474898029",
        "746614075791", "749696950732", "764974769150", "765400339828", "766337827248", "783357654285",
        "801668240914", "811284229777", "813361260812", "825641698319", "833128469047", "835164637446",
        "855470959533", "867004704886", "898809789911", "951798379941", "978288397137", "991648021394",
        "999678624901", "999911452149",
    }
)  # fmt: skip
"""The accounts whose registries hold these algorithms, in all partitions: a public fact of each Region
(https://docs.aws.amazon.com/sagemaker/latest/dg-ecr-paths/sagemaker-algo-docker-registry-paths.html).
A Region that opens after this list was made is missing, and its images count as unknown.
"""
_IMAGE = re.compile(
    r"(?P<account>\d{12})\.dkr[.-]ecr(?:-fips)?\.[^/]+/(?P<repository>[^:@]+)(?:[:@].*)?"
)


def built_in(image: str | None) -> str | None:
    """The built-in algorithm of an image; None for any image that is not AWS's, or not in the lists.

    Any account's own repository may have any name, so that the account must be one of REGISTRIES. In a
    Region that is newer than that list an image is unknown, and treated as a custom image: the files at its
    checkpoints show whether it saves, and SageMaker's answer shows whether it accepts metrics.
    """
    found = _IMAGE.fullmatch(image or "")
    if found is None or found["account"] not in REGISTRIES:
        return None
    return found["repository"] if found["repository"] in CHECKPOINT | DO_NOT_CHECKPOINT else None


def sets_its_own_metrics(image: str | None) -> bool:
    """True of AWS's own algorithms: SageMaker defines their metrics, shows them in Describe, and
    refuses a request that defines any.

    For an algorithm that is not in this module, SageMaker's answer shows it.
    """
    return built_in(image) is not None
