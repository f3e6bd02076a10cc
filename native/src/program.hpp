// The calls of a plan and the memory they share, while the plan is made better.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "dispatch.hpp"

namespace nautile {

// A call with arguments of its own.
struct RecordedCall {
  const Signature* signature;
  const void* kernel;
  std::vector<std::byte> args;
  std::string fused;     // the ops whose work it does besides its own, for people: " + relu"
  bool dropped = false;  // another does its work

  Call call() const { return {signature, kernel, args.data()}; }
};

// One life of a block of memory: of a tensor that the calls [begin, end) could use.
struct Span {
  static constexpr std::int64_t kKept = INT64_MAX;  // as `end`: the tensor is used after the recording, too

  std::byte* block;
  std::int64_t bytes;
  std::int64_t begin;
  std::int64_t end;
};

// Arguments are seen as words of 8 bytes; one that points into a block that is in use then is a pointer, for sizes are far
// smaller, and padding is zero. While a program exists, such pointers are replaced by names: addresses that no memory has,
// different for each tensor, whichever of them had the same block. So the order of reads and writes through names is all that
// a rule must heed, and memory is dealt out at the end. What is kept stays where it is.
class Program {
 public:
  Program(std::vector<RecordedCall> calls, std::vector<Span> spans);

  // Lets kernels do the work of neighbours, whose intermediate results then never reach memory.
  void fuse();

  // Deals out one block to all that has a name, the same place to tensors that are used at different times; the bytes it needs.
  std::int64_t lay_out();

  // The calls, which find their memory in that block.
  std::vector<RecordedCall> finish(std::byte* block);

 private:
  using Index = std::size_t;
  static constexpr Index kNone = SIZE_MAX;

  // The arguments of a call if they are of that type.
  template <typename Args>
  Args* as(Index call) {
    RecordedCall& c = calls_[call];
    return !c.dropped && c.signature == &signature<Args> ? reinterpret_cast<Args*>(c.args.data()) : nullptr;
  }

  // f(word, its place in the arguments) for each word of a call.
  template <typename F>
  void for_words(Index call, F&& f) const {
    const std::vector<std::byte>& args = calls_[call].args;
    for (std::size_t at = 0; !calls_[call].dropped && at + sizeof(std::uintptr_t) <= args.size();
         at += sizeof(std::uintptr_t)) {
      std::uintptr_t word;
      std::memcpy(&word, args.data() + at, sizeof word);
      f(word, at);
    }
  }

  // The tensor behind an address or name; kNone if the plan has not made it.
  Index tensor_of(std::uintptr_t address) const;
  Index tensor_of(const void* pointer) const { return tensor_of(reinterpret_cast<std::uintptr_t>(pointer)); }
  std::vector<Index> users(Index tensor) const;
  // Whether nobody but these calls knows the tensor.
  bool only(Index tensor, const std::vector<Index>& users) const;
  // Whether the plan has made the tensor, and the calls [first, last) do not know it.
  bool idle(Index tensor, Index first, Index last) const;

  // The latest call before `before` whose arguments are of that type and match.
  template <typename Args, typename Matches>
  Index latest(Index before, Matches&& matches);
  // Changes the arguments if the kernel can run the new ones.
  template <typename Args>
  bool change(Index call, const Args& changed);
  void drop(Index call, Index by, const char* name);

  bool reads(Index call, const void* pointer);
  bool unchanged(const void* pointer, Index first, Index last);
  bool fuse_activation(Index call);
  bool fuse_activation_backward(Index call);
  bool fuse_dropout_backward(Index dropout, Index call);
  bool fuse_pooling(Index call);
  bool fuse_pooling_backward(Index call);

  // What calls know a tensor by, and where its memory will be.
  struct Tensor {
    std::uintptr_t address;  // a name, unless it is kept
    std::int64_t bytes;
    bool kept;
    Index first;  // of its users
    Index last;
    std::int64_t offset;
  };

  std::vector<RecordedCall> calls_;
  std::vector<Tensor> tensors_;
  std::vector<Index> by_address_;
};

}  // namespace nautile
