// A recurrent layer over a whole sequence: what lstm, gru and rnn share on CUDA. One product gives the inputs' share of all
// gates; then one launch for all steps (cuda_recurrent_cluster.hpp), or, where the layer is too wide or the sequence too short
// for that, two a step, the state's share as a product and the cell with a thread for each unit. Backward, the same, and
// products over all steps at the end. Cells are as on the CPU (recurrent.hpp).
#pragma once

#include <algorithm>

#include "nautile/cuda_gemm.hpp"
#include "nautile/cuda_group.hpp"
#include "nautile/cuda_recurrent_cluster.hpp"
#include "nautile/recurrent_products.hpp"

namespace nautile::NTL_TARGET {
namespace {

// to = from, or zeros.
__global__ void __launch_bounds__(kThreads) recurrent_start(const float* from, float* to, std::int64_t size) {
  for_items(size, [&](std::int64_t i) { to[i] = value_or_zero(from, i); });
}

__global__ void __launch_bounds__(kThreads)
    recurrent_check(const std::int64_t* lengths, std::int64_t batch, std::int64_t steps, Fault* fault) {
  for_items(batch, [&](std::int64_t b) {
    if (lengths[b] < 0 || lengths[b] > steps) report(fault, b, lengths[b]);
  });
}

template <typename Cell>
__global__ void __launch_bounds__(kThreads) recurrent_forward_step(RecurrentForward a, std::int64_t t, float* gates,
                                                                   const float* state, const float* h, float* next) {
  for_items(a.batch * a.hidden, [&](std::int64_t i) {
    const std::int64_t b = i / a.hidden;
    const std::int64_t u = i % a.hidden;
    const bool on = a.lengths == nullptr || t < a.lengths[b];
    const float v =
        on ? Cell::forward({gates + b * Cell::kColumns * a.hidden + u, state + b * Cell::kGates * a.hidden + u,
                            a.hidden, h[i], Cell::kCells ? a.cn + i : nullptr, a.relu})
           : h[i];
    next[i] = v;
    const std::int64_t out = t * a.batch * a.hidden + i;
    if (a.y != nullptr) a.y[out] = on ? v : 0.0F;
    if (Cell::kCells && a.cells != nullptr) a.cells[out] = a.cn[i];
  });
}

template <typename Cell>
__global__ void __launch_bounds__(kThreads)
    recurrent_backward_step(RecurrentBackward a, std::int64_t t, float* dgates, float* dh, float* dc, float* first) {
  for_items(a.batch * a.hidden, [&](std::int64_t i) {
    const std::int64_t b = i / a.hidden;
    const std::int64_t u = i % a.hidden;
    const std::int64_t row = Cell::kColumns * a.hidden;
    float* d = dgates + b * row + u;
    const std::int64_t length = a.lengths == nullptr ? a.steps : a.lengths[b];
    if (t >= length) {
      for (std::int64_t column = 0; column < row; column += a.hidden) d[column] = 0.0F;
      return;
    }
    const bool initial = a.reverse ? t + 1 == length : t == 0;
    const std::int64_t out = t * a.batch * a.hidden + i;
    const std::int64_t before = out + (a.reverse ? 1 : -1) * a.batch * a.hidden;
    dh[i] = Cell::backward({Cell::kColumns > 1 ? a.gates + (t * a.batch + b) * row + u : nullptr, a.hidden, a.y[out],
                            initial ? value_or_zero(a.h0, i) : a.y[before], Cell::kCells ? a.cells[out] : 0.0F,
                            !Cell::kCells ? 0.0F
                            : initial     ? value_or_zero(a.c0, i)
                                          : a.cells[before],
                            dh[i] + value_or_zero(a.dy, out), d, Cell::kCells ? dc + i : nullptr, a.relu});
    if (!initial || first == nullptr) return;
    const float* by_state = Cell::kApart ? d + a.hidden : d;
    for (std::int64_t gate = 0; gate < Cell::kGates; ++gate) {
      first[(b * Cell::kGates + gate) * a.hidden + u] = by_state[gate * a.hidden];
    }
  });
}

// A block for 32 columns of the gradients by the gates, or of sums of them, which its warps go down in turns; sums in double.
template <typename Cell, typename T>
__global__ void __launch_bounds__(kThreads)
    recurrent_backward_bias_by_column(RecurrentBackward a, const T* dgates, std::int64_t rows) {
  NTL_SHARED(double, scratch, [kThreads]);
  const std::int64_t row = Cell::kColumns * a.hidden;
  for_columns(row, [&](std::int64_t c, int turn) {
    double sum = 0.0;
    for (std::int64_t i = turn; i < rows && c >= 0; i += kWarps) {
      sum += static_cast<double>(dgates[i * row + c]);
    }
    sum = join_column(sum, Add{}, scratch);
    if (c < 0 || turn != 0) return;
    const auto put = [&](float* to, std::int64_t place, RecurrentGradient which) {
      if (to == nullptr) return;
      const bool add = (a.accumulate >> which & 1) != 0;
      to[place] = static_cast<float>(add ? static_cast<double>(to[place]) + sum : sum);
    };
    const bool by_inputs = !Cell::kApart || c < row - a.hidden;
    const bool by_state = !Cell::kApart || c >= a.hidden;
    if (by_inputs) put(a.dbias_ih, !Cell::kApart ? c : by_state ? c - a.hidden : c + row - 2 * a.hidden, kDbiasIh);
    if (by_state) put(a.dbias_hh, Cell::kApart ? c - a.hidden : c, kDbiasHh);
  });
}

__global__ void __launch_bounds__(kThreads)
    recurrent_backward_finish(const float* from, float* to, std::int64_t size, bool accumulate) {
  for_items(size, [&](std::int64_t i) { to[i] = accumulate ? to[i] + from[i] : from[i]; });
}

// Hands out workspace by floats, or counts them.
struct Shares {
  float* next;
  std::int64_t floats = 0;
  float* take(std::int64_t count) {
    float* share = next == nullptr ? nullptr : next + floats;
    floats += ceil_div(count, 64) * 64;
    return share;
  }
  std::byte* bytes(std::int64_t count) {
    return reinterpret_cast<std::byte*>(take(ceil_div(count, static_cast<std::int64_t>(sizeof(float)))));
  }
};

template <typename Cell>
struct ForwardPass {
  const RecurrentForward& a;
  float* states;  // of this step and of the next
  float* shares;  // of the state in the gates of a step
  float* gates;
  std::byte* product;  // workspace of each
  std::int64_t floats;

  ForwardPass(const RecurrentForward& args, std::byte* workspace) : a(args) {
    Shares taken{reinterpret_cast<float*>(workspace)};
    states = taken.take(2 * a.batch * a.hidden);
    shares = taken.take(a.batch * Cell::kGates * a.hidden);
    gates = a.gates != nullptr ? a.gates : taken.take(a.steps * a.batch * Cell::kColumns * a.hidden);
    product = taken.bytes(std::max(gemm_workspace(by_inputs()), gemm_workspace(by_state(states))));
    floats = taken.floats;
  }

  // The inputs' share of all gates.
  Gemm by_inputs() const {
    return {a.x,
            a.weight_ih,
            gates,
            1,
            a.steps * a.batch,
            Cell::kGates * a.hidden,
            a.inputs,
            0,
            a.inputs,
            1,
            0,
            1,
            a.inputs,
            0,
            Cell::kColumns * a.hidden,
            a.bias_ih,
            false};
  }
  // The share of the state `h` in the gates of a step.
  Gemm by_state(const float* h) const {
    const std::int64_t columns = Cell::kGates * a.hidden;
    return {h, a.weight_hh, shares, 1,        a.batch, columns, a.hidden,  0,    a.hidden,
            1, 0,           1,      a.hidden, 0,       columns, a.bias_hh, false};
  }

  void run(const Team& team) const {
    if (a.lengths != nullptr) {
      team.fault->input = Cell::kLengths;
      team.fault->bound = a.steps + 1;
      NTL_LAUNCH(recurrent_check, blocks_for(a.batch, kThreads), dim3(kThreads), 0, stream_of(team), a.lengths, a.batch,
                 a.steps, team.fault);
    }
    gemm(by_inputs(), product, team);
    if (!forward_in_clusters<Cell>(a, gates, team)) run_steps(team);
  }

  void run_steps(const Team& team) const {
    const std::int64_t size = a.batch * a.hidden;
    const std::int64_t row = Cell::kColumns * a.hidden;
    const dim3 blocks = blocks_for(size, kThreads);
    const dim3 threads(kThreads);
    const cudaStream_t stream = stream_of(team);
    NTL_LAUNCH(recurrent_start, blocks, threads, 0, stream, a.h0, states, size);
    if (Cell::kCells) NTL_LAUNCH(recurrent_start, blocks, threads, 0, stream, a.c0, a.cn, size);
    for (std::int64_t s = 0; s < a.steps; ++s) {
      const std::int64_t t = time_of(s, a.steps, a.reverse);
      const float* h = states + s % 2 * size;
      float* next = s + 1 == a.steps ? a.hn : states + (s + 1) % 2 * size;
      gemm(by_state(h), product, team);
      NTL_LAUNCH((recurrent_forward_step<Cell>), blocks, threads, 0, stream, a, t, gates + t * a.batch * row,
                 static_cast<const float*>(shares), h, next);
    }
  }
};

template <typename Cell>
struct BackwardPass {
  const RecurrentBackward& a;
  float* dgates;
  float* first;  // gradients by the state's share at each sequence's first step
  float* dh;
  float* dc;
  double* dbias;       // of each sequence
  std::byte* product;  // workspace of each
  std::int64_t floats;

  BackwardPass(const RecurrentBackward& args, std::byte* workspace) : a(args) {
    Shares taken{reinterpret_cast<float*>(workspace)};
    dgates = taken.take(a.steps * a.batch * Cell::kColumns * a.hidden);
    const bool wanted = a.h0 != nullptr && a.dweight_hh != nullptr;
    first = wanted ? taken.take(a.batch * Cell::kGates * a.hidden) : nullptr;
    dh = taken.take(a.batch * a.hidden);
    dc = Cell::kCells ? taken.take(a.batch * a.hidden) : nullptr;
    dbias = biased() ? reinterpret_cast<double*>(taken.take(2 * a.batch * Cell::kColumns * a.hidden)) : nullptr;
    std::int64_t bytes = gemm_workspace(by_gates(dgates));
    for_products<Cell>(a, dgates, first, 0, a.steps,
                       [&](const Gemm& g) { bytes = std::max(bytes, gemm_workspace(g)); });
    product = taken.bytes(bytes);
    floats = taken.floats;
  }

  // Adds the state's share of the gradients `of` a step's gates to dh.
  Gemm by_gates(const float* of) const {
    const float* by_state = Cell::kApart ? of + a.hidden : of;
    return {by_state,
            a.weight_hh,
            dh,
            1,
            a.batch,
            a.hidden,
            Cell::kGates * a.hidden,
            0,
            Cell::kColumns * a.hidden,
            1,
            0,
            a.hidden,
            1,
            0,
            a.hidden,
            nullptr,
            true};
  }

  void run(const Team& team) const {
    const std::int64_t depth = Cell::kGates * a.hidden;
    if (first != nullptr) {
      const float* nothing = nullptr;
      NTL_LAUNCH(recurrent_start, blocks_for(a.batch * depth, kThreads), dim3(kThreads), 0, stream_of(team), nothing,
                 first, a.batch * depth);
    }
    const bool at_once = backward_in_clusters<Cell>(a, dgates, first, dbias, team);
    if (!at_once) run_steps(team);
    for_products<Cell>(a, dgates, first, 0, a.steps, [&](const Gemm& g) { gemm(g, product, team); });
    if (!biased()) return;
    if (at_once) {
      sum_bias(static_cast<const double*>(dbias), a.batch, team);
    } else {
      sum_bias(static_cast<const float*>(dgates), a.steps * a.batch, team);
    }
  }

  bool biased() const { return a.dbias_ih != nullptr || a.dbias_hh != nullptr; }

  void run_steps(const Team& team) const {
    const std::int64_t size = a.batch * a.hidden;
    const std::int64_t row = Cell::kColumns * a.hidden;
    const dim3 blocks = blocks_for(size, kThreads);
    const dim3 threads(kThreads);
    const cudaStream_t stream = stream_of(team);
    NTL_LAUNCH(recurrent_start, blocks, threads, 0, stream, a.dhn, dh, size);
    if (Cell::kCells) NTL_LAUNCH(recurrent_start, blocks, threads, 0, stream, a.dcn, dc, size);
    for (std::int64_t s = a.steps - 1; s >= 0; --s) {
      const std::int64_t t = time_of(s, a.steps, a.reverse);
      float* to = dgates + t * a.batch * row;
      NTL_LAUNCH((recurrent_backward_step<Cell>), blocks, threads, 0, stream, a, t, to, dh, dc, first);
      if (s == 0 && a.dh0 == nullptr) break;
      gemm(by_gates(to), product, team);
    }
    finish(dh, a.dh0, kDh0, team);
    finish(dc, a.dc0, kDc0, team);
  }

  template <typename T>
  void sum_bias(const T* of, std::int64_t rows, const Team& team) const {
    NTL_LAUNCH((recurrent_backward_bias_by_column<Cell, T>), blocks_for_columns(Cell::kColumns * a.hidden),
               dim3(kThreads), 0, stream_of(team), a, of, rows);
  }

  void finish(const float* from, float* to, RecurrentGradient which, const Team& team) const {
    if (to == nullptr) return;
    const std::int64_t size = a.batch * a.hidden;
    NTL_LAUNCH(recurrent_backward_finish, blocks_for(size, kThreads), dim3(kThreads), 0, stream_of(team), from, to,
               size, accumulates(a, which));
  }
};

template <typename Pass, typename Args>
std::int64_t recurrent_workspace(const Args& args) {
  return Pass(args, nullptr).floats * static_cast<std::int64_t>(sizeof(float));
}

}  // namespace
}  // namespace nautile::NTL_TARGET
