"""Does tune.py learn what it says it learns? Against TRL's own DPO loss, Transformers' own mask, templates and models of other
kinds, and a memory that is too small.

    python trainer/tune_check.py models/nano        needs trl and datasets beside trainer/requirements.txt

Exit status 1 where anything differs.
"""

import errno
import math
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

import tune_hub
from tune_answers import end_tokens, parted, score
from tune_loss import answer_losses, learn, learnt_tokens, loss_of_pairs, reference_of
from tune_model import lora_of, notes_on_template, sizes, tokenizer_of, without_chance
from tune_rows import Refusal, Row, conversation, conversation_rows, rows_of

CHATML = ("{%- for m in messages -%}{{- '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' -}}{%- endfor -%}"
          "{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\n' -}}{%- endif -%}")
# as templates of thinking models do: what was thought is dropped once the talk goes on
FORGETFUL = CHATML.replace("m['content']", "(m['content'].split('|')[-1] if not loop.last else m['content'])")
# as Qwen3's: an answer without a thought gets an empty one, and the switch puts that into the prompt
THINKING = ("{%- for m in messages -%}{{- '<|im_start|>' + m.role + '\n' -}}"
            "{%- if m.role == 'assistant' and loop.last and '</think>' not in m.content -%}{{- '<think>\n\n</think>\n\n' -}}{%- endif -%}"
            "{{- m.content + '<|im_end|>\n' -}}{%- endfor -%}{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\n' -}}"
            "{%- if enable_thinking is defined and enable_thinking is false -%}{{- '<think>\n\n</think>\n\n' -}}{%- endif -%}{%- endif -%}")
DATED = "{{- 'Today is ' + strftime_now('%d %b %Y') + '\n' -}}" + CHATML
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


def check_templates(folder: str) -> None:
    """Templates whose text does not hang on the turns alone."""
    with tempfile.TemporaryDirectory() as copy:
        notes, made = [], []
        for template, settings in ((THINKING, {}), (THINKING, {"chatTemplate": {"enable_thinking": False}}),
                                   (DATED, {}), (DATED, {"today": "2024-02-29"})):
            tokenizer = AutoTokenizer.from_pretrained(folder)
            tokenizer.chat_template = template
            tokenizer.save_pretrained(copy)
            job = {"base": {"model": copy, "name": "base", **settings}}
            made.append(tokenizer_of(job))
            notes.append([re.search("enable_thinking|today", note)[0] for note in notes_on_template(made[-1], job)])
    unset, off, usual, other = made
    check("who leaves a switch for thoughts, or the day, to a template is told of it", notes == [["enable_thinking"], [], ["today"], []])
    talk = TALK[1:3]
    check("a thinking model: without its switch an empty thought is learnt before the answer, with it the answer alone",
          (learnt_text(unset, talk), learnt_text(off, talk)) == (["<think>\n\n</think>\n\nhm|yes<|im_end|>"], ["hm|yes<|im_end|>"])
          and conversation(unset, talk).ids == conversation(off, talk).ids)
    check("each of its answers is learnt after the prompt that asks for it",
          [learnt_in(off, row) for row in conversation_rows(off, TALK)] == [["hm|yes<|im_end|>"], ["hm|no<|im_end|>"]])
    check("what is thought is kept apart from what is answered", [parted(*case) for case in (
        ("<think>\nhm\n</think>\n\nyes", ""), ("hm\n</think>\n\nyes", "assistant\n<think>\n"), ("<think>\nhm", ""), ("a <think> b", ""))]
        == [("hm", "yes"), ("hm", "yes"), ("hm", ""), ("", "a <think> b")])
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    [(empty, with_thought)], [(plain, without)] = score(model, unset, talk[:1], ["no"]), score(model, off, talk[:1], ["no"])
    check("the score of an answer counts what training counts", with_thought > without and empty < plain)
    off.add_tokens(["<|im_end|>"])
    check("the token that ends an answer is found under a template that opens with another prompt",
          off.convert_tokens_to_ids("<|im_end|>") in end_tokens(model, off))
    texts = [t.decode(conversation(t, talk).ids) for t in (usual, other)]
    check("a template that writes the date is told one day, whatever day it is",
          "Today is 01 Jan 2026" in texts[0] and "Today is 29 Feb 2024" in texts[1])


def check_disk() -> None:
    """A hub's model that does not fit the disk, and a disk that is full in the middle."""
    class File:
        will_download, file_size = True, 2**60

    def fetch(dry_run=False, **_):
        if dry_run:
            return [File()]
        raise OSError(errno.ENOSPC, "No space left on device")

    tune_hub.snapshot_download, tune_hub.constants.HF_HUB_OFFLINE = fetch, False
    check("a model that is larger than the disk is refused before it is fetched",
          "1152921504.61 GB of disk" in refused(lambda: tune_hub.fetched("some/model", None, [])))
    tune_hub.constants.HF_HUB_OFFLINE = True
    check("a disk that is full in the middle is said in a sentence",
          refused(lambda: tune_hub.fetched("some/model", None, [])) == "The disk was full before some/model was fetched.")


def check_first_loss() -> None:
    """A base with dropout of its own: what is measured before the first step is what the first step begins with."""
    config = AutoConfig.for_model("gpt2", vocab_size=300, n_embd=64, n_layer=2, n_head=4, n_positions=64)
    pairs = [[Row([5, 6, 7, 8, 9], [False] * 3 + [True] * 2), Row([5, 6, 7, 10, 11], [False] * 3 + [True] * 2)] for _ in range(3)]
    job = {"base": {"name": "gpt2"}, "hyperparameters": {"rank": 2, "alpha": 4, "dropout": 0, "beta": 1}, "tokensPerPass": 8192}

    def first_loss(config) -> float:
        torch.manual_seed(0)
        model = get_peft_model(AutoModelForCausalLM.from_config(config), lora_of(job))
        reference = reference_of(model, job, pairs)
        loss = loss_of_pairs(model.train(), pairs, job, reference)
        return loss.total.item() / loss.units

    kept = first_loss(config)
    check(f"the first loss of preferences is ln 2 where the base has dropout of 0.1 (left on it is {kept:.4f})",
          abs(first_loss(without_chance(config)) - math.log(2)) < 1e-6 < abs(kept - math.log(2)))


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
        for name in [name for name in vars(config) if "drop" in name]:
            setattr(config, name, 0.3)
        drawing = AutoModelForCausalLM.from_config(without_chance(config)).train()
        with torch.no_grad():
            check(f"{kind}: nothing in the base is drawn at random",
                  torch.equal(answer_losses(drawing, rows)[0], answer_losses(drawing.eval(), rows)[0]))
        check(f"{kind}: every linear layer but the output has an adapter, and padding changes no loss",
              targeted == linear and len(linear) > 0 and torch.allclose(together, alone, atol=1e-4)
              and sizes(job, config)["adapter"] == 4 * sum(p.numel() for p in model.parameters() if p.requires_grad))


def check_unsupported() -> None:
    config = AutoConfig.for_model("mamba", vocab_size=300, hidden_size=64, num_hidden_layers=2)
    job = {"base": {"name": "mamba"}, "hyperparameters": {"rank": 2, "alpha": 4, "dropout": 0}, "device": "cpu"}
    check("a base whose layers carry no LoRA is refused with its name", "mamba cannot carry a LoRA" in refused(lambda: sizes(job, config)))


if __name__ == "__main__":
    folder = str(Path(sys.argv[1]))
    check_rows(folder)
    check_templates(folder)
    check_disk()
    check_unsupported()
    check_first_loss()
    check_memory(folder)
    check_kinds()
    check_preferences(folder)
    sys.exit(1 if failed else 0)
