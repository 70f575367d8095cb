"""Training data: queries, trajectories, rewards, grounded plans, expansion, replans, reasoning (paper, section 4)."""

from plan_and_act.synthesis.pipeline import STAGES, Pipeline
from plan_and_act.synthesis.stage import Estimate, Job, Progress, Report, Stage
from plan_and_act.synthesis.store import Store

__all__ = ["STAGES", "Estimate", "Job", "Pipeline", "Progress", "Report", "Stage", "Store"]
