#include "nautile/op/matmul.h"

#include "dispatch.hpp"

using namespace nautile;

ntl_status ntl_matmul_forward(ntl_context context, ntl_address a, ntl_address b, ntl_address y, int64_t batch,
                              int64_t m, int64_t n, int64_t k, int64_t a_batch, int64_t a_row, int64_t a_col,
                              int64_t b_batch, int64_t b_row, int64_t b_col, int64_t y_batch, int64_t y_row,
                              int32_t accumulate) {
  return run(context, &KernelTable::matmul_forward,
             {at<const float>(a), at<const float>(b), at<float>(y), batch, m, n, k, a_batch, a_row, a_col, b_batch,
              b_row, b_col, y_batch, y_row, accumulate != 0});
}
