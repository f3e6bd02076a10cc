#include "nautile/softmax.hpp"

#include "nautile/cudnn_softmax.hpp"

namespace nautile::NTL_TARGET {

void softmax_forward(const SoftmaxForward& a, std::byte* workspace, const Team& team) {
  if (!softmax_forward_by_cudnn(a, kAccurate, team)) base().softmax_forward.run(a, workspace, team);
}

void softmax_backward(const SoftmaxBackward& a, std::byte* workspace, const Team& team) {
  if (!softmax_backward_by_cudnn(a, kAccurate, team)) base().softmax_backward.run(a, workspace, team);
}

}  // namespace nautile::NTL_TARGET
