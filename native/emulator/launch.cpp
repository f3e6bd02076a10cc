// Launches: checked as CUDA checks them, then the blocks spread over OS threads.
#include "emulated/launch.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <numeric>
#include <thread>
#include <unordered_map>

#include "block_runner.hpp"
#include "device.hpp"
#include "sanitizers.hpp"
#include "settings.hpp"
#include "stream.hpp"

namespace emulated {
namespace {

// ---- Runners, with their fibres, are kept between launches.

struct Runners {
  std::mutex mutex;
  std::vector<std::unique_ptr<BlockRunner>> idle;
};
Runners& runners() {
  static auto* const value = new Runners;
  return *value;
}
using Team = std::vector<std::unique_ptr<BlockRunner>>;  // for the blocks of a cluster
Team take_runners(std::size_t count) {
  Team team;
  {
    const std::lock_guard lock(runners().mutex);
    while (team.size() < count && !runners().idle.empty()) {
      team.push_back(std::move(runners().idle.back()));
      runners().idle.pop_back();
    }
  }
  while (team.size() < count) team.push_back(std::make_unique<BlockRunner>());
  return team;
}
void keep_runners(Team team) {
  const std::lock_guard lock(runners().mutex);
  for (auto& runner : team) runners().idle.push_back(std::move(runner));
}

// ---- One launch

class Job {
 public:
  Job(const Launch& launch, const Kernel& kernel) : launch_(launch), kernel_(kernel) {
    clusters_ = std::uint64_t{launch.grid.x} * launch.grid.y * launch.grid.z / launch.cluster;
    if (seed() == 0 || clusters_ > 0x7fffffff) return;
    // i -> (i * step + shift) % clusters visits every cluster once.
    step_ = seed() % clusters_;
    while (std::gcd(step_, clusters_) != 1) step_ = (step_ + 1) % clusters_;
    shift_ = (seed() >> 32) % clusters_;
  }

  std::size_t cluster() const { return launch_.cluster; }

  std::uint64_t left() const {
    const std::uint64_t next = next_.load(std::memory_order_relaxed);
    return failed_ || next >= clusters_ ? 0 : clusters_ - next;
  }

  // Runs clusters, mostly of one block, until none is left; calls `between` after each.
  template <typename Between>
  void run(Team& team, Between between) {
    while (!failed_) {
      const std::uint64_t i = next_.fetch_add(1, std::memory_order_relaxed);
      if (i >= clusters_) return;
      if (const BlockRunner* failed = run_cluster(team, (i * step_ + shift_) % clusters_)) {
        const std::lock_guard lock(mutex_);
        if (!failed_) failure_ = failed->failure();
        failed_ = true;
      }
      between();
    }
  }

  void finished() { acquire(&keys_.end); }
  bool failed() const { return failed_; }
  const std::string& failure() const { return failure_; }

 private:
  // The block that failed, or null.
  const BlockRunner* run_cluster(Team& team, std::uint64_t which) {
    Cluster cluster;
    cluster.blocks.reserve(team.size());
    for (std::size_t rank = 0; rank < team.size(); ++rank) {
      const std::uint64_t block = which * team.size() + rank;
      team[rank]->begin(launch_, kernel_,
                        {static_cast<unsigned>(block % launch_.grid.x),
                         static_cast<unsigned>(block / launch_.grid.x % launch_.grid.y),
                         static_cast<unsigned>(block / launch_.grid.x / launch_.grid.y)},
                        keys_, cluster);
    }
    BlockRunner* failed = nullptr;
    std::size_t done = 0;
    for (std::uint64_t turn = seed(); failed == nullptr && done < team.size(); ++turn) {
      const std::size_t done_before = done;
      BlockRunner* idle = nullptr;
      bool some_ran = false;
      done = 0;
      for (std::size_t i = 0; failed == nullptr && i < team.size(); ++i) {
        BlockRunner& block = *team[(turn + i) % team.size()];
        switch (block.proceed()) {
          case BlockRunner::Progress::kDone: ++done; break;
          case BlockRunner::Progress::kPaused: some_ran = true; break;
          case BlockRunner::Progress::kIdle: idle = &block; break;
          case BlockRunner::Progress::kFailed: failed = &block; break;
        }
      }
      if (failed == nullptr && idle != nullptr && !some_ran && done == done_before) {
        failed = idle;
        failed->fail_waiting();
      }
    }
    for (const auto& each : team) {
      if (failed != nullptr) each->abandon();
    }
    return failed;
  }

  const Launch& launch_;
  const Kernel& kernel_;
  std::uint64_t clusters_;
  std::uint64_t step_ = 1;
  std::uint64_t shift_ = 0;
  std::atomic<std::uint64_t> next_{0};
  std::atomic<bool> failed_{false};
  std::mutex mutex_;
  std::string failure_;
  LaunchKeys keys_{};
};

// ---- OS threads that help with a launch which takes long; one at a time, others do without.

class Helpers {
 public:
  static Helpers& instance() {
    static auto* const value = new Helpers;  // never destroyed: its threads may still sleep when the process ends
    return *value;
  }

  // False where the helpers are busy.
  bool ask(Job& job) {
    const std::lock_guard lock(mutex_);
    if (job_ != nullptr || active_ > 0) return false;
    if (threads_.empty()) start();
    job_ = &job;
    ++asked_;
    work_.notify_all();
    return true;
  }

  // Returns when no helper is at the job any more.
  void dismiss() {
    std::unique_lock lock(mutex_);
    job_ = nullptr;
    done_.wait(lock, [this] { return active_ == 0; });
  }

 private:
  void start() {
    // Signals are for the threads of the program, faults excepted.
    sigset_t blocked;
    sigset_t before;
    sigfillset(&blocked);
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP}) sigdelset(&blocked, fault);
    pthread_sigmask(SIG_SETMASK, &blocked, &before);
    for (int i = 1; i < settings().threads; ++i) threads_.emplace_back([this] { help(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  void help() {
    std::uint64_t seen = 0;
    std::unique_lock lock(mutex_);
    for (;;) {
      work_.wait(lock, [&] { return job_ != nullptr && asked_ != seen; });
      seen = asked_;
      Job& job = *job_;
      ++active_;
      lock.unlock();
      Team team = take_runners(job.cluster());
      job.run(team, [] {});
      keep_runners(std::move(team));
      lock.lock();
      if (--active_ == 0) done_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable done_;
  std::vector<std::thread> threads_;
  Job* job_ = nullptr;
  std::uint64_t asked_ = 0;
  int active_ = 0;
};

// Waking a thread costs about as much.
constexpr auto kAlone = std::chrono::microseconds(50);

cudaError_t run(const Launch& launch, const Kernel& kernel, Device& device) {
  const void* const* pointers = kernel.pointers(kernel.arguments);
  for (std::size_t i = 0; i < kernel.count; ++i) {
    if (pointers[i] == nullptr) continue;
    Allocation found;  // the end of an array may be an argument, too
    const char* wrong = nullptr;
    if (!find_allocation(pointers[i], found) && !find_allocation(static_cast<const char*>(pointers[i]) - 1, found)) {
      wrong = "no memory of a device, or freed";
    } else if (found.device >= 0 && found.device != device.index) {
      wrong = "memory of another device";
    }
    if (wrong == nullptr) continue;
    note_failure(std::string("kernel ") + launch.name + ": argument " + std::to_string(i + 1) + " points to " + wrong +
                 ", launched at " + launch.place.file + ":" + std::to_string(launch.place.line));
    device.broken = cudaErrorIllegalAddress;
    return cudaErrorIllegalAddress;
  }

  Job job(launch, kernel);
  Team team = take_runners(job.cluster());
  const bool may_ask = settings().threads > 1 && job.left() > 1;
  bool asked = false;
  const auto start = may_ask ? std::chrono::steady_clock::now() : std::chrono::steady_clock::time_point{};
  job.run(team, [&] {
    if (may_ask && !asked && job.left() > 1 && std::chrono::steady_clock::now() - start > kAlone) {
      asked = Helpers::instance().ask(job);
    }
  });
  if (asked) Helpers::instance().dismiss();
  job.finished();
  keep_runners(std::move(team));
  if (!job.failed()) return cudaSuccess;
  note_failure(job.failure());
  device.broken = cudaErrorLaunchFailure;
  return cudaErrorLaunchFailure;
}

// ---- Checks

struct Limits {
  std::mutex mutex;
  std::unordered_map<const void*, std::size_t> dynamic_shared;  // of functions that raised it
};
Limits& limits() {
  static auto* const value = new Limits;
  return *value;
}

bool allowed(const Launch& launch, const void* function) {
  const dim3& g = launch.grid;
  const dim3& b = launch.block;
  if (g.x == 0 || g.y == 0 || g.z == 0 || g.x > 0x7fffffff || g.y > 65535 || g.z > 65535) return false;
  if (b.x == 0 || b.y == 0 || b.z == 0 || b.x > 1024 || b.y > 1024 || b.z > 64) return false;
  if (b.x * b.y * b.z > kMaxThreads) return false;
  if (launch.cluster == 0 || launch.cluster > kMaxCluster || g.x % launch.cluster != 0) return false;
  if (launch.shared_bytes <= kSharedBytes) return true;
  const std::lock_guard lock(limits().mutex);
  const auto found = limits().dynamic_shared.find(function);
  return found != limits().dynamic_shared.end() && launch.shared_bytes <= found->second;
}

cudaError_t start(const Launch& launch, const Kernel& kernel) {
  CUstream_st* stream = find_stream(launch.stream);
  if (stream == nullptr || stream->device != current_device().index) return cudaErrorInvalidResourceHandle;
  Device& device = devices()[static_cast<std::size_t>(stream->device)];
  if (const cudaError_t error = usable(device); error != cudaSuccess) return error;
  if (!allowed(launch, kernel.function)) return cudaErrorInvalidConfiguration;
  const auto keep = [&]() -> std::function<cudaError_t()> {
    std::shared_ptr<const void> arguments = kernel.keep(kernel.arguments);
    return [launch, kernel, arguments, &device]() mutable {
      Kernel kept = kernel;
      kept.arguments = arguments.get();
      return run(launch, kept, device);
    };
  };
  return perform(*stream, cudaGraphNodeTypeKernel, [&] { return run(launch, kernel, device); }, keep);
}

}  // namespace

void launch(const Launch& launch, const Kernel& kernel) { noted(start(launch, kernel)); }

int max_active_clusters(const void* function, const Launch& launch) { return allowed(launch, function) ? 2 : 0; }

}  // namespace emulated

extern "C" cudaError_t cudaFuncSetAttribute(const void* function, cudaFuncAttribute attribute, int value) {
  using namespace emulated;
  if (attribute == cudaFuncAttributePreferredSharedMemoryCarveout) return cudaSuccess;
  if (attribute != cudaFuncAttributeMaxDynamicSharedMemorySize || value < 0 ||
      static_cast<std::size_t>(value) > kSharedBytesOptIn) {
    return noted(cudaErrorInvalidValue);
  }
  const std::lock_guard lock(limits().mutex);
  limits().dynamic_shared[function] = static_cast<std::size_t>(value);
  return cudaSuccess;
}
