// Runs the threads of one block: a fibre each, except that a thread which ends without ever waiting leaves its fibre to
// the next one. The blocks of a cluster have a runner each and take turns on one OS thread: a block runs until all of its
// threads have ended or wait for other blocks.
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
constexpr unsigned kMaxCluster = 8;                          // what every device with clusters has
constexpr std::size_t kSharedBytes = std::size_t{48} << 10;  // without opting in
constexpr std::size_t kSharedBytesOptIn = std::size_t{227} << 10;

// Keys of the thread sanitizer: the blocks of a launch run after its start and before its end, in no order.
struct LaunchKeys {
  char start;
  char end;
};

class BlockRunner;

// The blocks that run together, by rank, and the barrier of their threads.
struct Cluster {
  std::vector<BlockRunner*> blocks;
  unsigned running = 0;  // threads that have not ended
  unsigned arrived = 0;
  unsigned phase = 0;
  Place place{};   // where the last one arrived
  char keys[2]{};  // alternate, as those of a block's barrier
};

class BlockRunner : public Block {
 public:
  BlockRunner();
  ~BlockRunner();

  // What a block has come to. kIdle: all of its threads wait for other blocks, and none has run.
  enum class Progress : std::uint8_t { kDone, kPaused, kIdle, kFailed };

  // Makes this the next block of the cluster, to be run by the calling OS thread.
  void begin(const Launch& launch, const Kernel& kernel, uint3 index, LaunchKeys& keys, Cluster& cluster);
  // Runs the block as far as it comes alone. kFailed: failure() says why, and all blocks of the cluster must be abandoned.
  Progress proceed();
  // For a block of which no other will go on either: makes that a failure.
  void fail_waiting();
  void abandon();
  const std::string& failure() const { return failure_; }

  // What the block's threads call.
  Vote barrier(Place place, int id, bool predicate);
  void warp_operation(unsigned mask, Place place, void* mine, Combine combine, bool ordered);
  void cluster_arrive(Place place);
  void cluster_wait(Place place);
  unsigned rank() const { return rank_; }
  unsigned cluster_size() const { return static_cast<unsigned>(cluster_->blocks.size()); }
  void* shared_of(Place place, void* mine, unsigned rank);
  void yield();
  void* shared_variable(Place place, const void* key, std::size_t bytes);
  [[noreturn]] void fail(Place place, const char* what);

 private:
  enum class State : std::uint8_t { kRunnable, kAtBarrier, kAtCluster, kInWarp, kEnded };
  struct Fibre : Context {
    CopyQueue queue;
  };
  struct CudaThread : Thread {
    State state = State::kRunnable;
    Place place{};         // where it waits
    bool arrived = false;  // at the cluster's barrier, in its phase `phase`, and has not waited
    unsigned phase = 0;
    Fibre* fibre = nullptr;  // null before it starts and after it ends
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
    Gathering gatherings[32];
    unsigned count = 0;  // of gatherings
    void* lanes[32];
    char arrived_key[32];
    char woken_key[32];
  };
  struct SharedVariable {
    const void* key;
    std::byte* address;
    std::size_t bytes;
  };

  // What stops a block. The text is made after, away from the fibres: what they allocate would be the kernel's to the
  // sanitizers.
  struct Fault {
    enum Kind {
      kMessage,
      kTwoBarriers,
      kUnreachedBarrier,
      kUnreachedCluster,
      kNotInMask,
      kTwoOperations,
      kMissingLanes,
      kSharedMemory
    };
    Kind kind;
    const CudaThread* thread;
    Place place;
    const char* message = "";
    const CudaThread* other = nullptr;  // a thread that plays a part, and where it is
    Place other_place{};
    unsigned mask = 0;
    unsigned missing = 0;
  };

  static void fibre_main();
  static void run_thread_here();
  void prepare(const Launch& launch);
  void run_thread();
  void wait();
  void end(CudaThread& thread);
  static void open(Cluster& cluster);
  CudaThread* pick();
  Fibre& new_fibre();
  Fibre& fibre_for(CudaThread& thread);
  void give(CudaThread& thread, Fibre& fibre);
  void complete(Warp& warp, unsigned first_thread, unsigned gathering);
  void make_ready(unsigned thread) { ready_[thread / 64] |= std::uint64_t{1} << (thread % 64); }
  void clear_shared();
  std::byte* allocate_shared(std::size_t bytes);
  [[noreturn]] void stop(const Fault& fault);
  [[noreturn]] void stop_deadlocked();
  std::string describe(const Fault& fault) const;
  CudaThread& self() { return static_cast<CudaThread&>(*current.thread); }

  const Kernel* kernel_ = nullptr;
  LaunchKeys* keys_ = nullptr;
  const char* name_ = "";
  Fault fault_{};
  bool failed_ = false;
  std::string failure_;

  unsigned count_ = 0;  // threads
  unsigned ended_ = 0;
  std::vector<CudaThread> threads_;
  std::vector<Warp> warps_;
  std::uint64_t ready_[kMaxThreads / 64] = {};
  Cluster* cluster_ = nullptr;
  unsigned rank_ = 0;
  unsigned at_cluster_ = 0;  // threads that wait for other blocks
  unsigned cursor_ = 0;      // the search for a ready thread starts here
  std::minstd_rand random_;
  bool shuffled_ = false;

  Context main_;
  std::vector<std::unique_ptr<Fibre>> fibres_;
  std::vector<Fibre*> idle_;
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
