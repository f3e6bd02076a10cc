// Small calls that follow one another, in one launch: a network of a few thousand weights takes most of its time for the starts
// of kernels.
//
// One cluster of kClusterBlocks blocks takes call after call, and meets at the cluster's barrier in between. The work of each is
// what its own kernel does on a grid of as many blocks, with the same bits; small linear layers have no kernel but this one. What
// that costs: a barrier and what is waited for at L2 before it, 0.4 us, and the first read after it, as long again; a launch in a
// graph takes 1.5 us and more. What it cannot use: the other multiprocessors, so that a call must be small.
//
// grid: kClusterBlocks, a cluster. Shared memory: kClusterBytes.
#pragma once

#include <atomic>
#include <cstdlib>
#include <cstring>

#include "nautile/cuda_cluster.hpp"
#include "nautile/cuda_cluster_linear.hpp"
#include "nautile/cuda_cross_entropy.hpp"
#include "nautile/cuda_sgd.hpp"
#include "nautile/fill.hpp"
#include "nautile/scale.hpp"

namespace nautile::NTL_TARGET {
namespace {

enum class ClusterOp : int { linear, linear_backward, cross_entropy, cross_entropy_backward, sgd, fill, scale };

// A call of any op that a cluster can do.
struct ClusterCall {
  static constexpr std::size_t kBytes = 128;

  ClusterOp op;
  alignas(8) std::byte args[kBytes];

  template <typename Args>
  NTL_HOST_DEVICE const Args& as() const {
    static_assert(sizeof(Args) <= kBytes);
    return *reinterpret_cast<const Args*>(args);
  }
};

constexpr int kMostCalls = 28;
struct ClusterCalls {
  int count;
  ClusterCall of[kMostCalls];
};
static_assert(sizeof(ClusterCalls) + 2 * sizeof(void*) <= 4096);  // what a kernel's arguments may be

constexpr std::int64_t kMostElements = 256 << 10;  // that are moved one by one
constexpr std::int64_t kMostClusterRows = 1024;

constexpr ClusterOp op_of(const LinearForward&) { return ClusterOp::linear; }
constexpr ClusterOp op_of(const LinearBackward&) { return ClusterOp::linear_backward; }
constexpr ClusterOp op_of(const CrossEntropyForward&) { return ClusterOp::cross_entropy; }
constexpr ClusterOp op_of(const CrossEntropyBackward&) { return ClusterOp::cross_entropy_backward; }
constexpr ClusterOp op_of(const SgdStep&) { return ClusterOp::sgd; }
constexpr ClusterOp op_of(const FillForward&) { return ClusterOp::fill; }
constexpr ClusterOp op_of(const ScaleForward&) { return ClusterOp::scale; }

// Rows that warps take, of targets that are labels: sums whose rounding no compiler can change.
template <typename Args>
constexpr bool fits_cluster_by_rows(const Args& a) {
  return a.labels != nullptr && a.label_smoothing == 0.0F && !a.log_probabilities && a.rows > 0 &&
         a.rows <= kMostClusterRows && a.classes <= kWarpRow && a.rows * a.classes <= kMostElements;
}
constexpr bool fits_cluster(const CrossEntropyForward& a) {
  return a.reduction != LossReduction::none && fits_cluster_by_rows(a);
}
constexpr bool fits_cluster(const CrossEntropyBackward& a) { return fits_cluster_by_rows(a); }
constexpr bool fits_cluster(const SgdStep& a) { return a.update.size <= kMostElements; }
constexpr bool fits_cluster(const FillForward& a) { return a.size <= kMostElements && a.element_size == 4; }
constexpr bool fits_cluster(const ScaleForward& a) { return a.size <= kMostElements; }

// What a thread of the cluster wrote before is there for all after it.
__device__ inline void meet_in_cluster() {
  cuda::cluster_arrive();
  cuda::cluster_wait();
}

__device__ inline bool in_fours(const void* p) { return reinterpret_cast<std::uintptr_t>(p) % sizeof(Run) == 0; }

__device__ inline void take_call(const ClusterCall& call, float* shared, WeighedLoss* rows, Fault* fault) {
  using Short = RowKind<kWarp, 0, false>;  // gives the bits of any other kind
  NTL_SHARED(double, sums, [kWarps]);
  switch (call.op) {
    case ClusterOp::linear: return linear_forward_in_cluster(call.as<LinearForward>(), shared);
    case ClusterOp::linear_backward: return linear_backward_in_cluster(call.as<LinearBackward>(), shared);
    case ClusterOp::cross_entropy:
      cross_entropy_rows<Short>(call.as<CrossEntropyForward>(), rows, fault, nullptr, nullptr);
      meet_in_cluster();
      if (blockIdx.x == 0) cross_entropy_join(call.as<CrossEntropyForward>(), rows, sums);
      return;
    case ClusterOp::cross_entropy_backward:
      return cross_entropy_slopes<Short>(call.as<CrossEntropyBackward>(), nullptr);
    case ClusterOp::sgd: {
      const auto& a = call.as<SgdStep>();
      const Update& u = a.update;
      const bool fours = in_fours(u.parameter) && in_fours(u.gradient) && in_fours(a.momentum_buffer);
      return fours ? descend<kFour>(a) : descend<1>(a);
    }
    case ClusterOp::fill: {
      const auto& a = call.as<FillForward>();
      auto* y = reinterpret_cast<std::uint32_t*>(a.y);
      return for_items(a.size, [&](std::int64_t i) { y[i] = static_cast<std::uint32_t>(a.bits); });
    }
    case ClusterOp::scale: {
      const auto& a = call.as<ScaleForward>();
      return for_items(a.size, [&](std::int64_t i) { a.y[i] = fmaf(a.alpha, a.x[i], a.beta); });
    }
  }
}

// rows: workspace for a cross entropy; it is free at the next barrier but one.
__global__ void __launch_bounds__(kThreads, 1)
    calls_in_cluster(const __grid_constant__ ClusterCalls calls, WeighedLoss* rows, Fault* fault) {
  if constexpr (cuda::kClusters) {
    NTL_DYNAMIC_SHARED(float, shared);
    for (int i = 0; i < calls.count; ++i) {
      if (i > 0) meet_in_cluster();
      take_call(calls.of[i], shared, rows, fault);
    }
  }
}

// Whether the current device runs the kernel; the answer is kept.
inline bool runs_in_cluster() {
  constexpr int kDevices = 64;
  static std::atomic<signed char> known[kDevices];  // 0: not asked yet
  int device = 0;
  if (cudaGetDevice(&device) != cudaSuccess || device >= kDevices) return false;
  if (const char* off = std::getenv("NAUTILE_SMALL"); off != nullptr && off[0] == 'o') return false;  // to be removed
  auto& answer = known[device];
  if (answer == 0) {
    answer = cuda::allow_large_clusters(&calls_in_cluster) && allow_shared(&calls_in_cluster, kClusterBytes) &&
                     cuda::active_clusters(&calls_in_cluster, kClusterBlocks, kThreads, kClusterBytes) > 0
                 ? 1
                 : -1;
  }
  return answer > 0;
}

template <typename Args>
void put_call(const Args& args, ClusterCall& to) {
  to.op = op_of(args);
  std::memcpy(to.args, &args, sizeof args);
}

inline void launch_in_cluster(const ClusterCalls& calls, std::byte* workspace, const Team& team) {
  NTL_LAUNCH_CLUSTER(calls_in_cluster, kClusterBlocks, dim3(kClusterBlocks), dim3(kThreads), kClusterBytes,
                     stream_of(team), calls, reinterpret_cast<WeighedLoss*>(workspace), team.fault);
}

// One call alone.
template <typename Args>
void run_in_cluster(const Args& args, const Team& team) {
  ClusterCalls calls{};
  calls.count = 1;
  put_call(args, calls.of[0]);
  launch_in_cluster(calls, nullptr, team);
}

}  // namespace
}  // namespace nautile::NTL_TARGET
