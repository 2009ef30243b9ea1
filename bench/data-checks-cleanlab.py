# Suspects by cleanlab, on held-out probabilities of scikit-learn's logistic regression over tf-idf, and on those that the caller gives.
import json, sys, time
import numpy as np
from cleanlab.filter import find_label_issues
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline

folder = sys.argv[1]
with open(f"{folder}/rows.json") as file:
    rows = json.load(file)
labels = np.array(rows["labels"])
count = labels.max() + 1

start = time.time()
model = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LogisticRegression(C=10, max_iter=200))
own = cross_val_predict(model, rows["texts"], labels, cv=StratifiedKFold(5, shuffle=True, random_state=0), method="predict_proba")
training = time.time() - start

# the caller's labels are numbered in the order of their first rows
order = list(dict.fromkeys(labels.tolist()))
given = np.fromfile(f"{folder}/probabilities.f32", dtype=np.float32).reshape(len(labels), -1).astype(float)
aligned = np.zeros_like(given)
aligned[:, order] = given

results = []
for name, probabilities, seconds in (("cleanlab, scikit-learn's probabilities", own, training), ("cleanlab, Rung's probabilities", aligned, 0.0)):
    for how in ("prune_by_noise_rate", "low_normalized_margin", "low_self_confidence"):
        start = time.time()
        found = np.where(find_label_issues(labels, probabilities, filter_by=how))[0]
        results.append({"by": f"{name}, {how}", "suspects": found.tolist(), "seconds": seconds + time.time() - start})
print(json.dumps(results))
