#include "nautile/pointwise_loss.hpp"

#include <cmath>

#include "nautile/cuda_group.hpp"

// One thread for an element. A sum or mean: a block for each chunk of kChunk, then one block for the chunks' sums; in
// double. Bound by memory.

namespace nautile::NTL_TARGET {
namespace {

constexpr float kLogFloor = -100.0F;   // PyTorch's bound of the logarithms of bce, so that a loss stays finite
constexpr float kSlopeFloor = 1e-12F;  // and of x (1 - x) in the derivative

struct Element {
  float x;
  float t;  // the target
  float q;  // the weight of positive targets
};

__device__ inline float bounded(float log) { return log < kLogFloor ? kLogFloor : log; }

// log(1 + e^z) and log(1 + e^-z); both at once, for neither may be the other minus z.
struct Softplus {
  float up;
  float down;
};
__device__ inline Softplus softplus(float z) {
  const float near = log1pf(expf(-fabsf(z)));
  return {(z < 0.0F ? 0.0F : z) + near, (z > 0.0F ? 0.0F : -z) + near};  // NaN passes
}

__device__ inline float formula(PointwiseLoss function, float delta, const Element& e) {
  const float d = e.x - e.t;
  switch (function) {
    case PointwiseLoss::mse: return d * d;
    case PointwiseLoss::l1: return fabsf(d);
    case PointwiseLoss::huber: return fabsf(d) > delta ? delta * (fabsf(d) - 0.5F * delta) : 0.5F * d * d;
    case PointwiseLoss::bce: return (e.t - 1.0F) * bounded(log1pf(-e.x)) - e.t * bounded(logf(e.x));
    case PointwiseLoss::bce_with_logits: {
      const Softplus s = softplus(e.x);
      return (1.0F - e.t) * s.up + e.q * e.t * s.down;
    }
    case PointwiseLoss::kl_div: return (e.t == 0.0F ? 0.0F : e.t * logf(e.t)) - e.t * e.x;
    case PointwiseLoss::kl_div_log_target: return expf(e.t) * -d;
  }
  return 0.0F;
}

__device__ inline float derivative(PointwiseLoss function, float delta, const Element& e) {
  const float d = e.x - e.t;
  switch (function) {
    case PointwiseLoss::mse: return 2.0F * d;
    case PointwiseLoss::l1: return d > 0.0F ? 1.0F : d < 0.0F ? -1.0F : d;
    case PointwiseLoss::huber: return d > delta ? delta : d < -delta ? -delta : d;
    case PointwiseLoss::bce: {
      const float slope = (1.0F - e.x) * e.x;
      return d / (slope < kSlopeFloor ? kSlopeFloor : slope);
    }
    case PointwiseLoss::bce_with_logits: {
      const float small = expf(-fabsf(e.x));
      const float large = 1.0F / (1.0F + small);
      const float rest = small * large;
      return (1.0F - e.t) * (e.x < 0.0F ? rest : large) - e.q * e.t * (e.x < 0.0F ? large : rest);
    }
    case PointwiseLoss::kl_div: return -e.t;
    case PointwiseLoss::kl_div_log_target: return -expf(e.t);
  }
  return 0.0F;
}

__device__ inline float derivative_by_target(PointwiseLoss function, float delta, const Element& e) {
  switch (function) {
    case PointwiseLoss::bce: return bounded(log1pf(-e.x)) - bounded(logf(e.x));
    case PointwiseLoss::bce_with_logits: {
      const Softplus s = softplus(e.x);
      return e.q * s.down - s.up;
    }
    case PointwiseLoss::kl_div: return logf(e.t) + 1.0F - e.x;
    case PointwiseLoss::kl_div_log_target: return expf(e.t) * (e.t - e.x + 1.0F);
    default: return -derivative(function, delta, e);
  }
}

template <typename Args>
__device__ Element element(const Args& a, std::int64_t i) {
  return {a.x[i], a.target[i], a.pos_weight != nullptr ? a.pos_weight[i] : 1.0F};
}
template <typename Args>
__device__ float weight(const Args& a, std::int64_t i) {
  return a.weight != nullptr ? a.weight[i] : 1.0F;
}
__device__ inline float loss_at(const PointwiseLossForward& a, std::int64_t i) {
  return weight(a, i) * formula(a.function, a.delta, element(a, i));
}

__global__ void __launch_bounds__(kThreads) pointwise_loss_forward_by_element(PointwiseLossForward a) {
  for_items(a.size, [&](std::int64_t i) { a.loss[i] = loss_at(a, i); });
}

__global__ void __launch_bounds__(kThreads) pointwise_loss_forward_by_chunk(PointwiseLossForward a, double* sums) {
  NTL_SHARED(double, scratch, [kWarps]);
  for_rows<kThreads>(ceil_div(a.size, kChunk), [&](std::int64_t chunk, int member) {
    const std::int64_t begin = chunk * kChunk;
    const std::int64_t end = begin + kChunk < a.size ? begin + kChunk : a.size;
    double sum = 0.0;
    for (std::int64_t i = begin + member; i < end; i += kThreads) sum += static_cast<double>(loss_at(a, i));
    sum = join_group<kThreads>(sum, Add{}, scratch);
    if (member == 0) sums[chunk] = sum;
  });
}

__global__ void __launch_bounds__(kThreads)
    pointwise_loss_forward_join_chunks(PointwiseLossForward a, const double* sums) {
  NTL_SHARED(double, scratch, [kWarps]);
  double total = 0.0;
  for (std::int64_t i = threadIdx.x; i < ceil_div(a.size, kChunk); i += kThreads) total += sums[i];
  total = join_group<kThreads>(total, Add{}, scratch);
  if (threadIdx.x != 0) return;
  *a.loss = static_cast<float>(a.reduction == LossReduction::mean ? total / static_cast<double>(a.size) : total);
}

__global__ void __launch_bounds__(kThreads) pointwise_loss_backward_by_element(PointwiseLossBackward a) {
  const float count = a.reduction == LossReduction::mean ? static_cast<float>(a.size) : 1.0F;
  for_items(a.size, [&](std::int64_t i) {
    const float g = a.reduction == LossReduction::none ? a.dloss[i] : *a.dloss / count;
    const Element e = element(a, i);
    const float slope = a.by_target ? derivative_by_target(a.function, a.delta, e) : derivative(a.function, a.delta, e);
    const float d = weight(a, i) * slope * g;
    a.dx[i] = a.accumulate ? a.dx[i] + d : d;
  });
}

}  // namespace

void pointwise_loss_forward(const PointwiseLossForward& a, std::byte* workspace, const Team& team) {
  const dim3 threads(kThreads);
  const cudaStream_t stream = stream_of(team);
  if (a.reduction == LossReduction::none) {
    NTL_LAUNCH(pointwise_loss_forward_by_element, blocks_for(a.size, kThreads), threads, 0, stream, a);
    return;
  }
  auto* sums = reinterpret_cast<double*>(workspace);
  NTL_LAUNCH(pointwise_loss_forward_by_chunk, blocks_for(chunks(a.size), 1), threads, 0, stream, a, sums);
  NTL_LAUNCH(pointwise_loss_forward_join_chunks, dim3(1), threads, 0, stream, a, sums);
}

void pointwise_loss_backward(const PointwiseLossBackward& a, std::byte*, const Team& team) {
  NTL_LAUNCH(pointwise_loss_backward_by_element, blocks_for(a.size, kThreads), dim3(kThreads), 0, stream_of(team), a);
}

}  // namespace nautile::NTL_TARGET
