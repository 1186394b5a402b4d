#pragma once
// The interface's words: one flat JSON per language, id -> text. {0}, {1} are arguments.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/sim/cause.h"

namespace kubewalk::api {
class Value;
}

namespace kubewalk::app {

class Strings {
public:
    // Adds one language's table; several files of a language are merged. False when malformed.
    bool add(std::string_view language, std::string_view json);
    void add_table(std::string_view language, const api::Value& words);

    // The language must be known; otherwise English is taken.
    void select(std::string_view language);
    bool knows(std::string_view language) const { return tables_.find(language) != tables_.end(); }
    const std::string& language() const { return language_; }

    // Falls back to English, then to the id itself (tests find those).
    std::string_view operator()(std::string_view id) const;
    std::string format(std::string_view id, const std::vector<std::string>& arguments) const;
    std::string fact(const sim::Fact& fact) const { return format(fact.id, fact.args); }
    bool has(std::string_view id) const;
    // A line that a command of ours printed, in the learner's language; nothing: it stays as it was printed. What programs
    // and Kubernetes print is theirs and has no translation. The language's file has our lines under "said:LINE".
    std::optional<std::string> said(std::string_view line) const;

private:
    using Table = std::map<std::string, std::string, std::less<>>;
    const std::string* find(std::string_view id) const;

    std::map<std::string, Table, std::less<>> tables_;
    std::string language_ = "en";
    mutable Table missing_;  // ids without a text, kept so that views of them stay valid
};

}  // namespace kubewalk::app
