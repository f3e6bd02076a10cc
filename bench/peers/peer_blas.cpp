// Times sgemm of a BLAS for ./nautile bench --peer. usage: peer_blas LIBRARY DESCRIPTION [FUNCTION_THAT_SETS_THREADS]
#include <dlfcn.h>

#include <cstdlib>
#include <memory>

#include "peer.hpp"

namespace {

using Gemm = void (*)(int order, int ta, int tb, int m, int n, int k, float alpha, const float* a, int lda,
                      const float* b, int ldb, float beta, float* c, int ldc);
constexpr int kRowMajor = 101;
constexpr int kPlain = 111;
constexpr int kTransposed = 112;

// MKL's: b packed beforehand.
using PackSize = std::size_t (*)(int identifier, int m, int n, int k);
using Pack = void (*)(int order, int identifier, int trans, int m, int n, int k, float alpha, const float* b, int ldb,
                      float* packed);
using Compute = void (*)(int order, int ta, int tb, int m, int n, int k, const float* a, int lda, const float* b,
                         int ldb, float beta, float* c, int ldc);
constexpr int kPacked = 151;
constexpr int kB = 162;

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: peer_blas LIBRARY DESCRIPTION [FUNCTION_THAT_SETS_THREADS]\n";
    return 2;
  }
  void* library = dlopen(argv[1], RTLD_NOW | RTLD_GLOBAL);
  const auto gemm = library == nullptr ? nullptr : reinterpret_cast<Gemm>(dlsym(library, "cblas_sgemm"));
  const auto set_threads =
      argc < 4 || library == nullptr ? nullptr : reinterpret_cast<void (*)(long)>(dlsym(library, argv[3]));
  if (gemm == nullptr || (argc > 3 && set_threads == nullptr)) {
    std::cerr << "peer_blas: " << dlerror() << "\n";
    return 1;
  }
  const auto pack_size = reinterpret_cast<PackSize>(dlsym(library, "cblas_sgemm_pack_get_size"));
  const auto pack = reinterpret_cast<Pack>(dlsym(library, "cblas_sgemm_pack"));
  const auto compute = reinterpret_cast<Compute>(dlsym(library, "cblas_sgemm_compute"));
  return peer::serve(argv[2], [=](const peer::Work& work, int threads) -> peer::Call {
    if (work.kind != "gemm") throw peer::Absent("products of matrices only");
    if (set_threads != nullptr) set_threads(threads);
    const int m = static_cast<int>(work.size("m"));
    const int k = static_cast<int>(work.size("k"));
    const int n = static_cast<int>(work.size("n"));
    const bool ta = work.size("ta") != 0;
    const bool tb = work.size("tb") != 0;
    struct Operands {
      std::unique_ptr<float[]> a, b, c;
    };
    const auto make = [](size_t size) {
      auto x = std::make_unique<float[]>(size);
      peer::fill(x.get(), size);
      return x;
    };
    const auto rows = static_cast<size_t>(m);
    const auto inner = static_cast<size_t>(k);
    const auto columns = static_cast<size_t>(n);
    const std::shared_ptr<Operands> x(new Operands{make(rows * inner), make(inner * columns), make(rows * columns)});
    if (work.parameters.count("packed") != 0 && pack_size != nullptr && pack != nullptr && compute != nullptr) {
      const std::shared_ptr<void> packed(std::aligned_alloc(64, (pack_size(kB, m, n, k) + 63) / 64 * 64), std::free);
      pack(kRowMajor, kB, tb ? kTransposed : kPlain, m, n, k, 1, x->b.get(), tb ? k : n,
           static_cast<float*>(packed.get()));
      return [=] {
        compute(kRowMajor, ta ? kTransposed : kPlain, kPacked, m, n, k, x->a.get(), ta ? m : k,
                static_cast<const float*>(packed.get()), tb ? k : n, 0, x->c.get(), n);
      };
    }
    return [=] {
      gemm(kRowMajor, ta ? kTransposed : kPlain, tb ? kTransposed : kPlain, m, n, k, 1, x->a.get(), ta ? m : k,
           x->b.get(), tb ? k : n, 0, x->c.get(), n);
    };
  });
}
