#include "nautile/compare.hpp"

#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"
#include "nautile/vec_broadcast.hpp"

namespace nautile::NTL_TARGET {
namespace {

typedef std::uint8_t Bytes __attribute__((vector_size(kLanes)));

template <typename F>
void apply(const CompareForward& args, const Team& team, F&& f) {
  for_runs(team, args.extents, [&](const Run& run) {
    row_of_two(run.at(args.a, args.a_strides), args.a_strides[3], run.at(args.b, args.b_strides), args.b_strides[3],
               args.y + run.place, run.count, f, [=](std::uint8_t* y, IntVec mask, std::int64_t n) {
                 const Bytes bytes = __builtin_convertvector(mask & 1, Bytes);
                 __builtin_memcpy(y, &bytes, static_cast<std::size_t>(n));
               });
  });
}

}  // namespace

void compare_forward(const CompareForward& args, std::byte*, const Team& team) {
  switch (args.function) {
    case Comparison::eq: return apply(args, team, [=](Vec a, Vec b) { return a == b; });
    case Comparison::ne: return apply(args, team, [=](Vec a, Vec b) { return a != b; });
    case Comparison::lt: return apply(args, team, [=](Vec a, Vec b) { return a < b; });
    case Comparison::le: return apply(args, team, [=](Vec a, Vec b) { return a <= b; });
    case Comparison::gt: return apply(args, team, [=](Vec a, Vec b) { return a > b; });
    case Comparison::ge: return apply(args, team, [=](Vec a, Vec b) { return a >= b; });
  }
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
