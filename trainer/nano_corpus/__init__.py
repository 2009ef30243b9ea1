"""The corpus that nano learns from: made up from a seed, one file per ability, no third-party text."""

from random import Random

from . import classify, forms, general, passages, voices
from .words import any_word, pseudo_word

Messages = list[dict[str, str]]


def render(messages: Messages) -> str:
    """The chat template, written out: `<|begin|>` and then each turn between its role and `<|end|>`."""
    return "<|begin|>" + "".join(f"<|{m['role']}|>{m['content'].strip()}<|end|>" for m in messages)


# Bindings in the context only, from one bare word to a few.
BINDINGS = {
    "word": [(1, classify.lookup), (8, lambda rng: classify.any_in_context(rng, 0, rng.randint(2, 6))),
             (2, classify.by_name), (1, general.episode)],
    "words": [(1, classify.lookup), (4, lambda rng: classify.any_in_context(rng, 0)),
              (6, lambda rng: classify.any_in_context(rng, 1)), (1, classify.by_name), (1, general.episode)],
}
# Everything. Without its bare words the matching of words is lost again before it reaches sentences.
MIXTURE = [(16, classify.zero_shot), (11, classify.by_name), (6, classify.described),
           (9, lambda rng: classify.any_in_context(rng, 0)), (12, lambda rng: classify.any_in_context(rng, 1)),
           (18, classify.any_in_context), (13, forms.episode), (7, passages.episode), (7, voices.episode),
           (8, general.episode)]
# The same with more of what is slowest to come: labels named in the instruction, forms, voices.
APPLIED = [(14, classify.zero_shot), (22, classify.by_name), (4, classify.described),
           (6, lambda rng: classify.any_in_context(rng, 0)), (6, lambda rng: classify.any_in_context(rng, 1)),
           (16, classify.any_in_context), (26, forms.episode), (4, passages.episode), (10, voices.episode),
           (4, general.episode)]
STAGES = {**BINDINGS, "mixture": MIXTURE, "applied": APPLIED}


def episode(rng: Random, stage: str) -> Messages:
    parts = STAGES[stage]
    return rng.choices([make for _, make in parts], [weight for weight, _ in parts])[0](rng)


def tokenizer_text(seed: int, episodes: int = 30_000):
    """What the tokenizer is trained on: the corpus, plus bare pseudo-words so that merges are general syllables."""
    rng = Random(f"tokenizer {seed}")
    for _ in range(episodes):
        yield from (m["content"] for m in episode(rng, "mixture"))
        yield " ".join(pseudo_word(rng) for _ in range(20))
        yield " ".join(any_word(rng, 0) for _ in range(20))
