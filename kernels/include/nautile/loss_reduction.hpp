// What the losses share.
#pragma once

#include <cstdint>

namespace nautile {

// What becomes of the losses: they are the result, or their mean or sum is.
enum class LossReduction : std::int32_t { none, mean, sum };

}  // namespace nautile
