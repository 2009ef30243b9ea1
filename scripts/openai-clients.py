"""The fine-tuning flow of OpenAI's own Python client against `rung serve` on the embedded model.

Usage: python scripts/openai-clients.py NODE
NODE is the Node that runs the command line. Needs the package openai; asks nobody but the server that it starts.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import openai
from openai import OpenAI

root = Path(__file__).resolve().parent.parent


def rows(count, first=0):
    """Conversations in the form that OpenAI documents, as bytes of a JSONL file."""
    words = {"a": "fruit", "b": "animal"}
    nouns = {"a": ["apple", "pear", "plum", "fig"], "b": ["cat", "dog", "hen", "fox"]}
    lines = []
    for index in range(first, first + count):
        kind = "ab"[index % 2]
        lines.append({
            "messages": [
                {"role": "system", "content": "Is it a fruit or an animal?"},
                {"role": "user", "content": f"{nouns[kind][index // 2 % 4]} {index}"},
                {"role": "assistant", "content": words[kind]},
            ]
        })
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def expect(condition, what):
    if not condition:
        raise SystemExit(f"not as expected: {what}")
    print(f"  {what}")


def refused(kind, code, ask):
    """The error that a call ends with; must be of that class and code."""
    try:
        ask()
    except kind as error:
        expect(error.code == code, f"{kind.__name__} {code}")
    else:
        raise SystemExit(f"{code} was not refused")


def flow(client):
    train = client.files.create(file=("train.jsonl", rows(40)), purpose="fine-tune")
    valid = client.files.create(file=("valid.jsonl", rows(8, 100)), purpose="fine-tune")
    expect(client.files.retrieve(train.id).bytes == len(rows(40)), "uploaded file has its size")
    expect(client.files.content(train.id).content == rows(40), "uploaded file comes back as it was")
    expect({file.id for file in client.files.list(purpose="fine-tune", limit=1)} >= {train.id, valid.id}, "files are listed in pages")

    job = client.fine_tuning.jobs.create(
        model="nano",
        training_file=train.id,
        validation_file=valid.id,
        suffix="kinds",
        seed=3,
        metadata={"made": "by a script"},
        method={"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 6, "batch_size": 8}}},
    )
    expect(job.status in ("validating_files", "queued", "running"), f"job {job.id} is {job.status}")
    doomed = client.fine_tuning.jobs.create(model="nano", training_file=train.id, hyperparameters={"n_epochs": 50})
    expect(client.fine_tuning.jobs.cancel(doomed.id).status == "cancelled", "a job is cancelled")

    seen = set()
    while True:
        for event in reversed(client.fine_tuning.jobs.list_events(job.id, limit=50).data):
            if event.id not in seen:
                seen.add(event.id)
                print(f"    {event.level}: {event.message}")
        job = client.fine_tuning.jobs.retrieve(job.id)
        if job.status in ("succeeded", "failed", "cancelled"):
            break
        time.sleep(0.2)
    expect(job.status == "succeeded", f"job ends as {job.status}: {job.error}")
    expect(job.fine_tuned_model.startswith("ft:nano:rung:kinds:"), job.fine_tuned_model)
    everything = list(client.fine_tuning.jobs.list_events(job.id, limit=5))
    expect(len({event.id for event in everything}) == len(everything) and len(everything) >= len(seen), "events are paged through")
    expect([one.id for one in client.fine_tuning.jobs.list(limit=1)][:2] == [doomed.id, job.id], "jobs are listed, newest first")
    expect([one.id for one in client.fine_tuning.jobs.list(metadata={"made": "by a script"})] == [job.id], "jobs are found by metadata")
    checkpoints = list(client.fine_tuning.jobs.checkpoints.list(job.id))
    expect(len(checkpoints) > 0 and checkpoints[0].metrics.valid_loss is not None, f"{len(checkpoints)} checkpoint(s)")
    table = client.files.content(job.result_files[0]).text
    expect(table.startswith("step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy\n"), "the result file is a table of steps")

    messages = [{"role": "system", "content": "Is it a fruit or an animal?"}, {"role": "user", "content": "pear 200"}]
    whole = client.chat.completions.create(model=job.fine_tuned_model, messages=messages, temperature=0, max_tokens=8, logprobs=True)
    text = whole.choices[0].message.content
    expect(text == "fruit", f"the tuned model answers {text!r}")
    expect(whole.usage.total_tokens > 0 and whole.choices[0].logprobs.content[0].logprob <= 0, "with usage and log-probabilities")
    pieces = client.chat.completions.create(model=job.fine_tuned_model, messages=messages, temperature=0, max_tokens=8, stream=True)
    expect("".join(piece.choices[0].delta.content or "" for piece in pieces if piece.choices) == text, "and the same as a stream")
    step = client.chat.completions.create(model=checkpoints[-1].fine_tuned_model_checkpoint, messages=messages, temperature=0, max_tokens=8)
    expect(step.choices[0].message.role == "assistant", "a checkpoint answers")

    few = client.files.create(file=("few.jsonl", rows(9)), purpose="fine-tune")
    failed = client.fine_tuning.jobs.create(model="nano", training_file=few.id)
    while failed.status not in ("failed", "succeeded"):
        failed = client.fine_tuning.jobs.retrieve(failed.id)
    expect(failed.error.code == "invalid_n_examples" and failed.error.param == "training_file", failed.error.message)

    refused(openai.NotFoundError, "model_not_found", lambda: client.chat.completions.create(model="gpt-4o", messages=messages))
    refused(openai.BadRequestError, "model_not_available", lambda: client.fine_tuning.jobs.create(model="gpt-4o", training_file=train.id))
    refused(openai.BadRequestError, "invalid_file", lambda: client.fine_tuning.jobs.create(model="nano", training_file="file-none"))
    refused(openai.NotFoundError, "fine_tune_not_found", lambda: client.fine_tuning.jobs.retrieve("ftjob-none"))
    refused(openai.AuthenticationError, "invalid_api_key", lambda: client.with_options(api_key="another").models.list())
    expect(client.models.retrieve(job.fine_tuned_model).owned_by == "org-rung", "the tuned model is listed")
    expect(client.models.delete(job.fine_tuned_model).deleted, "and deleted")
    expect(client.files.delete(few.id).deleted, "a file is deleted")


def main(node):
    key = "a-key-for-this-script-alone"
    with tempfile.TemporaryDirectory() as state:
        server = subprocess.Popen(
            [node, str(root / "bin" / "rung.js"), "serve", "--state", state, "--port", "0", "--json"],
            env={**os.environ, "RUNG_API_KEY": key},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            ready = json.loads(server.stdout.readline())
            print(f"openai {openai.__version__} against {ready['baseUrl']}")
            flow(OpenAI(base_url=ready["baseUrl"], api_key=key, max_retries=0))
        finally:
            server.terminate()
            code = server.wait(30)
        expect(code == 0, "the server ends when asked to")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(sys.argv[1])
