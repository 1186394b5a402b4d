// Lessons' Markdown as HTML: nothing but these tags, without attributes, well nested, and no bare sign beside them.

#include <algorithm>

#include "tests/fuzz/driver/door.h"
#include "tests/fuzz/driver/seeds.h"
#include "web/ui/html.h"

namespace kubewalk::fuzz {

namespace {

constexpr std::string_view tags[] = {"p", "h3", "ul", "ol", "li", "blockquote", "pre", "code", "strong"};
constexpr std::string_view entities[] = {"&amp;", "&lt;", "&gt;", "&quot;"};

void judge(std::string_view html) {
    std::vector<std::string_view> open;
    for (std::size_t i = 0; i < html.size(); ++i) {
        const auto rest = html.substr(i);
        if (rest[0] == '&')
            expect(std::any_of(std::begin(entities), std::end(entities), [&](auto known) { return rest.starts_with(known); }), "a sign & that is no entity");
        expect(rest[0] != '>' && rest[0] != '"', "a sign that is not escaped");
        if (rest[0] != '<')
            continue;
        const auto end = rest.find('>');
        expect(end != std::string_view::npos, "a tag without an end");
        auto name = rest.substr(1, end - 1);
        i += end;
        if (name == "br")
            continue;
        const bool closes = name.starts_with('/');
        if (closes)
            name.remove_prefix(1);
        expect(std::find(std::begin(tags), std::end(tags), name) != std::end(tags), "a tag that nobody allowed", [&] { return std::string(name); });
        if (!closes) {
            open.push_back(name);
        } else {
            expect(!open.empty() && open.back() == name, "tags that cross", [&] { return std::string(name); });
            open.pop_back();
        }
    }
    expect(open.empty(), "a tag that stays open");
}

int run(const std::uint8_t* bytes, std::size_t size) {
    const auto text = text_of(bytes, size);
    const auto document = ui::parse_markdown(text);
    judge(ui::html_of(document));
    judge(ui::html_text(text));
    (void)document.plain();
    return 0;
}

}  // namespace

Door html() {
    Door door{run, texts_in("lessons", ".md"), {"<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[a](javascript:alert(1))", "![a](x)", "<!--", "-->", "&lt;", "&#60;", "&#x3c;script&#x3e;", "```\n", "````html\n", "**", "__", "`", "> ", "# ", "- ", "1. ", "999999999. ", "| a | b |\n|---|---|\n", "\\<", "<a href=\"x\">", "①", "~~", "<http://x>", "[^1]", "***\n", "=====\n", "    ", "\t", "\\\n", "&quot;", "&notanentity;", "&NoBreak;"}};
    door.seeds.insert(door.seeds.end(), {"# A\n\ntext **bold** `code <b>` [l](http://x \"t\")\n\n- a\n  - b\n    1. c\n\n> q\n> > r\n\n```yaml\na: <b>\n```\n", "<div onclick='x'>\n*a*\n</div>\n\n<p>"});
    door.runs = 700;
    return door;
}

}  // namespace kubewalk::fuzz
