"""The base model and the adapter on it: what is loaded, what it needs, and what would not fit."""

import importlib.util
import json
import math
import os
import re
import shutil
import sys
from datetime import date
from pathlib import Path

import torch
from peft import LoraConfig, PeftConfig, PeftModel, get_peft_model, get_peft_model_state_dict
from safetensors import safe_open
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig, PreTrainedConfig

from tune_hub import base_folder, commit_of
from tune_rows import Refusal

# of a weight in nf4: 4 bits, and a scale of 8 bits for 64 of them, itself with one of 32 for 256 (Dettmers et al. 2023, section 3)
NF4_BYTES = (4 + 8 / 64 + 32 / (64 * 256)) / 8

USUAL_DAY = "2026-01-01"
DATE_CALL = re.compile(r"""strftime_now\(\s*(["'])(.*?)\1\s*\)""")


def device_of(job: dict) -> str:
    best = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    return job.get("device") or best


def dtype_of(job: dict) -> torch.dtype:
    """Half the memory where the hardware computes in bfloat16; the adapter itself is always float32."""
    if job.get("dtype"):
        return getattr(torch, job["dtype"])
    return torch.bfloat16 if device_of(job) == "cuda" and torch.cuda.is_bf16_supported() else torch.float32


def in_four_bits(job: dict) -> bool:
    return job["hyperparameters"].get("quantization") == "nf4"


def refuse_device(job: dict) -> None:
    """Nothing is loaded before this is known."""
    device = device_of(job)
    if device == "cuda" and not torch.cuda.is_available():
        built = "sees no NVIDIA GPU" if torch.version.cuda else "was built without CUDA"
        raise Refusal(f"The device cuda was asked for, and the PyTorch of {sys.executable} {built}.",
                      "Leave device out, or give a Python whose PyTorch has CUDA on a machine with a GPU.", "no-gpu")
    if device == "mps" and not torch.backends.mps.is_available():
        raise Refusal("The device mps was asked for, and there is none here.", "Leave device out.", "no-gpu")
    if not in_four_bits(job):
        return
    # a processor can do it too, many times slower: whoever wants that says so
    if device != "cuda" and job.get("device") != "cpu":
        raise Refusal("QLoRA needs an NVIDIA GPU, and there is none here.",
                      "Leave quantization out for plain LoRA, or train where a GPU is; device: cpu tries it slowly, for small models.", "no-gpu")
    if importlib.util.find_spec("bitsandbytes") is None:
        raise Refusal(f"{sys.executable} lacks bitsandbytes, which computes in four bits.",
                      f"{sys.executable} -m pip install bitsandbytes==0.50.2", "packages")


def from_base(load, job: dict, weights: bool = False, **more):
    """A part of the base; no code that comes with a model is run."""
    folder = base_folder(job, weights)
    try:
        return load(folder, trust_remote_code=False, **more)
    except (OSError, ValueError, KeyError) as error:
        said = str(error).strip().split("\n")[0]
        raise Refusal(f"The base model {job['base']['name']} cannot be read: {said}",
                      "Take a causal model that this version of Transformers knows without code of its own.", "base-unreadable") from error


def tokenizer_of(job: dict):
    """With what the base's entry says to its chat template, so that training and serving tell it the same."""
    tokenizer = from_base(AutoTokenizer.from_pretrained, job)
    template = tokenizer.chat_template
    if isinstance(template, dict):  # one of several, such as those for tools
        template = template.get("default")
    tokenizer.chat_template = template and on_day(template, date.fromisoformat(job["base"].get("today", USUAL_DAY)))
    tokenizer.writes_date = tokenizer.chat_template != template
    tokenizer.template_arguments = job["base"].get("chatTemplate", {})
    return tokenizer


def on_day(template: str, day: date) -> str:
    """A template that writes today's date, held to one day: else rows, and answers, would be others tomorrow."""
    return DATE_CALL.sub(lambda call: json.dumps(day.strftime(call[2]), ensure_ascii=False), template)


def notes_on_template(tokenizer, job: dict) -> list[str]:
    """What its user may want to know of a chat template whose text does not hang on the turns alone."""
    base, template, notes = job["base"], tokenizer.chat_template or "", []
    if "enable_thinking" in template and "enable_thinking" not in base.get("chatTemplate", {}):
        notes.append(f"The chat template of {base['name']} thinks unless told otherwise: a tune on plain answers learns empty thoughts. "
                     "To leave them out: chatTemplate: { enable_thinking: false } under providers.")
    if tokenizer.writes_date and "today" not in base:
        notes.append(f"The chat template of {base['name']} writes the day's date: it is told {USUAL_DAY}, on any day. "
                     "Another one: today: YYYY-MM-DD under providers.")
    return notes


def config_of(job: dict):
    return from_base(AutoConfig.from_pretrained, job)


def base_commit(job: dict) -> str | None:
    return commit_of(base_folder(job, weights=False))


def lora_of(job: dict) -> LoraConfig:
    h = job["hyperparameters"]
    return LoraConfig(r=h["rank"], lora_alpha=h["alpha"], lora_dropout=h["dropout"], target_modules="all-linear", task_type="CAUSAL_LM")


def without_chance(config):
    """The base draws nothing at random while it trains: its own dropout, made for training it from nothing, is off. That of the
    adapter is a setting. For preferences TRL does the same (DPOConfig, disable_dropout): else the first loss is not ln 2."""
    for name, value in vars(config).items():
        if isinstance(value, PreTrainedConfig):
            without_chance(value)
        elif isinstance(value, float) and re.search("drop|jitter", name):
            setattr(config, name, 0.0)
    return config


def load_base(job: dict):
    refuse_device(job)
    device, dtype, more = device_of(job), dtype_of(job), {}
    if in_four_bits(job):
        more = {"device_map": {"": 0 if device == "cuda" else device}, "quantization_config": BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True, bnb_4bit_compute_dtype=dtype)}
    model = from_base(AutoModelForCausalLM.from_pretrained, job, weights=True, config=without_chance(config_of(job)), dtype=dtype,
                      use_safetensors=True, **more)
    return model if more else model.to(device)


def load_model(job: dict):
    """The base with an adapter to train: a new one, which changes nothing yet, or the one to go on from."""
    model = load_base(job)
    model.config.use_cache = False
    torch.manual_seed(job["seed"])
    if job["base"].get("adapter"):
        model = PeftModel.from_pretrained(model, job["base"]["adapter"], is_trainable=True, autocast_adapter_dtype=True)
    else:
        model = get_peft_model(model, lora_of(job))
    if job.get("recompute"):
        recompute(model)
    return model


def recompute(model) -> None:
    """What a layer computed is thrown away and computed again on the way back: a third more work for far less memory, and
    the same numbers."""
    model.activation_checkpointing_enable(activation_checkpointing_kwargs={"use_reentrant": False})


def sizes(job: dict, config) -> dict:
    """Bytes of the base as it is loaded and of the adapter to train; refuses what does not fit one another or the memory."""
    folder = job["base"].get("adapter")
    with torch.device("meta"):  # shapes without memory
        bare = AutoModelForCausalLM.from_config(config)
        base = base_bytes(bare, job)
        lora = PeftConfig.from_pretrained(folder, inference_mode=False) if folder else lora_of(job)
        if not isinstance(lora, LoraConfig):
            raise Refusal("The adapter to go on from is not a LoRA.", "Go on from a LoRA, or begin anew.", "adapter-unsupported")
        try:
            model = get_peft_model(bare, lora)
        except ValueError as error:
            raise Refusal(f"{job['base']['name']} cannot carry a LoRA: {str(error).strip().splitlines()[0]}",
                          "Take a model of another architecture.", "base-unsupported") from error
    wanted = {name: list(tensor.shape) for name, tensor in get_peft_model_state_dict(model).items()}
    if folder:
        with safe_open(Path(folder) / "adapter_model.safetensors", "pt") as file:
            found = {name: file.get_slice(name).get_shape() for name in file.keys()}
        if found != wanted:
            raise Refusal(f"The adapter to go on from does not fit {job['base']['name']}: it was made for another base model.",
                          "Name the base that it was trained on, or begin without an adapter.", "adapter-other-base")
    return {"base": base, "adapter": 4 * sum(math.prod(shape) for shape in wanted.values())}


def base_bytes(bare, job: dict) -> int:
    whole = sum(parameter.numel() for parameter in bare.parameters())
    if not in_four_bits(job):
        return whole * dtype_of(job).itemsize
    head = bare.get_output_embeddings()
    packed = sum(module.weight.numel() for module in bare.modules() if isinstance(module, torch.nn.Linear) and module is not head)
    return int(packed * NF4_BYTES + (whole - packed) * dtype_of(job).itemsize)


def memory_needed(job: dict, config, size: dict, tokens: int) -> int:
    """About how many bytes training holds at once: the base, the adapter with its gradient and two moments, what a pass of so
    many tokens keeps for the way back, and its logits. 34 bytes a token, layer and unit of width in 16 bits, without
    attention scores, is Korthikanti et al. 2022 (arXiv:2205.05198, equation 1); recomputed layers keep their input, 2 bytes."""
    text = config.get_text_config()
    width, layers = text.hidden_size, text.num_hidden_layers
    wide = dtype_of(job).itemsize / 2
    kept = (2 * layers + 34) if job.get("recompute") else 34 * layers
    logits = tokens * text.vocab_size * (dtype_of(job).itemsize + 3 * 4)  # as they come, and in float32 with their gradient
    return int(size["base"] + 4 * size["adapter"] + tokens * width * wide * kept + logits)


def memory_here(job: dict) -> int | None:
    """Bytes of the device in all; None where that is not known."""
    if device_of(job) == "cuda":
        return torch.cuda.get_device_properties(0).total_memory
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


def refuse_memory(job: dict, size: dict) -> None:
    """What has to be there whatever the passes are cut into."""
    least, here = size["base"] + 4 * size["adapter"], memory_here(job)
    if here is not None and least > here:
        raise Refusal(f"{job['base']['name']} with its adapter takes {least / 2**30:.1f} GiB of memory before anything is learnt, "
                      f"and the device {device_of(job)} has {here / 2**30:.1f} GiB.",
                      "Take a smaller model, dtype: bfloat16, or quantization: nf4 on an NVIDIA GPU.", "no-memory")


def save_adapter(model, into: Path, name: str, commit: str | None) -> None:
    """PEFT's folder, whole or not at all; equal weights give equal bytes on any machine."""
    fresh = into.with_name(into.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    model.save_pretrained(fresh, save_embedding_layers=False)  # they are the base's; looking for them would ask the hub
    (fresh / "README.md").unlink(missing_ok=True)
    file = fresh / "adapter_config.json"
    config = json.loads(file.read_text())
    config |= {"base_model_name_or_path": name, "revision": commit, "target_modules": sorted(config["target_modules"])}
    file.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    shutil.rmtree(into, ignore_errors=True)
    fresh.rename(into)
