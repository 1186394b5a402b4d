// template: answers made from the question by Go templates. Of the template language: {{ .Field }},
// {{ .Group.name }}, {{ index .Match N }}, {{ index .Group "name" }}, {{ .Meta "x" }}.
// Upstream: coredns plugin/template/{setup,template}.go.

#include <map>

#include "core/addons/coredns/backend.h"
#include "core/addons/coredns/plugins.h"
#include "core/addons/coredns/regex.h"
#include "core/addons/coredns/zone_text.h"
#include "core/base/text.h"

namespace kubewalk::addons::coredns {

using net::DnsClass;
using net::DnsCode;
using net::DnsMessage;
using net::DnsType;

namespace {

struct Data {
    std::map<std::string, std::string, std::less<>> fields;  // "Name", "Group.a", "Match.1"
};

// Text and what stands in {{ }} by turns.
struct Text {
    std::vector<std::string> literals;  // one more than keys
    std::vector<std::string> keys;      // a key of Data

    Result<std::string> execute(const Data& data) const {
        std::string out = literals.front();
        for (std::size_t i = 0; i < keys.size(); ++i) {
            const auto found = data.fields.find(keys[i]);
            if (found != data.fields.end())
                out += found->second;
            else if (keys[i].compare(0, 6, "Match.") == 0)
                return plain_error(cat("template: answer:1: error calling index: index out of range: ", keys[i].substr(6)));
            else if (keys[i].compare(0, 6, "Group.") == 0)
                out += "<no value>";
            out += literals[i + 1];
        }
        return out;
    }
};

std::string_view unquoted(std::string_view word) {
    const bool in_quotes = word.size() > 1 && (word.front() == '"' || word.front() == '`') && word.back() == word.front();
    return in_quotes ? word.substr(1, word.size() - 2) : word;
}

// The key of an action; empty when the template language has more than this.
std::string key_of(std::string_view action) {
    constexpr std::string_view known[] = {"Zone", "Name", "Regex", "Class", "Type", "Remote", "Question.Name"};
    const auto words = fields(trim(action));
    if (words.size() == 3 && words[0] == "index" && (words[1] == ".Match" || words[1] == ".Group"))
        return cat(words[1].substr(1), ".", unquoted(words[2]));
    if (words.size() == 2 && words[0] == ".Meta")
        return "Meta";
    if (words.size() != 1 || words[0].empty() || words[0][0] != '.')
        return {};
    const auto field = words[0].substr(1);
    if (field.substr(0, 6) == "Group.")
        return std::string(field);
    for (auto name : known)
        if (name == field)
            return std::string(field);
    return {};
}

Result<Text> compile(std::string_view text) {
    Text out;
    while (true) {
        const auto open = text.find("{{");
        out.literals.emplace_back(text.substr(0, open));
        if (open == std::string_view::npos)
            return out;
        const auto close = text.find("}}", open);
        if (close == std::string_view::npos)
            return plain_error("template: answer:1: unclosed action");
        auto action = text.substr(open + 2, close - open - 2);
        if (!action.empty() && action.front() == '-')
            action.remove_prefix(1);
        if (!action.empty() && action.back() == '-')
            action.remove_suffix(1);
        auto key = key_of(action);
        if (key.empty())
            return plain_error(cat("template: answer:1: function ", quoted(fields(cat(action, " ?")).front()), " not defined"));
        out.keys.push_back(std::move(key));
        text.remove_prefix(close + 2);
    }
}

struct Template {
    std::vector<std::string> zones;
    DnsClass dns_class = DnsClass::ANY;
    DnsType type = DnsType::ANY;
    std::vector<Regex> patterns;
    std::vector<Text> answer;
    std::vector<Text> additional;
    std::vector<Text> authority;
    DnsCode code = DnsCode::noerror;
    Fallthrough fall;
};

class TemplatePlugin final : public Handler {
public:
    explicit TemplatePlugin(std::vector<Template> templates) : templates_(std::move(templates)) {
        for (const auto& one : templates_)
            zones_.insert(zones_.end(), one.zones.begin(), one.zones.end());
    }
    std::string_view name() const override { return "template"; }

    Served serve(Query& query, const DnsMessage& message, const Chain& chain, std::size_t position) const override {
        const auto qname = to_lower(message.question.name);
        if (matching_zone(zones_, qname).empty())
            return next(query, message, chain, position, name());
        for (const auto& one : templates_) {
            const auto& question = message.question;
            const auto zone = matching_zone(one.zones, qname);
            const bool class_fits = one.dns_class == DnsClass::ANY || question.dns_class == DnsClass::ANY ||
                                    question.dns_class == one.dns_class;
            const bool type_fits =
                one.type == DnsType::ANY || question.type == DnsType::ANY || question.type == one.type;
            if (zone.empty() || !class_fits || !type_fits)
                continue;
            Data data;
            if (!match(one, query, message, qname, zone, data)) {
                if (!one.fall.through(qname))
                    return Served::failure({});
                continue;
            }
            return answer(one, query, message, data);
        }
        return next(query, message, chain, position, name());
    }

private:
    static bool match(const Template& one, const Query& query, const DnsMessage& message, const std::string& qname,
                      std::string_view zone, Data& data) {
        for (const auto& pattern : one.patterns) {
            const auto groups = pattern.find(qname);
            if (!groups)
                continue;
            const auto& question = message.question;
            const auto dns_class = question.dns_class == DnsClass::ANY ? one.dns_class : question.dns_class;
            const auto type = question.type == DnsType::ANY ? one.type : question.type;
            data.fields = {{"Zone", std::string(zone)},
                           {"Name", qname},
                           {"Regex", pattern.pattern()},
                           {"Class", std::string(net::dns_class_name(dns_class))},
                           {"Type", std::string(net::dns_type_name(type))},
                           {"Remote", query.peer.client.ip.text()},
                           {"Question.Name", question.name},
                           {"Meta", ""}};
            for (std::size_t i = 0; i < groups->size(); ++i) {
                data.fields[cat("Match.", i)] = (*groups)[i];
                data.fields[cat("Group.", i)] = (*groups)[i];
                if (const auto& group = pattern.group_names()[i]; !group.empty())
                    data.fields[cat("Group.", group)] = (*groups)[i];
            }
            return true;
        }
        return false;
    }

    Served answer(const Template& one, Query& query, const DnsMessage& message, const Data& data) const {
        if (one.code == DnsCode::servfail)
            return Served::failure({});
        auto reply = net::dns_reply(message, one.code);
        reply.authoritative = true;
        const std::pair<const std::vector<Text>*, std::vector<net::DnsRecord>*> sections[] = {
            {&one.answer, &reply.answer}, {&one.additional, &reply.additional}, {&one.authority, &reply.authority}};
        for (const auto& [texts, records] : sections) {
            for (const auto& text : *texts) {
                const auto line = text.execute(data);
                if (!line)
                    return Served::failure(line.error().message);
                auto record = parse_record(line.value());
                if (!record)
                    return Served::failure(record.error().message);
                records->push_back(record.value());
                const auto type = message.question.type;
                if (records == &reply.answer && record.value().type == DnsType::CNAME &&
                    (type == DnsType::A || type == DnsType::AAAA))
                    if (auto up = look_up(query, record.value().data, type))
                        reply.answer.insert(reply.answer.end(), up->answer.begin(), up->answer.end());
            }
        }
        return {std::move(reply), DnsCode::noerror, {}, name()};
    }

    std::vector<Template> templates_;
    std::vector<std::string> zones_;
};

Result<void> read_property(const Setup& setup, const Property& property, Template& into) {
    const auto texts = property.name == "answer"       ? &into.answer
                       : property.name == "additional" ? &into.additional
                       : property.name == "authority"  ? &into.authority
                                                       : nullptr;
    if (property.name == "fallthrough") {
        into.fall.set(property.args);
        return {};
    }
    if (property.name == "upstream")
        return {};
    if (property.args.empty())
        return setup.argument_error(property);
    if (property.name == "match") {
        for (const auto& text : property.args) {
            auto regex = Regex::compile(text);
            if (!regex)
                return setup.error(property.line, cat("could not parse regex: ", text, ", ", regex.error().message));
            into.patterns.push_back(regex.take());
        }
    } else if (texts) {
        for (const auto& text : property.args) {
            auto compiled = compile(text);
            if (!compiled)
                return setup.error(property.line, cat("could not compile template: ", text, ", ", compiled.error().message));
            texts->push_back(compiled.take());
        }
    } else if (property.name == "rcode") {
        const auto code = net::parse_dns_code(property.args[0]);
        if (!code)
            return setup.error(property.line, cat("unknown rcode ", property.args[0]));
        into.code = *code;
    } else if (property.name == "ederror") {
        if (!parse_int(property.args[0]))
            return setup.error(property.line, cat("error parsing extended DNS error code ", property.args[0]));
    } else {
        return setup.argument_error(property);
    }
    return {};
}

}  // namespace

Result<void> setup_template(const Setup& setup, PluginSetup& into) {
    std::vector<Template> templates;
    for (const auto& directive : setup.directives) {
        if (directive.args.size() < 2)
            return setup.argument_error(directive);
        Template one;
        bool known_class = false;
        for (auto dns_class : {DnsClass::IN, DnsClass::CH, DnsClass::HS, DnsClass::ANY}) {
            if (net::dns_class_name(dns_class) != directive.args[0])
                continue;
            one.dns_class = dns_class;
            known_class = true;
        }
        if (!known_class)
            return setup.error(directive.line, cat("invalid query class ", directive.args[0]));
        const auto type = net::parse_dns_type(directive.args[1]);
        if (!type || net::dns_type_name(*type) != directive.args[1])
            return setup.error(directive.line, cat("invalid RR class ", directive.args[1]));
        one.type = *type;
        one.zones = setup.origins({directive.args.begin() + 2, directive.args.end()});
        for (const auto& property : directive.block)
            if (auto read = read_property(setup, property, one); !read)
                return read.error();
        if (one.patterns.empty())
            one.patterns.push_back(Regex::compile(".*").take());
        templates.push_back(std::move(one));
    }
    into.chain.push_back(std::make_shared<TemplatePlugin>(std::move(templates)));
    return {};
}

}  // namespace kubewalk::addons::coredns
