"""The tokenizer of nano: byte-level BPE, a label has the same ids in a list and at the start of an answer."""

import json
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from nano_corpus import tokenizer_text

SPECIAL = ["<|pad|>", "<|begin|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>"]
PAD, BEGIN, END, SYSTEM, USER, ASSISTANT = range(len(SPECIAL))
CHAT_TEMPLATE = (
    "{{- '<|begin|>' -}}\n"
    "{%- for message in messages -%}\n"
    "{{- '<|' + message['role'] + '|>' -}}\n"
    "{%- if message['role'] == 'assistant' -%}\n"
    "{%- generation -%}{{- message['content'] | trim + '<|end|>' -}}{%- endgeneration -%}\n"
    "{%- else -%}\n"
    "{{- message['content'] | trim + '<|end|>' -}}\n"
    "{%- endif -%}\n"
    "{%- endfor -%}\n"
    "{%- if add_generation_prompt -%}{{- '<|assistant|>' -}}{%- endif -%}")


def train(seed: int, vocab_size: int) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    # ByteLevel goes first: after it digits are single bytes, so the second step needs no prefix space of its own.
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.ByteLevel(add_prefix_space=True), pre_tokenizers.Digits(individual_digits=True)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(tokenizer_text(seed), trainers.BpeTrainer(
        vocab_size=vocab_size, special_tokens=SPECIAL, show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    return tokenizer


def save(tokenizer: Tokenizer, folder: Path, context: int) -> None:
    tokenizer.save(str(folder / "tokenizer.json"))
    names = {"bos_token": "<|begin|>", "eos_token": "<|end|>", "pad_token": "<|pad|>"}
    write = lambda name, value: (folder / name).write_text(json.dumps(value, indent=2) + "\n")
    write("special_tokens_map.json", {**names, "additional_special_tokens": SPECIAL[3:]})
    write("tokenizer_config.json", {
        "tokenizer_class": "PreTrainedTokenizerFast", **names, "additional_special_tokens": SPECIAL[3:],
        "model_max_length": context, "padding_side": "left", "clean_up_tokenization_spaces": False,
        "chat_template": CHAT_TEMPLATE})
    (folder / "chat_template.jinja").write_text(CHAT_TEMPLATE)
