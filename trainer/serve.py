# /// script
# requires-python = ">=3.11,<3.15"
# dependencies = ["torch==2.15.0", "transformers==5.23.0", "peft==0.21.2", "accelerate==1.15.0", "safetensors==0.8.0",
#   "huggingface-hub==2.4.0", "bitsandbytes==0.50.2; platform_system != 'Darwin'"]
# ///
"""Answers of a causal language model and of adapters on it, over OpenAI's chat API on a free port of this machine.

    RUNG_SERVE_KEY=… uv run trainer/serve.py '{"base": {"model": "models/nano", "name": "nano"}}'

For measuring a tune beside its base on the machine that made it, not for production: no streaming, no paging of the cache,
one batch at a time. It prints {"type": "ready", "port": …} and ends when its standard input does, so with whoever started it.
`model` in a request is "base" or the folder of an adapter; every request carries the key.
"""

import json
import os
import queue
import sys
import threading
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tune import say  # it says which packages are absent, before they are needed

from peft import PeftModel

from tune_answers import Answer, Request, answer, context_of, prompt_ids, score
from tune_model import base_commit, device_of, load_base, tokenizer_of
from tune_rows import Refusal

MOST_AT_ONCE = 32
MOST_ADAPTERS = 8
MOST_ANSWERS = 256


class Wrong(Exception):
    def __init__(self, status: int, message: str, code: str):
        super().__init__(message)
        self.status, self.code = status, code


@dataclass
class Given:
    messages: list[dict]
    answers: list[str]  # each to be judged by how likely the model would be to write it


@dataclass
class Asked:
    adapter: str
    request: Request | Given
    done: threading.Event = field(default_factory=threading.Event)
    answer: Answer | None = None
    scores: list[tuple[float, int]] = field(default_factory=list)
    fault: Wrong | None = None


class Server:
    """One thread answers; what waits while it does is its next batch."""

    def __init__(self, job: dict):
        self.model = load_base(job).eval()
        self.tokenizer = tokenizer_of(job)
        self.commit = base_commit(job)
        if not self.tokenizer.chat_template:
            raise Refusal(f"{job['base']['name']} has no chat template, so it cannot be asked as a chat.",
                          "Take the model's chat version.", "no-chat-template")
        self.context = context_of(self.model.config)
        self.adapters: list[str] = []
        self.waiting: queue.Queue[Asked] = queue.Queue()

    def take(self, body: dict, given: bool) -> Asked:
        """A request of the chat API, or for the scores of given answers, as one of ours; what does not fit is refused before it waits."""
        messages = body.get("messages")
        if not isinstance(messages, list) or not messages or not all(
                isinstance(m, dict) and isinstance(m.get("role"), str) and isinstance(m.get("content"), str) for m in messages):
            raise Wrong(400, "messages must be a list of turns with a role and a text.", "invalid_request_error")
        adapter = body.get("model")
        if adapter != "base" and not (isinstance(adapter, str) and (Path(adapter) / "adapter_config.json").is_file()):
            raise Wrong(404, "model must be base or the folder of an adapter.", "model_not_found")
        try:
            length = len(prompt_ids(self.tokenizer, messages))
        except Exception as error:
            raise Wrong(400, f"The chat template does not take these messages: {error}", "invalid_request_error") from error
        if length >= self.context:
            raise Wrong(400, f"The prompt has {length} tokens; the model reads {self.context}, its answer included.",
                        "context_length_exceeded")
        if given:
            return Asked(adapter, self.given(messages, body.get("answers")))
        stop = body.get("stop") or []
        return Asked(adapter, Request(
            messages, most=int(body.get("max_tokens") or body.get("max_completion_tokens") or self.context),
            temperature=float(body.get("temperature") or 0), top_p=float(body.get("top_p") or 1), seed=int(body.get("seed") or 0),
            stop=tuple([stop] if isinstance(stop, str) else stop)))

    def given(self, messages: list[dict], answers: object) -> Given:
        if not isinstance(answers, list) or not 0 < len(answers) <= MOST_ANSWERS or not all(isinstance(a, str) for a in answers):
            raise Wrong(400, f"answers must be a list of 1 to {MOST_ANSWERS} texts.", "invalid_request_error")
        longest = max(len(prompt_ids(self.tokenizer, [*messages, {"role": "assistant", "content": a}])) for a in answers)
        if longest > self.context:
            raise Wrong(400, f"The longest answer ends at token {longest}; the model reads {self.context}.", "context_length_exceeded")
        return Given(messages, answers)

    def work(self) -> None:
        while True:
            batch = [self.waiting.get()]
            while len(batch) < MOST_AT_ONCE and not self.waiting.empty():
                batch.append(self.waiting.get())
            for adapter in dict.fromkeys(asked.adapter for asked in batch):
                together = [asked for asked in batch if asked.adapter == adapter]
                try:
                    self.settle(adapter, together)
                except Wrong as wrong:
                    for asked in together:
                        asked.fault = wrong
                except Exception as error:
                    for asked in together:
                        asked.fault = Wrong(500, f"{type(error).__name__}: {error}", "server_error")
                for asked in together:
                    asked.done.set()

    def settle(self, adapter: str, together: list[Asked]) -> None:
        with self.using(adapter):
            questions = [asked for asked in together if isinstance(asked.request, Request)]
            if questions:
                for asked, made in zip(questions, answer(self.model, self.tokenizer, [asked.request for asked in questions])):
                    asked.answer = made
            for asked in together:
                if isinstance(asked.request, Given):
                    asked.scores = score(self.model, self.tokenizer, asked.request.messages, asked.request.answers)

    def using(self, adapter: str) -> AbstractContextManager:
        if adapter == "base":
            return self.model.disable_adapter() if self.adapters else nullcontext()
        if adapter not in self.adapters:
            self.load(adapter)
        self.adapters.append(self.adapters.pop(self.adapters.index(adapter)))  # the one asked last goes last
        self.model.set_adapter(name_of(adapter))
        return nullcontext()

    def load(self, folder: str) -> None:
        trained_on = json.loads((Path(folder) / "adapter_config.json").read_text()).get("revision")
        if self.commit and trained_on and trained_on != self.commit:
            # short: whoever asks is told the beginning of a long message alone
            raise Wrong(409, f"The adapter was trained on revision: {trained_on} of its base, as the entry under providers can say; "
                        f"{self.commit} is loaded.", "other_base")
        if not isinstance(self.model, PeftModel):
            self.model = PeftModel.from_pretrained(self.model, folder, adapter_name=name_of(folder)).eval()
        else:
            self.model.load_adapter(folder, adapter_name=name_of(folder))
        self.adapters.append(folder)
        if len(self.adapters) > MOST_ADAPTERS:
            self.model.delete_adapter(name_of(self.adapters.pop(0)))


def name_of(folder: str) -> str:
    return folder.replace(".", "_")  # a module's name has no dots


def completion(asked: Asked, tokenizer, logprobs: bool) -> dict:
    a = asked.answer
    message = {"role": "assistant", "content": a.text, **({"reasoning_content": a.thought} if a.thought else {})}
    choice = {"index": 0, "message": message, "finish_reason": a.finish}
    if logprobs:
        choice["logprobs"] = {"content": [{"token": tokenizer.decode([token]), "logprob": p, "top_logprobs": []}
                                          for token, p in zip(a.tokens, a.log_probabilities)]}
    usage = {"prompt_tokens": len(a.prompt), "completion_tokens": len(a.tokens), "total_tokens": len(a.prompt) + len(a.tokens)}
    return {"object": "chat.completion", "model": asked.adapter, "choices": [choice], "usage": usage}


def scored(asked: Asked) -> dict:
    scores = [{"logprob": min(p, 0.0), "tokens": tokens} for p, tokens in asked.scores]
    return {"object": "scores", "model": asked.adapter, "scores": scores}


def handler_of(server: Server, key: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            try:
                self.reply(200, self.complete(body))
            except Wrong as wrong:
                self.reply(wrong.status, {"error": {"message": str(wrong), "code": wrong.code, "type": wrong.code}})

        def complete(self, body: bytes) -> dict:
            # other users of this machine can reach the port too
            if self.headers.get("authorization") != f"Bearer {key}":
                raise Wrong(401, "The key is wrong.", "invalid_api_key")
            if self.path not in ("/v1/chat/completions", "/v1/score"):
                raise Wrong(404, "There are only /v1/chat/completions and /v1/score here.", "not_found")
            given = self.path == "/v1/score"
            try:
                wanted = json.loads(body)
                asked = server.take(wanted, given)
            except (ValueError, TypeError, AttributeError) as error:
                raise Wrong(400, f"The request cannot be read: {error}", "invalid_request_error") from error
            server.waiting.put(asked)
            asked.done.wait()
            if asked.fault:
                raise asked.fault
            return scored(asked) if given else completion(asked, server.tokenizer, bool(wanted.get("logprobs")))

        def reply(self, status: int, value: dict) -> None:
            content = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_) -> None:
            pass

    return Handler


def end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


def main() -> int:
    threading.Thread(target=end_with_parent, daemon=True).start()
    job = {"hyperparameters": {}, **json.loads(sys.argv[1])}
    try:
        server = Server(job)
    except Refusal as refusal:
        say("end", state="failed", error=str(refusal), hint=refusal.hint, code=refusal.code)
        return 3
    threading.Thread(target=server.work, daemon=True).start()
    http = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(server, os.environ["RUNG_SERVE_KEY"]))
    http.daemon_threads = True
    say("ready", port=http.server_address[1], device=device_of(job))
    http.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
