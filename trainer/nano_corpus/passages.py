"""Answering from a given passage, and saying so when it does not tell."""

from random import Random

from .sentences import chat
from .words import CITIES, NAMES, THINGS, any_word

UNKNOWN = "I don't know."
# statement, question
FACTS = [("{n} lives in {c}.", "Where does {n} live?", "c"), ("{n} works in {c}.", "Where does {n} work?", "c"),
         ("{n} was born in {c}.", "Where was {n} born?", "c"), ("{n} has a {t}.", "What does {n} have?", "t"),
         ("{n} likes {t}.", "What does {n} like?", "t"), ("{n} lost the {t}.", "What did {n} lose?", "t"),
         ("{n} is {k} years old.", "How old is {n}?", "k"), ("The {t} costs {k}.", "How much does the {t} cost?", "k"),
         ("The {t} is {w}.", "What is the {t} like?", "w"), ("The {t} is in {c}.", "Where is the {t}?", "c"),
         ("The {t} belongs to {n}.", "Who owns the {t}?", "n"), ("{n} found the {t}.", "Who found the {t}?", "n"),
         ("The code for the {t} is {k}.", "What is the code for the {t}?", "k"),
         ("The dog of {n} is called {w}.", "What is the dog of {n} called?", "w")]
TASKS = ["Answer from the passage. If it does not say, answer: I don't know.",
         "Use only the passage. If the answer is not there, say: I don't know.",
         "Answer the question from the text. Say I don't know. when the text does not tell."]


def episode(rng: Random, turns: int | None = None, known: float = 0.7) -> list[dict[str, str]]:
    names = rng.sample(NAMES, 8)
    things = [rng.choice(THINGS) if rng.random() < 0.5 else any_word(rng, 0.6) for _ in range(8)]
    things = list(dict.fromkeys(things))
    facts = []
    for _ in range(rng.randint(2, 6)):
        shape = rng.choice(FACTS)
        values = {"n": rng.choice(names), "t": rng.choice(things), "c": rng.choice(CITIES),
                  "k": str(rng.randint(1, 99)), "w": any_word(rng, 0.5)}
        question = shape[1].format(**values)
        if question not in [f[1] for f in facts]:
            facts.append((shape[0].format(**values), question, values[shape[2]]))
    passage = " ".join(f[0] for f in facts)
    asked = {f[1] for f in facts}
    pairs = []
    for _ in range(turns or rng.randint(1, 5)):
        if rng.random() < known:
            _, question, answer = rng.choice(facts)
        else:
            question = rng.choice(FACTS)[1].format(n=rng.choice(names), t=rng.choice(things))
            answer = UNKNOWN
            if question in asked:
                continue
        pairs.append((question, answer))
    if not pairs:
        pairs = [(facts[0][1], facts[0][2])]
    if rng.random() < 0.5:
        return chat(f"{rng.choice(TASKS)}\n{rng.choice(['Passage: ', 'Text: ', ''])}{passage}", pairs)
    question, answer = pairs[0]
    head, ask = rng.choice(["Passage: ", "Text: ", ""]), rng.choice(["Question: ", ""])
    pairs[0] = (f"{head}{passage}\n{ask}{question}", answer)
    return chat(rng.choice(TASKS), pairs)
