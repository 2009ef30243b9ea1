"""Does tune.py learn what it says it learns? Against TRL's own DPO loss, Transformers' own mask, and templates of other kinds.

    python trainer/tune_check.py models/nano        needs trl and datasets beside trainer/requirements.txt

Exit status 1 where anything differs.
"""

import re
import sys
import tempfile
from pathlib import Path

import torch
from datasets import Dataset
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import DPOConfig, DPOTrainer

from tune import loss_of_pairs, reference_of
from tune_rows import Refusal, conversation, rows_of

CHATML = ("{%- for m in messages -%}{{- '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' -}}{%- endfor -%}"
          "{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\n' -}}{%- endif -%}")
# as templates of thinking models do: what was thought is dropped once the talk goes on
FORGETFUL = CHATML.replace("m['content']", "(m['content'].split('|')[-1] if not loop.last else m['content'])")
TALK = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "One?"}, {"role": "assistant", "content": "hm|yes"},
        {"role": "user", "content": "Two?"}, {"role": "assistant", "content": "hm|no"}]
failed = 0


def check(what: str, good: bool) -> None:
    global failed
    failed += not good
    print(f"{'agrees' if good else 'DIFFERS'}: {what}")


def learnt_text(tokenizer, talk: list[dict]) -> list[str]:
    """The text of each run of learnt tokens."""
    row, runs = conversation(tokenizer, talk), []
    for token, learnt, before in zip(row.ids, row.learnt, [False, *row.learnt]):
        if learnt and not before:
            runs.append([])
        if learnt:
            runs[-1].append(token)
    return [tokenizer.decode(run).strip() for run in runs]


def refused(what) -> str:
    try:
        what()
    except Refusal as refusal:
        return str(refusal)
    return ""


def check_rows(folder: str) -> None:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    told = [{**m, "weight": 0} if i == 2 else m for i, m in enumerate(TALK)]
    marked = conversation(tokenizer, TALK)
    theirs = tokenizer.apply_chat_template(TALK, tokenize=True, return_dict=True, return_assistant_tokens_mask=True)
    check("learnt tokens where the template marks answers, with Transformers' own mask",
          marked.ids == theirs["input_ids"] and [int(x) for x in marked.learnt] == theirs["assistant_masks"])
    only_last = conversation(tokenizer, told)
    marks = tokenizer.chat_template
    tokenizer.chat_template = re.sub(r"\{%-?\s*(end)?generation\s*-?%\}", "", marks)
    check("learnt tokens without the marks, with those of the marks", conversation(tokenizer, TALK) == marked)
    check("the same where the first answer has weight 0", conversation(tokenizer, told) == only_last)
    tokenizer.chat_template = CHATML
    check("a template of another kind: answers with the token that ends them, and nothing after it",
          learnt_text(tokenizer, TALK) == ["hm|yes<|im_end|>", "hm|no<|im_end|>"])
    tokenizer.chat_template = FORGETFUL
    check("a template that rewrites earlier answers is refused", "rewrites" in refused(lambda: conversation(tokenizer, TALK)))
    check("and taken where only the last answer is learnt", learnt_text(tokenizer, told) == ["hm|no<|im_end|>"])
    tokenizer.chat_template = None
    check("a base without a chat template is refused",
          "no chat template" in refused(lambda: rows_of("supervised", tokenizer, [{"messages": TALK}], 1024, "training")))
    [pieces] = [rows_of("pretraining", tokenizer, [{"text": "word " * 40}], 16, "training")]
    whole = tokenizer("word " * 40, add_special_tokens=False)["input_ids"]
    learnt = [token for [piece] in pieces for token, counts in zip(piece.ids, piece.learnt) if counts]
    check("a long text is learnt in pieces, every token once", learnt == [*whole, tokenizer.eos_token_id])
    tokenizer.chat_template = marks
    check("a row longer than the context is refused",
          "do not fit" in refused(lambda: rows_of("supervised", tokenizer, [{"messages": TALK}], 8, "training")))


def check_preferences(folder: str) -> None:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    ask = lambda i: [{"role": "system", "content": "Is it even?"}, {"role": "user", "content": f"number {i}"}]
    rows = [{"messages": ask(i), "chosen": ("yes", "no")[i % 2], "rejected": ("no indeed", "yes")[i % 2]} for i in range(4)]
    torch.manual_seed(3)
    model = get_peft_model(AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32),
                           LoraConfig(r=4, lora_alpha=8, target_modules="all-linear", task_type="CAUSAL_LM"))
    data = rows_of("preference", tokenizer, rows, 1024, "training")
    job = {"hyperparameters": {"beta": 0.1}, "tokensPerPass": 8192}
    reference = reference_of(model, job, data)
    answer_of = lambda row, which: [{"role": "assistant", "content": row[which]}]
    dataset = Dataset.from_list([{"prompt": row["messages"], "chosen": answer_of(row, "chosen"),
                                  "rejected": answer_of(row, "rejected")} for row in rows])
    with tempfile.TemporaryDirectory() as out:
        config = DPOConfig(output_dir=out, per_device_eval_batch_size=4, beta=0.1, use_cpu=True, bf16=False, report_to=[])
        trainer = DPOTrainer(model=model, args=config, processing_class=tokenizer, train_dataset=dataset, eval_dataset=dataset)
        with torch.no_grad():  # as if something had been learnt
            for name, parameter in model.named_parameters():
                if "lora_B.default" in name:
                    parameter.normal_(std=0.05)
        theirs = trainer.evaluate()["eval_loss"]
    model.eval()
    with torch.no_grad():
        loss = loss_of_pairs(model, data, job, reference)
    ours = loss.total.item() / loss.units
    check(f"loss of preferences: {ours:.6f}, TRL's DPOTrainer {theirs:.6f}", abs(ours - theirs) < 1e-4 and abs(ours - 0.6931) > 0.01)


if __name__ == "__main__":
    folder = str(Path(sys.argv[1]))
    check_rows(folder)
    check_preferences(folder)
    sys.exit(1 if failed else 0)
