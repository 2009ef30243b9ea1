"""The files of a base model: a folder, or a model of the hub at one commit.

A name such as `main` may mean other weights tomorrow. The commit that it means when a job begins is put down in the job's
folder, and the job goes on with that one, whatever the name means then.
"""

import errno
import json
import os
import re
import shutil
import time
from pathlib import Path

from huggingface_hub import constants, get_token, snapshot_download
from huggingface_hub.errors import (GatedRepoError, HfHubHTTPError, HFValidationError, LocalEntryNotFoundError,
                                    RepositoryNotFoundError, RevisionNotFoundError)
from tqdm import tqdm

from tune_events import tell
from tune_rows import Refusal

# no pickles, which can run anything, no code, and none of the same weights in another library's form
DESCRIBED = ["*.json", "*.jinja", "*.model", "*.txt", "*.tiktoken"]
WEIGHTS = ["*.safetensors"]
PASSED_OVER = ["*/*", "consolidated*", "*.index.json.*"]
COMMIT = re.compile(r"[0-9a-f]{40}")
TELL_EVERY = 5.0  # seconds
SPARE = 2**28  # bytes that are left free on the disk


class Told(tqdm):
    """The progress of a download as sentences, in place of a bar."""

    def __init__(self, *args, **more):
        self.told = time.monotonic()
        super().__init__(*args, **more | {"disable": False, "file": open(os.devnull, "w")})

    def display(self, *_, **__) -> None:
        if self.unit == "B" and self.total and self.n and time.monotonic() - self.told > TELL_EVERY:
            self.told = time.monotonic()
            tell(f"Fetching the base model: {gigabytes(self.n)} of {gigabytes(self.total)}.")


def gigabytes(count: int) -> str:
    return f"{count / 1e9:.2f} GB" if count >= 1e8 else f"{count / 1e6:.1f} MB"


def base_folder(job: dict, weights: bool) -> Path:
    """The folder that holds the base: its configuration and tokenizer, and its weights where they are wanted."""
    base = job["base"]
    if Path(base["model"]).is_dir():
        return Path(base["model"])
    pinned = Path(job["folder"]) / "base.json" if job.get("folder") else None
    if pinned and pinned.exists():
        base["revision"] = json.loads(pinned.read_text())["commit"]
    folder = fetched(base["model"], base.get("revision"), DESCRIBED + WEIGHTS if weights else DESCRIBED)
    base["revision"] = commit_of(folder)  # every part that is read later is of the same commit
    if pinned and not pinned.exists():
        fresh = pinned.with_suffix(".new")
        fresh.write_text(json.dumps({"model": base["model"], "commit": base["revision"]}))
        fresh.replace(pinned)
    if weights and not any(folder.glob("*.safetensors")):
        raise Refusal(f"{base['model']} has no weights in the format safetensors.",
                      "Take a model that has; other formats can run code when they are read.", "base-unreadable")
    return folder


def commit_of(folder: Path) -> str | None:
    """The commit whose files a folder of the hub's cache holds; None for any other folder."""
    return folder.name if COMMIT.fullmatch(folder.name) and folder.parent.name == "snapshots" else None


def fetched(name: str, revision: str | None, wanted: list[str]) -> Path:
    what = dict(repo_id=name, revision=revision, allow_patterns=wanted, ignore_patterns=PASSED_OVER)
    try:
        if not constants.HF_HUB_OFFLINE:
            refuse_full_disk(name, what)
        return Path(snapshot_download(**what, tqdm_class=Told))
    except Refusal:
        raise
    except Exception as error:
        raise refusal_of(error, name, revision) from error


def refuse_full_disk(name: str, what: dict) -> None:
    """What is still to be fetched must fit. Where the hub is not to be asked, what lies in the cache has to do."""
    try:
        needed = sum(file.file_size or 0 for file in snapshot_download(**what, dry_run=True) if file.will_download)
    except Exception:  # the fetching itself says what is wrong, or does without the hub
        return
    if needed == 0:
        return
    cache = next(folder for folder in [Path(constants.HF_HUB_CACHE), *Path(constants.HF_HUB_CACHE).parents] if folder.exists())
    free = shutil.disk_usage(cache).free
    if needed + SPARE > free:
        raise Refusal(f"{name} takes {gigabytes(needed)} of disk, and {gigabytes(free)} are free in {cache}.",
                      "Make room, or set HF_HUB_CACHE to a folder on a larger disk.", "no-disk")
    if needed >= 1e7:
        tell(f"Fetching {gigabytes(needed)} of {name} from the hub, once.")


def refusal_of(error: Exception, name: str, revision: str | None) -> Refusal:
    """What a reader can do about it; of the hub's own messages the first line at most."""
    refuse = lambda message, hint, code="base-unreadable": Refusal(message, hint, code)
    if isinstance(error, GatedRepoError):
        if get_token():
            return refuse(f"{name} is gated, and the account of the token that was given was not let in.",
                          "Ask for access on the model's page, and wait until it is granted.", "base-gated")
        return refuse(f"{name} is gated: its owner lets in whoever asked for it.",
                      "Ask for access on the model's page, then set HF_TOKEN to a token of that account.", "base-gated")
    if isinstance(error, RepositoryNotFoundError):
        return refuse(f"The hub knows no model {name}, or it is private.", "Correct the name, or set HF_TOKEN to a token that may read it.")
    if isinstance(error, RevisionNotFoundError):
        return refuse(f"{name} has no revision {revision}.", "Name a commit, a tag or a branch that it has, or leave revision out.")
    if isinstance(error, (LocalEntryNotFoundError, ConnectionError)):
        return refuse(f"{name} is not whole on this machine, and the hub cannot be asked for it.",
                      "Connect once, without HF_HUB_OFFLINE; what was fetched so far is kept.")
    if isinstance(error, HFValidationError):
        return refuse(f"{name!r} is neither a folder nor a name on the hub.", "Write it as OWNER/NAME, or give a folder with a config.json.")
    if isinstance(error, HfHubHTTPError):
        return refuse(f"The hub answered {error.response.status_code} when it was asked for {name}.", "Start again later: what was fetched is kept.")
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return refuse(f"The disk was full before {name} was fetched.", "Make room, or set HF_HUB_CACHE to a folder on a larger disk.", "no-disk")
    said = str(error).strip().split("\n")[0]
    return refuse(f"{name} could not be fetched: {type(error).__name__}{': ' * bool(said)}{said}", "Start again: what was fetched is kept.")
