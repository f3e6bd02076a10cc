#include "block_runner.hpp"

#include <sys/mman.h>

#include <bit>
#include <cstdio>
#include <cstring>
#include <new>

#include "sanitizers.hpp"
#include "settings.hpp"

namespace emulated {

constinit thread_local Current current{nullptr, nullptr};

namespace {

// Room for all that a block may have, with a gap after each variable in which the address sanitizer finds overflows.
constexpr std::size_t kGap = 256;
constexpr std::size_t kArena = std::size_t{1} << 20;
constexpr std::size_t kVariables = 64;

std::string text(const char* format, auto... values) {
  char buffer[512];
  std::snprintf(buffer, sizeof(buffer), format, values...);
  return buffer;
}

std::string at(Place place) { return text("%s:%u", place.file, place.line); }
std::string coordinates(uint3 v) { return text("(%u,%u,%u)", v.x, v.y, v.z); }

bool same(Place a, Place b) { return a.line == b.line && (a.file == b.file || std::strcmp(a.file, b.file) == 0); }

BlockRunner& runner() { return static_cast<BlockRunner&>(*current.block); }

// NaN as a float. Under the thread sanitizer byte by byte: memset would be seen as a write of this thread.
void fill_with_ones(std::byte* address, std::size_t bytes) {
  if constexpr (kThreadSanitizer) {
    volatile std::byte* to = address;
    for (std::size_t i = 0; i < bytes; ++i) to[i] = std::byte{0xFF};
  } else {
    std::memset(address, 0xFF, bytes);
  }
}

}  // namespace

BlockRunner::BlockRunner() {
  void* memory = mmap(nullptr, kArena, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  shared_ = static_cast<std::byte*>(memory);
  forbid(shared_, kArena);
  // While CUDA threads run, the emulator allocates nothing: the thread sanitizer would take it for theirs.
  fibres_.reserve(kMaxThreads);
  idle_.reserve(kMaxThreads);
  variables_.reserve(kVariables);
}

BlockRunner::~BlockRunner() {
  allow(shared_, kArena);
  munmap(shared_, kArena);
}

void BlockRunner::begin(const Launch& launch, const Kernel& kernel, uint3 block, LaunchKeys& keys, Cluster& cluster) {
  kernel_ = &kernel;
  keys_ = &keys;
  name_ = launch.name;
  index = block;
  cluster_ = &cluster;
  rank_ = static_cast<unsigned>(cluster.blocks.size());
  cluster.blocks.push_back(this);
  prepare(launch);
  cluster.running += count_;
  release(&keys.start);
}

BlockRunner::Progress BlockRunner::proceed() {
  if (ended_ == count_) return Progress::kDone;
  CudaThread* first = pick();
  if (first == nullptr) return Progress::kIdle;
  main_.adopt_thread();
  current.block = this;
  Fibre& fibre = fibre_for(*first);
  current.thread = first;
  main_.switch_to(fibre);
  current = {nullptr, nullptr};
  if (failed_) {
    failure_ = describe(fault_);
    return Progress::kFailed;
  }
  return ended_ == count_ ? Progress::kDone : Progress::kPaused;
}

void BlockRunner::fail_waiting() {
  const CudaThread* waiting = nullptr;
  for (unsigned i = count_; i-- > 0;) {
    if (threads_[i].state == State::kAtCluster) waiting = &threads_[i];
  }
  failure_ = describe({.kind = Fault::kUnreachedCluster, .thread = waiting, .place = waiting->place});
}

// Whatever the fibres were doing is abandoned: nothing on their stacks may own memory.
void BlockRunner::abandon() {
  idle_.clear();
  for (auto& each : fibres_) {
    each->release_for(&keys_->end);
    each->make_fibre(&BlockRunner::fibre_main);
    idle_.push_back(each.get());
  }
  for (CudaThread& thread : threads_) thread.fibre = nullptr;
  for (Warp& warp : warps_) warp.count = 0;
}

void BlockRunner::prepare(const Launch& launch) {
  const unsigned count = launch.block.x * launch.block.y * launch.block.z;
  if (count != count_ || size.x != launch.block.x || size.y != launch.block.y) {
    count_ = count;
    size = launch.block;
    if (threads_.size() < count) threads_.resize(count);
    warps_.resize((count + 31) / 32);
    uint3 position{};
    for (unsigned i = 0; i < count; ++i) {
      threads_[i].linear = i;
      threads_[i].index = position;
      if (++position.x == size.x) {
        position.x = 0;
        if (++position.y == size.y) {
          position.y = 0;
          ++position.z;
        }
      }
    }
  }
  grid = launch.grid;
  for (unsigned i = 0; i < count; ++i) {
    threads_[i].state = State::kRunnable;
    threads_[i].arrived = false;
  }
  for (unsigned i = 0; i < count; i += 64)
    ready_[i / 64] = count - i >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << (count - i)) - 1;
  for (unsigned i = 0; i < count; i += 32) warps_[i / 32].running = count - i >= 32 ? ~0u : (1u << (count - i)) - 1;
  ended_ = 0;
  arrived_ = 0;
  at_cluster_ = 0;
  votes_ = 0;
  failed_ = false;
  cursor_ = 0;
  // A thread of one block and the same thread of the next must not be one thread to the thread sanitizer.
  ++rotation_;
  while (kThreadSanitizer && fibres_.size() < count) new_fibre();
  shuffled_ = seed() != 0;
  if (shuffled_)
    random_.seed(static_cast<unsigned>(seed() ^ (index.x * 0x9E3779B1u + index.y * 0x85EBCA6Bu + index.z)));

  clear_shared();
  dynamic_shared = allocate_shared(launch.shared_bytes);
  shared_static_ = launch.shared_bytes;
}

// ---- Threads and fibres

void BlockRunner::fibre_main() {
  Context::entered();
  for (;;) run_thread_here();
}

// Not inlined into the loop, which could keep the address of `current` of an OS thread that the fibre has left: between
// blocks, a runner with its fibres goes from one to another.
__attribute__((noinline)) void BlockRunner::run_thread_here() { runner().run_thread(); }

// Runs the current thread and whatever else until there is another current thread for this fibre.
void BlockRunner::run_thread() {
  CudaThread& me = self();
  acquire(&keys_->start);
  kernel_->run(kernel_->arguments);
  release(&keys_->end);
  end(me);

  Fibre& fibre = *me.fibre;
  CudaThread* next = pick();
  if (next == nullptr && ended_ < count_ && at_cluster_ == 0) stop_deadlocked();
  me.fibre = nullptr;
  if (!kThreadSanitizer && (next == nullptr || next->fibre != nullptr)) idle_.push_back(&fibre);
  if (next == nullptr) {
    fibre.switch_to(main_);
  } else if (next->fibre == nullptr && !kThreadSanitizer) {
    give(*next, fibre);
    current.thread = next;
  } else {
    Fibre& other = fibre_for(*next);
    current.thread = next;
    fibre.switch_to(other);
  }
}

void BlockRunner::end(CudaThread& thread) {
  thread.state = State::kEnded;
  ++ended_;
  // Lanes may be waiting for others only; this one was in their mask.
  Warp& warp = warps_[thread.linear / 32];
  warp.running &= ~(1u << (thread.linear % 32));
  for (unsigned i = warp.count; i-- > 0;) {
    const Gathering& g = warp.gatherings[i];
    if (g.arrived == (g.mask & warp.running)) complete(warp, thread.linear / 32 * 32, i);
  }
  if (--cluster_->running == cluster_->arrived && cluster_->arrived > 0) open(*cluster_);
}

// The next thread to run, no longer marked ready; null where none is.
BlockRunner::CudaThread* BlockRunner::pick() {
  const unsigned words = (count_ + 63) / 64;
  const unsigned start = shuffled_ ? static_cast<unsigned>(random_()) % count_ : cursor_;
  unsigned word = start / 64;
  std::uint64_t bits = word < words ? ready_[word] & ~std::uint64_t{0} << (start % 64) : 0;
  for (unsigned tried = 0; bits == 0; ++tried) {
    if (tried > words) return nullptr;
    word = word + 1 < words ? word + 1 : 0;
    bits = ready_[word];
  }
  ready_[word] &= ~(bits & -bits);
  cursor_ = word * 64 + static_cast<unsigned>(std::countr_zero(bits));
  return &threads_[cursor_];
}

BlockRunner::Fibre& BlockRunner::new_fibre() {
  fibres_.push_back(std::make_unique<Fibre>());
  fibres_.back()->make_fibre(&BlockRunner::fibre_main);
  return *fibres_.back();
}

// The fibre that runs the thread; one that has not started gets one.
BlockRunner::Fibre& BlockRunner::fibre_for(CudaThread& thread) {
  if (thread.fibre != nullptr) return *thread.fibre;
  if constexpr (kThreadSanitizer) {
    give(thread, *fibres_[(thread.linear + rotation_) % count_]);  // its own: a thread of the sanitizer's
  } else if (idle_.empty()) {
    give(thread, new_fibre());
  } else {
    give(thread, *idle_.back());
    idle_.pop_back();
  }
  return *thread.fibre;
}

void BlockRunner::give(CudaThread& thread, Fibre& fibre) {
  fibre.queue.copies.clear();
  fibre.queue.groups.clear();
  thread.queue = &fibre.queue;
  thread.fibre = &fibre;
}

// Runs other threads, where all wait for other blocks those, until someone has made the current one ready and its turn has
// come.
void BlockRunner::wait() {
  CudaThread& me = self();
  CudaThread* next = pick();
  if (next == &me) return;
  if (next == nullptr) {
    if (at_cluster_ == 0) stop_deadlocked();
    me.fibre->switch_to(main_);
    return;
  }
  Fibre& other = fibre_for(*next);
  current.thread = next;
  me.fibre->switch_to(other);
}

void BlockRunner::yield() {
  make_ready(self().linear);
  cursor_ = self().linear + 1;
  wait();
}

// ---- Barriers

Vote BlockRunner::barrier(Place place, int id, bool predicate) {
  CudaThread& me = self();
  if (arrived_ == 0) {
    barrier_place_ = place;
    barrier_id_ = id;
    barrier_first_ = me.linear;
  } else if (id != barrier_id_ || !same(place, barrier_place_)) {
    stop({.kind = Fault::kTwoBarriers,
          .thread = &me,
          .place = place,
          .other = &threads_[barrier_first_],
          .other_place = barrier_place_});
  }
  me.place = place;
  [[maybe_unused]] char* key = &barrier_key_[phase_ % 2];
  release(key);
  votes_ += predicate ? 1 : 0;
  if (++arrived_ < count_) {
    me.state = State::kAtBarrier;
    wait();
  } else {
    vote_ = {votes_, votes_ > 0, votes_ == count_};
    arrived_ = 0;
    votes_ = 0;
    ++phase_;
    for (unsigned i = 0; i < count_; ++i) {
      if (i == me.linear) continue;
      threads_[i].state = State::kRunnable;
      make_ready(i);
    }
  }
  acquire(key);
  return vote_;
}

void BlockRunner::cluster_arrive(Place place) {
  CudaThread& me = self();
  if (me.arrived) fail(place, "a thread that arrives at its cluster's barrier twice without waiting");
  me.arrived = true;
  me.phase = cluster_->phase;
  cluster_->place = place;
  release(&cluster_->keys[me.phase % 2]);
  if (++cluster_->arrived == cluster_->running) open(*cluster_);
}

void BlockRunner::cluster_wait(Place place) {
  CudaThread& me = self();
  if (!me.arrived) fail(place, "a thread that waits at its cluster's barrier and has not arrived");
  me.arrived = false;
  if (me.phase == cluster_->phase) {
    me.place = place;
    me.state = State::kAtCluster;
    ++at_cluster_;
    wait();
  }
  acquire(&cluster_->keys[me.phase % 2]);
}

// All threads have arrived: lets those go on that wait.
void BlockRunner::open(Cluster& cluster) {
  cluster.arrived = 0;
  ++cluster.phase;
  for (BlockRunner* block : cluster.blocks) {
    for (unsigned i = 0; i < block->count_ && block->at_cluster_ > 0; ++i) {
      if (block->threads_[i].state != State::kAtCluster) continue;
      block->threads_[i].state = State::kRunnable;
      block->make_ready(i);
      --block->at_cluster_;
    }
  }
}

void BlockRunner::warp_operation(unsigned mask, Place place, void* mine, Combine combine, bool ordered) {
  CudaThread& me = self();
  const unsigned lane = me.linear % 32;
  const unsigned bit = 1u << lane;
  Warp& warp = warps_[me.linear / 32];
  if ((mask & bit) == 0) stop({.kind = Fault::kNotInMask, .thread = &me, .place = place, .mask = mask});
  unsigned i = 0;
  while (i < warp.count && warp.gatherings[i].mask != mask) ++i;
  if (i == warp.count) {
    warp.gatherings[warp.count++] = {mask, 0, place, combine, ordered};
  } else if (!same(place, warp.gatherings[i].place) || combine != warp.gatherings[i].combine) {
    const unsigned other = me.linear / 32 * 32 + static_cast<unsigned>(std::countr_zero(warp.gatherings[i].arrived));
    stop({.kind = Fault::kTwoOperations,
          .thread = &me,
          .place = place,
          .other = &threads_[other],
          .other_place = warp.gatherings[i].place});
  }
  Gathering& gathering = warp.gatherings[i];
  gathering.arrived |= bit;
  warp.lanes[lane] = mine;
  me.place = place;
  if (ordered) release(&warp.arrived_key[lane]);
  if (gathering.arrived == (mask & warp.running)) {
    me.state = State::kInWarp;
    complete(warp, me.linear / 32 * 32, i);
    ready_[me.linear / 64] &= ~(std::uint64_t{1} << (me.linear % 64));
  } else {
    me.state = State::kInWarp;
    wait();
  }
  if (ordered) acquire(&warp.woken_key[lane]);
}

// Does the operation, wakes its lanes and forgets it. These lanes run next, while their stacks are in the cache.
void BlockRunner::complete(Warp& warp, unsigned first_thread, unsigned gathering) {
  const Gathering g = warp.gatherings[gathering];
  warp.gatherings[gathering] = warp.gatherings[--warp.count];
  cursor_ = first_thread;
  if (g.combine != nullptr) {
    void* lanes[32];
    for (unsigned lane = 0; lane < 32; ++lane) lanes[lane] = (g.arrived >> lane & 1) != 0 ? warp.lanes[lane] : nullptr;
    g.combine(lanes);
  }
  for (unsigned lane = 0; lane < 32; ++lane) {
    if ((g.arrived >> lane & 1) == 0) continue;
    if (g.ordered) acquire(&warp.arrived_key[lane]);
    threads_[first_thread + lane].state = State::kRunnable;
    make_ready(first_thread + lane);
  }
  if (g.ordered) {
    for (unsigned lane = 0; lane < 32; ++lane) {
      if ((g.arrived >> lane & 1) != 0) release(&warp.woken_key[lane]);
    }
  }
}

// ---- Shared memory

void BlockRunner::clear_shared() {
  if constexpr (kThreadSanitizer) {
    // New memory to the sanitizer, so that what two blocks do with it is not compared.
    if (shared_used_ > 0) {
      mmap(shared_, (shared_used_ + 4095) / 4096 * 4096, PROT_READ | PROT_WRITE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    }
  } else {
    forbid(shared_, shared_used_);
  }
  shared_used_ = 0;
  variables_.clear();
}

std::byte* BlockRunner::allocate_shared(std::size_t bytes) {
  std::byte* address = shared_ + shared_used_;
  shared_used_ += (bytes + kGap + 15) / 16 * 16;
  allow(address, bytes);
  fill_with_ones(address, bytes);
  return address;
}

void* BlockRunner::shared_variable(Place place, const void* key, std::size_t bytes) {
  for (const SharedVariable& variable : variables_) {
    if (variable.key == key) return variable.address;
  }
  shared_static_ += bytes;
  if (shared_static_ > kSharedBytesOptIn || shared_used_ + bytes + 2 * kGap > kArena) {
    stop({.kind = Fault::kSharedMemory, .thread = &self(), .place = place});
  }
  if (variables_.size() == kVariables) fail(place, "too many shared variables");
  variables_.push_back({key, allocate_shared(bytes), bytes});
  return variables_.back().address;
}

// Variables lie in the order of their first use, which need not be the other block's.
void* BlockRunner::shared_of(Place place, void* mine, unsigned rank) {
  if (rank >= cluster_->blocks.size()) fail(place, "shared memory of a block that the cluster does not have");
  BlockRunner& other = *cluster_->blocks[rank];
  if (other.ended_ == other.count_) fail(place, "shared memory of a block that has ended");
  auto* address = static_cast<std::byte*>(mine);
  for (const SharedVariable& variable : variables_) {
    if (address < variable.address || address >= variable.address + variable.bytes) continue;
    return static_cast<std::byte*>(other.shared_variable(place, variable.key, variable.bytes)) +
           (address - variable.address);
  }
  if (address < shared_ || address >= shared_ + kArena) fail(place, "no shared memory of this block");
  return other.shared_ + (address - shared_);
}

// ---- Failures

void BlockRunner::fail(Place place, const char* what) {
  stop({.kind = Fault::kMessage, .thread = &self(), .place = place, .message = what});
}

void BlockRunner::stop(const Fault& fault) {
  fault_ = fault;
  failed_ = true;
  self().fibre->switch_to(main_);
  __builtin_unreachable();
}

// No thread can go on: one waits for lanes that are elsewhere, or some wait at a barrier and the others have ended.
void BlockRunner::stop_deadlocked() {
  const CudaThread* ended = nullptr;
  for (unsigned i = 0; i < count_; ++i) {
    const CudaThread& thread = threads_[i];
    if (thread.state == State::kEnded) ended = &thread;
    if (thread.state != State::kInWarp) continue;
    const Warp& warp = warps_[i / 32];
    for (unsigned j = 0; j < warp.count; ++j) {
      const Gathering& g = warp.gatherings[j];
      if ((g.arrived >> i % 32 & 1) == 0) continue;
      const unsigned missing = g.mask & warp.running & ~g.arrived;
      const CudaThread& other = threads_[i / 32 * 32 + static_cast<unsigned>(std::countr_zero(missing))];
      stop({.kind = Fault::kMissingLanes,
            .thread = &thread,
            .place = g.place,
            .other = &other,
            .other_place = other.place,
            .mask = g.mask,
            .missing = missing});
    }
  }
  stop(
      {.kind = Fault::kUnreachedBarrier, .thread = &threads_[barrier_first_], .place = barrier_place_, .other = ended});
}

std::string BlockRunner::describe(const Fault& f) const {
  const auto other = [&f] { return "thread " + coordinates(f.other->index); };
  std::string what;
  switch (f.kind) {
    case Fault::kMessage: what = f.message; break;
    case Fault::kTwoBarriers:
      what = "threads of one block wait at different barriers: " + other() + " at " + at(f.other_place) + ", this one";
      break;
    case Fault::kUnreachedBarrier:
      what = "a barrier that not all threads reach: " + (f.other != nullptr ? other() : "another") + " has ended;";
      break;
    case Fault::kUnreachedCluster: what = "a cluster's barrier that not all threads reach"; break;
    case Fault::kNotInMask: what = text("a lane that is not in its own mask 0x%08x", f.mask); break;
    case Fault::kTwoOperations:
      what = "lanes of one warp are in different operations: " + other() + " at " + at(f.other_place) + ", this one";
      break;
    case Fault::kMissingLanes:
      what = text("an operation of mask 0x%08x waits for lanes 0x%08x, of which ", f.mask, f.missing) + other() +
             " waits at " + at(f.other_place) + ";";
      break;
    case Fault::kSharedMemory:
      what = text("%zu bytes of shared memory, more than %zu", shared_static_, kSharedBytesOptIn);
      break;
  }
  return text("kernel %s: ", name_) + what + " at " + at(f.place) + ", block " + coordinates(index) + " thread " +
         coordinates(f.thread->index);
}

// ---- What kernels call

void fail(Place place, const char* what) { runner().fail(place, what); }
Vote block_barrier(Place place, int id, bool predicate) { return runner().barrier(place, id, predicate); }
void cluster_arrive(Place place) { runner().cluster_arrive(place); }
void cluster_wait(Place place) { runner().cluster_wait(place); }
unsigned cluster_rank() { return runner().rank(); }
unsigned cluster_size() { return runner().cluster_size(); }
void* shared_of_block(Place place, void* mine, unsigned rank) { return runner().shared_of(place, mine, rank); }
void yield_to_others() { runner().yield(); }
void warp_operation(unsigned mask, Place place, void* mine, Combine combine, bool ordered) {
  runner().warp_operation(mask, place, mine, combine, ordered);
}
void* shared_variable(Place place, const void* key, std::size_t bytes) {
  return runner().shared_variable(place, key, bytes);
}

// A fence makes earlier writes visible to whoever sees a later atomic of the same thread: the sanitizer is told that an
// atomic learns all that any fence has published.
namespace {
[[maybe_unused]] char fence_key;
}
void fence() {
  acquire(&fence_key);
  release(&fence_key);
}
void before_atomic() { acquire(&fence_key); }

}  // namespace emulated
