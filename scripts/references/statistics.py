"""Reference values for the intervals and tests of one and of two candidates, clusters, judges and power.

Writes src/statistics/references/statistics.json. From the root of the repository:

    python3 -m venv /tmp/references && /tmp/references/bin/pip install scipy==1.17.1 statsmodels==0.15.0 numpy==2.4.6
    /tmp/references/bin/python scripts/references/statistics.py

Made with Python 3.11, SciPy 1.17.1, statsmodels 0.15.0, NumPy 2.4.6.
"""

import itertools
import json
import math
from pathlib import Path

import numpy as np
import scipy
import statsmodels
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

random = np.random.default_rng(7)


def shares(method, cases):
    rows = []
    for successes, n, confidence in cases:
        low, high = proportion_confint(successes, n, alpha=1 - confidence, method=method)
        rows.append({"successes": successes, "n": n, "confidence": confidence, "low": low, "high": high})
    return rows


def mid_p(only_first, only_second):
    fewer, both = min(only_first, only_second), only_first + only_second
    exact = mcnemar([[0, only_first], [only_second, 0]], exact=True).pvalue
    return {"onlyFirst": only_first, "onlySecond": only_second, "p": exact - stats.binom.pmf(fewer, both, 0.5)}


def t_interval(values, confidence):
    low, high = stats.t.interval(confidence, len(values) - 1, np.mean(values), stats.sem(values))
    return {"confidence": confidence, "low": low, "high": high}


def bca(values, confidence, statistic=np.mean):
    """SciPy reads normal tails; the level is raised so that they are Student's, widened by sqrt(n / (n - 1))."""
    n = len(values)
    critical = stats.t.ppf((1 + confidence) / 2, n - 1) * math.sqrt(n / (n - 1))
    level = 2 * stats.norm.cdf(critical) - 1
    found = stats.bootstrap(
        (np.array(values),), statistic, n_resamples=100_000, confidence_level=level, method="BCa", batch=10_000, rng=random
    ).confidence_interval
    return {
        "values": list(values), "statistic": statistic.__name__, "confidence": confidence, "low": found.low, "high": found.high,
    }


def quantile(n, probability, confidence):
    found = stats.quantile_test(np.arange(1, n + 1), p=probability).confidence_interval(confidence)
    ends = [None if math.isnan(end) else int(end) for end in (found.low, found.high)]
    return {"n": n, "probability": probability, "confidence": confidence, "low": ends[0], "high": ends[1]}


def clusters_of_one_size(confidence):
    group = np.repeat(np.arange(12), 5)
    level = random.beta(3, 1, 12)
    values = (random.random(60) < level[group]).astype(float)
    fit = sm.OLS(values, np.ones(60)).fit(cov_type="cluster", cov_kwds={"groups": group, "df_correction": True}, use_t=True)
    low, high = fit.conf_int(1 - confidence)[0]
    return {
        "values": values.tolist(), "clusters": group.tolist(), "confidence": confidence,
        "error": fit.bse[0], "low": low, "high": high,
    }


def clusters_of_other_sizes(confidence):
    """The bias-reduced variance and its degrees of freedom, by the matrices they are defined with."""
    sizes = [1, 2, 2, 3, 5, 8, 13]
    group = np.repeat(np.arange(len(sizes)), sizes)
    values = np.round(random.normal(0.6, 0.15, len(group)) + random.normal(0, 0.1, len(sizes))[group], 3)
    n = len(values)
    hat = np.full((n, n), 1 / n)
    residuals = values - values.mean()
    variance, columns = 0, []
    products, rows = 0, 0
    for index, size in enumerate(sizes):
        own = group == index
        roots, vectors = np.linalg.eigh(np.eye(size) - hat[np.ix_(own, own)])
        adjusted = vectors @ np.diag(roots**-0.5) @ vectors.T
        variance += (np.ones(size) @ adjusted @ residuals[own]) ** 2 / n**2
        columns.append((np.eye(n) - hat)[own].T @ adjusted @ np.ones(size) / n)
        if size > 1:
            pairs = [residuals[own][i] * residuals[own][j] for i, j in itertools.permutations(range(size), 2)]
            products += np.mean(pairs) * size
            rows += size
    correlation = min(1, max(0, products / rows / np.mean(residuals**2)))
    working = correlation * (group[:, None] == group[None, :]) + (1 - correlation) * np.eye(n)
    spread = np.array(columns) @ working @ np.array(columns).T
    degrees = np.trace(spread) ** 2 / np.trace(spread @ spread)
    reach = stats.t.ppf((1 + confidence) / 2, degrees) * math.sqrt(variance)
    return {
        "values": values.tolist(), "clusters": group.tolist(), "confidence": confidence, "error": math.sqrt(variance),
        "degrees": degrees, "correlation": correlation, "low": values.mean() - reach, "high": values.mean() + reach,
    }


def sign_flips(differences):
    """Every way to flip the clusters' signs, counted."""
    seen = abs(sum(differences))
    sums = [abs(sum(s * d for s, d in zip(signs, differences))) for signs in itertools.product((-1, 1), repeat=len(differences))]
    p = sum(1 if total > seen else 0.5 if total == seen else 0 for total in sums) / len(sums)
    return {"differences": differences, "p": p}


def independent_difference(first, n_first, second, n_second, confidence):
    low, high = confint_proportions_2indep(first, n_first, second, n_second, method="newcomb", alpha=1 - confidence)
    return {
        "first": first, "nFirst": n_first, "second": second, "nSecond": n_second, "confidence": confidence, "low": low, "high": high,
    }


def lang_reiczigel(right, n, true_right, human_right, true_wrong, human_wrong, confidence):
    """The closed form of Lang and Reiczigel 2014, written out again: these libraries do not have it."""
    z = stats.norm.ppf((1 + confidence) / 2)
    p, se, sp = (right + z**2 / 2) / (n + z**2), (true_right + 1) / (human_right + 2), (true_wrong + 1) / (human_wrong + 2)
    rate = (p + sp - 1) / (se + sp - 1)
    v_se, v_sp = se * (1 - se) / (human_right + 2), sp * (1 - sp) / (human_wrong + 2)
    error = math.sqrt(p * (1 - p) / (n + z**2) + rate**2 * v_se + (1 - rate) ** 2 * v_sp) / (se + sp - 1)
    centre = rate + 2 * z**2 * (rate * v_se - (1 - rate) * v_sp)
    return {
        "judged": {"right": right, "n": n}, "confidence": confidence, "low": centre - z * error, "high": centre + z * error,
        "calibration": {"humanRight": human_right, "trueRight": true_right, "humanWrong": human_wrong, "trueWrong": true_wrong},
    }


def kappa(table, confidence):
    found = cohens_kappa(np.array(table))
    reach = stats.norm.ppf((1 + confidence) / 2) * math.sqrt(found.var_kappa)
    return {"table": table, "confidence": confidence, "value": found.kappa, "low": found.kappa - reach, "high": found.kappa + reach}


def pairs_to_see(difference, discordance, confidence, power):
    z = stats.norm.ppf((1 + confidence) / 2) + stats.norm.ppf(power)
    pairs = z**2 * (discordance - difference**2) / difference**2
    return {"difference": difference, "discordance": discordance, "confidence": confidence, "power": power, "pairs": pairs}


sample = [2.1, 3.4, 1.9, 5.6, 4.4, 3.8, 2.7, 6.1]
skewed = [0] * 12 + [0.2, 0.5, 0.5, 1, 1, 0.3, 0, 0, 0.1, 0, 0, 0, 0.9] + [0] * 5
counts = [(29, 29, 0.95), (0, 12, 0.95), (223, 240, 0.95), (841, 1319, 0.9), (7, 30, 0.99)]
inner = [case for case in counts if 0 < case[0] < case[1]]
p_values = [0.01, 0.04, 0.03, 0.005, 0.2]

references = {
    "made": {
        "script": "scripts/references/statistics.py",
        "scipy": scipy.__version__, "statsmodels": statsmodels.__version__, "numpy": np.__version__,
    },
    "normal": [{"z": z, "below": stats.norm.cdf(z)} for z in (-3, -1, -0.2, 0.5, 1.96, 4)],
    "student": [
        {"degrees": degrees, "confidence": confidence, "critical": stats.t.ppf((1 + confidence) / 2, degrees)}
        for degrees, confidence in ((1, 0.95), (3, 0.9), (2.6, 0.95), (10, 0.95), (239, 0.99))
    ],
    "studentTails": [{"t": t, "degrees": degrees, "p": 2 * stats.t.sf(t, degrees)} for t, degrees in ((0.3, 4), (2.5, 9), (6, 40))],
    "wilson": shares("wilson", counts),
    "jeffreys": shares("jeffreys", inner),
    "clopperPearson": shares("beta", counts),
    "mcnemarMidP": [mid_p(a, b) for a, b in ((1, 7), (3, 9), (0, 5), (16, 6), (40, 61))],
    "independentDifference": [independent_difference(54, 60, 6, 40, 0.95), independent_difference(30, 41, 12, 22, 0.9)],
    "t": {"values": sample, "intervals": [t_interval(sample, 0.95), t_interval(sample, 0.9)]},
    "bca": [bca(skewed, 0.95), bca(skewed, 0.95, np.var), bca(np.round(random.beta(4, 2, 60), 3).tolist(), 0.9)],
    "quantiles": [quantile(*case) for case in ((200, 0.95, 0.95), (100, 0.5, 0.95), (50, 0.95, 0.95), (71, 0.5, 0.9))],
    "type7": {"values": sample, "quantiles": [{"probability": p, "value": np.quantile(sample, p)} for p in (0.05, 0.25, 0.5, 0.95)]},
    "holm": {"pValues": p_values, "adjusted": multipletests(p_values, method="holm")[1].tolist()},
    "clustersOfOneSize": clusters_of_one_size(0.95),
    "clustersOfOtherSizes": clusters_of_other_sizes(0.95),
    "signFlips": [sign_flips(d) for d in ([3, 1, -1, 2, 1, 0, 4, -2], [1, 1, -1, 1, 1], [5, 4, 3, 2, 2, 1, 1, 1, -1, -3])],
    "correctedRate": [lang_reiczigel(140, 200, 54, 60, 34, 40, 0.95), lang_reiczigel(61, 150, 26, 30, 19, 25, 0.9)],
    "kappa": [kappa([[20, 5, 1], [10, 15, 2], [3, 4, 9]], 0.95), kappa([[40, 6], [9, 45]], 0.9)],
    "pairsToSee": [pairs_to_see(0.03, 0.1, 0.95, 0.8), pairs_to_see(0.03, 0.2, 0.95, 0.8), pairs_to_see(0.05, 0.3, 0.9, 0.9)],
}


def plain(number):
    """NumPy's numbers as JSON's."""
    return number.item()


target = Path(__file__).parents[2] / "src/statistics/references/statistics.json"
target.write_text(json.dumps(references, indent=2, default=plain) + "\n")
