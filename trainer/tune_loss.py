"""The loss of a step of tune.py: forward passes over as many rows as memory holds, and what is learnt of them."""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from tune_events import tell
from tune_model import device_of, recompute
from tune_rows import Refusal, Row


def padded(rows: list[Row], device) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    width = max(len(row.ids) for row in rows)
    fill = lambda values: torch.tensor([list(v) + [0] * (width - len(v)) for v in values], device=device)
    return fill(r.ids for r in rows), fill([1] * len(r.ids) for r in rows), fill(r.learnt for r in rows).bool()


def token_losses(model, rows: list[Row]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """−ln p of every learnt token of the rows, which row it is of, and whether the model would have written it."""
    ids, mask, learnt = padded(rows, model.device)
    logits = model(input_ids=ids, attention_mask=mask).logits[:, :-1]
    counts = learnt[:, 1:]
    logits, targets = logits[counts].float(), ids[:, 1:][counts]
    row = torch.arange(len(rows), device=ids.device)[:, None].expand_as(counts)[counts]
    return F.cross_entropy(logits, targets, reduction="none"), row, logits.argmax(-1) == targets


def answer_losses(model, rows: list[Row]) -> tuple[torch.Tensor, torch.Tensor]:
    """−ln p of the learnt tokens of each row together, and how many of them the model would have written."""
    losses, row, right = token_losses(model, rows)
    zeros = torch.zeros(len(rows), device=losses.device)
    return zeros.index_add(0, row, losses), zeros.index_add(0, row, right.float())


@dataclass
class Loss:
    total: torch.Tensor  # over the units
    units: int  # learnt tokens, or pairs
    right: int  # tokens that the model would have written, of a pair those of the chosen answer
    tokens: int


def loss_of_tokens(model, parts: list[list[Row]], _job, _reference) -> Loss:
    """For conversations and raw text."""
    losses, _, right = token_losses(model, [row for part in parts for row in part])
    return Loss(losses.sum(), len(losses), int(right.sum()), len(losses))


def loss_of_pairs(model, parts: list[list[Row]], job: dict, reference: list[torch.Tensor]) -> Loss:
    """DPO (Rafailov et al. 2023, equation 7): −ln σ(β · how much more the model came to prefer the chosen answer)."""
    losses, right = answer_losses(model, [row for part in parts for row in part])
    moved = torch.stack(reference).to(losses.device) - losses.view(-1, 2)
    total = -F.logsigmoid(job["hyperparameters"]["beta"] * (moved[:, 0] - moved[:, 1])).sum()
    return Loss(total, len(parts), int(right[::2].sum()), sum(learnt_tokens(part[:1]) for part in parts))


def learnt_tokens(rows: list[Row]) -> int:
    return sum(sum(row.learnt[1:]) for row in rows)


def mean_loss(model, job: dict, data: list[list[Row]], reference: list[torch.Tensor] | None) -> Loss | None:
    """Over all rows, without learning from them."""
    return within_memory(model, job, data, range(len(data)), lambda group: loss_of(model, group, job, data, reference))


def learn(model, job: dict, data: list[list[Row]], batch: list[int], reference: list[torch.Tensor] | None, units: int) -> Loss:
    """The loss of a step, with its gradients summed over the passes that memory allows."""
    def one(group: list[int]) -> Loss:
        part = loss_of(model, group, job, data, reference)
        (part.total / units).backward()
        part.total = part.total.detach()
        return part

    return within_memory(model, job, data, batch, one)


def within_memory(model, job: dict, data: list[list[Row]], indices: Iterable[int], one) -> Loss | None:
    """The sum of what `one` gives for each pass; where memory ends all of it again in smaller passes, which give the same sum."""
    while True:
        try:
            whole = None
            for group in passes(indices, data, job["tokensPerPass"]):
                part = one(group)
                whole = part if whole is None else add(whole, part)
            return whole
        except torch.OutOfMemoryError:
            pass  # left before anything is done about it: the fault holds on to what was computed
        make_smaller(model, job, max(padded_tokens(group, data) for group in passes(indices, data, job["tokensPerPass"])),
                     max(padded_tokens([i], data) for i in indices))


def make_smaller(model, job: dict, now: int, least: int) -> None:
    """Halves the passes, then has layers recomputed; refuses where neither is left. `least` is the largest single row's tokens."""
    model.zero_grad()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    if now > least:
        job["tokensPerPass"] = max(least, now // 2)
        tell(f"The memory did not hold a pass of {now:,} tokens. It goes on with {job['tokensPerPass']:,}, which learns the same; "
             f"tokensPerPass: {job['tokensPerPass']} under trainers.peft says so from the start.", "warning")
    elif not job.get("recompute"):
        job["recompute"] = True
        recompute(model)
        tell(f"The memory did not hold one row of {least:,} tokens. It goes on and computes layers again on the way back, which "
             "learns the same and takes longer; recompute: true under trainers.peft says so from the start.", "warning")
    else:
        raise Refusal(f"The device {device_of(job)} has not enough memory for one row of {least:,} tokens.",
                      "Drop or shorten the longest rows, take a smaller model, or quantization: nf4 on an NVIDIA GPU.", "no-memory")


def padded_tokens(group: list[int], data: list[list[Row]]) -> int:
    return max(len(row.ids) for i in group for row in data[i]) * sum(len(data[i]) for i in group)


def add(a: Loss, b: Loss) -> Loss:
    return Loss(a.total + b.total, a.units + b.units, a.right + b.right, a.tokens + b.tokens)


def loss_of(model, group: list[int], job: dict, data: list[list[Row]], reference: list[torch.Tensor] | None) -> Loss:
    method = loss_of_pairs if job["method"] == "preference" else loss_of_tokens
    return method(model, [data[i] for i in group], job, [reference[i] for i in group] if reference else [])


def passes(indices: Iterable[int], data: list[list[Row]], most: int) -> list[list[int]]:
    """The rows of a step in groups whose padded tokens fit the memory, the longest rows first."""
    length = lambda i: max(len(row.ids) for row in data[i])
    groups: list[list[int]] = []
    for i in sorted(indices, key=lambda i: (-length(i), i)):
        width = length(groups[-1][0]) if groups else 0
        if groups and width * sum(len(data[j]) for j in [*groups[-1], i]) <= most:
            groups[-1].append(i)
        else:
            groups.append([i])
    return groups


@torch.no_grad()
def reference_of(model, job: dict, data: list[list[Row]]) -> list[torch.Tensor]:
    """What the model that training begins with says of each pair: the adapter has not moved yet, or is the one to go on from."""
    model.eval()
    found: dict[int, torch.Tensor] = {}
    for group in passes(range(len(data)), data, job["tokensPerPass"]):
        losses, _ = answer_losses(model, [row for i in group for row in data[i]])
        found |= dict(zip(group, losses.view(-1, 2).cpu()))
    return [found[i] for i in range(len(data))]
