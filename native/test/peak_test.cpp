// The loops that measure the machine do what they count.
#include <cstring>
#include <vector>

#include "check.hpp"
#include "nautile/peak.h"

int main() {
  const ntl_context cpu = ntl_context_open("cpu");
  CHECK(cpu != 0, "%s", ntl_last_error());
  for (const int threads : {1, 3}) {
    ntl_set_threads(threads);
    const int64_t one = ntl_peak_flops(cpu, 1);
    CHECK(one > 0 && one % (2 * threads) == 0, "%lld", static_cast<long long>(one));
    CHECK(ntl_peak_flops(cpu, 1000) == 1000 * one);

    const int64_t size = 128 * threads * 5;
    std::vector<float> a(static_cast<size_t>(size), -1.0F), b(a.size(), 2.0F), c(a.size(), 5.0F);
    const auto address = [](std::vector<float>& v) { return reinterpret_cast<ntl_address>(v.data()); };
    const auto stream = [&](int kind, int64_t n) {
      return ntl_peak_stream(cpu, kind, address(a), address(b), address(c), n, 3);
    };
    const auto all = [&](float value) {
      for (const float x : a) CHECK(x == value, "%g, not %g", static_cast<double>(x), static_cast<double>(value));
    };
    CHECK(stream(NTL_STREAM_READ, size) == 3 * size * 4);
    all(-1.0F);
    CHECK(stream(NTL_STREAM_WRITE, size) == 3 * size * 4);
    all(3.0F);
    CHECK(stream(NTL_STREAM_COPY, size) == 3 * size * 8);
    all(2.0F);
    CHECK(stream(NTL_STREAM_TRIAD, size) == 3 * size * 12);
    all(17.0F);

    CHECK(stream(NTL_STREAM_READ, size - 1) == -1);
    CHECK(std::strstr(ntl_last_error(), "not a multiple") != nullptr, "%s", ntl_last_error());
    CHECK(stream(4, size) == -1);
    CHECK(std::strstr(ntl_last_error(), "unknown stream 4") != nullptr, "%s", ntl_last_error());
  }
}
