"""Do the embedded model and Transformers (with PEFT) agree on the same folder, number by number?

    python trainer/parity_check.py models/nano logits.json [adapter-folder]
    python trainer/parity_check.py models/nano --make-adapter some/folder

The JSON file holds what the embedded model computed; every part is optional:

    {"cases":   [{"tokens": [1, 5, …], "logits": [[one row of logits for each token] …]} …],
     "adapter": "folder of a PEFT adapter that was active, or null",
     "texts":   [{"text": "…", "ids": [the tokenizer's ids] …}],
     "chats":   [{"messages": [{"role": …, "content": …}], "generate": true, "text": "the rendered prompt"}]}

Exit status 1 when a logit is off by more than 1e-3, or when any ids or any rendered prompt differ. `--make-adapter`
writes a small random adapter (rank 4, every linear layer) to compute such logits with.
"""

import argparse
import json
import sys
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

LIMIT = 1e-3


def make_adapter(folder: Path, into: Path) -> None:
    torch.manual_seed(1)
    config = LoraConfig(r=4, lora_alpha=8, target_modules="all-linear", task_type="CAUSAL_LM")
    model = get_peft_model(AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32), config)
    for name, p in model.named_parameters():
        if "lora_B" in name:  # zero at birth, which would hide every mistake
            torch.nn.init.normal_(p, std=0.05)
    model.save_pretrained(into)


@torch.no_grad()
def check_logits(folder: Path, cases: list[dict], adapter: str | None) -> bool:
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
    if adapter:
        model = PeftModel.from_pretrained(model, adapter)
    model.eval()
    worst, compared = 0.0, 0
    for case in cases:
        theirs = model(torch.tensor([case["tokens"]])).logits[0]
        ours = torch.tensor(case["logits"], dtype=torch.float32)
        if ours.shape != theirs.shape:
            print(f"logits: shape {tuple(ours.shape)}, Transformers has {tuple(theirs.shape)}")
            return False
        # A NaN compares false with everything, so it must be looked for by name.
        gap = (ours - theirs).abs().max().item() if torch.isfinite(ours).all() else float("inf")
        worst, compared = max(worst, gap), compared + ours.shape[0]
    print(f"logits: {len(cases)} cases, {compared} positions, {'with' if adapter else 'no'} adapter, "
          f"largest difference {worst:.2e} (limit {LIMIT:.0e})")
    return worst <= LIMIT


def check_text(folder: Path, texts: list[dict], chats: list[dict]) -> bool:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    wrong = []
    for item in texts:
        ids = tokenizer(item["text"], add_special_tokens=False)["input_ids"]
        if ids != item["ids"]:
            wrong.append(f"ids of {item['text']!r}: {item['ids']}, Transformers has {ids}")
    for item in chats:
        text = tokenizer.apply_chat_template(item["messages"], tokenize=False,
                                             add_generation_prompt=item.get("generate", True))
        if text != item["text"]:
            wrong.append(f"prompt {item['text']!r}, Transformers has {text!r}")
    for line in wrong[:10]:
        print(line)
    print(f"tokenizer: {len(texts)} texts, {len(chats)} chats, {len(wrong)} differ")
    return not wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("logits", type=Path, nargs="?")
    parser.add_argument("adapter", nargs="?", help="overrides the adapter that the file names")
    parser.add_argument("--make-adapter", type=Path, metavar="DIR")
    args = parser.parse_args()
    if args.make_adapter:
        make_adapter(args.folder, args.make_adapter)
        return 0
    if not args.logits:
        parser.error("give the JSON file to check, or --make-adapter DIR")
    told = json.loads(args.logits.read_text())
    if not any(told.get(part) for part in ("cases", "texts", "chats")):
        print(f"{args.logits}: nothing to check")  # an empty file must not pass
        return 1
    adapter = args.adapter or told.get("adapter")
    good = check_logits(args.folder, told["cases"], adapter) if told.get("cases") else True
    good &= check_text(args.folder, told.get("texts", []), told.get("chats", []))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
