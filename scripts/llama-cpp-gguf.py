"""Writes a Llama of Rung's (models/nano, or any folder with its tokenizer) as one GGUF file for llama.cpp.

    python scripts/llama-cpp-gguf.py models/nano nano-f32.gguf [--type f32|f16|bf16|q8_0|q4_0] [--template FILE]

Needs the packages gguf, numpy and safetensors. llama.cpp's own convert_hf_to_gguf.py knows tokenizers by a hash over what they
make of a sample text, and this one is not among them, so the file is written here, tensor by tensor:

- Its tokens are those of the pre-tokenizer that llama.cpp calls "smollm" (digits one by one, then GPT-2's pattern) over a text
  with a space put before it. llama.cpp puts none before such texts, so the chat template below does.
- Rows of the query and key weights are put in the order that llama.cpp's rotary embedding reads, pairs side by side.
"""

import argparse
import json
from pathlib import Path

import gguf
import numpy as np
from safetensors.numpy import load_file

# What the model's own template renders, for a template engine without {% generation %}; a space stands before every text
TEMPLATE = (
    "{{- '<|begin|>' -}}{%- for message in messages -%}{{- '<|' + message['role'] + '|>' -}}"
    "{%- set text = message['content'] | trim -%}{%- if text -%}{{- ' ' + text -}}{%- endif -%}{{- '<|end|>' -}}{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{- '<|assistant|>' -}}{%- endif -%}"
)
TYPES = {
    "f32": (gguf.GGMLQuantizationType.F32, gguf.LlamaFileType.ALL_F32),
    "f16": (gguf.GGMLQuantizationType.F16, gguf.LlamaFileType.MOSTLY_F16),
    "bf16": (gguf.GGMLQuantizationType.BF16, gguf.LlamaFileType.MOSTLY_BF16),
    "q8_0": (gguf.GGMLQuantizationType.Q8_0, gguf.LlamaFileType.MOSTLY_Q8_0),
    "q4_0": (gguf.GGMLQuantizationType.Q4_0, gguf.LlamaFileType.MOSTLY_Q4_0),
}


def paired(weight: np.ndarray, heads: int) -> np.ndarray:
    """Each head's rows from halves (Transformers) to neighbouring pairs (llama.cpp)."""
    rows, columns = weight.shape
    return weight.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def add_tokenizer(writer: gguf.GGUFWriter, folder: Path, config: dict, template: str) -> None:
    tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    special = {token["id"]: token["content"] for token in tokenizer["added_tokens"] if token["special"]}
    ids = {id: text for text, id in tokenizer["model"]["vocab"].items()} | special
    kinds = [gguf.TokenType.CONTROL if id in special else gguf.TokenType.NORMAL for id in range(len(ids))]
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in tokenizer["model"]["merges"]]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list([ids[id] for id in range(len(ids))])
    writer.add_token_types(kinds)
    writer.add_token_merges(merges)
    writer.add_bos_token_id(config["bos_token_id"])
    writer.add_eos_token_id(config["eos_token_id"])
    writer.add_pad_token_id(config["pad_token_id"])
    writer.add_add_bos_token(False)  # the template begins with it
    writer.add_chat_template(template)


def add_weights(writer: gguf.GGUFWriter, folder: Path, config: dict, kind: gguf.GGMLQuantizationType) -> None:
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, config["num_hidden_layers"])
    heads = {"q_proj": config["num_attention_heads"], "k_proj": config["num_key_value_heads"]}
    for name, weight in load_file(folder / "model.safetensors").items():
        layer, _, _ = name.removesuffix(".weight").rpartition(".")
        module = name.removesuffix(".weight").removeprefix(layer + ".")
        if module in heads:
            weight = paired(weight, heads[module])
        weight = np.ascontiguousarray(weight.astype(np.float32))
        to = names.get_name(name, try_suffixes=(".weight",))
        own = gguf.GGMLQuantizationType.F32 if weight.ndim == 1 else kind
        writer.add_tensor(to, gguf.quants.quantize(weight, own), raw_dtype=own)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("file", type=Path)
    parser.add_argument("--type", choices=TYPES, default="f32")
    parser.add_argument("--template", type=Path, help="another chat template than the model's own")
    args = parser.parse_args()
    config = json.loads((args.folder / "config.json").read_text(encoding="utf-8"))
    kind, file_type = TYPES[args.type]
    writer = gguf.GGUFWriter(args.file, "llama")
    writer.add_name(args.folder.name)
    writer.add_file_type(file_type)
    writer.add_vocab_size(config["vocab_size"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_rope_dimension_count(config["head_dim"])
    writer.add_rope_freq_base(config["rope_theta"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    add_tokenizer(writer, args.folder, config, args.template.read_text(encoding="utf-8") if args.template else TEMPLATE)
    add_weights(writer, args.folder, config, kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    main()
