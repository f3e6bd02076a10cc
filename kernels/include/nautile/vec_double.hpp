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

// The sum of f(x) over a run, for vectors and single elements alike. Its quarters are read side by side: one stream alone
// leaves the memory half idle.
template <typename F>
inline double sum_double(const float* x, std::int64_t n, F&& f) {
  constexpr int kStreams = 4;
  const std::int64_t quarter = n / (kStreams * kLanes) * kLanes;
  DoubleVec total[kStreams][2] = {};
  for (std::int64_t i = 0; i < quarter; i += kLanes) {
#pragma GCC unroll 4
    for (int s = 0; s < kStreams; ++s) {
      total[s][0] += f(load_double(x + s * quarter + i));
      total[s][1] += f(load_double(x + s * quarter + i + kDoubles));
    }
  }
  std::int64_t i = kStreams * quarter;
  for (; i + kDoubles <= n; i += kDoubles) total[0][0] += f(load_double(x + i));
  DoubleVec all{};
  for (const auto& stream : total) all += stream[0] + stream[1];
  double s = 0.0;
  for (std::int64_t lane = 0; lane < kDoubles; ++lane) s += all[lane];
  for (; i < n; ++i) s += f(static_cast<double>(x[i]));
  return s;
}

// Runs of many elements, each reduced by one task: f(run, begin, count); returns their number, at most chunks(size). Of much memory they
// are longer, so that the streams of sum_double are, whose first elements always come late.
template <typename F>
inline std::int64_t for_runs(const Team& team, std::int64_t size, F&& f) {
  constexpr std::int64_t kLongRun = 16 * kChunk;
  constexpr std::int64_t kEnoughRuns = 16;
  const std::int64_t run = size >= kEnoughRuns * kLongRun ? kLongRun : kChunk;
  const std::int64_t runs = ceil_div(size, run);
  for_tasks(team, runs, [&](std::int64_t task) {
    const std::int64_t begin = task * run;
    f(task, begin, size - begin < run ? size - begin : run);
  });
  return runs;
}

}  // namespace
}  // namespace nautile::NTL_TARGET
