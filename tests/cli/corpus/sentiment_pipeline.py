# planted: a place for checkpoints ends in a slash, a spot job says how long it may wait
# open: ResourceConfig.InstanceCount, ResourceConfig.InstanceType, RoleArn
# jobs: 1
import sagemaker
from sagemaker.inputs import TrainingInput
from sagemaker.pytorch import PyTorch
from sagemaker.workflow.parameters import ParameterInteger, ParameterString
from sagemaker.workflow.pipeline import Pipeline
from sagemaker.workflow.pipeline_context import PipelineSession
from sagemaker.workflow.steps import TrainingStep


def get_pipeline(region, role=None, pipeline_name="SentimentPipeline", base_job_prefix="Sentiment"):
    pipeline_session = PipelineSession()
    if role is None:
        role = sagemaker.session.get_execution_role(pipeline_session)

    training_instance_type = ParameterString(name="TrainingInstanceType", default_value="ml.g5.xlarge")
    instance_count = ParameterInteger(name="TrainingInstanceCount", default_value=1)
    input_data = ParameterString(name="InputDataUrl", default_value="s3://sentiment-data/train.csv")

    estimator = PyTorch(
        entry_point="train.py",
        source_dir="pipelines/sentiment/src",
        framework_version="2.0.0",
        py_version="py310",
        instance_type=training_instance_type,
        instance_count=instance_count,
        role=role,
        base_job_name=f"{base_job_prefix}/train",
        sagemaker_session=pipeline_session,
        use_spot_instances=True,
        max_run=10800,
        checkpoint_s3_uri="s3://sentiment-data/checkpoints",
    )
    step_args = estimator.fit(inputs={"train": TrainingInput(s3_data=input_data)})
    step_train = TrainingStep(name="TrainSentiment", step_args=step_args)
    return Pipeline(
        name=pipeline_name,
        parameters=[training_instance_type, instance_count, input_data],
        steps=[step_train],
        sagemaker_session=pipeline_session,
    )


if __name__ == "__main__":
    pipeline = get_pipeline("eu-west-1")
    pipeline.upsert(role_arn=sagemaker.get_execution_role())
    pipeline.start()
