// A recorded sequence of kernels, run again with one call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "dispatch.hpp"
#include "program.hpp"

namespace nautile {

// Blocks for the tensors made while a plan is recorded. One that is released meanwhile is handed out again: in each run the
// kernels find the same blocks in the same order. All are kept until the plan is closed and the last tensor has gone, which
// may be later.
class PlanMemory final : public Memory {
 public:
  explicit PlanMemory(const Context& context)
      : parent_(*context.memory), context_{context.kernels, this, context.device} {}

  // What its tensors take for their context: it lives as long as they.
  Context& context() { return context_; }

  void* allocate(std::int64_t bytes, std::string& reason) override;
  void release(void* block, std::int64_t bytes) override;

  // The plan is gone: frees everything, now or with the last tensor, and this object with it.
  void close();

  // Limits, checks and counts are the parent's.
  void limit(std::int64_t bytes) override { parent_.limit(bytes); }
  void check(bool on) override { parent_.check(on); }
  void trim() override { parent_.trim(); }
  std::int64_t used() const override { return parent_.used(); }
  std::int64_t peak() const override { return parent_.peak(); }
  std::int64_t reserved() const override { return parent_.reserved(); }
  std::int64_t damaged() const override { return parent_.damaged(); }

  // Bytes taken from the parent.
  std::int64_t held() const;

  // Another call was recorded.
  void tick();
  // The lives of all blocks in the recording, which has ended.
  std::vector<Span> spans();
  // Gives the parent back what no tensor has.
  void shrink();

 private:
  ~PlanMemory() override;

  Memory& parent_;
  Context context_;
  mutable std::mutex mutex_;
  bool closed_ = false;
  std::size_t live_ = 0;
  std::unordered_map<void*, std::int64_t> blocks_;  // every block taken from the parent, and its size
  std::multimap<std::int64_t, void*> free_;
  std::int64_t time_ = 0;  // calls recorded so far
  bool recording_ = true;
  std::vector<Span> spans_;
  std::unordered_map<void*, std::size_t> alive_;  // the span of each block that a tensor has
};

// Whether a team is faster than one thread alone, learnt from the runs of a plan. Of a small step, barriers can cost more
// than the second thread brings, above all on cores shared with other programs; and that changes with what they do. Any
// choice gives the same bits.
class TeamChoice {
 public:
  // The team for the next run, out of the pool's threads.
  std::int64_t next(std::int64_t threads);

  // How long the run took with the team that next() gave.
  void took(double seconds);

 private:
  static constexpr double kLongSeconds = 5e-3;  // of a run that is worth a team in any case
  static constexpr int kSamples = 7;            // of each, of which the median counts
  static constexpr int kFewRuns = 100;  // until both are tried again; twice as many each time the choice is the same
  static constexpr int kManyRuns = 1600;

  std::int64_t threads_ = 0;
  int run_ = 0;  // since they were tried
  int runs_ = kFewRuns;
  bool team_ = false;
  bool chosen_ = false;
  double alone_seconds_[kSamples] = {};
  double team_seconds_[kSamples] = {};
};

class Plan {
 public:
  // Starts to record what the calling thread runs in the context; null and the reason if it is recording already.
  static Plan* begin(Context& context, std::string& reason);

  // Keeps the call if the calling thread records a plan for the context.
  static void record(Context& context, const Call& call) {
    if (recording_ != nullptr) recording_->add(context, call);
  }

  // That memory holds what it holds now for as long as the plan lives; before the recording ends.
  void constant(const std::byte* address, std::int64_t bytes);

  // Ends the recording, of which nothing is kept when `keep` is false, and makes the plan ready to run.
  ntl_status end(bool keep, bool fuse);

  // Runs every call again, in order, on the same addresses.
  ntl_status run();

  void close();

  // Whether later runs on the processor measure each call.
  void measure(bool on);

  // A line for each call: its name, tasks, bytes of scratch memory, whether a team runs it, nanoseconds of a run, operations.
  std::string explain();

  // The context that tensors of the recorded step are allocated in.
  Context& context() { return memory_->context(); }
  std::int64_t calls() const { return static_cast<std::int64_t>(nodes_.empty() ? calls_.size() : nodes_.size()); }
  std::int64_t bytes() const { return memory_->held() + block_bytes_ + packed_bytes_ + workspace_bytes_; }

 private:
  struct Node {
    Call call;
    bool alone;    // too little work for a team: member 0 runs it
    bool barrier;  // the members meet before it
    double seconds = 0;
  };

  explicit Plan(Context& context) : base_(context), memory_(new PlanMemory(context)) {}
  ~Plan();

  void add(Context& context, const Call& call);
  ntl_status arrange(bool fuse);
  ntl_status prepack();
  ntl_status reserve(std::int64_t team_size);
  ntl_status capture(Team& team);
  ntl_status run_on_processor();

  static thread_local Plan* recording_;

  Context& base_;
  PlanMemory* const memory_;  // deletes itself
  std::vector<RecordedCall> calls_;
  std::vector<Node> nodes_;  // whose arguments are those of calls_
  std::mutex running_;
  bool measured_ = false;
  std::int64_t measured_runs_ = 0;
  std::byte* block_ = nullptr;  // of all tensors that only the plan knows
  std::int64_t block_bytes_ = 0;
  struct Constant {
    const std::byte* begin;
    std::int64_t bytes;
    std::uint64_t hash;  // of what it held
  };
  std::vector<Constant> constants_;
  std::byte* packed_ = nullptr;  // the weights among them as their kernels want them
  std::int64_t packed_bytes_ = 0;
  std::byte* workspace_ = nullptr;  // one for all calls
  std::int64_t workspace_bytes_ = 0;
  TeamChoice team_;
  void* graph_ = nullptr;  // on a device
};

}  // namespace nautile
