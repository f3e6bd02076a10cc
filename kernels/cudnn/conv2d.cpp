#include "nautile/conv2d.hpp"

#include <bit>

#include "nautile/cudnn.hpp"

// Pictures are channels-last for cuDNN too, and its weights then are [k,r,s,c]: ours, [k,c,r,s], are rearranged before, and
// their gradient is after. Which algorithm is asked for, cuDNN's heuristics say, of those that give the same bits each time.

namespace nautile::NTL_TARGET {
namespace {

constexpr int kCrossCorrelation = 1;  // CUDNN_CROSS_CORRELATION
constexpr int kFmaMath = 3;           // CUDNN_FMA_MATH: no TF32
constexpr int kRelu = 1;              // CUDNN_ACTIVATION_RELU
constexpr int kDeterministic = 1;     // CUDNN_DETERMINISTIC
constexpr int kMostAlgorithms = 8;
constexpr std::size_t kMostWorkspace = std::size_t{1} << 30;

// cudnnConvolution{Fwd,BwdData,BwdFilter}AlgoPerf_t
struct Performance {
  int algorithm;
  int status;
  float milliseconds;
  std::size_t bytes;
  int deterministic;
  int math;
  int reserved[3];
};

struct Algorithm {
  bool possible = false;
  int number = 0;
  std::int64_t bytes = 0;  // of workspace
};

// What cuDNN knows of a shape.
struct Convolution {
  void* x = nullptr;
  void* y = nullptr;
  void* weight = nullptr;
  void* convolution = nullptr;
  Algorithm forward;
  Algorithm data;
  Algorithm filter;
};

// The first of the algorithms that cuDNN proposes which is deterministic and whose workspace is not too large.
// propose(wanted, found, algorithms), which is `call`, and size(algorithm, bytes) are cuDNN's, with their statuses.
template <typename Propose, typename Size>
Algorithm choose(const char* call, Propose&& propose, Size&& size) {
  Performance all[kMostAlgorithms] = {};
  int found = 0;
  const int status = propose(kMostAlgorithms, &found, all);
  if (status != 0 && !unsupported(status)) succeeded(call, status);
  for (int i = 0; i < found; ++i) {
    std::size_t bytes = 0;
    if (all[i].status == 0 && all[i].deterministic == kDeterministic && size(all[i].algorithm, &bytes) == 0 &&
        bytes <= kMostWorkspace) {
      return {true, all[i].algorithm, static_cast<std::int64_t>(bytes)};
    }
  }
  return {};
}

bool describe(const Conv2dShape& s, Convolution& c) {
  c.x = tensor(kChannelsLast, s.n, s.c, s.h, s.w);
  c.y = tensor(kChannelsLast, s.n, s.k, s.p, s.q);
  return c.x != nullptr && c.y != nullptr && NTL_SUCCEEDED(cudnnCreateFilterDescriptor, &c.weight) &&
         NTL_SUCCEEDED(cudnnSetFilter4dDescriptor, c.weight, kFloat32, kChannelsLast, static_cast<int>(s.k),
                       static_cast<int>(s.c / s.groups), static_cast<int>(s.r), static_cast<int>(s.s)) &&
         NTL_SUCCEEDED(cudnnCreateConvolutionDescriptor, &c.convolution) &&
         NTL_SUCCEEDED(cudnnSetConvolution2dDescriptor, c.convolution, static_cast<int>(s.padding_h),
                       static_cast<int>(s.padding_w), static_cast<int>(s.stride_h), static_cast<int>(s.stride_w),
                       static_cast<int>(s.dilation_h), static_cast<int>(s.dilation_w), kCrossCorrelation, kFloat32) &&
         NTL_SUCCEEDED(cudnnSetConvolutionGroupCount, c.convolution, static_cast<int>(s.groups)) &&
         NTL_SUCCEEDED(cudnnSetConvolutionMathType, c.convolution, kFmaMath);
}

bool choose_algorithms(Convolution& c) {
  const CudaLibraries& l = cuda_libraries;
  const Session session(Session::Library::cudnn);
  if (!session.ok()) return false;
  void* const handle = session.handle();
  c.forward = choose(
      "cudnnGetConvolutionForwardAlgorithm_v7",
      [&](int wanted, int* found, void* all) {
        return l.cudnnGetConvolutionForwardAlgorithm_v7(handle, c.x, c.weight, c.convolution, c.y, wanted, found, all);
      },
      [&](int algorithm, std::size_t* bytes) {
        return l.cudnnGetConvolutionForwardWorkspaceSize(handle, c.x, c.weight, c.convolution, c.y, algorithm, bytes);
      });
  c.data = choose(
      "cudnnGetConvolutionBackwardDataAlgorithm_v7",
      [&](int wanted, int* found, void* all) {
        return l.cudnnGetConvolutionBackwardDataAlgorithm_v7(handle, c.weight, c.y, c.convolution, c.x, wanted, found,
                                                             all);
      },
      [&](int algorithm, std::size_t* bytes) {
        return l.cudnnGetConvolutionBackwardDataWorkspaceSize(handle, c.weight, c.y, c.convolution, c.x, algorithm,
                                                              bytes);
      });
  c.filter = choose(
      "cudnnGetConvolutionBackwardFilterAlgorithm_v7",
      [&](int wanted, int* found, void* all) {
        return l.cudnnGetConvolutionBackwardFilterAlgorithm_v7(handle, c.x, c.y, c.convolution, c.weight, wanted, found,
                                                               all);
      },
      [&](int algorithm, std::size_t* bytes) {
        return l.cudnnGetConvolutionBackwardFilterWorkspaceSize(handle, c.x, c.y, c.convolution, c.weight, algorithm,
                                                                bytes);
      });
  return true;
}

bool fills(std::int64_t size, std::int64_t results, std::int64_t taps, std::int64_t stride, std::int64_t padding,
           std::int64_t dilation) {
  return countable(size, results) && countable(taps, stride, dilation) && padding <= INT32_MAX / 2 &&
         results == (size + 2 * padding - dilation * (taps - 1) - 1) / stride + 1;  // cuDNN knows no others
}

bool describable(const Conv2dShape& s) {
  return countable(s.n, s.c, s.h, s.w) && countable(s.n, s.k, s.p, s.q) && countable(s.k, s.c / s.groups, s.r, s.s) &&
         fills(s.h, s.p, s.r, s.stride_h, s.padding_h, s.dilation_h) &&
         fills(s.w, s.q, s.s, s.stride_w, s.padding_w, s.dilation_w);
}

// Of each shape, once; null if cuDNN cannot compute it. The same answer on all devices.
const Convolution* convolution_of(const Conv2dShape& s) {
  if (!describable(s)) return nullptr;
  static std::mutex mutex;
  static auto* const known = new std::map<std::array<std::int64_t, sizeof(Conv2dShape) / 8>, Convolution>;
  const std::lock_guard lock(mutex);
  Convolution& c = (*known)[std::bit_cast<std::array<std::int64_t, sizeof(Conv2dShape) / 8>>(s)];
  if (c.convolution == nullptr && !(describe(s, c) && choose_algorithms(c))) c.convolution = nullptr;
  return &c;
}

constexpr std::int64_t whole(std::int64_t bytes) { return ceil_div(bytes, 256) * 256; }

bool same_order(const Conv2dShape& s) { return s.c == s.groups || s.r * s.s == 1; }
std::int64_t weight_bytes(const Conv2dShape& s) {
  return same_order(s) ? 0 : whole(s.k * (s.c / s.groups) * s.r * s.s * 4);
}

// Copies weights between our order and cuDNN's.
void rearrange(const Conv2dShape& s, const float* from, float* to, bool to_ours, bool accumulate, void* handle) {
  void* const ours = tensor(kChannelsFirst, s.k, s.c / s.groups, s.r, s.s);
  void* const theirs = tensor(kChannelsLast, s.k, s.c / s.groups, s.r, s.s);
  NTL_SUCCEEDED(cudnnTransformTensor, handle, &kOne, to_ours ? theirs : ours, from, scale_of_old(accumulate),
                to_ours ? ours : theirs, to);
}
const float* arranged(const Conv2dShape& s, const float* weight, std::byte* room, void* handle) {
  if (same_order(s)) return weight;
  auto* to = reinterpret_cast<float*>(room);
  rearrange(s, weight, to, false, false, handle);
  return to;
}

void add_bias(const float* bias, float* y, std::int64_t pixels, std::int64_t channels, void* handle) {
  NTL_SUCCEEDED(cudnnAddTensor, handle, &kOne, matrix(1, channels), bias, &kOne, matrix(pixels, channels), y);
}

// The descriptor of max(y, 0), for which NaN is NaN or 0.
void* relu(int nan) {
  static std::mutex mutex;
  static void* known[2] = {};
  const std::lock_guard lock(mutex);
  void* made = nullptr;
  if (known[nan] == nullptr && NTL_SUCCEEDED(cudnnCreateActivationDescriptor, &made) &&
      NTL_SUCCEEDED(cudnnSetActivationDescriptor, made, kRelu, nan, 0.0)) {
    known[nan] = made;
  }
  return known[nan];
}

// What cuDNN computes these with; null where the base has to.
const Convolution* plan(const Conv2dForward& a) {
  if (!aligned(a.x) || !aligned(a.weight) || !aligned(a.bias) || !aligned(a.y)) return nullptr;
  const Convolution* c = convolution_of(a.shape);
  return c != nullptr && c->forward.possible ? c : nullptr;
}

// A backward pass in two: what cuDNN computes, and what the base has to. Each gradient goes the same way whichever others are
// wanted, and so has the same bits.
struct Halves {
  const Convolution* c;
  Conv2dBackward ours;
  Conv2dBackward base;
};
bool wants(const Conv2dBackward& a) { return a.dx != nullptr || a.dweight != nullptr || a.dbias != nullptr; }
Halves halves_of(const Conv2dBackward& a) {
  Halves h{convolution_of(a.shape), a, a};
  const bool known = h.c != nullptr && h.c->convolution != nullptr && aligned(a.y) && aligned(a.dy);
  const bool dx = known && h.c->data.possible && aligned(a.weight) && aligned(a.bias) && aligned(a.dx);
  const bool dweight = known && h.c->filter.possible && aligned(a.x) && aligned(a.dweight);
  (dx ? h.base : h.ours).dx = nullptr;
  (dweight ? h.base : h.ours).dweight = nullptr;
  h.ours.dbias = nullptr;
  return h;
}

// Bytes of the workspace of a backward pass, one thing after the other. The gradient by the weights comes to where the weights
// were, in cuDNN's order.
struct Layout {
  std::int64_t masked;
  std::int64_t weight;
  std::int64_t work;
};
Layout layout_of(const Conv2dBackward& a, const Convolution& c) {
  const Conv2dShape& s = a.shape;
  const std::int64_t data = a.dx != nullptr ? c.data.bytes : 0;
  const std::int64_t filter = a.dweight != nullptr ? c.filter.bytes : 0;
  return {a.y != nullptr ? whole(s.n * s.p * s.q * s.k * 4) : 0,
          a.dx != nullptr || a.dweight != nullptr ? weight_bytes(s) : 0, data > filter ? data : filter};
}

}  // namespace

std::int64_t tasks(const Conv2dForward&) { return 1; }
std::int64_t tasks(const Conv2dBackward&) { return 1; }

std::int64_t workspace(const Conv2dForward& args, std::int64_t) {
  const Convolution* c = plan(args);
  return c == nullptr ? base().conv2d_forward.workspace(args, 1) : weight_bytes(args.shape) + c->forward.bytes;
}
std::int64_t workspace(const Conv2dBackward& args, std::int64_t) {
  const Halves h = halves_of(args);
  const std::int64_t base_bytes = wants(h.base) ? base().conv2d_backward.workspace(h.base, 1) : 0;
  if (!wants(h.ours)) return base_bytes;
  const Layout l = layout_of(h.ours, *h.c);
  const std::int64_t bytes = l.masked + l.weight + l.work;
  return bytes > base_bytes ? bytes : base_bytes;
}

bool fuses(const Conv2dForward& args) { return args.pooled == nullptr; }
bool fuses(const Conv2dBackward&) { return false; }
Algorithms algorithms(const Conv2dForward&) { return {}; }
Algorithms algorithms(const Conv2dBackward&) { return {}; }

void conv2d_forward(const Conv2dForward& a, std::byte* workspace, const Team& team) {
  const Convolution* c = plan(a);
  if (c == nullptr) {
    base().conv2d_forward.run(a, workspace, team);
    return;
  }
  const Session session(Session::Library::cudnn, team.stream);
  if (!session.ok()) return;
  void* const handle = session.handle();
  const Conv2dShape& s = a.shape;
  const float* weight = arranged(s, a.weight, workspace, handle);
  NTL_SUCCEEDED(cudnnConvolutionForward, handle, &kOne, c->x, a.x, c->weight, weight, c->convolution, c->forward.number,
                workspace + weight_bytes(s), static_cast<std::size_t>(c->forward.bytes), &kZero, c->y, a.y);
  const std::int64_t pixels = s.n * s.p * s.q;
  if (a.bias != nullptr) add_bias(a.bias, a.y, pixels, s.k, handle);
  if (a.relu) {
    NTL_SUCCEEDED(cudnnActivationForward, handle, relu(kPropagateNan), &kOne, matrix(pixels, s.k), a.y, &kZero,
                  matrix(pixels, s.k), a.y);
  }
}

void conv2d_backward(const Conv2dBackward& args, std::byte* workspace, const Team& team) {
  const Halves h = halves_of(args);
  if (wants(h.base)) base().conv2d_backward.run(h.base, workspace, team);
  if (!wants(h.ours)) return;
  const Conv2dBackward& a = h.ours;
  const Convolution* c = h.c;
  const Session session(Session::Library::cudnn, team.stream);
  if (!session.ok()) return;
  void* const handle = session.handle();
  const Conv2dShape& s = a.shape;
  const Layout l = layout_of(a, *c);
  std::byte* const room = workspace + l.masked;  // for weights
  std::byte* const work = room + l.weight;
  const float* dy = a.dy;
  if (a.y != nullptr) {
    auto* masked = reinterpret_cast<float*>(workspace);
    void* const pixels = matrix(s.n * s.p * s.q, s.k);
    NTL_SUCCEEDED(cudnnActivationBackward, handle, relu(kIgnoreNan), &kOne, pixels, a.y, pixels, dy, pixels, a.y,
                  &kZero, pixels, masked);
    dy = masked;
  }
  if (a.dx != nullptr) {
    NTL_SUCCEEDED(cudnnConvolutionBackwardData, handle, &kOne, c->weight, arranged(s, a.weight, room, handle), c->y, dy,
                  c->convolution, c->data.number, work, static_cast<std::size_t>(c->data.bytes),
                  scale_of_old(a.accumulate_dx), c->x, a.dx);
    if (a.bias != nullptr) add_bias(a.bias, a.dx, s.n * s.h * s.w, s.c, handle);
  }
  if (a.dweight != nullptr) {
    const bool direct = same_order(s);
    float* to = direct ? a.dweight : reinterpret_cast<float*>(room);
    NTL_SUCCEEDED(cudnnConvolutionBackwardFilter, handle, &kOne, c->x, a.x, c->y, dy, c->convolution, c->filter.number,
                  work, static_cast<std::size_t>(c->filter.bytes), scale_of_old(direct && a.accumulate_dweight),
                  c->weight, to);
    if (!direct) rearrange(s, to, a.dweight, true, a.accumulate_dweight, handle);
  }
}

}  // namespace nautile::NTL_TARGET
