"""Messages: a few telling words inside everyday talk, and prompts in the shapes that people write them."""

from random import Random

from .words import CITIES, NAMES, NEUTRAL, THINGS, pseudo_word

ONE_KEY = """I have a question about {a}|there is something with the {a}|my {a} again|can you tell me about {a}?
we talked about {a} today|the {a} was there|I saw a {a} yesterday|{n} the {a} {n}|it is the {a}, I think
please look at the {a}|what about the {a}?|I need {a} {n}|who knows {a}?|{a}|the {a} is here|{n} {n} {a}
tell me more on {a}|I do not understand the {a}|how does the {a} work?|we found a {a} {n} the house
she wanted {a}|he asked for the {a}|they keep the {a} {n}|this {a} is new|why is the {a} so {n}?|a {a} {n}
I tried the {a} {n} it stopped|my friend has a {a}|the {a} has not come {n}|I was told the {a} is {n}
I would like a {a}|could someone check the {a} for me|the {a} does not open {n}|{n} I lost the {a}
I got {a} twice|I want to change the {a}|do you have any {a}|when will the {a} be ready|where is my {a}?"""
TWO_KEYS = """the {a} and the {b}|I saw {a} near the {b}|{a} with {b}|my {a} has no {b}|first {a}, then {b}
we need a {a} for the {b}|the {b} came after the {a}|is the {a} {n} like the {b}?|{a} or {b}, I do not know
she took the {a} {n} left the {b}|a {a}, a {b} and {n}|I asked about {a} but got {b}|{n} {a} {n} {b} {n}
I tried to {a} but the {b} {n}|there was {b} on the {a}|they said {a} means {b}|the {a} is {b}
every {a} has a {b}|I {a} the {b} {n}|my {b} was {a} {n} week|it says {a} when I {b}"""
SHAPES = {1: [s for line in ONE_KEY.splitlines() for s in line.split("|")],
          2: [s for line in TWO_KEYS.splitlines() for s in line.split("|")]}
OPENINGS = ["hello,", "hi,", "hi there,", "good morning,", "well,", "so", "oh,", "please help:", "quick question:",
            "hey,", "sorry,", "ok,", "by the way,", "today", "last week", "I think", "honestly,", "since yesterday"]
CLOSINGS = ["thanks", "please", "thank you", "what now?", "can you help?", "any idea?", "again", "today", "right now",
            "for days", "at home", "with my friend", "I hope", "as always", "this week", "since monday"]


def sentence(rng: Random, keys: list[str], noise: float = 0.3) -> str:
    """A message that holds the keys, in order; `noise` is how much small talk stands around them."""
    if noise > 0.4 and rng.random() < noise:  # a long message: a phrase of other words before or after
        phrase = " ".join(filler(rng) for _ in range(rng.randint(2, 6)))
        text = sentence(rng, keys, noise - 0.2)
        return f"{phrase}{rng.choice(['. ', ', ', ' '])}{text}" if rng.random() < 0.5 else f"{text.rstrip('.?!')}, {phrase}"
    if len(keys) == 1 or len(keys) == 2:
        text = rng.choice(SHAPES[len(keys)])
        text = text.replace("{a}", keys[0]).replace("{b}", keys[-1])
    else:
        text = " ".join(w for key in keys for w in ([rng.choice(NEUTRAL)] * (rng.random() < noise) + [key]))
    while "{n}" in text:
        text = text.replace("{n}", filler(rng), 1)
    if rng.random() < noise:
        text = f"{rng.choice(OPENINGS)} {text}"
    if rng.random() < noise:
        text = f"{text}{rng.choice([' ', ', ', '. '])}{rng.choice(CLOSINGS)}"
    if rng.random() < noise / 2:
        text = f"{text}. {sentence(rng, [filler(rng)], 0)}" if rng.random() < 0.5 else \
               f"{sentence(rng, [filler(rng)], 0)}. {text}"
    if rng.random() < 0.5:
        text = text[0].upper() + text[1:]
    if noise and rng.random() < 0.4 and text[-1] not in "?.!":
        text += rng.choice([".", ".", "!", "?"])
    return text


def filler(rng: Random) -> str:
    roll = rng.random()
    if roll < 0.78:
        return rng.choice(NEUTRAL)
    if roll < 0.84:
        return rng.choice(rng.choice([NAMES, CITIES]))
    return rng.choice(THINGS) if roll < 0.9 else pseudo_word(rng)


ROLES = ["You are a careful assistant.", "You sort notes.", "You are an expert reader.", "You help a small team.",
         "You are a helpful clerk.", "You read messages and answer.", "You are precise and brief."]
CONSTRAINTS = ["Answer with nothing else.", "Do not explain.", "Keep to the form below.", "Use only what the message says.",
               "Be brief.", "Never invent anything.", "If unsure, choose the closest.", "One answer only.",
               "Copy spelling exactly.", "No other words, no punctuation."]


PLACES = ["a hotel", "a school", "a farm", "a museum", "a small shop", "a club", "a town hall", "a zoo", "a library",
          "a theatre", "a family", "a kitchen", "a radio station", "an airport", "a clinic", "a garage", "a village"]
PEOPLE = ["Guests", "Visitors", "Members", "Neighbours", "Readers", "Children", "Friends", "Customers", "Listeners"]
SCENES = ["You work for {p}.", "{w} of {p} write to us.", "{w} send us short messages.", "You read the notes of {p}.",
          "{w} ask all sorts of things.", "This is the desk of {p}.", "Every message comes from one of our {w}.",
          "The notes were written by {w} of {p}.", "We want each message to reach the right place.",
          "Take the words as they are.", "Think of what the writer needs.", "Look at the whole message, not at one word."]


def scene(rng: Random) -> str:
    """A sentence or two of the background that real instructions have."""
    people = rng.choice(PEOPLE)
    return " ".join(s.format(p=rng.choice(PLACES), w=people) for s in rng.sample(SCENES, rng.randint(1, 2))).replace(
        f"our {people}", f"our {people.lower()}")


def structured(rng: Random, task: str, form: str, context: str = "", constraints: list[str] | None = None) -> str:
    """The same request under headings, as prompt guides recommend."""
    rules = (constraints or []) + rng.sample(CONSTRAINTS, rng.randint(1, 3))
    parts = [("Role", rng.choice(ROLES)), ("Context", context or scene(rng)), ("Task", task),
             ("Constraints", "\n".join(f"- {rule}" for rule in rules)), ("Format", form)]
    if rng.random() < 0.2:
        parts.pop(1)
    return rng.choice(["\n\n", "\n"]).join(f"# {title}\n{body}" for title, body in parts)


def system(rng: Random, task: str, form: str, context: str = "") -> str:
    """Plain (`task` and `form` on their own lines) most of the time, structured otherwise."""
    if rng.random() < 0.25:
        return structured(rng, task, form, context)
    if rng.random() < 0.4:
        task = f"{scene(rng)} {task}"
    return "\n".join(part for part in (context, task, form) if part)


def chat(system_text: str | None, turns: list[tuple[str, str]]) -> list[dict[str, str]]:
    messages = [{"role": "system", "content": system_text}] if system_text else []
    for user, assistant in turns:
        messages += [{"role": "user", "content": user}, {"role": "assistant", "content": assistant}]
    return messages
