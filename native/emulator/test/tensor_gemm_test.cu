// Matrix products on tensor cores, and floats split into parts: what of them the emulator can run.
#include <cmath>
#include <cstring>
#include <limits>

#define NTL_TARGET emulated_test
#include "nautile/cuda_mma_gemm.hpp"
#include "tests.hpp"

namespace nautile::NTL_TARGET {
namespace {

struct Strides {
  const char* name;
  std::int64_t a_row, a_col, b_row, b_col;
};

std::vector<float> uniform(std::size_t count, std::uint32_t seed) {
  std::vector<float> v(count);
  for (float& x : v) {
    seed = seed * 1664525u + 1013904223u;
    x = static_cast<float>(seed >> 8) * 0x1p-23f - 1.0f;
  }
  return v;
}

// In double; sums of what is not finite are in float, as the order does not matter to them.
double expected(const Gemm& g, const std::vector<float>& a, const std::vector<float>& b, std::int64_t i,
                std::int64_t j) {
  double sum = 0;
  for (std::int64_t p = 0; p < g.k; ++p) {
    sum += static_cast<double>(a[static_cast<std::size_t>(i * g.a_row + p * g.a_col)]) *
           b[static_cast<std::size_t>(p * g.b_row + j * g.b_col)];
  }
  return sum;
}

// Errors are relative to the norm of a row of a times that of a column of b.
template <Precision kPrecision>
void product(std::int64_t m, std::int64_t n, std::int64_t k, const Strides& strides, double allowed, bool accumulate) {
  std::vector<float> a = uniform(static_cast<std::size_t>(m * strides.a_row + k * strides.a_col), 1);
  const std::vector<float> b = uniform(static_cast<std::size_t>(k * strides.b_row + n * strides.b_col), 2);
  if (parts_of(kPrecision) > 1) {
    a[0] = std::numeric_limits<float>::infinity();
    a[static_cast<std::size_t>(strides.a_row)] = std::numeric_limits<float>::quiet_NaN();
    a[static_cast<std::size_t>(2 * strides.a_row)] = 3.4e38f;  // a part would be infinite
  }
  const std::vector<float> y = uniform(static_cast<std::size_t>(m * (n + 1)), 3);
  const std::vector<float> bias = uniform(static_cast<std::size_t>(n), 4);
  const DeviceArray<float> device_a(a);
  const DeviceArray<float> device_b(b);
  const DeviceArray<float> device_y(y);
  const DeviceArray<float> device_bias(bias);
  Gemm g{};
  g.a = device_a;
  g.b = device_b;
  g.y = device_y;
  g.batch = 1;
  g.m = m;
  g.n = n;
  g.k = k;
  g.a_row = strides.a_row;
  g.a_col = strides.a_col;
  g.b_row = strides.b_row;
  g.b_col = strides.b_col;
  g.y_row = accumulate ? n + 1 : n;
  g.bias = accumulate ? device_bias.data() : nullptr;
  g.accumulate = accumulate;
  gemm_by_mma_in<kPrecision>(g, Team{});
  CHECK_CUDA(cudaDeviceSynchronize());
  const std::vector<float> got = device_y.host();
  const double scale = std::sqrt(static_cast<double>(k)) / 3;
  double worst = 0;
  for (std::int64_t i = 0; i < m; ++i) {
    for (std::int64_t j = 0; j < n; ++j) {
      const auto place = static_cast<std::size_t>(i * g.y_row + j);
      double want = expected(g, a, b, i, j);
      if (accumulate) want += static_cast<double>(y[place]) + bias[static_cast<std::size_t>(j)];
      const double is = got[place];
      if (std::isnan(want) || std::fabs(want) > 1e30) {
        const bool same = std::isnan(want)   ? std::isnan(is)
                          : std::isinf(want) ? is == want
                                             : std::fabs(is - want) <= 1e-5 * std::fabs(want);
        CHECK(same, "[%d][%d], %s: %g, not %g", static_cast<int>(i), static_cast<int>(j), strides.name, is, want);
      } else {
        worst = std::max(worst, std::fabs(is - want) / scale);
      }
    }
  }
  CHECK(worst <= allowed, "%dx%dx%d, %s, precision %d: off by %g", static_cast<int>(m), static_cast<int>(n),
        static_cast<int>(k), strides.name, static_cast<int>(kPrecision), worst);
}

template <Precision kPrecision>
void products(double allowed) {
  constexpr std::int64_t kM = 133;
  constexpr std::int64_t kN = 70;
  constexpr std::int64_t kK = 77;
  product<kPrecision>(kM, kN, kK, {"nn", 80, 1, kN, 1}, allowed, false);
  product<kPrecision>(kM, kN, kK, {"nt", kK, 1, 1, 84}, allowed, true);
  product<kPrecision>(kM, kN, kK, {"tn, apart", 2, 270, 3, 235}, allowed, false);
}

// The parts of a plane add up to what was split.
template <Precision kPrecision>
void planes(const Strides& strides, double allowed) {
  constexpr std::int64_t kRows = 70;
  constexpr std::int64_t kLength = 75;
  const std::vector<float> x = uniform(static_cast<std::size_t>(kRows * strides.a_row + kLength * strides.a_col), 5);
  const DeviceArray<float> device_x(x);
  const std::int64_t row = plane_row(kLength);
  const auto bytes = static_cast<std::size_t>(plane_bytes(kPrecision, 1, kRows, kLength));
  const DeviceArray<std::byte> device_planes(bytes);
  Planes a = planes_of(rows_of(device_x, 0, strides.a_row, strides.a_col, kRows), 1, kLength, device_planes);
  Planes none = a;
  none.tiles = 0;
  split_planes<kPrecision>(a, none, Team{});
  CHECK_CUDA(cudaDeviceSynchronize());
  const std::vector<std::byte> got = device_planes.host();
  for (std::int64_t i = 0; i < kRows; ++i) {
    for (std::int64_t p = 0; p < row; ++p) {
      double sum = 0;
      for (int part = 0; part < parts_of(kPrecision); ++part) {
        const std::int64_t place = (part * kRows + i) * row + p;
        std::uint32_t bits = 0;
        if (bytes_of(kPrecision) == 4) {
          std::memcpy(&bits, &got[static_cast<std::size_t>(place * 4)], 4);
        } else {
          std::uint16_t half = 0;
          std::memcpy(&half, &got[static_cast<std::size_t>(place * 2)], 2);
          bits = static_cast<std::uint32_t>(half) << 16;
        }
        float value = 0;
        std::memcpy(&value, &bits, 4);
        sum += value;
      }
      const double want = p < kLength ? x[static_cast<std::size_t>(i * strides.a_row + p * strides.a_col)] : 0.0F;
      CHECK(std::fabs(sum - want) <= allowed, "[%d][%d], %s: %g, not %g", static_cast<int>(i), static_cast<int>(p),
            strides.name, sum, want);
    }
  }
}

template <Precision kPrecision>
void both_planes(double allowed) {
  planes<kPrecision>({"along", 76, 1, 0, 0}, allowed);
  planes<kPrecision>({"across", 1, 71, 0, 0}, allowed);
}

}  // namespace
}  // namespace nautile::NTL_TARGET

void test_tensor_gemm() {
  using namespace nautile::NTL_TARGET;
  products<Precision::tf32>(2e-3);
  products<Precision::bf16>(2e-2);
  products<Precision::bf16x6>(1e-6);
  both_planes<Precision::tf32>(0x1p-11);
  both_planes<Precision::bf16>(0x1p-8);
  both_planes<Precision::bf16x6>(0x1p-24);
}
