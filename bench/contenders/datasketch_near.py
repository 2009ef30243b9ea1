"""Near-duplicates by datasketch as its documentation shows them: MinHash of 128 permutations, MinHashLSH at 0.8.

Reads the first ROWS chat rows of FILE; shingles are five characters, or five words, of the same comparable text as Rung's.
Prints JSON: seconds, CPU seconds, peak memory, and the pairs that the index gave: a row, and an earlier one.
"""

import json
import re
import resource
import sys
import time

from datasketch import MinHash, MinHashLSH, __version__

signs = re.compile(r"[^a-z0-9]+")


def comparable(line):
    said = " ".join(turn["content"] for turn in json.loads(line)["messages"] if turn["role"] != "system")
    return signs.sub(" ", said.lower()).strip()


def shingles(text, unit):
    if unit == "characters":
        return {text[at : at + 5].encode() for at in range(max(1, len(text) - 4))}
    words = text.split(" ")
    return {" ".join(words[at : at + 5]).encode() for at in range(max(1, len(words) - 4))}


def main(file, rows, unit):
    begun, cpu = time.perf_counter(), time.process_time()
    index = MinHashLSH(threshold=0.8, num_perm=128)
    pairs = []
    empty = MinHash(num_perm=128)
    with open(file, encoding="utf-8") as lines:
        for row, line in enumerate(lines):
            if row == rows:
                break
            sketch = empty.copy()
            sketch.update_batch(shingles(comparable(line), unit))
            pairs.extend((row, other) for other in index.query(sketch))
            index.insert(row, sketch)
    print(
        json.dumps(
            {
                "version": __version__,
                "bands": [index.b, index.r],
                "seconds": time.perf_counter() - begun,
                "cpuSeconds": time.process_time() - cpu,
                "peakMegabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "pairs": pairs,
            }
        )
    )


main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
