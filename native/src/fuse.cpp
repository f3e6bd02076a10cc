// What kernels can do for their neighbours. Each rule looks for one op whose input no other needs in memory, and gives its
// work to the kernel that computes that input.
//
// The results stay what they are, bit by bit, but for two things: the gradient of a bias whose dy comes through a pooling is
// added up in another order, and where the gradient by a ReLU's result is infinite or NaN, that by its input is 0 instead of NaN
// if the result is not positive.
#include <algorithm>

#include "program.hpp"

namespace nautile {
namespace {

// Whether the derivative follows from y alone.
bool by_result(Activation function) {
  return function == Activation::relu || function == Activation::sigmoid || function == Activation::tanh;
}

std::int64_t results_of(const Conv2dShape& s) { return s.n * s.p * s.q * s.k; }
std::int64_t sources_of(const Conv2dShape& s) { return s.n * s.h * s.w * s.c; }
std::int64_t size_of(const ChannelShape& s) { return s.samples * s.rows * s.channels; }

// Squares of 2 x 2 side by side over all of a picture.
bool is_square(const Windows& w) {
  return w.kernel == 2 && w.stride == 2 && w.padding == 0 && w.dilation == 1 && w.size == 2 * w.count;
}
template <typename Pooling>
bool is_of(const Pooling& pooling, const Conv2dShape& s) {
  return pooling.n == s.n && pooling.c == s.k && pooling.h.size == s.p && pooling.w.size == s.q &&
         is_square(pooling.h) && is_square(pooling.w);
}

}  // namespace

template <typename Args, typename Matches>
Program::Index Program::latest(Index before, Matches&& matches) {
  while (before-- > 0) {
    const Args* args = as<Args>(before);
    if (args != nullptr && matches(*args)) return before;
  }
  return kNone;
}

template <typename Args>
bool Program::change(Index call, const Args& changed) {
  const RecordedCall& c = calls_[call];
  if (!c.signature->fuses(c.kernel, &changed)) return false;
  *as<Args>(call) = changed;
  c.signature->clear_padding(as<Args>(call));
  return true;
}

// Whether the call takes a tensor as its input only.
bool Program::reads(Index call, const void* pointer) {
  const auto is = [&](const auto* args, const auto*... written) {
    return args != nullptr && args->x == pointer && ((written != pointer) && ...);
  };
  if (const auto* a = as<Conv2dForward>(call)) return is(a, a->y, a->pooled);
  if (const auto* a = as<Conv2dBackward>(call)) return is(a, a->dx, a->dweight, a->dbias);
  if (const auto* a = as<LinearForward>(call)) return is(a, a->y);
  if (const auto* a = as<LinearBackward>(call)) return is(a, a->dx, a->dweight, a->dbias);
  if (const auto* a = as<CopyForward>(call)) return static_cast<const void*>(a->x) == pointer && a->y != pointer;
  return false;
}

// Whether the calls [first, last) do not write to a tensor of the plan.
bool Program::unchanged(const void* pointer, Index first, Index last) {
  for (Index i = first; i < last; ++i) {
    if (!idle(tensor_of(pointer), i, i + 1) && !reads(i, pointer)) return false;
  }
  return true;
}

// A layer computes the function of its results. The backward pass finds the derivative from these.
bool Program::fuse_activation(Index call) {
  const ActivationForward act = *as<ActivationForward>(call);
  std::vector<Index> users{call};
  for (Index i = call + 1; i < calls_.size(); ++i) {
    const auto* backward = as<ActivationBackward>(i);
    if (backward == nullptr || backward->x != act.x || backward->y != act.y) continue;
    if (by_result(act.function) && backward->function == act.function) users.push_back(i);
  }
  const auto fuse_into = [&](Index layer, auto changed) {
    users.push_back(layer);
    if (!only(tensor_of(act.x), users) || !idle(tensor_of(act.y), layer, call)) return false;
    if (!change(layer, changed)) return false;
    for (const Index i : users) {
      if (auto* backward = as<ActivationBackward>(i)) backward->x = act.y;
    }
    drop(call, layer, act.function == Activation::relu ? "relu" : "activation");
    return true;
  };
  const Index linear = latest<LinearForward>(call, [&](const LinearForward& a) {
    return a.y == act.x && a.m * a.n == act.size && a.function == Activation::linear;
  });
  if (linear != kNone) {
    LinearForward changed = *as<LinearForward>(linear);
    changed.y = act.y;
    changed.function = act.function;
    changed.alpha = act.alpha;
    return fuse_into(linear, changed);
  }
  if (act.function != Activation::relu) return false;
  const Index conv = latest<Conv2dForward>(
      call, [&](const Conv2dForward& a) { return a.y == act.x && results_of(a.shape) == act.size; });
  if (conv != kNone) {
    Conv2dForward changed = *as<Conv2dForward>(conv);
    changed.y = act.y;
    changed.relu = true;
    return fuse_into(conv, changed);
  }
  const Index norm = latest<BatchNormForward>(
      call, [&](const BatchNormForward& a) { return a.norm.y == act.x && size_of(a.norm.shape) == act.size; });
  if (norm == kNone) return false;
  BatchNormForward changed = *as<BatchNormForward>(norm);
  changed.norm.y = act.y;
  changed.norm.relu = true;
  return fuse_into(norm, changed);
}

// What gives the gradient by the result of a ReLU makes it 0 where that result is not positive.
bool Program::fuse_activation_backward(Index call) {
  const ActivationBackward act = *as<ActivationBackward>(call);
  if (act.function != Activation::relu || act.accumulate) return false;
  const Index dropout = latest<DropoutBackward>(
      call, [&](const DropoutBackward& a) { return a.dx == act.dy && a.size == act.size && !a.accumulate; });
  if (dropout != kNone) return fuse_dropout_backward(dropout, call);
  const auto fuse_into = [&](Index layer, auto changed, const float* mask) {
    if (!only(tensor_of(act.dy), {layer, call}) || !idle(tensor_of(act.dx), layer, call)) return false;
    if (!idle(tensor_of(act.x), layer + 1, call)) return false;
    changed.dx = act.dx;
    changed.mask = mask;
    if (!change(layer, changed)) return false;
    drop(call, layer, "relu");
    return true;
  };
  const auto gives_dy = [&](const auto& a, std::int64_t size, bool accumulates) {
    return a.dx == act.dy && size == act.size && !accumulates && a.mask == nullptr;
  };
  const Index linear =
      latest<LinearBackward>(call, [&](const LinearBackward& a) { return gives_dy(a, a.m * a.k, a.accumulate_dx); });
  if (linear != kNone) return fuse_into(linear, *as<LinearBackward>(linear), act.x);
  const Index conv = latest<Conv2dBackward>(
      call, [&](const Conv2dBackward& a) { return gives_dy(a, sources_of(a.shape), a.accumulate_dx); });
  if (conv != kNone) return fuse_into(conv, *as<Conv2dBackward>(conv), act.x);

  // Of a pooling, the gradient is 0 but at the largest of each window, and the result is just that number.
  const Index pooling = latest<MaxPool2dBackward>(
      call, [&](const MaxPool2dBackward& a) { return gives_dy(a, a.n * a.c * a.h.size * a.w.size, a.accumulate); });
  if (pooling == kNone) return false;
  const MaxPool2dBackward changed = *as<MaxPool2dBackward>(pooling);
  const Index forward = latest<MaxPool2dForward>(
      pooling, [&](const MaxPool2dForward& a) { return a.x == act.x && a.places == changed.places; });
  if (forward == kNone) return false;
  const float* largest = as<MaxPool2dForward>(forward)->y;
  return unchanged(largest, forward + 1, pooling) && fuse_into(pooling, changed, largest);
}

// Between a ReLU and a layer, a dropout's results are positive where those of the ReLU are, and kept.
bool Program::fuse_dropout_backward(Index dropout, Index call) {
  const DropoutBackward drops = *as<DropoutBackward>(dropout);
  const ActivationBackward act = *as<ActivationBackward>(call);
  const Index forward = latest<DropoutForward>(
      dropout, [&](const DropoutForward& a) { return a.used == drops.used && a.x == act.y && a.size == act.size; });
  const Index layer = latest<LinearBackward>(dropout, [&](const LinearBackward& a) {
    return a.dx == drops.dy && a.m * a.k == act.size && !a.accumulate_dx && a.mask == nullptr;
  });
  if (forward == kNone || layer == kNone) return false;
  if (!only(tensor_of(drops.dy), {layer, dropout}) || !only(tensor_of(act.dy), {dropout, call})) return false;
  LinearBackward changed = *as<LinearBackward>(layer);
  changed.dx = act.dx;
  changed.mask = as<DropoutForward>(forward)->y;
  changed.mask_scale = drops.rule.scale;
  if (!idle(tensor_of(act.dx), layer, call) || !unchanged(changed.mask, forward + 1, layer)) return false;
  if (!change(layer, changed)) return false;
  drop(dropout, layer, "dropout");
  drop(call, layer, "relu");
  return true;
}

// A convolution gives the largest of each square of results, and not the results.
bool Program::fuse_pooling(Index call) {
  const MaxPool2dForward pooling = *as<MaxPool2dForward>(call);
  const Index conv =
      latest<Conv2dForward>(call, [&](const Conv2dForward& a) { return a.y == pooling.x && is_of(pooling, a.shape); });
  if (conv == kNone || !only(tensor_of(pooling.x), {conv, call}) || !idle(tensor_of(pooling.y), conv, call))
    return false;
  if (pooling.places != nullptr && !idle(tensor_of(pooling.places), conv, call)) return false;
  Conv2dForward changed = *as<Conv2dForward>(conv);
  changed.y = nullptr;
  changed.pooled = pooling.y;
  changed.places = pooling.places;
  if (!change(conv, changed)) return false;
  drop(call, conv, "max_pool2d");
  return true;
}

// The gradients of a convolution are computed from that by the pooled results.
bool Program::fuse_pooling_backward(Index call) {
  const MaxPool2dBackward pooling = *as<MaxPool2dBackward>(call);
  if (pooling.accumulate) return false;
  for (Index i = call + 1; i < calls_.size(); ++i) {
    const auto* conv = as<Conv2dBackward>(i);
    if (conv == nullptr || conv->dy != pooling.dx || conv->y != nullptr || !is_of(pooling, conv->shape)) continue;
    if (!only(tensor_of(pooling.dx), {call, i}) || !idle(tensor_of(pooling.dy), call + 1, i + 1)) return false;
    Conv2dBackward changed = *conv;
    changed.dy = pooling.dy;
    changed.places = pooling.places;
    changed.pooled = pooling.mask;
    if (!change(i, changed)) return false;
    drop(call, i, "max_pool2d");
    return true;
  }
  return false;
}

void Program::fuse() {
  for (Index i = 0; i < calls_.size(); ++i) {
    if (as<ActivationForward>(i) != nullptr) fuse_activation(i);
    if (as<ActivationBackward>(i) != nullptr) fuse_activation_backward(i);
  }
  for (Index i = 0; i < calls_.size(); ++i) {  // of a convolution's results, only the pooling is left to read them
    if (as<MaxPool2dForward>(i) != nullptr) fuse_pooling(i);
    if (as<MaxPool2dBackward>(i) != nullptr) fuse_pooling_backward(i);
  }
}

}  // namespace nautile
