#include "nautile/op/attention.h"

#include "dispatch.hpp"

using namespace nautile;

namespace {

// Of a contiguous array [batch,heads,rows,cols], or [batch,rows,heads,cols].
HeadStrides contiguous(std::int64_t heads, std::int64_t rows, std::int64_t cols, bool heads_last) {
  return heads_last ? HeadStrides{rows * heads * cols, cols, heads * cols}
                    : HeadStrides{heads * rows * cols, rows * cols, cols};
}

}  // namespace

ntl_status ntl_attention_forward(ntl_context context, ntl_address q, ntl_address k, ntl_address v, ntl_address mask,
                                 ntl_address y, ntl_address norms, int64_t batch, int64_t heads, int64_t queries,
                                 int64_t keys, int64_t depth, int64_t width, int64_t q_batch, int64_t q_head,
                                 int64_t q_row, int64_t k_batch, int64_t k_head, int64_t k_row, int64_t v_batch,
                                 int64_t v_head, int64_t v_row, int32_t heads_last, float scale, int32_t causal) {
  return run(context, &KernelTable::attention_forward,
             {at<const float>(q),
              at<const float>(k),
              at<const float>(v),
              at<const std::uint8_t>(mask),
              at<float>(y),
              at<float>(norms),
              batch,
              heads,
              queries,
              keys,
              depth,
              width,
              {q_batch, q_head, q_row},
              {k_batch, k_head, k_row},
              {v_batch, v_head, v_row},
              contiguous(heads, queries, width, heads_last != 0),
              scale,
              causal != 0});
}

ntl_status ntl_attention_backward(ntl_context context, ntl_address q, ntl_address k, ntl_address v, ntl_address mask,
                                  ntl_address y, ntl_address norms, ntl_address dy, ntl_address dq, ntl_address dk,
                                  ntl_address dv, int64_t batch, int64_t heads, int64_t queries, int64_t keys,
                                  int64_t depth, int64_t width, int64_t q_batch, int64_t q_head, int64_t q_row,
                                  int64_t k_batch, int64_t k_head, int64_t k_row, int64_t v_batch, int64_t v_head,
                                  int64_t v_row, int32_t heads_last, float scale, int32_t causal, int32_t accumulate_dq,
                                  int32_t accumulate_dk, int32_t accumulate_dv) {
  const bool last = heads_last != 0;
  return run(context, &KernelTable::attention_backward,
             {at<const float>(q),
              at<const float>(k),
              at<const float>(v),
              at<const std::uint8_t>(mask),
              at<const float>(y),
              at<const float>(norms),
              at<const float>(dy),
              at<float>(dq),
              at<float>(dk),
              at<float>(dv),
              batch,
              heads,
              queries,
              keys,
              depth,
              width,
              {q_batch, q_head, q_row},
              {k_batch, k_head, k_row},
              {v_batch, v_head, v_row},
              contiguous(heads, queries, width, last),
              contiguous(heads, queries, depth, last),
              contiguous(heads, keys, depth, last),
              contiguous(heads, keys, width, last),
              scale,
              causal != 0,
              accumulate_dq != 0,
              accumulate_dk != 0,
              accumulate_dv != 0});
}
