#include "nautile/binary.hpp"

#include <cmath>

#include "nautile/cuda_group.hpp"

// A thread takes four elements of a row at a time where both operands allow it, else one. Bound by memory.

namespace nautile::NTL_TARGET {
namespace {

// kPack elements along the innermost axis; a stride of 0 repeats one. Other strides come with kPack 1 only.
template <int kPack>
__device__ Pack<kPack> load_along(const float* p, std::int64_t stride) {
  if constexpr (kPack == 1) {
    return load<1>(p);
  } else {
    if (stride != 0) return load<kPack>(p);
    Pack<kPack> v;
    NTL_UNROLL
    for (float& x : v.v) x = *p;
    return v;
  }
}

template <int kPack>
struct Operands {
  Pack<kPack> a;
  Pack<kPack> b;
};

template <int kPack, typename F>
__device__ void store_result(float* y, Pack<kPack> a, const Pack<kPack>& b, F&& f) {
  NTL_UNROLL
  for (int k = 0; k < kPack; ++k) a.v[k] = f(a.v[k], b.v[k]);
  store(y, a);
}

// Not inlined: their many registers would be those of all functions. The derivatives are computed in double, for the power
// multiplies the rounding of b - 1, and a factor may bring back what has left float32.
__device__ __attribute__((noinline)) float power(float a, float b) { return powf(a, b); }
__device__ __attribute__((noinline)) float power_by_a(float a, float b) {
  const auto exponent = static_cast<double>(b);
  return b == 0.0F ? 0.0F : static_cast<float>(exponent * pow(static_cast<double>(a), exponent - 1.0));
}
__device__ __attribute__((noinline)) float power_by_b(float a, float b) {
  const auto base = static_cast<double>(a);
  return a == 0.0F && b >= 0.0F ? 0.0F : static_cast<float>(pow(base, static_cast<double>(b)) * log(base));
}

// Powers have kernels of their own: calls take registers, which the others need for more loads at once.
bool is_power(Binary function) {
  return function == Binary::power || function == Binary::power_by_a || function == Binary::power_by_b;
}
template <bool kPowers, typename Apply>
__device__ void with_function(Binary function, Apply&& apply) {
  if constexpr (kPowers) {
    if (function == Binary::power) return apply([](float a, float b) { return power(a, b); });
    if (function == Binary::power_by_a) return apply([](float a, float b) { return power_by_a(a, b); });
    return apply([](float a, float b) { return power_by_b(a, b); });
  } else {
    switch (function) {
      case Binary::add: return apply([](float a, float b) { return a + b; });
      case Binary::sub: return apply([](float a, float b) { return a - b; });
      case Binary::mul: return apply([](float a, float b) { return a * b; });
      case Binary::div: return apply([](float a, float b) { return a / b; });
      case Binary::maximum: return apply([](float a, float b) { return Larger{}(a, b); });
      case Binary::minimum: return apply([](float a, float b) { return Smaller{}(a, b); });
      case Binary::maximum_by_a: return apply([](float a, float b) { return a == b ? 0.5F : a < b ? 0.0F : 1.0F; });
      default: return;
    }
  }
}

// One row; its strides are 0 or 1. Four blocks for each processor leave registers enough for four divisions at once.
template <int kPack>
__global__ void __launch_bounds__(kThreads, 4) binary_forward_by_element_of_row(BinaryForward f) {
  const std::int64_t sa = f.a_strides[3];
  const std::int64_t sb = f.b_strides[3];
  with_function<false>(f.function, [&](auto&& function) {
    for_packs<kPack>(
        f.extents[3],
        [&](std::int64_t i, auto count) {
          return Operands<count.value>{load_along<count.value>(f.a + i * sa, sa),
                                       load_along<count.value>(f.b + i * sb, sb)};
        },
        [&](std::int64_t i, auto, const auto& v) { store_result(f.y + i, v.a, v.b, function); });
  });
}

// Any rows. Index counts the runs of kPack elements; extents[3] is a multiple of kPack.
template <bool kPowers, int kPack, typename Index>
__global__ void __launch_bounds__(kThreads) binary_forward_by_element(BinaryForward f) {
  const auto n1 = static_cast<Index>(f.extents[1]);
  const auto n2 = static_cast<Index>(f.extents[2]);
  const auto n3 = static_cast<Index>(f.extents[3] / kPack);
  const std::int64_t* sa = f.a_strides;
  const std::int64_t* sb = f.b_strides;
  with_function<kPowers>(f.function, [&](auto&& function) {
    for_items(static_cast<Index>(f.extents[0]) * n1 * n2 * n3, [&](Index i) {
      const Index row = i / n3;
      const Index plane = row / n2;
      const auto i3 = static_cast<std::int64_t>(i - row * n3) * kPack;
      const auto i2 = static_cast<std::int64_t>(row - plane * n2);
      const auto i1 = static_cast<std::int64_t>(plane % n1);
      const auto i0 = static_cast<std::int64_t>(plane / n1);
      const float* a = f.a + i0 * sa[0] + i1 * sa[1] + i2 * sa[2] + i3 * sa[3];
      const float* b = f.b + i0 * sb[0] + i1 * sb[1] + i2 * sb[2] + i3 * sb[3];
      store_result(f.y + static_cast<std::int64_t>(i) * kPack, load_along<kPack>(a, sa[3]), load_along<kPack>(b, sb[3]),
                   function);
    });
  });
}

// Whether every run of four along the innermost axis can be moved at once, or is one element.
bool in_fours(const float* p, const std::int64_t* strides) {
  if (strides[3] == 0) return true;
  return strides[3] == 1 && aligned(p) && strides[0] % kFour == 0 && strides[1] % kFour == 0 && strides[2] % kFour == 0;
}

template <bool kPowers>
void binary_forward(const BinaryForward& f, const Team& team) {
  const auto simple = [](std::int64_t stride) { return stride == 0 || stride == 1; };
  const std::int64_t rows = f.extents[0] * f.extents[1] * f.extents[2];
  const std::int64_t size = rows * f.extents[3];
  const bool fours = aligned(f.y) && in_fours(f.a, f.a_strides) && in_fours(f.b, f.b_strides);
  const dim3 threads(kThreads);
  if (!kPowers && rows == 1 && simple(f.a_strides[3]) && simple(f.b_strides[3])) {
    if (fours) {
      NTL_LAUNCH((binary_forward_by_element_of_row<kFour>), blocks_for_turns(size, kFour), threads, 0, stream_of(team),
                 f);
    } else {
      NTL_LAUNCH((binary_forward_by_element_of_row<1>), blocks_for_turns(size, 1), threads, 0, stream_of(team), f);
    }
  } else if (fours && f.extents[3] % kFour == 0) {
    if (short_index(size / kFour)) {
      NTL_LAUNCH((binary_forward_by_element<kPowers, kFour, std::uint32_t>), blocks_for_packs(size, kFour), threads, 0,
                 stream_of(team), f);
    } else {
      NTL_LAUNCH((binary_forward_by_element<kPowers, kFour, std::int64_t>), blocks_for_packs(size, kFour), threads, 0,
                 stream_of(team), f);
    }
  } else if (short_index(size)) {
    NTL_LAUNCH((binary_forward_by_element<kPowers, 1, std::uint32_t>), blocks_for_packs(size, 1), threads, 0,
               stream_of(team), f);
  } else {
    NTL_LAUNCH((binary_forward_by_element<kPowers, 1, std::int64_t>), blocks_for_packs(size, 1), threads, 0,
               stream_of(team), f);
  }
}

}  // namespace

void binary_forward(const BinaryForward& f, std::byte*, const Team& team) {
  if (is_power(f.function)) {
    binary_forward<true>(f, team);
  } else {
    binary_forward<false>(f, team);
  }
}

}  // namespace nautile::NTL_TARGET
