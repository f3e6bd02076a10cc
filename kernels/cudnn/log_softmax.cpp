#include "nautile/log_softmax.hpp"

#include "nautile/cudnn_softmax.hpp"

namespace nautile::NTL_TARGET {

void log_softmax_forward(const LogSoftmaxForward& a, std::byte* workspace, const Team& team) {
  if (!softmax_forward_by_cudnn(a, kLog, team)) base().log_softmax_forward.run(a, workspace, team);
}

void log_softmax_backward(const LogSoftmaxBackward& a, std::byte* workspace, const Team& team) {
  if (!softmax_backward_by_cudnn(a, kLog, team)) base().log_softmax_backward.run(a, workspace, team);
}

}  // namespace nautile::NTL_TARGET
