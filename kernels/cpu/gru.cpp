#include "nautile/gru.hpp"

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

// The gates: reset, update, new, of which the state's share is a column block of its own.
struct Cell {
  static constexpr std::int64_t kGates = 3;
  static constexpr std::int64_t kColumns = 4;
  static constexpr bool kApart = true;
  static constexpr bool kCells = false;
  static constexpr const char* kLengths = "gru: lengths";

  static void forward(const ForwardUnits& at, std::int64_t n) {
    const Vec r = sigmoid(get(at.sums, n));
    const Vec z = sigmoid(get(at.sums + at.apart, n));
    const Vec state = get(at.sums + 3 * at.apart, n);
    const Vec v = tanh(get(at.sums + 2 * at.apart, n) + r * state);
    if (at.gates != nullptr) {
      put(at.gates, r, n);
      put(at.gates + at.hidden, z, n);
      put(at.gates + 2 * at.hidden, v, n);
      put(at.gates + 3 * at.hidden, state, n);
    }
    put(at.h, (1.0F - z) * v + z * get(at.h_before, n), n);
  }

  static void backward(const BackwardUnits& at, std::int64_t n) {
    const Vec r = get(at.gates, n);
    const Vec z = get(at.gates + at.hidden, n);
    const Vec v = get(at.gates + 2 * at.hidden, n);
    const Vec dv = at.dh * (1.0F - z) * (1.0F - v * v);
    put(at.dgates, dv, n);
    put(at.dgates + at.hidden, dv * get(at.gates + 3 * at.hidden, n) * r * (1.0F - r), n);
    put(at.dgates + 2 * at.hidden, at.dh * (get_or_zero(at.h_before, n) - v) * z * (1.0F - z), n);
    put(at.dgates + 3 * at.hidden, dv * r, n);
    put(at.dh_before, at.dh * z, n);
  }
};

using Forward = ForwardPass<Cell>;
using Backward = BackwardPass<Cell>;

}  // namespace

std::int64_t tasks(const GruForward& args) { return recurrent_tasks<Forward>(args); }
std::int64_t tasks(const GruBackward& args) { return recurrent_tasks<Backward>(args); }

std::int64_t workspace(const GruForward& args, std::int64_t team_size) {
  return recurrent_workspace<Forward>(args, team_size);
}
std::int64_t workspace(const GruBackward& args, std::int64_t team_size) {
  return recurrent_workspace<Backward>(args, team_size);
}

void gru_forward(const GruForward& args, std::byte* workspace, const Team& team) {
  Forward(args, reinterpret_cast<float*>(workspace), team.size).run(team);
}

void gru_backward(const GruBackward& args, std::byte* workspace, const Team& team) {
  Backward(args, reinterpret_cast<float*>(workspace), team.size).run(team);
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
