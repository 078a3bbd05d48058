# planted: nothing
# open: RoleArn, CheckpointConfig.S3Uri, ResourceConfig.InstanceType
# jobs: 1
import sagemaker
from sagemaker.workflow.pipeline import Pipeline
from sagemaker.workflow.pipeline_context import PipelineSession
from sagemaker.workflow.parameters import ParameterString
from sagemaker.workflow.steps import TrainingStep
from sagemaker.pytorch import PyTorch
session = PipelineSession()
kind = ParameterString(name="Kind", default_value="ml.g5.xlarge")
estimator = PyTorch("t.py", role=sagemaker.get_execution_role(), instance_type=kind, instance_count=1, framework_version="2.0", py_version="py310",
    sagemaker_session=session, use_spot_instances=True, max_run=3600, max_wait=7200,
    checkpoint_s3_uri=f"s3://{session.default_bucket()}/pipe/ckpt/")
step = TrainingStep(name="Train", step_args=estimator.fit({"train": "s3://pipe/data"}))
Pipeline(name="pipe", parameters=[kind], steps=[step], sagemaker_session=session).upsert(role_arn=sagemaker.get_execution_role())
