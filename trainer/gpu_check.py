"""Does tune.py train a larger model here: LoRA, QLoRA, and on after a kill? By hand, where a GPU is.

    python trainer/gpu_check.py                       on CUDA: a random Llama of about a billion parameters, LoRA and QLoRA
    python trainer/gpu_check.py --size small          a million parameters, also without a GPU
    python trainer/gpu_check.py --size medium         130 million: slow without a GPU, and every line but the device is the same

Makes the model from a configuration, with nano's tokenizer, so that nothing is downloaded. Without a GPU the part of QLoRA
runs on the processor where bitsandbytes is installed; without being told so, it is to be refused there. Exit status 1 where a
loss does not fall, a killed run does not end where a whole one does, or the adapter of four bits does not work on all of them.
"""

import argparse
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig

from tune_loss import loss_of_tokens
from tune_rows import rows_of

HERE = Path(__file__).parent
NANO = HERE.parent / "models" / "nano"
SIZES = {  # about 1.1 billion parameters with nano's vocabulary, 130 million, and a million
    "large": dict(hidden_size=2048, intermediate_size=5632, num_hidden_layers=22, num_attention_heads=32, num_key_value_heads=4),
    "medium": dict(hidden_size=1024, intermediate_size=2816, num_hidden_layers=12, num_attention_heads=16, num_key_value_heads=4),
    "small": dict(hidden_size=128, intermediate_size=256, num_hidden_layers=4, num_attention_heads=4, num_key_value_heads=2),
}
KILLED_AT = 7  # of 12 steps
FALLEN = 0.9  # the share of the first loss under which the last must be
TALKS = [{"messages": [{"role": "user", "content": f"number {i}"}, {"role": "assistant", "content": ("even", "odd")[i % 2]}]}
         for i in range(100)]


def make_model(folder: Path, size: str) -> None:
    tokenizer = AutoTokenizer.from_pretrained(NANO)
    torch.manual_seed(0)
    config = LlamaConfig(vocab_size=len(tokenizer), max_position_embeddings=1024, bos_token_id=1, eos_token_id=2, pad_token_id=0,
                         **SIZES[size])
    model = AutoModelForCausalLM.from_config(config)
    print(f"model: {sum(p.numel() for p in model.parameters()) / 1e6:,.1f} million random parameters", flush=True)
    model.to(torch.bfloat16 if size == "large" else torch.float32).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def make_job(folder: Path, model: Path, more: dict) -> None:
    folder.mkdir()
    for name, talks in (("train", TALKS[:64]), ("validation", TALKS[64:72])):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(talk) + "\n" for talk in talks))
    hyperparameters = dict(epochs=3, batchSize=16, learningRate=1e-3, warmupRatio=0.05, rank=16, alpha=32, dropout=0, weightDecay=0.01,
                           beta=0.1, patience=9)
    if more.get("quantization"):
        hyperparameters["quantization"] = more["quantization"]
    (folder / "job.json").write_text(json.dumps({
        "method": "supervised", "base": {"model": str(model), "name": model.name}, "train": "train.jsonl",
        "validation": "validation.jsonl", "seed": 1, "hyperparameters": hyperparameters, "checkpointSeconds": 0,
        "samples": [TALKS[99]["messages"][:1]], **({"device": more["device"]} if more.get("device") else {})}))


def run(folder: Path, kill_at: int | None = None) -> list[dict]:
    """The events of a run, which is killed after a step where one is given."""
    events = []
    with open(folder / "errors.txt", "a") as errors:
        process = subprocess.Popen([sys.executable, str(HERE / "tune.py"), str(folder / "job.json")], stdout=subprocess.PIPE,
                                   stderr=errors, text=True)
        for line in process.stdout:
            events.append(json.loads(line))
            if kill_at and events[-1]["type"] == "step" and events[-1]["step"] == kill_at:
                os.kill(process.pid, signal.SIGKILL)
        process.wait()
    return events


def steps_of(events: list[dict]) -> list[dict]:
    return [event for event in events if event["type"] == "step"]


def said(folder: Path, events: list[dict]) -> str:
    """Why a run gave no result: its own word, else the last line of its errors."""
    last = events[-1] if events else {}
    errors = (folder / "errors.txt").read_text().strip().splitlines()
    return last.get("error") or f"ended without a result after {len(steps_of(events))} steps: {errors[-1] if errors else 'it said nothing'}"


def check(name: str, model: Path, work: Path, **more) -> bool:
    whole_folder, killed_folder = work / name, work / f"{name}-killed"
    make_job(whole_folder, model, more)
    make_job(killed_folder, model, more)
    whole = run(whole_folder)
    if not whole or whole[-1].get("state") != "succeeded":
        print(f"{name}: {said(whole_folder, whole)}")
        return False
    killed = run(killed_folder, kill_at=KILLED_AT)
    again = run(killed_folder)
    if steps_of(killed)[-1:] == steps_of(whole)[-1:] or not again or again[-1].get("state") != "succeeded":
        print(f"{name}: killed and started again, it {said(killed_folder, again)}")
        return False
    steps, resumed, device = steps_of(whole), steps_of(again), whole[-1]["device"]
    gap = abs(resumed[-1]["trainLoss"] - steps[-1]["trainLoss"])
    fell = steps[-1]["trainLoss"] < FALLEN * steps[0]["trainLoss"]
    print(f"{name} on {device}: loss {steps[0]['trainLoss']:.3f} to {steps[-1]['trainLoss']:.3f} in {len(steps)} steps, "
          f"{steps[-1]['tokensPerSecond']:,.0f} tokens/s, {steps[-1]['memoryBytes'] / 2**30:.2f} GiB; killed after step {KILLED_AT} and "
          f"resumed from step {resumed[0]['step'] - 1}: last loss off by {gap:.1e}", flush=True)
    # a GPU, and what computes in four bits, adds in another order from run to run
    exact = device == "cpu" and not more.get("quantization")
    return fell and gap < (1e-6 if exact else 0.05) and on_whole_base(name, model, whole_folder / "checkpoints")


@torch.no_grad()
def on_whole_base(name: str, model: Path, checkpoints: Path) -> bool:
    """The adapter on the base as it is on disk, in all its bits: it must have learnt there too."""
    adapter = max(checkpoints.iterdir(), key=lambda folder: int(folder.name.removeprefix("step-")))
    tokenizer = AutoTokenizer.from_pretrained(model)
    parts = rows_of("supervised", tokenizer, TALKS[:64], 1024, "training")
    base = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32).eval()
    tuned = PeftModel.from_pretrained(base, adapter).eval()
    after = loss_of_tokens(tuned, parts, {}, None)
    with tuned.disable_adapter():
        before = loss_of_tokens(tuned, parts, {}, None)
    losses = float(before.total) / before.units, float(after.total) / after.units
    print(f"{name}: on the base in 32 bits the adapter takes the loss from {losses[0]:.3f} to {losses[1]:.3f}", flush=True)
    return losses[1] < FALLEN * losses[0]


def refused(model: Path, work: Path) -> bool:
    """Four bits where there is no GPU, and nobody said that the processor is to do it."""
    folder = work / "qlora-refused"
    make_job(folder, model, {"quantization": "nf4"})
    events = run(folder)
    print(f"qlora, no device named: {said(folder, events)}", flush=True)
    return bool(events) and events[-1].get("code") == "no-gpu"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=list(SIZES), default="large" if torch.cuda.is_available() else "small")
    parser.add_argument("--only", choices=["lora", "qlora"], help="one of the two parts")
    args = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="rung-gpu-check-"))
    try:
        model = work / f"{args.size}-llama"
        make_model(model, args.size)
        good = args.only == "qlora" or check("lora", model, work)
        if args.only != "lora":
            if not torch.cuda.is_available():
                good &= refused(model, work)
            if torch.cuda.is_available():
                good &= check("qlora", model, work, quantization="nf4")
            elif importlib.util.find_spec("bitsandbytes"):
                good &= check("qlora", model, work, quantization="nf4", device="cpu")
            else:
                print("qlora on the processor: passed over, since bitsandbytes is not installed")
        return 0 if good else 1
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
