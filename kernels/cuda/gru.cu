#include "nautile/gru.hpp"

#include <cmath>

#include "nautile/cuda_recurrent.hpp"

namespace nautile::NTL_TARGET {
namespace {

// The gates: reset, update, new, of which the state's share is kept apart.
struct Cell {
  static constexpr std::int64_t kGates = 3;
  static constexpr std::int64_t kColumns = 4;
  static constexpr bool kApart = true;
  static constexpr bool kCells = false;
  static constexpr const char* kLengths = "gru: lengths";

  __device__ static float forward(const ForwardUnit& at) {
    const float share = at.state[2 * at.hidden];
    const float r = sigmoid(at.gates[0] + at.state[0]);
    const float z = sigmoid(at.gates[at.hidden] + at.state[at.hidden]);
    const float v = tanhf(at.gates[2 * at.hidden] + r * share);
    at.gates[0] = r;
    at.gates[at.hidden] = z;
    at.gates[2 * at.hidden] = v;
    at.gates[3 * at.hidden] = share;
    return (1.0F - z) * v + z * at.h_before;
  }

  __device__ static float backward(const BackwardUnit& at) {
    const float r = at.gates[0];
    const float z = at.gates[at.hidden];
    const float v = at.gates[2 * at.hidden];
    const float dv = at.dh * (1.0F - z) * (1.0F - v * v);
    at.dgates[0] = dv;
    at.dgates[at.hidden] = dv * at.gates[3 * at.hidden] * r * (1.0F - r);
    at.dgates[2 * at.hidden] = at.dh * (at.h_before - v) * z * (1.0F - z);
    at.dgates[3 * at.hidden] = dv * r;
    return at.dh * z;
  }
};

}  // namespace

std::int64_t tasks(const GruForward&) { return 1; }
std::int64_t tasks(const GruBackward&) { return 1; }

std::int64_t workspace(const GruForward& args, std::int64_t) { return recurrent_workspace<ForwardPass<Cell>>(args); }
std::int64_t workspace(const GruBackward& args, std::int64_t) { return recurrent_workspace<BackwardPass<Cell>>(args); }

void gru_forward(const GruForward& args, std::byte* workspace, const Team& team) {
  ForwardPass<Cell>(args, workspace).run(team);
}

void gru_backward(const GruBackward& args, std::byte* workspace, const Team& team) {
  BackwardPass<Cell>(args, workspace).run(team);
}

}  // namespace nautile::NTL_TARGET
