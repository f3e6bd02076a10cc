// softmax and log_softmax by cuDNN, which differ in the algorithm alone.
#pragma once

#include "nautile/cudnn.hpp"

namespace nautile::NTL_TARGET {
namespace {

constexpr int kAccurate = 1;  // CUDNN_SOFTMAX_ACCURATE
constexpr int kLog = 2;       // CUDNN_SOFTMAX_LOG
constexpr int kInstance = 0;  // CUDNN_SOFTMAX_MODE_INSTANCE: over all of a row

// Whether cuDNN could; if so, it was asked.
template <typename Args>
bool softmax_forward_by_cudnn(const Args& a, int algorithm, const Team& team) {
  if (!aligned(a.x) || !aligned(a.y) || !countable(a.rows, a.cols)) return false;
  const Session session(Session::Library::cudnn, team.stream);
  void* const shape = matrix(a.rows, a.cols);
  if (session.ok()) {
    NTL_SUCCEEDED(cudnnSoftmaxForward, session.handle(), algorithm, kInstance, &kOne, shape, a.x, &kZero, shape, a.y);
  }
  return true;
}
template <typename Args>
bool softmax_backward_by_cudnn(const Args& a, int algorithm, const Team& team) {
  if (!aligned(a.y) || !aligned(a.dy) || !aligned(a.dx) || !countable(a.rows, a.cols)) return false;
  const Session session(Session::Library::cudnn, team.stream);
  void* const shape = matrix(a.rows, a.cols);
  if (session.ok()) {
    NTL_SUCCEEDED(cudnnSoftmaxBackward, session.handle(), algorithm, kInstance, &kOne, shape, a.y, shape, a.dy,
                  scale_of_old(a.accumulate), shape, a.dx);
  }
  return true;
}

}  // namespace
}  // namespace nautile::NTL_TARGET
