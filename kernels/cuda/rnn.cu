#include "nautile/rnn.hpp"

#include <cmath>

#include "nautile/cuda_recurrent.hpp"

namespace nautile::NTL_TARGET {
namespace {

struct Cell {
  static constexpr std::int64_t kGates = 1;
  static constexpr std::int64_t kColumns = 1;
  static constexpr bool kApart = false;
  static constexpr bool kCells = false;
  static constexpr const char* kLengths = "rnn: lengths";

  __device__ static float forward(const ForwardUnit& at) {
    const float v = at.gates[0] + at.state[0];
    return at.relu ? Larger{}(v, 0.0F) : tanhf(v);
  }

  __device__ static float backward(const BackwardUnit& at) {
    at.dgates[0] = !at.relu ? at.dh * (1.0F - at.y * at.y) : at.y > 0.0F ? at.dh : 0.0F;
    return 0.0F;
  }
};

}  // namespace

std::int64_t tasks(const RnnForward&) { return 1; }
std::int64_t tasks(const RnnBackward&) { return 1; }

std::int64_t workspace(const RnnForward& args, std::int64_t) { return recurrent_workspace<ForwardPass<Cell>>(args); }
std::int64_t workspace(const RnnBackward& args, std::int64_t) { return recurrent_workspace<BackwardPass<Cell>>(args); }

void rnn_forward(const RnnForward& args, std::byte* workspace, const Team& team) {
  ForwardPass<Cell>(args, workspace).run(team);
}

void rnn_backward(const RnnBackward& args, std::byte* workspace, const Team& team) {
  BackwardPass<Cell>(args, workspace).run(team);
}

}  // namespace nautile::NTL_TARGET
