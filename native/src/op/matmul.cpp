#include "nautile/op/matmul.h"

#include <string>

#include "dispatch.hpp"
#include "precision.hpp"

using namespace nautile;

std::atomic<MatmulPrecision> nautile::matmul_precision = MatmulPrecision::highest;

ntl_status ntl_matmul_precision(int32_t number) {
  if (number < 0 || number > 2)
    return fail(NTL_BAD_ARGUMENT, "matmul_precision: there is no " + std::to_string(number));
  matmul_precision = static_cast<MatmulPrecision>(number);
  return NTL_OK;
}

ntl_status ntl_matmul_forward(ntl_context context, ntl_address a, ntl_address b, ntl_address y, int64_t batch,
                              int64_t m, int64_t n, int64_t k, int64_t a_batch, int64_t a_row, int64_t a_col,
                              int64_t b_batch, int64_t b_row, int64_t b_col, int64_t y_batch, int64_t y_row,
                              int32_t accumulate) {
  return run(context, &KernelTable::matmul_forward,
             {at<const float>(a), at<const float>(b), at<float>(y), batch, m, n, k, a_batch, a_row, a_col, b_batch,
              b_row, b_col, y_batch, y_row, accumulate != 0, matmul_precision});
}
