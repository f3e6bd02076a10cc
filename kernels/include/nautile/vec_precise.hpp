// Functions that float32 has not digits enough for, by lane: computed in double, half a vector at a time. Included after
// vec.hpp, and <cmath> before target_begin.hpp.
namespace nautile::NTL_TARGET {
namespace {

constexpr std::int64_t kDoubleLanes = kLanes / 2;
typedef double Doubles __attribute__((vector_size(kDoubleLanes * sizeof(double))));
typedef std::int64_t Longs __attribute__((vector_size(kDoubleLanes * sizeof(double))));
typedef float Halves __attribute__((vector_size(kDoubleLanes * sizeof(float))));

// f of both halves, rounded to float.
template <typename F, typename... Vecs>
inline Vec by_doubles(F&& f, Vecs... x) {
  Halves result[2];
  for (int half = 0; half < 2; ++half) {
    const auto part = [half](Vec v) {
      Halves halves[2];
      __builtin_memcpy(halves, &v, sizeof v);
      return __builtin_convertvector(halves[half], Doubles);
    };
    result[half] = __builtin_convertvector(f(part(x)...), Halves);
  }
  Vec y;
  __builtin_memcpy(&y, result, sizeof y);
  return y;
}

// sin(x + quarter pi/2) for |x| < 2^20: x = n pi/2 + r with |r| <= pi/4, and Taylor's series of r.
inline Doubles sine_near(Doubles x, std::int64_t quarter) {
  const Doubles magic = Doubles{} + 0x1.8p52;  // adding it leaves the nearest integer in the low bits
  const Doubles shifted = x * 0x1.45f306dc9c883p-1 + magic;
  const Doubles n = shifted - magic;
  // pi/2 in two parts: the first has 33 bits, so that its product with n is exact
  const Doubles r = (x - n * 0x1.921fb544p+0) - n * 0x1.0b4611a626331p-34;
  const Doubles z = r * r;
  const Doubles sine = r + r * z * (-1.0 / 6 + z * (1.0 / 120 + z * (-1.0 / 5040 + z * (1.0 / 362880 - z / 39916800))));
  const Doubles cosine =
      1.0 - 0.5 * z + z * z * (1.0 / 24 + z * (-1.0 / 720 + z * (1.0 / 40320 + z * (-1.0 / 3628800 + z / 479001600))));
  const Longs quadrant = reinterpret_cast<Longs>(shifted) - reinterpret_cast<Longs>(magic) + quarter;
  const Doubles v = (quadrant & 1) != 0 ? cosine : sine;
  return (quadrant & 2) != 0 ? -v : v;
}
inline bool far_for_sine(Vec x) { return any(~(magnitude(x) < 0x1p20F)); }  // NaN too

// sin x and cos x, at most 1 ulp.
inline Vec sin(Vec x) {
  if (far_for_sine(x)) {
    for (std::int64_t lane = 0; lane < kLanes; ++lane) {
      x[lane] = static_cast<float>(std::sin(static_cast<double>(x[lane])));
    }
    return x;
  }
  return x == 0.0F ? x : by_doubles([=](Doubles v) { return sine_near(v, 0); }, x);  // -0 stays
}
inline Vec cos(Vec x) {
  if (far_for_sine(x)) {
    for (std::int64_t lane = 0; lane < kLanes; ++lane) {
      x[lane] = static_cast<float>(std::cos(static_cast<double>(x[lane])));
    }
    return x;
  }
  return by_doubles([=](Doubles v) { return sine_near(v, 1); }, x);
}

// log a for 0 < a < infinity, by series.
inline Doubles log_near(Doubles a) {
  const Longs shifted = reinterpret_cast<Longs>(a) - 0x3FE6A09E667F3BCD;  // the bits of sqrt(1/2)
  const Doubles n = __builtin_convertvector(shifted >> 52, Doubles);
  const Doubles m = reinterpret_cast<Doubles>((shifted & 0xFFFFFFFFFFFFF) + 0x3FE6A09E667F3BCD);
  const Doubles s = (m - 1.0) / (m + 1.0);  // log m = 2 atanh(s), |s| < 0.172: the next term is 1.3e-12 of it
  const Doubles z = s * s;
  const Doubles p = 1.0 / 3 + z * (1.0 / 5 + z * (1.0 / 7 + z * (1.0 / 9 + z * (1.0 / 11 + z * (1.0 / 13)))));
  return n * 0x1.62e42fefa39efp-1 + 2.0 * (s + s * z * p);
}

// e^x, by series.
inline Doubles exp_near(Doubles x) {
  x = x < -700.0 ? Doubles{} - 700.0 : x;  // far beyond float32
  x = x > 700.0 ? Doubles{} + 700.0 : x;
  const Doubles magic = Doubles{} + 0x1.8p52;
  const Doubles shifted = x * 0x1.71547652b82fep+0 + magic;
  const Doubles r = x - (shifted - magic) * 0x1.62e42fefa39efp-1;  // |r| < 0.35: the next term is 7e-12
  Doubles e = Doubles{} + 1.0 / 362880;
  e = e * r + 1.0 / 40320;
  e = e * r + 1.0 / 5040;
  e = e * r + 1.0 / 720;
  e = e * r + 1.0 / 120;
  e = e * r + 1.0 / 24;
  e = e * r + 1.0 / 6;
  e = e * r + 0.5;
  e = e * r + 1.0;
  e = e * r + 1.0;
  const Longs exponent = reinterpret_cast<Longs>(shifted) - reinterpret_cast<Longs>(magic);
  return e * reinterpret_cast<Doubles>((exponent + 1023) << 52);
}

// Functions of a power, at most 1 ulp: near(a, b) where a > 0 and both are finite, else `exact`, number by number.
template <typename Near, typename Exact>
inline Vec of_power(Vec a, Vec b, Near&& near, Exact&& exact) {
  const float infinity = __builtin_inff();
  if (any(~((a > 0.0F) & (a < infinity) & (magnitude(b) < infinity)))) {
    for (std::int64_t lane = 0; lane < kLanes; ++lane) {
      a[lane] = static_cast<float>(exact(static_cast<double>(a[lane]), static_cast<double>(b[lane])));
    }
    return a;
  }
  return by_doubles(near, a, b);
}

// a^b, and its derivatives by a and by b.
inline Vec power(Vec a, Vec b) {
  return of_power(
      a, b, [=](Doubles x, Doubles y) { return exp_near(y * log_near(x)); },
      [=](double x, double y) { return std::pow(x, y); });
}
inline Vec power_by_a(Vec a, Vec b) {
  return of_power(
      a, b, [=](Doubles x, Doubles y) { return y * exp_near((y - 1.0) * log_near(x)); },
      [=](double x, double y) { return y == 0.0 ? 0.0 : y * std::pow(x, y - 1.0); });
}
inline Vec power_by_b(Vec a, Vec b) {
  return of_power(
      a, b, [=](Doubles x, Doubles y) { return exp_near(y * log_near(x)) * log_near(x); },
      [=](double x, double y) { return x == 0.0 && y >= 0.0 ? 0.0 : std::pow(x, y) * std::log(x); });
}

}  // namespace
}  // namespace nautile::NTL_TARGET
