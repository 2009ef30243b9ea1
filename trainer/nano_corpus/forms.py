"""Filling a JSON form from a message: enums by meaning or by the letter, strings copied, numbers read."""

import json
from random import Random

from .sentences import chat, filler, system
from .words import CITIES, NAMES, SEEN, THINGS, any_word, distinct, inflect

TASKS = ["Fill the form from the message.", "Extract the fields.", "Read the message and fill in the form.",
         "Find the fields in the message.", "Turn the message into JSON.", "Note what the message says.",
         "Take the details from each message.", "Extract what is asked for from the text."]
FORMS = ["Answer with JSON: {f}"] * 6 + ["Format: {f}", "Reply with JSON only: {f}", "JSON: {f}", "Output: {f}"]
# field name -> how a message mentions its value; {v} is the value
STRING_FIELDS = {
    "item": ["the {v}", "my {v}", "a {v}", "this {v}", "our new {v}", "that {v}"],
    "object": ["the {v}", "my {v}", "one {v}", "his {v}", "the old {v}"],
    "thing": ["the {v}", "a {v}", "my {v}", "her {v}", "these {v}"],
    "animal": ["my {v}", "the {v}", "a {v}", "our {v}"], "tool": ["the {v}", "with a {v}", "my {v}"],
    "dish": ["the {v}", "a plate of {v}", "some {v}"], "subject": ["the {v}", "about the {v}", "my {v}"],
    "name": ["{v} here", "my name is {v}", "I am {v}", "this is {v}", "ask {v}"],
    "person": ["{v} said so", "I met {v}", "{v} knows", "with {v}"],
    "city": ["in {v}", "from {v}", "near {v}", "we are in {v}"], "place": ["in {v}", "at {v}", "back from {v}"]}
NUMBER_FIELDS = {"count": ["{v} of them", "we have {v}", "{v} pieces"], "age": ["aged {v}", "{v} years old"],
                 "price": ["for {v} coins", "it costs {v}"], "hours": ["{v} hours", "for {v} hours"],
                 "number": ["number {v}", "no. {v}"], "people": ["for {v} people", "{v} of us"]}
ENUM_NAMES = ["kind", "topic", "type", "group", "reason", "mood", "category", "class", "state", "cause"]
ENUM_SHAPES = ["the {w} {n}", "because of its {w}", "the {w} is {n}", "{n} {w}", "very {w}", "it was {w}",
               "because of the {w}", "{w} {n}", "the {w}"]
FEELING = {"positive": """good great love lovely wonderful excellent superb fantastic enjoy happy best perfect pleased
           nice brilliant amazing glad beautiful""".split(),
           "negative": """bad terrible hate awful horrible dreadful poor nasty worst sad broken angry disappointed
           useless boring ugly annoying""".split()}
FEELING_SHAPES = ["the {x} was {w}", "{w} {x}", "what a {w} {x}", "I found the {x} {w}", "{w}, that {x}",
                  "the {x} is {w}", "I {w} the {x}", "we had a {w} {x}"]


class Slot:
    """One field of a form: its name, how the form shows it, and fresh values with the words that say so."""

    def __init__(self, rng: Random, taken: list[str], feeling: bool):
        self.kind = "feeling" if feeling else rng.choices(("string", "number", "meaning", "letter", "bound"),
                                                               (35, 12, 22, 21, 10))[0]
        self.name = ""
        while not self.name or self.name in taken:
            self.name = self.pick_name(rng)
        self.shown = self.kind if self.kind in ("string", "number") else " | ".join(map(json.dumps, self.options))

    def pick_name(self, rng: Random) -> str:
        if self.kind == "feeling":
            self.options = rng.sample(["positive", "negative", "mixed"], 3)
            return rng.choice(["feeling", "mood", "sentiment", "opinion"])
        if self.kind == "string":
            return rng.choice(sorted(STRING_FIELDS)) if rng.random() < 0.8 else any_word(rng, 0.5)
        if self.kind == "number":
            return rng.choice(sorted(NUMBER_FIELDS))
        if self.kind == "meaning":
            domain = rng.choice(sorted(SEEN))
            self.words = SEEN[domain]
            self.options = rng.sample(sorted(self.words), rng.randint(2, min(5, len(self.words))))
            return domain.split("_")[0] if rng.random() < 0.4 else rng.choice(ENUM_NAMES)
        self.options = distinct(rng, rng.randint(2, 6), lambda r: any_word(r, 0.5))
        if self.kind == "bound":  # only earlier turns can tell which word stands for which option
            self.words = {option: [any_word(rng, 0.5)] for option in self.options}
        return rng.choice(ENUM_NAMES)

    def draw(self, rng: Random) -> tuple[object, str]:
        """(value, the piece of message that says so)"""
        if self.kind == "string":
            shapes = STRING_FIELDS.get(self.name, [f"the {self.name} {{v}}", f"{self.name} {{v}}", f"{{v}} as {self.name}"])
            if self.name in ("name", "person"):
                value = rng.choice(NAMES)
            elif self.name in ("city", "place"):
                value = rng.choice(CITIES)
            else:
                value = rng.choice(THINGS) if rng.random() < 0.4 else any_word(rng, 0.7)
            return value, rng.choice(shapes).format(v=value)
        if self.kind == "number":
            value = rng.randint(0, 9) if rng.random() < 0.5 else rng.randint(10, 999)
            return value, rng.choice(NUMBER_FIELDS[self.name]).format(v=value)
        value = rng.choice(self.options)
        if self.kind == "feeling":
            sides = rng.sample(["positive", "negative"], 2) if value == "mixed" else [value]
            parts = [rng.choice(FEELING_SHAPES).format(x=filler(rng), w=rng.choice(FEELING[side])) for side in sides]
            return value, rng.choice([" but ", ", ", ". "]).join(parts)
        word = rng.choice(self.words[value]) if self.kind in ("meaning", "bound") else inflect(rng, value)
        return value, rng.choice(ENUM_SHAPES).format(n=filler(rng), w=word)


def episode(rng: Random, turns: int | None = None) -> list[dict[str, str]]:
    """One form; every turn fills it anew."""
    count = rng.choice([1, 2, 2, 3, 3, 4])
    feeling = rng.random() < 0.25
    made, taken = [], []
    for index in range(count):
        made.append(Slot(rng, taken, feeling and index == 0))
        taken.append(made[-1].name)
    form = "{" + ", ".join(f"{json.dumps(slot.name)}: {slot.shown}" for slot in made) + "}"
    pairs = []
    for _ in range(turns or rng.randint(1, 7)):
        values, pieces = {}, []
        for slot in made:
            values[slot.name], piece = slot.draw(rng)
            pieces.append(piece)
        rng.shuffle(pieces)
        message = rng.choice([", ", " ", ". ", ", ", " and "]).join(pieces)
        if rng.random() < 0.3:
            message = f"{filler(rng)} {message}"
        pairs.append((message, json.dumps(values)))
    return chat(system(rng, rng.choice(TASKS), rng.choice(FORMS).format(f=form)), pairs)
