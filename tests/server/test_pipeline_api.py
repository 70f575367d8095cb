"""The pipeline behind LangGraph Server."""

from typing import Any

import pytest
from langgraph_sdk import get_client


async def test_a_stage_is_carried_out_and_watched(server: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.getbasetemp() / "server0"
    (folder / "pipeline.yaml").write_text(
        "folder: data\nteacher: {model: 'openai:scripted'}\nstages: [queries]\nqueries: {count: 1}\n"
        "sites: {blog: {url: 'http://blog.test', seeds: ['Read the newest post.']}}\n"
    )
    client = get_client(url=server)
    seen: list[dict[str, Any]] = []
    async for part in client.runs.stream(
        None, "pipeline", input={"config": "pipeline.yaml"}, stream_mode=["custom", "values"]
    ):
        assert part.event != "error", part.data
        seen.append(part.data)
    # The endpoint of these tests speaks of other things.
    assert seen[-1]["reports"]["queries"]["drops"] == {"no usable answer": 20}
    assert {"event": "progress", "stage": "queries", "done": 1, "total": None, "dropped": 1} in seen
    assert (folder / "data" / "queries.jsonl").read_bytes() == b""
