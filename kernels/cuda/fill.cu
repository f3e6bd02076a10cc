#include "nautile/fill.hpp"

#include "nautile/cuda_grid.hpp"

// One thread for 16 bytes; the elements before the first and after the last whole 16 bytes one by one. Bound by memory.

namespace nautile::NTL_TARGET {
namespace {

constexpr std::int64_t kWide = 16;

struct alignas(kWide) Wide {
  std::uint64_t half[2];
};

template <typename T>
__global__ void __launch_bounds__(kThreads)
    fill_forward_by_16_bytes(T* y, std::int64_t size, T value, std::int64_t before, std::int64_t wide, Wide pattern) {
  constexpr std::int64_t kElements = kWide / std::int64_t{sizeof(T)};
  auto* middle = reinterpret_cast<Wide*>(y + before);
  for_items(wide, [&](std::int64_t i) { middle[i] = pattern; });
  for_items(size - wide * kElements, [&](std::int64_t i) { y[i < before ? i : i + wide * kElements] = value; });
}

template <typename T>
void fill(const FillForward& a, const Team& team) {
  constexpr std::int64_t kElements = kWide / std::int64_t{sizeof(T)};
  const auto value = static_cast<T>(a.bits);  // the low bytes
  std::uint64_t half = value;
  for (std::size_t width = sizeof(T); width < sizeof half; width *= 2) half |= half << 8 * width;
  auto* y = reinterpret_cast<T*>(a.y);
  const auto beyond = static_cast<std::int64_t>(reinterpret_cast<std::uintptr_t>(y) % kWide);
  const std::int64_t to_aligned = (kWide - beyond) % kWide / std::int64_t{sizeof(T)};
  const std::int64_t before = to_aligned < a.size ? to_aligned : a.size;
  const std::int64_t wide = (a.size - before) / kElements;
  NTL_LAUNCH((fill_forward_by_16_bytes<T>), blocks_for(ceil_div(a.size, kElements), kThreads), dim3(kThreads), 0,
             stream_of(team), y, a.size, value, before, wide, Wide{{half, half}});
}

}  // namespace

void fill_forward(const FillForward& a, std::byte*, const Team& team) {
  switch (a.element_size) {
    case 1: return fill<std::uint8_t>(a, team);
    case 4: return fill<std::uint32_t>(a, team);
    default: return fill<std::uint64_t>(a, team);
  }
}

}  // namespace nautile::NTL_TARGET
