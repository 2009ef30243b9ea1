"""Counts the tokens of the first ROWS chat rows of FILE with tiktoken's o200k_base, whose ranks are read from RANKS."""

import json
import sys
import time

import tiktoken
import tiktoken_ext.openai_public as public
from tiktoken.load import load_tiktoken_bpe

file, rows, ranks = sys.argv[1], int(sys.argv[2]), sys.argv[3]
# no network: the file of ranks that the npm package carries
public.load_tiktoken_bpe = lambda *_args, **_named: load_tiktoken_bpe(ranks)
encoding = tiktoken.get_encoding("o200k_base")
texts = []
with open(file, encoding="utf-8") as lines:
    for row, line in enumerate(lines):
        if row == rows:
            break
        texts.extend(turn["content"] for turn in json.loads(line)["messages"])
begun = time.perf_counter()
count = sum(len(encoding.encode_ordinary(text)) for text in texts)
print(json.dumps({"version": tiktoken.__version__, "tokens": count, "seconds": time.perf_counter() - begun}))
