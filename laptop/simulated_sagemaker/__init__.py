"""A simulated SageMaker: a script defines its spot capacity over time."""

from laptop.simulated_sagemaker.api import SimulatedSageMaker
from laptop.simulated_sagemaker.events import Weather
from laptop.simulated_sagemaker.spot_market import Script, SpotMarket, Step
from laptop.simulated_sagemaker.training import Trainer

__all__ = ["Script", "SimulatedSageMaker", "SpotMarket", "Step", "Trainer", "Weather"]
