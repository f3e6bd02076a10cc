// The device functions that the C library does not have.
#include "nautile/cuda.hpp"

#include <cmath>
#include <limits>

#include "tests.hpp"

namespace {

bool near(float a, float b) { return std::fabs(a - b) <= 1e-6f * std::fabs(b); }

void floats() {
  CHECK(rsqrtf(4) == 0.5f && rsqrt(16.0) == 0.25);
  CHECK(near(__expf(1), 2.7182817f) && near(__logf(8), 2.0794415f) && __log2f(8) == 3 &&
        near(__powf(2, 0.5f), 1.4142135f));
  CHECK(__fdividef(1, 4) == 0.25f && __frcp_rn(8) == 0.125f && __fmaf_rn(2, 3, 4) == 10 && fmaf(2, 3, 4) == 10);
  CHECK(sinpif(0.5f) == 1 && cospif(1) == -1 && std::fabs(cospif(0.5f)) < 1e-7f && near(normcdff(0), 0.5f));
  CHECK(__saturatef(2) == 1 && __saturatef(-1) == 0 && __saturatef(0.25f) == 0.25f && __saturatef(NAN) == 0);
  // Not contracted: the product is rounded before the sum.
  const float third = 1.0f / 3;
  CHECK(__fadd_rn(__fmul_rn(third, third), -third * third) == 0);
  CHECK(min(1, 2) == 1 && max(1u, 2u) == 2 && max(1.0f, 2.0f) == 2 && min(3, 2.5f) == 2.5f && min(-1ll, 1) == -1);
  CHECK(max(NAN, 1.0f) == 1 && min(1.0f, NAN) == 1);
}

void bits() {
  CHECK(__float_as_int(1) == 0x3f800000 && __int_as_float(0x40000000) == 2 && __float_as_uint(-0.0f) == 0x80000000u);
  CHECK(__double_as_longlong(1) == 0x3ff0000000000000 && __longlong_as_double(0x4000000000000000) == 2);
  CHECK(__popc(0xf0f0) == 8 && __popcll(~0ull) == 64 && __clz(1) == 31 && __clz(0) == 32 && __clzll(1) == 63);
  CHECK(__ffs(0) == 0 && __ffs(8) == 4 && __ffsll(1ll << 40) == 41 && __brev(1) == 0x80000000u &&
        __brev(6) == 0x60000000u);
  CHECK(__umulhi(0x80000000u, 6) == 3 && __mulhi(-2, 0x40000000) == -1 && __umul64hi(1ull << 63, 6) == 3);
  CHECK(__byte_perm(0x33221100, 0x77665544, 0x7250) == 0x77225500u && __byte_perm(0x80, 0, 0x0008) == 0x808080ffu);
  CHECK(__funnelshift_l(0x80000000u, 1, 1) == 3 && __funnelshift_r(2, 1, 1) == 0x80000001u);
}

void conversions() {
  CHECK(__float2int_rn(2.5f) == 2 && __float2int_rn(3.5f) == 4 && __float2int_rz(-2.7f) == -2);
  CHECK(__float2int_rd(-2.1f) == -3 && __float2int_ru(2.1f) == 3 && __float2int_rz(NAN) == 0);
  CHECK(__float2int_rz(1e20f) == std::numeric_limits<int>::max() &&
        __float2int_rz(-1e20f) == std::numeric_limits<int>::min());
  CHECK(__float2uint_rz(-5) == 0 && __float2uint_rz(1e20f) == ~0u && __float2uint_rn(3e9f) == 3000000000u);
  CHECK(__float2ll_rz(-3e9f) == -3000000000ll && __double2int_rz(7.9) == 7 && __int2float_rn(3) == 3);
}

void vectors() {
  static_assert(sizeof(float4) == 16 && alignof(float4) == 16 && sizeof(float3) == 12 && alignof(float2) == 8);
  static_assert(sizeof(double2) == 16 && sizeof(uint4) == 16 && sizeof(int2) == 8);
  CHECK(make_float4(1, 2, 3, 4).w == 4 && make_int2(1, 2).y == 2 && make_double2(1, 2).x == 1 && dim3(4).z == 1);
}

void narrow_floats() {
  using nautile::cuda::pack_bf16;
  using nautile::cuda::round_tf32;
  CHECK(pack_bf16(1, -2) == 0xc0003f80u);
  CHECK(pack_bf16(__uint_as_float(0x3f808000), __uint_as_float(0x3f818000)) == 0x3f823f80u, "ties go to even");
  CHECK(pack_bf16(__uint_as_float(0x7f7fffff), INFINITY) == 0x7f807f80u);
  CHECK((pack_bf16(NAN, 0) & 0x7fff) > 0x7f80);
  CHECK(round_tf32(1) == 0x3f800000 && round_tf32(__uint_as_float(0x3f801000)) == 0x3f802000, "ties go away from zero");
  CHECK(round_tf32(__uint_as_float(0x3f800fff)) == 0x3f800000 && round_tf32(INFINITY) == 0x7f800000);
}

}  // namespace

void test_math() {
  floats();
  bits();
  conversions();
  vectors();
  narrow_floats();
}
