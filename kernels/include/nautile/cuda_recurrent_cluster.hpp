// The steps of a recurrent layer in one launch, where its weights fit into the registers of a few blocks: of up to 256 units.
//
// A cluster of kBlocks blocks takes kRows sequences through all steps; a block has kOwn of the units. Forward, 16 lanes have
// kUnits units with all their gates: each holds the weights of every 16th run of four terms in registers, reads these terms of
// the state from shared memory, and the lanes add their sums up. Whoever then has a unit of a sequence applies the cell and
// writes the state into the shared memory of all blocks, which meet once a step at the cluster's barrier. Backward, a block
// has its units' rows of the weights: it multiplies its gradients by the gates with them and sends every block the shares of
// that block's units, which the block adds up in the order of ranks.
//
// grid: kBlocks for each kRows sequences. Shared memory: 18 KiB at most. The order of a sum depends on the number of units
// alone, not on kRows.
#pragma once

#include <atomic>

#include "nautile/cuda_cluster.hpp"
#include "nautile/cuda_grid.hpp"
#include "nautile/cuda_recurrent_cell.hpp"

namespace nautile::NTL_TARGET {
namespace {

constexpr int kGroup = 16;  // lanes that share units, forward
constexpr int kEight = 8;   // lanes that share units, backward
constexpr int kMostUnits = 256;
constexpr std::int64_t kFewestSteps = 4;  // below, fetching the weights is most of the work

// The term of the i-th weight of a lane: runs of four, so that the lanes read neighbouring ones.
template <int kLanes>
__device__ constexpr int term(int lane, int i) {
  return (i / kFour * kLanes + lane) * kFour + i % kFour;
}

// Adds v[0], ..., v[kCount - 1] up over kLanes lanes, kEach numbers each. At every turn a lane keeps half of them and gives
// the others to the lane that keeps those; of an odd one out, both keep the sum. The lane is left with v[0] and on, from the
// joined(lane).item-th on.
template <int kLanes, int kCount, int kMost, int kEach>
__device__ void join_lanes(float (&v)[kMost][kEach], int lane) {
  if constexpr (kLanes > 1) {
    constexpr int kMask = kLanes / 2;
    constexpr int kHalf = (kCount + 1) / 2;
    const bool upper = (lane & kMask) != 0;
    NTL_UNROLL
    for (int i = 0; i < kHalf; ++i) {
      const int other = kHalf + i < kCount ? kHalf + i : i;
      NTL_UNROLL
      for (int e = 0; e < kEach; ++e) {
        const float given = upper ? v[i][e] : v[other][e];
        const float kept = upper ? v[other][e] : v[i][e];
        v[i][e] = kept + __shfl_xor_sync(0xffffffffu, given, kMask);
      }
    }
    join_lanes<kMask, kHalf>(v, lane);
  }
}

// What join_lanes leaves in v[0] of a lane, and how many lanes that have the same come before it, or more.
struct Joined {
  int item;
  int copy;
};
template <int kLanes, int kCount>
__device__ Joined joined(int lane) {
  if constexpr (kLanes > 1) {
    constexpr int kHalf = (kCount + 1) / 2;
    const Joined of = joined<kLanes / 2, kHalf>(lane);
    if ((lane & kLanes / 2) == 0) return of;
    return kHalf + of.item < kCount ? Joined{kHalf + of.item, of.copy} : Joined{of.item, of.copy + kLanes / 2};
  } else {
    return {0, 0};
  }
}

// The barrier of a cluster in two halves; a single block needs the second one only.
template <int kBlocks>
__device__ void arrive() {
  if constexpr (kBlocks > 1) cuda::cluster_arrive();
}
template <int kBlocks>
__device__ void wait() {
  if constexpr (kBlocks > 1) {
    cuda::cluster_wait();
  } else {
    __syncthreads();
  }
}
template <int kBlocks>
__device__ void put(float* shared, int rank, float v) {
  if constexpr (kBlocks > 1) {
    cuda::cluster_store(shared, static_cast<unsigned>(rank), v);
  } else {
    *shared = v;
  }
}
template <int kBlocks>
__device__ int rank_of_block() {
  return kBlocks > 1 ? static_cast<int>(cuda::cluster_rank()) : 0;
}

template <typename Cell, int kBlocks, int kUnits, int kRows>
__device__ void forward_in_cluster(const RecurrentForward& a, float* gates) {
  constexpr int kGates = static_cast<int>(Cell::kGates);
  constexpr int kColumns = static_cast<int>(Cell::kColumns);
  constexpr int kOwn = kThreads / kGroup * kUnits;
  constexpr int kWidth = kBlocks * kOwn;
  constexpr int kLength = kWidth / kGroup;
  constexpr int kItems = kUnits * kRows;
  constexpr int kCopies = kGroup / kItems;  // lanes with the same unit of the same sequence; others are to spare
  NTL_SHARED(float, states, [2][kRows][kWidth]);
  const int thread = static_cast<int>(threadIdx.x);
  const int lane = thread % kGroup;
  const int hidden = static_cast<int>(a.hidden);
  const int begin = rank_of_block<kBlocks>() * kOwn + thread / kGroup * kUnits;
  const std::int64_t top = std::int64_t{blockIdx.x} / kBlocks * kRows;

  float weights[kUnits][kGates][kLength];
  NTL_UNROLL
  for (int u = 0; u < kUnits; ++u) {
    NTL_UNROLL
    for (int g = 0; g < kGates; ++g) {
      NTL_UNROLL
      for (int i = 0; i < kLength; ++i) {
        const int k = term<kGroup>(lane, i);
        weights[u][g][i] = begin + u < hidden && k < hidden ? a.weight_hh[(g * hidden + begin + u) * hidden + k] : 0.0F;
      }
    }
  }
  for (int i = thread; i < kRows * kWidth; i += kThreads) {
    const int k = i % kWidth;
    const std::int64_t row = top + i / kWidth;
    states[0][i / kWidth][k] = row < a.batch && k < hidden ? value_or_zero(a.h0, row * hidden + k) : 0.0F;
    states[1][i / kWidth][k] = 0.0F;
  }

  const auto [item, copy] = joined<kGroup, kItems>(lane);
  const int unit = begin + item / kRows;
  const std::int64_t row = top + item % kRows;
  const bool live = unit < hidden && row < a.batch && copy < kCopies;
  const std::int64_t place = row * hidden + unit;
  const std::int64_t length = !live ? 0 : a.lengths == nullptr ? a.steps : a.lengths[row];
  float h = live ? value_or_zero(a.h0, place) : 0.0F;
  float c = live && Cell::kCells ? value_or_zero(a.c0, place) : 0.0F;
  float bias[kGates];
  NTL_UNROLL
  for (int g = 0; g < kGates; ++g) bias[g] = live ? value_or_zero(a.bias_hh, g * hidden + unit) : 0.0F;

  arrive<kBlocks>();
  for (std::int64_t s = 0; s < a.steps; ++s) {
    const std::int64_t t = time_of(s, a.steps, a.reverse);
    const bool on = t < length;
    float* kept = gates + (t * a.batch + row) * kColumns * hidden + unit;
    float gate[kColumns] = {};
    if (on) {  // read before the wait, which hides the time that takes
      NTL_UNROLL
      for (int g = 0; g < kGates; ++g) gate[g] = kept[g * hidden];
    }
    wait<kBlocks>();

    float sum[kItems][kGates] = {};
    NTL_UNROLL
    for (int i = 0; i < kLength; i += kFour) {
      NTL_UNROLL
      for (int r = 0; r < kRows; ++r) {
        const Pack<kFour> run = load<kFour>(&states[s % 2][r][term<kGroup>(lane, i)]);
        NTL_UNROLL
        for (int u = 0; u < kUnits; ++u) {
          NTL_UNROLL
          for (int g = 0; g < kGates; ++g) {
            NTL_UNROLL
            for (int e = 0; e < kFour; ++e) {
              sum[u * kRows + r][g] = fmaf(weights[u][g][i + e], run.v[e], sum[u * kRows + r][g]);
            }
          }
        }
      }
    }
    join_lanes<kGroup, kItems>(sum, lane);
    NTL_UNROLL
    for (int g = 0; g < kGates; ++g) sum[0][g] += bias[g];
    if (on) h = Cell::forward({gate, sum[0], 1, h, Cell::kCells ? &c : nullptr, a.relu});

    if (s + 1 < a.steps) {
      NTL_UNROLL
      for (int peer = 0; peer < kBlocks; peer += kCopies) {
        if (live && peer + copy < kBlocks) put<kBlocks>(&states[(s + 1) % 2][item % kRows][unit], peer + copy, h);
      }
      arrive<kBlocks>();
    }
    __syncwarp();  // the other copies have read what this one replaces
    if (!live || copy != 0) continue;
    const std::int64_t out = t * a.batch * hidden + place;
    if (a.y != nullptr) a.y[out] = on ? h : 0.0F;
    if (Cell::kCells && a.cells != nullptr) a.cells[out] = c;
    if (a.gates == nullptr || kColumns == 1 || !on) continue;
    NTL_UNROLL
    for (int column = 0; column < kColumns; ++column) kept[column * hidden] = gate[column];
  }
  if (!live || copy != 0) return;
  a.hn[place] = h;
  if (Cell::kCells) a.cn[place] = c;
}

template <typename Cell, int kBlocks, int kUnits, int kRows>
__global__ void __launch_bounds__(kThreads, 1) recurrent_forward_by_cluster(RecurrentForward a, float* gates) {
  if constexpr (kBlocks == 1 || cuda::kClusters) forward_in_cluster<Cell, kBlocks, kUnits, kRows>(a, gates);
}

template <typename Cell, int kBlocks, int kUnits, int kRows>
__device__ void backward_in_cluster(const RecurrentBackward& a, float* dgates, float* first, double* dbias) {
  constexpr int kGates = static_cast<int>(Cell::kGates);
  constexpr int kColumns = static_cast<int>(Cell::kColumns);
  constexpr int kOwn = kThreads / kGroup * kUnits;
  constexpr int kWidth = kBlocks * kOwn;
  constexpr int kTerms = kGates * kOwn;
  constexpr int kLength = kTerms / kEight;
  constexpr int kOut = kWidth * kEight / kThreads;  // units whose shares eight lanes compute
  constexpr int kItems = kOut * kRows;
  constexpr int kLeft = kItems > kEight ? kItems / kEight : 1;    // for a lane
  constexpr int kCopies = kItems < kEight ? kEight / kItems : 1;  // lanes with the same one
  NTL_SHARED(float, by_state, [kRows][kTerms]);
  NTL_SHARED(float, shares, [2][kBlocks][kRows][kOwn]);
  const int thread = static_cast<int>(threadIdx.x);
  const int lane = thread % kEight;
  const int hidden = static_cast<int>(a.hidden);
  const int rank = rank_of_block<kBlocks>();
  const int begin = thread / kEight * kOut;
  const std::int64_t top = std::int64_t{blockIdx.x} / kBlocks * kRows;

  float weights[kOut][kLength];
  NTL_UNROLL
  for (int i = 0; i < kLength; ++i) {
    const int gate = term<kEight>(lane, i) / kOwn;
    const int from = rank * kOwn + term<kEight>(lane, i) % kOwn;
    NTL_UNROLL
    for (int o = 0; o < kOut; ++o) {
      weights[o][i] =
          from < hidden && begin + o < hidden ? a.weight_hh[(gate * hidden + from) * hidden + begin + o] : 0.0F;
    }
  }
  for (int i = thread; i < kRows * kTerms; i += kThreads) by_state[i / kTerms][i % kTerms] = 0.0F;
  __syncthreads();

  // The unit of a sequence that is this thread's; the last threads may have none.
  const int own = thread % kOwn;
  const int slot = thread / kOwn;
  const int unit = rank * kOwn + own;
  const std::int64_t row = top + slot;
  const bool live = slot < kRows && unit < hidden && row < a.batch;
  const std::int64_t place = row * hidden + unit;
  const std::int64_t length = !live ? 0 : a.lengths == nullptr ? a.steps : a.lengths[row];
  float dh = live ? value_or_zero(a.dhn, place) : 0.0F;
  float dc = live && Cell::kCells ? value_or_zero(a.dcn, place) : 0.0F;
  double sums[kColumns] = {};

  const auto receive = [&](std::int64_t buffer) {
    wait<kBlocks>();
    if (slot >= kRows) return;
    float sum = shares[buffer][0][slot][own];
    NTL_UNROLL
    for (int from = 1; from < kBlocks; ++from) sum += shares[buffer][from][slot][own];
    dh += sum;
  };

  arrive<kBlocks>();  // nobody writes to a block that has not begun
  wait<kBlocks>();
  for (std::int64_t s = a.steps - 1; s >= 0; --s) {
    const std::int64_t t = time_of(s, a.steps, a.reverse);
    const bool on = t < length;
    const bool initial = on && (a.reverse ? t + 1 == length : t == 0);
    const std::int64_t out = t * a.batch * hidden + place;
    const std::int64_t before = out + (a.reverse ? 1 : -1) * a.batch * hidden;
    float gate[kColumns] = {};
    float d[kColumns] = {};
    float dy = 0.0F;
    BackwardUnit at{gate, 1, 0.0F, 0.0F, 0.0F, 0.0F, 0.0F, d, Cell::kCells ? &dc : nullptr, a.relu};
    if (on) {  // read before the wait, which hides the time that takes
      NTL_UNROLL
      for (int column = 0; column < kColumns && kColumns > 1; ++column) {
        gate[column] = a.gates[((t * a.batch + row) * kColumns + column) * hidden + unit];
      }
      at.y = a.y[out];
      at.h_before = initial ? value_or_zero(a.h0, place) : a.y[before];
      if (Cell::kCells) {
        at.c = a.cells[out];
        at.c_before = initial ? value_or_zero(a.c0, place) : a.cells[before];
      }
      dy = value_or_zero(a.dy, out);
    }
    if (s + 1 < a.steps) receive((s + 1) % 2);

    if (on) {
      at.dh = dh + dy;
      dh = Cell::backward(at);
    }
    if (live) {
      NTL_UNROLL
      for (int g = 0; g < kGates; ++g) by_state[slot][g * kOwn + own] = d[Cell::kApart ? g + 1 : g];
    }
    __syncthreads();

    if (s > 0 || a.dh0 != nullptr) {
      float sum[kItems][1] = {};
      NTL_UNROLL
      for (int i = 0; i < kLength; i += kFour) {
        NTL_UNROLL
        for (int r = 0; r < kRows; ++r) {
          const Pack<kFour> run = load<kFour>(&by_state[r][term<kEight>(lane, i)]);
          NTL_UNROLL
          for (int o = 0; o < kOut; ++o) {
            NTL_UNROLL
            for (int e = 0; e < kFour; ++e) {
              sum[o * kRows + r][0] = fmaf(weights[o][i + e], run.v[e], sum[o * kRows + r][0]);
            }
          }
        }
      }
      join_lanes<kEight, kItems>(sum, lane);
      NTL_UNROLL
      for (int i = 0; i < kLeft; ++i) {
        const int item = lane / kCopies * kLeft + i;
        const int to = begin + item / kRows;
        if (lane % kCopies == 0) {
          put<kBlocks>(&shares[s % 2][rank][item % kRows][to % kOwn], to / kOwn, sum[i][0]);
        }
      }
      arrive<kBlocks>();
    }
    if (!live) continue;
    NTL_UNROLL
    for (int column = 0; column < kColumns; ++column) {
      dgates[((t * a.batch + row) * kColumns + column) * hidden + unit] = d[column];
      sums[column] += static_cast<double>(d[column]);
    }
    if (!initial || first == nullptr) continue;
    NTL_UNROLL
    for (int g = 0; g < kGates; ++g) first[(row * kGates + g) * hidden + unit] = d[Cell::kApart ? g + 1 : g];
  }
  if (a.dh0 != nullptr) receive(0);
  if (!live) return;
  if (a.dh0 != nullptr) a.dh0[place] = accumulates(a, kDh0) ? a.dh0[place] + dh : dh;
  if (Cell::kCells && a.dc0 != nullptr) a.dc0[place] = accumulates(a, kDc0) ? a.dc0[place] + dc : dc;
  if (dbias == nullptr) return;
  NTL_UNROLL
  for (int column = 0; column < kColumns; ++column) dbias[(row * kColumns + column) * hidden + unit] = sums[column];
}

// dbias [batch, kColumns hidden]: the sums over all steps of the gradients by the gates; null: not wanted.
template <typename Cell, int kBlocks, int kUnits, int kRows>
__global__ void __launch_bounds__(kThreads, 1)
    recurrent_backward_by_cluster(RecurrentBackward a, float* dgates, float* first, double* dbias) {
  if constexpr (kBlocks == 1 || cuda::kClusters) {
    backward_in_cluster<Cell, kBlocks, kUnits, kRows>(a, dgates, first, dbias);
  }
}

// Whether the current device runs the kernel; the answer is kept.
template <auto kKernel, int kBlocks>
bool runs() {
  if (kBlocks == 1) return true;
  constexpr int kDevices = 64;
  static std::atomic<signed char> known[kDevices];  // 0: not asked yet
  int device = 0;
  if (cudaGetDevice(&device) != cudaSuccess || device >= kDevices) return false;
  auto& answer = known[device];
  if (answer == 0) answer = cuda::active_clusters(kKernel, kBlocks, kThreads, 0) > 0 ? 1 : -1;
  return answer > 0;
}

// f.template operator()<kBlocks, kUnits, kRows>() for the clusters that suit the layer; false without a call for none. As
// few sequences in a cluster as the GPU holds clusters for: all begin at once, and the fewest take the least time a step.
template <typename F>
bool in_clusters(std::int64_t steps, std::int64_t batch, std::int64_t hidden, F&& f) {
  constexpr std::int64_t kAtOnce = 128;  // blocks that a large GPU holds
  constexpr std::int64_t kEights = 15;   // clusters of 8 blocks
  if (steps < kFewestSteps || hidden > kMostUnits) return false;
  if (hidden <= 64) {
    return batch <= kAtOnce ? f.template operator()<1, 4, 1>() : f.template operator()<1, 4, 2>();
  }
  if (hidden <= 128) {
    return batch <= kAtOnce / 2 ? f.template operator()<2, 4, 1>() : f.template operator()<2, 4, 2>();
  }
  const auto turns = [&](std::int64_t rows) { return ceil_div(batch, rows * kEights); };
  if (turns(1) <= 1) return f.template operator()<8, 2, 1>();
  if (turns(2) == 1) return f.template operator()<8, 2, 2>();
  return turns(5) < turns(4) ? f.template operator()<8, 2, 5>() : f.template operator()<8, 2, 4>();
}

template <int kBlocks, int kRows>
dim3 blocks_in_clusters(std::int64_t batch) {
  return dim3(static_cast<unsigned>(ceil_div(batch, kRows) * kBlocks));
}

// Launches all steps; false where the layer or the device wants them one by one.
template <typename Cell>
bool forward_in_clusters(const RecurrentForward& a, float* gates, const Team& team) {
  return in_clusters(a.steps, a.batch, a.hidden, [&]<int kBlocks, int kUnits, int kRows>() {
    if (!runs<&recurrent_forward_by_cluster<Cell, kBlocks, kUnits, kRows>, kBlocks>()) return false;
    NTL_LAUNCH_CLUSTER((recurrent_forward_by_cluster<Cell, kBlocks, kUnits, kRows>), kBlocks,
                       (blocks_in_clusters<kBlocks, kRows>(a.batch)), dim3(kThreads), 0, stream_of(team), a, gates);
    return true;
  });
}
template <typename Cell>
bool backward_in_clusters(const RecurrentBackward& a, float* dgates, float* first, double* dbias, const Team& team) {
  return in_clusters(a.steps, a.batch, a.hidden, [&]<int kBlocks, int kUnits, int kRows>() {
    if (!runs<&recurrent_backward_by_cluster<Cell, kBlocks, kUnits, kRows>, kBlocks>()) return false;
    NTL_LAUNCH_CLUSTER((recurrent_backward_by_cluster<Cell, kBlocks, kUnits, kRows>), kBlocks,
                       (blocks_in_clusters<kBlocks, kRows>(a.batch)), dim3(kThreads), 0, stream_of(team), a, dgates,
                       first, dbias);
    return true;
  });
}

}  // namespace
}  // namespace nautile::NTL_TARGET
