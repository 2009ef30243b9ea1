"""What the scripts of this folder say to whoever started them: one JSON object a line, on what was standard output."""

import json
import os

EVENTS = os.fdopen(os.dup(1), "w", buffering=1)


def say(type: str, **fields) -> None:
    known = {key: value for key, value in fields.items() if value is not None}
    EVENTS.write(json.dumps({"type": type, **known}, allow_nan=False) + "\n")


def tell(message: str, level: str = "info") -> None:
    """A sentence for whoever watches."""
    say("message", level=level, message=message)
