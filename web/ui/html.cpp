#include "web/ui/html.h"

namespace kubewalk::ui {

namespace {

std::string runs(const RichText& text) {
    std::string out;
    for (const Run& run : text) {
        switch (run.kind) {
        case RunKind::line_break: out += "<br>"; break;
        case RunKind::code: out += "<code>" + html_text(run.text) + "</code>"; break;
        case RunKind::number: out += "(" + html_text(run.text) + ")"; break;
        case RunKind::text:
            if (run.face == Face::strong)
                out += "<strong>" + html_text(run.text) + "</strong>";
            else if (run.face == Face::code)
                out += "<code>" + html_text(run.text) + "</code>";
            else
                out += html_text(run.text);
            break;
        }
    }
    return out;
}

bool numbered(const Block& block) {
    return !block.marker.empty() && block.marker[0] >= '0' && block.marker[0] <= '9';
}

}  // namespace

std::string html_text(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (char c : text) {
        switch (c) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '"': out += "&quot;"; break;
        default: out.push_back(c);
        }
    }
    return out;
}

std::string html_of(const Document& document) {
    std::string out, list;
    auto end_list = [&] {
        if (!list.empty()) out += "</" + list + ">";
        list.clear();
    };
    for (const Block& block : document.blocks) {
        if (block.kind == BlockKind::item) {
            std::string wanted = numbered(block) ? "ol" : "ul";
            if (list != wanted) {
                end_list();
                out += "<" + wanted + ">";
                list = wanted;
            }
            out += "<li>" + runs(block.text) + "</li>";
            continue;
        }
        end_list();
        switch (block.kind) {
        case BlockKind::heading: out += "<h3>" + runs(block.text) + "</h3>"; break;
        case BlockKind::quote: out += "<blockquote>" + runs(block.text) + "</blockquote>"; break;
        case BlockKind::code: out += "<pre>" + html_text(plain(block.text)) + "</pre>"; break;
        default: out += "<p>" + runs(block.text) + "</p>"; break;
        }
    }
    end_list();
    return out;
}

}  // namespace kubewalk::ui
