// The matrix product of every instruction set, through the C ABI, against the plain loop. Small integers: every sum is
// exact whatever its order, so a result is right or wrong.
#include "nautile/op/matmul.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "arena.hpp"
#include "check.hpp"
#include "dispatch.hpp"
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
  compare(cpu, Layout::rows, Layout::columns, 1, 0, 3, 4, false);
  compare(cpu, Layout::rows, Layout::columns, 1, 3, 0, 4, false);
  compare(cpu, Layout::rows, Layout::columns, 0, 3, 3, 4, false);
  CHECK(std::strcmp(ntl_last_target(), table.target) == 0, "%s ran instead of %s", ntl_last_target(), table.target);
  CHECK(arena.used() == 0);
}

}  // namespace

int main() {
  ntl_set_threads(3);
  test(table_cpu_baseline);
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
  if (avx2) test(table_cpu_avx2);
  if (avx512) test(table_cpu_avx512);
  std::printf("cpu_baseline tested; cpu_avx2 %s; cpu_avx512 %s\n", avx2 ? "tested" : "SKIPPED: not on this machine",
              avx512 ? "tested" : "SKIPPED: not on this machine");
#endif
  return 0;
}
