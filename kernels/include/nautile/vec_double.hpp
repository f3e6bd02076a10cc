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

// The sum of f(x) over a run, for vectors and single elements alike.
template <typename F>
inline double sum_double(const float* x, std::int64_t n, F&& f) {
  DoubleVec total[2] = {};
  std::int64_t i = 0;
  for (; i + 2 * kDoubles <= n; i += 2 * kDoubles) {
    total[0] += f(load_double(x + i));
    total[1] += f(load_double(x + i + kDoubles));
  }
  const DoubleVec both = total[0] + total[1];
  double s = 0.0;
  for (std::int64_t lane = 0; lane < kDoubles; ++lane) s += both[lane];
  for (; i < n; ++i) s += f(static_cast<double>(x[i]));
  return s;
}

}  // namespace
}  // namespace nautile::NTL_TARGET
