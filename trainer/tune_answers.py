"""Answers of a causal language model: a batch of prompts, token by token, with the log-probability of each.

What a row is answered does not hang on the rows beside it but for the rounding of a wider matrix: each draws from a
generator of its own.
"""

from dataclasses import dataclass, field

import torch

from tune_rows import Row, conversation, render

TOGETHER = 8  # answers scored in one pass


@dataclass
class Request:
    messages: list[dict]
    most: int  # tokens
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0
    stop: tuple[str, ...] = ()


@dataclass
class Answer:
    prompt: list[int]
    tokens: list[int] = field(default_factory=list)  # the end token included
    log_probabilities: list[float] = field(default_factory=list)
    margin: float = float("inf")  # the least of ln p of a token less that of the likeliest other one
    finish: str = "length"
    text: str = ""
    thought: str = ""  # what came before the text, between <think> and </think>


def prompt_ids(tokenizer, messages: list[dict]) -> list[int]:
    return tokenizer(render(tokenizer, messages, answer_next=True), add_special_tokens=False)["input_ids"]


def context_of(config) -> int:
    return int(getattr(config.get_text_config(), "max_position_embeddings", None) or 2**20)


def end_tokens(model, tokenizer) -> set[int]:
    """The model's own end tokens, and the one with which its chat template ends an answer."""
    told, said = model.generation_config.eos_token_id, "7391"
    ends = set(told if isinstance(told, list) else [told]) | {tokenizer.eos_token_id}
    try:
        tail = render(tokenizer, [{"role": "user", "content": "a"}, {"role": "assistant", "content": said}]).rpartition(said)[2]
        after = tokenizer(tail.strip(), add_special_tokens=False)["input_ids"][:1]
        ends |= {token for token in after if token in tokenizer.all_special_ids or token in tokenizer.added_tokens_decoder}
    except Exception:  # a template that does not take such a talk adds no end token of its own
        pass
    return {token for token in ends if token is not None}


def text_of(tokenizer, tokens: list[int]) -> str:
    text = tokenizer.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False)
    # a tokenizer that puts a space before the first word gives it back here
    puts_space = tokenizer.decode(tokenizer("a", add_special_tokens=False)["input_ids"]) == " a"
    return text[1:] if puts_space and text.startswith(" ") else text


def parted(text: str, prompt: str) -> tuple[str, str]:
    """What was thought and what was answered, where a thought comes first between <think> and </think>, as Qwen3, DeepSeek-R1 and
    SmolLM3 write it; the prompt may have opened it already. Who serves such models keeps the two apart likewise."""
    if not text.lstrip().startswith("<think>") and not prompt.rstrip().endswith("<think>"):
        return "", text
    thought, _, answered = text.lstrip().removeprefix("<think>").partition("</think>")
    return thought.strip(), answered.lstrip("\n")


@torch.no_grad()
def answer(model, tokenizer, requests: list[Request]) -> list[Answer]:
    """Answers them all at once; every prompt must leave room for one token."""
    device, context, ends = model.device, context_of(model.config), end_tokens(model, tokenizer)
    answers = [Answer(prompt_ids(tokenizer, request.messages)) for request in requests]
    generators = [torch.Generator().manual_seed(request.seed % 2**63) for request in requests]
    width = max(len(a.prompt) for a in answers)
    pad = tokenizer.pad_token_id or 0
    # the last token of every prompt stands in the last column
    ids = torch.tensor([[pad] * (width - len(a.prompt)) + a.prompt for a in answers], device=device)
    mask = torch.tensor([[0] * (width - len(a.prompt)) + [1] * len(a.prompt) for a in answers], device=device)
    open_, cache = set(range(len(answers))), None
    while open_:
        places = (mask.cumsum(1) - 1).clamp(min=0)[:, -ids.shape[1] :]
        out = model(input_ids=ids, attention_mask=mask, position_ids=places, past_key_values=cache, use_cache=True)
        cache, scores = out.past_key_values, out.logits[:, -1].float().cpu()
        logs = scores.log_softmax(-1)
        following = [pad] * len(answers)
        for row in sorted(open_):
            made, request = answers[row], requests[row]
            following[row] = token = draw(scores[row], request, generators[row])
            made.tokens.append(token)
            made.log_probabilities.append(float(logs[row, token]))
            two = logs[row].topk(2)
            other = two.values[1 if int(two.indices[0]) == token else 0]
            made.margin = min(made.margin, float(logs[row, token] - other))
            made.text = text_of(tokenizer, made.tokens)
            cut = min((made.text.find(end) for end in request.stop if end and end in made.text), default=-1)
            if token in ends or cut >= 0:
                made.finish, made.text = "stop", made.text[:cut] if cut >= 0 else made.text
                open_.discard(row)
            elif len(made.tokens) >= request.most or len(made.prompt) + len(made.tokens) >= context:
                open_.discard(row)
        ids = torch.tensor(following, device=device)[:, None]
        mask = torch.cat([mask, mask.new_ones(len(answers), 1)], 1)
    for made, request in zip(answers, requests):
        made.thought, made.text = parted(made.text, render(tokenizer, request.messages, answer_next=True))
    return answers


@torch.no_grad()
def score(model, tokenizer, messages: list[dict], answers: list[str]) -> list[tuple[float, int]]:
    """ln p of each answer with the token that ends it, as training counts it, and how many tokens that are."""
    rows = [conversation(tokenizer, [*({**m, "weight": 0} for m in messages), {"role": "assistant", "content": answer}])
            for answer in answers]
    # few at a time: the logits of a large vocabulary fill a GPU
    return [scored for at in range(0, len(rows), TOGETHER) for scored in score_rows(model, tokenizer, rows[at : at + TOGETHER])]


def score_rows(model, tokenizer, rows: list[Row]) -> list[tuple[float, int]]:
    width = max(len(row.ids) for row in rows)
    pad = tokenizer.pad_token_id or 0
    ids = torch.tensor([row.ids + [pad] * (width - len(row.ids)) for row in rows], device=model.device)
    mask = torch.tensor([[1] * len(row.ids) + [0] * (width - len(row.ids)) for row in rows], device=model.device)
    learnt = torch.tensor([row.learnt + [False] * (width - len(row.ids)) for row in rows], device=model.device)[:, 1:]
    logs = model(input_ids=ids, attention_mask=mask).logits[:, :-1].float().log_softmax(-1)
    of_tokens = logs.gather(-1, ids[:, 1:, None])[..., 0].masked_fill(~learnt, 0.0)
    return [(float(p), int(n)) for p, n in zip(of_tokens.double().sum(1), learnt.sum(1))]


def draw(scores: torch.Tensor, request: Request, generator: torch.Generator) -> int:
    if request.temperature == 0:
        return int(scores.argmax())
    shares, tokens = (scores / request.temperature).softmax(-1).sort(descending=True, stable=True)
    # the likeliest tokens that together reach top_p
    shares[shares.cumsum(-1) - shares >= request.top_p] = 0
    return int(tokens[torch.multinomial(shares, 1, generator=generator)])
