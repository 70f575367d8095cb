"""Fine-tuning planner, replanner and executor on the data sets that `plan_and_act.synthesis` exports.

data = [Path("datasets/executor-train.chat.jsonl")]
trained = train(load_config("cpu-135m", None, {}), data, Path("models/executor"))
write_card(trained, title="executor", data=data)
adapter_to_gguf(trained.folder, Path("models/executor.gguf"))

Needs the extra `train`.
"""

from plan_and_act.training.card import write_card
from plan_and_act.training.config import TrainConfig, load_config, presets
from plan_and_act.training.export import adapter_from_gguf, adapter_to_gguf, merge, model_to_gguf
from plan_and_act.training.folder import read_metrics
from plan_and_act.training.train import Trained, train

__all__ = [
    "TrainConfig",
    "Trained",
    "adapter_from_gguf",
    "adapter_to_gguf",
    "load_config",
    "merge",
    "model_to_gguf",
    "presets",
    "read_metrics",
    "train",
    "write_card",
]
