// Activation functions of vectors. Included after vec_math.hpp; needs activation.hpp before target_begin.hpp.
namespace nautile::NTL_TARGET {
namespace {

constexpr float kSqrt2OverPi = 0.7978845608F;
constexpr float kGeluCubic = 0.044715F;
constexpr float kSoftplusThreshold = 20.0F;  // PyTorch's: above, log(1 + e^x) is x

inline Vec gelu_tanh_inner(Vec x) { return kSqrt2OverPi * (x + kGeluCubic * x * x * x); }

// Functions that rise from 0 to 1, f(-x) = 1 - f(x), and leave 0 as the distribution function of the standard normal
// distribution does: f(-a) = (1 - a / 6.6)^8 p(a) with p of degree 13, and 0 from 6.6 on. Far from 0, where p would need more
// digits than float32 has, the power takes its errors along to 0.
inline Vec normal_rise(Vec x, const float (&p)[14]) {
  constexpr float kEnd = 6.6F;
  const Vec a = at_most(magnitude(x), kEnd);
  const Vec s = 1.0F - a * (1.0F / kEnd);
  const Vec s2 = s * s;
  const Vec s4 = s2 * s2;
  const Vec z = a * a;
  // by pairs: a chain of 13 products takes longer than the processor looks ahead
  Vec sum = p[12] + a * p[13];
#pragma GCC unroll 6
  for (int i = 10; i >= 0; i -= 2) sum = sum * z + (p[i] + a * p[i + 1]);
  const Vec f = s4 * s4 * sum;
  return x < 0.0F ? f : 1.0F - f;
}

// clang-format off
constexpr float kNormalDistribution[] = {  // p of Phi; error 1.3e-8 / |x|
    0.5F,             0x1.a8300ep-3F, -0x1.20727ap-4F, -0x1.ba5c5ep-5F, -0x1.76df14p-11F, 0x1.5f5822p-7F, -0x1.e028f8p-9F,
    0x1.9ebd3ap-9F, -0x1.2cd9ep-9F,    0x1.c0928ep-11F, -0x1.787b6p-13F, 0x1.6e96cap-16F, -0x1.853068p-20F, 0x1.5dbb3cp-25F};
constexpr float kGeluDerivative[] = {  // p of (x Phi(x))'; error 1e-7
    0.5F,            -0x1.88d436p-3F, -0x1.1bbe88p-1F, -0x1.75b034p-3F, 0x1.11ae5cp-4F,   0x1.3620e2p-4F, -0x1.2983ccp-5F,
    0x1.c081bep-6F, -0x1.8322fep-6F,   0x1.5c7392p-7F, -0x1.5770fep-9F, 0x1.80b0f8p-12F, -0x1.cf16e6p-16F, 0x1.d2c7bcp-21F};
// clang-format on

// x Phi(x): 4 ulp, or 1e-7 absolute; 0 below -6.6.
inline Vec gelu(Vec x) { return x * normal_rise(x, kNormalDistribution); }
// Its derivative: 4e-7 absolute. The second term makes infinity NaN, as x times the density does.
inline Vec gelu_derivative(Vec x) { return normal_rise(x, kGeluDerivative) + 0.0F * x; }

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
    case Activation::gelu: return use([=](Vec x) { return gelu(x); });
    case Activation::gelu_tanh: return use([=](Vec x) { return 0.5F * x * (1.0F + tanh(gelu_tanh_inner(x))); });
    case Activation::softplus: return use([=](Vec x) { return softplus(x); });
  }
}

}  // namespace
}  // namespace nautile::NTL_TARGET
