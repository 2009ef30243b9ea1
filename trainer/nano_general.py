"""Write the general-ability fixture that a tune of nano is checked against for forgetting.

    python trainer/nano_general.py models/nano/general.jsonl
"""

import json
import sys
from pathlib import Path

from nano_corpus.general import fixture

if __name__ == "__main__":
    Path(sys.argv[1]).write_text("".join(json.dumps(row) + "\n" for row in fixture()))
