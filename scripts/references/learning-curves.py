"""Writes src/statistics/references/learning-curves.json: learning curves with noise, fitted by SciPy's curve_fit.

    pip install numpy scipy
    python scripts/references/learning-curves.py
"""

import json
from pathlib import Path

import numpy
import scipy
from scipy.optimize import curve_fit


def power(x, floor, scale, exponent):
    return floor + scale * x**-exponent


def rectified(x, floor, scale, exponent, delay):
    return floor + scale / (delay + x**exponent)


STARTS = {
    power: [(f, 0.1, e) for f in (0.1, 0.7) for e in (0.3, 1.0, 2.0)],
    rectified: [(f, 0.1, e, d) for f in (0.1, 0.7) for e in (0.5, 1.0, 2.0) for d in (0.01, 0.3, 1.0)],
}


def fit(law, sizes, errors):
    """The best of several starts, in shares of the largest size; sizes in their order weigh 1, 2, 3, ..."""
    seeds = len(errors[0])
    x = numpy.repeat(numpy.array(sizes) / sizes[-1], seeds)
    y = numpy.array(errors).ravel()
    weights = numpy.repeat(numpy.arange(1, len(sizes) + 1), seeds)
    cap = min(numpy.mean(row) for row in errors)
    count = law.__code__.co_argcount - 1
    low, high = [0.0] * count, [cap, numpy.inf, 3.0, numpy.inf][:count]
    best = None
    for start in STARTS[law]:
        p0 = [cap * start[0], *start[1:]]
        try:
            found, _ = curve_fit(
                law, x, y, p0, sigma=1 / numpy.sqrt(weights), bounds=(low, high), ftol=1e-14, xtol=1e-14, gtol=1e-14, max_nfev=20000
            )
        except RuntimeError:
            continue
        squares = float(numpy.sum(weights * (y - law(x, *found)) ** 2))
        if best is None or squares < best[0]:
            best = (squares, found)
    squares, found = best
    n, k = len(y), count + 1
    criterion = n * numpy.log(squares / weights.sum()) + 2 * k + 2 * k * (k + 1) / (n - k - 1)
    return criterion, lambda rows: float(law(rows / sizes[-1], *found))


def main():
    random = numpy.random.default_rng(20240202)
    truths = [
        ("power", [16, 32, 64, 128, 256], lambda n: 0.05 + 1.2 * n**-0.5, 0.006),
        ("steep power", [25, 50, 100, 200, 400], lambda n: 0.1 + 6 / n, 0.005),
        ("slow power", [100, 200, 400, 800, 1600, 3200], lambda n: 0.02 + 0.9 * n**-0.25, 0.004),
        ("rectified", [16, 32, 64, 128, 256], lambda n: 0.05 + 110 / (150 + n**1.2), 0.004),
        ("flat, then falling", [32, 64, 128, 256, 512], lambda n: 0.03 + 0.6 * 50000 / (50000 + n**2), 0.006),
    ]
    curves = []
    for name, sizes, truth, noise in truths:
        errors = [[round(float(truth(n) + random.normal(0, noise)), 4) for _ in range(3)] for n in sizes]
        fits = {law.__name__: fit(law, sizes, errors) for law in (power, rectified)}
        chosen = min(fits, key=lambda law: fits[law][0])
        at = [round(sizes[-1] * times) for times in (1.5, 2, 3, 4)]
        curves.append(
            {
                "name": name,
                "sizes": sizes,
                "errors": errors,
                "law": chosen,
                "at": at,
                "forecast": [round(fits[chosen][1](rows), 6) for rows in at],
                "truth": [round(float(truth(rows)), 6) for rows in at],
            }
        )
    document = {"source": f"SciPy {scipy.__version__}, scipy.optimize.curve_fit", "curves": curves}
    target = Path(__file__).parents[2] / "src/statistics/references/learning-curves.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(document, indent=2) + "\n")


main()
