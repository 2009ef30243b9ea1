"""nano: a Llama decoder in one file, and its export as a Hugging Face folder."""

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import save_file

from nano_tokenizer import ASSISTANT, BEGIN, END, PAD


@dataclass
class Config:
    vocab_size: int = 2048
    hidden_size: int = 128
    num_hidden_layers: int = 6
    num_attention_heads: int = 4
    intermediate_size: int = 352
    max_position_embeddings: int = 1024
    rope_theta: float = 10_000_000.0  # most of a small head must be free of position, to match words far apart
    rms_norm_eps: float = 1e-5


class Block(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.heads, self.eps = c.num_attention_heads, c.rms_norm_eps
        linear = lambda n_in, n_out: nn.Linear(n_in, n_out, bias=False)
        self.input_layernorm = nn.Parameter(torch.ones(c.hidden_size))
        self.q_proj, self.k_proj = linear(c.hidden_size, c.hidden_size), linear(c.hidden_size, c.hidden_size)
        self.v_proj, self.o_proj = linear(c.hidden_size, c.hidden_size), linear(c.hidden_size, c.hidden_size)
        self.post_attention_layernorm = nn.Parameter(torch.ones(c.hidden_size))
        self.gate_proj, self.up_proj = linear(c.hidden_size, c.intermediate_size), linear(c.hidden_size, c.intermediate_size)
        self.down_proj = linear(c.intermediate_size, c.hidden_size)

    def forward(self, x, cos, sin):
        batch, length, width = x.shape
        h = F.rms_norm(x, (width,), self.input_layernorm, self.eps)
        split = lambda y: y.view(batch, length, self.heads, -1).transpose(1, 2)
        q, k, v = split(self.q_proj(h)), split(self.k_proj(h)), split(self.v_proj(h))
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.o_proj(y.transpose(1, 2).reshape(batch, length, width))
        h = F.rms_norm(x, (width,), self.post_attention_layernorm, self.eps)
        return x + self.down_proj(F.silu(self.gate_proj(h)) * self.up_proj(h))


@torch.no_grad()
def plant_induction(model: "Nano") -> None:
    """Start from heads that look back, instead of waiting for them to form.

    Learning from the context takes two steps: a head that carries what stood before into each place, and a head in
    the next layer that compares it with what stands before us now, and copies. From random weights such heads appear
    late; drawn here in rough they are there from the start, and training refines them. Two things are drawn: the
    word after a word, and the answer after a message that ends like ours. The strengths come from a short random search.
    """
    c, size = model.config, model.config.hidden_size // model.config.num_attention_heads
    rooms = torch.linalg.qr(torch.randn(c.hidden_size, c.hidden_size)).Q.T.split(size)  # subspaces at right angles
    frequency = c.rope_theta ** (-torch.arange(0, size, 2) / size)
    # Dimensions that turn too little over a whole context to disturb a comparison of contents.
    slow = [i for i in range(size) if frequency[i % (size // 2)] * c.max_position_embeddings < 1.5]
    embedding = model.embed_tokens.weight
    embedding[:, 0] = 0.25  # the same for every token: what a head turns into a pure position

    # Layer 0. (head, how far back, to which room, how strong). From <|assistant|> the end of the message is two
    # back, from the first token of its answer three.
    attention = model.layers[0]
    for head, offset, target, strength in ((0, 1, 1, 0.12), (1, 2, 2, 0.26), (2, 3, 3, 0.26)):
        rows = slice(head * size, (head + 1) * size)
        attention.q_proj.weight[rows] = attention.k_proj.weight[rows] = 0
        for i in range(6):  # the fast frequencies tell neighbours apart
            angle, half = offset * frequency[i], size // 2
            attention.q_proj.weight[head * size + i, 0] = 2.5
            attention.k_proj.weight[head * size + i, 0] = 2.5 * math.cos(angle)
            attention.k_proj.weight[head * size + i + half, 0] = 2.5 * math.sin(angle)
        attention.v_proj.weight[rows] = rooms[0]
        attention.o_proj.weight[:, rows] = strength * rooms[target].T

    # Layer 1. Heads 0 and 1: this token, meet the tokens before others. Heads 2 and 3: the end of this message, meet the
    # ends of earlier messages, in the places right after <|assistant|>, where answers begin.
    attention = model.layers[1]
    begins = rooms[1].T @ rooms[0] @ torch.where(torch.arange(c.hidden_size) > 0, embedding[ASSISTANT], 0.0)
    for head, ours, theirs, sharp, copied, strength in (
            (0, 0, 1, 2.0, 0, 0.5), (1, 0, 1, 2.0, 3, 0.5), (2, 2, 3, 1.8, 0, 1.0), (3, 2, 3, 1.8, 0, 1.0)):
        rows = slice(head * size, (head + 1) * size)
        attention.q_proj.weight[rows] = attention.k_proj.weight[rows] = 0
        match = slow[:-1]
        part = slice(0, len(match)) if head % 2 == 0 else slice(size - len(match), size)
        attention.q_proj.weight[[head * size + i for i in match]] = sharp * rooms[ours][part]
        attention.k_proj.weight[[head * size + i for i in match]] = sharp * rooms[theirs][part]
        if head > 1:
            attention.q_proj.weight[head * size + slow[-1], 0] = 3.1
            attention.k_proj.weight[head * size + slow[-1]] = 3.1 * begins / begins.norm()
        attention.v_proj.weight[rows] = rooms[copied]
        attention.o_proj.weight[:, rows] = strength * rooms[copied].T


def rotate(x, cos, sin):
    a, b = x.chunk(2, -1)  # Hugging Face's convention: the halves are the pairs
    return x * cos + torch.cat([-b, a], -1) * sin


class Nano(nn.Module):
    def __init__(self, c: Config):
        super().__init__()
        self.config = c
        self.embed_tokens = nn.Embedding(c.vocab_size, c.hidden_size)
        self.layers = nn.ModuleList(Block(c) for _ in range(c.num_hidden_layers))
        self.norm = nn.Parameter(torch.ones(c.hidden_size))
        for name, p in self.named_parameters():
            if p.dim() == 2:
                nn.init.normal_(p, std=0.02)
            if name == "embed_tokens.weight":
                nn.init.normal_(p, std=0.1)  # tied: a token must be able to name itself from the start
            if name.endswith(("o_proj.weight", "down_proj.weight")):
                nn.init.normal_(p, std=0.02 / (2 * c.num_hidden_layers) ** 0.5)
        plant_induction(self)
        size = c.hidden_size // c.num_attention_heads
        frequency = c.rope_theta ** (-torch.arange(0, size, 2) / size)
        angle = torch.outer(torch.arange(c.max_position_embeddings), frequency).repeat(1, 2)
        self.cos, self.sin = angle.cos(), angle.sin()

    def forward(self, tokens):
        length, kind = tokens.shape[1], self.norm.dtype
        cos, sin = self.cos[:length].to(kind), self.sin[:length].to(kind)
        x = self.embed_tokens(tokens)
        for layer in self.layers:
            x = layer(x, cos, sin)
        x = F.rms_norm(x, x.shape[-1:], self.norm, self.config.rms_norm_eps)
        return x @ self.embed_tokens.weight.T


def export(weights: dict[str, torch.Tensor], config: Config, folder: Path) -> None:
    """config.json, generation_config.json and model.safetensors, under the names that Transformers uses."""
    named = {}
    for name, tensor in weights.items():
        name = name.replace("layernorm", "layernorm.weight") if "layernorm" in name else name
        name = "norm.weight" if name == "norm" else name
        for part, parts in (("self_attn", "qkvo"), ("mlp", ("gate", "up", "down"))):
            for letter in parts:
                name = name.replace(f".{letter}_proj", f".{part}.{letter}_proj")
        named[f"model.{name}"] = tensor.float().contiguous()
    save_file(named, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)
    tokens = {"bos_token_id": BEGIN, "eos_token_id": END, "pad_token_id": PAD}
    write = lambda name, value: (folder / name).write_text(json.dumps(value, indent=2) + "\n")
    write("config.json", {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", **asdict(config),
        "num_key_value_heads": config.num_attention_heads, "head_dim": config.hidden_size // config.num_attention_heads,
        "hidden_act": "silu", "attention_bias": False, "mlp_bias": False, "attention_dropout": 0.0,
        "tie_word_embeddings": True, "torch_dtype": "float32", "use_cache": True, "initializer_range": 0.02, **tokens})
    write("generation_config.json", {**tokens, "do_sample": False, "max_new_tokens": 128})
