// Runs the threads of one block: a fibre each, except that a thread which ends without ever waiting leaves its fibre to
// the next one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "emulated/launch.h"
#include "emulated/thread.h"
#include "emulated/warp.h"
#include "fibre.hpp"

namespace emulated {

constexpr unsigned kMaxThreads = 1024;
constexpr std::size_t kSharedBytes = std::size_t{48} << 10;  // without opting in
constexpr std::size_t kSharedBytesOptIn = std::size_t{227} << 10;

// Keys of the thread sanitizer: the blocks of a launch run after its start and before its end, in no order.
struct LaunchKeys {
  char start;
  char end;
};

class BlockRunner : public Block {
 public:
  BlockRunner();
  ~BlockRunner();

  // Runs one block on the calling OS thread. False when it failed: failure() says why.
  bool run(const Launch& launch, const Kernel& kernel, uint3 index, LaunchKeys& keys);
  const std::string& failure() const { return failure_; }

  // What the block's threads call.
  Vote barrier(Place place, int id, bool predicate);
  void warp_operation(unsigned mask, Place place, void* mine, Combine combine, bool ordered);
  void yield();
  void* shared_variable(Place place, const void* key, std::size_t bytes);
  [[noreturn]] void fail(Place place, const std::string& what);

 private:
  enum class State : std::uint8_t { kRunnable, kAtBarrier, kInWarp, kEnded };
  struct CudaThread : Thread {
    State state = State::kRunnable;
    Place place{};             // where it waits
    Context* fibre = nullptr;  // null before it starts and after it ends
  };
  // Lanes that wait for the others of their mask.
  struct Gathering {
    unsigned mask;
    unsigned arrived;
    Place place;
    Combine combine;
    bool ordered;
  };
  struct Warp {
    unsigned running = 0;  // lanes that have not ended
    std::vector<Gathering> gatherings;
    void* lanes[32];
    char arrived_key[32];
    char woken_key[32];
  };
  struct SharedVariable {
    const void* key;
    std::byte* address;
  };

  static void fibre_main();
  void prepare(const Launch& launch);
  void run_thread();
  void wait();
  void end(CudaThread& thread);
  CudaThread* pick();
  Context& fibre_for(CudaThread& thread);
  void complete(Warp& warp, unsigned first_thread, std::size_t gathering);
  void make_ready(unsigned thread) { ready_[thread / 64] |= std::uint64_t{1} << (thread % 64); }
  void clear_shared();
  std::byte* allocate_shared(std::size_t bytes);
  [[noreturn]] void fail(const CudaThread& thread, Place place, const std::string& what);
  [[noreturn]] void deadlock();
  CudaThread& self() { return static_cast<CudaThread&>(*current.thread); }

  const Kernel* kernel_ = nullptr;
  LaunchKeys* keys_ = nullptr;
  const char* name_ = "";
  std::string failure_;
  bool failed_ = false;

  unsigned count_ = 0;  // threads
  unsigned ended_ = 0;
  std::vector<CudaThread> threads_;
  std::vector<Warp> warps_;
  std::uint64_t ready_[kMaxThreads / 64] = {};
  unsigned cursor_ = 0;  // the search for a ready thread starts here
  std::minstd_rand random_;
  bool shuffled_ = false;

  Context main_;
  std::vector<std::unique_ptr<Context>> fibres_;
  std::vector<Context*> idle_;
  unsigned rotation_ = 0;

  // The barrier that threads are waiting at.
  unsigned arrived_ = 0;
  unsigned votes_ = 0;
  Place barrier_place_{};
  int barrier_id_ = 0;
  unsigned barrier_first_ = 0;  // the thread that came first
  unsigned phase_ = 0;
  Vote vote_{};
  char barrier_key_[2];  // alternate: who wakes late must not learn what another released at the next barrier

  std::byte* shared_ = nullptr;
  std::size_t shared_used_ = 0;    // of the arena, gaps included
  std::size_t shared_static_ = 0;  // bytes of the variables
  std::vector<SharedVariable> variables_;
};

}  // namespace emulated
