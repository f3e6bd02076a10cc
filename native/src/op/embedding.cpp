#include "nautile/op/embedding.h"

#include "dispatch.hpp"

using namespace nautile;

ntl_status ntl_embedding_forward(ntl_context context, ntl_address weight, ntl_address index, ntl_address y,
                                 int64_t count, int64_t rows, int64_t cols) {
  return run(context, &KernelTable::embedding_forward,
             {at<const float>(weight), at<const std::int64_t>(index), at<float>(y), count, rows, cols});
}

ntl_status ntl_embedding_backward(ntl_context context, ntl_address index, ntl_address dy, ntl_address dweight,
                                  int64_t count, int64_t rows, int64_t cols, int64_t padding, int32_t accumulate) {
  return run(context, &KernelTable::embedding_backward,
             {at<const std::int64_t>(index), at<const float>(dy), at<float>(dweight), count, rows, cols, padding,
              accumulate != 0});
}
