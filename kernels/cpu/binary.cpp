#include "nautile/binary.hpp"

#include <cmath>

#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"
#include "nautile/vec_broadcast.hpp"
#include "nautile/vec_precise.hpp"

namespace nautile::NTL_TARGET {
namespace {

template <typename F>
void apply(const BinaryForward& args, const Team& team, F&& f) {
  const std::int64_t* extents = args.extents;
  const std::int64_t rows = extents[0] * extents[1] * extents[2];
  const bool streamed = args.y != args.a && args.y != args.b && (rows == 1 || extents[3] % kLanes == 0) &&
                        streams(args.y, rows * extents[3]);
  for_runs(team, extents, [&](const Run& run) {
    row_of_two(run.at(args.a, args.a_strides), args.a_strides[3], run.at(args.b, args.b_strides), args.b_strides[3],
               args.y + run.place, run.count, f, [=](float* y, Vec v, std::int64_t n) {
                 if (n == kLanes) {
                   if (streamed) return stream(y, v);
                   store(y, v);
                 } else {
                   store(y, v, n);
                 }
               });
  });
  if (streamed) drain();
}

}  // namespace

void binary_forward(const BinaryForward& args, std::byte*, const Team& team) {
  switch (args.function) {
    case Binary::add: return apply(args, team, [=](Vec a, Vec b) { return a + b; });
    case Binary::sub: return apply(args, team, [=](Vec a, Vec b) { return a - b; });
    case Binary::mul: return apply(args, team, [=](Vec a, Vec b) { return a * b; });
    case Binary::div: return apply(args, team, [=](Vec a, Vec b) { return a / b; });
    case Binary::maximum: return apply(args, team, [=](Vec a, Vec b) { return larger(a, b); });
    case Binary::minimum: return apply(args, team, [=](Vec a, Vec b) { return smaller(a, b); });
    case Binary::power: return apply(args, team, [=](Vec a, Vec b) { return power(a, b); });
    case Binary::maximum_by_a:
      return apply(args, team, [=](Vec a, Vec b) { return a == b ? splat(0.5F) : a < b ? Vec{} : splat(1.0F); });
    case Binary::power_by_a: return apply(args, team, [=](Vec a, Vec b) { return power_by_a(a, b); });
    case Binary::power_by_b: return apply(args, team, [=](Vec a, Vec b) { return power_by_b(a, b); });
  }
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
