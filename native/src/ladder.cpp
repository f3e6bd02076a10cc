#include "nautile/ladder.h"

#include <cstring>
#include <string>

#include "device.hpp"
#include "dispatch.hpp"
#include "ladder.hpp"

namespace nautile {

#if defined(__x86_64__)
extern const ladder::Rungs ladder_cpu_avx512;
extern const ladder::Rungs ladder_cpu_avx2;
#endif
extern const ladder::Rungs ladder_cpu_baseline;

template <>
inline constexpr const char* kernel_name<ladder::Problem> = "ladder";

namespace {

const ladder::Rungs& rungs(const Context& context) {
  if (context.device != nullptr) return *context.device->plugin().ladder;
#if defined(__x86_64__)
  if (std::strcmp(context.kernels->target, "cpu_avx512") == 0) return ladder_cpu_avx512;
  if (std::strcmp(context.kernels->target, "cpu_avx2") == 0) return ladder_cpu_avx2;
#endif
  return ladder_cpu_baseline;
}

}  // namespace
}  // namespace nautile

using namespace nautile;

ntl_status ntl_ladder(ntl_context handle, const char* rung, ntl_address a, ntl_address b, ntl_address c, ntl_address y,
                      int64_t s0, int64_t s1, int64_t s2, int64_t s3, int64_t s4) {
  Context& context = from(handle);
  const ladder::Rungs& all = rungs(context);
  for (std::int64_t i = 0; i < all.count; ++i) {
    if (std::strcmp(all.first[i].name, rung) == 0) {
      const ladder::Problem problem{
          {at<const float>(a), at<const float>(b), at<const float>(c)}, at<float>(y), {s0, s1, s2, s3, s4}};
      return execute(context, {&signature<ladder::Problem>, &all.first[i].kernel, &problem});
    }
  }
  return fail(NTL_UNSUPPORTED, std::string("ladder: no rung ") + rung + " of " + context.kernels->target);
}
