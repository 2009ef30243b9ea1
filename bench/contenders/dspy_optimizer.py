"""One DSPy optimiser on one job: reads the job from standard input, prints predictions and what it found as one JSON line.

The model, the metric and the counting are the bench's: answers come from its server, scores from its /score.
"""

import contextlib
import json
import random
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import dspy
from dspy.adapters.chat_adapter import ChatAdapter
from dspy.teleprompt import GEPA, BootstrapFewShot, BootstrapFewShotWithRandomSearch, MIPROv2


class PlainAdapter(ChatAdapter):
    """The instructions as the system message, demonstrations as turns, the input alone as the question: no field markers.

    What optimisers ask of their prompt model keeps DSPy's own form.
    """

    def __init__(self):
        super().__init__(use_json_adapter_fallback=False)

    def format(self, signature, demos, inputs):
        if "message" not in signature.input_fields:
            return super().format(signature, demos, inputs)
        turns = [{"role": "system", "content": signature.instructions}]
        for demo in demos:
            if "message" in demo and "answer" in demo:
                turns.append({"role": "user", "content": str(demo["message"])})
                turns.append({"role": "assistant", "content": str(demo["answer"])})
        return [*turns, {"role": "user", "content": str(inputs["message"])}]

    def parse(self, signature, completion):
        if "answer" not in signature.output_fields:
            return super().parse(signature, completion)
        return {"answer": completion.strip()}


def post(url, body):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def language_model(job, url, name):
    strong = name == "strong"
    return dspy.LM(
        f"openai/{name}", api_base=url, api_key="none", temperature=1.0 if strong else 0.0,
        max_tokens=4000 if strong else job["maxTokens"], cache=False, num_retries=0,
    )


def program_for(job):
    if job["adapter"] == "plain":
        return dspy.Predict(dspy.Signature("message -> answer", job["plainInstructions"]))
    answer = Literal[tuple(job["labels"])] if job["labels"] else str
    signature = dspy.Signature({"message": (str, dspy.InputField()), "answer": (answer, dspy.OutputField())}, job["instructions"])
    return dspy.Predict(signature)


class Scorer:
    def __init__(self, job):
        self.url = job["scoreUrl"]

    def __call__(self, example, prediction):
        text = getattr(prediction, "answer", None)
        return post(self.url, {"id": example.id, "text": "" if text is None else str(text)})


def compile_program(job, program, train, validation):
    scorer = Scorer(job)
    budget, size, seed = job["budget"], len(validation), job["seed"]
    threshold = job["threshold"]
    labeled, bootstrapped = job["demos"]["labeled"], job["demos"]["bootstrapped"]

    def metric(example, prediction, trace=None):
        score = scorer(example, prediction)["score"]
        return score if trace is None else score >= threshold

    def metric_with_feedback(example, prediction, trace=None, pred_name=None, pred_trace=None):
        score, reason = (scored := scorer(example, prediction))["score"], scored.get("reason", "")
        wrong = f"{reason}; expected {example.answer}, answered {prediction.answer}".lstrip("; ")
        return dspy.Prediction(score=score, feedback="right" if score >= threshold else wrong)

    strong = language_model(job, job["baseUrl"], "strong")
    shared = {"max_bootstrapped_demos": bootstrapped, "max_labeled_demos": labeled, "max_errors": 100000}
    if job["optimiser"] == "none":
        return program
    if job["optimiser"] == "BootstrapFewShot":
        return BootstrapFewShot(metric, **shared).compile(program, trainset=train)
    if job["optimiser"] == "BootstrapFewShotWithRandomSearch":
        # three programs come without being asked for; bootstrapping one costs about eight calls
        candidates = max(1, round((budget - 3 * size - 10) / (size + 8)))
        search = BootstrapFewShotWithRandomSearch(metric, num_candidate_programs=candidates, num_threads=8, **shared)
        return search.compile(program, trainset=train, valset=validation)
    if job["optimiser"] == "MIPROv2":
        minibatch = min(20, size)
        # bootstrapping costs some calls; the start and every fifth trial are measured on all rows
        trials = max(2, round((budget - size - 25) / (minibatch + size / 5)))
        search = MIPROv2(
            metric, prompt_model=strong, auto=None, num_candidates=5, num_threads=8, seed=seed, verbose=False, **shared
        )
        return search.compile(
            program, trainset=train, valset=validation, num_trials=trials, minibatch=True, minibatch_size=minibatch,
        )
    if job["optimiser"] == "GEPA":
        search = GEPA(metric_with_feedback, max_metric_calls=budget, reflection_lm=strong, num_threads=8, seed=seed)
        return search.compile(program, trainset=train, valset=validation)
    raise ValueError(job["optimiser"])


def predict(program, rows):
    def one(row):
        try:
            answer = program(message=row["message"]).answer
            return None if answer is None else str(answer)
        except Exception:  # an answer that cannot be read is a wrong answer
            return None

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(one, rows))


def main():
    job = json.load(sys.stdin)
    random.seed(job["seed"])
    adapter = PlainAdapter() if job["adapter"] == "plain" else ChatAdapter()

    def examples(rows):
        return [dspy.Example(id=row["id"], message=row["message"], answer=row["answer"]).with_inputs("message") for row in rows]

    with contextlib.redirect_stdout(sys.stderr):
        dspy.configure(lm=language_model(job, job["baseUrl"], job["model"]), adapter=adapter)
        program = compile_program(job, program_for(job), examples(job["train"]), examples(job["validation"]))
        program.set_lm(language_model(job, job["testUrl"], job["model"]))
        dspy.configure(lm=language_model(job, job["testUrl"], job["model"]), adapter=adapter)
        predictions = predict(program, job["test"])
    predictor = program.predictors()[0]
    found = {"instructions": predictor.signature.instructions, "demos": len(predictor.demos)}
    print(json.dumps({"predictions": predictions, "found": found, "version": dspy.__version__}))


main()
