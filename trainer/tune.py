# /// script
# requires-python = ">=3.11,<3.15"
# dependencies = ["torch==2.15.0", "transformers==5.23.0", "peft==0.21.2", "accelerate==1.15.0", "safetensors==0.8.0",
#   "huggingface-hub==2.4.0", "bitsandbytes==0.50.2; platform_system != 'Darwin'"]
# ///
"""Tune a causal language model with LoRA or QLoRA on conversations, preferences or raw text.

    uv run trainer/tune.py job.json             trains; the same job that was killed goes on where it was
    uv run trainer/tune.py job.json --check     says what would make it fail, without loading weights

docs/training-peft.md describes job.json and the lines of JSON that come out, one event each. A plain loop: rows to tokens
(tune_rows.py), a forward pass and the loss over what is learnt (tune_loss.py), AdamW, a checkpoint. Losses are summed over a step and
divided once, so that neither padding nor how a step is cut into passes changes them.
"""

import argparse
import importlib.util
import json
import math
import os
import shutil
import signal
import sys
import time
import traceback
from pathlib import Path

try:
    import fcntl
    import resource
except ImportError:  # Windows has neither
    fcntl = resource = None

from tune_events import say, tell

ABSENT = [name for name in ("torch", "transformers", "peft", "accelerate") if importlib.util.find_spec(name) is None]
if ABSENT:
    say("end", state="failed", code="packages", error=f"{sys.executable} lacks {' and '.join(ABSENT)}.",
        hint=f"{sys.executable} -m pip install -r {Path(__file__).with_name('requirements.txt')}")
    sys.exit(3)

if __name__ == "__main__":
    os.dup2(2, 1)  # from here on stdout is for events: what libraries print goes to stderr
    say("started")  # the imports below take seconds

import torch
from peft import get_peft_model_state_dict, set_peft_model_state_dict
from safetensors.torch import load_file

from tune_answers import Request, answer, context_of
from tune_loss import learn, learnt_tokens, mean_loss, padded_tokens, passes, reference_of
from tune_model import (base_commit, config_of, device_of, dtype_of, in_four_bits, load_model, memory_needed, notes_on_template,
                        refuse_device, refuse_memory, save_adapter, sizes, tokenizer_of)
from tune_rows import Refusal, render, rows_of

WATCHER_AWAY = 30.0  # seconds without a sign of life
LARGEST_GRADIENT = 1.0


# -- The schedule ------------------------------------------------------------------------------------------------------


def uniform(seed: int, counter: int) -> float:
    """A number in [0, 1) that is fixed by a seed and a counter: two rounds of the finaliser of MurmurHash3."""
    word = 0xFFFFFFFF

    def mix(value: int) -> int:
        value = (value ^ 0x5BD1E995) & word
        value = (value ^ value >> 16) * 0x85EBCA6B & word
        value = (value ^ value >> 13) * 0xC2B2AE35 & word
        return value ^ value >> 16

    return mix(mix(seed & word) ^ (counter + 1) * 0x9E3779B1 & word) / 2**32


def order_of(seed: int, epoch: int, rows: int) -> list[int]:
    """The rows of an epoch, counted from 0, in the order in which the embedded trainer takes them: Fisher-Yates by the seed."""
    order = list(range(rows))
    for i in range(rows - 1, 0, -1):
        j = int(uniform(seed + epoch * 7919, i) * (i + 1))
        order[i], order[j] = order[j], order[i]
    return order


def learning_rate(step: int, total: int, h: dict) -> float:
    """A linear rise over the warm-up, then half a cosine down to nothing after the last step; steps count from 1."""
    warm = math.ceil(total * h["warmupRatio"])
    if step <= warm:
        return h["learningRate"] * step / warm
    return h["learningRate"] * (1 + math.cos(math.pi * (step - 1 - warm) / max(total - warm, 1))) / 2


def memory_of(device: torch.device) -> int | None:
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated()
    if device.type == "mps":
        return torch.mps.driver_allocated_memory()
    if resource is None:
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


# -- Checkpoints -------------------------------------------------------------------------------------------------------


def save_whole(value, file: Path) -> None:
    """The old file or the new one, whatever happens in between."""
    fresh = file.with_suffix(".new")
    with open(fresh, "wb") as out:
        torch.save(value, out)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)


def save_checkpoint(file: Path, model, optimiser, state: dict) -> None:
    save_whole({"state": state, "adapter": get_peft_model_state_dict(model), "optimiser": optimiser.state_dict(),
                "random": torch.get_rng_state(), "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []}, file)


def load_checkpoint(file: Path, model, optimiser, state: dict) -> None:
    if not file.exists():
        return
    saved = torch.load(file, map_location="cpu", weights_only=True)
    set_peft_model_state_dict(model, saved["adapter"])
    optimiser.load_state_dict(saved["optimiser"])
    torch.set_rng_state(saved["random"])
    if saved["cuda"]:
        torch.cuda.set_rng_state_all(saved["cuda"])
    state |= saved["state"]


# -- Whoever watches ---------------------------------------------------------------------------------------------------


class Watcher:
    """Judges evaluations by the task's metric, through a file of answers; without one, the validation loss is the judge."""

    def __init__(self, job: dict, state: dict):
        self.file = Path(job["answers"]) if job.get("answers") else None
        self.sign_of_life = Path(job["watcher"]) if job.get("watcher") else None
        self.patience, self.state = job["hyperparameters"]["patience"], state

    def answer_to(self, step: int) -> dict | None:
        if self.file is None or not self.file.exists():
            return None
        said = [json.loads(line) for line in self.file.read_text().split("\n")[:-1] if line]
        return next((a for a in reversed(said) if a["step"] == step or not a["continue"]), None)

    def is_there(self) -> bool:
        try:
            return time.time() - self.sign_of_life.stat().st_mtime < WATCHER_AWAY
        except OSError:
            return False

    def judge(self, step: int, loss: float | None, stopping) -> dict | None:
        """Whether to go on, and the best step so far; None where nobody is there to say it."""
        if self.file is not None:
            while (said := self.answer_to(step)) is None and self.is_there() and not stopping():
                time.sleep(0.05)
            return said
        best = self.state.get("best")
        if loss is None or best is None or loss < best["loss"]:
            self.state |= {"best": {"step": step, "loss": loss}, "without_gain": 0}
        else:
            self.state["without_gain"] += 1
        self.state["verdict"] = {"step": step, "continue": self.state["without_gain"] < self.patience, "best": self.state["best"]["step"]}
        return self.state["verdict"]


# -- Training ----------------------------------------------------------------------------------------------------------


def read_rows(file: str) -> list[dict]:
    with open(file, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def prepare(job: dict):
    """Everything that can go wrong before weights are loaded: config, tokenizer, rows, disk."""
    refuse_device(job)
    config, tokenizer = config_of(job), tokenizer_of(job)
    for note in notes_on_template(tokenizer, job) if job["method"] != "pretraining" else []:
        tell(note)
    context = job.get("contextLength") or context_of(config)
    train = rows_of(job["method"], tokenizer, read_rows(job["train"]), context, "training")
    validation = rows_of(job["method"], tokenizer, read_rows(job["validation"]), context, "validation")
    size = sizes(job, config)
    refuse_memory(job, size)
    h = job["hyperparameters"]
    steps_per_epoch = math.ceil(len(train) / h["batchSize"])
    total = math.ceil(steps_per_epoch * h["epochs"])
    every = h.get("evaluateEvery") or steps_per_epoch
    # an adapter for each evaluation; a checkpoint holds one with two moments, and is written beside the last
    needed, free = size["adapter"] * (math.ceil(total / every) + 6), shutil.disk_usage(job["folder"]).free
    if needed > free:
        raise Refusal(f"Checkpoints need {needed / 1e9:.2f} GB of disk, and {free / 1e9:.2f} GB are free.",
                      "Make room, evaluate less often, or take a smaller rank.", "no-disk")
    return tokenizer, train, validation, dict(steps_per_epoch=steps_per_epoch, total=total, every=every, size=size, config=config)


def check(job: dict) -> None:
    tokenizer, train, _, plan = prepare(job)
    rows = [row for parts in train for row in parts]
    tokens = sum(len(row.ids) for row in rows)
    largest = max(padded_tokens(group, train) for group in passes(range(len(train)), train, job["tokensPerPass"]))
    say("checked", tokens=tokens, learntTokens=learnt_tokens(rows), longestRow=max(len(row.ids) for row in rows),
        totalSteps=plan["total"], adapterBytes=plan["size"]["adapter"],
        memoryBytes=memory_needed(job, plan["config"], plan["size"], largest), revision=base_commit(job), device=device_of(job),
        dtype=str(dtype_of(job)).split(".")[-1],
        firstRow=[{"text": tokenizer.decode([token]), "learnt": learnt} for token, learnt in zip(rows[0].ids, rows[0].learnt)])


def train(job: dict) -> None:
    stops: list[int] = []
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda number, _: stops.append(number))
    folder, h = Path(job["folder"]), job["hyperparameters"]
    lock = open(folder / "lock", "w")
    if fcntl:  # a job that runs already is left alone; the lock falls with its process
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
    (folder / "process.pid").write_text(str(os.getpid()))
    tokenizer, rows, validation, plan = prepare(job)
    if job.get("threads"):
        torch.set_num_threads(job["threads"])
    model = load_model(job)
    total, every, checkpoint = plan["total"], plan["every"], folder / "checkpoint.pt"
    trained = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=h["learningRate"], betas=(0.9, 0.999), eps=1e-8, weight_decay=h["weightDecay"])
    state = {"step": 0, "seconds": 0.0, "tokens": 0, "learnt": 0, "without_gain": 0, "best": None, "evaluated": 0, "verdict": None}
    reference = references(model, job, rows, validation, folder)
    load_checkpoint(checkpoint, model, optimiser, state)
    watcher = Watcher(job, state)
    if commit := base_commit(job):
        tell(f"The base model is {job['base']['model']} at the commit {commit}.")
    say("begun", step=state["step"], totalSteps=total, device=str(model.device), dtype=str(dtype_of(job)).split(".")[-1],
        threads=torch.get_num_threads())

    begun, saved, first, first_tokens = time.monotonic(), time.monotonic(), state["step"], state["tokens"]
    earlier, verdict = state["seconds"], watcher.answer_to(state["evaluated"]) or state["verdict"]
    while state["step"] < total and (verdict is None or verdict["continue"]):
        if stops:
            save_checkpoint(checkpoint, model, optimiser, state)
            say("end", state="cancelled", step=state["step"])
            return
        step = state["step"] + 1
        epoch, place = divmod(step - 1, plan["steps_per_epoch"])
        batch = order_of(job["seed"], epoch, len(rows))[place * h["batchSize"] : (place + 1) * h["batchSize"]]
        rate = optimiser.param_groups[0]["lr"] = learning_rate(step, total, h)
        model.train()
        optimiser.zero_grad()
        pairs = job["method"] == "preference"
        units = len(batch) if pairs else sum(learnt_tokens(rows[i]) for i in batch)
        done = learn(model, job, rows, batch, reference and reference[0], units)
        loss = done.total.item() / units
        norm = torch.nn.utils.clip_grad_norm_(trained, LARGEST_GRADIENT).item()
        if not math.isfinite(loss) or not math.isfinite(norm):
            raise Refusal(f"The loss of step {step} is not a number.", "Take a lower learning rate.", "diverged")
        optimiser.step()

        seconds = time.monotonic() - begun
        tokens = sum(len(r.ids) for i in batch for r in rows[i])
        state |= {"step": step, "seconds": earlier + seconds, "tokens": state["tokens"] + tokens,
                  "learnt": state["learnt"] + sum(learnt_tokens(rows[i]) for i in batch)}
        say("step", step=step, totalSteps=total, epoch=epoch + 1, trainLoss=loss, learningRate=rate,
            tokenAccuracy=done.right / done.tokens, gradientNorm=norm,
            tokensPerSecond=(state["tokens"] - first_tokens) / seconds, memoryBytes=memory_of(model.device),
            secondsLeft=(total - step) * seconds / (step - first))
        if step % every == 0 or step == total:
            verdict = evaluate(model, job, validation, reference, watcher, state, lambda: bool(stops))
            state["seconds"] = earlier + time.monotonic() - begun
            if stops and verdict is None:
                continue  # what was not judged is done again from the last checkpoint
        elif time.monotonic() - saved < job["checkpointSeconds"]:
            continue
        save_checkpoint(checkpoint, model, optimiser, state)
        saved = time.monotonic()

    if verdict is None:  # trained to the end, and nobody has said which checkpoint is the best
        say("end", state="unjudged", step=state["step"], seconds=state["seconds"])
        return
    set_peft_model_state_dict(model, load_file(folder / "checkpoints" / f"step-{verdict['best']}" / "adapter_model.safetensors"))
    say("end", state="succeeded", step=state["step"], bestStep=verdict["best"], seconds=state["seconds"],
        trainedTokens=state["learnt"], samples=samples(model, tokenizer, job), device=str(model.device))


def references(model, job: dict, rows, validation, folder: Path):
    """For preferences, kept on disk: once training has begun, the model it began with is gone."""
    if job["method"] != "preference":
        return None
    file = folder / "reference.pt"
    if not file.exists():
        save_whole([torch.stack(reference_of(model, job, part)) if part else torch.zeros(0, 2) for part in (rows, validation)], file)
    return [list(part) for part in torch.load(file, weights_only=True)]


@torch.no_grad()
def evaluate(model, job: dict, validation, reference, watcher: Watcher, state: dict, stopping) -> dict | None:
    """Writes the adapter as it is, tells of it and of the validation loss, and hears whether to go on."""
    model.eval()
    found = mean_loss(model, job, validation, reference and reference[1])
    mean = found and found.total.item() / found.units
    step = state["step"]
    adapter = Path(job["folder"]) / "checkpoints" / f"step-{step}"
    adapter.parent.mkdir(exist_ok=True)
    save_adapter(model, adapter, job["base"]["name"], base_commit(job))
    say("evaluation", step=step, validationLoss=mean, tokenAccuracy=found and found.right / found.tokens,
        adapter=str(adapter))
    verdict = watcher.judge(step, mean, stopping)
    state["evaluated"] = step
    return verdict


def samples(model, tokenizer, job: dict) -> list[dict]:
    """Greedy answers of the tuned model that come to an end, to hold a server of it against."""
    talks = job.get("samples") or []
    if not talks:
        return []
    model.eval()
    answers = answer(model, tokenizer, [Request(talk, most=64) for talk in talks])
    return [{"messages": talk, "text": a.text, "logProbability": sum(a.log_probabilities), "tokens": len(a.tokens),
             "endLogProbability": a.log_probabilities[-1], "rendered": render(tokenizer, talk, answer_next=True),
             "promptTokens": len(a.prompt), "margin": a.margin} for talk, a in zip(talks, answers) if a.finish == "stop"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("job", type=Path)
    parser.add_argument("--check", action="store_true", help="load no weights; say what would make the job fail")
    args = parser.parse_args()
    job = {"tokensPerPass": 8192, "checkpointSeconds": 60, "folder": ".", **json.loads(args.job.read_text(encoding="utf-8"))}
    job.setdefault("recompute", in_four_bits(job))  # memory is what four bits are taken for
    os.chdir(args.job.resolve().parent)  # its files are named from there
    row = None
    try:
        (check if args.check else train)(job)
        return None
    except Refusal as refusal:
        error, hint, code, row = str(refusal), refusal.hint, refusal.code, getattr(refusal, "row", None)
    except torch.OutOfMemoryError:
        error, code = "The GPU has not enough memory for the model.", "no-memory"
        hint = "See that nothing else runs on it, take a smaller model, dtype: bfloat16, or quantization: nf4."
    except OSError as problem:
        error, hint, code = f"A file could not be read or written: {problem}", "Make room on the disk, or correct its rights.", "files"
    except Exception as problem:
        traceback.print_exc()
        error, hint, code = f"{type(problem).__name__}: {problem}", "The end of errors.txt in the job's folder says where.", "unexpected"
    say("end", state="failed", error=error, hint=hint, code=code, **({"row": row} if row else {}))
    return 3


if __name__ == "__main__":
    sys.exit(main())
