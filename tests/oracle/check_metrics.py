#!/usr/bin/env python3
"""Reads a client's figures by the rules of Prometheus' text format 0.0.4: check_metrics.py PRINT_METRICS."""
import re
import subprocess
import sys

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)')
SAMPLE = re.compile(rf"({NAME})\{{(.*)\}} (\+Inf|-?[0-9]+(?:\.[0-9]+)?)")
UNESCAPED = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}
DURATION = "qdrant_client_attempt_duration_seconds"
JOB = 'a "quoted" \\ job'


def fail(text):
    sys.exit(f"check_metrics: {text}")


def read_labels(text):
    labels, at = {}, 0
    while at < len(text):
        match = LABEL.match(text, at)
        if not match or match[1] in labels:
            fail(f"labels {text!r}")
        labels[match[1]] = re.sub(r"\\.", lambda found: UNESCAPED[found[0]], match[2])
        at = match.end()
    return labels


def read(text):
    """{metric: (type, {(name, labels): value})}; every sample must belong to the last head, each head come once."""
    metrics, name = {}, None
    if not text.endswith("\n"):
        fail("the last line has no end")
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith("#"):
            match = re.fullmatch(rf"# HELP ({NAME}) \S.*", line)
            kind = match and re.fullmatch(rf"# TYPE {match[1]} (counter|gauge|histogram)", next(lines))
            if not kind or match[1] in metrics:
                fail(f"head {line!r}")
            name = match[1]
            metrics[name] = (kind[1], {})
            continue
        match = SAMPLE.fullmatch(line)
        suffix = match and name and match[1].startswith(name) and match[1][len(name):]
        allowed = ("_bucket", "_sum", "_count") if metrics[name][0] == "histogram" else ("",)
        if suffix not in allowed:
            fail(f"sample {line!r} after the head of {name}")
        key = (suffix, tuple(sorted(read_labels(match[2]).items())))
        if key in metrics[name][1]:
            fail(f"twice: {line!r}")
        metrics[name][1][key] = float(match[3])
    return metrics


def check_histogram(samples):
    """Buckets rise with le up to +Inf, which is the count; returns {(rpc, outcome): count}."""
    counts = {}
    for (suffix, labels), n in samples.items():
        if suffix != "_count":
            continue
        buckets = []
        for (kind, others), value in samples.items():
            rest = tuple(label for label in others if label[0] != "le")
            if kind == "_bucket" and rest == labels:
                buckets.append((float(dict(others)["le"].replace("+Inf", "inf")), value))
        if len(buckets) != 20 or [b for b, _ in buckets] != sorted(b for b, _ in buckets):
            fail(f"buckets {buckets}")
        if abs(buckets[0][0] - 0.0001) > 1e-12 or abs(buckets[18][0] - 26.2144) > 1e-9:
            fail(f"bounds {buckets}")
        values = [value for _, value in buckets]
        if values != sorted(values) or values[-1] != n or n == 0:
            fail(f"counts {values}, in all {n}")
        if not 0 <= samples[("_sum", labels)] < 60 * n:
            fail(f"sum {samples[('_sum', labels)]}")
        counts[dict(labels)["rpc"], dict(labels)["outcome"]] = n
    return counts


def main():
    text = subprocess.run([sys.argv[1]], capture_output=True, text=True, check=True, timeout=120).stdout
    metrics = read(text)
    for name, (_, samples) in metrics.items():
        for _, labels in samples:
            if dict(labels).get("job") != JOB or dict(labels).get("zone") != "":
                fail(f"{name} lacks the user's labels: {labels}")
    single = {name: list(samples.values())[0] for name, (kind, samples) in metrics.items() if kind != "histogram" and samples}
    wanted = {"qdrant_client_attempts_total": 4, "qdrant_client_attempts_failed_total": 1, "qdrant_client_retries_total": 0,
              "qdrant_client_calls_in_flight": 0, "qdrant_client_bytes_in_flight": 0, "qdrant_client_connections": 4,
              "qdrant_client_endpoint_state": 1}
    for name, value in wanted.items():
        if single.get(name) != value:
            fail(f"{name} is {single.get(name)}, not {value}")
    counts = check_histogram(metrics[DURATION][1])
    if counts != {("Qdrant/HealthCheck", "OK"): 3, ("Points/Count", "NOT_FOUND"): 1}:
        fail(f"attempts {counts}")
    print(f"{len(metrics)} metrics, {sum(len(samples) for _, samples in metrics.values())} samples")


if __name__ == "__main__":
    main()
