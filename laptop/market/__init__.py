"""The market is a pretend SageMaker whose spot capacity comes and goes as a script says."""

from laptop.market.events import Weather
from laptop.market.sagemaker import SageMaker
from laptop.market.spot import Market, Script, Step
from laptop.market.training import Trainer

__all__ = ["Market", "SageMaker", "Script", "Step", "Trainer", "Weather"]
