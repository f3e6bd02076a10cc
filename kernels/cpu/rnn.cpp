#include "nautile/rnn.hpp"

#include <array>
#include <cstring>
#include <utility>

#include "nautile/amx.hpp"
#include "nautile/gemm_args.hpp"
#include "nautile/recurrent_products.hpp"
#include "nautile/target_begin.hpp"
#include "nautile/vec.hpp"
#include "nautile/vec_math.hpp"
#include "nautile/gemm_panels.hpp"
#include "nautile/gemm_pairs.hpp"
#include "nautile/gemm_tiles.hpp"
#include "nautile/gemm_plan.hpp"
#include "nautile/gemm_row.hpp"
#include "nautile/gemm.hpp"
#include "nautile/recurrent.hpp"

namespace nautile::NTL_TARGET {
namespace {

struct Cell {
  static constexpr std::int64_t kGates = 1;
  static constexpr std::int64_t kColumns = 1;
  static constexpr bool kApart = false;
  static constexpr bool kCells = false;
  static constexpr const char* kLengths = "rnn: lengths";

  static void forward(const ForwardUnits& at, std::int64_t n) {
    const Vec v = get(at.sums, n);
    put(at.h, at.relu ? larger(v, Vec{}) : tanh(v), n);
  }

  static void backward(const BackwardUnits& at, std::int64_t n) {
    const Vec y = get(at.y, n);
    put(at.dgates, at.relu ? (y > 0.0F ? at.dh : Vec{}) : at.dh * (1.0F - y * y), n);
    put(at.dh_before, Vec{}, n);
  }
};

using Forward = ForwardPass<Cell>;
using Backward = BackwardPass<Cell>;

}  // namespace

std::int64_t tasks(const RnnForward& args) { return recurrent_tasks<Forward>(args); }
std::int64_t tasks(const RnnBackward& args) { return recurrent_tasks<Backward>(args); }

std::int64_t workspace(const RnnForward& args, std::int64_t team_size) {
  return recurrent_workspace<Forward>(args, team_size);
}
std::int64_t workspace(const RnnBackward& args, std::int64_t team_size) {
  return recurrent_workspace<Backward>(args, team_size);
}

void rnn_forward(const RnnForward& args, std::byte* workspace, const Team& team) {
  Forward(args, reinterpret_cast<float*>(workspace), team.size).run(team);
}

void rnn_backward(const RnnBackward& args, std::byte* workspace, const Team& team) {
  Backward(args, reinterpret_cast<float*>(workspace), team.size).run(team);
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
