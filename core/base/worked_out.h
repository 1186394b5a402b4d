#pragma once
// What is worked out of its holder when first asked for, and points into it. A copy of the holder works out its own.

#include <memory>

namespace kubewalk {

template <typename Made>
class WorkedOut {
public:
    WorkedOut() = default;
    WorkedOut(const WorkedOut&) {}
    WorkedOut& operator=(const WorkedOut&) {
        made_.reset();
        return *this;
    }
    void reset() { made_.reset(); }
    // `source`: the holder, or what of it `Made` is made from; always the same.
    template <typename Source>
    const Made& of(const Source& source) {
        if (!made_)
            made_ = std::make_unique<const Made>(source);
        return *made_;
    }

private:
    std::unique_ptr<const Made> made_;
};

}  // namespace kubewalk
