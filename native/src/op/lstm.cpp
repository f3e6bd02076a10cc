#include "nautile/op/lstm.h"

#include "dispatch.hpp"

using namespace nautile;

ntl_status ntl_lstm_forward(ntl_context context, ntl_address x, ntl_address weight_ih, ntl_address weight_hh,
                            ntl_address bias_ih, ntl_address bias_hh, ntl_address h0, ntl_address c0,
                            ntl_address lengths, ntl_address y, ntl_address hn, ntl_address cn, ntl_address gates,
                            ntl_address cells, int64_t steps, int64_t batch, int64_t inputs, int64_t hidden,
                            int32_t reverse) {
  return run(context, &KernelTable::lstm_forward,
             {{at<const float>(x), at<const float>(weight_ih), at<const float>(weight_hh), at<const float>(bias_ih),
               at<const float>(bias_hh), at<const float>(h0), at<const float>(c0), at<const std::int64_t>(lengths),
               at<float>(y), at<float>(hn), at<float>(cn), at<float>(gates), at<float>(cells), steps, batch, inputs,
               hidden, reverse != 0, false}});
}

ntl_status ntl_lstm_backward(ntl_context context, ntl_address x, ntl_address weight_ih, ntl_address weight_hh,
                             ntl_address h0, ntl_address c0, ntl_address lengths, ntl_address y, ntl_address gates,
                             ntl_address cells, ntl_address dy, ntl_address dhn, ntl_address dcn, ntl_address dx,
                             ntl_address dweight_ih, ntl_address dweight_hh, ntl_address dbias_ih, ntl_address dbias_hh,
                             ntl_address dh0, ntl_address dc0, int64_t steps, int64_t batch, int64_t inputs,
                             int64_t hidden, int32_t reverse, int32_t accumulate) {
  return run(context, &KernelTable::lstm_backward,
             {{at<const float>(x),
               at<const float>(weight_ih),
               at<const float>(weight_hh),
               at<const float>(h0),
               at<const float>(c0),
               at<const std::int64_t>(lengths),
               at<const float>(y),
               at<const float>(gates),
               at<const float>(cells),
               at<const float>(dy),
               at<const float>(dhn),
               at<const float>(dcn),
               at<float>(dx),
               at<float>(dweight_ih),
               at<float>(dweight_hh),
               at<float>(dbias_ih),
               at<float>(dbias_hh),
               at<float>(dh0),
               at<float>(dc0),
               steps,
               batch,
               inputs,
               hidden,
               reverse != 0,
               false,
               accumulate}});
}
