// What the normalising kernels share. Included after vec.hpp.
namespace nautile::NTL_TARGET {
namespace {

// A whole vector.
struct AllLanes {
  Vec of(const float* p) const { return load(p); }
  void put(float* p, Vec v) const { store(p, v); }
  Vec only(Vec v) const { return v; }
};

// A whole vector, written past the caches.
struct StreamedLanes : AllLanes {
  void put(float* p, Vec v) const { stream(p, v); }
};

// The first n < kLanes elements of one; the other lanes are read as 0 and not written.
struct FirstLanes {
  std::int64_t n;
  Vec of(const float* p) const { return load(p, n); }
  void put(float* p, Vec v) const { store(p, v, n); }
  Vec only(Vec v) const {  // with 0 in the other lanes
    IntVec lane{};
    for (std::int32_t i = 0; i < kLanes; ++i) lane[i] = i;
    return lane < static_cast<std::int32_t>(n) ? v : Vec{};
  }
};

// f(i, lanes) for the vectors of [0, size).
template <typename F, typename Whole = AllLanes>
inline void for_lanes(std::int64_t size, F&& f, Whole whole = {}) {
  std::int64_t i = 0;
  for (; i + kLanes <= size; i += kLanes) f(i, whole);
  if (i < size) f(i, FirstLanes{size - i});
}

// Sums over a row: f(i, lanes, sums) adds the terms of a vector, with 0 in unused lanes. In float32 by lanes for 1024
// elements, those in double: within 32 roundings of the terms' magnitudes with 8 lanes.
template <int kSums, typename F>
[[gnu::noinline]] void row_sums(std::int64_t cols, double (&total)[kSums], F&& f) {
  constexpr std::int64_t kBlock = 1024;
  constexpr int kWays = 4;  // sums side by side, so that an addition need not wait for the one before
  for (double& t : total) t = 0.0;
  for (std::int64_t begin = 0; begin < cols; begin += kBlock) {
    const std::int64_t end = begin + kBlock < cols ? begin + kBlock : cols;
    Vec part[kWays][kSums] = {};
    std::int64_t i = begin;
    for (; i + kWays * kLanes <= end; i += kWays * kLanes) {
#pragma GCC unroll 4
      for (int way = 0; way < kWays; ++way) f(i + way * kLanes, AllLanes{}, part[way]);
    }
    for (; i + kLanes <= end; i += kLanes) f(i, AllLanes{}, part[0]);
    if (i < end) f(i, FirstLanes{end - i}, part[1]);
#pragma GCC unroll 2
    for (int s = 0; s < kSums; ++s) {
      total[s] += static_cast<double>(sum((part[0][s] + part[1][s]) + (part[2][s] + part[3][s])));
    }
  }
}

}  // namespace
}  // namespace nautile::NTL_TARGET
