"""Results as one table: for a terminal, as Markdown, CSV and JSON, and as one line in the journal."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.table import Table

from plan_and_act.artefacts import home, storage_error
from plan_and_act.evaluation.results import Group, Results, Row
from plan_and_act.report import duration, money

HEAD = ("Site", "Episodes", "Success", "95 % interval", "Rounds", "Replans", "Plan tokens", "Tokens", "Time", "Cost")
ROLES = ("planner", "executor", "replanner", "verifier", "judge")


def cells(group: Group) -> tuple[str, ...]:
    """A group as the cells of `HEAD`; rounds, replans, tokens and time are means, cost is the sum."""
    return (
        group.name,
        str(group.count),
        f"{group.rate:.1%}",
        f"{group.interval.low:.1%} to {group.interval.high:.1%}",
        f"{group.rounds:.1f}",
        f"{group.replans:.1f}",
        f"{group.planning_tokens:,.0f}",
        f"{group.tokens:,.0f}",
        duration(group.seconds),
        money(group.cost),
    )


def lines(results: Results) -> list[tuple[str, ...]]:
    """The table's rows: the sites, and all of them where there are several."""
    sites = results.sites
    return [*map(cells, sites), *([cells(results.all)] if len(sites) != 1 else [])]


def remarks(results: Results) -> list[str]:
    """What the table does not say: why episodes failed, which have no result, what the interval takes for granted."""
    found = []
    if results.reasons:
        counted = ", ".join(f"{name} {count}" for name, count in results.reasons.most_common())
        found.append(f"Failed because of: {counted}.")
    missing = results.total - len(results.rows)
    if missing:
        kinds = sorted({failure.kind for failure in results.failures})
        why = f" ({len(results.failures)} of them for errors outside of the agent: {', '.join(kinds)})" if kinds else ""
        found.append(f"{missing} of {results.total} episodes have no result{why}; the same command does them.")
    return [*found, *([results.note] if results.note else [])]


def rich_table(results: Results) -> Table:
    """The table for a terminal."""
    table = Table(box=None, pad_edge=False)
    for name in HEAD:
        table.add_column(name, justify="left" if name == "Site" else "right", no_wrap=True)
    for line in lines(results):
        table.add_row(*line)
    return table


def markdown(results: Results) -> str:
    """The table as Markdown, with its remarks."""
    rows = [HEAD, ("---", *("--:" for _ in HEAD[1:])), *lines(results)]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return "\n".join([table, "", *(f"{remark}\n" for remark in remarks(results))]).rstrip() + "\n"


def as_csv(rows: Sequence[Row]) -> str:
    """One line an episode; tokens, cost and seconds for each role."""
    out = io.StringIO()
    plain = ("task", "site", "template", "seed", "success", "reward", "judge", "reason", "rounds", "replans", "seconds")
    by_role = ("input_tokens", "output_tokens", "cost", "seconds")
    used = [role for role in ROLES if any(role in row.usage for row in rows)]
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*plain, "problems", *(f"{role}_{name}" for role in used for name in by_role)])
    for row in rows:
        values = row.model_dump(mode="json")
        usage = [values["usage"].get(role, {}).get(name) for role in used for name in by_role]
        writer.writerow([*(values[name] for name in plain), "; ".join(row.problems), *usage])
    return out.getvalue()


def summary(results: Results) -> dict[str, Any]:
    """The result as one JSON object; it is the journal's line, too."""
    everything, configuration = results.all, results.configuration
    usage = {
        role: {
            "tokens": sum(u.input_tokens + u.output_tokens for u in used),
            "cost": sum(costs) if (costs := [u.cost for u in used if u.cost is not None]) else None,
            "seconds": round(sum(u.seconds for u in used), 1),
        }
        for role in ROLES
        if (used := [row.usage[role] for row in results.rows if role in row.usage])
    }
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "suite": configuration["suite"],
        "settings": configuration["settings"],
        "agent": configuration["agent"],
        "context": configuration["context"],
        "models": configuration["models"],
        "versions": configuration["versions"],
        "config": configuration["hash"],
        "judges": sorted({row.judge for row in results.rows}),
        "episodes": results.total,
        "n": everything.count,
        "successes": everything.successes,
        "rate": everything.rate,
        "interval": list(everything.interval),
        "reward": everything.reward,
        "reasons": dict(results.reasons.most_common()),
        "errors": len(results.failures),
        "rounds": everything.rounds,
        "replans": everything.replans,
        "usage": usage,
        "folder": str(results.path),
    }


def write_tables(results: Results) -> None:
    """Write `results.md`, `results.csv` and `results.json` into the results folder.

    Raises:
        StorageError: When they cannot be written.
    """
    whole = {**summary(results), "rows": [row.model_dump(mode="json") for row in results.rows]}
    texts = {"md": markdown(results), "csv": as_csv(results.rows), "json": json.dumps(whole, indent=1)}
    try:
        for suffix, text in texts.items():
            (results.path / f"results.{suffix}").write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        doing = f"Writing the tables to {results.path}"
        raise storage_error(doing, error) from error


def journal(results: Results, path: Path | None = None) -> Path:
    """Append the result as a line to the journal, `journal.jsonl` in `home()`.

    Raises:
        StorageError: When it cannot be written.
    """
    path = path or home() / "journal.jsonl"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(summary(results)) + "\n")
    except OSError as error:
        doing = f"Writing the journal {path}"
        raise storage_error(doing, error) from error
    return path
