#!/usr/bin/env python3
"""Times PyTorch on a list of works, as ./nautile bench times Nautile.

With --works, appends a line of JSON per work to a file; with --serve, answers ./nautile bench --peer.

Modes: eager    what a program gets by default
       tuned    pictures channels last, fused optimizers (and, for the processor, MALLOC_* as cpu.sh sets them)
       compile  torch.compile on top of tuned
       graph    the calls of eager captured in a CUDA graph and replayed: no cost of launching (GPU only)
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
from torch import nn

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--serve", action="store_true", help="answer works that come on standard input, in the first --mode")
parser.add_argument("--works", help="suite, work, kind, parameters, flops, bytes, samples; tabs between")
parser.add_argument("--out", help="JSON lines are appended to this file")
parser.add_argument("--device", default="cuda")
parser.add_argument("--mode", default="eager,graph,compile", help="one or more of eager, tuned, compile, graph")
parser.add_argument("--filter", default="", help="only works in whose name this expression is found")
parser.add_argument("--budget", type=float, default=0.3, help="seconds of samples of each work")
parser.add_argument("--seconds", type=float, default=math.inf, help="begin no work after this time")
options = parser.parse_args()
if not options.serve and not (options.works and options.out):
    parser.error("--works and --out are needed, or --serve")
GPU = options.device.startswith("cuda")
if GPU and not torch.cuda.is_available():
    sys.exit("peer_torch: PyTorch %s finds no CUDA GPU; --device cpu runs without" % torch.__version__)
torch.manual_seed(0)
torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
torch.set_float32_matmul_precision("highest")
aten = torch.ops.aten


class Mode:
    """How PyTorch is used: a name, and what follows from it."""

    def __init__(self, name):
        self.name = name
        self.tuned = name in ("tuned", "compile")
        self.compile = name == "compile"
        self.graph = name == "graph"

    def pictures(self, x):
        return x.contiguous(memory_format=torch.channels_last) if self.tuned else x

    def optimizer(self, make, parameters, rate):
        more = {"fused": True} if self.tuned else {}
        if self.graph and make is torch.optim.Adam:
            more["capturable"] = True  # or its step cannot be captured
        return make(parameters, rate, **more)

    def compiled(self, function):
        if not self.compile:
            return function
        return torch.compile(function, dynamic=False, mode="reduce-overhead" if GPU else None)


def uniform(*shape):
    return torch.rand(*shape, device=options.device) * 2 - 1


def labels(classes, *shape):
    return torch.randint(0, classes, shape, device=options.device)


# Each maker takes the parameters of a work and the mode, and gives a function and its arguments.


def gemm(p, mode):
    a = uniform(p["k"], p["m"]).t() if p["ta"] else uniform(p["m"], p["k"])
    b = uniform(p["n"], p["k"]).t() if p["tb"] else uniform(p["k"], p["n"])
    y = torch.empty(p["m"], p["n"], device=options.device)
    if p.get("precision") == "medium" and mode.name in ("tuned", "graph"):  # what the setting does not do, or not always
        return lambda: y.copy_(torch.mm(a.bfloat16(), b.bfloat16()))
    return lambda: torch.mm(a, b, out=y)


def linear(p, mode):
    x, w, b = uniform(p["b"], p["i"]), uniform(p["o"], p["i"]), uniform(p["o"])
    if p["dir"] == "fwd":
        return lambda: F.linear(x, w, b)
    dy = uniform(p["b"], p["o"])
    return lambda: (dy @ w, dy.t() @ x, dy.sum(0))


def convolution(transposed):
    def make(p, mode):
        ci, co, k = p["ci"], p["co"], p["k"]
        x = mode.pictures(uniform(p["n"], ci, p["h"], p["h"]))
        w = mode.pictures(uniform(*((ci, co) if transposed else (co, ci)), k, k))
        b = uniform(co)
        rest = ([p["s"]] * 2, [p["pad"]] * 2, [1, 1], transposed, [0, 0], 1)
        if p["dir"] == "fwd":
            return lambda: aten.convolution(x, w, b, *rest)
        dy = mode.pictures(uniform(*aten.convolution(x, w, b, *rest).shape))
        of_x = p["dir"] == "bwdd"
        return lambda: aten.convolution_backward(dy, x, w, [co], *rest, [of_x, not of_x, not of_x])

    return make


def pooling(largest):
    def make(p, mode):
        x = mode.pictures(uniform(p["n"], p["c"], p["h"], p["h"]))
        two = [2, 2]
        if not largest:
            if p["dir"] == "fwd":
                return lambda: aten.avg_pool2d(x, two, two)
            dy = mode.pictures(uniform(p["n"], p["c"], p["h"] // 2, p["h"] // 2))
            return lambda: aten.avg_pool2d_backward(dy, x, two, two, [0, 0], False, True, None)
        if p["dir"] == "fwd":
            return lambda: aten.max_pool2d_with_indices(x, two, two)
        y, places = aten.max_pool2d_with_indices(x, two, two)
        dy = torch.rand_like(y)
        return lambda: aten.max_pool2d_with_indices_backward(dy, x, two, two, [0, 0], [1, 1], False, places)

    return make


def batch_norm(p, mode):
    x, c = mode.pictures(uniform(p["n"], p["c"], p["h"], p["h"])), p["c"]
    w, b, mean, variance = uniform(c), uniform(c), torch.zeros_like(uniform(c)), uniform(c).abs()
    if p["dir"] == "fwd":
        return lambda: aten.native_batch_norm(x, w, b, mean, variance, True, 0.1, 1e-5)
    _, m, scale = aten.native_batch_norm(x, w, b, mean, variance, True, 0.1, 1e-5)
    dy = torch.rand_like(x)
    return lambda: aten.native_batch_norm_backward(dy, x, w, mean, variance, m, scale, True, 1e-5, [True] * 3)


def layer_norm(p, mode):
    x, w, b = uniform(p["r"], p["c"]), uniform(p["c"]), uniform(p["c"])
    if p["dir"] == "fwd":
        return lambda: aten.native_layer_norm(x, [p["c"]], w, b, 1e-5)
    _, mean, scale = aten.native_layer_norm(x, [p["c"]], w, b, 1e-5)
    dy = torch.rand_like(x)
    return lambda: aten.native_layer_norm_backward(dy, x, [p["c"]], mean, scale, w, b, [True] * 3)


def activation(forward, backward):
    def make(p, mode):
        x = uniform(p["e"])
        if p["dir"] == "fwd":
            return lambda: forward(x)
        dy = uniform(p["e"])
        return lambda: backward(dy, x)

    return make


def dropout(p, mode):
    x = uniform(p["e"])
    if p["dir"] == "fwd":
        return lambda: aten.native_dropout(x, 0.5, True)
    mask = x > 0
    return lambda: aten.native_dropout_backward(x, mask, 2.0)


def binary(p, mode):
    a, b = uniform(p["e"]), uniform(p["e"])
    if mode.compile:
        return lambda: a + b
    y = torch.empty_like(a)
    return lambda: torch.add(a, b, out=y)


def softmax(log):
    def make(p, mode):
        x = uniform(p["r"], p["c"])
        if p.get("dir", "fwd") == "fwd":
            return lambda: aten._log_softmax(x, 1, False) if log else aten._softmax(x, 1, False)
        y, dy = x.log_softmax(1) if log else x.softmax(1), uniform(p["r"], p["c"])
        backward = aten._log_softmax_backward_data if log else aten._softmax_backward_data
        return lambda: backward(dy, y, 1, torch.float32)

    return make


def cross_entropy(p, mode):
    x = uniform(p["r"], p["c"]).requires_grad_(p["dir"] == "bwd")
    target = labels(p["c"], p["r"])
    if p["dir"] == "fwd":
        return lambda: F.cross_entropy(x, target)
    loss = F.cross_entropy(x, target)
    return lambda: torch.autograd.grad(loss, x, retain_graph=True)


def unary(function):
    def make(p, mode):
        x = uniform(p["e"]) if "e" in p else uniform(p["r"], p["c"])
        return lambda: function(x)

    return make


def copy(p, mode):
    x = uniform(p["e"])
    y = torch.empty_like(x)
    return lambda: y.copy_(x)


def transpose(p, mode):
    x = uniform(p["r"], p["c"])
    y = torch.empty(p["c"], p["r"], device=options.device)
    return lambda: y.copy_(x.t())


def fill(p, mode):
    y = uniform(p["e"])
    return lambda: y.fill_(0.5)


def sgd(p, mode):
    w, dw = uniform(p["e"]), uniform(p["e"])
    if "momentum" not in p:
        return lambda: w.add_(dw, alpha=-1e-6)
    buffer, momentum = uniform(p["e"]), float(p["momentum"])
    return lambda: (buffer.mul_(momentum).add_(dw), w.add_(buffer, alpha=-1e-6))


def adam(p, mode):
    w = nn.Parameter(uniform(p["e"]))
    w.grad = uniform(p["e"])
    return mode.optimizer(torch.optim.Adam, [w], 1e-3).step


def attention(p, mode):
    training, causal = p["dir"] != "fwd", bool(p["causal"])
    shape = (p["b"], p["h"], p["s"], p["d"])
    q, k, v = (uniform(*shape).requires_grad_(training) for _ in range(3))
    if not training:
        return lambda: F.scaled_dot_product_attention(q, k, v, is_causal=causal)
    dy = uniform(*shape)
    return lambda: torch.autograd.grad(F.scaled_dot_product_attention(q, k, v, is_causal=causal), (q, k, v), dy)


def recurrent(layer):
    def make(p, mode):
        model = layer(p["i"], p["h"], batch_first=True).to(options.device)
        x = uniform(p["b"], p["t"], p["i"])
        if p["dir"] == "fwd":
            model.eval()
            return lambda: model(x)
        x.requires_grad_(True)
        inputs, dy = [*model.parameters(), x], uniform(p["b"], p["t"], p["h"])
        return lambda: torch.autograd.grad(model(x)[0], inputs, dy)

    return make


# Whole models: the course's sizes.


def perceptron(*sizes):
    layers = []
    for i in range(len(sizes) - 1):
        layers += ([nn.ReLU()] if i else []) + [nn.Linear(sizes[i], sizes[i + 1])]
    return nn.Sequential(*layers)


def block(inputs, outputs, norm=False):
    return [nn.Conv2d(inputs, outputs, 3, padding=1), *([nn.BatchNorm2d(outputs)] if norm else []), nn.ReLU()]


def lenet():
    features = [nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*features, nn.Flatten(), perceptron(400, 120, 84, 10))


def cifar_cnn():
    layers, inputs = [], 3
    for first, second in ((32, 64), (128, 128), (256, 256)):
        layers += [*block(inputs, first, norm=True), *block(first, second), nn.MaxPool2d(2)]
        inputs = second
    return nn.Sequential(*layers, nn.Flatten(), nn.Dropout(0.1), perceptron(4096, 1024, 512, 10))


class UNet(nn.Module):
    """Four levels of 32 to 256 channels, 512 at the bottom, one channel in and out."""

    def __init__(self):
        super().__init__()
        widths = [32, 64, 128, 256, 512]
        double = lambda i, o: nn.Sequential(*block(i, o), *block(o, o))
        self.down = nn.ModuleList(double(i, o) for i, o in zip([1] + widths, widths))
        pairs = list(zip(widths[:0:-1], widths[-2::-1]))
        self.up = nn.ModuleList(nn.ConvTranspose2d(i, o, 2, 2) for i, o in pairs)
        self.mix = nn.ModuleList(double(2 * o, o) for _, o in pairs)
        self.out = nn.Conv2d(32, 1, 1)

    def forward(self, x):
        kept = []
        for i, layer in enumerate(self.down):
            x = layer(F.max_pool2d(x, 2) if i else x)
            kept.append(x)
        kept.pop()
        for up, mix in zip(self.up, self.mix):
            x = mix(torch.cat([up(x), kept.pop()], 1))
        return self.out(x)


class GruSentiment(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(10000, 128)
        self.gru = nn.GRU(128, 256, batch_first=True)
        self.out = nn.Linear(256, 1)

    def forward(self, words):
        return self.out(self.gru(self.embedding(words))[0][:, -1])


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(10000, 128)
        self.positions = nn.Parameter(0.02 * torch.randn(128, 128))
        self.layers = nn.TransformerEncoder(nn.TransformerEncoderLayer(128, 4, 512, 0.1, batch_first=True), 2)
        self.out = nn.Linear(128, 2)

    def forward(self, words):
        return self.out(self.layers(self.embedding(words) + self.positions).mean(1))


class BertLayer(nn.Module):
    """An encoder layer with one product for query, key and value."""

    def __init__(self, width=768, heads=12, inner=3072):
        super().__init__()
        self.heads = heads
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.wide, self.narrow = nn.Linear(width, inner), nn.Linear(inner, width)
        self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)

    def forward(self, x):
        batch, words, width = x.shape
        q, k, v = self.qkv(x).view(batch, words, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(batch, words, width)
        x = self.first(x + self.out(mixed))
        return self.second(x + self.narrow(F.gelu(self.wide(x))))


def bert(p, mode):
    """A forward pass: as nn.TransformerEncoder in eager mode, whose fast path PyTorch takes, or as written by hand."""
    if mode.tuned:
        model = nn.Sequential(*(BertLayer() for _ in range(12)))
    else:
        layer = nn.TransformerEncoderLayer(768, 12, 3072, 0.1, "gelu", batch_first=True)
        model = nn.TransformerEncoder(layer, 12)
    model = mode.compiled(model.to(options.device).eval())
    x = uniform(p["batch"], 128, 768)
    return lambda: model(x)


def training(model, inputs, target, loss, optimizer=torch.optim.Adam, rate=1e-3):
    """A step: gradients to zero, forward, loss, backward, update; reading the loss ends it."""

    def make(p, mode):
        network = model().to(options.device)
        x, y = inputs(p["batch"]), target(p["batch"])
        if x.dim() == 4 and mode.tuned:
            network, x = network.to(memory_format=torch.channels_last), mode.pictures(x)
        update = mode.optimizer(optimizer, network.parameters(), rate)
        forward = mode.compiled(lambda a, b: loss(network(a), b))

        def step():
            update.zero_grad(set_to_none=not mode.graph)
            value = forward(x, y)
            value.backward()
            update.step()
            return value.detach()

        return step

    return make


def classifier(model, *shape, classes=10, **more):
    return training(model, lambda n: uniform(n, *shape), lambda n: labels(classes, n), F.cross_entropy, **more)


def words(n):
    return labels(10000, n, 128)


TRAINING = {
    "mlp_mnist": classifier(lambda: perceptron(784, 64, 32, 10), 784, optimizer=torch.optim.SGD, rate=0.01),
    "model1_mlp_cifar": classifier(lambda: perceptron(3072, 1024, 256, 64, 10), 3072),
    "model2_lenet_cifar": classifier(lenet, 3, 32, 32),
    "model3_cnn_cifar": classifier(cifar_cnn, 3, 32, 32),
    "unet_128": training(
        UNet,
        lambda n: uniform(n, 1, 128, 128),
        lambda n: (uniform(n, 1, 128, 128) > 0).float(),
        F.binary_cross_entropy_with_logits,
    ),
    "gru_sentiment": training(
        GruSentiment, words, lambda n: labels(2, n, 1).float(), F.binary_cross_entropy_with_logits
    ),
    "transformer_2l": training(Transformer, words, lambda n: labels(2, n), F.cross_entropy),
}
WITH_GRADIENTS = {*TRAINING, "cross_entropy", "sdpa", "lstm", "gru"}
KINDS = {
    **TRAINING,
    "bert_base_fwd": bert,
    "gemm": gemm,
    "linear": linear,
    "conv2d": convolution(False),
    "convT2d": convolution(True),
    "maxpool": pooling(True),
    "avgpool": pooling(False),
    "bn": batch_norm,
    "layernorm": layer_norm,
    "relu": activation(torch.relu, lambda dy, x: aten.threshold_backward(dy, x, 0)),
    "gelu": activation(F.gelu, aten.gelu_backward),
    "tanh": activation(torch.tanh, aten.tanh_backward),
    "dropout": dropout,
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
    "adam": adam,
    "sdpa": attention,
    "lstm": recurrent(nn.LSTM),
    "gru": recurrent(nn.GRU),
}
NOT_COMPILED = {"gemm", "conv2d", "convT2d", "adam", "sdpa", "lstm", "gru"}  # one call of the library, or a fused step, as in tuned


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
    torch.set_float32_matmul_precision(p.get("precision", "highest"))
    function = KINDS[kind](p, mode)
    if kind in TRAINING:
        if mode.graph:
            replay, loss = captured(function)
            return lambda: (replay(), loss.item()), True
        return lambda: function().item(), True
    if mode.graph:
        return captured(function)[0], False
    if mode.compile and kind not in NOT_COMPILED and kind != "bert_base_fwd":
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


def measure(function, waits, budget, warm_up, least):
    """Median and least of the samples in seconds, and how many calls were timed."""
    if warm_up > 0:  # clocks, caches, allocator
        function()
        start = time.perf_counter()
        clock(function, 1)
        while time.perf_counter() - start < warm_up:
            clock(function, 1)
    once = clock(function, 1)
    calls = 1
    while once * calls < 1e-3:
        calls = max(2 * calls, int(1e-3 / once))
        once = clock(function, calls)
    calls = max(1, math.ceil(1e-3 / once))
    sample = clock if waits or not GPU else events
    count = max(least if once < 1.5 else min(least, 3), min(300, int(budget / (once * calls))))
    samples = sorted(sample(function, calls) for _ in range(count))
    return statistics.median(samples), samples[0], count * calls


def parse(line):
    suite, work, kind, parameters, flops, size, samples = line.rstrip("\n").split("\t")
    pairs = (pair.split("=") for pair in parameters.split(",") if pair)
    p = {name: int(value) if value.isdigit() else value for name, value in pairs}
    return suite, work, kind, p, float(flops), float(size), float(samples)


def problem(e):
    return " ".join((type(e).__name__ + ": " + str(e)).split())[:200]


class Server:
    """Answers works; keeps the last one ready for another round."""

    def __init__(self, mode):
        self.mode = mode
        self.ready, self.call = None, None

    def answer(self, request):
        threads, timing, line = request.split("\t", 2)
        suite, work, kind, p, *_ = parse(line)
        if kind not in KINDS or p.get("mode") == "eager" and self.mode.name != "eager":
            return {"error": "no " + kind + " here", "absent": True}
        if self.mode.compile and kind in NOT_COMPILED:
            return {"error": kind + " is not compiled", "absent": True}
        budget, warm_up, least = timing.split()
        try:
            with torch.set_grad_enabled(kind in WITH_GRADIENTS and p.get("dir") != "fwd" or kind in TRAINING):
                if self.ready != (threads, line):
                    self.ready, self.call = None, None
                    torch.set_num_threads(int(threads))
                    torch.compiler.reset()  # what was compiled has its threads built in
                    self.call = prepare(kind, p, self.mode)
                    self.ready = (threads, line)
                median, least, calls = measure(*self.call, float(budget), float(warm_up), int(least))
            return {"median_ms": median * 1e3, "min_ms": least * 1e3, "reps": calls}
        except Exception as e:  # the next work may do
            self.ready, self.call = None, None
            return {"error": problem(e)}

    def serve(self):
        out, sys.stdout = sys.stdout, sys.stderr  # whatever a library prints must not look like an answer
        print("ready PyTorch %s, %s" % (torch.__version__, self.mode.name), file=out, flush=True)
        for request in sys.stdin:
            print(json.dumps(self.answer(request)), file=out, flush=True)


def run(mode, suite, work, kind, p, flops, size, samples):
    line = {"peer": "torch-" + mode.name, "suite": suite, "work": work, "threads": torch.get_num_threads()}
    try:
        with torch.set_grad_enabled(kind in WITH_GRADIENTS):
            median, least, calls = measure(*prepare(kind, p, mode), options.budget, 0.2, 5)
        line.update(median_ms=round(median * 1e3, 6), min_ms=round(least * 1e3, 6), reps=calls)
        line.update(gflops=round(flops / median / 1e9, 3), gbps=round(size / median / 1e9, 3))
        if samples:
            line["samples_s"] = round(samples / median, 1)
    except Exception as e:  # the next work may do
        line["error"] = problem(e)
    with open(options.out, "a") as out:
        out.write(json.dumps(line) + "\n")
    print("%-8s %-30s %s" % (mode.name, work, line.get("error") or "%.4f ms" % line["median_ms"]), flush=True)
    return "error" not in line


def run_all():
    start = time.monotonic()
    good = True
    with open(options.works) as file:
        works = [work for work in map(parse, file) if re.search(options.filter, work[1])]
    for mode in map(Mode, options.mode.split(",")):
        if mode.graph and not GPU:
            print("graph: CUDA graphs need a GPU")
            continue
        # compiling takes long: training steps first
        for suite, work, kind, *rest in reversed(works) if mode.compile else works:
            if kind not in KINDS:
                print("%-8s %-30s no such kind here: %s" % (mode.name, work, kind))
            elif mode.compile and kind in NOT_COMPILED:
                continue  # it is the eager call
            elif time.monotonic() - start > options.seconds:
                print("%-8s %-30s not begun: %g s are over" % (mode.name, work, options.seconds))
            else:
                good &= run(mode, suite, work, kind, *rest)
    return good


if options.serve:
    Server(Mode(options.mode.split(",")[0])).serve()
else:
    sys.exit(0 if run_all() else 1)
