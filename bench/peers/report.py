#!/usr/bin/env python3
"""Reads the JSON lines of ./nautile bench and peer_torch.py and prints a table in Markdown: one row per work, one column per
device of Nautile (and for its ops as plans, "-recorded"), one for the best of PyTorch's modes, and how many times as fast as
that the first device is, as plan or not."""
import json
import sys


def speed(line):
    """What a work is measured in, and how much of it."""
    if line.get("samples_s"):
        return line["samples_s"], "samples/s"
    if line["suite"] == "mem" and line.get("gbps"):
        return line["gbps"], "GB/s"
    return line.get("gflops", 0.0), "GFLOP/s"


def cell(line):
    if line is None:
        return "-"
    if "error" in line:
        return "failed"
    amount, unit = speed(line)
    return "%.4g ms, %s %s" % (line["median_ms"], format(amount, ",.0f").replace(",", " "), unit)


lines = []
for name in sys.argv[1:]:
    with open(name) as file:
        lines += [json.loads(text) for text in file if text.strip()]
works = list(dict.fromkeys(line["work"] for line in lines))
peers = sorted({line["peer"] for line in lines if line["peer"].startswith("nautile-")})
by = {(line["work"], line["peer"]): line for line in lines}

columns = ["work", *peers, "PyTorch, best mode", (peers[0] if peers else "nautile") + " to PyTorch"]
print("| " + " | ".join(columns) + " |")
print("|" + "---|" * len(columns))
for work in works:
    torch = [line for line in lines if line["work"] == work and line["peer"].startswith("torch-")]
    done = [line for line in torch if "median_ms" in line]
    best = min(done, key=lambda line: line["median_ms"]) if done else (torch[0] if torch else None)
    ours = [by.get((work, peer)) for peer in peers]
    first = [line for line in ours if line and line["peer"].removesuffix("-recorded") == peers[0] and "median_ms" in line]
    text = cell(best) + (" (" + best["peer"][len("torch-"):] + ")" if best and "median_ms" in best else "")
    ratio = "-"
    if first and done:
        ratio = "%.2f" % (best["median_ms"] / min(line["median_ms"] for line in first))
    print("| " + " | ".join([work] + [cell(line) for line in ours] + [text, ratio]) + " |")
for line in lines:
    if "error" in line:
        print("\n%s, %s: %s" % (line["peer"], line["work"], line["error"]))
