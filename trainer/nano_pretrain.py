# /// script
# requires-python = ">=3.11"
# dependencies = ["torch==2.15.0", "tokenizers==0.23.3", "safetensors==0.8.0", "numpy==2.4.6"]
# ///
"""Pre-train nano from nothing: corpus, tokenizer, curriculum, export.

    uv run trainer/nano_pretrain.py --seed 1 --out models/nano

The corpus is drawn while training: the batch of step n depends on the seed and n only, so a killed run goes on
from its last checkpoint as if nothing had happened.
"""

import argparse
import shutil
import time
from pathlib import Path
from random import Random

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

import nano_tokenizer
from nano_corpus import episode, render
from nano_model import Config, Nano, export
from nano_tokenizer import ASSISTANT, END, SYSTEM

# (stage of the corpus, tokens, context, tokens a step): a few bare words first, everything after.
CURRICULUM = [("word", 0.6e6, 128, 4096), ("words", 1e6, 256, 4096), ("mixture", 10.1e6, 512, 4096),
              ("applied", 9e6, 512, 4096), ("applied", 1e6, 1024, 4096)]
WARMUP, DECAY = 100, 0.20  # steps; share of all steps over which the learning rate falls to zero
MUON_LR, ADAM_LR, WEIGHT_DECAY = 0.005, 1e-3, 0.02  # four times as much washes the planted heads out
PROMPT_WEIGHT = 0.2  # of a token that is not part of an answer; nothing is learnt from answers alone


def plan() -> list[tuple[str, int, int]]:
    """One (what, context, rows) for every step."""
    return [(what, context, batch // context) for what, tokens, context, batch in CURRICULUM
            for _ in range(int(tokens / batch))]


def draw(tokenizer: Tokenizer, seed: int, step: int, what: str, context: int, rows: int) -> torch.Tensor:
    """The batch of a step: rows of whole episodes from position 0, cut at the end of the row."""
    rng, out = Random(f"{seed} {step}"), torch.empty(rows, context + 1, dtype=torch.long)
    for row in out:
        ids: list[int] = []
        while len(ids) <= context:
            ids += tokenizer.encode(render(episode(rng, what)), add_special_tokens=False).ids
        row[:] = torch.tensor(ids[: context + 1])
    return out


def answer_weights(tokens: torch.Tensor) -> torch.Tensor:
    """1 for the tokens of an assistant's answer with its <|end|>, PROMPT_WEIGHT for the rest."""
    marker = (tokens >= SYSTEM) & (tokens <= ASSISTANT)
    place = torch.arange(tokens.shape[1]).expand_as(tokens)
    role = tokens.gather(1, torch.where(marker, place, 0).cummax(1).values)
    answer = (role == ASSISTANT) & ~marker & (tokens >= END)
    return torch.where(answer, 1.0, PROMPT_WEIGHT)


@torch.no_grad()
def orthogonalize(g: torch.Tensor) -> torch.Tensor:
    """Newton-Schulz: the nearest orthogonal matrix, in bfloat16, for a stack of matrices."""
    x = g.bfloat16()
    tall = x.shape[-2] > x.shape[-1]
    x = x.mT if tall else x
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(5):
        a = x @ x.mT
        x = 3.4445 * x + (-4.775 * a + 2.0315 * a @ a) @ x
    return (x.mT if tall else x).float()


class Muon:
    """Momentum, orthogonalised: for the matrices inside the layers, grouped by shape."""

    def __init__(self, params: list[torch.Tensor]):
        self.params, self.buffers = params, [torch.zeros_like(p) for p in params]
        shapes = sorted({tuple(p.shape) for p in params})
        self.groups = [[i for i, p in enumerate(params) if tuple(p.shape) == shape] for shape in shapes]

    @torch.no_grad()
    def step(self, grads: list[torch.Tensor], lr: float) -> None:
        for group in self.groups:
            for i in group:
                self.buffers[i].lerp_(grads[i], 0.05)
            updates = orthogonalize(torch.stack([grads[i].lerp(self.buffers[i], 0.95) for i in group]))
            for i, update in zip(group, updates):
                p = self.params[i]
                p.mul_(1 - lr * WEIGHT_DECAY).add_(update, alpha=-lr * max(1, p.shape[0] / p.shape[1]) ** 0.5)


def rate(step: int, steps: int) -> float:
    """Warm up, stay, and fall to zero at the end."""
    return min((step + 1) / WARMUP, 1.0, (steps - step) / (DECAY * steps))


def save(folder: Path, masters: dict[str, torch.Tensor], tokenizer: Tokenizer) -> None:
    """All files first, then one rename each: a reader never sees half a model."""
    fresh = folder.with_name(folder.name + ".new")
    fresh.mkdir(parents=True, exist_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    export(masters, Config(), fresh)
    nano_tokenizer.save(tokenizer, fresh, Config.max_position_embeddings)
    for file in fresh.iterdir():
        file.replace(folder / file.name)
    fresh.rmdir()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("models/nano"), help="the finished folder")
    parser.add_argument("--work", type=Path, default=Path(".nano-run"), help="tokenizer, checkpoint and log of the run")
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)

    tokenizer_file, checkpoint_file = args.work / "tokenizer.json", args.work / "checkpoint.pt"
    if not tokenizer_file.exists():
        nano_tokenizer.train(args.seed, Config.vocab_size).save(str(tokenizer_file))
    tokenizer = Tokenizer.from_file(str(tokenizer_file))

    # bfloat16 computes, float32 remembers: small updates would be lost in bfloat16 weights.
    model = Nano(Config())
    masters = {name: p.detach().clone() for name, p in model.named_parameters()}
    model = model.bfloat16()
    inner = [name for name, p in masters.items() if p.dim() == 2 and name != "embed_tokens.weight"]
    outer = [name for name in masters if name not in inner]
    muon = Muon([masters[name] for name in inner])
    adam = torch.optim.AdamW([masters[name] for name in outer], lr=ADAM_LR, betas=(0.9, 0.98), weight_decay=0.0)
    live, schedule, first = dict(model.named_parameters()), plan(), 0
    if checkpoint_file.exists():
        saved = torch.load(checkpoint_file)
        first = saved["step"]
        for name, tensor in saved["masters"].items():
            masters[name].copy_(tensor)
        for buffer, tensor in zip(muon.buffers, saved["muon"]):
            buffer.copy_(tensor)
        adam.load_state_dict(saved["adam"])

    def losses_of(x, y, weights):
        losses = F.cross_entropy(model(x).float().flatten(0, 1), y.flatten(), reduction="none").view_as(y)
        return (losses * weights).sum() / weights.sum(), losses.detach()

    # Twice as fast where there is a compiler; the loss is inside, its 2,048 logits a token are a third of the work.
    forward = torch.compile(losses_of, dynamic=False) if shutil.which("g++") else losses_of

    started, done, recent = time.time(), 0, []
    for step in range(first, len(schedule)):
        with torch.no_grad():
            for name, p in live.items():
                p.copy_(masters[name])
        what, context, rows = schedule[step]
        tokens = draw(tokenizer, args.seed, step, what, context, rows)
        x, y = tokens[:, :-1].contiguous(), tokens[:, 1:].contiguous()
        weights = answer_weights(tokens)[:, 1:].contiguous()
        loss, losses = forward(x, y, weights)
        model.zero_grad()
        loss.backward()
        for name in outer:
            masters[name].grad = live[name].grad.float()
        share = rate(step, len(schedule))
        muon.step([live[name].grad.float() for name in inner], MUON_LR * share)
        adam.param_groups[0]["lr"] = ADAM_LR * share
        adam.step()

        recent, done = recent[-49:] + [losses[weights == 1].mean().item()], done + y.numel()
        if step % 50 == 49:
            print(f"{step + 1:6d}/{len(schedule)} {what:8s} {context:4d} loss {loss:.3f} answers "
                  f"{sum(recent) / len(recent):.3f} {done / (time.time() - started):,.0f} tokens/s", flush=True)
        if step % 250 == 249 or step + 1 == len(schedule):
            torch.save({"step": step + 1, "masters": masters, "muon": muon.buffers, "adam": adam.state_dict()},
                       checkpoint_file.with_suffix(".new"))
            checkpoint_file.with_suffix(".new").replace(checkpoint_file)
    save(args.out, masters, tokenizer)


if __name__ == "__main__":
    main()
