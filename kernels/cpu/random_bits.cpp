#include "nautile/random_bits.hpp"

#include "nautile/philox.hpp"
#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"
#include "nautile/vec_philox.hpp"

namespace nautile::NTL_TARGET {

void random_bits_forward(const RandomBitsForward& a, std::byte*, const Team& team) {
  for_chunks(team, a.size, [&](std::int64_t begin, std::int64_t count) {
    draw(static_cast<std::uint64_t>(a.seed), static_cast<std::uint64_t>(a.stream),
         static_cast<std::uint64_t>(a.offset + begin), count, a.y + begin);
  });
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
