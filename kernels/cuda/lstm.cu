#include "nautile/lstm.hpp"

#include <cmath>

#include "nautile/cuda_recurrent.hpp"

namespace nautile::NTL_TARGET {
namespace {

// The gates: input, forget, cell, output.
struct Cell {
  static constexpr std::int64_t kGates = 4;
  static constexpr std::int64_t kColumns = 4;
  static constexpr bool kApart = false;
  static constexpr bool kCells = true;
  static constexpr const char* kLengths = "lstm: lengths";

  __device__ static float forward(const ForwardUnit& at) {
    const auto sum = [&](std::int64_t gate) { return at.gates[gate * at.hidden] + at.state[gate * at.hidden]; };
    const float i = sigmoid(sum(0));
    const float f = sigmoid(sum(1));
    const float g = tanhf(sum(2));
    const float o = sigmoid(sum(3));
    const float c = f * *at.c + i * g;
    at.gates[0] = i;
    at.gates[at.hidden] = f;
    at.gates[2 * at.hidden] = g;
    at.gates[3 * at.hidden] = o;
    *at.c = c;
    return o * tanhf(c);
  }

  __device__ static float backward(const BackwardUnit& at) {
    const float i = at.gates[0];
    const float f = at.gates[at.hidden];
    const float g = at.gates[2 * at.hidden];
    const float o = at.gates[3 * at.hidden];
    const float t = tanhf(at.c);
    const float dc = *at.dc + at.dh * o * (1.0F - t * t);
    at.dgates[0] = dc * g * i * (1.0F - i);
    at.dgates[at.hidden] = dc * at.c_before * f * (1.0F - f);
    at.dgates[2 * at.hidden] = dc * i * (1.0F - g * g);
    at.dgates[3 * at.hidden] = at.dh * t * o * (1.0F - o);
    *at.dc = dc * f;
    return 0.0F;
  }
};

}  // namespace

std::int64_t tasks(const LstmForward&) { return 1; }
std::int64_t tasks(const LstmBackward&) { return 1; }

std::int64_t workspace(const LstmForward& args, std::int64_t) { return recurrent_workspace<ForwardPass<Cell>>(args); }
std::int64_t workspace(const LstmBackward& args, std::int64_t) { return recurrent_workspace<BackwardPass<Cell>>(args); }

void lstm_forward(const LstmForward& args, std::byte* workspace, const Team& team) {
  ForwardPass<Cell>(args, workspace).run(team);
}

void lstm_backward(const LstmBackward& args, std::byte* workspace, const Team& team) {
  BackwardPass<Cell>(args, workspace).run(team);
}

}  // namespace nautile::NTL_TARGET
