#include "nautile/fill.hpp"

#include <cstring>

#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"

namespace nautile::NTL_TARGET {
namespace {

template <typename T>
void fill(std::byte* y, std::int64_t count, std::int64_t bits) {
  T value;
  std::memcpy(&value, &bits, sizeof value);  // the low bytes: all targets are little-endian
  for (std::int64_t i = 0; i < count; ++i)
    std::memcpy(y + i * static_cast<std::int64_t>(sizeof value), &value, sizeof value);
}

}  // namespace

void fill_forward(const FillForward& a, std::byte*, const Team& team) {
  for_chunks(team, a.size, [&](std::int64_t begin, std::int64_t count) {
    std::byte* y = a.y + begin * a.element_size;
    switch (a.element_size) {
      case 1: return fill<std::uint8_t>(y, count, a.bits);
      case 4: return fill<std::uint32_t>(y, count, a.bits);
      default: return fill<std::uint64_t>(y, count, a.bits);
    }
  });
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
