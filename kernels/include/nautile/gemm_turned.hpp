// The product of a few rows a with a large matrix b of contiguous columns, y = a b, as y^T = b^T a^T: b is read where it lies.
// To pack it would take long for a few products with each of its elements. Included after gemm.hpp.
namespace nautile::NTL_TARGET {
namespace {

inline bool is_turned(const Gemm& g) {
  return g.packed == nullptr && !takes_pairs(g) && g.batch == 1 && g.b_row == 1 && g.m > 1 &&
         g.m * (g.n + g.k) < g.n * g.k;
}

// The product that is computed: g, or what yields y^T, [n,m], in the given memory.
inline Gemm turned(const Gemm& g, float* y) {
  if (!is_turned(g)) return g;
  return {g.b, g.a, y, 1, g.n, g.m, g.k, 0, g.b_col, g.b_row, 0, g.a_col, g.a_row, 0, g.m, nullptr, false};
}
inline std::int64_t turned_bytes(const Gemm& g) {
  return is_turned(g) ? round_up(g.n * g.m, kLineFloats) * static_cast<std::int64_t>(sizeof(float)) : 0;
}

inline std::int64_t turned_tasks(const Gemm& g) { return gemm_tasks(turned(g, nullptr)); }
inline std::int64_t turned_workspace(const Gemm& g, std::int64_t team_size) {
  return turned_bytes(g) + gemm_workspace(turned(g, nullptr), team_size);
}

// A finished block of y^T: f of its elements with the bias goes to y, or is added to it.
template <typename F>
void turn(const Gemm& g, const float* transposed, const float* block, std::int64_t rows, std::int64_t cols, F&& f) {
  const std::int64_t row = (block - transposed) / g.m;
  const std::int64_t first = (block - transposed) % g.m;
  for (std::int64_t j = 0; j < cols; j += kLanes) {
    const std::int64_t width = least(kLanes, cols - j);
    for (std::int64_t i = 0; i < rows; i += kLanes) {
      const std::int64_t height = least(kLanes, rows - i);
      Vec bias{};
      if (g.bias != nullptr) bias = load(g.bias + row + i, height);
      Vec v[kLanes];
      for (std::int64_t r = 0; r < kLanes; ++r) {
        v[r] = r >= height       ? Vec{}
               : width == kLanes ? load(block + (i + r) * g.m + j)
                                 : load(block + (i + r) * g.m + j, width);
      }
      transpose(v);
      float* y = g.y + (first + j) * g.y_row + row + i;
      for (std::int64_t r = 0; r < width; ++r, y += g.y_row) {
        __builtin_prefetch(y + kLineFloats, 1);  // of rows far apart: stores of the next columns would wait
        Vec sum = f(v[r] + bias);
        if (g.accumulate) sum += load(y, height);
        if (height == kLanes) {
          store(y, sum);
        } else {
          store(y, sum, height);
        }
      }
    }
  }
}

}  // namespace
}  // namespace nautile::NTL_TARGET
