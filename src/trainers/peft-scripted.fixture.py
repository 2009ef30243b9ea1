"""Speaks the lines of trainer/tune.py with the standard library alone: the "model" is one number that falls.

The seed says how it fares: 7 dies once at step 7, 8 dies at step 7 whenever it gets there, 9 writes garbage between its
events, 10 hangs at step 3, 11 has no space for its first checkpoint, 12 dies before it says a word, 13 takes a hundredth of
a second for a step.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

job = json.loads(Path(sys.argv[1]).read_text())
os.chdir(Path(sys.argv[1]).parent)
h, seed, rows = job["hyperparameters"], job["seed"], Path(job["train"]).read_text().count("\n")
stops = []
signal.signal(signal.SIGTERM, lambda number, _: stops.append(number))


def say(type, **fields):
    print(json.dumps({"type": type, **fields}), flush=True)


def fail(error, hint):
    say("end", state="failed", error=error, hint=hint, code="rows")
    sys.exit(3)


if seed == 12:
    sys.exit("nothing works")
say("started")
if rows == 0:
    fail("There are no training rows.", "Give at least one.")
per_epoch = -(-rows // h["batchSize"])
total = per_epoch * h["epochs"]
if "--check" in sys.argv:
    say("checked", tokens=rows * 10, learntTokens=rows, longestRow=10, totalSteps=total, device="cpu",
        firstRow=[{"text": "yes", "learnt": True}])
    sys.exit()
Path("process.pid").write_text(str(os.getpid()))

saved = Path("checkpoint.json")
state = json.loads(saved.read_text()) if saved.exists() else {"step": 0, "weight": 1.0, "answer": None}


def save():
    Path("checkpoint.new").write_text(json.dumps(state))
    os.replace("checkpoint.new", saved)


def answer_to(step):
    file = Path("answers.jsonl")
    said = [json.loads(line) for line in file.read_text().split("\n")[:-1]] if file.exists() else []
    return next((a for a in said if a["step"] == step), None)


def watched():
    return time.time() - os.stat("watcher").st_mtime < 30


say("begun", step=state["step"], device="cpu")
while state["step"] < total and (state["answer"] is None or state["answer"]["continue"]):
    if stops:
        save()
        say("end", state="cancelled")
        sys.exit()
    step = state["step"] + 1
    if seed == 8 and step == 7 or seed == 7 and step == 7 and not Path("died").exists():
        Path("died").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if seed == 9:
        print("Loading weights: 100%\n{\"type\": \"step\"}\n", end="", flush=True)
    while seed == 10 and step == 3 and not stops:
        time.sleep(0.02)
    if seed == 13:
        time.sleep(0.01)
    state |= {"step": step, "weight": state["weight"] * 0.9}
    say("step", step=step, totalSteps=total, epoch=(step - 1) // per_epoch + 1, trainLoss=state["weight"], learningRate=0.1)
    if step % (h.get("evaluateEvery") or per_epoch) and step != total:
        continue
    if seed == 11:
        fail("A file could not be written: [Errno 28] No space left on device", "Make room on the disk.")
    adapter = Path("checkpoints") / f"step-{step}"
    adapter.mkdir(parents=True, exist_ok=True)
    (adapter / "adapter_config.json").write_text('{"peft_type": "LORA"}')
    (adapter / "adapter_model.safetensors").write_text(str(state["weight"]))
    say("evaluation", step=step, validationLoss=2 * state["weight"], adapter=str(adapter))
    while (answer := answer_to(step)) is None and watched() and not stops:
        time.sleep(0.01)
    if stops and answer is None:
        continue
    state["answer"] = answer
    save()
if state["answer"] is None:
    say("end", state="unjudged")
else:
    best = Path("checkpoints") / f"step-{state['answer']['best']}" / "adapter_model.safetensors"
    samples = [{"messages": talk, "text": best.read_text(), "logProbability": -1, "tokens": 2, "margin": 0.5} for talk in job["samples"]]
    say("end", state="succeeded", seconds=1.5, trainedTokens=state["step"], samples=samples)
