#include "plan.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <functional>

#include "nautile/plan.h"

namespace nautile {
namespace {

// With fewer tasks a kernel is done before the others have been told of it.
constexpr std::int64_t kWorthSharing = 2;

// Of bytes, as words of 8, by FNV-1a's rule: a step that writes to its constants shall not go unnoticed.
std::uint64_t hash_of(const std::byte* data, std::int64_t bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (std::int64_t i = 0; i < bytes; i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, data + i, static_cast<std::size_t>(std::min<std::int64_t>(8, bytes - i)));
    hash = (hash ^ word) * 0x100000001b3;
  }
  return hash;
}

}  // namespace

thread_local Plan* Plan::recording_ = nullptr;

// ------------------------------------------------------------------------------------------------ memory

void* PlanMemory::allocate(std::int64_t bytes, std::string& reason) {
  const std::lock_guard lock(mutex_);
  const std::int64_t whole = round_up(std::max<std::int64_t>(bytes, 1), 64);
  const auto fit = free_.lower_bound(whole);
  void* block;
  if (fit != free_.end() && fit->first <= whole + whole / 4) {
    block = fit->second;
    free_.erase(fit);
  } else {
    block = parent_.allocate(whole, reason);
    if (block == nullptr) return nullptr;
    blocks_.emplace(block, whole);
  }
  ++live_;
  if (recording_) {
    alive_[block] = spans_.size();
    spans_.push_back({static_cast<std::byte*>(block), blocks_.at(block), time_, Span::kKept});
  }
  return block;
}

void PlanMemory::release(void* block, std::int64_t) {
  if (block == nullptr) return;
  bool last;
  {
    const std::lock_guard lock(mutex_);
    free_.emplace(blocks_.at(block), block);
    if (recording_) spans_[alive_.at(block)].end = time_;
    last = --live_ == 0 && closed_;
  }
  if (last) delete this;
}

void PlanMemory::close() {
  bool last;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    last = live_ == 0;
  }
  if (last) delete this;
}

void PlanMemory::tick() {
  const std::lock_guard lock(mutex_);
  ++time_;
}

std::vector<Span> PlanMemory::spans() {
  const std::lock_guard lock(mutex_);
  recording_ = false;
  alive_.clear();
  return std::move(spans_);
}

void PlanMemory::shrink() {
  const std::lock_guard lock(mutex_);
  for (const auto& [bytes, block] : free_) {
    parent_.release(block, bytes);
    blocks_.erase(block);
  }
  free_.clear();
}

PlanMemory::~PlanMemory() {
  for (const auto& [block, bytes] : blocks_) parent_.release(block, bytes);
}

std::int64_t PlanMemory::held() const {
  const std::lock_guard lock(mutex_);
  std::int64_t bytes = 0;
  for (const auto& [block, size] : blocks_) bytes += size;
  return bytes;
}

// ------------------------------------------------------------------------------------------------ recording

Plan* Plan::begin(Context& context, std::string& reason) {
  if (recording_ != nullptr) {
    reason = "this thread is recording a plan already";
    return nullptr;
  }
  recording_ = new Plan(context);
  return recording_;
}

void Plan::add(Context& context, const Call& call) {
  if (&context != &base_) return;
  const auto* args = static_cast<const std::byte*>(call.args);
  calls_.push_back({call.signature, call.kernel, {args, args + call.signature->bytes}, ""});
  call.signature->clear_padding(calls_.back().args.data());
  memory_->tick();
}

ntl_status Plan::end(bool keep, bool fuse) {
  recording_ = nullptr;
  if (!keep) return NTL_OK;
  ntl_status status = arrange(fuse);
  if (status == NTL_OK) status = prepack();
  if (status != NTL_OK) return status;
  for (const RecordedCall& call : calls_) {
    const bool alone = call.call().tasks() < kWorthSharing;
    const bool barrier = !nodes_.empty() && !(alone && nodes_.back().alone);
    nodes_.push_back({call.call(), alone, barrier, 0});
  }
  if (base_.device == nullptr) return reserve(1);
  Team team;
  if (const Reason failed = base_.device->enter(team); failed != nullptr) return fail(NTL_DEVICE_ERROR, failed);
  status = reserve(1);
  return status == NTL_OK ? capture(team) : status;
}

void Plan::constant(const std::byte* address, std::int64_t bytes) {
  if (base_.device == nullptr && bytes > 0) constants_.push_back({address, bytes, hash_of(address, bytes)});
}

// Packs the weights that never change, once for all calls that want them packed alike.
ntl_status Plan::prepack() {
  for (const Constant& c : constants_) {
    if (hash_of(c.begin, c.bytes) != c.hash) return fail(NTL_BAD_ARGUMENT, "the step changes a constant of the plan");
  }
  struct Packing {
    RecordedCall& call;
    Weights weights;
    std::int64_t bytes;
    std::int64_t offset;
  };
  std::vector<Packing> packings;
  for (RecordedCall& call : calls_) {
    const Weights weights = call.signature->weights(call.args.data());
    const auto* data = reinterpret_cast<const std::byte*>(weights.data);
    const bool constant = std::any_of(constants_.begin(), constants_.end(), [&](const Constant& c) {
      return std::less_equal<>()(c.begin, data) && std::less<>()(data, c.begin + c.bytes);
    });
    const std::int64_t bytes = constant ? call.signature->prepack(call.kernel, call.args.data(), nullptr) : 0;
    if (bytes == 0) continue;
    const auto same = std::find_if(packings.begin(), packings.end(), [&](const Packing& other) {
      return other.weights == weights && other.bytes == bytes;
    });
    packings.push_back({call, weights, bytes, same == packings.end() ? packed_bytes_ : same->offset});
    if (packings.back().offset == packed_bytes_) packed_bytes_ += round_up(bytes, 64);
  }
  if (packings.empty()) return NTL_OK;
  std::string reason;
  packed_ = static_cast<std::byte*>(base_.memory->allocate(packed_bytes_, reason));
  if (packed_ == nullptr) return fail(NTL_OUT_OF_MEMORY, reason);
  std::int64_t end = 0;
  for (const Packing& p : packings) {
    std::byte* packed = packed_ + p.offset;
    if (p.offset == end) end += round_up(p.call.signature->prepack(p.call.kernel, p.call.args.data(), packed), 64);
    p.call.signature->set_packed(p.call.args.data(), reinterpret_cast<const float*>(packed));
  }
  return NTL_OK;
}

// Fuses calls and deals out memory to what is left.
ntl_status Plan::arrange(bool fuse) {
  Program program(std::move(calls_), memory_->spans());
  if (fuse) program.fuse();
  block_bytes_ = program.lay_out();
  memory_->shrink();
  std::string reason;
  if (block_bytes_ > 0) {
    block_ = static_cast<std::byte*>(base_.memory->allocate(block_bytes_, reason));
    if (block_ == nullptr) return fail(NTL_OUT_OF_MEMORY, reason);
  }
  calls_ = program.finish(block_);
  return NTL_OK;
}

// Enough scratch memory for any of the calls.
ntl_status Plan::reserve(std::int64_t team_size) {
  std::int64_t bytes = 0;
  for (const Node& node : nodes_) bytes = std::max(bytes, node.call.workspace(node.alone ? 1 : team_size));
  if (bytes <= workspace_bytes_) return NTL_OK;
  bytes = round_up(bytes, 64);
  std::string reason;
  auto* larger = static_cast<std::byte*>(base_.memory->allocate(bytes, reason));
  if (larger == nullptr) return fail(NTL_OUT_OF_MEMORY, reason);
  base_.memory->release(workspace_, workspace_bytes_);
  workspace_ = larger;
  workspace_bytes_ = bytes;
  return NTL_OK;
}

// The device keeps the launches itself.
ntl_status Plan::capture(Team& team) {
  const Device& device = *base_.device;
  const DevicePlugin& plugin = device.plugin();
  Reason failed = plugin.begin_capture(device.handle(), &team.stream);
  if (failed != nullptr) return fail(NTL_DEVICE_ERROR, failed);
  for (const Node& node : nodes_) node.call.run(workspace_, team);
  failed = plugin.end_capture(device.handle(), &graph_);
  const ntl_status status = outcome_of_libraries();
  return status == NTL_OK && failed != nullptr ? fail(NTL_DEVICE_ERROR, failed) : status;
}

// ------------------------------------------------------------------------------------------------ running

std::int64_t TeamChoice::next(std::int64_t threads) {
  if (threads != threads_) {
    threads_ = threads;
    run_ = 0;
    runs_ = kFewRuns;
  } else if (run_ == runs_) {
    run_ = 0;
  }
  if (run_ < 2 * kSamples) team_ = run_ % 2 == 0;
  if (run_ == 2 * kSamples) {
    const auto median = [](double* samples) {
      std::nth_element(samples, samples + kSamples / 2, samples + kSamples);
      return samples[kSamples / 2];
    };
    team_ = median(team_seconds_) < median(alone_seconds_);
    runs_ = team_ == chosen_ ? std::min(2 * runs_, kManyRuns) : kFewRuns;
    chosen_ = team_;
  }
  return team_ ? threads : 1;
}

void TeamChoice::took(double seconds) {
  if (run_ == 0 && seconds > kLongSeconds) run_ = 2 * kSamples;
  if (run_ < 2 * kSamples) (team_ ? team_seconds_ : alone_seconds_)[run_ / 2] = seconds;
  ++run_;
}

ntl_status Plan::run() {
  const std::lock_guard lock(running_);
  if (base_.device == nullptr) return run_on_processor();
  const Reason failed = base_.device->plugin().run_graph(base_.device->handle(), graph_);
  return failed == nullptr ? NTL_OK : fail(NTL_DEVICE_ERROR, failed);
}

ntl_status Plan::run_on_processor() {
  using Clock = std::chrono::steady_clock;
  Pool::Region region(Pool::instance(), team_.next(Pool::instance().threads()));
  const Clock::time_point start = Clock::now();
  if (const ntl_status status = reserve(region.size()); status != NTL_OK) return status;
  Fault fault;
  struct Run {
    std::vector<Node>& nodes;
    std::byte* workspace;
    Fault* fault;
    bool measured;
  } run{nodes_, workspace_, &fault, measured_};
  region.run(
      [](void* argument, const Team& team) {
        const Run& r = *static_cast<const Run*>(argument);
        Team member = team;
        member.fault = r.fault;
        Team alone;
        alone.fault = r.fault;
        Clock::time_point last = r.measured ? Clock::now() : Clock::time_point();
        for (Node& node : r.nodes) {
          if (node.barrier) team.barrier();
          if (!node.alone) {
            node.call.run(r.workspace, member);
          } else if (team.rank == 0) {
            node.call.run(r.workspace, alone);
          }
          if (r.measured && team.rank == 0) {  // with the wait before it
            const Clock::time_point now = Clock::now();
            node.seconds += std::chrono::duration<double>(now - last).count();
            last = now;
          }
        }
      },
      &run);
  if (measured_) ++measured_runs_;
  team_.took(std::chrono::duration<double>(Clock::now() - start).count());
  const std::string reported = take(fault);
  return reported.empty() ? NTL_OK : fail(NTL_BAD_ARGUMENT, reported);
}

void Plan::close() { delete this; }

void Plan::measure(bool on) {
  const std::lock_guard lock(running_);
  measured_ = on;
  measured_runs_ = 0;
  for (Node& node : nodes_) node.seconds = 0;
}

std::string Plan::explain() {
  const std::lock_guard lock(running_);
  const std::int64_t team_size = Pool::instance().threads();
  std::string text;
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    const Call call = calls_[i].call();
    const bool alone = nodes_.empty() || nodes_[i].alone;
    const double seconds = measured_runs_ > 0 ? nodes_[i].seconds / static_cast<double>(measured_runs_) : 0;
    const std::int64_t numbers[] = {call.tasks(), call.workspace(alone ? 1 : team_size), alone ? 0 : 1,
                                    std::llround(seconds * 1e9), std::llround(call.signature->flops(call.args))};
    text += call.signature->name + calls_[i].fused;
    for (const std::int64_t number : numbers) text += '\t' + std::to_string(number);
    text += '\t';
    const char* separator = "";
    for (const char* algorithm : call.signature->algorithms(call.kernel, call.args).of) {
      if (algorithm == nullptr) continue;
      text += separator;
      text += algorithm;
      separator = ", ";
    }
    text += '\n';
  }
  return text;
}

Plan::~Plan() {
  if (recording_ == this) recording_ = nullptr;
  if (graph_ != nullptr) base_.device->plugin().release_graph(base_.device->handle(), graph_);
  base_.memory->release(workspace_, workspace_bytes_);
  base_.memory->release(packed_, packed_bytes_);
  base_.memory->release(block_, block_bytes_);
  memory_->close();
}

}  // namespace nautile

using namespace nautile;

namespace {
Plan& plan_of(ntl_plan handle) { return *reinterpret_cast<Plan*>(handle); }
}  // namespace

ntl_plan ntl_plan_begin(ntl_context context) {
  std::string reason;
  Plan* plan = Plan::begin(from(context), reason);
  if (plan == nullptr) fail(NTL_BAD_ARGUMENT, "plan_begin: " + reason);
  return reinterpret_cast<ntl_plan>(plan);
}

ntl_context ntl_plan_context(ntl_plan plan) { return reinterpret_cast<ntl_context>(&plan_of(plan).context()); }

ntl_status ntl_plan_constant(ntl_plan plan, ntl_address address, int64_t bytes) {
  if (bytes < 0) return fail(NTL_BAD_ARGUMENT, "plan_constant: " + std::to_string(bytes) + " bytes");
  plan_of(plan).constant(at<const std::byte>(address), bytes);
  return NTL_OK;
}

ntl_status ntl_plan_end(ntl_plan plan, int32_t keep, int32_t fuse) { return plan_of(plan).end(keep != 0, fuse != 0); }

ntl_status ntl_plan_run(ntl_plan plan) { return plan_of(plan).run(); }

int64_t ntl_plan_calls(ntl_plan plan) { return plan_of(plan).calls(); }

int64_t ntl_plan_bytes(ntl_plan plan) { return plan_of(plan).bytes(); }

void ntl_plan_measure(ntl_plan plan, int32_t on) { plan_of(plan).measure(on != 0); }

const char* ntl_plan_explain(ntl_plan plan) {
  thread_local std::string text;
  text = plan_of(plan).explain();
  return text.c_str();
}

void ntl_plan_close(ntl_plan plan) { plan_of(plan).close(); }
