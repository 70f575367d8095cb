"""The folder of a training: metrics outlive a kill and a full disk."""

from pathlib import Path

from plan_and_act.training.folder import log_to, read_metrics


def test_a_line_that_was_cut_off_takes_no_other_with_it(tmp_path: Path) -> None:
    file = tmp_path / "metrics.jsonl"
    told: list[str] = []
    log_to(file, told.append)({"step": 1, "loss": 2.0})
    with file.open("a") as opened:
        opened.write('{"step": 2, "lo')
    log = log_to(file, told.append)
    log({"step": 2, "loss": 1.5})
    log({"step": 3, "loss": 1.0})
    assert [(row["step"], row["loss"]) for row in read_metrics(tmp_path)] == [(1, 2.0), (2, 1.5), (3, 1.0)]
    assert [line.partition(" seconds")[0] for line in told] == ["step 1 loss 2", "step 2 loss 1.5", "step 3 loss 1"]
