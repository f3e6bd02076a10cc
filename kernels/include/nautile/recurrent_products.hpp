// The products over many steps of a recurrent layer's backward pass, on any target.
#pragma once

#include "nautile/gemm_args.hpp"
#include "nautile/recurrent_args.hpp"

namespace nautile {

// f(g) for each product that turns the gradients by the gates of `count` steps, from the s-th on, into those by the inputs and
// the weights. They are rows of `dgates` in the order of time, Cell::kColumns hidden wide with `gap` floats between them: by the
// shares of inputs and state in the order of the gates; if Cell::kApart, the share of the inputs in the last gate is apart, in
// front. `first` [batch, kGates hidden] is by the state's share at the first step of each sequence. The calls go from the last
// steps to the first.
template <typename Cell, typename F>
void for_products(const RecurrentBackward& a, const float* dgates, const float* first, std::int64_t s,
                  std::int64_t count, F&& f, std::int64_t gap = 0) {
  const std::int64_t row = Cell::kColumns * a.hidden + gap;
  const std::int64_t gates = Cell::kGates * a.hidden;
  const std::int64_t together = Cell::kApart ? gates - a.hidden : gates;  // whose two shares have one gradient
  const float* shared = Cell::kApart ? dgates + a.hidden : dgates;
  const std::int64_t begin = a.reverse ? a.steps - s - count : s;
  const std::int64_t rows = count * a.batch;
  const bool latest = s + count == a.steps;
  const auto product = [](const float* left, std::int64_t left_row, std::int64_t left_col, const float* right, float* y,
                          std::int64_t m, std::int64_t n, std::int64_t k, bool add) {
    return Gemm{left, right, y, 1, m, n, k, 0, left_row, left_col, 0, n, 1, 0, n, nullptr, add};
  };
  if (a.dx != nullptr) {
    float* dx = a.dx + begin * a.batch * a.inputs;
    f(product(shared, row, 1, a.weight_ih, dx, rows, a.inputs, together, accumulates(a, kDx)));
    if (Cell::kApart) {
      f(product(dgates, row, 1, a.weight_ih + together * a.inputs, dx, rows, a.inputs, a.hidden, true));
    }
  }
  if (a.dweight_ih != nullptr) {
    const bool add = !latest || accumulates(a, kDweightIh);
    const float* x = a.x + begin * a.batch * a.inputs;
    f(product(shared, 1, row, x, a.dweight_ih, together, a.inputs, rows, add));
    if (Cell::kApart) {
      f(product(dgates, 1, row, x, a.dweight_ih + together * a.inputs, a.hidden, a.inputs, rows, add));
    }
  }
  if (a.dweight_hh != nullptr) {
    // the state before a step is y of the step before; the very first step has none
    const std::int64_t skipped = s == 0 ? 1 : 0;
    const std::int64_t from = a.reverse ? begin : begin + skipped;
    const float* before = a.y + (a.reverse ? from + 1 : from - 1) * a.batch * a.hidden;
    f(product(shared + (from - begin) * a.batch * row, 1, row, before, a.dweight_hh, gates, a.hidden,
              (count - skipped) * a.batch, !latest || accumulates(a, kDweightHh)));
    if (s == 0 && a.h0 != nullptr) {
      f(product(first, 1, gates, a.h0, a.dweight_hh, gates, a.hidden, a.batch, true));
    }
  }
}

}  // namespace nautile
