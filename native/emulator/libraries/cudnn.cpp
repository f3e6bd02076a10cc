// A stand-in for cuDNN: the functions that kernels/cudnn calls, by plain loops, with checks of what they are given. It is
// stricter than cuDNN: pictures and their weights are channels-last, memory is aligned, TF32 is refused.
#include <cmath>
#include <cstring>
#include <initializer_list>
#include <vector>

#include "nautile/library.hpp"

#include "checks.hpp"

namespace {

using emulated::LibraryHandle;

constexpr int kSuccess = 0;  // CUDNN_STATUS_...
constexpr int kBadParam = 2000;
constexpr int kNotSupported = 3000;
constexpr int kInternalError = 4000;
constexpr int kExecutionFailed = 5000;

constexpr int kFloat32 = 0;       // CUDNN_DATA_FLOAT
constexpr int kChannelsLast = 1;  // CUDNN_TENSOR_NHWC

// ------------------------------------------------------------------------------------------------ descriptors

// What a descriptor is, so that one of another kind is an error.
enum class Kind { tensor, filter, convolution, activation, pooling };

struct Tensor {
  static constexpr Kind kKind = Kind::tensor;
  Kind kind = kKind;
  bool set = false;
  int format = 0;
  std::int64_t n = 0;
  std::int64_t c = 0;
  std::int64_t h = 0;
  std::int64_t w = 0;

  std::int64_t elements() const { return n * c * h * w; }
  std::int64_t at(std::int64_t i, std::int64_t j, std::int64_t row, std::int64_t col) const {
    return format == kChannelsLast ? ((i * h + row) * w + col) * c + j : ((i * c + j) * h + row) * w + col;
  }
  bool same_shape(const Tensor& t) const { return n == t.n && c == t.c && h == t.h && w == t.w; }
};

// n is the number of results, c of channels a group.
struct Filter : Tensor {
  static constexpr Kind kKind = Kind::filter;
  Filter() { kind = kKind; }
};

struct Convolution {
  static constexpr Kind kKind = Kind::convolution;
  Kind kind = kKind;
  bool set = false;
  int padding_h = 0;
  int padding_w = 0;
  int stride_h = 0;
  int stride_w = 0;
  int dilation_h = 0;
  int dilation_w = 0;
  int groups = 1;
  int math = 0;
};

struct Activation {
  static constexpr Kind kKind = Kind::activation;
  Kind kind = kKind;
  bool set = false;
  int nan = 0;
};

// Means over windows.
struct Pooling {
  static constexpr Kind kKind = Kind::pooling;
  Kind kind = kKind;
  bool set = false;
  bool count_padding = false;
  int kernel_h = 0;
  int kernel_w = 0;
  int padding_h = 0;
  int padding_w = 0;
  int stride_h = 0;
  int stride_w = 0;

  // Whether y has as many windows as x gives.
  bool fits(const Tensor& x, const Tensor& y) const {
    return x.n == y.n && x.c == y.c && y.h == (x.h + 2 * padding_h - kernel_h) / stride_h + 1 &&
           y.w == (x.w + 2 * padding_w - kernel_w) / stride_w + 1;
  }
  // Calls visit(row, col) for the places of a window that are in x.
  template <typename Visit>
  void places(const Tensor& x, std::int64_t p, std::int64_t q, Visit&& visit) const {
    for (std::int64_t r = 0; r < kernel_h; ++r) {
      for (std::int64_t s = 0; s < kernel_w; ++s) {
        const std::int64_t row = p * stride_h - padding_h + r;
        const std::int64_t col = q * stride_w - padding_w + s;
        if (row >= 0 && row < x.h && col >= 0 && col < x.w) visit(row, col);
      }
    }
  }
  double divisor(const Tensor& x, std::int64_t p, std::int64_t q) const {
    if (count_padding) return kernel_h * kernel_w;
    int count = 0;
    places(x, p, q, [&](std::int64_t, std::int64_t) { ++count; });
    return count;
  }
};

template <typename T>
int create(void** descriptor) {
  if (descriptor == nullptr) return kBadParam;
  *descriptor = new T;
  return kSuccess;
}

// The descriptor of that kind, null if it is none.
template <typename T>
T* descriptor_of(void* descriptor) {
  Kind kind;
  if (descriptor == nullptr) return nullptr;
  std::memcpy(&kind, descriptor, sizeof kind);
  return kind == T::kKind ? static_cast<T*>(descriptor) : nullptr;
}
template <typename T>
const T* ready(void* descriptor) {
  const T* found = descriptor_of<T>(descriptor);
  return found != nullptr && found->set ? found : nullptr;
}

int set_shape(Tensor* t, int format, int type, int n, int c, int h, int w) {
  if (t == nullptr || n < 1 || c < 1 || h < 1 || w < 1 || (format & ~1) != 0) return kBadParam;
  if (type != kFloat32) return kNotSupported;
  t->set = true;
  t->format = format;
  t->n = n;
  t->c = c;
  t->h = h;
  t->w = w;
  return t->elements() <= INT32_MAX ? kSuccess : kNotSupported;
}

// ------------------------------------------------------------------------------------------------ calls

// alpha result + beta what was there.
struct Scales {
  const float* alpha;
  const float* beta;

  Scales(const void* a, const void* b) : alpha(static_cast<const float*>(a)), beta(static_cast<const float*>(b)) {}
};

struct Read {
  const Tensor* shape;
  const void* data;
};

// A call with a result of the shape `to`: element(i, j, row, col) computes one from what is read.
template <typename Element>
int compute(void* handle, Scales scales, std::initializer_list<Read> inputs, const Tensor* to, void* result,
            Element&& element) {
  if (handle == nullptr || scales.alpha == nullptr || scales.beta == nullptr || to == nullptr) return kBadParam;
  const auto& h = *static_cast<LibraryHandle*>(handle);
  for (const Read& input : inputs) {
    if (!h.holds(input.data, 4 * input.shape->elements(), 16)) return kBadParam;
  }
  if (!h.holds(result, 4 * to->elements(), 16)) return kBadParam;
  const auto work = [=, shape = *to, alpha = *scales.alpha, beta = *scales.beta] {
    std::vector<float> computed;  // first all: the result may be what is read
    for (std::int64_t i = 0; i < shape.n; ++i) {
      for (std::int64_t j = 0; j < shape.c; ++j) {
        for (std::int64_t row = 0; row < shape.h; ++row) {
          for (std::int64_t col = 0; col < shape.w; ++col) {
            computed.push_back(alpha * static_cast<float>(element(i, j, row, col)));
          }
        }
      }
    }
    auto next = computed.begin();
    for (std::int64_t i = 0; i < shape.n; ++i) {
      for (std::int64_t j = 0; j < shape.c; ++j) {
        for (std::int64_t row = 0; row < shape.h; ++row) {
          for (std::int64_t col = 0; col < shape.w; ++col) {
            float& y = static_cast<float*>(result)[shape.at(i, j, row, col)];
            y = *next++ + (beta == 0.0F ? 0.0F : beta * y);
          }
        }
      }
    }
  };
  return h.run(work) ? kSuccess : kExecutionFailed;
}

double value(const void* data, std::int64_t at) { return static_cast<double>(static_cast<const float*>(data)[at]); }

}  // namespace

NTL_EXPORTED int cudnnCreate(void** handle) {
  *handle = LibraryHandle::create();
  return *handle == nullptr ? kInternalError : kSuccess;
}

NTL_EXPORTED int cudnnSetStream(void* handle, void* stream) {
  if (handle == nullptr) return kBadParam;
  return static_cast<LibraryHandle*>(handle)->set_stream(static_cast<cudaStream_t>(stream)) ? kSuccess : kBadParam;
}

NTL_EXPORTED int cudnnCreateTensorDescriptor(void** tensor) { return create<Tensor>(tensor); }

NTL_EXPORTED int cudnnSetTensor4dDescriptor(void* tensor, int format, int type, int n, int c, int h, int w) {
  return set_shape(descriptor_of<Tensor>(tensor), format, type, n, c, h, w);
}

NTL_EXPORTED int cudnnAddTensor(void* handle, const void* alpha, void* a_tensor, const void* a, const void* beta,
                                void* c_tensor, void* c) {
  const auto* from = ready<Tensor>(a_tensor);
  const auto* to = ready<Tensor>(c_tensor);
  if (from == nullptr || to == nullptr || from->n != 1 || from->c != to->c || from->h != 1 || from->w != 1) {
    return kBadParam;
  }
  return compute(handle, {alpha, beta}, {{from, a}}, to, c,
                 [=](std::int64_t, std::int64_t j, std::int64_t, std::int64_t) { return value(a, j); });
}

NTL_EXPORTED int cudnnTransformTensor(void* handle, const void* alpha, void* x_tensor, const void* x, const void* beta,
                                      void* y_tensor, void* y) {
  const auto* from = ready<Tensor>(x_tensor);
  const auto* to = ready<Tensor>(y_tensor);
  if (from == nullptr || to == nullptr || !from->same_shape(*to) || x == y) return kBadParam;
  return compute(handle, {alpha, beta}, {{from, x}}, to, y,
                 [=, in = *from](std::int64_t i, std::int64_t j, std::int64_t row, std::int64_t col) {
                   return value(x, in.at(i, j, row, col));
                 });
}

// ------------------------------------------------------------------------------------------------ convolution

NTL_EXPORTED int cudnnCreateFilterDescriptor(void** filter) { return create<Filter>(filter); }

NTL_EXPORTED int cudnnSetFilter4dDescriptor(void* filter, int type, int format, int k, int c, int h, int w) {
  return set_shape(descriptor_of<Filter>(filter), format, type, k, c, h, w);
}

NTL_EXPORTED int cudnnCreateConvolutionDescriptor(void** convolution) { return create<Convolution>(convolution); }

NTL_EXPORTED int cudnnSetConvolution2dDescriptor(void* convolution, int padding_h, int padding_w, int stride_h,
                                                 int stride_w, int dilation_h, int dilation_w, int mode, int type) {
  auto* c = descriptor_of<Convolution>(convolution);
  constexpr int kCrossCorrelation = 1;
  if (c == nullptr || padding_h < 0 || padding_w < 0 || stride_h < 1 || stride_w < 1 || dilation_h < 1 ||
      dilation_w < 1 || mode != kCrossCorrelation || type != kFloat32) {
    return kBadParam;
  }
  *c = {Kind::convolution, true, padding_h, padding_w, stride_h, stride_w, dilation_h, dilation_w, 1, 0};
  return kSuccess;
}

NTL_EXPORTED int cudnnSetConvolutionGroupCount(void* convolution, int groups) {
  auto* c = descriptor_of<Convolution>(convolution);
  if (c == nullptr || !c->set || groups < 1) return kBadParam;
  c->groups = groups;
  return kSuccess;
}

NTL_EXPORTED int cudnnSetConvolutionMathType(void* convolution, int math) {
  auto* c = descriptor_of<Convolution>(convolution);
  if (c == nullptr || !c->set) return kBadParam;
  c->math = math;
  return kSuccess;
}

namespace {

// A convolution of x with weights to y, or of y's and x's parts in a gradient; `status` says what is wrong with it.
struct Layer {
  Tensor x;
  Filter weight;
  Convolution c;
  Tensor y;
  int status;

  Layer(void* x_tensor, void* filter, void* convolution, void* y_tensor) {
    const auto* in = ready<Tensor>(x_tensor);
    const auto* by = ready<Filter>(filter);
    const auto* how = ready<Convolution>(convolution);
    const auto* out = ready<Tensor>(y_tensor);
    status = kBadParam;
    if (in == nullptr || by == nullptr || how == nullptr || out == nullptr) return;
    x = *in;
    weight = *by;
    c = *how;
    y = *out;
    const std::int64_t height = x.h + 2 * c.padding_h - c.dilation_h * (weight.h - 1) - 1;
    const std::int64_t width = x.w + 2 * c.padding_w - c.dilation_w * (weight.w - 1) - 1;
    if (x.c != weight.c * c.groups || weight.n % c.groups != 0 || y.n != x.n || y.c != weight.n || height < 0 ||
        width < 0 || y.h != height / c.stride_h + 1 || y.w != width / c.stride_w + 1) {
      return;
    }
    constexpr int kFmaMath = 3;
    const bool last = x.format == kChannelsLast && weight.format == kChannelsLast && y.format == kChannelsLast;
    status = last && c.math == kFmaMath ? kSuccess : kNotSupported;
  }

  // Not all that is allowed has an algorithm, and a gradient by the weights has one for less.
  bool computed() const { return c.groups == 1 || (c.dilation_h == 1 && c.dilation_w == 1); }
  bool weights_computed() const { return computed() && c.stride_h == 1; }

  std::int64_t row(std::int64_t p, std::int64_t r) const { return p * c.stride_h - c.padding_h + r * c.dilation_h; }
  std::int64_t col(std::int64_t q, std::int64_t s) const { return q * c.stride_w - c.padding_w + s * c.dilation_w; }
  std::int64_t results() const { return weight.n / c.groups; }  // of a group
};

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

// One algorithm that fails, one whose results would differ from run to run, and one to be taken.
constexpr int kAlgorithm = 1;
constexpr std::size_t kWorkspace = 4000;

int propose(const Layer& layer, bool computed, void* handle, int wanted, int* found, void* algorithms) {
  if (handle == nullptr || wanted < 1 || found == nullptr || algorithms == nullptr) return kBadParam;
  if (layer.status != kSuccess) return layer.status;
  const Performance all[] = {{2, kNotSupported, -1.0F, 0, 1, 3, {}},
                             {0, kSuccess, 0.1F, 0, 0, 3, {}},
                             {kAlgorithm, computed ? kSuccess : kNotSupported, 0.2F, kWorkspace, 1, 3, {}}};
  *found = wanted < 3 ? wanted : 3;
  std::memcpy(algorithms, all, sizeof(Performance) * static_cast<std::size_t>(*found));
  return kSuccess;
}

int workspace_size(const Layer& layer, void* handle, int algorithm, std::size_t* bytes) {
  if (handle == nullptr || bytes == nullptr) return kBadParam;
  if (layer.status != kSuccess) return layer.status;
  if (algorithm != kAlgorithm || !layer.computed()) return kNotSupported;
  *bytes = kWorkspace;
  return kSuccess;
}

// What compute() does, of a convolution, whose workspace is written.
template <typename Element>
int compute(const Layer& layer, void* handle, Scales scales, std::initializer_list<Read> inputs, int algorithm,
            void* workspace, std::size_t bytes, const Tensor& to, void* result, Element&& element) {
  if (handle == nullptr) return kBadParam;
  if (layer.status != kSuccess) return layer.status;
  const auto& h = *static_cast<LibraryHandle*>(handle);
  if (algorithm != kAlgorithm || !layer.computed()) return kNotSupported;
  if (bytes < kWorkspace || !h.holds(workspace, static_cast<std::int64_t>(bytes), 16)) return kBadParam;
  if (!h.run([=] { std::memset(workspace, 0xFF, bytes); })) return kExecutionFailed;
  return compute(handle, scales, inputs, &to, result, element);
}

}  // namespace

NTL_EXPORTED int cudnnGetConvolutionForwardAlgorithm_v7(void* handle, void* x, void* weight, void* convolution, void* y,
                                                        int wanted, int* found, void* algorithms) {
  const Layer layer(x, weight, convolution, y);
  return propose(layer, layer.computed(), handle, wanted, found, algorithms);
}
NTL_EXPORTED int cudnnGetConvolutionForwardWorkspaceSize(void* handle, void* x, void* weight, void* convolution,
                                                         void* y, int algorithm, std::size_t* bytes) {
  return workspace_size({x, weight, convolution, y}, handle, algorithm, bytes);
}
NTL_EXPORTED int cudnnGetConvolutionBackwardDataAlgorithm_v7(void* handle, void* weight, void* dy, void* convolution,
                                                             void* dx, int wanted, int* found, void* algorithms) {
  const Layer layer(dx, weight, convolution, dy);
  return propose(layer, layer.computed(), handle, wanted, found, algorithms);
}
NTL_EXPORTED int cudnnGetConvolutionBackwardDataWorkspaceSize(void* handle, void* weight, void* dy, void* convolution,
                                                              void* dx, int algorithm, std::size_t* bytes) {
  return workspace_size({dx, weight, convolution, dy}, handle, algorithm, bytes);
}
NTL_EXPORTED int cudnnGetConvolutionBackwardFilterAlgorithm_v7(void* handle, void* x, void* dy, void* convolution,
                                                               void* dweight, int wanted, int* found,
                                                               void* algorithms) {
  const Layer layer(x, dweight, convolution, dy);
  return propose(layer, layer.weights_computed(), handle, wanted, found, algorithms);
}
NTL_EXPORTED int cudnnGetConvolutionBackwardFilterWorkspaceSize(void* handle, void* x, void* dy, void* convolution,
                                                                void* dweight, int algorithm, std::size_t* bytes) {
  return workspace_size({x, dweight, convolution, dy}, handle, algorithm, bytes);
}

NTL_EXPORTED int cudnnConvolutionForward(void* handle, const void* alpha, void* x_tensor, const void* x, void* filter,
                                         const void* weight, void* convolution, int algorithm, void* workspace,
                                         std::size_t bytes, const void* beta, void* y_tensor, void* y) {
  const Layer l(x_tensor, filter, convolution, y_tensor);
  return compute(l, handle, {alpha, beta}, {{&l.x, x}, {&l.weight, weight}}, algorithm, workspace, bytes, l.y, y,
                 [=](std::int64_t i, std::int64_t k, std::int64_t p, std::int64_t q) {
                   const std::int64_t first = k / l.results() * l.weight.c;
                   double sum = 0.0;
                   for (std::int64_t r = 0; r < l.weight.h; ++r) {
                     for (std::int64_t s = 0; s < l.weight.w; ++s) {
                       const std::int64_t row = l.row(p, r);
                       const std::int64_t col = l.col(q, s);
                       if (row < 0 || row >= l.x.h || col < 0 || col >= l.x.w) continue;
                       for (std::int64_t c = 0; c < l.weight.c; ++c) {
                         sum += value(x, l.x.at(i, first + c, row, col)) * value(weight, l.weight.at(k, c, r, s));
                       }
                     }
                   }
                   return sum;
                 });
}

NTL_EXPORTED int cudnnConvolutionBackwardData(void* handle, const void* alpha, void* filter, const void* weight,
                                              void* dy_tensor, const void* dy, void* convolution, int algorithm,
                                              void* workspace, std::size_t bytes, const void* beta, void* dx_tensor,
                                              void* dx) {
  const Layer l(dx_tensor, filter, convolution, dy_tensor);
  return compute(l, handle, {alpha, beta}, {{&l.weight, weight}, {&l.y, dy}}, algorithm, workspace, bytes, l.x, dx,
                 [=](std::int64_t i, std::int64_t c, std::int64_t row, std::int64_t col) {
                   const std::int64_t first = c / l.weight.c * l.results();
                   double sum = 0.0;
                   for (std::int64_t r = 0; r < l.weight.h; ++r) {
                     for (std::int64_t s = 0; s < l.weight.w; ++s) {
                       const std::int64_t down = row - l.row(0, r);
                       const std::int64_t across = col - l.col(0, s);
                       if (down < 0 || down % l.c.stride_h != 0 || down / l.c.stride_h >= l.y.h) continue;
                       if (across < 0 || across % l.c.stride_w != 0 || across / l.c.stride_w >= l.y.w) continue;
                       for (std::int64_t k = 0; k < l.results(); ++k) {
                         sum += value(dy, l.y.at(i, first + k, down / l.c.stride_h, across / l.c.stride_w)) *
                                value(weight, l.weight.at(first + k, c % l.weight.c, r, s));
                       }
                     }
                   }
                   return sum;
                 });
}

NTL_EXPORTED int cudnnConvolutionBackwardFilter(void* handle, const void* alpha, void* x_tensor, const void* x,
                                                void* dy_tensor, const void* dy, void* convolution, int algorithm,
                                                void* workspace, std::size_t bytes, const void* beta, void* filter,
                                                void* dweight) {
  const Layer l(x_tensor, filter, convolution, dy_tensor);
  return compute(l, handle, {alpha, beta}, {{&l.x, x}, {&l.y, dy}}, algorithm, workspace, bytes, l.weight, dweight,
                 [=](std::int64_t k, std::int64_t c, std::int64_t r, std::int64_t s) {
                   const std::int64_t channel = k / l.results() * l.weight.c + c;
                   double sum = 0.0;
                   for (std::int64_t i = 0; i < l.y.n; ++i) {
                     for (std::int64_t p = 0; p < l.y.h; ++p) {
                       for (std::int64_t q = 0; q < l.y.w; ++q) {
                         const std::int64_t row = l.row(p, r);
                         const std::int64_t col = l.col(q, s);
                         if (row < 0 || row >= l.x.h || col < 0 || col >= l.x.w) continue;
                         sum += value(x, l.x.at(i, channel, row, col)) * value(dy, l.y.at(i, k, p, q));
                       }
                     }
                   }
                   return sum;
                 });
}

// ------------------------------------------------------------------------------------------------ activation

NTL_EXPORTED int cudnnCreateActivationDescriptor(void** activation) { return create<Activation>(activation); }

NTL_EXPORTED int cudnnSetActivationDescriptor(void* activation, int mode, int nan, double) {
  auto* a = descriptor_of<Activation>(activation);
  constexpr int kRelu = 1;
  if (a == nullptr || (nan & ~1) != 0) return kBadParam;
  if (mode != kRelu) return kNotSupported;
  a->set = true;
  a->nan = nan;
  return kSuccess;
}

NTL_EXPORTED int cudnnActivationForward(void* handle, void* activation, const void* alpha, void* x_tensor,
                                        const void* x, const void* beta, void* y_tensor, void* y) {
  const auto* a = ready<Activation>(activation);
  const auto* from = ready<Tensor>(x_tensor);
  const auto* to = ready<Tensor>(y_tensor);
  if (a == nullptr || from == nullptr || to == nullptr || !from->same_shape(*to)) return kBadParam;
  return compute(handle, {alpha, beta}, {{from, x}}, to, y,
                 [=, in = *from, nan = a->nan](std::int64_t i, std::int64_t j, std::int64_t row, std::int64_t col) {
                   const double v = value(x, in.at(i, j, row, col));
                   return v > 0.0 || (nan == 1 && std::isnan(v)) ? v : 0.0;
                 });
}

NTL_EXPORTED int cudnnActivationBackward(void* handle, void* activation, const void* alpha, void* y_tensor,
                                         const void* y, void* dy_tensor, const void* dy, void* x_tensor, const void* x,
                                         const void* beta, void* dx_tensor, void* dx) {
  const auto* a = ready<Activation>(activation);
  const auto* out = ready<Tensor>(y_tensor);
  const auto* gradient = ready<Tensor>(dy_tensor);
  const auto* in = ready<Tensor>(x_tensor);
  const auto* to = ready<Tensor>(dx_tensor);
  if (a == nullptr || out == nullptr || gradient == nullptr || in == nullptr || to == nullptr ||
      !in->same_shape(*out) || !in->same_shape(*gradient) || !in->same_shape(*to)) {
    return kBadParam;
  }
  return compute(handle, {alpha, beta}, {{out, y}, {gradient, dy}, {in, x}}, to, dx,
                 [=, source = *in, outer = *gradient, nan = a->nan](std::int64_t i, std::int64_t j, std::int64_t row,
                                                                    std::int64_t col) {
                   const double v = value(x, source.at(i, j, row, col));
                   return v > 0.0 || (nan == 1 && std::isnan(v)) ? value(dy, outer.at(i, j, row, col)) : 0.0;
                 });
}

// ------------------------------------------------------------------------------------------------ pooling, softmax

NTL_EXPORTED int cudnnCreatePoolingDescriptor(void** pooling) { return create<Pooling>(pooling); }

NTL_EXPORTED int cudnnSetPooling2dDescriptor(void* pooling, int mode, int nan, int kernel_h, int kernel_w,
                                             int padding_h, int padding_w, int stride_h, int stride_w) {
  auto* p = descriptor_of<Pooling>(pooling);
  constexpr int kIncludePadding = 1;
  constexpr int kExcludePadding = 2;
  if (p == nullptr || (nan & ~1) != 0 || kernel_h < 1 || kernel_w < 1 || padding_h < 0 || padding_h >= kernel_h ||
      padding_w < 0 || padding_w >= kernel_w || stride_h < 1 || stride_w < 1) {
    return kBadParam;
  }
  if (mode != kIncludePadding && mode != kExcludePadding) return kNotSupported;
  *p = {Kind::pooling, true, mode == kIncludePadding, kernel_h, kernel_w, padding_h, padding_w, stride_h, stride_w};
  return kSuccess;
}

NTL_EXPORTED int cudnnPoolingForward(void* handle, void* pooling, const void* alpha, void* x_tensor, const void* x,
                                     const void* beta, void* y_tensor, void* y) {
  const auto* how = ready<Pooling>(pooling);
  const auto* from = ready<Tensor>(x_tensor);
  const auto* to = ready<Tensor>(y_tensor);
  if (how == nullptr || from == nullptr || to == nullptr || !how->fits(*from, *to)) return kBadParam;
  return compute(handle, {alpha, beta}, {{from, x}}, to, y,
                 [=, in = *from, w = *how](std::int64_t i, std::int64_t j, std::int64_t p, std::int64_t q) {
                   double sum = 0.0;
                   w.places(in, p, q,
                            [&](std::int64_t row, std::int64_t col) { sum += value(x, in.at(i, j, row, col)); });
                   return sum / w.divisor(in, p, q);
                 });
}

NTL_EXPORTED int cudnnPoolingBackward(void* handle, void* pooling, const void* alpha, void* y_tensor, const void* y,
                                      void* dy_tensor, const void* dy, void* x_tensor, const void* x, const void* beta,
                                      void* dx_tensor, void* dx) {
  const auto* how = ready<Pooling>(pooling);
  const auto* out = ready<Tensor>(y_tensor);
  const auto* gradient = ready<Tensor>(dy_tensor);
  const auto* in = ready<Tensor>(x_tensor);
  const auto* to = ready<Tensor>(dx_tensor);
  if (how == nullptr || out == nullptr || gradient == nullptr || in == nullptr || to == nullptr ||
      !out->same_shape(*gradient) || !in->same_shape(*to) || !how->fits(*in, *out)) {
    return kBadParam;
  }
  return compute(handle, {alpha, beta}, {{out, y}, {gradient, dy}, {in, x}}, to, dx,
                 [=, source = *in, outer = *gradient, w = *how](std::int64_t i, std::int64_t j, std::int64_t row,
                                                                std::int64_t col) {
                   double sum = 0.0;
                   for (std::int64_t p = 0; p < outer.h; ++p) {
                     for (std::int64_t q = 0; q < outer.w; ++q) {
                       w.places(source, p, q, [&](std::int64_t r, std::int64_t s) {
                         if (r == row && s == col) sum += value(dy, outer.at(i, j, p, q)) / w.divisor(source, p, q);
                       });
                     }
                   }
                   return sum;
                 });
}

namespace {

constexpr int kAccurate = 1;
constexpr int kLog = 2;

// Whether the mode is the one over all of a row, and the shapes are one.
int softmax_status(int algorithm, int mode, std::initializer_list<const Tensor*> tensors) {
  for (const Tensor* t : tensors) {
    if (t == nullptr || !t->same_shape(**tensors.begin())) return kBadParam;
    if (t->h != 1 || t->w != 1) return kNotSupported;
  }
  return mode == 0 && (algorithm == kAccurate || algorithm == kLog) ? kSuccess : kNotSupported;
}

}  // namespace

NTL_EXPORTED int cudnnSoftmaxForward(void* handle, int algorithm, int mode, const void* alpha, void* x_tensor,
                                     const void* x, const void* beta, void* y_tensor, void* y) {
  const auto* from = ready<Tensor>(x_tensor);
  const auto* to = ready<Tensor>(y_tensor);
  if (const int status = softmax_status(algorithm, mode, {from, to}); status != kSuccess) return status;
  return compute(handle, {alpha, beta}, {{from, x}}, to, y,
                 [=, cols = from->c](std::int64_t i, std::int64_t j, std::int64_t, std::int64_t) {
                   double largest = -HUGE_VAL;
                   double sum = 0.0;
                   for (std::int64_t k = 0; k < cols; ++k) largest = std::fmax(largest, value(x, i * cols + k));
                   for (std::int64_t k = 0; k < cols; ++k) sum += std::exp(value(x, i * cols + k) - largest);
                   const double v = value(x, i * cols + j) - largest;
                   return algorithm == kLog ? v - std::log(sum) : std::exp(v) / sum;
                 });
}

NTL_EXPORTED int cudnnSoftmaxBackward(void* handle, int algorithm, int mode, const void* alpha, void* y_tensor,
                                      const void* y, void* dy_tensor, const void* dy, const void* beta, void* dx_tensor,
                                      void* dx) {
  const auto* out = ready<Tensor>(y_tensor);
  const auto* gradient = ready<Tensor>(dy_tensor);
  const auto* to = ready<Tensor>(dx_tensor);
  if (const int status = softmax_status(algorithm, mode, {out, gradient, to}); status != kSuccess) return status;
  return compute(handle, {alpha, beta}, {{out, y}, {gradient, dy}}, to, dx,
                 [=, cols = to->c](std::int64_t i, std::int64_t j, std::int64_t, std::int64_t) {
                   double sum = 0.0;
                   for (std::int64_t k = 0; k < cols; ++k) {
                     const double weight = algorithm == kLog ? 1.0 : value(y, i * cols + k);
                     sum += weight * value(dy, i * cols + k);
                   }
                   const double v = value(y, i * cols + j);
                   const double g = value(dy, i * cols + j);
                   return algorithm == kLog ? g - std::exp(v) * sum : v * (g - sum);
                 });
}

#define NTL_SAME_TYPE(result, name, ...) static_assert(std::is_same_v<decltype(&name), result (*)(__VA_ARGS__)>);
NTL_CUDNN_FUNCTIONS(NTL_SAME_TYPE)
