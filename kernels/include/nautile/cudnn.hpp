// What the kernels by cuBLAS and cuDNN share: handles, descriptors, what becomes of a status.
#pragma once

#include <array>
#include <map>
#include <mutex>
#include <utility>

#include "nautile/library.hpp"

namespace nautile::NTL_TARGET {

const KernelTable& base();  // of the device without libraries; in matmul.cpp

// Whether a call succeeded; the first of a kernel that did not is what the engine reports.
inline bool succeeded(const char* call, int status) {
  if (status != 0 && library_failure.call == nullptr) library_failure = {call, status};
  return status == 0;
}
#define NTL_SUCCEEDED(function, ...) succeeded(#function, cuda_libraries.function(__VA_ARGS__))

// A library's handle on the device that this thread launches on, for this thread alone until the scope ends: a handle has one
// stream. Handles are made once and live as long as the process, as devices do. Making one allocates, which no capture allows;
// but a kernel runs once before it is captured.
class Session {
 public:
  enum class Library { cublas, cudnn };

  explicit Session(Library library) : handle_(of_device(library)), lock_(handle_.used) {
    if (handle_.address != nullptr) return;
    if (library == Library::cublas) {
      ok_ = NTL_SUCCEEDED(cublasCreate_v2, &handle_.address);
    } else {
      ok_ = NTL_SUCCEEDED(cudnnCreate, &handle_.address);
    }
    if (!ok_) handle_.address = nullptr;
  }
  Session(Library library, void* stream) : Session(library) {
    if (!ok_ || handle_.stream == stream) return;
    ok_ = library == Library::cublas ? NTL_SUCCEEDED(cublasSetStream_v2, handle_.address, stream)
                                     : NTL_SUCCEEDED(cudnnSetStream, handle_.address, stream);
    handle_.stream = ok_ ? stream : nullptr;
  }

  bool ok() const { return ok_; }
  void* handle() const { return handle_.address; }

 private:
  struct Handle {
    std::mutex used;
    void* address = nullptr;
    void* stream = nullptr;
  };

  static Handle& of_device(Library library) {
    static std::mutex mutex;
    static auto* const handles = new std::map<std::pair<Library, const void*>, Handle>;
    const std::lock_guard lock(mutex);
    return (*handles)[{library, library_device}];
  }

  Handle& handle_;
  const std::lock_guard<std::mutex> lock_;
  bool ok_ = true;
};

// ------------------------------------------------------------------------------------------------ cuDNN

constexpr int kFloat32 = 0;        // CUDNN_DATA_FLOAT
constexpr int kChannelsFirst = 0;  // CUDNN_TENSOR_NCHW
constexpr int kChannelsLast = 1;   // CUDNN_TENSOR_NHWC
constexpr int kIgnoreNan = 0;      // CUDNN_NOT_PROPAGATE_NAN
constexpr int kPropagateNan = 1;   // CUDNN_PROPAGATE_NAN

inline bool unsupported(int status) { return status >= 3000 && status < 4000; }  // CUDNN_STATUS_NOT_SUPPORTED...

constexpr float kOne = 1.0F;
constexpr float kZero = 0.0F;
inline const float* scale_of_old(bool accumulate) { return accumulate ? &kOne : &kZero; }

// cuDNN's kernels move 16 bytes at once, and count extents and elements in 32 bits.
inline bool aligned(const void* data) { return reinterpret_cast<std::uintptr_t>(data) % 16 == 0; }
template <typename... Extents>
bool countable(Extents... extents) {
  std::int64_t elements = 1;
  for (const std::int64_t extent : {static_cast<std::int64_t>(extents)...}) {
    if (extent < 1 || extent > INT32_MAX || elements > INT32_MAX / extent) return false;
    elements *= extent;
  }
  return true;
}

// The descriptor of a contiguous tensor of this shape, made once; null after a failure.
inline void* tensor(int format, std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t w) {
  static std::mutex mutex;
  static auto* const tensors = new std::map<std::array<std::int64_t, 5>, void*>;
  const std::lock_guard lock(mutex);
  void*& known = (*tensors)[{format, n, c, h, w}];
  if (known == nullptr) {
    void* made = nullptr;
    if (NTL_SUCCEEDED(cudnnCreateTensorDescriptor, &made) &&
        NTL_SUCCEEDED(cudnnSetTensor4dDescriptor, made, format, kFloat32, static_cast<int>(n), static_cast<int>(c),
                      static_cast<int>(h), static_cast<int>(w))) {
      known = made;
    }
  }
  return known;
}
// A matrix, or pictures whose channels lie side by side as one of a row for each pixel: in this order cuDNN's simple functions
// are fast.
inline void* matrix(std::int64_t rows, std::int64_t cols) { return tensor(kChannelsFirst, rows, cols, 1, 1); }

}  // namespace nautile::NTL_TARGET
