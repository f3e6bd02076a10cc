#include "program.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace nautile {
namespace {

// Addresses of programs end below 2^57 on the processors there are.
constexpr std::uintptr_t kFirstName = std::uintptr_t{1} << 60;

constexpr std::int64_t kLine = 64;

std::uintptr_t number(const std::byte* address) { return reinterpret_cast<std::uintptr_t>(address); }

}  // namespace

Program::Program(std::vector<RecordedCall> calls, std::vector<Span> spans) : calls_(std::move(calls)) {
  std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) {
    return std::pair(number(a.block), a.begin) < std::pair(number(b.block), b.begin);
  });
  std::uintptr_t name = kFirstName;
  for (const Span& span : spans) {
    const bool kept = span.end == Span::kKept;
    tensors_.push_back({kept ? number(span.block) : name, span.bytes, kept, 0, 0, 0});
    name += static_cast<std::uintptr_t>(round_up(span.bytes, kLine) + kLine);
  }
  for (Index i = 0; i < calls_.size(); ++i) {
    const auto time = static_cast<std::int64_t>(i);
    for_words(i, [&](std::uintptr_t word, std::size_t at) {
      // the latest life, of the last block at or before the word, that has begun
      auto span =
          std::upper_bound(spans.begin(), spans.end(), std::pair(word, time),
                           [](const auto& key, const Span& s) { return key < std::pair(number(s.block), s.begin); });
      if (span == spans.begin()) return;
      --span;
      while (span != spans.begin() && span->begin > time) --span;
      if (span->begin > time || span->end <= time) return;
      const std::uintptr_t offset = word - number(span->block);
      if (offset >= static_cast<std::uintptr_t>(span->bytes)) return;
      const std::uintptr_t address = tensors_[static_cast<Index>(span - spans.begin())].address + offset;
      std::memcpy(calls_[i].args.data() + at, &address, sizeof address);
    });
  }
  by_address_.resize(tensors_.size());
  std::iota(by_address_.begin(), by_address_.end(), Index{0});
  std::sort(by_address_.begin(), by_address_.end(),
            [&](Index a, Index b) { return tensors_[a].address < tensors_[b].address; });
}

Program::Index Program::tensor_of(std::uintptr_t address) const {
  const auto after = std::upper_bound(by_address_.begin(), by_address_.end(), address,
                                      [&](std::uintptr_t key, Index tensor) { return key < tensors_[tensor].address; });
  if (after == by_address_.begin()) return kNone;
  const Tensor& tensor = tensors_[*(after - 1)];
  return address - tensor.address < static_cast<std::uintptr_t>(tensor.bytes) ? *(after - 1) : kNone;
}

std::vector<Program::Index> Program::users(Index tensor) const {
  std::vector<Index> found;
  for (Index i = 0; i < calls_.size(); ++i) {
    if (!idle(tensor, i, i + 1)) found.push_back(i);
  }
  return found;
}

bool Program::only(Index tensor, const std::vector<Index>& users) const {
  if (tensor == kNone || tensors_[tensor].kept) return false;
  const std::vector<Index> all = this->users(tensor);
  return std::all_of(all.begin(), all.end(),
                     [&](Index user) { return std::find(users.begin(), users.end(), user) != users.end(); });
}

bool Program::idle(Index tensor, Index first, Index last) const {
  if (tensor == kNone) return false;
  const Tensor& t = tensors_[tensor];
  bool idle = true;
  for (Index i = first; i < last; ++i) {
    for_words(
        i, [&](std::uintptr_t word, std::size_t) { idle &= word - t.address >= static_cast<std::uintptr_t>(t.bytes); });
  }
  return idle;
}

void Program::drop(Index call, Index by, const char* name) {
  calls_[by].fused += std::string(" + ") + name + calls_[call].fused;
  calls_[call].dropped = true;
}

// Large tensors first, each at the lowest place that is free while it is used (Pisarchyk and Lee 2020, arXiv:2001.03288,
// section 5.2).
std::int64_t Program::lay_out() {
  std::vector<Tensor*> placed;
  for (Index i = 0; i < tensors_.size(); ++i) {
    const std::vector<Index> all = tensors_[i].kept ? std::vector<Index>() : users(i);
    if (all.empty()) continue;
    tensors_[i].first = all.front();
    tensors_[i].last = all.back();
    placed.push_back(&tensors_[i]);
  }
  std::stable_sort(placed.begin(), placed.end(), [](const Tensor* a, const Tensor* b) { return a->bytes > b->bytes; });
  std::int64_t total = 0;
  std::vector<const Tensor*> beside;  // placed and used at the same time
  for (auto next = placed.begin(); next != placed.end(); ++next) {
    Tensor& tensor = **next;
    beside.clear();
    std::copy_if(placed.begin(), next, std::back_inserter(beside),
                 [&](const Tensor* other) { return other->first <= tensor.last && tensor.first <= other->last; });
    std::sort(beside.begin(), beside.end(), [](const Tensor* a, const Tensor* b) { return a->offset < b->offset; });
    for (const Tensor* other : beside) {
      if (tensor.offset + tensor.bytes <= other->offset) break;
      tensor.offset = std::max(tensor.offset, other->offset + round_up(other->bytes, kLine));
    }
    total = std::max(total, tensor.offset + round_up(tensor.bytes, kLine));
  }
  return total;
}

std::vector<RecordedCall> Program::finish(std::byte* block) {
  for (Index i = 0; i < calls_.size(); ++i) {
    for_words(i, [&](std::uintptr_t word, std::size_t at) {
      const Index tensor = tensor_of(word);
      if (tensor == kNone || tensors_[tensor].kept) return;
      const std::byte* address = block + tensors_[tensor].offset + (word - tensors_[tensor].address);
      std::memcpy(calls_[i].args.data() + at, &address, sizeof address);
    });
  }
  std::erase_if(calls_, [](const RecordedCall& call) { return call.dropped; });
  return std::move(calls_);
}

}  // namespace nautile
