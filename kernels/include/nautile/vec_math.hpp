// exp, tanh, log and their kin by lane. Included after vec.hpp. Polynomials were fitted by weighted least squares at
// Chebyshev nodes; the errors named are theirs, in exact arithmetic. NaN gives NaN; nothing is flushed to zero.
namespace nautile::NTL_TARGET {
namespace {

// What exp is made of: x = n ln 2 + r with |r| <= ln 2 / 2, and q(r) with e^r = 1 + r + r^2 q(r).
struct Reduced {
  Vec whole;  // n
  IntVec n;
  Vec r;
  Vec q;
};
inline Reduced reduce(Vec x) {
  const Vec magic = splat(0x1.8p23F);  // adding it leaves the nearest integer in the low bits
  const Vec shifted = x * 0x1.715476p+0F + magic;
  const Vec whole = shifted - magic;
  // ln 2 in two parts: the first has 12 bits, so that its product with n is exact
  const Vec r = (x - whole * 0x1.63p-1F) - whole * -0x1.bd0106p-13F;
  // degree 5, relative error of e^r 6.5e-11
  Vec q = splat(0x1.9fc8bcp-13F);
  q = q * r + 0x1.6d9dd2p-10F;
  q = q * r + 0x1.1111eap-7F;
  q = q * r + 0x1.555478p-5F;
  q = q * r + 0x1.555554p-3F;
  q = q * r + 0x1p-1F;
  return {whole, bits(shifted) - bits(magic), r, q};
}
// e^x for -104 <= x <= 89: its power of 2 is applied so that results beyond the normal numbers come out right.
inline Vec exp(const Reduced& e) {
  const Vec v = 1.0F + (e.r + e.r * e.r * e.q);
#if NTL_ISA == 2
  return _mm512_maskz_scalef_ps(0xFFFF, v, e.whole);
#else  // in two steps, of which only the last may round
  const IntVec half = e.n >> 1;
  const IntVec rest = e.n - half;
  return v * from_bits((half + 127) << 23) * from_bits((rest + 127) << 23);
#endif
}

// e^x, at most 1.5 ulp. Overflow gives infinity, underflow goes through the denormals to 0.
inline Vec exp(Vec x) { return exp(reduce(at_least(at_most(x, 89.0F), -104.0F))); }

// e^x - 1 for x <= 0, at most 2 ulp.
inline Vec expm1_negative(Vec x) {
  const Vec near = [&] {  // x > -0.5: x + x^2 p(x), degree 5, error 2.5e-11
    Vec p = splat(0x1.4e7206p-13F);
    p = p * x + 0x1.6551e6p-10F;
    p = p * x + 0x1.10c8e8p-7F;
    p = p * x + 0x1.555244p-5F;
    p = p * x + 0x1.555546p-3F;
    p = p * x + 0x1p-1F;
    return x + x * x * p;
  }();
  return x > -0.5F ? near : exp(x) - 1.0F;
}

// 1 / (1 + e^-x), at most 2.5 ulp, also where it is denormal.
inline Vec sigmoid(Vec x) {
  const Vec e = exp(reduce(at_least(-magnitude(x), -104.0F)));
  return (x < 0.0F ? e : splat(1.0F)) / (1.0F + e);
}

// tanh x, at most 2 ulp.
inline Vec tanh(Vec x) {
  const Vec a = magnitude(x);
  const Vec z = a * a;
  // a < 0.63: a + a^3 p(a^2), degree 5, error 1.9e-10
  Vec p = splat(0x1.1598ccp-9F);
  p = p * z + -0x1.0b12bep-7F;
  p = p * z + 0x1.635e48p-6F;
  p = p * z + -0x1.b9ea80p-5F;
  p = p * z + 0x1.111052p-3F;
  p = p * z + -0x1.555554p-2F;
  const Vec near = a + a * z * p;
  const Vec far = 1.0F - 2.0F / (exp(2.0F * a) + 1.0F);
  return with_sign(a < 0.63F ? near : far, x);
}

// log(1 + u) for 0 <= u <= 1, at most 2 ulp: 2 atanh(s) with s = u / (2 + u) <= 1/3.
inline Vec log1p_unit(Vec u) {
  const Vec s = u / (2.0F + u);
  const Vec z = s * s;
  Vec p = splat(0x1.f1b2bcp-4F);  // atanh(s) = s + s^3 p(s^2), degree 4, error 1.1e-10
  p = p * z + 0x1.b6d42ap-4F;
  p = p * z + 0x1.2509a8p-3F;
  p = p * z + 0x1.9996a6p-3F;
  p = p * z + 0x1.555558p-2F;
  return 2.0F * s + 2.0F * s * z * p;
}

// log x, at most 2 ulp: x = 2^e m with sqrt(1/2) <= m < sqrt 2, and log m = 2 atanh(s) with s = (m - 1) / (m + 1).
inline Vec log(Vec x) {
  const IntVec tiny = x < 0x1p-126F;  // denormals have no exponent of their own
  const IntVec above = bits(tiny ? x * 0x1p23F : x) - 0x3F3504F3;
  const IntVec e = (above >> 23) - (tiny & 23);
  const Vec f = from_bits((above & 0x7FFFFF) + 0x3F3504F3) - 1.0F;
  const Vec s = f / (2.0F + f);
  const Vec z = s * s;
  Vec p = splat(0x1.31eebep-3F);  // atanh(s) = s + s^3 p(s^2), degree 2, error 1.2e-9
  p = p * z + 0x1.995e34p-3F;
  p = p * z + 0x1.55557ap-2F;
  const Vec n = __builtin_convertvector(e, Vec);
  // ln 2 in two parts: the first has 15 bits, so that its product with n is exact
  const Vec y = n * 0x1.62e4p-1F + (2.0F * s + (2.0F * s * z * p + n * 0x1.7f7d1cp-20F));
  const Vec low = x == 0.0F ? splat(-__builtin_inff()) : splat(__builtin_nanf(""));
  return x > 0.0F ? (x < __builtin_inff() ? y : x) : low;  // NaN and negative numbers give NaN
}

// log(1 + x) for x >= -1, at most 3 ulp: what rounding 1 + x has lost comes back as a factor.
inline Vec log1p(Vec x) {
  const Vec u = 1.0F + x;
  const Vec y = log(u) * (x / (u - 1.0F));
  return u == 1.0F ? x : (u < __builtin_inff() ? y : u);
}

inline Vec sqrt(Vec x) {  // correctly rounded
#if NTL_ISA == 2
  return _mm512_maskz_sqrt_ps(0xFFFF, x);
#elif NTL_ISA == 1
  return _mm256_sqrt_ps(x);
#else
  for (std::int64_t lane = 0; lane < kLanes; ++lane) x[lane] = __builtin_sqrtf(x[lane]);
  return x;
#endif
}

// The largest integer that is not above x.
inline Vec floor(Vec x) {
  const IntVec small = magnitude(x) < 0x1p23F;  // the others are integers, or none
  const Vec truncated = __builtin_convertvector(__builtin_convertvector(small ? x : Vec{}, IntVec), Vec);
  const Vec below = truncated > x ? truncated - 1.0F : truncated;
  return small ? with_sign(below, x) : x;  // the sign of -0
}

}  // namespace
}  // namespace nautile::NTL_TARGET
