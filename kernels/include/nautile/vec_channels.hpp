// batch_norm and group_norm on the processor. Included after vec_norm.hpp; needs channel_norm.hpp, <cmath> and
// <type_traits> before target_begin.hpp.
//
// Three steps with barriers between them: sums by channel of each block of rows; these joined, in the order of the blocks,
// into what each channel is multiplied with; the result, row by row.
namespace nautile::NTL_TARGET {
namespace {

constexpr std::int64_t kJoinChannels = 64;  // channels of one task that joins, or one group if that is larger

// f(first, count, row) for the blocks of rows of all samples, with the block's number.
template <typename F>
inline void for_blocks(const Team& team, const ChannelShape& s, F&& f) {
  for_tasks(team, s.samples * s.blocks(), [&](std::int64_t block) {
    const std::int64_t in_sample = block % s.blocks() * s.block_rows();
    const std::int64_t left = s.rows - in_sample;
    f(block, block / s.blocks() * s.rows + in_sample, left < s.block_rows() ? left : s.block_rows());
  });
}

// f(c, count, lanes) for strips of channels: `count` vectors side by side, which keep their sums in registers.
template <typename F>
inline void for_strips(std::int64_t channels, F&& f) {
  constexpr std::int64_t kWide = 4;
  std::int64_t c = 0;
  for (; c + kWide * kLanes <= channels; c += kWide * kLanes) f(c, std::integral_constant<int, kWide>{}, AllLanes{});
  for (; c + kLanes <= channels; c += kLanes) f(c, std::integral_constant<int, 1>{}, AllLanes{});
  if (c < channels) f(c, std::integral_constant<int, 1>{}, FirstLanes{channels - c});
}

inline std::int64_t used(AllLanes) { return kLanes; }
inline std::int64_t used(FirstLanes lanes) { return lanes.n; }

// Two sums down the rows for each channel of a strip, added to those in memory: add(r, v, one, other) adds the terms of
// vector v. In float32 for a run of rows, those in double.
constexpr std::int64_t kRunRows = 32;
template <int kCount, typename Lanes, typename F>
inline void sum_run(std::int64_t begin, std::int64_t end, Lanes lanes, double* ones, double* others, F&& add) {
  Vec one[kCount] = {};
  Vec other[kCount] = {};
  for (std::int64_t r = begin; r < end; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < kCount; ++v) add(r, v, one[v], other[v]);
  }
  float run[2][kCount * kLanes];
#pragma GCC unroll 4
  for (int v = 0; v < kCount; ++v) {
    store(run[0] + v * kLanes, one[v]);
    store(run[1] + v * kLanes, other[v]);
  }
  const std::int64_t count = (kCount - 1) * kLanes + used(lanes);
  for (std::int64_t i = 0; i < count; ++i) ones[i] += static_cast<double>(run[0][i]);
  for (std::int64_t i = 0; i < count; ++i) others[i] += static_cast<double>(run[1][i]);
}

// f(begin, end, c, count, lanes) for the runs of rows of a block: all strips of one before the next, so that memory is read in
// its order.
template <typename F>
inline void for_runs(std::int64_t rows, std::int64_t channels, F&& f) {
  for (std::int64_t begin = 0; begin < rows; begin += kRunRows) {
    const std::int64_t end = begin + kRunRows < rows ? begin + kRunRows : rows;
    for_strips(channels, [&](std::int64_t c, auto vectors, auto lanes) { f(begin, end, c, vectors, lanes); });
  }
}

// The mean of each channel over the rows of each block, and the sum of its squared differences to that: by way of the
// differences to the mean of the first rows, so that a large mean costs no digits.
inline void measure(const ChannelShape& s, const float* x, double* parts, const Team& team) {
  constexpr std::int64_t kFirst = 4;
  const std::int64_t stride = s.channels;
  for_blocks(team, s, [&](std::int64_t block, std::int64_t first, std::int64_t rows) {
    const float* from = x + first * stride;
    double* mean = parts + block * 2 * s.channels;
    double* squares = mean + s.channels;
    const std::int64_t few = rows < kFirst ? rows : kFirst;
    const auto pivot_of = [&](std::int64_t c, auto lanes) {  // cheaper again for each run than kept in memory
      Vec pivot{};
      for (std::int64_t r = 0; r < few; ++r) pivot += lanes.of(from + r * stride + c);
      return pivot * (1.0F / static_cast<float>(few));
    };
    for (std::int64_t c = 0; c < 2 * s.channels; ++c) mean[c] = 0.0;
    for_runs(rows, s.channels, [&](std::int64_t begin, std::int64_t end, std::int64_t c, auto vectors, auto lanes) {
      constexpr int kCount = vectors();
      Vec pivot[kCount];
#pragma GCC unroll 4
      for (int v = 0; v < kCount; ++v) pivot[v] = pivot_of(c + v * kLanes, lanes);
      sum_run<kCount>(begin, end, lanes, mean + c, squares + c, [&](std::int64_t r, int v, Vec& sum, Vec& square) {
        const float* at = from + r * stride + c + v * kLanes;
        if (v * kLanes % 16 == 0) __builtin_prefetch(at + kRunRows * stride);  // a line of the next run
        const Vec d = lanes.of(at) - pivot[v];
        sum += d;
        square += d * d;
      });
    });
    const auto n = static_cast<double>(rows);
    for_lanes(s.channels, [&](std::int64_t c, auto lanes) {
      const Vec pivot = pivot_of(c, lanes);
      for (std::int64_t i = 0; i < used(lanes); ++i) {
        const double sum = mean[c + i];
        const double m2 = squares[c + i] - sum * sum / n;
        mean[c + i] = static_cast<double>(pivot[i]) + sum / n;
        squares[c + i] = m2 < 0.0 ? 0.0 : m2;
      }
    });
  });
}

// f(sample, group, end) for runs of groups.
template <typename F>
inline void for_groups(const Team& team, const ChannelShape& s, F&& f) {
  const std::int64_t run = s.per_group() < kJoinChannels ? kJoinChannels / s.per_group() : 1;
  const std::int64_t runs = ceil_div(s.groups, run);
  for_tasks(team, s.samples * runs, [&](std::int64_t task) {
    const std::int64_t begin = task % runs * run;
    f(task / runs, begin, begin + run < s.groups ? begin + run : s.groups);
  });
}

// What the blocks measured, for each group: finish(sample, group, mean, squares) with the sum of the squared differences.
template <typename F>
inline void join_measured(const ChannelShape& s, const ChannelWork& work, const Team& team, F&& finish) {
  for_groups(team, s, [&](std::int64_t sample, std::int64_t group, std::int64_t end) {
    const double* parts = work.parts + sample * s.blocks() * 2 * s.channels;
    double* mean = work.joined + sample * 2 * s.channels;
    double* squares = mean + s.channels;
    const std::int64_t first = group * s.per_group();
    const std::int64_t last = end * s.per_group();
    const auto rows_of = [&](std::int64_t block) {
      const std::int64_t left = s.rows - block * s.block_rows();
      return static_cast<double>(left < s.block_rows() ? left : s.block_rows());
    };
    const auto rows = static_cast<double>(s.rows);
    for (std::int64_t c = first; c < last; ++c) mean[c] = squares[c] = 0.0;
    for (std::int64_t b = 0; b < s.blocks(); ++b) {
      const double* part = parts + b * 2 * s.channels;
      const double share = rows_of(b) / rows;
      for (std::int64_t c = first; c < last; ++c) mean[c] += part[c] * share;
    }
    for (std::int64_t b = 0; b < s.blocks(); ++b) {
      const double* part = parts + b * 2 * s.channels;
      const double n = rows_of(b);
      for (std::int64_t c = first; c < last; ++c) {
        const double d = part[c] - mean[c];
        squares[c] += part[s.channels + c] + d * d * n;
      }
    }
    for (std::int64_t g = group; g < end; ++g) {
      const std::int64_t begin = g * s.per_group();
      double all = 0.0;
      for (std::int64_t c = begin; c < begin + s.per_group(); ++c) all += mean[c];
      all /= static_cast<double>(s.per_group());
      double around = 0.0;
      for (std::int64_t c = begin; c < begin + s.per_group(); ++c) {
        around += squares[c] + (mean[c] - all) * (mean[c] - all) * rows;
      }
      finish(sample, g, all, around);
    }
  });
}

// Keeps the statistics of a group for its channels, and what normalise() needs.
inline void keep(const ChannelNormForward& a, const ChannelWork& work, std::int64_t sample, std::int64_t group,
                 double mean, double variance) {
  const ChannelShape& s = a.shape;
  float* stats = a.stats + sample * 3 * s.channels;
  float* factors = work.factors + sample * 3 * s.channels;
  const auto m = static_cast<float>(mean);
  const auto rest = static_cast<float>(mean - static_cast<double>(m));
  const auto rstd = static_cast<float>(1.0 / std::sqrt(variance + static_cast<double>(a.eps)));
  for (std::int64_t c = group * s.per_group(); c < (group + 1) * s.per_group(); ++c) {
    const float scale = a.weight == nullptr ? rstd : rstd * a.weight[c];
    stats[c] = m;
    stats[s.channels + c] = rest;
    stats[2 * s.channels + c] = rstd;
    factors[c] = scale;
    factors[s.channels + c] = (a.bias == nullptr ? 0.0F : a.bias[c]) - rest * scale;
  }
}

// f(lanes) with what whole vectors of y, one of `tensors` that are worked through, are to be written with.
template <typename F>
inline void for_results(const ChannelShape& s, const float* y, std::int64_t tensors, F&& f) {
  if (s.channels % kLanes == 0 && streams(y, tensors * s.samples * s.rows * s.channels)) {
    f(StreamedLanes{});
    drain();
  } else {
    f(AllLanes{});
  }
}

// y = (x - m) scale + shift, or max(0, y)
template <typename Whole>
inline void normalise_with(const ChannelNormForward& a, const ChannelWork& work, const Team& team, Whole whole) {
  const ChannelShape& s = a.shape;
  for_blocks(team, s, [&](std::int64_t block, std::int64_t first, std::int64_t count) {
    const std::int64_t sample = block / s.blocks();
    const float* m = a.stats + sample * 3 * s.channels;
    const float* scale = work.factors + sample * 3 * s.channels;
    const float* shift = scale + s.channels;
    for (std::int64_t r = first; r < first + count; ++r) {
      const float* x = a.x + r * s.channels;
      float* y = a.y + r * s.channels;
      const bool is_relu = a.relu;  // here: a store to y could change `a`, for all that the compiler knows
      for_lanes(
          s.channels,
          [&](std::int64_t c, auto lanes) {
            const Vec v = (lanes.of(x + c) - lanes.of(m + c)) * lanes.of(scale + c) + lanes.of(shift + c);
            lanes.put(y + c, is_relu ? relu(v) : v);
          },
          whole);
    }
  });
}
inline void normalise(const ChannelNormForward& a, const ChannelWork& work, const Team& team) {
  for_results(a.shape, a.y, 2, [&](auto whole) { normalise_with(a, work, team, whole); });
}

// The sums of dy and of dy (x - m) over the rows of each block.
inline void sum_gradients(const ChannelNormBackward& a, const ChannelWork& work, const Team& team) {
  const ChannelShape& s = a.shape;
  for_blocks(team, s, [&](std::int64_t block, std::int64_t first, std::int64_t count) {
    const float* m = a.stats + block / s.blocks() * 3 * s.channels;
    double* sums = work.parts + block * 2 * s.channels;
    double* products = sums + s.channels;
    for (std::int64_t c = 0; c < 2 * s.channels; ++c) sums[c] = 0.0;
    for_runs(count, s.channels, [&](std::int64_t begin, std::int64_t end, std::int64_t c, auto vectors, auto lanes) {
      constexpr int kCount = vectors();
      Vec mean[kCount];
#pragma GCC unroll 4
      for (int v = 0; v < kCount; ++v) mean[v] = lanes.of(m + c + v * kLanes);
      const float* x = a.x + first * s.channels + c;
      const float* dy = a.dy + first * s.channels + c;
      const std::int64_t stride = s.channels;
      sum_run<kCount>(begin, end, lanes, sums + c, products + c, [&](std::int64_t r, int v, Vec& sum, Vec& product) {
        const Vec g = lanes.of(dy + r * stride + v * kLanes);
        sum += g;
        product += g * (lanes.of(x + r * stride + v * kLanes) - mean[v]);
      });
    });
  });
}

// dx = dy scale - (x - m) slope + shift, with what the blocks have summed up.
inline void join_gradients(const ChannelNormBackward& a, const ChannelWork& work, const Team& team) {
  const ChannelShape& s = a.shape;
  for_groups(team, s, [&](std::int64_t sample, std::int64_t group, std::int64_t end) {
    const float* rest = a.stats + (sample * 3 + 1) * s.channels;
    const float* rstd = rest + s.channels;
    double* sums = work.joined + sample * 2 * s.channels;  // of dy, and of dy times the normalised x
    double* products = sums + s.channels;
    const std::int64_t first = group * s.per_group();
    const std::int64_t last = end * s.per_group();
    for (std::int64_t c = first; c < last; ++c) sums[c] = products[c] = 0.0;
    if (a.needs_sums()) {
      for (std::int64_t b = 0; b < s.blocks(); ++b) {
        const double* part = work.parts + (sample * s.blocks() + b) * 2 * s.channels;
        for (std::int64_t c = first; c < last; ++c) {
          sums[c] += part[c];
          products[c] += part[s.channels + c];
        }
      }
      for (std::int64_t c = first; c < last && s.blocks() > 0; ++c) {
        products[c] = (products[c] - static_cast<double>(rest[c]) * sums[c]) * static_cast<double>(rstd[c]);
      }
    }
    float* scale = work.factors + sample * 3 * s.channels;
    float* slope = scale + s.channels;
    float* shift = slope + s.channels;
    const double n = static_cast<double>(s.rows) * static_cast<double>(s.per_group());
    for (std::int64_t g = group; g < end && s.blocks() > 0; ++g) {
      const std::int64_t begin = g * s.per_group();
      double sum = 0.0;
      double product = 0.0;
      for (std::int64_t c = begin; c < begin + s.per_group() && a.measured; ++c) {
        const double w = a.weight == nullptr ? 1.0 : static_cast<double>(a.weight[c]);
        sum += w * sums[c];
        product += w * products[c];
      }
      for (std::int64_t c = begin; c < begin + s.per_group(); ++c) {
        const auto r = static_cast<double>(rstd[c]);
        scale[c] = a.weight == nullptr ? rstd[c] : rstd[c] * a.weight[c];
        slope[c] = static_cast<float>(r * r * product / n);
        shift[c] = static_cast<float>(r * (r * product * static_cast<double>(rest[c]) - sum) / n);
      }
    }
  });
}

template <typename Whole>
inline void put_dx(const ChannelNormBackward& a, const ChannelWork& work, const Team& team, Whole whole) {
  const ChannelShape& s = a.shape;
  for_blocks(team, s, [&](std::int64_t block, std::int64_t first, std::int64_t count) {
    const std::int64_t sample = block / s.blocks();
    const float* m = a.stats + sample * 3 * s.channels;
    const float* scale = work.factors + sample * 3 * s.channels;
    const float* slope = scale + s.channels;
    const float* shift = slope + s.channels;
    for (std::int64_t r = first; r < first + count; ++r) {
      const float* x = a.x + r * s.channels;
      const float* dy = a.dy + r * s.channels;
      float* dx = a.dx + r * s.channels;
      const bool accumulate = a.accumulate_dx;  // here, as above
      for_lanes(
          s.channels,
          [&](std::int64_t c, auto lanes) {
            const Vec far = lanes.of(x + c) - lanes.of(m + c);
            const Vec d = lanes.of(dy + c) * lanes.of(scale + c) + (lanes.of(shift + c) - far * lanes.of(slope + c));
            lanes.put(dx + c, accumulate ? lanes.of(dx + c) + d : d);
          },
          whole);
    }
  });
}

inline void put_gradients(const ChannelNormBackward& a, const ChannelWork& work, const Team& team) {
  const ChannelShape& s = a.shape;
  if (a.dx != nullptr) {
    for_results(s, a.dx, a.accumulate_dx ? 0 : 3, [&](auto whole) { put_dx(a, work, team, whole); });
  }
  if (a.dweight == nullptr && a.dbias == nullptr) return;
  for_tasks(team, ceil_div(s.channels, kJoinChannels), [&](std::int64_t task) {
    const std::int64_t end = (task + 1) * kJoinChannels < s.channels ? (task + 1) * kJoinChannels : s.channels;
    for (std::int64_t c = task * kJoinChannels; c < end; ++c) {
      double sum = 0.0;
      double product = 0.0;
      for (std::int64_t sample = 0; sample < s.samples; ++sample) {
        sum += work.joined[sample * 2 * s.channels + c];
        product += work.joined[(sample * 2 + 1) * s.channels + c];
      }
      const auto put = [&](float* to, double value, bool accumulate) {
        if (to != nullptr) to[c] = static_cast<float>(accumulate ? static_cast<double>(to[c]) + value : value);
      };
      put(a.dweight, product, a.accumulate_dweight);
      put(a.dbias, sum, a.accumulate_dbias);
    }
  });
}

inline void channel_norm_backward(const ChannelNormBackward& a, std::byte* workspace, const Team& team) {
  const ChannelWork work(a.shape, workspace);
  if (a.needs_sums()) {
    sum_gradients(a, work, team);
    team.barrier();
  }
  join_gradients(a, work, team);
  team.barrier();
  put_gradients(a, work, team);
}

}  // namespace
}  // namespace nautile::NTL_TARGET
