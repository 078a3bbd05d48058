# planted: a wait is longer than the run
# open: RoleArn, CheckpointConfig.S3Uri
# jobs: 1
import sagemaker
from sagemaker.pytorch import PyTorch

class Experiment:
    MAX_RUN = 3600

    def __init__(self, name, kind="ml.g5.xlarge", wait=3600):
        self.name = name
        self.kind = kind
        self.wait = wait
        self.session = sagemaker.Session()

    def place(self):
        return f"s3://{self.session.default_bucket()}/{self.name}/"

    def run(self):
        est = PyTorch("t.py", role=sagemaker.get_execution_role(), instance_type=self.kind, instance_count=1, framework_version="2.0",
            py_version="py310", sagemaker_session=self.session, use_spot_instances=True, max_run=self.MAX_RUN, max_wait=self.wait,
            checkpoint_s3_uri=self.place())
        est.fit("s3://experiments/data")

if __name__ == "__main__":
    Experiment("first").run()
