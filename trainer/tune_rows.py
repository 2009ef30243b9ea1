"""What a model learns of a row: its token ids, and which of them count.

Conversations go through the model's own chat template. What counts is what the model itself has to write: every assistant
turn of weight 1 with the token that ends it, and nothing of what it is told.
"""

import re
from dataclasses import dataclass

from transformers.utils.chat_template_utils import render_jinja_template

MARK = re.compile(r"\{%[-+]?\s*generation\s*[-+]?%\}")


class Refusal(Exception):
    """A job that cannot be done: one sentence, and a way out."""

    def __init__(self, message: str, hint: str = "", code: str = "training-rows"):
        super().__init__(message)
        self.hint, self.code = hint, code


class Rewritten(Refusal):
    """A template shows an answer otherwise once the conversation goes on, as those of thinking models do."""


class RowRefusal(Refusal):
    """A row that cannot be learnt; whoever knows the row's file says the line in place of its number."""

    def __init__(self, split: str, index: int, fault: str, hint: str, code: str = "training-rows"):
        super().__init__(f"Row {index + 1} of the {split} rows {fault}", hint, code)
        self.row = {"part": "train" if split == "training" else split, "index": index, "fault": fault}


@dataclass
class Row:
    ids: list[int]
    learnt: list[bool]  # learnt[i]: the loss of predicting ids[i] counts


def render(tokenizer, messages: list[dict], answer_next: bool = False) -> str:
    return tokenizer.apply_chat_template(plain(messages), tokenize=False, add_generation_prompt=answer_next, **told_to(tokenizer))


def told_to(tokenizer) -> dict:
    """What the chat template is told besides the turns, as the base's entry under providers has it."""
    return getattr(tokenizer, "template_arguments", {})


def plain(messages: list[dict]) -> list[dict]:
    return [{"role": m["role"], "content": m["content"]} for m in messages]


def answer_spans(tokenizer, messages: list[dict]) -> tuple[str, list[tuple[int, int]]]:
    """The conversation as text, and where in it each assistant turn that counts begins and ends."""
    turns = [i for i, m in enumerate(messages) if m["role"] == "assistant"]
    wanted = [i for i in turns if messages[i].get("weight", 1) != 0]
    if MARK.search(tokenizer.chat_template or ""):
        texts, spans = render_jinja_template([plain(messages)], chat_template=tokenizer.chat_template,
                                             return_assistant_tokens_mask=True, **tokenizer.special_tokens_map, **told_to(tokenizer))
        if len(spans[0]) == len(turns):
            return texts[0], [tuple(span) for turn, span in zip(turns, spans[0]) if turn in wanted]
    return prefix_spans(tokenizer, messages, wanted)


def prefix_spans(tokenizer, messages: list[dict], wanted: list[int]) -> tuple[str, list[tuple[int, int]]]:
    """For templates without {% generation %}: a turn is what is added to the text when the turn is added to the talk."""
    whole, spans = render(tokenizer, messages), []
    for turn in wanted:
        before = render(tokenizer, messages[:turn], answer_next=True)
        after = render(tokenizer, messages[: turn + 1])
        if not after.startswith(before):
            raise Refusal("The chat template writes an answer otherwise than where it asks for one.",
                          "Put {% generation %} and {% endgeneration %} around answers in the chat template.", "template-spans")
        if not whole.startswith(after.rstrip()):
            raise Rewritten("The chat template rewrites earlier answers once a conversation goes on.",
                            "Set weight 0 on all answers but the last.", "template-spans")
        # what follows the token that ends the turn is never asked of the model
        spans.append((len(before), len(after.rstrip())))
    return whole, spans


def tokens_of(tokenizer, text: str, spans: list[tuple[int, int]]) -> Row:
    coded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    learnt = [any(overlaps(token, span) for span in spans) for token in coded["offset_mapping"]]
    return Row(list(coded["input_ids"]), learnt)


def overlaps(token: tuple[int, int], span: tuple[int, int]) -> bool:
    start, end = token
    if start == end:  # a space of which nothing is left once its token is trimmed
        start -= 1
    return start < span[1] and end > span[0]


def conversation(tokenizer, messages: list[dict]) -> Row:
    return tokens_of(tokenizer, *answer_spans(tokenizer, messages))


def conversation_rows(tokenizer, messages: list[dict]) -> list[Row]:
    """A conversation in one row; where the template rewrites earlier answers, one for each answer, as it stood when it was the
    last: so the model is asked for it, and so it has to write it."""
    try:
        return [conversation(tokenizer, messages)]
    except Rewritten:
        turns = [i for i, m in enumerate(messages) if m["role"] == "assistant" and m.get("weight", 1) != 0]
        told = [{**m, "weight": 0} for m in messages]
        return [conversation(tokenizer, [*told[:turn], messages[turn]]) for turn in turns]


def preference(tokenizer, row: dict) -> tuple[Row, Row]:
    """The conversation with the answer wanted and with the other; only these answers count."""
    told = [{**m, "weight": 0} for m in row["messages"]]
    chosen, rejected = (conversation(tokenizer, [*told, {"role": "assistant", "content": row[which]}])
                        for which in ("chosen", "rejected"))
    return chosen, rejected


def raw_text(tokenizer, text: str, context: int) -> list[Row]:
    """Every token of a text but its first counts once, its end included. One longer than the context is learnt in pieces,
    each of which begins with the last token of the one before."""
    begin = [] if tokenizer.bos_token_id is None else [tokenizer.bos_token_id]
    end = [] if tokenizer.eos_token_id is None else [tokenizer.eos_token_id]
    ids = begin + tokenizer(text, add_special_tokens=False)["input_ids"] + end
    pieces = [ids[at : at + context] for at in range(0, len(ids) - 1, context - 1)]
    return [Row(piece, [False] + [True] * (len(piece) - 1)) for piece in pieces]


def rows_of(method: str, tokenizer, rows: list[dict], context: int, split: str) -> list[list[Row]]:
    """What a step takes as one, as token rows: a conversation, a piece of text, or a chosen answer with the rejected one."""
    if method != "pretraining" and not tokenizer.chat_template:
        raise Refusal("The base model has no chat template, so conversations cannot be written as it reads them.",
                      "Tune the model's chat version, or learn raw text with the method pretraining.", "no-chat-template")
    if split == "training" and not rows:
        raise Refusal("There are no training rows.", "Give at least one; some hundreds are usual.")
    made = [row_of(method, tokenizer, row, context, split, index) for index, row in enumerate(rows)]
    if method == "pretraining":
        return [[piece] for pieces in made for piece in pieces]
    long = [index for index, parts in enumerate(made) if max(len(part.ids) for part in parts) > context]
    if long:
        longest = max(len(part.ids) for part in made[long[0]])
        others = f" It is the first of {len(long):,} such rows." if len(long) > 1 else ""
        raise RowRefusal(split, long[0], f"has {longest:,} tokens; the model reads {context:,}.{others}", "Drop or shorten such rows.")
    return made


def row_of(method: str, tokenizer, row: dict, context: int, split: str, index: int) -> list[Row]:
    try:
        if method == "pretraining":
            parts = raw_text(tokenizer, row["text"], context)
        elif method == "preference":
            parts = list(preference(tokenizer, row))
        else:
            parts = conversation_rows(tokenizer, row["messages"])
    except Refusal as refusal:
        raise RowRefusal(split, index, f"cannot be learnt: {refusal}", refusal.hint, refusal.code) from refusal
    except Exception as error:  # a template says by an exception what it does not take
        raise RowRefusal(split, index, f"cannot be written by the model's chat template: {error}",
                         "Bring its turns into the order that the model knows.") from error
    if not parts or not all(any(part.learnt[1:]) for part in parts):
        raise RowRefusal(split, index, "has nothing to learn.", "Every row needs an answer of weight 1, or text.")
    if method == "preference" and parts[0].ids == parts[1].ids:
        raise RowRefusal(split, index, "prefers an answer to itself.", "Give two answers that differ, or drop the row.")
    return parts
