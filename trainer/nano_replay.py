"""Write general rows to mix into a tune of nano, so that it forgets less: none of them stands in general.jsonl.

    python trainer/nano_replay.py models/nano/replay.jsonl
"""

import json
import sys
from pathlib import Path
from random import Random

from nano_corpus.general import ABILITIES, fixture


def replay(seed: int = 11, each: int = 40, tries: int = 4000) -> list[dict]:
    """About 500 rows over the abilities; fewer of one that has not so many questions."""
    rng, kept_out, rows = Random(seed), {row["input"] for row in fixture()}, []
    for name in ABILITIES:
        made: dict[str, str] = {}
        for _ in range(tries):
            if len(made) == each:
                break
            question, answer = ABILITIES[name](rng)
            if question not in kept_out:
                made[question] = answer
        rows += [{"input": question, "expected": answer, "tags": [name]} for question, answer in made.items()]
    rng.shuffle(rows)
    return rows


if __name__ == "__main__":
    Path(sys.argv[1]).write_text("".join(json.dumps(row) + "\n" for row in replay()))
