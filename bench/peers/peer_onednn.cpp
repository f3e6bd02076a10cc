// Times oneDNN for ./nautile bench --peer. usage: peer_onednn any|nhwc
//   any: every tensor lies as oneDNN likes it best, weights are packed beforehand: its ceiling; products take matrices as they
//        lie, or with packed=1 the second one packed beforehand
//   nhwc: pictures lie channels last, weights as it likes; only what has pictures
#include <omp.h>
#include <oneapi/dnnl/dnnl.hpp>

#include <memory>
#include <unordered_map>

#include "peer.hpp"

namespace {

using dnnl::memory;
using dnnl::primitive;
using dnnl::prop_kind;
using Tag = memory::format_tag;
using Dims = memory::dims;
using Arguments = std::unordered_map<int, memory>;
using peer::Call;
using peer::Work;

constexpr float kEpsilon = 1e-5F;

class Library {
 public:
  explicit Library(bool any) : any_(any), engine_(dnnl::engine::kind::cpu, 0), stream_(engine_) {}

  Call prepare(const Work& work) {
    const std::string& kind = work.kind;
    if (kind == "conv2d") return convolution(work);
    if (kind == "convT2d") return transposed(work);
    if (kind == "maxpool" || kind == "avgpool") return pooling(work);
    if (kind == "bn") return batch_norm(work);
    if (any_) {
      if (kind == "gemm") return gemm(work);
      if (kind == "layernorm") return layer_norm(work);
      if (kind == "softmax") return softmax(work);
      if (kind == "relu" || kind == "gelu" || kind == "tanh") return activation(work);
      if (kind == "lstm") return lstm(work);
      if (kind == "gru") return gru(work);
    }
    throw peer::Absent("no " + kind + " here");
  }

 private:
  memory::desc desc(const Dims& dims, Tag tag) const { return {dims, memory::data_type::f32, tag}; }
  memory::desc picture(const Dims& dims, Tag best = Tag::any) const { return desc(dims, any_ ? best : Tag::nhwc); }

  memory tensor(const memory::desc& desc) const {
    memory made(desc, engine_);
    peer::fill(static_cast<float*>(made.get_data_handle()), desc.get_size() / sizeof(float));
    return made;
  }

  Call call(const primitive& p, const Arguments& arguments) {
    return [this, p, arguments] {
      p.execute(stream_, arguments);
      stream_.wait();
    };
  }

  void run(const primitive& p, const Arguments& arguments) { call(p, arguments)(); }

  /** A convolution or its transpose, in any direction; `out` rows and columns of the result. */
  template <class Forward, class BackwardData, class BackwardWeights>
  Call layer(const Work& work, dnnl::algorithm algorithm, long out) {
    const long k = work.size("k");
    const auto x = picture({work.size("n"), work.size("ci"), work.size("h"), work.size("h")});
    const auto w = desc({work.size("co"), work.size("ci"), k, k}, Tag::any);
    const auto b = desc({work.size("co")}, Tag::x);
    const auto y = picture({work.size("n"), work.size("co"), out, out});
    const Dims stride(2, work.size("s"));
    const Dims pad(2, work.size("pad"));
    const typename Forward::primitive_desc forward(engine_, prop_kind::forward_training, algorithm, x, w, b, y, stride,
                                                   pad, pad);
    const std::string& direction = work.text("dir");
    if (direction == "fwd") {
      return call(Forward(forward), {{DNNL_ARG_SRC, tensor(forward.src_desc())},
                                     {DNNL_ARG_WEIGHTS, tensor(forward.weights_desc())},
                                     {DNNL_ARG_BIAS, tensor(forward.bias_desc())},
                                     {DNNL_ARG_DST, tensor(forward.dst_desc())}});
    }
    if (direction == "bwdd") {
      const typename BackwardData::primitive_desc p(engine_, algorithm, x, w, y, stride, pad, pad, forward);
      return call(BackwardData(p), {{DNNL_ARG_DIFF_DST, tensor(p.diff_dst_desc())},
                                    {DNNL_ARG_WEIGHTS, tensor(p.weights_desc())},
                                    {DNNL_ARG_DIFF_SRC, tensor(p.diff_src_desc())}});
    }
    const typename BackwardWeights::primitive_desc p(engine_, algorithm, x, w, b, y, stride, pad, pad, forward);
    return call(BackwardWeights(p), {{DNNL_ARG_DIFF_DST, tensor(p.diff_dst_desc())},
                                     {DNNL_ARG_SRC, tensor(p.src_desc())},
                                     {DNNL_ARG_DIFF_WEIGHTS, tensor(p.diff_weights_desc())},
                                     {DNNL_ARG_DIFF_BIAS, tensor(p.diff_bias_desc())}});
  }

  Call convolution(const Work& work) {
    const long out = (work.size("h") + 2 * work.size("pad") - work.size("k")) / work.size("s") + 1;
    return layer<dnnl::convolution_forward, dnnl::convolution_backward_data, dnnl::convolution_backward_weights>(
        work, dnnl::algorithm::convolution_auto, out);
  }

  Call transposed(const Work& work) {
    const long out = (work.size("h") - 1) * work.size("s") + work.size("k") - 2 * work.size("pad");
    return layer<dnnl::deconvolution_forward, dnnl::deconvolution_backward_data, dnnl::deconvolution_backward_weights>(
        work, dnnl::algorithm::deconvolution_direct, out);
  }

  Call gemm(const Work& work) {
    const auto a = desc({work.size("m"), work.size("k")}, work.size("ta") != 0 ? Tag::ba : Tag::ab);
    const bool packed = work.parameters.count("packed") != 0;
    const Tag plain = work.size("tb") != 0 ? Tag::ba : Tag::ab;
    const auto b = desc({work.size("k"), work.size("n")}, packed ? Tag::any : plain);
    const auto c = desc({work.size("m"), work.size("n")}, Tag::ab);
    dnnl::primitive_attr attributes;  // products in bfloat16, as PyTorch asks for with this precision
    if (work.parameters.count("precision") != 0 && work.text("precision") == "medium")
      attributes.set_fpmath_mode(dnnl::fpmath_mode::bf16);
    const dnnl::matmul::primitive_desc p(engine_, a, b, c, attributes);
    return call(dnnl::matmul(p), {{DNNL_ARG_SRC, tensor(p.src_desc())},
                                  {DNNL_ARG_WEIGHTS, tensor(p.weights_desc())},
                                  {DNNL_ARG_DST, tensor(p.dst_desc())}});
  }

  Call pooling(const Work& work) {
    const bool largest = work.kind == "maxpool";
    const long h = work.size("h");
    const auto x = picture({work.size("n"), work.size("c"), h, h}, Tag::nChw8c);
    const auto y = picture({work.size("n"), work.size("c"), h / 2, h / 2}, Tag::nChw8c);
    const auto algorithm = largest ? dnnl::algorithm::pooling_max : dnnl::algorithm::pooling_avg_exclude_padding;
    const Dims two{2, 2};
    const Dims none{0, 0};
    const dnnl::pooling_forward::primitive_desc forward(engine_, prop_kind::forward_training, algorithm, x, y, two, two,
                                                        none, none, none);
    Arguments arguments{{DNNL_ARG_SRC, tensor(x)}, {DNNL_ARG_DST, tensor(y)}};
    if (largest) arguments[DNNL_ARG_WORKSPACE] = memory(forward.workspace_desc(), engine_);
    if (work.text("dir") == "fwd") return call(dnnl::pooling_forward(forward), arguments);
    run(dnnl::pooling_forward(forward), arguments);
    const dnnl::pooling_backward::primitive_desc backward(engine_, algorithm, x, y, two, two, none, none, none,
                                                          forward);
    arguments[DNNL_ARG_DIFF_SRC] = tensor(x);
    arguments[DNNL_ARG_DIFF_DST] = tensor(y);
    return call(dnnl::pooling_backward(backward), arguments);
  }

  /** Batch and layer normalisation: a forward pass, and a backward pass after it. */
  template <class Forward, class Backward>
  Call normalization(const Work& work, const memory::desc& x, long channels) {
    const auto flags = dnnl::normalization_flags::use_scale | dnnl::normalization_flags::use_shift;
    const auto scale = desc({channels}, Tag::x);
    const typename Forward::primitive_desc forward(engine_, prop_kind::forward_training, x, x, kEpsilon, flags);
    Arguments arguments{{DNNL_ARG_SRC, tensor(x)},
                        {DNNL_ARG_DST, tensor(x)},
                        {DNNL_ARG_MEAN, tensor(forward.mean_desc())},
                        {DNNL_ARG_VARIANCE, tensor(forward.variance_desc())},
                        {DNNL_ARG_SCALE, tensor(scale)},
                        {DNNL_ARG_SHIFT, tensor(scale)}};
    if (work.text("dir") == "fwd") return call(Forward(forward), arguments);
    run(Forward(forward), arguments);
    const typename Backward::primitive_desc backward(engine_, prop_kind::backward, x, x, x, kEpsilon, flags, forward);
    arguments[DNNL_ARG_DIFF_DST] = tensor(x);
    arguments[DNNL_ARG_DIFF_SRC] = tensor(x);
    arguments[DNNL_ARG_DIFF_SCALE] = tensor(scale);
    arguments[DNNL_ARG_DIFF_SHIFT] = tensor(scale);
    return call(Backward(backward), arguments);
  }

  Call batch_norm(const Work& work) {
    const long h = work.size("h");
    const auto x = picture({work.size("n"), work.size("c"), h, h}, Tag::nChw8c);
    return normalization<dnnl::batch_normalization_forward, dnnl::batch_normalization_backward>(work, x,
                                                                                                work.size("c"));
  }

  Call layer_norm(const Work& work) {
    const auto x = desc({work.size("r"), work.size("c")}, Tag::ab);
    return normalization<dnnl::layer_normalization_forward, dnnl::layer_normalization_backward>(work, x,
                                                                                                work.size("c"));
  }

  Call softmax(const Work& work) {
    const auto x = desc({work.size("r"), work.size("c")}, Tag::ab);
    const auto accurate = dnnl::algorithm::softmax_accurate;
    const dnnl::softmax_forward::primitive_desc forward(engine_, prop_kind::forward_training, accurate, x, x, 1);
    Arguments arguments{{DNNL_ARG_SRC, tensor(x)}, {DNNL_ARG_DST, tensor(x)}};
    if (work.text("dir") == "fwd") return call(dnnl::softmax_forward(forward), arguments);
    run(dnnl::softmax_forward(forward), arguments);
    const dnnl::softmax_backward::primitive_desc backward(engine_, accurate, x, x, x, 1, forward);
    arguments[DNNL_ARG_DIFF_DST] = tensor(x);
    arguments[DNNL_ARG_DIFF_SRC] = tensor(x);
    return call(dnnl::softmax_backward(backward), arguments);
  }

  Call activation(const Work& work) {
    const bool backward = work.text("dir") == "bwd";
    const bool of_result = work.kind == "tanh" && backward;  // the gradient by the result, as others take it
    const auto algorithm = work.kind == "relu"   ? dnnl::algorithm::eltwise_relu
                           : work.kind == "gelu" ? dnnl::algorithm::eltwise_gelu_erf
                           : of_result           ? dnnl::algorithm::eltwise_tanh_use_dst_for_bwd
                                                 : dnnl::algorithm::eltwise_tanh;
    const auto x = desc({work.size("e")}, Tag::x);
    const dnnl::eltwise_forward::primitive_desc forward(engine_, prop_kind::forward_training, algorithm, x, x, 0.F);
    Arguments arguments{{DNNL_ARG_SRC, tensor(x)}, {DNNL_ARG_DST, tensor(x)}};
    if (!backward) return call(dnnl::eltwise_forward(forward), arguments);
    run(dnnl::eltwise_forward(forward), arguments);
    const dnnl::eltwise_backward::primitive_desc p(engine_, algorithm, x, x, x, 0.F, forward);
    if (of_result) {
      arguments.erase(DNNL_ARG_SRC);
    } else {
      arguments.erase(DNNL_ARG_DST);
    }
    arguments[DNNL_ARG_DIFF_DST] = tensor(x);
    arguments[DNNL_ARG_DIFF_SRC] = tensor(x);
    return call(dnnl::eltwise_backward(p), arguments);
  }

  struct Recurrent {
    bool training;
    prop_kind kind;
    memory::desc x, y, state, input_weights, hidden_weights, bias;
  };

  Recurrent recurrent(const Work& work, long gates) const {
    const bool training = work.text("dir") != "fwd";
    const long h = work.size("h");
    return {training,
            training ? prop_kind::forward_training : prop_kind::forward_inference,
            desc({work.size("t"), work.size("b"), work.size("i")}, Tag::tnc),
            desc({work.size("t"), work.size("b"), h}, Tag::tnc),
            desc({1, 1, work.size("b"), h}, Tag::ldnc),
            desc({1, 1, work.size("i"), gates, h}, Tag::any),
            desc({1, 1, h, gates, h}, Tag::any),
            desc({1, 1, 4, h}, Tag::ldgo)};  // both have four biases: a GRU that resets behind the product has one more
  }

  template <class Forward>
  Arguments arguments(const Recurrent& r, const Forward& forward) const {
    Arguments made{{DNNL_ARG_SRC_LAYER, tensor(r.x)},
                   {DNNL_ARG_SRC_ITER, tensor(r.state)},
                   {DNNL_ARG_WEIGHTS_LAYER, tensor(forward.weights_layer_desc())},
                   {DNNL_ARG_WEIGHTS_ITER, tensor(forward.weights_iter_desc())},
                   {DNNL_ARG_BIAS, tensor(r.bias)},
                   {DNNL_ARG_DST_LAYER, tensor(r.y)},
                   {DNNL_ARG_DST_ITER, tensor(r.state)}};
    if (r.training) made[DNNL_ARG_WORKSPACE] = memory(forward.workspace_desc(), engine_);
    return made;
  }

  template <class Backward>
  void add_gradients(Arguments& made, const Recurrent& r, const Backward& backward) const {
    made[DNNL_ARG_WEIGHTS_LAYER] = tensor(backward.weights_layer_desc());
    made[DNNL_ARG_WEIGHTS_ITER] = tensor(backward.weights_iter_desc());
    made[DNNL_ARG_DIFF_SRC_LAYER] = tensor(r.x);
    made[DNNL_ARG_DIFF_SRC_ITER] = tensor(r.state);
    made[DNNL_ARG_DIFF_WEIGHTS_LAYER] = tensor(backward.diff_weights_layer_desc());
    made[DNNL_ARG_DIFF_WEIGHTS_ITER] = tensor(backward.diff_weights_iter_desc());
    made[DNNL_ARG_DIFF_BIAS] = tensor(r.bias);
    made[DNNL_ARG_DIFF_DST_LAYER] = tensor(r.y);
    made[DNNL_ARG_DIFF_DST_ITER] = tensor(r.state);
  }

  Call both(const primitive& forward, const Arguments& in, const primitive& backward, const Arguments& back) {
    return [this, forward, in, backward, back] {
      forward.execute(stream_, in);
      backward.execute(stream_, back);
      stream_.wait();
    };
  }

  Call lstm(const Work& work) {
    const Recurrent r = recurrent(work, 4);
    const auto direction = dnnl::rnn_direction::unidirectional_left2right;
    const dnnl::lstm_forward::primitive_desc forward(engine_, r.kind, direction, r.x, r.state, r.state, r.input_weights,
                                                     r.hidden_weights, r.bias, r.y, r.state, r.state);
    Arguments in = arguments(r, forward);
    in[DNNL_ARG_SRC_ITER_C] = tensor(r.state);
    in[DNNL_ARG_DST_ITER_C] = tensor(r.state);
    if (!r.training) return call(dnnl::lstm_forward(forward), in);
    const dnnl::lstm_backward::primitive_desc backward(engine_, prop_kind::backward, direction, r.x, r.state, r.state,
                                                       r.input_weights, r.hidden_weights, r.bias, r.y, r.state, r.state,
                                                       r.x, r.state, r.state, r.input_weights, r.hidden_weights, r.bias,
                                                       r.y, r.state, r.state, forward);
    Arguments back = in;
    add_gradients(back, r, backward);
    back[DNNL_ARG_DIFF_SRC_ITER_C] = tensor(r.state);
    back[DNNL_ARG_DIFF_DST_ITER_C] = tensor(r.state);
    return both(dnnl::lstm_forward(forward), in, dnnl::lstm_backward(backward), back);
  }

  /** The form that PyTorch and cuDNN compute: the reset gate acts behind the product. */
  Call gru(const Work& work) {
    const Recurrent r = recurrent(work, 3);
    const auto direction = dnnl::rnn_direction::unidirectional_left2right;
    const dnnl::lbr_gru_forward::primitive_desc forward(engine_, r.kind, direction, r.x, r.state, r.input_weights,
                                                        r.hidden_weights, r.bias, r.y, r.state);
    const Arguments in = arguments(r, forward);
    if (!r.training) return call(dnnl::lbr_gru_forward(forward), in);
    const dnnl::lbr_gru_backward::primitive_desc backward(
        engine_, prop_kind::backward, direction, r.x, r.state, r.input_weights, r.hidden_weights, r.bias, r.y, r.state,
        r.x, r.state, r.input_weights, r.hidden_weights, r.bias, r.y, r.state, forward);
    Arguments back = in;
    add_gradients(back, r, backward);
    return both(dnnl::lbr_gru_forward(forward), in, dnnl::lbr_gru_backward(backward), back);
  }

  bool any_;
  dnnl::engine engine_;
  dnnl::stream stream_;
};

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode != "any" && mode != "nhwc") {
    std::cerr << "usage: peer_onednn any|nhwc\n";
    return 2;
  }
  Library library(mode == "any");
  const dnnl_version_t* version = dnnl_version();
  std::ostringstream description;
  description << "oneDNN " << version->major << "." << version->minor << "." << version->patch
              << (mode == "any"
                      ? ", tensors in its own layouts, weights packed beforehand (of products: in gemm-packed)"
                      : ", pictures channels last");
  return peer::serve(description.str(), [&](const Work& work, int threads) {
    omp_set_num_threads(threads);
    return library.prepare(work);
  });
}
