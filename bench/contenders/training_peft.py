"""PyTorch + PEFT on the rows of the training bench: python training_peft.py INPUTS.json FORM THREADS prints one line of JSON.

FORM: `padded` is what most trainers do, a batch padded to its longest row with the model's own loss over all positions;
`judged` computes the output head only where a token is learnt; `packed` lays the rows end to end without padding,
position ids telling them apart.
"""

import json
import resource
import sys
import time

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

torch.set_num_threads(int(sys.argv[3]))
inputs = json.load(open(sys.argv[1]))
form = sys.argv[2]
base = AutoModelForCausalLM.from_pretrained(inputs["model"], dtype=torch.float32, attn_implementation="sdpa")
model = PeftModel.from_pretrained(base, inputs["adapter"], is_trainable=True)
model.train()
llama = model.base_model.model
trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
optimiser = torch.optim.AdamW(trained, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=inputs["weightDecay"])


def padded(rows):
    longest = max(len(row["tokens"]) for row in rows)
    ids = torch.zeros((len(rows), longest), dtype=torch.long)
    labels = torch.full((len(rows), longest), -100, dtype=torch.long)
    attention = torch.zeros((len(rows), longest), dtype=torch.long)
    for index, row in enumerate(rows):
        count = len(row["tokens"])
        ids[index, :count] = torch.tensor(row["tokens"])
        attention[index, :count] = 1
        learnt = torch.tensor(row["mask"], dtype=torch.bool)
        labels[index, :count][learnt] = ids[index, :count][learnt]
    return ids, labels, attention


def packed(rows):
    ids = torch.tensor([[token for row in rows for token in row["tokens"]]])
    positions = torch.tensor([[place for row in rows for place in range(len(row["tokens"]))]])
    learnt = torch.tensor([[bool(flag) and place > 0 for row in rows for place, flag in enumerate(row["mask"])]])
    return ids, ids.masked_fill(~learnt, -100), positions


def head_loss(hidden, labels):
    wanted = labels[:, 1:] != -100
    logits = llama.lm_head(hidden[:, :-1][wanted])
    return torch.nn.functional.cross_entropy(logits, labels[:, 1:][wanted])


def loss_of(rows):
    if form == "packed":
        ids, labels, positions = packed(rows)
        return head_loss(llama.model(input_ids=ids, position_ids=positions, use_cache=False).last_hidden_state, labels)
    ids, labels, attention = padded(rows)
    if form == "padded":
        return model(input_ids=ids, attention_mask=attention, labels=labels, use_cache=False).loss
    return head_loss(llama.model(input_ids=ids, attention_mask=attention, use_cache=False).last_hidden_state, labels)


ends = []
for step in inputs["steps"]:
    for group in optimiser.param_groups:
        group["lr"] = step["learningRate"]
    loss = loss_of(step["rows"])
    loss.backward()
    torch.nn.utils.clip_grad_norm_(trained, inputs["largestGradientNorm"])
    optimiser.step()
    optimiser.zero_grad(set_to_none=True)
    ends.append({"time": time.perf_counter(), "cpu": resource.getrusage(resource.RUSAGE_SELF).ru_utime, "loss": loss.item()})
print(json.dumps(ends))
