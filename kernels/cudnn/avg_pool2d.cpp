#include "nautile/avg_pool2d.hpp"

#include "nautile/cudnn.hpp"

namespace nautile::NTL_TARGET {
namespace {

constexpr int kCountPadding = 1;          // CUDNN_POOLING_AVERAGE_COUNT_INCLUDE_PADDING
constexpr int kCountPictures = 2;         // CUDNN_POOLING_AVERAGE_COUNT_EXCLUDE_PADDING
constexpr std::int64_t kMostPlaces = 16;  // of a window: a longer sum in float32 has a larger error than the op allows

bool fills(const Windows& w) {
  return w.dilation == 1 && w.padding < w.kernel && countable(w.size, w.stride) &&
         w.count == (w.size + 2 * w.padding - w.kernel) / w.stride + 1;
}

// cuDNN has no divisor of one's own, and no window that ends beyond the padding.
template <typename Args>
bool possible(const Args& a) {
  return a.h.kernel * a.w.kernel <= kMostPlaces && fills(a.h) && fills(a.w) && a.divisor.fixed == 0 &&
         countable(a.n, a.c, a.h.size, a.w.size) && countable(a.n, a.c, a.h.count, a.w.count);
}

// The descriptor of windows, made once; null after a failure.
void* pooling(const Windows& h, const Windows& w, bool count_padding) {
  static std::mutex mutex;
  static auto* const known = new std::map<std::array<std::int64_t, 7>, void*>;
  const std::lock_guard lock(mutex);
  void*& found = (*known)[{h.kernel, w.kernel, h.padding, w.padding, h.stride, w.stride, count_padding ? 1 : 0}];
  void* made = nullptr;
  if (found == nullptr && NTL_SUCCEEDED(cudnnCreatePoolingDescriptor, &made) &&
      NTL_SUCCEEDED(cudnnSetPooling2dDescriptor, made, count_padding ? kCountPadding : kCountPictures, kPropagateNan,
                    static_cast<int>(h.kernel), static_cast<int>(w.kernel), static_cast<int>(h.padding),
                    static_cast<int>(w.padding), static_cast<int>(h.stride), static_cast<int>(w.stride))) {
    found = made;
  }
  return found;
}

}  // namespace

void avg_pool2d_forward(const AvgPool2dForward& a, std::byte* workspace, const Team& team) {
  if (!possible(a) || !aligned(a.x) || !aligned(a.y)) {
    base().avg_pool2d_forward.run(a, workspace, team);
    return;
  }
  const Session session(Session::Library::cudnn, team.stream);
  if (!session.ok()) return;
  NTL_SUCCEEDED(cudnnPoolingForward, session.handle(), pooling(a.h, a.w, a.divisor.count_padding), &kOne,
                tensor(kChannelsLast, a.n, a.c, a.h.size, a.w.size), a.x, &kZero,
                tensor(kChannelsLast, a.n, a.c, a.h.count, a.w.count), a.y);
}

// For means cuDNN does not read x and y: dx and dy are given for them.
void avg_pool2d_backward(const AvgPool2dBackward& a, std::byte* workspace, const Team& team) {
  if (!possible(a) || !aligned(a.dy) || !aligned(a.dx)) {
    base().avg_pool2d_backward.run(a, workspace, team);
    return;
  }
  const Session session(Session::Library::cudnn, team.stream);
  if (!session.ok()) return;
  void* const x = tensor(kChannelsLast, a.n, a.c, a.h.size, a.w.size);
  void* const y = tensor(kChannelsLast, a.n, a.c, a.h.count, a.w.count);
  NTL_SUCCEEDED(cudnnPoolingBackward, session.handle(), pooling(a.h, a.w, a.divisor.count_padding), &kOne, y, a.dy, y,
                a.dy, x, a.dx, scale_of_old(a.accumulate), x, a.dx);
}

}  // namespace nautile::NTL_TARGET
