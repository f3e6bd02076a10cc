// Every kernel of kernels/cuda, for the sanitizers alone: what it computes is compared in Java. Arrays have exactly the
// size that a kernel may touch.
#include <cuda_runtime.h>

#include <cstring>
#include <set>
#include <vector>

#include "check.hpp"
#include "emulated/control.h"
#include "nautile/kernel_table.hpp"

namespace nautile {

#define NTL_CAT_(a, b) a##b
#define NTL_CAT(a, b) NTL_CAT_(a, b)
extern const KernelTable NTL_CAT(table_, NTL_TARGET);

namespace {

const KernelTable& kTable = NTL_CAT(table_, NTL_TARGET);

// Device memory that is freed at the end of a run.
std::vector<void*> arrays;
template <typename T>
T* array(std::int64_t count, T first = T{}, T step = T{}) {
  std::vector<T> values(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<T>(first + step * static_cast<T>(i % 17));
  T* data = nullptr;
  CHECK(cudaMalloc(&data, values.size() * sizeof(T)) == cudaSuccess);
  CHECK(cudaMemcpy(data, values.data(), values.size() * sizeof(T), cudaMemcpyHostToDevice) == cudaSuccess);
  arrays.push_back(data);
  return data;
}
float* floats(std::int64_t count) { return array<float>(count, -1.0F, 0.125F); }
std::byte* bytes(float* data) { return reinterpret_cast<std::byte*>(data); }

std::set<const void*> ran;

template <typename Args>
void run(Kernel<Args> KernelTable::* slot, const std::type_identity_t<Args>& args) {
  const Kernel<Args>& kernel = kTable.*slot;
  Team team;
  void* fault = nullptr;
  CHECK(cudaHostAlloc(&fault, sizeof(Fault), cudaHostAllocMapped) == cudaSuccess);
  team.fault = new (fault) Fault;
  std::byte* workspace = nullptr;
  if (const std::int64_t size = kernel.workspace(args, 1); size > 0) {
    CHECK(cudaMalloc(&workspace, static_cast<std::size_t>(size)) == cudaSuccess);
  }
  kernel.run(args, workspace, team);
  CHECK(cudaGetLastError() == cudaSuccess && cudaDeviceSynchronize() == cudaSuccess, "%s", emulated::last_failure());
  CHECK(team.fault->first == Fault::kNone);
  cudaFree(workspace);
  cudaFreeHost(fault);
  for (void* data : arrays) cudaFree(data);
  arrays.clear();
  ran.insert(&kernel);
}

void recurrences() {
  for (const bool reverse : {false, true}) {
    constexpr std::int64_t kSteps = 3;
    constexpr std::int64_t kBatch = 5;
    constexpr std::int64_t kInputs = 7;
    constexpr std::int64_t kHidden = 9;
    constexpr std::int64_t kState = kBatch * kHidden;
    const auto forward = [&](std::int64_t gates, std::int64_t columns, bool cells) {
      const std::int64_t rows = gates * kHidden;
      return RecurrentForward{floats(kSteps * kBatch * kInputs),
                              floats(rows * kInputs),
                              floats(rows * kHidden),
                              floats(rows),
                              floats(rows),
                              floats(kState),
                              cells ? floats(kState) : nullptr,
                              reverse ? array<std::int64_t>(kBatch, 2, 0) : nullptr,
                              floats(kSteps * kState),
                              floats(kState),
                              cells ? floats(kState) : nullptr,
                              columns > 1 && reverse ? floats(kSteps * kBatch * columns * kHidden) : nullptr,
                              cells && reverse ? floats(kSteps * kState) : nullptr,
                              kSteps,
                              kBatch,
                              kInputs,
                              kHidden,
                              reverse,
                              reverse};
    };
    const auto backward = [&](std::int64_t gates, std::int64_t columns, bool cells) {
      const std::int64_t rows = gates * kHidden;
      return RecurrentBackward{floats(kSteps * kBatch * kInputs),
                               floats(rows * kInputs),
                               floats(rows * kHidden),
                               floats(kState),
                               cells ? floats(kState) : nullptr,
                               reverse ? array<std::int64_t>(kBatch, 2, 0) : nullptr,
                               floats(kSteps * kState),
                               columns > 1 ? floats(kSteps * kBatch * columns * kHidden) : nullptr,
                               cells ? floats(kSteps * kState) : nullptr,
                               floats(kSteps * kState),
                               floats(kState),
                               cells ? floats(kState) : nullptr,
                               floats(kSteps * kBatch * kInputs),
                               floats(rows * kInputs),
                               floats(rows * kHidden),
                               floats(rows),
                               floats(rows),
                               floats(kState),
                               cells ? floats(kState) : nullptr,
                               kSteps,
                               kBatch,
                               kInputs,
                               kHidden,
                               reverse,
                               reverse,
                               reverse ? 0x55 : 0x2A};
    };
    run(&KernelTable::lstm_forward, {forward(4, 4, true)});
    run(&KernelTable::lstm_backward, {backward(4, 4, true)});
    run(&KernelTable::gru_forward, {forward(3, 4, false)});
    run(&KernelTable::gru_backward, {backward(3, 4, false)});
    run(&KernelTable::rnn_forward, {forward(1, 1, false)});
    run(&KernelTable::rnn_backward, {backward(1, 1, false)});
  }
}

void optimizers(std::int64_t n) {
  const auto update = [n] { return Update{floats(n), floats(n), n, array(1, 0.1F), array(1, 2.0F), 0.01F, 0.01F}; };
  run(&KernelTable::adagrad_step, {update(), array(n, 0.5F), 0.1F, 1e-10F});
  run(&KernelTable::adam_step, {update(), floats(n), array(n, 0.5F), 0.9, 0.999, 1e-8F, true});
  run(&KernelTable::clip_grad_norm_step, {floats(20 * n), floats(1), 20 * n, 0.5F});  // 1031: two chunks
  run(&KernelTable::rmsprop_step, {update(), array(n, 9.0F), floats(n), floats(n), 0.99, 1e-8F, 0.9F});
  run(&KernelTable::sgd_step, {update(), floats(n), 0.9F, 0.1F, false});
}

void elementwise() {
  for (const std::int64_t n : {1, 1031}) {
    for (const Activation f : {Activation::relu, Activation::gelu}) {
      run(&KernelTable::activation_forward, {floats(n), floats(n), n, f, 0.5F});
      run(&KernelTable::activation_backward, {floats(n), floats(n), floats(n), floats(n), n, f, 0.5F, true});
    }
    run(&KernelTable::scale_forward, {floats(n), floats(n), n, 2.0F, 1.0F});
    optimizers(n);
    run(&KernelTable::fill_forward, {bytes(floats(n)), n, 4, 7});
    run(&KernelTable::dropout_forward,
        {floats(n), floats(n), array<std::int64_t>(1, 5), array<std::int64_t>(1), n, {1, 2, 1 << 30, 4.0F / 3.0F}});
    run(&KernelTable::dropout_backward,
        {floats(n), array<std::int64_t>(1, 6), floats(n), n, {1, 2, 1 << 30, 4.0F / 3.0F}, true});
    run(&KernelTable::random_bits_forward, {array<std::uint32_t>(n), n, 1, 2, 3});
    for (const Unary f : {Unary::log, Unary::sin, Unary::clamp}) {
      run(&KernelTable::unary_forward, {floats(n), floats(n), n, f, -0.5F, 0.5F});
      run(&KernelTable::unary_backward, {floats(n), floats(n), floats(n), floats(n), n, f, -0.5F, 0.5F, true});
    }
    for (const Binary f : {Binary::mul, Binary::maximum, Binary::power, Binary::power_by_a, Binary::power_by_b}) {
      run(&KernelTable::binary_forward, {floats(n), floats(n), floats(n), {1, 1, 1, n}, {0, 0, 0, 1}, {0, 0, 0, 1}, f});
    }
    run(&KernelTable::compare_forward,
        {floats(n), floats(3), array<std::uint8_t>(3 * n), {1, 1, 3, n}, {0, 0, 0, 1}, {0, 0, 1, 0}, Comparison::lt});
    run(&KernelTable::where_forward, {array<std::uint8_t>(3, 0, 1),
                                      floats(n),
                                      floats(3 * n),
                                      floats(3 * n),
                                      {1, 1, 3, n},
                                      {0, 0, 1, 0},
                                      {0, 0, 0, 1},
                                      {0, 0, n, 1}});
  }
  run(&KernelTable::binary_forward,
      {floats(5 * 33), floats(33), floats(5 * 33), {1, 1, 5, 33}, {0, 0, 33, 1}, {0, 0, 0, 1}, Binary::add});
  for (const bool accumulate : {false, true}) {  // rows, and a transpose
    run(&KernelTable::copy_forward,
        {bytes(floats(70 * 45)), bytes(floats(70 * 45)), {1, 1, 70, 45}, {0, 0, 45, 1}, {0, 0, 45, 1}, 4, accumulate});
    run(&KernelTable::copy_forward,
        {bytes(floats(70 * 45)), bytes(floats(70 * 45)), {1, 1, 70, 45}, {0, 0, 1, 70}, {0, 0, 45, 1}, 4, accumulate});
  }
}

void reductions() {
  struct Shape {
    std::int64_t outer;
    std::int64_t n;
    std::int64_t inner;
  };
  for (const Shape s : {Shape{1, 40000, 1}, Shape{5, 700, 1}, Shape{3, 40, 37}, Shape{200, 3, 1}}) {
    const std::int64_t size = s.outer * s.n * s.inner;
    const std::int64_t results = s.outer * s.inner;
    for (const Reduction f : {Reduction::mean, Reduction::max}) {
      run(&KernelTable::reduce_forward, {floats(size), floats(results), s.outer, s.n, s.inner, f, false});
      run(&KernelTable::reduce_backward,
          {floats(size), floats(results), floats(results), floats(size), s.outer, s.n, s.inner, f, true});
    }
    run(&KernelTable::topk_forward, {floats(size), array<std::int64_t>(s.outer * 3), s.outer, s.n * s.inner, 3});
    run(&KernelTable::argmax_forward, {floats(size), array<std::int64_t>(results), s.outer, s.n, s.inner});
  }
}

void rows() {
  struct Shape {
    std::int64_t rows;
    std::int64_t cols;
  };
  for (const Shape s : {Shape{67, 10}, Shape{9, 130}, Shape{3, 3001}}) {
    const std::int64_t size = s.rows * s.cols;
    run(&KernelTable::softmax_forward, {floats(size), floats(size), s.rows, s.cols});
    run(&KernelTable::softmax_backward, {floats(size), floats(size), floats(size), s.rows, s.cols, true});
    run(&KernelTable::log_softmax_forward, {floats(size), floats(size), s.rows, s.cols});
    run(&KernelTable::log_softmax_backward, {floats(size), floats(size), floats(size), s.rows, s.cols, false});
    run(&KernelTable::layer_norm_forward,
        {floats(size), floats(s.cols), floats(s.cols), floats(size), floats(3 * s.rows), s.rows, s.cols, 1e-5F});
    run(&KernelTable::layer_norm_backward,
        {floats(size), floats(s.cols), floats(3 * s.rows), floats(size), floats(size), floats(s.cols), floats(s.cols),
         s.rows, s.cols, false, true, false});
    for (const LossReduction f : {LossReduction::none, LossReduction::mean}) {
      const std::int64_t losses = f == LossReduction::none ? s.rows : 1;
      run(&KernelTable::cross_entropy_forward,
          {floats(size), array<std::int64_t>(s.rows, 0, 0), nullptr, floats(s.cols), floats(losses),
           floats(2 * s.rows + 1), s.rows, s.cols, 0.1F, -100, false, f});
      run(&KernelTable::cross_entropy_backward,
          {floats(size), array<std::int64_t>(s.rows, 0, 0), nullptr, floats(s.cols), floats(2 * s.rows + 1),
           floats(losses), floats(size), s.rows, s.cols, 0.1F, -100, false, f, true});
      run(&KernelTable::cross_entropy_forward, {floats(size), nullptr, floats(size), nullptr, floats(losses),
                                                floats(2 * s.rows + 1), s.rows, s.cols, 0.0F, -100, true, f});
      run(&KernelTable::cross_entropy_backward,
          {floats(size), nullptr, floats(size), nullptr, floats(2 * s.rows + 1), floats(losses), floats(size), s.rows,
           s.cols, 0.0F, -100, true, f, false});
    }
  }
}

void losses() {
  for (const std::int64_t n : {1, 1031, 40000}) {
    for (const PointwiseLoss f : {PointwiseLoss::huber, PointwiseLoss::bce_with_logits}) {
      for (const LossReduction r : {LossReduction::none, LossReduction::mean}) {
        const std::int64_t results = r == LossReduction::none ? n : 1;
        run(&KernelTable::pointwise_loss_forward,
            {floats(n), floats(n), floats(n), nullptr, floats(results), n, f, 0.5F, r});
        run(&KernelTable::pointwise_loss_backward, {floats(n), floats(n), nullptr, floats(n), floats(results),
                                                    floats(n), n, f, 0.5F, r, r == LossReduction::mean, true});
      }
    }
  }
}

void indexing() {
  for (const std::int64_t inner : {1, 70}) {
    const std::int64_t n = 19;
    const std::int64_t m = 33;
    run(&KernelTable::gather_forward,
        {floats(5 * n * inner), array<std::int64_t>(5 * m * inner, 0, 1), floats(5 * m * inner), 5, n, m, inner});
    run(&KernelTable::gather_backward, {array<std::int64_t>(5 * m * inner, 0, 1), floats(5 * m * inner),
                                        floats(5 * n * inner), 5, n, m, inner, inner == 1});
  }
  for (const std::int64_t cols : {1, 7, 64, 300}) {
    const std::int64_t rows = 19;
    const std::int64_t count = 300;
    run(&KernelTable::embedding_forward,
        {floats(rows * cols), array<std::int64_t>(count, 1, 1), floats(count * cols), count, rows, cols});
    run(&KernelTable::embedding_backward,
        {array<std::int64_t>(count, 1, 1), floats(count * cols), floats(rows * cols), count, rows, cols, 3, cols == 7});
  }
}

void pictures() {
  const Windows h{7, 4, 3, 2, 1, 1};
  const Windows w{9, 4, 2, 2, 0, 2};
  const Windows plain{9, 5, 2, 2, 1, 1};
  for (const std::int64_t c : {1, 37}) {
    const std::int64_t x = 2 * c * h.size * w.size;
    const std::int64_t y = 2 * c * h.count * w.count;
    const std::int64_t means = 2 * c * h.count * plain.count;
    run(&KernelTable::max_pool2d_forward, {floats(x), floats(y), array<std::uint8_t>(y), 2, c, h, w});
    run(&KernelTable::max_pool2d_forward, {floats(x), floats(y), nullptr, 2, c, h, w});
    run(&KernelTable::max_pool2d_backward, {array<std::uint8_t>(y, 0, 1), floats(y), floats(x), 2, c, h, w, true});
    run(&KernelTable::avg_pool2d_forward, {floats(x), floats(means), 2, c, h, plain, {false, 0}});
    run(&KernelTable::avg_pool2d_backward, {floats(means), floats(x), 2, c, h, plain, {true, 0}, true});
    for (const Upsampling f : {Upsampling::nearest, Upsampling::bilinear, Upsampling::bilinear_aligned}) {
      const Stretch up{3, 7, 0.4F, f};
      const Stretch down{5, 2, 2.5F, f};
      run(&KernelTable::upsample_forward, {floats(2 * c * 3 * 5), floats(2 * c * 7 * 2), 2, c, up, down});
      run(&KernelTable::upsample_backward, {floats(2 * c * 7 * 2), floats(2 * c * 3 * 5), 2, c, up, down, true});
    }
  }
}

void norms() {
  for (const std::int64_t groups : {3, 15}) {
    for (const ChannelShape s : {ChannelShape{2, 3, 15, groups}, ChannelShape{1, 300, 45, groups}}) {
      const std::int64_t size = s.samples * s.rows * s.channels;
      const std::int64_t c = s.channels;
      run(&KernelTable::group_norm_forward,
          {{floats(size), floats(c), floats(c), floats(size), floats(s.samples * 3 * c), s, 1e-5F}});
      run(&KernelTable::group_norm_backward, {{floats(size), floats(c), floats(s.samples * 3 * c), floats(size),
                                               floats(size), floats(c), floats(c), s, true, true, false, true}});
    }
  }
  for (const std::int64_t rows : {7, 300}) {
    const ChannelShape s{1, rows, 45, 45};
    for (const bool training : {false, true}) {
      run(&KernelTable::batch_norm_forward,
          {{floats(rows * 45), nullptr, nullptr, floats(rows * 45), floats(3 * 45), s, 1e-5F},
           floats(45),
           array<float>(45, 1.0F),
           array<std::int64_t>(1),
           training,
           -1.0F});
      run(&KernelTable::batch_norm_backward, {{floats(rows * 45), floats(45), floats(3 * 45), floats(rows * 45),
                                               floats(rows * 45), nullptr, nullptr, s, training, false, false, false}});
    }
  }
}

void products() {
  struct Shape {
    std::int64_t m;
    std::int64_t n;
    std::int64_t k;
  };
  for (const Shape s : {Shape{1, 70, 33}, Shape{67, 35, 50}, Shape{130, 66, 17}}) {
    run(&KernelTable::matmul_forward, {floats(2 * s.m * s.k), floats(s.k * s.n), floats(2 * s.m * s.n), 2, s.m, s.n,
                                       s.k, s.m * s.k, s.k, 1, 0, s.n, 1, s.m * s.n, s.n, true});
    run(&KernelTable::matmul_forward, {floats(s.m * s.k), floats(s.k * s.n), floats(s.m * s.n), 1, s.m, s.n, s.k, 0, 1,
                                       s.m, 0, 1, s.k, 0, s.n, false});
    run(&KernelTable::linear_forward,
        {floats(s.m * s.k), floats(s.n * s.k), floats(s.n), floats(s.m * s.n), s.m, s.n, s.k});
    run(&KernelTable::linear_backward, {floats(s.m * s.k), floats(s.n * s.k), floats(s.m * s.n), floats(s.m * s.k),
                                        floats(s.n * s.k), floats(s.n), s.m, s.n, s.k, false, true, false});
  }
}

void convolutions() {
  // plain, with all parameters, with a picture narrower than the kernel's steps, groups, one channel a group
  for (const Conv2dShape& s : {Conv2dShape{2, 5, 6, 7, 70, 6, 7, 3, 3, 1, 1, 1, 1, 1, 1, 1},
                               {2, 70, 9, 8, 3, 4, 3, 2, 3, 2, 3, 1, 2, 3, 2, 1},
                               {1, 2, 2, 2, 3, 1, 1, 1, 1, 3, 3, 0, 0, 1, 1, 1},
                               {2, 6, 5, 4, 4, 5, 4, 3, 3, 1, 1, 1, 1, 1, 1, 2},
                               {2, 35, 5, 4, 35, 3, 2, 3, 3, 2, 2, 1, 1, 1, 1, 35}}) {
    const std::int64_t x = s.n * s.c * s.h * s.w;
    const std::int64_t y = s.n * s.k * s.p * s.q;
    const std::int64_t weights = s.k * (s.c / s.groups) * s.r * s.s;
    for (const bool flag : {false, true}) {
      run(&KernelTable::conv2d_forward, {floats(x), floats(weights), flag ? floats(s.k) : nullptr, floats(y), s, flag});
      run(&KernelTable::conv2d_backward,
          {floats(x), floats(weights), flag ? floats(y) : nullptr, floats(y), flag ? floats(s.c) : nullptr, floats(x),
           floats(weights), floats(s.k), s, flag, !flag, flag});
    }
  }
}

void attention() {
  struct Shape {
    std::int64_t queries;
    std::int64_t keys;
    std::int64_t depth;
    std::int64_t width;
  };
  constexpr std::int64_t kBatch = 2;
  constexpr std::int64_t kHeads = 3;
  for (const Shape s : {Shape{1, 1, 1, 1}, Shape{70, 67, 9, 70}, Shape{65, 130, 67, 5}}) {
    const auto strides = [&](std::int64_t rows, std::int64_t cols) {  // heads side by side
      return HeadStrides{rows * kHeads * cols, cols, kHeads * cols};
    };
    const std::int64_t q = kBatch * kHeads * s.queries * s.depth;
    const std::int64_t k = kBatch * kHeads * s.keys * s.depth;
    const std::int64_t v = kBatch * kHeads * s.keys * s.width;
    const std::int64_t y = kBatch * kHeads * s.queries * s.width;
    const std::int64_t norms = kBatch * kHeads * s.queries * 2;
    for (const bool causal : {false, true}) {
      std::uint8_t* mask = causal ? nullptr : array<std::uint8_t>(kBatch * s.keys, 0, 1);
      run(&KernelTable::attention_forward,
          {floats(q), floats(k), floats(v), mask, floats(y), floats(norms), kBatch, kHeads, s.queries, s.keys, s.depth,
           s.width, strides(s.queries, s.depth), strides(s.keys, s.depth), strides(s.keys, s.width),
           strides(s.queries, s.width), 0.5F, causal});
      mask = causal ? nullptr : array<std::uint8_t>(kBatch * s.keys, 0, 1);
      run(&KernelTable::attention_backward, {floats(q),
                                             floats(k),
                                             floats(v),
                                             mask,
                                             floats(y),
                                             floats(norms),
                                             floats(y),
                                             floats(q),
                                             floats(k),
                                             floats(v),
                                             kBatch,
                                             kHeads,
                                             s.queries,
                                             s.keys,
                                             s.depth,
                                             s.width,
                                             strides(s.queries, s.depth),
                                             strides(s.keys, s.depth),
                                             strides(s.keys, s.width),
                                             strides(s.queries, s.width),
                                             strides(s.queries, s.depth),
                                             strides(s.keys, s.depth),
                                             strides(s.keys, s.width),
                                             0.5F,
                                             causal,
                                             causal,
                                             !causal,
                                             false});
    }
  }
}

}  // namespace
}  // namespace nautile

int main() {
  using namespace nautile;
  for (const std::uint64_t seed : {0, 1}) {
    emulated::set_seed(seed);
    recurrences();
    elementwise();
    reductions();
    rows();
    norms();
    indexing();
    losses();
    pictures();
    products();
    convolutions();
    attention();
  }
  // After the table's name come slots of four functions each.
  constexpr std::size_t kSlots = (sizeof(KernelTable) - sizeof(kTable.target)) / sizeof(Kernel<FillForward>);
  CHECK(ran.size() == kSlots, "%zu of %zu kernels ran; add the others above", ran.size(), kSlots);
  return 0;
}
