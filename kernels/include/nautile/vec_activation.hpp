// Activation functions of vectors. Included after vec_math.hpp; needs activation.hpp before target_begin.hpp.
namespace nautile::NTL_TARGET {
namespace {

constexpr float kSqrt2OverPi = 0.7978845608F;
constexpr float kGeluCubic = 0.044715F;
constexpr float kInvSqrt2Pi = 0.3989422804F;
constexpr float kSoftplusThreshold = 20.0F;  // PyTorch's: above, log(1 + e^x) is x

inline Vec gelu_tanh_inner(Vec x) { return kSqrt2OverPi * (x + kGeluCubic * x * x * x); }

// y of x.
inline Vec softplus(Vec x) {
  const Vec positive = x > 0.0F ? x : Vec{};
  // NaN fails both comparisons and comes through the sum
  return x > kSoftplusThreshold ? x : positive + log1p_unit(exp(-magnitude(x)));
}

// use(f) with the function.
template <typename Use>
void with_function(Activation function, float alpha, Use&& use) {
  switch (function) {
    case Activation::linear: return use([=](Vec x) { return x; });
    case Activation::relu: return use([=](Vec x) { return relu(x); });
    case Activation::leaky_relu: return use([=](Vec x) { return x > 0.0F ? x : alpha * x; });
    case Activation::elu: return use([=](Vec x) { return x > 0.0F ? x : alpha * expm1_negative(x); });
    case Activation::sigmoid: return use([=](Vec x) { return sigmoid(x); });
    case Activation::tanh: return use([=](Vec x) { return tanh(x); });
    case Activation::swish: return use([=](Vec x) { return x * sigmoid(x); });
    case Activation::gelu: return use([=](Vec x) { return x * normal_distribution(x); });
    case Activation::gelu_tanh: return use([=](Vec x) { return 0.5F * x * (1.0F + tanh(gelu_tanh_inner(x))); });
    case Activation::softplus: return use([=](Vec x) { return softplus(x); });
  }
}

}  // namespace
}  // namespace nautile::NTL_TARGET
