"""Speaking in the voice that a system prompt describes, over several turns, and keeping its lexical rules."""

from random import Random

from .sentences import chat, structured
from .words import NAMES, THINGS, any_word

# role: what its people do (present, past) and with what
WORLDS = {
    "garden helper": [("plant", "planted"), ("water", "watered"), ("prune", "pruned"), ("dig", "dug")],
    "cook": [("bake", "baked"), ("fry", "fried"), ("taste", "tasted"), ("stir", "stirred")],
    "pirate captain": [("sail", "sailed"), ("find", "found"), ("bury", "buried"), ("steal", "stole")],
    "museum guide": [("see", "saw"), ("visit", "visited"), ("draw", "drew"), ("study", "studied")],
    "sports trainer": [("lift", "lifted"), ("throw", "threw"), ("carry", "carried"), ("win", "won")],
    "story teller": [("read", "read"), ("tell", "told"), ("write", "wrote"), ("hear", "heard")],
    "craft teacher": [("paint", "painted"), ("carve", "carved"), ("sew", "sewed"), ("mend", "mended")],
    "travel guide": [("pack", "packed"), ("book", "booked"), ("reach", "reached"), ("map", "mapped")]}
# trait: openings, praise for something done, comfort for trouble
TRAITS = {
    "cheerful": (["Hooray!", "Wonderful!", "Yippee!"], ["What a lovely thing!", "That makes me smile."],
                 ["Never mind, it will shine again."]),
    "formal": (["Good day.", "Certainly.", "Very well."], ["That is most satisfactory.", "Your effort is appreciated."],
               ["I regret to hear it."]),
    "calm": (["Breathe.", "Gently now.", "All is well."], ["Let it rest and enjoy it."], ["There is no hurry."]),
    "grumpy": (["Hmph.", "Well, well.", "Bah."], ["Not bad, I suppose."], ["Of course it went wrong."]),
    "brave": (["Onward!", "Courage!", "Stand tall!"], ["A bold deed!"], ["We do not give up."]),
    "poetic": (["O friend,", "Like the moon,", "Softly,"], ["it glows like morning dew."], ["even rain feeds the rose."]),
    "funny": (["Ha!", "Guess what!", "Tickle me!"], ["My socks are dancing."], ["My hat fell off laughing."]),
    "kind": (["Dear friend,", "Oh my dear,", "Bless you,"], ["you did so well."], ["I am here for you."])}
ENDS = ["What comes next?", "Shall we go on?", "How does it feel?", "Next step: {v} another {t}.",
        "Next: rest a little.", "What will you {v} now?", "Tell me more?", "Ready for more?"]
PAIRS = [("splendid", "good"), ("challenge", "problem"), ("treasure", "thing"), ("companion", "friend"),
         ("adventure", "job"), ("swiftly", "fast"), ("finest", "best"), ("puzzle", "trouble"), ("victory", "end"), ("gift", "help")]
DONE = ["I {p} the {t}", "I {p} a {t} today", "just {p} my {t}", "we {p} the {t}!", "the {t} is {p}", "I finally {p} the {t}"]
STUCK = ["I cannot {v} the {t}", "how do I {v} a {t}?", "the {t} is too hard", "I did not {v} the {t}",
         "my {t} went wrong", "I am afraid of the {t}", "the {t} broke"]
ASKS = ["what should I {v}?", "who are you?", "hello", "good morning", "what do you think of the {t}?"]


def persona(rng: Random):
    role, trait = rng.choice(sorted(WORLDS)), rng.choice(sorted(TRAITS))
    name = rng.choice(NAMES)
    openings = rng.sample(TRAITS[trait][0], 1) if rng.random() < 0.7 else [f"{any_word(rng, 0.6).capitalize()}!"]
    pairs = [p if rng.random() < 0.5 else (any_word(rng, 0.6), p[1]) for p in rng.sample(PAIRS, rng.randint(1, 3))]
    return role, trait, name, openings[0], pairs, rng.choice(ENDS)


def prompt(rng: Random, who) -> tuple[str, bool, bool]:
    role, trait, name, opening, pairs, end = who
    says_open, says_end = rng.random() < 0.75, rng.random() < 0.8
    shown_end = end if "{" not in end else "a next step"
    rules = [f"Prefer: {', '.join(p[0] for p in pairs)}."]
    if rng.random() < 0.7:
        rules.append(f"Never say: {', '.join(p[1] for p in pairs)}.")
    if says_open:
        shape = rng.choice(["Open with: {o}", "Start with \"{o}\"", "Begin every answer with {o}"])
        rules.append(shape.format(o=opening))
    if says_end:
        shape = rng.choice(["End with: {e}", "End with {e}", "Close with \"{e}\"", "Always end on {e}"])
        rules.append(shape.format(e=shown_end))
    about = rng.choice(["You are {n}, a {t} {r}.", "You are {n}. Role: {r}. Traits: {t}.",
                        "Name: {n}\nRole: {r}\nTraits: {t}", "Speak as {n}, the {t} {r}."]).format(n=name, t=trait, r=role)
    if rng.random() < 0.2:
        return structured(rng, about, "Two or three short sentences.", constraints=rules), says_open, says_end
    return rng.choice(["\n", " "]).join([about] + rules), says_open, says_end


def episode(rng: Random, turns: int | None = None) -> list[dict[str, str]]:
    who = persona(rng)
    role, trait, name, opening, pairs, end = who
    text, says_open, says_end = prompt(rng, who)
    opening = opening if says_open else TRAITS[trait][0][0]
    said = []
    for turn in range(turns or rng.randint(1, 5)):
        verb, past = rng.choice(WORLDS[role])
        thing = rng.choice(THINGS) if rng.random() < 0.5 else any_word(rng, 0.5)
        prefer = pairs[turn % len(pairs)][0]  # each preferred word in its turn
        kind = rng.choices(("done", "stuck", "ask"), (5, 4, 1))[0]
        if kind == "done":
            user = rng.choice(DONE).format(p=past, t=thing)
            body = f"You {past} the {thing}, how {prefer}. {rng.choice(TRAITS[trait][1])}"
        elif kind == "stuck":
            user = rng.choice(STUCK).format(v=verb, t=thing)
            body = f"The {thing} is a {prefer}. {rng.choice(TRAITS[trait][2])}"
        else:
            user = rng.choice(ASKS).format(v=verb, t=thing)
            body = f"The {thing} sounds {prefer}." if thing in user else f"I am {name}, your {role}. How {prefer}."
        close = f" {end.format(v=verb, t=thing if thing in user else 'day')}" if says_end else ""
        if rng.random() < 0.4:
            user = user[0].upper() + user[1:] + ("." if user[-1].isalpha() else "")
        said.append((user, f"{opening} {body}{close}"))
    return chat(text, said)
