// What optimizers share on the CPU. Included after vec.hpp; like it without guard.

namespace nautile::NTL_TARGET {
namespace {

// n <= kLanes elements.
inline Vec load_some(const float* p, std::int64_t n) { return n == kLanes ? load(p) : load(p, n); }
inline void store_some(float* p, Vec v, std::int64_t n) { n == kLanes ? store(p, v) : store(p, v, n); }

// f(i, n) for the vectors of a member's share of the parameters.
template <typename F>
inline void for_parameters(const Team& team, std::int64_t size, F&& f) {
  for_chunks(team, size, [&](std::int64_t begin, std::int64_t count) {
    for_vectors(count, [&](std::int64_t i, std::int64_t n) { f(begin + i, n); });
  });
}

// The gradient with those of the penalties, weight_decay / 2 |p|^2 + l1 |p|.
inline Vec penalized(const Update& u, Vec p, Vec gradient) {
  if (u.weight_decay != 0.0F) gradient += u.weight_decay * p;
  if (u.l1 != 0.0F) gradient += p == 0.0F ? Vec{} : with_sign(splat(u.l1), p);
  return gradient;
}

}  // namespace
}  // namespace nautile::NTL_TARGET
