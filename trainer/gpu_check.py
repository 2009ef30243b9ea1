"""Does tune.py train a larger model here: LoRA, QLoRA, and on after a kill? By hand, where a GPU is.

    python trainer/gpu_check.py                 on CUDA: a random Llama of about a billion parameters, LoRA and QLoRA
    python trainer/gpu_check.py --small         a small one, also without a GPU; QLoRA is then to be refused

Makes the model from a configuration, with nano's tokenizer, so that nothing is downloaded. Exit status 1 where a loss does
not fall, or a killed run does not end where a whole one does.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig

HERE = Path(__file__).parent
NANO = HERE.parent / "models" / "nano"
SIZES = {  # about 1.1 billion parameters with nano's vocabulary, and about a million
    "large": dict(hidden_size=2048, intermediate_size=5632, num_hidden_layers=22, num_attention_heads=32, num_key_value_heads=4),
    "small": dict(hidden_size=128, intermediate_size=256, num_hidden_layers=4, num_attention_heads=4, num_key_value_heads=2),
}


def make_model(folder: Path, size: str) -> None:
    tokenizer = AutoTokenizer.from_pretrained(NANO)
    torch.manual_seed(0)
    config = LlamaConfig(vocab_size=len(tokenizer), max_position_embeddings=1024, bos_token_id=1, eos_token_id=2, pad_token_id=0,
                         **SIZES[size])
    AutoModelForCausalLM.from_config(config).to(torch.bfloat16 if size == "large" else torch.float32).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def make_job(folder: Path, model: Path, quantization: str | None) -> None:
    folder.mkdir()
    talk = lambda i: {"messages": [{"role": "user", "content": f"number {i}"}, {"role": "assistant", "content": ("even", "odd")[i % 2]}]}
    for name, numbers in (("train", range(64)), ("validation", range(64, 72))):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(talk(i)) + "\n" for i in numbers))
    hyperparameters = dict(epochs=3, batchSize=16, learningRate=1e-3, warmupRatio=0.05, rank=16, alpha=32, dropout=0, weightDecay=0.01,
                           beta=0.1, patience=9)
    if quantization:
        hyperparameters["quantization"] = quantization
    (folder / "job.json").write_text(json.dumps({
        "method": "supervised", "base": {"model": str(model), "name": model.name}, "train": "train.jsonl",
        "validation": "validation.jsonl", "seed": 1, "hyperparameters": hyperparameters, "checkpointSeconds": 0,
        "samples": [talk(99)["messages"][:1]]}))


def run(folder: Path, kill_at: int | None = None) -> list[dict]:
    """The events of a run, which is killed after a step where one is given."""
    process = subprocess.Popen([sys.executable, str(HERE / "tune.py"), str(folder / "job.json")], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True)
    events = []
    for line in process.stdout:
        events.append(json.loads(line))
        if kill_at and events[-1].get("step") == kill_at and events[-1]["type"] == "step":
            os.kill(process.pid, signal.SIGKILL)
    process.wait()
    return events


def check(name: str, model: Path, work: Path, quantization: str | None) -> bool:
    make_job(work / name, model, quantization)
    make_job(work / f"{name}-killed", model, quantization)
    whole = run(work / name)
    steps = [event for event in whole if event["type"] == "step"]
    if whole[-1].get("state") != "succeeded":
        print(f"{name}: {whole[-1].get('error', 'ended without a result')}")
        return False
    run(work / f"{name}-killed", kill_at=7)
    resumed = [event for event in run(work / f"{name}-killed") if event["type"] == "step"]
    gap = abs(resumed[-1]["trainLoss"] - steps[-1]["trainLoss"])
    fell = steps[-1]["trainLoss"] < 0.8 * steps[0]["trainLoss"]
    print(f"{name} on {whole[-1]['device']}: loss {steps[0]['trainLoss']:.3f} to {steps[-1]['trainLoss']:.3f} in {len(steps)} steps, "
          f"{steps[-1]['tokensPerSecond']:,.0f} tokens/s, {steps[-1]['memoryBytes'] / 2**30:.2f} GiB; killed after step 7 and resumed "
          f"from step {resumed[0]['step'] - 1}: last loss off by {gap:.1e}")
    # a GPU adds in another order from run to run
    return fell and gap < (1e-6 if whole[-1]["device"] == "cpu" else 0.05)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", action="store_true")
    args = parser.parse_args()
    size = "small" if args.small or not torch.cuda.is_available() else "large"
    work = Path(tempfile.mkdtemp(prefix="rung-gpu-check-"))
    try:
        model = work / f"{size}-llama"
        make_model(model, size)
        good = check("lora", model, work, None)
        if torch.cuda.is_available():
            good &= check("qlora", model, work, "nf4")
        else:
            make_job(work / "qlora", model, "nf4")
            end = run(work / "qlora")[-1]
            print(f"qlora: {end['error']}")
            good &= end["code"] == "no-gpu"
        return 0 if good else 1
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    sys.exit(main())
