"""Reference values for the confidence sequences and the self-test on peeking.

Writes src/statistics/references/confidence-sequences.json. From the root of the repository:

    python3 -m venv /tmp/references && /tmp/references/bin/pip install confseq==0.0.11 scipy==1.17.1 numpy==1.26.4
    /tmp/references/bin/python scripts/references/confidence-sequences.py

Made with Python 3.11, confseq 0.0.11, SciPy 1.17.1, NumPy 1.26.4 (confseq needs NumPy 1). confseq compiles against Boost's headers (here 1.81);
from Python 3.11 on its pinned pybind11 is too old: install pybind11, scikit-build, cmake, ninja and setuptools<70 first,
then confseq with --no-build-isolation.
"""

import json
import math
from pathlib import Path

import numpy as np
import scipy.signal
from confseq.betting import betting_mart
from confseq.betting_strategies import lambda_predmix_eb
from confseq.boundaries import normal_log_mixture, normal_mixture_bound
from scipy.optimize import brentq
from scipy.stats import norm
from scipy.stats import t as student

alpha = 0.05
stakes = [math.sin(math.pi * (2 * index + 1) / 64) ** 2 for index in range(16)]


def capital(values, mean, theta):
    """Largest capital over time of confseq's martingales with fixed shares of the largest stake, averaged."""
    side = mean if theta == 1 else 1 - mean
    fixed = [lambda x, m, share=share: np.full(len(x), share / side) for share in stakes]
    return np.max(np.mean([martingale(values, mean, theta, bets, 1) for bets in fixed], axis=0))


def martingale(values, mean, theta, bets, truncation):
    return betting_mart(values, mean, theta=theta, lambdas_fn_positive=bets, lambdas_fn_negative=bets, trunc_scale=truncation)


def log_excess(largest, wanted):
    return float(np.clip(np.log(largest / wanted), -100, 100))


def betting_ends(values):
    """Where the capital against a smaller and against a larger mean first reaches 2 / alpha."""

    def end(theta, fallback):
        excess = lambda mean: log_excess(capital(values, mean, theta), 2 / alpha)
        near, far = (1e-6, 1 - 1e-6) if theta == 1 else (1 - 1e-6, 1e-6)
        return brentq(excess, near, far, xtol=1e-13) if excess(near) > 0 else fallback

    return {"low": end(1, 0.0), "high": end(0, 1.0)}


def plug_in_ends(values):
    """The same for the predictable plug-in bets of the paper, which the intervals here are measured against."""

    def end(theta):
        bets = lambda x, m: lambda_predmix_eb(x, alpha=alpha / 2)
        excess = lambda mean: log_excess(np.max(martingale(values, mean, theta, bets, 0.75)), 2 / alpha)
        near, far = (1e-6, 1 - 1e-6) if theta == 1 else (1 - 1e-6, 1e-6)
        return brentq(excess, near, far, xtol=1e-12)

    return {"low": end(1), "high": end(0)}


def mixture_ends(values, tuned_to):
    n = len(values)
    deviation = np.std(values, ddof=1)
    few = student.ppf(1 - alpha / 2, n - 1) / norm.ppf(1 - alpha / 2)
    bound = normal_mixture_bound(n, alpha=alpha, v_opt=tuned_to, alpha_opt=alpha, is_one_sided=False)
    reach = few * deviation * float(bound) / n
    return {"low": np.mean(values) - reach, "high": np.mean(values) + reach}


def live_log_e(one, other, deviation):
    def moments(arm):
        mean = arm["sum"] / arm["n"]
        spread = min(0.25, (arm["squares"] - arm["n"] * mean**2 + 1) / arm["n"])
        return mean, spread / arm["n"]

    (first, v1), (second, v2) = moments(one), moments(other)
    # normal_log_mixture tunes its own parameter; rho is 1 / deviation², reached by v_opt = rho * (2 log(1/a) + log(1 + 2 log(1/a)))
    evidence = 2 * math.log(1 / alpha)
    v_opt = (evidence + math.log(1 + evidence)) / deviation**2
    value = normal_log_mixture((first - second) / (v1 + v2), 1 / (v1 + v2), v_opt=v_opt, alpha_opt=alpha, is_one_sided=False)
    return float(value)


def share_rejected(looks):
    """Chance that a two-sided z test at 5 % rejects at one of equally spaced looks, no difference: numerical integration."""
    critical = norm.ppf(0.975)
    # the walk's density on a grid of steps, cut off at the boundary after each look
    width = 0.02
    kernel_reach = int(8 / width)
    kernel = norm.pdf(np.arange(-kernel_reach, kernel_reach + 1) * width) * width
    half = int(critical * math.sqrt(looks) / width) + kernel_reach + 1
    grid = np.arange(-half, half + 1) * width
    density = np.zeros(len(grid))
    density[half] = 1 / width
    for look in range(1, looks + 1):
        density = scipy.signal.fftconvolve(density, kernel, mode="same")
        edge = critical * math.sqrt(look)
        # a cell that the boundary crosses is kept in part
        density *= np.clip((edge - np.abs(grid)) / width + 0.5, 0, 1)
    return 1 - density.sum() * width


random = np.random.default_rng(20240301)
sequences = {
    "0/1, 0.9": (random.random(300) < 0.9).astype(float),
    "0/1, 0.5": (random.random(120) < 0.5).astype(float),
    "0/1, all 1": np.ones(40),
    "continuous, Beta(8, 2)": np.round(random.beta(8, 2, 200), 4),
    "continuous, Beta(30, 30)": np.round(random.beta(30, 30, 150), 4),
}
costs = np.round(random.gamma(2, 0.003, 400), 6)
arms = [
    ({"n": 400, "sum": 332, "squares": 332}, {"n": 380, "sum": 281, "squares": 281}, 0.05),
    ({"n": 50, "sum": 41, "squares": 41}, {"n": 45, "sum": 36, "squares": 36}, 0.1),
    ({"n": 1200, "sum": 843.2, "squares": 640.75}, {"n": 1100, "sum": 812.9, "squares": 655.1}, 0.02),
]

reference = {
    "made": {"script": "scripts/references/confidence-sequences.py", "confseq": "0.0.11", "scipy": scipy.__version__, "numpy": np.__version__},
    "betting": [
        {
            "name": name,
            "values": values.tolist(),
            "confidence": 1 - alpha,
            **betting_ends(values),
            "plugIn": None if len(set(values)) == 1 else plug_in_ends(values),
        }
        for name, values in sequences.items()
    ],
    "asymptotic": [
        {"n": n, "tunedTo": tuned_to, "confidence": 1 - alpha, **mixture_ends(costs[:n], tuned_to)} for n, tuned_to in [(20, 500), (100, 100), (400, 1000)]
    ],
    "costs": costs.tolist(),
    "live": [{"first": one, "second": other, "priorDeviation": deviation, "logE": live_log_e(one, other, deviation)} for one, other, deviation in arms],
    "peeking": [{"looks": looks, "share": share_rejected(looks)} for looks in (1, 2, 5, 10, 100, 1000)],
}

target = Path(__file__).parents[2] / "src/statistics/references/confidence-sequences.json"
target.parent.mkdir(parents=True, exist_ok=True)
target.write_text(json.dumps(reference, separators=(",", ":")) + "\n")
