#include "nautile/lstm.hpp"

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

// The gates: input, forget, cell, output.
struct Cell {
  static constexpr std::int64_t kGates = 4;
  static constexpr std::int64_t kColumns = 4;
  static constexpr bool kApart = false;
  static constexpr bool kCells = true;
  static constexpr const char* kLengths = "lstm: lengths";

  static void forward(const ForwardUnits& at, std::int64_t n) {
    const Vec i = sigmoid(get(at.sums, n));
    const Vec f = sigmoid(get(at.sums + at.apart, n));
    const Vec g = tanh(get(at.sums + 2 * at.apart, n));
    const Vec o = sigmoid(get(at.sums + 3 * at.apart, n));
    const Vec c = f * get(at.c, n) + i * g;
    if (at.gates != nullptr) {
      put(at.gates, i, n);
      put(at.gates + at.hidden, f, n);
      put(at.gates + 2 * at.hidden, g, n);
      put(at.gates + 3 * at.hidden, o, n);
    }
    put(at.c, c, n);
    put(at.h, o * tanh(c), n);
  }

  static void backward(const BackwardUnits& at, std::int64_t n) {
    const Vec i = get(at.gates, n);
    const Vec f = get(at.gates + at.hidden, n);
    const Vec g = get(at.gates + 2 * at.hidden, n);
    const Vec o = get(at.gates + 3 * at.hidden, n);
    const Vec t = tanh(get(at.c, n));
    const Vec dc = get(at.dc, n) + at.dh * o * (1.0F - t * t);
    put(at.dgates, dc * g * i * (1.0F - i), n);
    put(at.dgates + at.hidden, dc * get_or_zero(at.c_before, n) * f * (1.0F - f), n);
    put(at.dgates + 2 * at.hidden, dc * i * (1.0F - g * g), n);
    put(at.dgates + 3 * at.hidden, at.dh * t * o * (1.0F - o), n);
    put(at.dc, dc * f, n);
    put(at.dh_before, Vec{}, n);
  }
};

using Forward = ForwardPass<Cell>;
using Backward = BackwardPass<Cell>;

}  // namespace

std::int64_t tasks(const LstmForward& args) { return recurrent_tasks<Forward>(args); }
std::int64_t tasks(const LstmBackward& args) { return recurrent_tasks<Backward>(args); }

std::int64_t workspace(const LstmForward& args, std::int64_t team_size) {
  return recurrent_workspace<Forward>(args, team_size);
}
std::int64_t workspace(const LstmBackward& args, std::int64_t team_size) {
  return recurrent_workspace<Backward>(args, team_size);
}

void lstm_forward(const LstmForward& args, std::byte* workspace, const Team& team) {
  Forward(args, reinterpret_cast<float*>(workspace), team.size).run(team);
}

void lstm_backward(const LstmBackward& args, std::byte* workspace, const Team& team) {
  Backward(args, reinterpret_cast<float*>(workspace), team.size).run(team);
}

}  // namespace nautile::NTL_TARGET

#include "nautile/target_end.hpp"
