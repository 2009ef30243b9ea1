"""Choosing among labels: named in the instruction (zero-shot), or learnt from examples in the context."""

from random import Random

from .sentences import chat, sentence, system
from .words import LABEL_WORDS, SEEN, VOCABULARY, any_word, distinct, inflect, pseudo_word

TASKS = ["Classify the message.", "Which {t} is it?", "Choose the {t} of the message.", "Sort each message by {t}.",
         "Decide which {t} the message belongs to.", "Say what the message is about.", "Pick the {t} that fits best.",
         "Label the note with its {t}.", "Read the message and name its {t}.", "You route messages to the right {t}.",
         "Tell me the {t}.", "A reader sends a message. Find its {t}.", "What {t} does the user talk about?"]
FORMS = ["Answer with one of: {l}."] * 8 + ["Labels: {l}.", "Choose from: {l}.", "Reply with exactly one of: {l}.",
         "Options: {l}", "Answer with one word: {l}.", "Possible answers: {l}.", "Pick one: {l}."]
TOPICS = ["topic", "label", "category", "group", "kind", "class", "team", "type", "intent", "subject"]


def instruction(rng: Random, topic: str, labels: list[str], context: str = "") -> str:
    names = labels[:]
    rng.shuffle(names)
    topic = topic.replace("_", " ") if rng.random() < 0.5 else rng.choice(TOPICS)
    return system(rng, rng.choice(TASKS).format(t=topic), rng.choice(FORMS).format(l=", ".join(names)), context)


def keys_for(rng: Random, pool: list[str], at_most: int = 3) -> list[str]:
    return rng.sample(pool, min(len(pool), rng.choices((1, 2, 3), (4, 5, 1))[0], at_most))


def zero_shot(rng: Random, domains=SEEN, turns: int | None = None, noise: float | None = None) -> list[dict[str, str]]:
    """By meaning: the domain's words point to a label that the instruction names."""
    noise = rng.choice([0.1, 0.3, 0.7]) if noise is None else noise
    name = rng.choice(sorted(domains))
    every = domains[name]
    labels = rng.sample(sorted(every), rng.randint(2, len(every)))
    if rng.random() < 0.15:  # labels of several domains together: up to ten
        for other in rng.sample(sorted(domains), 2):
            labels += [l for l in sorted(domains[other]) if l not in labels and l not in every][:3]
            every = {**domains[other], **every}
    pairs = []
    for _ in range(turns or rng.randint(1, 6)):
        label = rng.choice(labels)
        pairs.append((sentence(rng, keys_for(rng, every[label]), noise), label))
    return chat(instruction(rng, name, labels), pairs)


def by_name(rng: Random, turns: int | None = None, word=None) -> list[dict[str, str]]:
    """By the letter: the label's own word, or its stem, stands in the message. Works for words never seen."""
    draw = word or (lambda r: r.choice(LABEL_WORDS) if r.random() < 0.3 else any_word(r, 0.6))
    labels = distinct(rng, rng.randint(2, 8), draw)
    pairs = []
    for _ in range(turns or rng.randint(1, 6)):
        label = rng.choice(labels)
        pairs.append((sentence(rng, [inflect(rng, label)], rng.choice([0.2, 0.7])), label))
    return chat(instruction(rng, "topic", labels), pairs)


def described(rng: Random, turns: int | None = None) -> list[dict[str, str]]:
    """The context tells what each label covers, word by word."""
    labels = distinct(rng, rng.randint(2, 5), lambda r: any_word(r, 0.5))
    covers = {label: distinct(rng, rng.randint(1, 3), lambda r: any_word(r, 0.3)) for label in labels}
    context = "\n".join(f"{'- ' if len(labels) > 2 else ''}{label}: {', '.join(words)}" for label, words in covers.items())
    pairs = []
    for _ in range(turns or rng.randint(1, 5)):
        label = rng.choice(labels)
        pairs.append((sentence(rng, keys_for(rng, covers[label], 2)), label))
    return chat(instruction(rng, "group", labels, context), pairs)


def arbitrary_labels(rng: Random, count: int) -> list[str]:
    style = rng.random()
    if style < 0.15:
        return rng.sample("ABCDEFGHIJKLMNOPQRSTUVWXYZ", count)
    if style < 0.25:
        return [str(n) for n in rng.sample(range(10), count)]
    if style < 0.55:
        return distinct(rng, count, lambda r: pseudo_word(r, 2))
    return distinct(rng, count, lambda r: r.choice(LABEL_WORDS + VOCABULARY))


def in_context(rng: Random, shots: int, labels: int = 0, length: int = 2, names: str = "arbitrary",
               keys: str = "mixed", nearest: bool = False, listed: float = 0.7, noise: float = 0.3,
               queries: int = 1, domains=SEEN) -> list[dict[str, str]]:
    """Fresh bindings of words to labels, to be read off the examples above.

    `length` 0 gives bare key words, 1 bare key words in a row, 2 sentences. `keys` says where the words come from:
    `mixed` binds any words (identical words must be matched), `meaning` binds whole word groups of a domain.
    With `nearest` the query repeats most words of one example, as retrieved examples do.
    """
    count = labels or rng.randint(2, min(6, max(2, shots)))
    meaning = keys == "meaning"
    if meaning:
        domain = domains[rng.choice([name for name in sorted(domains) if len(domains[name]) >= 2])]
        groups = rng.sample(sorted(domain), min(count, len(domain)))
        pools = [domain[group] for group in groups]
        count = len(pools)
    else:
        flat = distinct(rng, count * 3, lambda r: any_word(r, 0.5))
        size = rng.randint(1, 3)
        pools = [flat[i * 3 : i * 3 + size] for i in range(count)]
    answers = groups if names == "own" and meaning else arbitrary_labels(rng, count)

    seen: list[list[str]] = [[] for _ in pools]  # the words of each label that stood in an example

    def message(i: int) -> str:
        used = keys_for(rng, pools[i], 2)
        if seen[i] and not meaning and not set(used) & set(seen[i]):
            used[0] = rng.choice(seen[i])  # a fresh word could only be guessed
        used = used[:1] if length == 0 else used
        seen[i] += used
        if length == 0:
            return used[0]
        if length == 1:
            return " ".join(used + [any_word(rng, 0.3)] * (rng.random() < 0.3))
        return sentence(rng, used, noise)

    order = [i % count for i in range(shots)]
    rng.shuffle(order)
    pairs = [(message(i), answers[i]) for i in order]
    for _ in range(queries):
        if nearest:
            near, answer = pairs[rng.randrange(shots)]
            pairs.append((blur(rng, near), answer))
        else:
            i = rng.choice(order)
            pairs.append((message(i), answers[i]))
    head = instruction(rng, "label", sorted(answers)) if rng.random() < listed else None
    return chat(head, pairs)


def lookup(rng: Random) -> list[dict[str, str]]:
    """The barest form: each value right after its key, no separators, the same few keys again and again."""
    pairs = [(any_word(rng, 0.6), any_word(rng, 0.4)) for _ in range(rng.randint(2, 6))]
    spoken = [rng.choice(pairs) for _ in range(rng.randint(6, 16))]
    key, value = rng.choice(spoken)
    return chat(None, [("pairs", " ".join(f"{k} {v}" for k, v in spoken)), (key, value)])


def blur(rng: Random, text: str) -> str:
    """A near copy: most words kept, some dropped, swapped or added."""
    words = [w for w in text.split() if rng.random() < 0.85] or text.split()
    for _ in range(rng.randint(0, 2)):
        words.insert(rng.randrange(len(words) + 1), any_word(rng, 0.2))
    return " ".join(words)


def any_in_context(rng: Random, length: int = 2, shots: int | None = None) -> list[dict[str, str]]:
    """One of the many shapes; several queries follow, since every one of them teaches."""
    shots = shots or rng.randint(2, 8)
    if rng.random() < 0.85:
        return in_context(rng, shots, length=length, names="arbitrary" if rng.random() < 0.8 else "own",
                          keys="meaning" if rng.random() < 0.35 else "mixed", nearest=rng.random() < 0.4,
                          noise=rng.choice([0, 0, 0, 0.1, 0.3, 0.7]), queries=rng.randint(1, 8))
    return in_context(rng, shots, length=length, names="own", keys="meaning", noise=rng.choice([0.1, 0.3, 0.7]),
                      queries=rng.randint(1, 4))
