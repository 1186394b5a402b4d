// The DNS view: one name, every query of the search list in the order it was sent, who answered what,
// and why the resolver began where it began.

#include <algorithm>

#include "core/base/text.h"
#include "web/ui/canvas.h"
#include "web/ui/dropdown.h"
#include "web/ui/panels.h"
#include "web/ui/rich_text.h"
#include "web/ui/text_input.h"
#include "web/ui/traffic_bar.h"

namespace kubewalk::ui {

namespace {

using app::ActionKind;

constexpr float bar_height = 58;
constexpr float line_height_of_query = 18;
constexpr float aside_width = 238;
constexpr std::string_view types[] = {"A", "AAAA", "SRV", "CNAME", "PTR", "NS", "TXT", "MX", "SOA", "ANY"};

// What the resolver reads in /etc/resolv.conf, as far as it explains the order of the queries.
struct Conf {
    std::vector<std::string> search;
    int ndots = 1;
};

// One name of the search list with the queries sent for it; none: it was never asked.
struct Step {
    std::string name;   // absolute
    std::string typed;  // the beginning that the learner typed; the rest was appended
    std::vector<const app::DnsLookup*> queries;
};

enum class Verdict : unsigned char { answer, no_data, no_such_name, failed, not_asked };

// Who answered a query, and which of its memories it came from: beside one another where there is room.
struct Answerer {
    std::string name, where, origin;
    bool below = false;   // the origin has a line of its own
    float height = 0;     // of the query's row
};

class DnsView : public Panel {
public:
    void draw(Ui& ui, const Rect& area) override;

private:
    void draw_question_bar(Ui& ui, const Rect& area);
    float draw_aside(Ui& ui, Vec at, float width);
    float draw_step(Ui& ui, const Step& step, int number, Vec at, float width, bool last);
    void draw_query(Ui& ui, const app::DnsLookup& lookup, const Rect& row);
    Answerer answerer_of(const Ui& ui, const app::DnsLookup& lookup, float width) const;
    float draw_note(Ui& ui, Vec at, float width, const std::string& text);
    std::string why_this_order(const Ui& ui) const;
    std::string why_it_ended(const Ui& ui) const;
    void understand(const Ui& ui);
    void follow(const Ui& ui);

    TextField name_;
    std::string from_;
    std::string type_ = "A";
    std::uint64_t session_ = ~std::uint64_t{0};  // Model::session that the name is about
    const net::Trace* shown_ = nullptr;          // the request that the bar's words are of
    // Of the lookup on the screen.
    Conf conf_;
    const Step& asked() const;
    std::string searched_;  // the name as typed
    std::vector<Step> steps_;
};

std::string name_of(const app::DnsLookup& lookup) {
    return lookup.question.substr(lookup.question.find(' ') + 1);
}

std::string type_of(const app::DnsLookup& lookup) {
    return lookup.question.substr(0, lookup.question.find(' '));
}

Verdict verdict_of(const app::DnsLookup& lookup) {
    if (lookup.outcome != net::Outcome::delivered) return Verdict::failed;
    if (lookup.answer.starts_with("NXDOMAIN")) return Verdict::no_such_name;
    if (!lookup.answer.starts_with("NOERROR")) return Verdict::failed;
    return lookup.records_known && lookup.records.empty() ? Verdict::no_data : Verdict::answer;
}

// The best of a name's queries: one address is enough to go on with.
Verdict verdict_of(const Step& step) {
    Verdict best = Verdict::not_asked;
    for (const app::DnsLookup* query : step.queries)
        if (query->depth == 0) best = std::min(best, verdict_of(*query));
    return best;
}

Conf read_conf(std::string_view text) {
    Conf conf;
    for (std::string_view line : split(text, '\n')) {
        auto words = fields(line);
        if (words.empty()) continue;
        if (words[0] == "search") conf.search.assign(words.begin() + 1, words.end());
        for (std::size_t i = 1; words[0] == "options" && i < words.size(); ++i)
            if (words[i].starts_with("ndots:")) conf.ndots = static_cast<int>(parse_int(words[i].substr(6)).value_or(1));
    }
    return conf;
}

int dots(std::string_view name) {
    return static_cast<int>(std::count(name.begin(), name.end(), '.'));
}

std::vector<DropdownItem> places(const Ui& ui) {
    std::vector<DropdownItem> out;
    // The learner's own Pods first: what keeps the cluster running rarely asks.
    for (bool system : {false, true})
        for (const view::NodeBox& node : ui.model().architecture.nodes)
            for (const view::PodChip& pod : node.pods) {
                bool own = !pod.namespace_name.starts_with("kube-") && pod.namespace_name != "local-path-storage" && pod.namespace_name != "ingress-nginx";
                if (own == system || pod.ip.empty() || pod.ip == node.ip || out.size() > 400) continue;
                std::string id = cat("pod/", pod.namespace_name, "/", pod.name);
                out.push_back({id, id});
            }
    for (const view::NodeBox& node : ui.model().architecture.nodes) out.push_back({"node/" + node.name, "node/" + node.name});
    out.push_back({"laptop", "laptop"});
    return out;
}

// Something to begin with: a Service of the learner's.
std::string first_name(const Ui& ui) {
    for (const view::ServiceBox& service : ui.model().architecture.services)
        if (!service.namespace_name.starts_with("kube-") && service.namespace_name != "default") return service.name;
    return "kubernetes.default";
}

// The command's words are the field's: nothing that a shell would read as more.
bool is_name(std::string_view text) {
    return !text.empty() && text[0] != '-' && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' || c == ':';
    });
}

// The step that the question began with: some programs ask first what their server is called.
auto DnsView::asked() const -> const Step& {
    const auto found = std::find_if(steps_.begin(), steps_.end(), [](const Step& step) { return !step.queries.empty() && type_of(*step.queries.front()) != "PTR"; });
    return found == steps_.end() ? steps_.front() : *found;
}

void DnsView::understand(const Ui& ui) {
    const app::Model& model = ui.model();
    conf_ = read_conf(model.search.resolv_conf);
    steps_.clear();
    for (const app::DnsLookup& lookup : model.lookups) {
        bool follows = lookup.depth > 0 && !steps_.empty();
        if (!follows && (steps_.empty() || steps_.back().name != name_of(lookup))) steps_.push_back({name_of(lookup), {}, {}});
        steps_.back().queries.push_back(&lookup);
    }
    searched_ = model.search.name;
    if (steps_.empty()) return;
    // A program's own lookup: what it asked for is the first query without the first domain.
    std::string ending = conf_.search.empty() ? std::string() : cat(".", conf_.search.front(), ".");
    if (searched_.empty()) {
        searched_ = asked().name;
        if (!ending.empty() && searched_.ends_with(ending)) searched_.resize(searched_.size() - ending.size());
    }
    bool uses_list = !searched_.ends_with('.') && dots(searched_) < conf_.ndots && asked().name != searched_ + ".";
    if (uses_list) {
        std::vector<std::string> wanted;
        for (const std::string& domain : conf_.search) wanted.push_back(cat(searched_, ".", domain, "."));
        wanted.push_back(searched_ + ".");
        for (const std::string& name : wanted)
            if (std::none_of(steps_.begin(), steps_.end(), [&](const Step& step) { return step.name == name; })) steps_.push_back({name, {}, {}});
    }
    for (Step& step : steps_) step.typed = step.name.starts_with(searched_) ? searched_ : std::string();
}

std::string DnsView::why_this_order(const Ui& ui) const {
    if (ui.model().search.resolv_conf.empty()) return {};
    std::string count = std::to_string(dots(searched_)), ndots = std::to_string(conf_.ndots);
    if (searched_.ends_with('.')) return ui.state.words.format("dns.why.absolute", {searched_});
    if (dots(searched_) >= conf_.ndots) return ui.state.words.format("dns.why.as_is", {searched_, count, ndots});
    return ui.state.words.format("dns.why.search", {searched_, count, ndots});
}

std::string DnsView::why_it_ended(const Ui& ui) const {
    const Step* last = nullptr;
    for (const Step& step : steps_)
        if (!step.queries.empty()) last = &step;
    if (!last) return {};
    switch (verdict_of(*last)) {
    case Verdict::answer: return ui.state.words.format("dns.end.answer", {last->name});
    case Verdict::no_data: return ui.state.words.format("dns.end.no_data", {last->name, type_of(*last->queries.front())});
    case Verdict::no_such_name: return std::string(ui.t("dns.end.nxdomain"));
    case Verdict::failed: return ui.state.words.format("dns.end.failed", {last->queries.front()->server});
    case Verdict::not_asked: break;
    }
    return {};
}

// --- drawing -----------------------------------------------------------------------------------------

struct Look {
    Icon icon;
    Color color;
    Color tint;
    std::string word;
};

Look look_of(const Ui& ui, Verdict verdict, const app::DnsLookup* lookup) {
    const Theme& theme = ui.theme();
    switch (verdict) {
    case Verdict::answer: return {Icon::check, theme.green, theme.green_tint, std::string(ui.t("dns.answer"))};
    case Verdict::no_data: return {Icon::cross, theme.amber, theme.amber_tint, "NODATA"};
    case Verdict::no_such_name: return {Icon::cross, theme.amber, theme.amber_tint, "NXDOMAIN"};
    case Verdict::failed: {
        bool answered = lookup && lookup->outcome == net::Outcome::delivered;
        std::string word = answered ? lookup->answer : std::string(ui.t(cat("outcome.", net::outcome_name(lookup ? lookup->outcome : net::Outcome::timeout))));
        return {Icon::warning, theme.rose, theme.rose_tint, word};
    }
    case Verdict::not_asked: return {Icon::cross, theme.faint, 0, std::string(ui.t("dns.not_asked"))};
    }
    return {};
}

std::string time_text(Duration elapsed) {
    auto micro = elapsed.ns / 1000;
    if (micro < 1000) return cat(micro, " µs");
    return cat(micro / 1000, ".", micro % 1000 / 100, " ms");
}

// Which of the server's memories it came from.
std::string origin_text(const Ui& ui, const app::DnsLookup& lookup) {
    const view::DnsOrigin& origin = lookup.origin;
    switch (origin.source) {
    case view::DnsSource::unknown: return {};
    case view::DnsSource::watch: return ui.state.words.format("dns.origin.watch", {std::to_string(origin.ttl)});
    case view::DnsSource::upstream: return ui.state.words.format("dns.origin.upstream", {origin.upstream});
    case view::DnsSource::node_cache: return ui.state.words.format("dns.origin.node_cache", {std::to_string(origin.ttl)});
    case view::DnsSource::cache:
        return origin.age_s > 0 ? ui.state.words.format("dns.origin.cache_age", {std::to_string(origin.ttl), std::to_string(origin.age_s)}) : std::string(ui.t("dns.origin.cache"));
    }
    return {};
}

float indent_of(const Ui& ui, const app::DnsLookup& lookup) {
    return 14 + 14 * static_cast<float>(lookup.depth) + std::max(44.0f, ui.fonts.width(type_of(lookup), {Face::code, 12, 0}) + 10);
}

// The Service's address was dialled; a Pod answered, on some node.
Answerer DnsView::answerer_of(const Ui& ui, const app::DnsLookup& lookup, float width) const {
    Answerer out;
    constexpr std::string_view pod_prefix = "pod/";
    const std::string& name = lookup.endpoint_name;
    out.name = name.empty() ? lookup.server : name.substr(name.rfind('/') + 1);
    std::string rest;
    for (const view::NodeBox& node : ui.model().architecture.nodes)
        for (const view::PodChip& pod : node.pods)
            if (name.starts_with(pod_prefix) && name.substr(pod_prefix.size()) == cat(pod.namespace_name, "/", pod.name)) rest = node.name;
    if (!name.empty() && lookup.server != lookup.endpoint) append(rest, "  ←  ", lookup.server);
    if (!name.empty()) out.where = cat(lookup.endpoint, rest.empty() ? "" : " · ", rest);
    out.origin = origin_text(ui, lookup);
    const TextStyle code{Face::code, 11, 0}, small{Face::text, 11, 0};
    const float used = ui.fonts.width(out.name, code) + 10 + ui.fonts.width(out.where, code) + 16 + ui.fonts.width(out.origin, small);
    out.below = !out.origin.empty() && used > width - indent_of(ui, lookup) - 12;
    if (out.below && !rest.empty()) {
        out.where = lookup.endpoint;
        out.origin = cat(rest, "  ·  ", out.origin);
    }
    out.height = line_height_of_query * (out.below ? 3 : 2) + 4;
    return out;
}

// One query: its type, what it brought, who gave it, how long it took.
void DnsView::draw_query(Ui& ui, const app::DnsLookup& lookup, const Rect& row) {
    const Theme& theme = ui.theme();
    Verdict verdict = verdict_of(lookup);
    Look look = look_of(ui, verdict, &lookup);
    Press state = press(ui, row, cat("query-", lookup.connection), lookup.question, 6);
    if (state.hovered) ui.list()->AddRectFilled(row.Min, row.Max, theme.hover, 6);
    float x = row.Min.x + 14 + 14 * static_cast<float>(lookup.depth);
    constexpr float line = line_height_of_query;
    float top = row.Min.y + 2;
    TextStyle code{Face::code, 12, theme.blue_text};
    TextStyle small{Face::code, 11, theme.dim};
    // What the server asked another one meanwhile hangs below its own query.
    if (lookup.depth > 0) {
        Vec corner(x - 8, top + line * 0.5f);
        ui.list()->AddLine(corner - Vec(0, 9), corner, theme.faint, 1.2f);
        ui.list()->AddLine(corner, corner + Vec(6, 0), theme.faint, 1.2f);
    }
    draw_text(ui.list(), ui.fonts, Vec(x, top), line, code, type_of(lookup));
    x = row.Min.x + indent_of(ui, lookup);
    std::string answer = lookup.records.empty() ? verdict == Verdict::failed ? look.word : lookup.answer : join(lookup.records, ", ");
    std::string took = time_text(lookup.elapsed);
    float took_width = ui.fonts.width(took, small) + 14;
    TextStyle result{Face::code, 12, verdict == Verdict::answer ? theme.teal_text : verdict == Verdict::failed ? theme.rose_text : theme.dim};
    if (verdict == Verdict::no_data) answer += cat(" · ", ui.t("dns.no_records"));
    draw_text_in(ui.list(), ui.fonts, Rect(x, top, row.Max.x - took_width - 8, top + line), result, answer);
    draw_text_in(ui.list(), ui.fonts, Rect(row.Max.x - took_width, top, row.Max.x - 12, top + line), small, took, Align::right);
    const Answerer who = answerer_of(ui, lookup, row.GetWidth());
    const float end = row.Max.x - 12, second = top + line - 1;
    TextStyle name{Face::code, 11, theme.text};
    const std::string shown = elide_middle(ui.fonts, who.name, name, end - x);
    const float used = ui.fonts.width(shown, name) + 10;
    draw_text(ui.list(), ui.fonts, Vec(x, second), line, name, shown);
    TextStyle from{Face::text, 11, lookup.origin.source == view::DnsSource::cache || lookup.origin.source == view::DnsSource::node_cache ? theme.violet_text : theme.dim};
    const float origin_width = who.origin.empty() || who.below ? 0 : ui.fonts.width(who.origin, from) + 8;
    if (end - origin_width - x - used > 24) draw_text_in(ui.list(), ui.fonts, Rect(x + used, second, end - origin_width, second + line), small, who.where);
    draw_text_in(ui.list(), ui.fonts, who.below ? Rect(x, second + line, end, second + 2 * line) : Rect(end - origin_width, second, end, second + line), from, who.origin,
                 who.below ? Align::left : Align::right);
    if (state.hovered) tooltip(ui, ui.t("dns.follow"));
    if (!state.clicked) return;
    if (ui.model().request != ui.model().search.request) ui.state.queue(ActionKind::select_trace, ui.model().search.request);
    ui.state.queue(ActionKind::select_connection, lookup.connection);
    ui.state.settings.view = app::View::traffic;
}

float DnsView::draw_step(Ui& ui, const Step& step, int number, Vec at, float width, bool last) {
    const Theme& theme = ui.theme();
    constexpr float rail = 40, head = 36;
    Verdict verdict = verdict_of(step);
    bool asked = verdict != Verdict::not_asked;
    const float row_width = width - rail - 4;
    float height = head + (asked ? 4 : 0);
    for (const app::DnsLookup* query : step.queries) height += answerer_of(ui, *query, row_width).height;
    Rect card = rect(at.x + rail, at.y, width - rail, height);
    Vec badge(at.x + 14, at.y + head * 0.5f);
    if (!last) ui.list()->AddLine(badge, badge + Vec(0, height + 10), asked ? theme.selected_line : theme.line, 2);
    number_badge(ui, ui.list(), badge, 12, number, asked ? verdict == Verdict::answer ? theme.primary : theme.badge : theme.raised,
                 asked ? theme.on_accent : theme.dim);
    if (asked)
        box_with_line(ui.list(), card, verdict == Verdict::answer ? theme.box : theme.raised, verdict == Verdict::answer ? theme.teal : theme.line, 11, verdict == Verdict::answer ? 1.5f : 1.0f);
    else
        dashed_box(ui.list(), card, theme.line, 11);
    Look look = look_of(ui, verdict, step.queries.empty() ? nullptr : step.queries.front());
    TextStyle word{Face::text, 11.5f, asked ? theme.text : theme.dim};
    float chip_width = ui.fonts.width(look.word, word) + (asked ? 30.0f : 14.0f);
    Rect chip = rect(card.Max.x - chip_width - 8, card.Min.y + 7, chip_width, 22);
    if (asked) {
        box_with_line(ui.list(), chip, look.tint, look.color, 6);
        draw_icon(ui.list(), look.icon, Vec(chip.Min.x + 13, chip.GetCenter().y), 9, look.color);
        draw_text(ui.list(), ui.fonts, Vec(chip.Min.x + 23, chip.Min.y), 22, word, look.word);
    } else {
        draw_text_in(ui.list(), ui.fonts, chip, word, look.word, Align::right);
    }
    // What was typed stands out from the domain that the resolver appended.
    TextStyle typed{Face::code, 12.5f, asked ? theme.text : theme.dim};
    TextStyle added{Face::code, 12.5f, asked ? theme.violet_text : theme.faint};
    float room = chip.Min.x - card.Min.x - 22;
    Vec text(card.Min.x + 14, card.Min.y);
    std::string rest = step.name.substr(step.typed.size());
    float typed_width = std::min(room, ui.fonts.width(step.typed, typed));
    draw_text_in(ui.list(), ui.fonts, rect(text.x, text.y, typed_width + 1, head), typed, step.typed);
    if (room - typed_width > 12) draw_text_in(ui.list(), ui.fonts, rect(text.x + typed_width, text.y, room - typed_width, head), step.typed.empty() ? typed : added, rest);
    float y = card.Min.y + head;
    for (const app::DnsLookup* query : step.queries) {
        ui.list()->AddLine(Vec(card.Min.x + 12, y - 0.5f), Vec(card.Max.x - 12, y - 0.5f), theme.line_soft);
        const float tall = answerer_of(ui, *query, row_width).height;
        draw_query(ui, *query, rect(card.Min.x + 2, y, row_width, tall));
        y += tall;
    }
    return height + 10;
}

float DnsView::draw_note(Ui& ui, Vec at, float width, const std::string& text) {
    if (text.empty()) return 0;
    const Theme& theme = ui.theme();
    RichText note = rich(text);
    ParagraphStyle style{12.5f, 19, theme.text};
    float height = measure_rich(ui, note, style, width - 28) + 20;
    Rect box = rect(at.x, at.y, width, height);
    ui.list()->AddRectFilled(box.Min, box.Max, mix(theme.panel, theme.blue_tint, 0.45f), 8);
    ui.list()->AddRectFilled(box.Min, Vec(box.Min.x + 3, box.Max.y), theme.blue, 2);
    draw_rich(ui, box.Min + Vec(16, 10), note, style, width - 28);
    return height + 10;
}

// Where the question began: the place and its resolver's file, with what the file made of the name.
float DnsView::draw_aside(Ui& ui, Vec at, float width) {
    const Theme& theme = ui.theme();
    const app::NameSearch& search = ui.model().search;
    float y = at.y;
    std::string_view file = trim(search.resolv_conf);
    auto lines = file.empty() ? std::vector<std::string_view>() : split(file, '\n');
    // A long search line is shown domain by domain.
    struct Piece {
        std::string_view key, value;
    };
    std::vector<Piece> pieces;
    for (std::string_view line : lines) {
        auto words = fields(line);
        for (std::size_t i = 1; i < words.size(); ++i) pieces.push_back({i == 1 ? words[0] : std::string_view(), words[i]});
    }
    float height = 52 + (pieces.empty() ? 0 : static_cast<float>(pieces.size()) * 18 + 38);
    Rect card = rect(at.x, y, width, height);
    box_with_line(ui.list(), card, theme.panel, theme.line, 11);
    std::size_t slash = search.from.rfind('/');
    std::string title = slash == std::string::npos ? search.from : search.from.substr(slash + 1);
    std::string kind = slash == std::string::npos ? std::string() : search.from.substr(0, slash);
    TextStyle strong{Face::strong, 12.5f, theme.text};
    draw_text_in(ui.list(), ui.fonts, rect(card.Min.x + 14, y + 7, width - 28, 20), strong, elide_middle(ui.fonts, title, strong, width - 28));
    draw_text_in(ui.list(), ui.fonts, rect(card.Min.x + 14, y + 26, width - 28, 18), {Face::code, 11, theme.dim}, kind.empty() ? std::string(ui.t("traffic.from")) : kind);
    if (!pieces.empty()) {
        float line = y + 52;
        ui.list()->AddLine(Vec(card.Min.x + 14, line - 0.5f), Vec(card.Max.x - 14, line - 0.5f), theme.line_soft);
        draw_text(ui.list(), ui.fonts, Vec(card.Min.x + 14, line + 6), 18, {Face::text, 11.5f, theme.dim}, "/etc/resolv.conf");
        line += 28;
        TextStyle key{Face::code, 11, theme.blue_text};
        float column = ui.fonts.width("nameserver", key) + 10;
        for (const Piece& piece : pieces) {
            draw_text(ui.list(), ui.fonts, Vec(card.Min.x + 14, line), 18, key, piece.key);
            bool domain = std::find(conf_.search.begin(), conf_.search.end(), piece.value) != conf_.search.end();
            draw_text_in(ui.list(), ui.fonts, rect(card.Min.x + 14 + column, line, width - 26 - column, 18), {Face::code, 11, domain ? theme.violet_text : theme.text}, piece.value);
            line += 18;
        }
    }
    y += height + 10;
    y += draw_note(ui, Vec(at.x, y), width, why_this_order(ui));
    y += draw_note(ui, Vec(at.x, y), width, why_it_ended(ui));
    return y - at.y;
}

// The bar asks again what is shown above it, whoever asked: the bar before, a program in the terminal, a request in Traffic.
void DnsView::follow(const Ui& ui) {
    const app::NameSearch& search = ui.model().search;
    if (steps_.empty() || search.request < 0) return;
    const net::Trace* trace = ui.model().requests[static_cast<std::size_t>(search.request)].trace.get();
    if (trace == shown_) return;
    shown_ = trace;
    if (!search.from.empty()) from_ = search.from;
    if (is_name(searched_)) name_.buffer.reset(searched_);
    const std::string type = type_of(*asked().queries.front());
    if (std::find(std::begin(types), std::end(types), type) != std::end(types)) type_ = type;
}

void DnsView::draw_question_bar(Ui& ui, const Rect& area) {
    const Theme& theme = ui.theme();
    if (session_ != ui.model().session) {
        session_ = ui.model().session;
        name_.buffer.reset(first_name(ui));
        from_.clear();
        shown_ = nullptr;
    }
    follow(ui);
    std::vector<DropdownItem> items = places(ui);
    if (from_.empty()) from_ = items.front().id;
    auto found = std::find_if(items.begin(), items.end(), [&](const DropdownItem& item) { return item.id == from_; });
    int selected = static_cast<int>(found - items.begin());
    if (found == items.end()) items.push_back({from_, from_});  // gone since, or one of too many: it is what asked

    Rect bar = Rect(area.Min.x + 16, area.Max.y - bar_height, area.Max.x - 16, area.Max.y - 14);
    shadow(ui.list(), bar, 10, theme.shadow, 8);
    box_with_line(ui.list(), bar, theme.panel, theme.line, 10);
    float x = bar.Min.x + 12, y = bar.Min.y + 7, height = bar.GetHeight() - 14;
    TextStyle label = ui.dim(13);
    if (bar.GetWidth() > 480) {
        std::string text(ui.t("traffic.from"));
        draw_text(ui.list(), ui.fonts, Vec(x, y), height, label, text);
        x += ui.fonts.width(text, label) + 8;
    }
    bool roomy = bar.GetWidth() > 480;
    float from_width = std::clamp(bar.GetWidth() * (roomy ? 0.32f : 0.24f), 84.0f, 280.0f);
    TextStyle code{Face::code, 12, theme.text};
    int chosen = dropdown(ui, rect(x, y, from_width, height), "from", ui.t("traffic.from"), shown_place(ui.fonts, from_, code, from_width - 38),
                          items, selected, Face::code);
    if (chosen >= 0) from_ = items[static_cast<std::size_t>(chosen)].id;
    x += from_width + 8;

    std::string look(ui.t("dns.lookup"));
    float send_width = button_width(ui, look, 13, 14) + 4;
    float type_width = roomy ? 78 : 64;
    float end = bar.Max.x - 8 - send_width - 8 - type_width - 8;
    bool good = name_.buffer.text().empty() || is_name(name_.buffer.text());
    FieldOptions options;
    options.face = Face::code;
    options.size = 12;
    options.placeholder = ui.t("dns.name");
    options.error = !good;
    FieldEvent event = name_.draw(ui, Rect(x, y, end, y + height), "name", ui.t("dns.name"), options);
    std::vector<DropdownItem> kinds;
    int kind = 0;
    for (std::string_view type : types) {
        if (type == type_) kind = static_cast<int>(kinds.size());
        kinds.push_back({std::string(type), std::string(type)});
    }
    int picked = dropdown(ui, rect(end + 8, y, type_width, height), "type", ui.t("dns.type"), type_, kinds, kind, Face::code);
    if (picked >= 0) type_ = kinds[static_cast<std::size_t>(picked)].id;
    ButtonOptions primary;
    primary.kind = ButtonKind::primary;
    primary.enabled = good;
    bool pressed = button(ui, rect(bar.Max.x - 8 - send_width, y, send_width, height), "look-up", look, primary);
    if ((pressed || event == FieldEvent::submitted) && is_name(name_.buffer.text()))
        ui.state.queue(ActionKind::run_command, cat("dig ", from_, " ", name_.buffer.text(), " ", type_));
}

void DnsView::draw(Ui& ui, const Rect& area) {
    understand(ui);
    Rect stage(area.Min, Vec(area.Max.x, area.Max.y - bar_height - 6));
    if (steps_.empty()) {
        draw_empty(ui, stage, ui.t("dns.empty"), ui.t("dns.empty.hint"));
    } else {
        begin_area(ui, stage, ".list");
        Vec start = ImGui::GetCursorScreenPos();
        // Beside one another where there is room; else what explains the queries below them.
        bool wide = area.GetWidth() > 600;
        float width = std::min(1040.0f, area.GetWidth() - 40);
        float x = start.x + (area.GetWidth() - width) * 0.5f - 4;
        float aside = wide ? std::min(300.0f, aside_width + (width - 640) * 0.3f) : width;
        Vec at(wide ? x + aside + 18 : x, start.y + 4);
        float right_width = wide ? width - aside - 18 : width, first = at.y;
        for (std::size_t i = 0; i < steps_.size(); ++i)
            at.y += draw_step(ui, steps_[i], static_cast<int>(i) + 1, at, right_width, i + 1 == steps_.size());
        float beside = draw_aside(ui, wide ? Vec(x, first) : Vec(x, at.y + 4), aside);
        float used = wide ? std::max(beside, at.y - first) : beside + at.y - first + 4;
        content_size(Vec(1, used + 12));
        end_area(ui);
    }
    if (!ui.model().architecture.nodes.empty()) draw_question_bar(ui, area);
}

}  // namespace

std::unique_ptr<Panel> make_dns_view() {
    return std::make_unique<DnsView>();
}

}  // namespace kubewalk::ui
