#include "nautile/where.hpp"

#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"
#include "nautile/vec_broadcast.hpp"

namespace nautile::NTL_TARGET {
namespace {

typedef std::uint8_t Bytes __attribute__((vector_size(kLanes)));

// Which of n lanes are to be a's.
IntVec mask(const std::uint8_t* condition, std::int64_t stride, std::int64_t n) {
  Bytes bytes{};
  if (stride == 1) {
    __builtin_memcpy(&bytes, condition, static_cast<std::size_t>(n));
  } else {
    for (std::int64_t lane = 0; lane < n; ++lane) bytes[lane] = condition[lane * stride];
  }
  return __builtin_convertvector(bytes, IntVec) != 0;
}

}  // namespace

void where_forward(const WhereForward& args, std::byte*, const Team& team) {
  const std::int64_t stride = args.condition_strides[3];
  for_runs(team, args.extents, [&](const Run& run) {
    const std::uint8_t* condition = run.at(args.condition, args.condition_strides);
    float* y = args.y + run.place;
    with_operand(run.at(args.a, args.a_strides), args.a_strides[3], [&](auto a) {
      with_operand(run.at(args.b, args.b_strides), args.b_strides[3], [&](auto b) {
        for_vectors(run.count, [&](std::int64_t i, std::int64_t n) {
          const IntVec chosen = mask(condition + i * stride, stride, n);
          if (n == kLanes) {
            store(y + i, chosen ? a.full(i) : b.full(i));
          } else {
            store(y + i, chosen ? a.part(i, n) : b.part(i, n), n);
          }
        });
      });
    });
  });
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
