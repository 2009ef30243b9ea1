# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.15.0", "tokenizers==0.23.3", "safetensors==0.8.0", "numpy==2.4.6"]
# ///
"""Held-out probes of nano, ability by ability, with Wilson intervals.

    uv run trainer/nano_evaluate.py models/nano --json probes.json
"""

import argparse
import json
import math
import sys
from pathlib import Path
from random import Random

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer

from nano_corpus import classify, forms, general, passages, render, voices
from nano_corpus.sentences import chat
from nano_corpus.words import UNSEEN, pseudo_word
from nano_model import Config, Nano
from nano_tokenizer import END, PAD

# name -> a conversation whose last answer is asked for
PROBES = {
    "labels by meaning, seen domains": lambda r: classify.zero_shot(r, turns=1),
    "labels by meaning, unseen domains": lambda r: classify.zero_shot(r, UNSEEN, turns=1),
    "labels by their own word, unseen words": lambda r: classify.by_name(r, 1, pseudo_word),
    "labels by a description in the prompt": lambda r: classify.described(r, 1),
    "examples: bare words, 2 labels, 4 shots": lambda r: classify.in_context(r, 4, 2, length=0),
    "examples: 2 labels, 2 shots": lambda r: classify.in_context(r, 2, 2),
    "examples: 2 labels, 4 shots": lambda r: classify.in_context(r, 4, 2),
    "examples: 2 labels, 8 shots": lambda r: classify.in_context(r, 8, 2),
    "examples: 4 labels, 8 shots": lambda r: classify.in_context(r, 8, 4),
    "examples: 4 labels, 8 shots, nearest": lambda r: classify.in_context(r, 8, 4, nearest=True),
    "examples: unseen domain, 3 labels, 8 shots": lambda r: classify.in_context(r, 8, 3, keys="meaning", domains=UNSEEN),
    "JSON form, every field right": lambda r: forms.episode(r, 1),
    "JSON form after one example": lambda r: forms.episode(r, 2),
    "passage, the answer is there": lambda r: passages.episode(r, 1, known=1),
    "passage, the answer is not there": lambda r: passages.episode(r, 1, known=0),
    "voice, exact words": lambda r: voices.episode(r, 3),
}


def wilson(right: int, n: int, z: float = 1.96) -> tuple[float, float]:
    p, d = right / n, 1 + z * z / n
    middle, half = (p + z * z / (2 * n)) / d, z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / d
    return middle - half, middle + half


def load(folder: Path) -> tuple[Nano, Tokenizer]:
    known = Config.__dataclass_fields__
    config = Config(**{k: v for k, v in json.loads((folder / "config.json").read_text()).items() if k in known})
    model, weights = Nano(config), {}
    for name, tensor in load_file(folder / "model.safetensors").items():
        name = name.removeprefix("model.").replace("self_attn.", "").replace("mlp.", "")
        weights[name.removesuffix(".weight") if "norm" in name else name] = tensor
    model.load_state_dict(weights)
    return model.eval(), Tokenizer.from_file(str(folder / "tokenizer.json"))


@torch.no_grad()
def exact(model: Nano, tokenizer: Tokenizer, chats: list) -> list[bool]:
    """Greedy decoding gives the answer exactly if every token of it is the likeliest after those before it."""
    right = []
    for at in range(0, len(chats), 32):
        whole = [tokenizer.encode(render(c)).ids for c in chats[at : at + 32]]
        heads = [len(tokenizer.encode(render(c[:-1]) + "<|assistant|>").ids) for c in chats[at : at + 32]]
        tokens = torch.full((len(whole), max(map(len, whole))), PAD)
        for row, ids in zip(tokens, whole):
            row[: len(ids)] = torch.tensor(ids)
        best = model(tokens).argmax(-1)
        right += [bool((best[i, h - 1 : len(ids) - 1] == tokens[i, h : len(ids)]).all())
                  for i, (ids, h) in enumerate(zip(whole, heads))]
    return right


@torch.no_grad()
def answer(model: Nano, tokenizer: Tokenizer, talk: list, longest: int = 60) -> str:
    ids = tokenizer.encode(render(talk) + "<|assistant|>").ids
    start = len(ids)
    while len(ids) - start < longest and (ids[-1] != END or len(ids) == start):
        ids.append(int(model(torch.tensor([ids]))[0, -1].argmax()))
    return tokenizer.decode(ids[start:]).strip()


def voice(model: Nano, tokenizer: Tokenizer, count: int) -> dict[str, tuple[int, int]]:
    """The lexical rules of a prompt, counted one by one over the third turn's answer."""
    rng = Random("voice rules")
    rules = {name: [] for name in ("opens as told", "ends as told", "uses a preferred word", "never says a forbidden word")}
    for _ in range(count):
        talk = voices.episode(rng, 3)
        said, wanted, prompt = answer(model, tokenizer, talk[:-1]), talk[-1]["content"], talk[0]["content"]
        preferred, forbidden = (words_after(prompt, key) for key in ("Prefer: ", "Never say: "))
        rules["uses a preferred word"].append(any(w in said for w in preferred))
        if forbidden:
            rules["never says a forbidden word"].append(not any(w in said.split() for w in forbidden))
        if wanted.split()[0].rstrip("!.,") in prompt:
            rules["opens as told"].append(said.split()[:1] == wanted.split()[:1])
        if wanted.split()[-1] in prompt:
            rules["ends as told"].append(said.split()[-2:] == wanted.split()[-2:])
    return {f"voice, {rule}": (sum(kept), len(kept)) for rule, kept in rules.items()}


def words_after(prompt: str, key: str) -> list[str]:
    return prompt.split(key, 1)[1].split(".")[0].split(", ") if key in prompt else []


def evaluate(folder: Path, count: int = 400) -> dict[str, tuple[int, int]]:
    model, tokenizer = load(folder)
    table = {}
    for name, make in PROBES.items():
        rng = Random(f"held out {name}")
        right = exact(model, tokenizer, [make(rng) for _ in range(count)])
        table[name] = (sum(right), count)
    table.update(voice(model, tokenizer, count // 4))
    for ability in general.ABILITIES:
        rng = Random(f"held out {ability}")
        chats = [chat(None, [general.ABILITIES[ability](rng)]) for _ in range(count // 4)]
        table[f"general, {ability}"] = (sum(exact(model, tokenizer, chats)), len(chats))
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=400, help="conversations for each probe")
    parser.add_argument("--json", type=Path, help="also write the counts here")
    args = parser.parse_args()
    table = evaluate(args.folder, args.count)
    print("| held-out probe | n | right | 95 % interval |\n| --- | ---: | ---: | ---: |")
    for name, (right, n) in table.items():
        low, high = wilson(right, n)
        print(f"| {name} | {n} | {100 * right / n:.1f} % | {100 * max(0, low):.1f}–{100 * high:.1f} % |")
    if args.json:
        rows = {name: dict(right=right, n=n, interval=wilson(right, n)) for name, (right, n) in table.items()}
        args.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
