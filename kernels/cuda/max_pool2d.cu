#include "nautile/max_pool2d.hpp"

#include <cmath>

#include "nautile/cuda_pictures.hpp"

// One thread for an element of y, or of dx; for four channels of it where these can be moved at once. Windows of two by two
// that tile the picture, the usual ones, have kernels of their own: their elements are read at once, and backward a thread
// writes those of a whole window. Bound by memory.

namespace nautile::NTL_TARGET {
namespace {

constexpr int kPair = 2;
bool in_pairs(const Windows& h, const Windows& w) {
  return h.kernel == kPair && w.kernel == kPair && h.tile() && w.tile();
}

template <int kPack>
struct alignas(kPack) Places {
  std::uint8_t v[kPack];
};
template <int kPack>
__device__ Places<kPack>* places_at(std::uint8_t* p) {
  return reinterpret_cast<Places<kPack>*>(p);
}
template <int kPack>
__device__ Places<kPack> places_at(const std::uint8_t* p) {
  return *reinterpret_cast<const Places<kPack>*>(p);
}

// The largest elements of windows so far, and their places.
template <int kPack>
struct Largest {
  Pack<kPack> value;
  Places<kPack> place;

  __device__ explicit Largest(std::int64_t first) {
    NTL_UNROLL
    for (int k = 0; k < kPack; ++k) {
      value.v[k] = -INFINITY;
      place.v[k] = static_cast<std::uint8_t>(first);
    }
  }
  __device__ void take(const Pack<kPack>& x, std::int64_t at) {
    NTL_UNROLL
    for (int k = 0; k < kPack; ++k) {
      if (!(x.v[k] > value.v[k]) && x.v[k] == x.v[k]) continue;  // NaN counts as larger
      value.v[k] = x.v[k];
      place.v[k] = static_cast<std::uint8_t>(at);
    }
  }
  __device__ void put(const MaxPool2dForward& a, std::int64_t i) const {
    store(a.y + i, value);
    if (a.places != nullptr) *places_at<kPack>(a.places + i) = place;
  }
};

template <typename Index, int kPack>
__global__ void __launch_bounds__(kThreads) max_pool2d_forward_by_spot(MaxPool2dForward a) {
  for_spots<Index, kPack>(a.n, a.h.count, a.w.count, a.c, [&](std::int64_t i, const Spot& at) {
    const float* x = a.x + at.picture * a.h.size * a.w.size * a.c + at.channel;
    const std::int64_t kw0 = a.w.first_place(at.col);
    const std::int64_t kw1 = a.w.end_place(at.col);
    const std::int64_t kh0 = a.h.first_place(at.row);
    const std::int64_t kh1 = a.h.end_place(at.row);
    Largest<kPack> best(kh0 * a.w.kernel + kw0);
    for (std::int64_t kh = kh0; kh < kh1; ++kh) {
      for (std::int64_t kw = kw0; kw < kw1; ++kw) {
        const std::int64_t place = (a.h.position(at.row, kh) * a.w.size + a.w.position(at.col, kw)) * a.c;
        best.take(load<kPack>(x + place), kh * a.w.kernel + kw);
      }
    }
    best.put(a, i);
  });
}

// Where the window of a spot begins in the picture, if windows are pairs.
template <typename Args>
__device__ std::int64_t begin_of_pairs(const Args& a, const Spot& at) {
  return ((at.picture * a.h.size + at.row * kPair) * a.w.size + at.col * kPair) * a.c + at.channel;
}

template <typename Index, int kPack>
__global__ void __launch_bounds__(kThreads) max_pool2d_forward_by_pairs(MaxPool2dForward a) {
  for_spots<Index, kPack>(a.n, a.h.count, a.w.count, a.c, [&](std::int64_t i, const Spot& at) {
    const float* x = a.x + begin_of_pairs(a, at);
    Pack<kPack> values[kPair * kPair];
    NTL_UNROLL
    for (int k = 0; k < kPair * kPair; ++k) values[k] = load<kPack>(x + (k / kPair * a.w.size + k % kPair) * a.c);
    Largest<kPack> best(0);
    NTL_UNROLL
    for (int k = 0; k < kPair * kPair; ++k) best.take(values[k], k);
    best.put(a, i);
  });
}

template <typename Index, int kPack>
__global__ void __launch_bounds__(kThreads, 3) max_pool2d_backward_by_spot(MaxPool2dBackward a) {
  for_spots<Index, kPack>(a.n, a.h.size, a.w.size, a.c, [&](std::int64_t item, const Spot& at) {
    const std::int64_t first = at.picture * a.h.count * a.w.count * a.c + at.channel;
    Pack<kPack> total{};
    for (std::int64_t oh = a.h.first_window(at.row); oh < a.h.end_window(at.row); ++oh) {
      const std::int64_t kh = a.h.place(oh, at.row);
      if (kh < 0) continue;
      Pack<kPack> sum{};
      for (std::int64_t ow = a.w.first_window(at.col); ow < a.w.end_window(at.col); ++ow) {
        const std::int64_t kw = a.w.place(ow, at.col);
        if (kw < 0) continue;
        const std::int64_t o = first + (oh * a.w.count + ow) * a.c;
        const auto places = places_at<kPack>(a.places + o);
        const auto dy = load<kPack>(a.dy + o);
        const auto mask = a.mask == nullptr ? dy : load<kPack>(a.mask + o);
        NTL_UNROLL
        for (int k = 0; k < kPack; ++k) {
          const bool chosen = places.v[k] == kh * a.w.kernel + kw;
          if (chosen && (a.mask == nullptr || mask.v[k] > 0.0F)) sum.v[k] += dy.v[k];
        }
      }
      NTL_UNROLL
      for (int k = 0; k < kPack; ++k) total.v[k] += sum.v[k];
    }
    const auto before = a.accumulate ? load<kPack>(a.dx + item) : Pack<kPack>{};
    NTL_UNROLL
    for (int k = 0; k < kPack; ++k) total.v[k] += before.v[k];
    store(a.dx + item, total);
  });
}

template <typename Index, int kPack>
__global__ void __launch_bounds__(kThreads) max_pool2d_backward_by_pairs(MaxPool2dBackward a) {
  for_spots<Index, kPack>(a.n, a.h.count, a.w.count, a.c, [&](std::int64_t o, const Spot& at) {
    float* dx = a.dx + begin_of_pairs(a, at);
    const auto places = places_at<kPack>(a.places + o);
    auto dy = load<kPack>(a.dy + o);
    if (a.mask != nullptr) {
      const auto mask = load<kPack>(a.mask + o);
      NTL_UNROLL
      for (int k = 0; k < kPack; ++k) dy.v[k] = mask.v[k] > 0.0F ? dy.v[k] : 0.0F;
    }
    NTL_UNROLL
    for (int place = 0; place < kPair * kPair; ++place) {
      float* to = dx + (place / kPair * a.w.size + place % kPair) * a.c;
      auto g = a.accumulate ? load<kPack>(to) : Pack<kPack>{};
      NTL_UNROLL
      for (int k = 0; k < kPack; ++k) g.v[k] += places.v[k] == place ? dy.v[k] : 0.0F;
      store(to, g);
    }
  });
}

}  // namespace

void max_pool2d_forward(const MaxPool2dForward& a, std::byte*, const Team& team) {
  const bool fours = a.c % kFour == 0 && aligned(a.x, a.y, a.places);
  const std::int64_t size = a.n * a.h.count * a.w.count * a.c;
  if (in_pairs(a.h, a.w)) {
    NTL_LAUNCH_SPOTS(max_pool2d_forward_by_pairs, size, fours, team, a);
  } else {
    NTL_LAUNCH_SPOTS(max_pool2d_forward_by_spot, size, fours, team, a);
  }
}

void max_pool2d_backward(const MaxPool2dBackward& a, std::byte*, const Team& team) {
  const bool fours = a.c % kFour == 0 && aligned(a.places, a.dy, a.mask, a.dx);
  if (in_pairs(a.h, a.w)) {
    NTL_LAUNCH_SPOTS(max_pool2d_backward_by_pairs, a.n * a.h.count * a.w.count * a.c, fours, team, a);
  } else {
    NTL_LAUNCH_SPOTS(max_pool2d_backward_by_spot, a.n * a.h.size * a.w.size * a.c, fours, team, a);
  }
}

}  // namespace nautile::NTL_TARGET
