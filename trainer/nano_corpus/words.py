"""The lexicon: domains with their labels and words, names, neutral words, and pseudo-words."""

from pathlib import Path
from random import Random

# Probes of the model card ask about these; no training row ever does.
HELD_OUT_DOMAINS = {"cheese", "detective", "geology", "insurance", "material", "pirate", "smart_home", "clothes"}

NAMES = """Anna Ben Carla David Emma Felix Grace Henry Ida Jack Kate Leo Maria Noah Olga Paul Quinn Rosa Sam Tara
Uma Victor Wendy Xander Yara Zoe Alma Boris Clara Diego Elsa Farid Gina Hugo Irene Jonas Karim Lena Milo Nina""".split()
CITIES = """Paris London Berlin Madrid Rome Vienna Oslo Lisbon Dublin Prague Athens Cairo Tokyo Lima Quito Boston
Denver Austin Geneva Milan Porto Turin Bergen Delhi Seoul""".split()
THINGS = """lamp chair table clock basket kite drum violin bicycle tent ladder hammer bottle mirror carpet candle
puzzle camera telescope ring statue vase blanket bucket brush boat sled wagon whistle compass lantern pillow
teapot notebook rope shovel helmet flute globe bell crate fan fence jar knife map mask mug net oven pan
piano pipe pot radio rug saddle saw scarf sofa spoon stool stove sword tray umbrella wallet whip bench
acorn anvil apron barrel bracelet bucket cabin cannon canoe cape carriage chest chimney coin cradle crown cup curtain
dagger doll door drawer easel feather flag flask fountain fork gate hammock harp hat hook jug key kettledrum lock
loom marble mat medal nail necklace needle nest oar organ paddle pebble pencil pillar plank plate pulley quilt
raft reel rocket roof rug sack scales shell shield shovel sickle stamp stove string table tile torch toy trumpet
tub vest wheel window wreath""".split()
# Words that say nothing about a label: the noise a reader has to look past.
NEUTRAL = """about again almost already also always another around because before between every finally first
however indeed instead just lately maybe moment much nearly never nothing often only perhaps place please
quickly quite rather really recently seems several simply since something sometimes somewhere soon still
suddenly there thing though through today together tomorrow tonight usually very week when while without
yesterday yet morning evening friend neighbour people question reason story way work year need want found
got made told asked saw heard said think know wonder hope try keep left right new old next last same other
some few many more most once twice both each either anyone someone everybody problem issue matter case
account number send sent receive change update happen start stop begin ask tell check look able across against
along amount apart around arrive away back bring brought built busy call called came care carry chance clear close
come comes common correct could couple cover day days decide different difficult does doing done door during early
easy either else end enough even expect explain far feel felt few fill fine follow forget full gave gets give given
goes going gone half hand hard have having head help here high hold hour hours idea important inside into keeps kind
knew large late later least leave less letter life line list live long lot main manage many matter mean means mention
middle minute miss month months move must my name near need needs notice now off often open our outside over own part
past pay pick point possible probably put quick ran ready real remember rest run same say second seem set several
shall short should show shows side simple size small sort speak spent spoke stand state stay step strange such sure
take taken talk tell than thank that their them these thing this those time told took top towards tried trouble true
turn turned under understand until upon use used using various view visit wait want wants was way well went were what
which who whole why will wish with without wonder word words works world would write wrong yes you your""".split()

ONSETS = ["b", "bl", "br", "c", "ch", "d", "dr", "f", "fl", "g", "gr", "h", "j", "k", "l", "m", "n", "p", "pl", "pr",
          "qu", "r", "s", "sh", "sk", "sl", "st", "t", "th", "tr", "v", "w", "y", "z", ""]
VOWELS = ["a", "e", "i", "o", "u", "a", "e", "i", "o", "u", "ai", "ea", "ee", "oo", "ou", "ay"]
CODAS = ["", "", "", "b", "ck", "d", "g", "l", "ll", "m", "n", "nd", "ng", "nt", "p", "r", "rd", "s", "ss", "st", "t", "x"]
ENDINGS = ["", "", "", "s", "ed", "er", "ing", "ly", "ion", "al", "able", "ness", "ment", "y"]


def pseudo_word(rng: Random, longest: int = 3) -> str:
    """A pronounceable word that (almost surely) never came before: more keys than fit in the weights."""
    syllables = min(rng.choices((1, 2, 3), (3, 6, 1))[0], longest)
    word = "".join(rng.choice(ONSETS) + rng.choice(VOWELS) for _ in range(syllables)) + rng.choice(CODAS)
    return (word + rng.choice(ENDINGS) * (rng.random() < 0.3))[:10]


def load_domains() -> dict[str, dict[str, list[str]]]:
    domains = {}
    for line in (Path(__file__).parent / "domains.txt").read_text().splitlines():
        if line.startswith("#") or not line.strip():
            continue
        name, *labels = [part.strip() for part in line.split("|")]
        domains[name] = {label.split(":")[0].strip(): label.split(":")[1].split() for label in labels}
    return domains


DOMAINS = load_domains()
SEEN = {name: labels for name, labels in DOMAINS.items() if name not in HELD_OUT_DOMAINS}
UNSEEN = {name: labels for name, labels in DOMAINS.items() if name in HELD_OUT_DOMAINS}
# Real words for arbitrary bindings. Sorted lists, never sets: the order must not depend on the hash seed.
VOCABULARY = sorted({w for labels in SEEN.values() for words in labels.values() for w in words} | set(THINGS))
LABEL_WORDS = sorted({label for labels in SEEN.values() for label in labels})


def any_word(rng: Random, pseudo: float = 0.4) -> str:
    return pseudo_word(rng) if rng.random() < pseudo else rng.choice(VOCABULARY)


def distinct(rng: Random, count: int, draw) -> list[str]:
    """`count` different draws; no draw is the beginning of another, so that a word names one thing only."""
    found: list[str] = []
    while len(found) < count:
        word = draw(rng)
        if len(word) > 1 and not any(word[:4] == other[:4] for other in found):
            found.append(word)
    return found


def inflect(rng: Random, word: str) -> str:
    """The word as a message would have it: billing for bill, returned for return."""
    if not word.isalpha() or rng.random() < 0.5:
        return word
    stem = word
    for ending in ("ing", "ed", "s", "al", "y", "e"):
        if stem.endswith(ending) and len(stem) - len(ending) >= 4:
            stem = stem[: -len(ending)]
            break
    return stem + rng.choice(["s", "ed", "ing", "er", "", "al"])
