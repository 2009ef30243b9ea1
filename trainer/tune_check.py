"""Does tune.py learn what it says it learns? Against TRL's own DPO loss, Transformers' own mask, templates and models of other
kinds, and a memory that is too small.

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
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer
from transformers.pytorch_utils import Conv1D
from trl import DPOConfig, DPOTrainer

from tune import answer_losses, learn, learnt_tokens, loss_of_pairs, reference_of
from tune_model import lora_of, sizes
from tune_rows import Refusal, Row, conversation, conversation_rows, rows_of

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
    return learnt_in(tokenizer, conversation(tokenizer, talk))


def learnt_in(tokenizer, row: Row) -> list[str]:
    """The text of each run of learnt tokens."""
    runs = []
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
    apart = conversation_rows(tokenizer, TALK)
    check("a template that rewrites earlier answers: each is learnt in a row of its own, as it stood when it was the last",
          [learnt_in(tokenizer, row) for row in apart] == [["hm|yes<|im_end|>"], ["hm|no<|im_end|>"]]
          and [tokenizer.decode(row.ids).count("hm") for row in apart] == [1, 1])
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
          "Row 1 of the training rows has" in refused(lambda: rows_of("supervised", tokenizer, [{"messages": TALK}], 8, "training")))


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


def check_memory(folder: str) -> None:
    """A step whose passes do not fit the memory: smaller ones, then recomputed layers, and the same gradients."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    rows = [{"messages": [{"role": "user", "content": "word " * i}, {"role": "assistant", "content": "yes"}]} for i in (1, 5, 9, 13)]
    data = rows_of("supervised", tokenizer, rows, 1024, "training")
    units = sum(learnt_tokens(parts) for parts in data)
    longest = max(len(row.ids) for parts in data for row in parts)

    def gradients(holds) -> tuple[list[torch.Tensor], dict]:
        torch.manual_seed(3)
        model = get_peft_model(AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32),
                               LoraConfig(r=4, lora_alpha=8, target_modules="all-linear", task_type="CAUSAL_LM"))
        model.train()
        job = {"method": "supervised", "hyperparameters": {}, "tokensPerPass": 8192, "device": "cpu"}
        forward = model.forward

        def bounded(input_ids, **more):
            if not holds(input_ids.numel(), model):
                raise torch.OutOfMemoryError("planted")
            return forward(input_ids=input_ids, **more)

        model.forward = bounded
        learn(model, job, data, list(range(len(data))), None, units)
        return [p.grad.clone() for p in model.parameters() if p.grad is not None], job

    checkpointing = lambda model: model.base_model.model.is_activation_checkpointing
    whole, _ = gradients(lambda tokens, model: True)
    for what, holds in (("in smaller passes", lambda tokens, model: tokens <= longest),
                        ("with layers computed again", lambda tokens, model: tokens <= longest and checkpointing(model))):
        parts, job = gradients(holds)
        check(f"gradients of a step {what}, with those of one pass", len(parts) == len(whole) > 0 and job["tokensPerPass"] == longest
              and max(float((a - b).abs().max()) for a, b in zip(whole, parts)) < 1e-5 * max(float(a.abs().max()) for a in whole))
    check("where neither helps it is refused", "not enough memory for one row" in refused(lambda: gradients(lambda tokens, model: False)))


# random models of other builders' kinds, with which every field that differs between them is written once
KINDS = {
    "llama": {}, "qwen2": {"tie_word_embeddings": True}, "qwen3": {"head_dim": 16}, "gemma": {"head_dim": 16}, "mistral": {"sliding_window": 8},
    "phi": {}, "gpt_neox": {}, "gpt2": {"n_embd": 64, "n_layer": 2, "n_head": 4},
}


def check_kinds() -> None:
    for kind, more in KINDS.items():
        usual = dict(hidden_size=64, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=4, intermediate_size=128,
                     max_position_embeddings=64)
        config = AutoConfig.for_model(kind, vocab_size=300, bos_token_id=1, eos_token_id=2, pad_token_id=None,
                                      **(more if kind == "gpt2" else usual | more))
        torch.manual_seed(0)
        job = {"base": {"name": kind}, "hyperparameters": {"rank": 2, "alpha": 4, "dropout": 0}, "device": "cpu"}
        model = get_peft_model(AutoModelForCausalLM.from_config(config), lora_of(job))
        inner, targeted = model.base_model.model, set(model.targeted_module_names)
        head = inner.get_output_embeddings()
        linear = {name.removesuffix(".base_layer") for name, module in inner.named_modules()
                  if isinstance(module, (torch.nn.Linear, Conv1D)) and module is not head and "lora_" not in name}
        rows = [Row([5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], [False] * 6 + [True] * 6), Row([5, 9, 4], [False, True, True])]
        model.eval()
        with torch.no_grad():
            together = answer_losses(model, rows)[0]
            alone = torch.cat([answer_losses(model, [row])[0] for row in rows])
        check(f"{kind}: every linear layer but the output has an adapter, and padding changes no loss",
              targeted == linear and len(linear) > 0 and torch.allclose(together, alone, atol=1e-4)
              and sizes(job, config)["adapter"] == 4 * sum(p.numel() for p in model.parameters() if p.requires_grad))


if __name__ == "__main__":
    folder = str(Path(sys.argv[1]))
    check_rows(folder)
    check_memory(folder)
    check_kinds()
    check_preferences(folder)
    sys.exit(1 if failed else 0)
