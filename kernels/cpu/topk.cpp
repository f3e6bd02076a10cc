#include "nautile/topk.hpp"

#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"
#include "nautile/vec_math.hpp"
#include "nautile/vec_rows.hpp"

namespace nautile::NTL_TARGET {
namespace {

// Integers in the order of the elements: all NaN are the largest, and -0 equals 0.
IntVec keys(Vec x) {
  const IntVec v = bits(x + 0.0F);  // -0 becomes 0
  const IntVec ordered = v ^ ((v >> 31) & 0x7FFFFFFF);
  return x == x ? ordered : splat(INT32_MAX);
}

// Inserts an element behind those that are not less; the last one falls out when there are k already.
void insert(std::int32_t* largest, std::int64_t* places, std::int64_t& count, std::int64_t k, std::int32_t key,
            std::int64_t place) {
  std::int64_t i = count < k ? count++ : k - 1;
  for (; i > 0 && largest[i - 1] < key; --i) {
    largest[i] = largest[i - 1];
    places[i] = places[i - 1];
  }
  largest[i] = key;
  places[i] = place;
}

}  // namespace

// Most elements are not among the k largest of those before them: a vector of them costs one comparison with the least.
void topk_forward(const TopkForward& a, std::byte* workspace, const Team& team) {
  if (a.k == 0) return;
  std::int32_t* largest = reinterpret_cast<std::int32_t*>(workspace) + team.rank * a.k;
  for_rows(team, a.rows, a.cols, [&](std::int64_t r) {
    const float* x = a.x + r * a.cols;
    std::int64_t* places = a.y + r * a.k;
    std::int64_t count = 0;
    for_vectors(a.cols, [&](std::int64_t i, std::int64_t n) {
      const IntVec key = keys(n == kLanes ? load(x + i) : load(x + i, n));
      if (count == a.k && !any(key > largest[a.k - 1])) return;
      for (std::int64_t lane = 0; lane < n; ++lane) {
        if (count < a.k || key[lane] > largest[a.k - 1]) insert(largest, places, count, a.k, key[lane], i + lane);
      }
    });
  });
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
