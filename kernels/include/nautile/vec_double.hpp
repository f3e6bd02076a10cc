// Sums in double on the CPU, which lose nothing of floats. Included after vec.hpp; like it without guard.

namespace nautile::NTL_TARGET {
namespace {

// Half a vector of floats as double.
constexpr std::int64_t kDoubles = kLanes / 2;
typedef double DoubleVec __attribute__((vector_size(kDoubles * sizeof(double))));
typedef float HalfVec __attribute__((vector_size(kDoubles * sizeof(float))));
inline DoubleVec load_double(const float* p) {
  HalfVec v;
  __builtin_memcpy(&v, p, sizeof v);
  return __builtin_convertvector(v, DoubleVec);
}

// Adds the lanes to kLanes sums.
inline void add_double(Vec v, double* sums) {
  HalfVec half[2];
  __builtin_memcpy(half, &v, sizeof v);
#pragma GCC unroll 2
  for (std::int64_t i = 0; i < 2; ++i) {
    DoubleVec sum;
    __builtin_memcpy(&sum, sums + i * kDoubles, sizeof sum);
    sum += __builtin_convertvector(half[i], DoubleVec);
    __builtin_memcpy(sums + i * kDoubles, &sum, sizeof sum);
  }
}

// The sums, as floats.
inline Vec rounded(const double* sums) {
  HalfVec half[2];
#pragma GCC unroll 2
  for (std::int64_t i = 0; i < 2; ++i) {
    DoubleVec sum;
    __builtin_memcpy(&sum, sums + i * kDoubles, sizeof sum);
    half[i] = __builtin_convertvector(sum, HalfVec);
  }
  Vec v;
  __builtin_memcpy(&v, half, sizeof v);
  return v;
}

// The sum of f(x) over a run, for vectors and single elements alike. What comes later is asked for long before: the processor
// itself stops at the end of each page, and leaves the memory half idle.
template <typename F>
inline double sum_double(const float* x, std::int64_t n, F&& f) {
  constexpr std::int64_t kAhead = 2048;
  constexpr std::int64_t kVectors = 4;
  DoubleVec total[kVectors][2] = {};
  std::int64_t i = 0;
  for (; i + kVectors * kLanes <= n; i += kVectors * kLanes) {
#pragma GCC unroll 4
    for (std::int64_t v = 0; v < kVectors; ++v) {
      const float* const from = x + i + v * kLanes;
      __builtin_prefetch(from + kAhead);
      total[v][0] += f(load_double(from));
      total[v][1] += f(load_double(from + kDoubles));
    }
  }
  for (; i + kDoubles <= n; i += kDoubles) total[0][0] += f(load_double(x + i));
  DoubleVec all{};
  for (const auto& part : total) all += part[0] + part[1];
  double s = 0.0;
  for (std::int64_t lane = 0; lane < kDoubles; ++lane) s += all[lane];
  for (; i < n; ++i) s += f(static_cast<double>(x[i]));
  return s;
}

}  // namespace
}  // namespace nautile::NTL_TARGET
