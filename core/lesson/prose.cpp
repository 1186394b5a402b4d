#include "core/lesson/prose.h"

#include <algorithm>
#include <set>

#include "core/api/json.h"
#include "core/base/text.h"

namespace kubewalk::lesson {

namespace {

constexpr std::size_t fewest_words = 60, most_words = 120;  // of a step's English text

// The code points of UTF-8 text, each with the piece it is.
struct Letter {
    char32_t code = 0;
    std::string_view bytes;
};

std::vector<Letter> letters_of(std::string_view text) {
    std::vector<Letter> letters;
    for (std::size_t i = 0; i < text.size();) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const std::size_t length = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
        char32_t code = length == 1 ? byte : byte & (0xFF >> (length + 1));
        for (std::size_t k = 1; k < length && i + k < text.size(); ++k)
            code = (code << 6) | (static_cast<unsigned char>(text[i + k]) & 0x3F);
        letters.push_back({code, text.substr(i, length)});
        i += length;
    }
    return letters;
}

bool is_han(char32_t c) { return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF); }
bool is_full_width_mark(char32_t c) {
    return (c >= 0x3001 && c <= 0x3002) || (c >= 0x300A && c <= 0x3011) || (c >= 0xFF01 && c <= 0xFF0F) || c == 0xFF1A || c == 0xFF1B || c == 0xFF1F;
}
bool is_latin(char32_t c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '`'; }
bool is_half_width_mark(char32_t c) { return c < 0x80 && std::string_view(",.:;?!()").find(static_cast<char>(c)) != std::string_view::npos; }

// Without what Markdown adds around words, and with code reduced to its backticks.
std::string plain(std::string_view text) {
    std::string out;
    bool code = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '`') {
            out += '`';
            code = !code;
        } else if (!code && text[i] != '*') {
            out += text[i];
        }
    }
    return out;
}

const char* problem_between(char32_t a, char32_t b) {
    if ((is_han(a) && is_latin(b)) || (is_latin(a) && is_han(b)))
        return "a space is missing between Chinese and Latin";
    if ((is_han(a) && is_half_width_mark(b)) || (is_half_width_mark(a) && is_han(b)))
        return "half-width punctuation beside Chinese";
    if ((is_full_width_mark(a) && b == ' ') || (a == ' ' && is_full_width_mark(b)))
        return "a space beside full-width punctuation";
    return nullptr;
}

std::string around(const std::vector<Letter>& letters, std::size_t at) {
    std::string out;
    for (std::size_t i = at < 8 ? 0 : at - 8; i < std::min(letters.size(), at + 9); ++i)
        out += letters[i].code == '\n' ? " " : std::string(letters[i].bytes);
    return out;
}

std::size_t words_in(std::string_view text) { return fields(text).size(); }

std::set<std::string> shown_keys(const Lesson& lesson) {
    std::set<std::string> keys = {"title"};
    for (const auto& step : lesson.steps) {
        for (const auto part : {".title", ".body", ".hint", ".solution"})
            keys.insert(step.id + part);
        for (const auto& prediction : step.predictions) {
            keys.insert({prediction.id + ".question", prediction.id + ".explain"});
            for (const auto& choice : prediction.choices)
                keys.insert(cat(prediction.id, ".", choice.id));
        }
        for (const auto& task : step.tasks) {
            keys.insert({task.id + ".text", task.id + ".done"});
            for (const auto& wrong : task.wrong)
                keys.insert(wrong.message);
        }
    }
    return keys;
}

class Judge {
public:
    Judge(const Lesson& lesson, const std::vector<Term>& glossary) : lesson_(lesson), glossary_(glossary) {}

    std::vector<Finding> judge() {
        const auto known = shown_keys(lesson_);
        for (const auto& [language, texts] : lesson_.texts) {
            for (const auto& [key, text] : texts) {
                const std::string where = cat(language, " ", key);
                if (!known.contains(key))
                    unused_.push_back(where);
                if (text.empty())
                    empty_.push_back(where);
                if (language == "en" && key.ends_with(".body") && (words_in(text) < fewest_words || words_in(text) > most_words))
                    length_.push_back(cat(where, " has ", words_in(text)));
                if (language.starts_with("zh"))
                    judge_chinese(where, text);
            }
        }
        return {finding("every text is shown somewhere", unused_), finding("no text is empty", empty_),
                finding(cat("a step has ", fewest_words, " to ", most_words, " words"), length_), finding("Chinese typography", typography_),
                finding("Chinese terms follow the glossary", terms_)};
    }

private:
    void judge_chinese(const std::string& where, std::string_view text) {
        if (const auto problem = typography_problem(text); !problem.empty())
            typography_.push_back(cat(where, ": ", problem));
        for (const auto& term : glossary_)
            for (const auto& other : term.avoid)
                if (plain(text).find(other) != std::string::npos)
                    terms_.push_back(cat(where, ": ", other, " (", term.english, " is ", term.chinese, ")"));
    }

    static Finding finding(std::string what, const std::vector<std::string>& places) { return {places.empty(), std::move(what), join(places, "; ")}; }

    const Lesson& lesson_;
    const std::vector<Term>& glossary_;
    std::vector<std::string> unused_, empty_, length_, typography_, terms_;
};

}  // namespace

std::string typography_problem(std::string_view text) {
    const std::string words = plain(text);
    const auto letters = letters_of(words);
    for (std::size_t i = 1; i < letters.size(); ++i)
        if (const char* problem = problem_between(letters[i - 1].code, letters[i].code))
            return cat(problem, ": …", around(letters, i), "…");
    return {};
}

Result<std::vector<Term>> parse_glossary(std::string_view text) {
    KUBEWALK_TRY(json, api::parse_json(text));
    std::vector<Term> terms;
    for (const auto& item : json["terms"].items()) {
        Term term{item["en"].str(), item["zh-CN"].str(), {}};
        if (term.english.empty() || term.chinese.empty())
            return Error{"Invalid", "glossary.json: a term needs en and zh-CN", {}, 0, 0};
        for (const auto& other : item["avoid"].items())
            term.avoid.push_back(other.str());
        terms.push_back(std::move(term));
    }
    return terms;
}

std::vector<Finding> check_prose(const Lesson& lesson, const std::vector<Term>& glossary) { return Judge(lesson, glossary).judge(); }

}  // namespace kubewalk::lesson
