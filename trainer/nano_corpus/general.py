"""General abilities, one small exercise each; also the fixture that a tune is checked against for forgetting."""

from random import Random

from .sentences import chat
from .words import SEEN, VOCABULARY, any_word

NUMBER_WORDS = "zero one two three four five six seven eight nine ten".split()


def words(rng: Random, low: int, high: int) -> list[str]:
    return [any_word(rng, 0.2) for _ in range(rng.randint(low, high))]


def copy(rng):
    text = " ".join(words(rng, 1, 5))
    return rng.choice(["Copy: {x}", "Repeat: {x}", "Say again: {x}"]).format(x=text), text


def reverse(rng):
    items = words(rng, 2, 4)
    return f"{rng.choice(['Reverse', 'Backwards'])}: {' '.join(items)}", " ".join(items[::-1])


def count(rng):
    items = words(rng, 1, 6)
    return f"{rng.choice(['Count', 'How many words'])}: {' '.join(items)}", str(len(items))


def compare(rng):
    a, b = rng.sample(range(100), 2)
    more = rng.random() < 0.5
    return f"Which is {'more' if more else 'less'}: {a} or {b}?", str(max(a, b) if more else min(a, b))


def order(rng):
    numbers = rng.sample(range(10), rng.randint(2, 4))
    return f"{rng.choice(['Sort', 'Order'])}: {' '.join(map(str, numbers))}", " ".join(map(str, sorted(numbers)))


def first(rng):
    items = words(rng, 2, 5)
    return f"First word: {' '.join(items)}", items[0]


def last(rng):
    items = words(rng, 2, 5)
    return f"Last word: {' '.join(items)}", items[-1]


def after(rng):
    items = list(dict.fromkeys(words(rng, 3, 5)))
    at = rng.randrange(len(items) - 1)
    return f"In {' '.join(items)}, what comes after {items[at]}?", items[at + 1]


def upper(rng):
    word = rng.choice(VOCABULARY)[:6]
    return f"Uppercase: {word}", word.upper()


def add(rng):
    a, b = rng.randint(0, 9), rng.randint(0, 9)
    return rng.choice(["{a} + {b} =", "Add {a} and {b}.", "What is {a} plus {b}?"]).format(a=a, b=b), str(a + b)


def odd_one_out(rng):
    domain = SEEN[rng.choice(sorted(SEEN))]
    many, one = rng.sample(sorted(domain), 2)
    items = rng.sample(domain[many], min(3, len(domain[many]))) + [rng.choice(domain[one])]
    odd = items[-1]
    rng.shuffle(items)
    return f"Odd one out: {', '.join(items)}", odd


def member(rng):
    items = words(rng, 2, 5)
    inside = rng.random() < 0.5
    word = rng.choice(items) if inside else any_word(rng, 0.2)
    return f"Is {word} in: {', '.join(items)}?", "yes" if word in items else "no"


def next_number(rng):
    start = rng.randint(0, 20)
    return f"What comes next: {start} {start + 1} {start + 2}", str(start + 3)


ABILITIES = {"copy": copy, "reverse": reverse, "count": count, "compare": compare, "order": order, "first": first,
             "last": last, "after": after, "uppercase": upper, "add": add, "odd-one-out": odd_one_out,
             "membership": member, "next-number": next_number}
SYSTEMS = ["You are a helpful assistant.", "Answer briefly.", "You answer with nothing but the answer.", None, None]


def episode(rng: Random, turns: int | None = None) -> list[dict[str, str]]:
    system = rng.choice(SYSTEMS)
    return chat(system, [ABILITIES[rng.choice(sorted(ABILITIES))](rng) for _ in range(turns or rng.randint(1, 8))])


def fixture(seed: int = 7, each: int = 16) -> list[dict]:
    """About 200 rows, spread evenly over the abilities."""
    rng, rows = Random(seed), []
    for name in ABILITIES:
        made: dict[str, str] = {}
        while len(made) < each:
            question, answer = ABILITIES[name](rng)
            made[question] = answer
        for question, answer in made.items():
            rows.append({"input": question, "expected": answer, "tags": [name]})
    return rows
