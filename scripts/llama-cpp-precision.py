"""How far llama.cpp's log-probabilities are from a trainer's, answer by answer.

    python scripts/llama-cpp-precision.py nano-q8_0.gguf adapter.gguf parity_samples.jsonl [--cache f32]

Needs llama-cpp-python. The samples are those that `rung serve` leaves beside a job's losses, of models/nano; the weights come from
scripts/llama-cpp-gguf.py, the adapter from llama.cpp's convert_lora_to_gguf.py. Each sample's answer is read behind its prompt, and
the sum of ln p over its tokens, the end token included, is held against the trainer's.
"""

import argparse
import json
import re
from pathlib import Path

import llama_cpp
import numpy as np


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights")
    parser.add_argument("adapter", help="a GGUF file, or - for none")
    parser.add_argument("samples", type=Path)
    parser.add_argument("--cache", choices=["f16", "f32"], default="f16", help="of keys and values; f16 is llama.cpp's own choice")
    args = parser.parse_args()
    exact = {"type_k": llama_cpp.GGML_TYPE_F32, "type_v": llama_cpp.GGML_TYPE_F32, "flash_attn": False}
    model = llama_cpp.Llama(args.weights, n_ctx=1024, lora_path=None if args.adapter == "-" else args.adapter, logits_all=True,
                            verbose=False, **(exact if args.cache == "f32" else {}))
    gaps, otherwise = [], 0
    for line in args.samples.read_text(encoding="utf-8").splitlines():
        sample = json.loads(line)
        # the space that the model's tokenizer puts before every text
        prompt = re.sub(r"(<\|(?:system|user|assistant)\|>)(?=[^\s<])", r"\1 ", sample["rendered"])
        asked = model.tokenize(prompt.encode(), add_bos=False, special=True)
        answer = [*model.tokenize(f" {sample['text']}".encode(), add_bos=False), model.token_eos()]
        if (len(asked), len(answer)) != (sample["promptTokens"], sample["tokens"]):
            raise SystemExit(f"not the trainer's tokens: {len(asked)} and {len(answer)} of {sample['text']!r}")
        model.reset()
        model.eval([*asked, *answer])
        logits = model.scores[len(asked) - 1:len(asked) + len(answer) - 1].astype(np.float64)
        top = logits.max(1, keepdims=True)
        given = logits - top - np.log(np.exp(logits - top).sum(1, keepdims=True))
        gaps.append(abs(given[np.arange(len(answer)), answer].sum() - sample["logProbability"]) / len(answer))
        otherwise += logits.argmax(1).tolist() != answer
    print(f"difference of ln p per token: largest {max(gaps):.2g}, mean {np.mean(gaps):.2g}; "
          f"{otherwise} of {len(gaps)} answers would be others")


if __name__ == "__main__":
    main()
