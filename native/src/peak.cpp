#include "nautile/peak.h"

#include "peak.hpp"

#include <cstring>
#include <string>

#include "dispatch.hpp"

namespace nautile {
namespace {

// The loops of the context's instruction set; null and the reason if it has none.
const PeakTable* loops(ntl_context context, const char* function) {
#if defined(__x86_64__)
  const PeakTable* const tables[] = {&peak_cpu_avx512, &peak_cpu_avx2, &peak_cpu_baseline};
#else
  const PeakTable* const tables[] = {&peak_cpu_baseline};
#endif
  const char* target = ntl_context_target(context);
  for (const PeakTable* table : tables) {
    if (std::strcmp(table->target, target) == 0) return table;
  }
  fail(NTL_UNSUPPORTED, std::string(function) + ": no loop for " + target);
  return nullptr;
}

}  // namespace
}  // namespace nautile

using namespace nautile;

int64_t ntl_peak_flops(ntl_context context, int64_t rounds) {
  const PeakTable* table = loops(context, "peak_flops");
  if (table == nullptr) return -1;
  struct Call {
    const PeakTable* table;
    std::int64_t rounds;
  } call{table, rounds};
  Pool::Region region(Pool::instance(), Pool::instance().threads());
  region.run(
      [](void* argument, const Team&) {
        const Call& mine = *static_cast<const Call*>(argument);
        mine.table->multiply_add(mine.rounds);
      },
      &call);
  return rounds * table->flops_per_round * region.size();
}

int64_t ntl_peak_stream(ntl_context context, int32_t stream, ntl_address a, ntl_address b, ntl_address c, int64_t size,
                        int64_t rounds) {
  const PeakTable* table = loops(context, "peak_stream");
  if (table == nullptr) return -1;
  const std::int64_t arrays[] = {1, 1, 2, 3};
  if (stream < NTL_STREAM_READ || stream > NTL_STREAM_TRIAD) {
    unknown("peak_stream", "stream", stream);
    return -1;
  }
  Pool::Region region(Pool::instance(), Pool::instance().threads());
  if (size < 0 || size % (kStreamUnit * region.size()) != 0) {
    fail(NTL_BAD_ARGUMENT, "peak_stream: size " + std::to_string(size) + " is not a multiple of " +
                               std::to_string(kStreamUnit) + " for each of " + std::to_string(region.size()) +
                               " threads");
    return -1;
  }
  struct Call {
    const PeakTable* table;
    PeakStream args;
  } call{table, {static_cast<Stream>(stream), at<float>(a), at<const float>(b), at<const float>(c), size, rounds}};
  region.run(
      [](void* argument, const Team& team) {
        const Call& mine = *static_cast<const Call*>(argument);
        mine.table->stream(mine.args, team);
      },
      &call);
  return rounds * size * arrays[stream] * static_cast<std::int64_t>(sizeof(float));
}
