"""What MLX-LM computes with an adapter that it trained, against what the embedded model computes with the imported one.

    python scripts/exports-mlx-check.py models/nano tune-mlx-lm LOGITS.json

LOGITS.json is what `node src/nano/parity.ts models/nano LOGITS.json IMPORTED` wrote. Also looks at what MLX-LM learns from
the exported rows: the base's own chat template, and of it the last answer with its end. Exit status 1 where anything differs.
"""

import json
import sys
from pathlib import Path

import mlx.core as mx
from mlx_lm import load
from mlx_lm.tuner.datasets import ChatDataset

LIMIT = 1e-3


def main() -> int:
    base, folder, logits = sys.argv[1:]
    rows = [json.loads(line) for line in (Path(folder) / "data/train.jsonl").read_text().splitlines()]
    plain, tokenizer = load(base)
    dataset = ChatDataset(rows, tokenizer, mask_prompt=True)
    wrong = 0
    for row in rows:
        tokens, offset = dataset.process(row)
        answer = tokenizer.decode(tokens[offset:]).replace(" ", "")
        expected = (row["messages"][-1]["content"].strip() + tokenizer.eos_token).replace(" ", "")
        rendered = tokenizer.apply_chat_template(row["messages"], tokenize=False)
        wrong += answer != expected or tokens != tokenizer.encode(rendered, add_special_tokens=False)
    print(f"learnt of {len(rows)} rows: the last answer and its end, {wrong} otherwise")

    adapted, _ = load(base, adapter_path=str(Path(folder) / "adapter"))
    worst, moved = 0.0, 0.0
    for case in json.loads(Path(logits).read_text())["cases"]:
        tokens = mx.array([case["tokens"]])
        theirs, ours = adapted(tokens)[0], mx.array(case["logits"])
        gap = mx.abs(theirs - ours).max().item()
        worst = max(worst, gap if gap == gap else float("inf"))
        moved = max(moved, mx.abs(theirs - plain(tokens)[0]).max().item())
    print(f"logits with the adapter: largest difference {worst:.2e} (limit {LIMIT:.0e}); it moves them by up to {moved:.2f}")
    return 0 if wrong == 0 and worst <= LIMIT < moved else 1


sys.exit(main())
