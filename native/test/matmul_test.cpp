// The matrix product of every instruction set, through the C ABI, against the plain loop. Small integers: every sum is
// exact whatever its order, so a result is right or wrong; in bf16, too. Other numbers, rounded to bf16, against bounds.
#include "nautile/op/matmul.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "arena.hpp"
#include "check.hpp"
#include "dispatch.hpp"
#include "nautile/amx.hpp"
#include "nautile/op/linear.h"
#include "nautile/plan.h"

namespace nautile {
extern const KernelTable table_cpu_baseline;
#if defined(__x86_64__)
extern const KernelTable table_cpu_avx2;
extern const KernelTable table_cpu_avx512;
#endif
}  // namespace nautile

namespace {

using namespace nautile;

// How a matrix lies in memory. Gaps are NaN: reading one shows.
enum class Layout { rows, columns, spread, repeated };
constexpr Layout kLayouts[] = {Layout::rows, Layout::columns, Layout::spread, Layout::repeated};

struct Matrix {
  std::vector<float> data;
  std::int64_t batch_step;
  std::int64_t row;
  std::int64_t col;

  float at(std::int64_t batch, std::int64_t i, std::int64_t j) const {
    return data[static_cast<std::size_t>(batch * batch_step + i * row + j * col)];
  }
};

Matrix matrix(Layout layout, std::int64_t batch, std::int64_t rows, std::int64_t cols, std::uint32_t seed) {
  Matrix m{};
  m.row = layout == Layout::rows ? cols : layout == Layout::spread ? 2 * cols + 3 : layout == Layout::columns ? 1 : 0;
  m.col = layout == Layout::columns ? rows : layout == Layout::spread ? 2 : 1;
  const std::int64_t extent = rows == 0 || cols == 0 ? 0 : (rows - 1) * m.row + (cols - 1) * m.col + 1;
  m.batch_step = extent + 1;
  m.data.assign(static_cast<std::size_t>(batch * m.batch_step), std::numeric_limits<float>::quiet_NaN());
  for (std::int64_t b = 0; b < batch; ++b) {
    for (std::int64_t i = 0; i < rows; ++i) {
      for (std::int64_t j = 0; j < cols; ++j) {
        seed = seed * 1664525 + 1013904223;  // Numerical Recipes' generator: any small integers will do
        m.data[static_cast<std::size_t>(b * m.batch_step + i * m.row + j * m.col)] =
            static_cast<float>(seed >> 29) - 3.0F;
      }
    }
  }
  return m;
}

void compare(ntl_context cpu, Layout a_layout, Layout b_layout, std::int64_t batch, std::int64_t m, std::int64_t n,
             std::int64_t k, bool accumulate) {
  constexpr float kUntouched = 12345.0F;
  const Matrix a = matrix(a_layout, batch, m, k, 1);
  const Matrix b = matrix(b_layout, batch, k, n, 2);
  const std::int64_t y_row = n + 5;
  const std::int64_t y_batch = m * y_row + 7;
  std::vector<float> y(static_cast<std::size_t>(batch * y_batch), kUntouched);
  const auto address = [](const std::vector<float>& data) { return reinterpret_cast<ntl_address>(data.data()); };
  const auto check = [&](const char* how) {
    for (std::int64_t place = 0; place < batch * y_batch; ++place) {
      const std::int64_t matrix = place / y_batch;
      const std::int64_t i = place % y_batch / y_row;
      const std::int64_t j = place % y_batch % y_row;
      double expected = kUntouched;
      if (i < m && j < n) {
        expected = accumulate ? kUntouched : 0.0;
        for (std::int64_t p = 0; p < k; ++p) {
          expected += static_cast<double>(a.at(matrix, i, p)) * static_cast<double>(b.at(matrix, p, j));
        }
      }
      const float found = y[static_cast<std::size_t>(place)];
      CHECK(static_cast<double>(found) == expected,
            "%s%s: layouts %d and %d, m %d, n %d, k %d, accumulate %d: y[%d,%d,%d] is %g, not %g",
            ntl_context_target(cpu), how, static_cast<int>(a_layout), static_cast<int>(b_layout), static_cast<int>(m),
            static_cast<int>(n), static_cast<int>(k), accumulate, static_cast<int>(matrix), static_cast<int>(i),
            static_cast<int>(j), static_cast<double>(found), expected);
    }
  };
  // a plan packs b, which is one matrix, beforehand
  const ntl_plan plan = ntl_plan_begin(cpu);
  CHECK(ntl_plan_constant(plan, address(b.data), static_cast<std::int64_t>(b.data.size() * sizeof(float))) == NTL_OK);
  ntl_status status =
      ntl_matmul_forward(cpu, address(a.data), address(b.data), address(y), batch, m, n, k, a.batch_step, a.row, a.col,
                         b.batch_step, b.row, b.col, y_batch, y_row, accumulate ? 1 : 0);
  CHECK(status == NTL_OK, "%s", ntl_last_error());
  check("");
  status = ntl_plan_end(plan, 1, 1);
  CHECK(status == NTL_OK, "%s", ntl_last_error());
  const bool packed = std::strstr(ntl_plan_explain(plan), "packed") != nullptr;
  CHECK(!packed || (batch == 1 && m > 0 && k > 0), "%s", ntl_plan_explain(plan));
  CHECK(packed || batch != 1 || m * k == 0 || n < 32, "%s", ntl_plan_explain(plan));  // of the widest panel
  std::fill(y.begin(), y.end(), kUntouched);
  CHECK(ntl_plan_run(plan) == NTL_OK, "%s", ntl_last_error());
  check(packed ? ", packed" : ", planned");
  ntl_plan_close(plan);
}

// y = x weight^T + bias, by any number of threads.
void add_bias(ntl_context cpu, std::int64_t m, std::int64_t n, std::int64_t k) {
  const Matrix x = matrix(Layout::rows, 1, m, k, 1);
  const Matrix weight = matrix(Layout::rows, 1, n, k, 2);
  const Matrix bias = matrix(Layout::rows, 1, 1, n, 3);
  const auto address = [](const std::vector<float>& data) { return reinterpret_cast<ntl_address>(data.data()); };
  for (const std::int32_t threads : {1, 2, 3}) {
    std::vector<float> y(static_cast<std::size_t>(m * n));
    ntl_set_threads(threads);
    CHECK(ntl_linear_forward(cpu, address(x.data), address(weight.data), address(bias.data), address(y), m, n, k) ==
              NTL_OK,
          "%s", ntl_last_error());
    for (std::int64_t place = 0; place < m * n; ++place) {
      double expected = static_cast<double>(bias.at(0, 0, place % n));
      for (std::int64_t p = 0; p < k; ++p) {
        expected += static_cast<double>(x.at(0, place / n, p)) * static_cast<double>(weight.at(0, place % n, p));
      }
      CHECK(static_cast<double>(y[static_cast<std::size_t>(place)]) == expected,
            "%s, linear: m %d, n %d, k %d, %d threads: y[%d] is %g, not %g", ntl_context_target(cpu),
            static_cast<int>(m), static_cast<int>(n), static_cast<int>(k), threads, static_cast<int>(place),
            static_cast<double>(y[static_cast<std::size_t>(place)]), expected);
    }
  }
}

void test(const KernelTable& table) {
  Arena arena;
  Context context{&table, &arena, nullptr};
  const auto cpu = reinterpret_cast<ntl_context>(&context);
  // the largest tile has 14 rows and 32 columns: every remainder, for one and for two of them
  for (std::int64_t m = 1; m <= 2 * 14 + 1; ++m) {
    for (std::int64_t n = 1; n <= 2 * 32 + 1; ++n) compare(cpu, Layout::rows, Layout::rows, 1, m, n, 5, false);
  }
  // sums are cut at 384 or 512 terms, rows and columns of y at 168 and 384; transposing goes by squares of 4, 8 or 16
  for (const Layout a : kLayouts) {
    for (const Layout b : kLayouts) {
      for (const bool accumulate : {false, true}) {
        for (const std::int64_t k : {0, 1, 2, 3, 7, 8, 15, 16, 17, 33, 383, 384, 385, 511, 512, 513, 768, 769, 1025}) {
          compare(cpu, a, b, 1, 15, 33, k, accumulate);
          compare(cpu, a, b, 1, 1, 17, k, accumulate);
        }
        for (const std::int64_t m : {1, 3, 5, 13, 14, 29}) {
          for (const std::int64_t n : {1, 7, 8, 9, 31, 32, 65}) compare(cpu, a, b, 1, m, n, 11, accumulate);
        }
        compare(cpu, a, b, 1, 169, 385, 19, accumulate);
        compare(cpu, a, b, 3, 9, 21, 10, accumulate);
      }
      // large enough for three threads: together over several parts of k, each alone on small matrices or one row
      compare(cpu, a, b, 1, 173, 131, 1030, true);
      compare(cpu, a, b, 2, 171, 97, 520, true);
      compare(cpu, a, b, 19, 43, 49, 55, true);
      compare(cpu, a, b, 1, 1, 8300, 513, true);
    }
  }
  // more than 2^20 floats of a, or of b, in panels
  compare(cpu, Layout::rows, Layout::rows, 1, 3400, 21, 321, false);
  compare(cpu, Layout::rows, Layout::rows, 1, 19, 3400, 650, false);
  // more than 2^19 floats of rows that are read where they lie: a's, and b's columns, for an odd number of panels of 32
  // columns, and rows 4 KiB apart
  compare(cpu, Layout::rows, Layout::rows, 1, 691, 147, 770, true);
  compare(cpu, Layout::rows, Layout::columns, 1, 45, 1021, 515, false);
  compare(cpu, Layout::rows, Layout::columns, 1, 65, 515, 1024, true);
  add_bias(cpu, 1027, 83, 514);
  add_bias(cpu, 61, 1027, 514);
  compare(cpu, Layout::rows, Layout::columns, 1, 0, 3, 4, false);
  compare(cpu, Layout::rows, Layout::columns, 1, 3, 0, 4, false);
  compare(cpu, Layout::rows, Layout::columns, 0, 3, 3, 4, false);
  CHECK(std::strcmp(ntl_last_target(), table.target) == 0, "%s ran instead of %s", ntl_last_target(), table.target);
  CHECK(arena.used() == 0);
}

// What rounding to nearest bf16 gives; x is neither subnormal nor NaN.
float rounded(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  return std::bit_cast<float>((bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000);
}

// y = x weight^T + bias, or a product of any strides added to y, at medium precision: within the bound of k rounded additions of
// exact products, (k + 2) 2^-24 |a||b|, of the product of rounded elements; with the same bits for any number of threads, and
// with b packed beforehand.
void round_to_pairs(ntl_context cpu, bool rounds, Layout a_layout, Layout b_layout, std::int64_t batch, std::int64_t m,
                    std::int64_t n, std::int64_t k, bool accumulate, bool linear) {
  Matrix a = matrix(a_layout, batch, m, k, 1);
  Matrix b = matrix(b_layout, batch, k, n, 2);
  std::uint32_t seed = 3;
  const auto next = [&] { return static_cast<float>((seed = seed * 1664525 + 1013904223) >> 8) * 0x1p-23F - 1.0F; };
  for (Matrix* x : {&a, &b}) {
    for (float& value : x->data) value += next();  // gaps stay NaN
  }
  std::vector<float> bias(static_cast<std::size_t>(n));
  std::vector<float> before(static_cast<std::size_t>(batch * m * n));
  for (std::vector<float>* x : {&bias, &before}) {
    for (float& value : *x) value = next();
  }
  std::vector<float> y = before;
  const auto address = [](const std::vector<float>& data) { return reinterpret_cast<ntl_address>(data.data()); };
  const auto run = [&] {
    const ntl_status status =
        linear ? ntl_linear_forward(cpu, address(a.data), address(b.data), address(bias), address(y), m, n, k)
               : ntl_matmul_forward(cpu, address(a.data), address(b.data), address(y), batch, m, n, k, a.batch_step,
                                    a.row, a.col, b.batch_step, b.row, b.col, m * n, n, accumulate ? 1 : 0);
    CHECK(status == NTL_OK, "%s", ntl_last_error());
  };
  ntl_set_threads(1);
  run();
  for (std::int64_t place = 0; place < batch * m * n; ++place) {
    const auto at = static_cast<std::size_t>(place);
    double expected = linear       ? static_cast<double>(bias[static_cast<std::size_t>(place % n)])
                      : accumulate ? static_cast<double>(before[at])
                                   : 0.0;
    double size = std::abs(expected);
    for (std::int64_t p = 0; p < k; ++p) {
      const float left = a.at(place / (m * n), place / n % m, p);
      const float right = b.at(place / (m * n), p, place % n);
      const double product = rounds ? static_cast<double>(rounded(left)) * static_cast<double>(rounded(right))
                                    : static_cast<double>(left) * static_cast<double>(right);
      expected += product;
      size += std::abs(product);
    }
    const double error = std::abs(static_cast<double>(y[at]) - expected);
    CHECK(error <= static_cast<double>(k + 2) * 0x1p-24 * size,
          "%s, medium: layouts %d and %d, m %d, n %d, k %d, accumulate %d, linear %d: y[%d] is %g, not %g",
          ntl_context_target(cpu), static_cast<int>(a_layout), static_cast<int>(b_layout), static_cast<int>(m),
          static_cast<int>(n), static_cast<int>(k), accumulate, linear, static_cast<int>(place),
          static_cast<double>(y[at]), expected);
  }
  const std::vector<float> alone = y;
  const auto same = [&] { return std::memcmp(alone.data(), y.data(), y.size() * sizeof(float)) == 0; };
  for (const std::int32_t threads : {2, 3}) {
    ntl_set_threads(threads);
    y = before;
    run();
    CHECK(same(), "%d threads, m %d, n %d, k %d", threads, static_cast<int>(m), static_cast<int>(n),
          static_cast<int>(k));
  }
  const ntl_plan plan = ntl_plan_begin(cpu);
  CHECK(ntl_plan_constant(plan, address(b.data), static_cast<std::int64_t>(b.data.size() * sizeof(float))) == NTL_OK);
  run();
  CHECK(ntl_plan_end(plan, 1, 1) == NTL_OK, "%s", ntl_last_error());
  y = before;
  CHECK(ntl_plan_run(plan) == NTL_OK, "%s", ntl_last_error());
  CHECK(same(), "planned, m %d, n %d, k %d", static_cast<int>(m), static_cast<int>(n), static_cast<int>(k));
  ntl_plan_close(plan);
}

// An infinity and a NaN of a or b reach the elements of y that they meet, and no others.
void pass_on_what_is_not_finite(ntl_context cpu) {
  constexpr std::int64_t kSize = 70;
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  Matrix a = matrix(Layout::rows, 1, kSize, kSize, 1);
  Matrix b = matrix(Layout::rows, 1, kSize, kSize, 2);
  for (Matrix* x : {&a, &b}) {
    for (float& value : x->data) value = std::abs(value) + 1.0F;
  }
  a.data[static_cast<std::size_t>(3 * kSize + 69)] = kInfinity;
  a.data[static_cast<std::size_t>(40 * kSize + 5)] = std::numeric_limits<float>::quiet_NaN();
  b.data[static_cast<std::size_t>(7 * kSize + 68)] = -kInfinity;
  std::vector<float> y(static_cast<std::size_t>(kSize * kSize));
  const auto address = [](const std::vector<float>& data) { return reinterpret_cast<ntl_address>(data.data()); };
  CHECK(ntl_matmul_forward(cpu, address(a.data), address(b.data), address(y), 1, kSize, kSize, kSize, 0, kSize, 1, 0,
                           kSize, 1, 0, kSize, 0) == NTL_OK);
  for (std::int64_t i = 0; i < kSize; ++i) {
    for (std::int64_t j = 0; j < kSize; ++j) {
      const float found = y[static_cast<std::size_t>(i * kSize + j)];
      const bool nan = i == 40 || (i == 3 && j == 68);
      const bool right = nan       ? std::isnan(found)
                         : i == 3  ? found == kInfinity
                         : j == 68 ? found == -kInfinity
                                   : std::isfinite(found);
      CHECK(right, "y[%d,%d] is %g", static_cast<int>(i), static_cast<int>(j), static_cast<double>(found));
    }
  }
}

void test_medium(const KernelTable& table, bool rounds) {
  Arena arena;
  Context context{&table, &arena, nullptr};
  const auto cpu = reinterpret_cast<ntl_context>(&context);
  CHECK(ntl_matmul_precision(2) == NTL_OK);
  // whole tiles of AMX have 16 rows, words and columns, two of each side by side
  for (const Layout a : kLayouts) {
    for (const Layout b : kLayouts) {
      for (const bool accumulate : {false, true}) {
        for (const std::int64_t m : {32, 33, 47, 48, 49, 64, 65}) {
          for (const std::int64_t n : {32, 39, 48, 63, 65}) compare(cpu, a, b, 1, m, n, 35, accumulate);
        }
        // sums are cut at 768 or 1024 terms, rows and columns of y at 512 and 384
        for (const std::int64_t k : {32, 33, 63, 64, 65, 769, 1024, 1025, 2049}) {
          compare(cpu, a, b, 1, 33, 35, k, accumulate);
        }
        compare(cpu, a, b, 3, 50, 37, 40, accumulate);
        round_to_pairs(cpu, rounds, a, b, 1, 83, 71, 45, accumulate, false);
        round_to_pairs(cpu, rounds, a, b, 1, 37, 33, 1100, accumulate, false);
        round_to_pairs(cpu, rounds, a, b, 5, 60, 50, 70, accumulate, false);
      }
      compare(cpu, a, b, 19, 43, 49, 55, true);
    }
  }
  for (const Layout a : {Layout::rows, Layout::columns}) {
    for (const Layout b : {Layout::rows, Layout::columns}) {
      compare(cpu, a, b, 1, 545, 390, 67, false);
      compare(cpu, a, b, 2, 171, 97, 1040, true);
      round_to_pairs(cpu, rounds, a, b, 1, 300, 390, 1100, true, false);
    }
  }
  for (const std::int64_t m : {32, 49, 64, 200}) {
    for (const std::int64_t n : {32, 45, 64, 391}) {
      for (const std::int64_t k : {32, 77, 1030}) {
        round_to_pairs(cpu, rounds, Layout::rows, Layout::columns, 1, m, n, k, false, true);
      }
    }
  }
  // more than 2^20 words of a, or of b, in panels
  compare(cpu, Layout::rows, Layout::rows, 1, 4200, 33, 1100, false);
  compare(cpu, Layout::rows, Layout::columns, 1, 33, 4200, 1100, true);
  pass_on_what_is_not_finite(cpu);
  CHECK(ntl_matmul_precision(0) == NTL_OK);
  CHECK(arena.used() == 0);
}

}  // namespace

// With an argument: products at medium precision alone.
int main(int arguments, char**) {
  ntl_set_threads(3);
  const bool all = arguments == 1;
  if (all) test(table_cpu_baseline);
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
  const bool pairs = avx512 && __builtin_cpu_supports("avx512bf16");
  if (all && avx2) test(table_cpu_avx2);
  if (all && avx512) test(table_cpu_avx512);
  if (avx512) test_medium(table_cpu_avx512, pairs);
  const auto outcome = [](bool tested) { return tested ? "tested" : "SKIPPED: not on this machine"; };
  if (all) std::printf("cpu_baseline tested; cpu_avx2 %s; cpu_avx512 %s; ", outcome(avx2), outcome(avx512));
  std::printf("bf16 %s; AMX %s\n", outcome(pairs), outcome(avx512 && has_amx()));
#endif
  return 0;
}
