"""Do the owners' own loaders read what `rung data convert` writes, row by row?

    python scripts/check-data-formats.py [--promptfoo path/to/promptfoo]

Wants the packages `datasets` and `trl` (with `transformers`); each is skipped with a sentence where it is absent, and so is promptfoo,
which is looked for on the path. Writes into a temporary folder. Exit status 1 when a loader refuses a file, or reads other rows than
were written.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NODE = ROOT / "node_modules" / ".bin" / "node"
TOOLS = [{"type": "function", "function": {"name": "look_up", "parameters": {"type": "object", "properties": {"order": {"type": "string"}}}}}]

passed = 0
failed = 0


def check(what: str, holds: bool, seen: object = "") -> None:
    global passed, failed
    if holds:
        passed += 1
        print(f"ok      {what}")
    else:
        failed += 1
        print(f"FAILED  {what} {seen!r}"[:600])


def chats() -> list[dict]:
    rows = []
    for n in range(120):
        turns = [{"role": "system", "content": "You route messages."}] if n % 2 else []
        turns += [{"role": "user", "content": f'Order {n}, "late",\nwhere is it? 📦'}, {"role": "assistant", "content": ["billing", "shipping"][n % 2]}]
        rows.append({"messages": turns})
    return rows


def tool_chats() -> list[dict]:
    call = {"id": "c1", "type": "function", "function": {"name": "look_up", "arguments": '{"order":"7"}'}}
    turns = [
        {"role": "user", "content": "Where is order 7?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "shipped"},
        {"role": "assistant", "content": "On its way."},
    ]
    return [{"messages": turns, "tools": TOOLS}, {"messages": turns[:1] + turns[3:]}]


def pairs() -> list[dict]:
    return [
        {
            "input": {"messages": [{"role": "user", "content": f"Question {n}"}]},
            "preferred_output": [{"role": "assistant", "content": f"good {n}"}],
            "non_preferred_output": [{"role": "assistant", "content": f"bad {n}"}],
        }
        for n in range(30)
    ]


def convert(source: Path, to: str, target: Path) -> None:
    command = [str(NODE), str(ROOT / "src" / "cli" / "main.ts"), "data", "convert", str(source), "--to", to, "-o", str(target), "--json"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\n{done.stderr}")


def put(path: Path, rows: list[dict]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def bare(value: object) -> object:
    """Without members that are null: tables of columns have them where a row has none."""
    if isinstance(value, dict):
        return {name: bare(member) for name, member in value.items() if member is not None}
    return [bare(member) for member in value] if isinstance(value, list) else value


def check_datasets(work: Path) -> None:
    try:
        from datasets import load_dataset
    except ImportError:
        print("SKIPPED: Hugging Face datasets is absent (pip install datasets)")
        return

    def load(kind: str, path: Path) -> list[dict]:
        return [dict(row) for row in load_dataset(kind, data_files=str(path), split="train", cache_dir=str(work / "cache"))]

    source = put(work / "chats.jsonl", chats())
    want = [row["messages"] for row in chats()]
    for kind, name in [("json", "a.jsonl"), ("json", "a.json"), ("json", "a.jsonl.gz"), ("parquet", "a.parquet")]:
        convert(source, "huggingface-messages", work / name)
        rows = load(kind, work / name)
        check(f"datasets: huggingface-messages as {name}", [bare(row["messages"]) for row in rows] == want, rows[:1])
    convert(source, "table", work / "t.csv")
    rows = load("csv", work / "t.csv")
    check("datasets: table as csv", [row["input"] for row in rows] == [turns[-2]["content"] for turns in want], rows[:1])
    tools = put(work / "tools.jsonl", tool_chats())
    convert(tools, "trl", work / "tools-out.jsonl")
    rows = load("json", work / "tools-out.jsonl")
    check("datasets: tools and their calls", rows[0]["messages"][1]["tool_calls"][0]["function"]["name"] == "look_up", rows[:1])
    convert(tools, "trl", work / "tools.parquet")
    rows = load("parquet", work / "tools.parquet")
    check("datasets: tools and their calls in Parquet", bare(rows[0]["messages"]) == bare(tool_chats()[0]["messages"]), rows[:1])
    for name in ["llama-factory", "llama-factory-alpaca", "axolotl"]:
        folder = work / name
        folder.mkdir()
        convert(source, name, folder / "rows.json")
        rows = load("json", folder / "rows.json")
        if name == "axolotl":
            check("datasets: axolotl", [bare(row["messages"]) for row in rows] == want, rows[:1])
            continue
        info = json.loads((folder / "dataset_info.json").read_text())["rows"]
        columns = info["columns"].values()
        there = all(column in row for row in rows[1:2] for column in columns if column not in ("history", "system"))
        check(f"datasets: {name} has the columns its dataset_info.json names", info["file_name"] == "rows.json" and there, rows[:1])
    convert(source, "mlx", work / "mlx")
    rows = load("json", work / "mlx" / "train.jsonl")
    check("datasets: mlx", [bare(row["messages"]) for row in rows] == want, rows[:1])

    # and the other way: what datasets writes is read by Rung
    from datasets import Dataset

    Dataset.from_list(chats()).to_parquet(str(work / "theirs.parquet"))
    convert(work / "theirs.parquet", "openai-chat", work / "back.jsonl")
    back = [json.loads(line) for line in (work / "back.jsonl").read_text(encoding="utf-8").splitlines()]
    check("datasets: its Parquet read by rung", [row["messages"] for row in back] == want, back[:1])


def check_trl(work: Path) -> None:
    try:
        from trl.data_utils import is_conversational, maybe_extract_prompt
    except ImportError:
        print("SKIPPED: TRL is absent, or transformers with it (pip install trl transformers)")
        return
    source = put(work / "trl-chats.jsonl", chats())
    convert(source, "trl", work / "trl.jsonl")
    rows = [json.loads(line) for line in (work / "trl.jsonl").read_text(encoding="utf-8").splitlines()]
    check("trl: prompt and completion are conversational", all(is_conversational(row) for row in rows), rows[0])
    check("trl: prompt-completion columns", all({"prompt", "completion"} <= row.keys() for row in rows), rows[0])
    several = put(work / "trl-several.jsonl", [{"messages": row["messages"] + row["messages"][-2:]} for row in chats()])
    convert(several, "trl", work / "trl-messages.jsonl")
    rows = [json.loads(line) for line in (work / "trl-messages.jsonl").read_text(encoding="utf-8").splitlines()]
    check("trl: messages of several answers are conversational", all("messages" in row and is_conversational(row) for row in rows), rows[0])
    convert(put(work / "pairs.jsonl", pairs()), "trl", work / "trl-pairs.jsonl")
    rows = [json.loads(line) for line in (work / "trl-pairs.jsonl").read_text(encoding="utf-8").splitlines()]
    check("trl: pairs are conversational", all(is_conversational(row) for row in rows), rows[0])
    whole = [{"chosen": row["prompt"] + row["chosen"], "rejected": row["prompt"] + row["rejected"]} for row in rows]
    extracted = [maybe_extract_prompt(row) for row in whole]
    back = put(work / "trl-implicit.jsonl", whole)
    convert(back, "trl", work / "trl-explicit.jsonl")
    ours = [json.loads(line) for line in (work / "trl-explicit.jsonl").read_text(encoding="utf-8").splitlines()]
    check("trl: rung cuts the shared question where TRL does", all(a["prompt"] == b["prompt"] and a["chosen"] == b["chosen"] for a, b in zip(ours, extracted)), ours[0])


def check_promptfoo(work: Path, promptfoo: str | None) -> None:
    if promptfoo is None:
        print("SKIPPED: promptfoo is absent (name it with --promptfoo)")
        return
    source = put(work / "pf.jsonl", [{"input": f"Question {n}, with a comma", "expected": ["cost", "x:y", "billing"][n % 3], "id": f"r{n}"} for n in range(9)])
    for to, name in [("promptfoo", "tests.yaml"), ("promptfoo", "tests.json"), ("promptfoo-csv", "tests.csv")]:
        convert(source, to, work / name)
        # The provider echo gives its prompt back, so that no model is asked.
        config = {"prompts": ["{{input}}"], "providers": ["echo"], "tests": f"file://{name}"}
        rows = [json.loads(line) for line in source.read_text().splitlines()]
        (work / "promptfooconfig.json").write_text(json.dumps(config))
        quiet = {**os.environ, "PROMPTFOO_DISABLE_TELEMETRY": "1", "PROMPTFOO_DISABLE_UPDATE": "1", "PROMPTFOO_CONFIG_DIR": str(work / "pf-state")}
        command = [promptfoo, "eval", "-c", "promptfooconfig.json", "--no-cache", "--no-progress-bar", "--no-table", "-o", "results.json"]
        done = subprocess.run(command, cwd=work, capture_output=True, text=True, env=quiet)
        if not (work / "results.json").exists():
            check(f"promptfoo: {name} is evaluated", False, done.stderr[-400:] + done.stdout[-400:])
            continue
        results = json.loads((work / "results.json").read_text())["results"]["results"]
        seen = sorted((one["vars"]["input"], one["testCase"]["assert"][0]["type"], one["testCase"]["assert"][0]["value"]) for one in results)
        want = sorted((row["input"], "equals", row["expected"]) for row in rows)
        check(f"promptfoo: {name} has every question and answer", seen == want, seen[:3])
        convert(work / "results.json", "rung", work / "from-results.jsonl")
        back = [json.loads(line) for line in (work / "from-results.jsonl").read_text().splitlines()]
        check(f"promptfoo: the results of {name} are read by rung", sorted(row["input"] for row in back) == sorted(row["input"] for row in rows), back[:1])
        (work / "results.json").unlink()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--promptfoo", default=shutil.which("promptfoo"))
    promptfoo = arguments.parse_args().promptfoo
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        check_datasets(work)
        check_trl(work)
        check_promptfoo(work, promptfoo)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
