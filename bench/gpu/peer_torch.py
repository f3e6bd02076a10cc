#!/usr/bin/env python3
"""Times PyTorch on a list of works, as ./nautile bench times Nautile, and appends a line of JSON per work to a file.

Modes: eager    what a program gets by default
       graph    the same calls captured in a CUDA graph and replayed: no cost of launching (GPU only)
       compile  torch.compile
Float32 without TF32. Results go into tensors that exist where PyTorch can do that. Times are medians of samples of at least
a millisecond each, by CUDA events (training steps, which end with reading the loss, by the clock).
"""
import argparse
import json
import math
import re
import statistics
import sys
import time

import torch
import torch.nn.functional as F

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--works", required=True, help="suite, work, kind, parameters, flops, bytes, samples; tabs between")
parser.add_argument("--out", required=True, help="JSON lines are appended to this file")
parser.add_argument("--device", default="cuda")
parser.add_argument("--mode", default="eager,graph,compile", help="one or more of eager, graph, compile")
parser.add_argument("--filter", default="", help="only works in whose name this expression is found")
parser.add_argument("--budget", type=float, default=0.3, help="seconds of samples of each work")
parser.add_argument("--seconds", type=float, default=math.inf, help="begin no work after this time")
options = parser.parse_args()
GPU = options.device.startswith("cuda")
if GPU and not torch.cuda.is_available():
    sys.exit("peer_torch: PyTorch %s finds no CUDA GPU; --device cpu runs without" % torch.__version__)
torch.manual_seed(0)
torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
torch.set_float32_matmul_precision("highest")


def uniform(*shape):
    return torch.rand(*shape, device=options.device) * 2 - 1


def gemm(p):
    a = uniform(p["k"], p["m"]).t() if p["ta"] else uniform(p["m"], p["k"])
    b = uniform(p["n"], p["k"]).t() if p["tb"] else uniform(p["k"], p["n"])
    y = torch.empty(p["m"], p["n"], device=options.device)
    return lambda: torch.mm(a, b, out=y)


def linear(p):
    x, w, b = uniform(p["b"], p["i"]), uniform(p["o"], p["i"]), uniform(p["o"])
    if p["dir"] == "fwd":
        return lambda: F.linear(x, w, b)
    dy = uniform(p["b"], p["o"])
    return lambda: (dy @ w, dy.t() @ x, dy.sum(0))


def activation(forward, backward):
    def make(p):
        x = uniform(p["e"])
        if p["dir"] == "fwd":
            return lambda: forward(x)
        dy = uniform(p["e"])
        return lambda: backward(dy, x)

    return make


def binary(p):
    a, b = uniform(p["e"]), uniform(p["e"])
    y = torch.empty_like(a)
    return lambda: torch.add(a, b, out=y)


def softmax(log):
    def make(p):
        x = uniform(p["r"], p["c"])
        aten = torch.ops.aten
        if p.get("dir", "fwd") == "fwd":
            return lambda: aten._log_softmax(x, 1, False) if log else aten._softmax(x, 1, False)
        y, dy = x.log_softmax(1) if log else x.softmax(1), uniform(p["r"], p["c"])
        backward = aten._log_softmax_backward_data if log else aten._softmax_backward_data
        return lambda: backward(dy, y, 1, torch.float32)

    return make


def cross_entropy(p):
    x = uniform(p["r"], p["c"]).requires_grad_(p["dir"] == "bwd")
    target = torch.randint(0, p["c"], (p["r"],), device=options.device)
    if p["dir"] == "fwd":
        return lambda: F.cross_entropy(x, target)
    loss = F.cross_entropy(x, target)
    return lambda: torch.autograd.grad(loss, x, retain_graph=True)


def unary(function):
    def make(p):
        x = uniform(p["e"]) if "e" in p else uniform(p["r"], p["c"])
        return lambda: function(x)

    return make


def copy(p):
    x = uniform(p["e"])
    y = torch.empty_like(x)
    return lambda: y.copy_(x)


def transpose(p):
    x = uniform(p["r"], p["c"])
    y = torch.empty(p["c"], p["r"], device=options.device)
    return lambda: y.copy_(x.t())


def fill(p):
    y = uniform(p["e"])
    return lambda: y.fill_(0.5)


def sgd(p):
    w, dw = uniform(p["e"]), uniform(p["e"])
    if "momentum" not in p:
        return lambda: w.add_(dw, alpha=-1e-6)
    buffer, momentum = uniform(p["e"]), float(p["momentum"])
    return lambda: (buffer.mul_(momentum).add_(dw), w.add_(buffer, alpha=-1e-6))


class Training:
    """A step of the network of mnist-mlp; reading the loss ends it."""

    def __init__(self, p, mode):
        batch = p["batch"]
        layers = [torch.nn.Linear(784, 64), torch.nn.ReLU(), torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10)]
        self.model = torch.nn.Sequential(*layers).to(options.device)
        self.x, self.y = uniform(batch, 784), torch.randint(0, 10, (batch,), device=options.device)
        self.sgd = torch.optim.SGD(self.model.parameters(), 0.01, **({"fused": True} if mode != "eager" else {}))
        self.loss = lambda x, y: F.cross_entropy(self.model(x), y)
        if mode == "compile":
            self.loss = torch.compile(self.loss, dynamic=False, mode="reduce-overhead" if GPU else None)

    def step(self):
        self.sgd.zero_grad(set_to_none=False)
        loss = self.loss(self.x, self.y)
        loss.backward()
        self.sgd.step()
        return loss.detach()


aten = torch.ops.aten
KINDS = {
    "gemm": gemm,
    "linear": linear,
    "relu": activation(torch.relu, lambda dy, x: aten.threshold_backward(dy, x, 0)),
    "gelu": activation(F.gelu, aten.gelu_backward),
    "tanh": activation(torch.tanh, aten.tanh_backward),
    "add": binary,
    "scale": unary(lambda x: x * 0.5 + 0.25),
    "sum": unary(torch.sum),
    "softmax": softmax(False),
    "log_softmax": softmax(True),
    "cross_entropy": cross_entropy,
    "argmax": unary(lambda x: x.argmax(1)),
    "copy": copy,
    "transpose": transpose,
    "fill": fill,
    "sgd": sgd,
}


def captured(function):
    """The calls as a CUDA graph, ready to be replayed, and the tensors that hold its result."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            function()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        result = function()
    return graph.replay, result


def prepare(kind, p, mode):
    """The call to time, and whether it waits for its result."""
    if kind == "mlp_mnist":
        training = Training(p, mode)
        if mode == "graph":
            replay, loss = captured(training.step)
            return lambda: (replay(), loss.item()), True
        return lambda: training.step().item(), True
    function = KINDS[kind](p)
    if mode == "graph":
        return captured(function)[0], False
    if mode == "compile":
        return torch.compile(function, dynamic=False), False
    return function, False


def clock(function, calls):
    start = time.perf_counter()
    for _ in range(calls):
        function()
    if GPU:
        torch.cuda.synchronize()
    return (time.perf_counter() - start) / calls


def events(function, calls):
    start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    start.record()
    for _ in range(calls):
        function()
    end.record()
    end.synchronize()
    return start.elapsed_time(end) * 1e-3 / calls


def measure(function, waits):
    """Median and least of the samples in seconds, and how many calls were timed."""
    function()
    start = time.perf_counter()
    once = 0.0
    while time.perf_counter() - start < 0.2:  # warm: clocks, caches, allocator
        once = clock(function, 1)
    calls = max(1, math.ceil(1e-3 / once))
    sample = clock if waits or not GPU else events
    count = max(5, min(300, int(options.budget / (once * calls))))
    samples = sorted(sample(function, calls) for _ in range(count))
    return statistics.median(samples), samples[0], count * calls


def works():
    with open(options.works) as file:
        for line in file:
            suite, work, kind, parameters, flops, size, samples = line.rstrip("\n").split("\t")
            if re.search(options.filter, work):
                pairs = (pair.split("=") for pair in parameters.split(","))
                p = {name: int(value) if value.isdigit() else value for name, value in pairs}
                yield suite, work, kind, p, int(flops), int(size), int(samples)


def run(mode, suite, work, kind, p, flops, size, samples):
    line = {"peer": "torch-" + mode, "suite": suite, "work": work, "threads": torch.get_num_threads()}
    try:
        with torch.set_grad_enabled(kind in ("mlp_mnist", "cross_entropy")):
            median, least, calls = measure(*prepare(kind, p, mode))
        line.update(median_ms=round(median * 1e3, 6), min_ms=round(least * 1e3, 6), reps=calls)
        line.update(gflops=round(flops / median / 1e9, 3), gbps=round(size / median / 1e9, 3))
        if samples:
            line["samples_s"] = round(samples / median, 1)
    except Exception as e:  # the next work may do
        line["error"] = " ".join((type(e).__name__ + ": " + str(e)).split())[:200]
    with open(options.out, "a") as out:
        out.write(json.dumps(line) + "\n")
    print("%-8s %-30s %s" % (mode, work, line.get("error") or "%.4f ms" % line["median_ms"]), flush=True)
    return "error" not in line


start = time.monotonic()
good = True
for mode in options.mode.split(","):
    if mode == "graph" and not GPU:
        print("graph: CUDA graphs need a GPU")
        continue
    # compiling takes long: training steps first
    for suite, work, kind, *rest in reversed(list(works())) if mode == "compile" else works():
        if kind not in KINDS and kind != "mlp_mnist":
            print("%-8s %-30s no such kind here: %s" % (mode, work, kind))
        elif mode == "compile" and kind == "gemm":
            continue  # with a result tensor given, it is the eager call
        elif time.monotonic() - start > options.seconds:
            print("%-8s %-30s not begun: %g s are over" % (mode, work, options.seconds))
        else:
            good &= run(mode, suite, work, kind, *rest)
sys.exit(0 if good else 1)
